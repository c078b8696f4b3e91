// Whom to ring back: what /api/v1/lost lists, asked for every five seconds.
//
// Owns the section and the token in it, which is kept as long as the tab: with one that may read, numbers come too. Refuses the rest of the page
// (`board.js`), which says when the language changes and when there is a floor.

import { WORDS } from "./words.js";
import { Kept, Row, furnish, put } from "./rows.js";

const CALLERS = [{ name: "project" }, { name: "caller" }, { name: "lostSince" }, { name: "tries", kind: "number" }, { name: "due" }];
const EVERY_MS = 5_000;
const SHOWN = 12;
const KEPT = "floorwatch-token";

const element = (id) => document.getElementById(id);
let rows = null;
let told = null; // the newest list
let problem = "";
let moment = null; // an instant as the language and the site's zone write it
let span = null;

export function furnishLost() {
  const table = element("lost");
  table.replaceChildren();
  table.className = "cards";
  rows = new Kept(furnish(table, CALLERS));
  show();
}

function fill(row, caller) {
  row.set("project", caller.project, caller.client);
  row.set("caller", caller.number ?? WORDS.none, "", caller.number === null ? "quiet" : "");
  row.set("lostSince", moment.format(Date.parse(caller.first)), caller.tries > 1 ? WORDS.lastTry(moment.format(Date.parse(caller.last))) : "");
  row.set("tries", String(caller.tries));
  const due = caller.due === null ? WORDS.none : moment.format(Date.parse(caller.due));
  if (caller.overdue_seconds === null) row.set("due", due, "", "quiet");
  else row.set("due", WORDS.overdue(span(caller.overdue_seconds * 1000)), due, "bad");
}

function show() {
  element("lost-callers").hidden = told === null || told.open === 0;
  if (told === null || moment === null) return;
  rows.show(told.callers.slice(0, SHOWN), (caller) => JSON.stringify([caller.project, caller.first, caller.number]), () => new Row(CALLERS), fill);
  const more = told.open - Math.min(SHOWN, told.callers.length);
  put(element("lost-more"), [more > 0 ? WORDS.moreLost(more) : "", told.numbers ? "" : problem || WORDS.numbersHidden].filter(Boolean).join(" "));
  element("lost-token").hidden = told.numbers;
}

async function ask() {
  const token = sessionStorage.getItem(KEPT);
  try {
    const answer = await fetch("/api/v1/lost", { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    if (!answer.ok && token) {
      sessionStorage.removeItem(KEPT);
      problem = WORDS.tokenRefused;
      return ask();
    }
    if (answer.ok) told = await answer.json();
  } catch {
    return; // the page says itself that there is no connection
  }
  show();
}

// `zone` is the site's, `say` writes a length of time.
export function placeLost(zone, say) {
  const parts = { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    moment = new Intl.DateTimeFormat(WORDS.locale, { ...parts, timeZone: zone });
  } catch {
    moment = new Intl.DateTimeFormat(WORDS.locale, { ...parts, timeZone: "UTC" });
  }
  const first = span === null;
  span = say;
  if (!first) return;
  element("lost-token").addEventListener("submit", (event) => {
    event.preventDefault();
    const box = element("token");
    sessionStorage.setItem(KEPT, box.value.trim());
    [box.value, problem] = ["", ""];
    ask();
  });
  ask();
  setInterval(ask, EVERY_MS);
}
