// The board: shows what /api/v1/stream says, and how old it is.
//
// Owns the page and nothing else: no figure is computed here but ages, and sums of the queues of a project. Names are strangers' text
// and enter as textContent only. Rows are kept by key and changed in place. What is unknown is a dash or the word, never 0.

import { furnishLost, placeLost } from "./lost.js";
import { MONEY, facts, fillFact, fillMoney, makeFact } from "./money.js";
import { WORDS, language, speak } from "./words.js";
import { Kept, Row, dress, furnish, make, put } from "./rows.js";

const STATES = Object.keys(WORDS.state);
const FRESH_SECONDS = 3; // data comes each second; older than this is said loudly
const AGAIN_SECONDS = 5; // after a refusal
const SILENCE_SECONDS = 15; // on an open line

const element = (id) => document.getElementById(id);
let floor = null; // the newest data
let at = 0; // its instant, ms
let heard = 0; // when that instant came, ms of this machine
let speed = 1; // the floor's seconds in one of ours
let connected = false;
let refused = false;
let source = null;
let spoken = 0; // when the line was last alive, ms of this machine
let broken = false; // a mistake of this page: what it shows is not the newest

// --- text ---------------------------------------------------------------------------------------------------------------------------

let whole = null; // numbers as the language writes them
let tenth = null;
const NBSP = "\u00a0";

const known = (value, say) => (value === null || value === undefined ? WORDS.none : say(value));
const share = (ratio) => `${whole.format(ratio * 100)}${NBSP}%`;
const finely = (ratio) => `${tenth.format(ratio * 100)}${NBSP}%`;
const moment = (text) => Date.parse(text);

function signed(ratio) {
  const points = Math.round(ratio * 100);
  return `${points > 0 ? "+" : points < 0 ? "−" : "±"}${whole.format(Math.abs(points))}${NBSP}%`;
}

// 0:42, 12:07, 1:02:33
function span(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

// 42 s, then 12:07
const age = (ms) => (ms < 120_000 ? WORDS.seconds(Math.max(0, Math.floor(ms / 1000))) : span(ms));

const clocks = new Map();
function clock(ms, zone = floor.timezone) {
  if (!clocks.has(zone)) {
    const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    try {
      clocks.set(zone, new Intl.DateTimeFormat(WORDS.locale, { ...parts, timeZone: zone }));
    } catch {
      clocks.set(zone, new Intl.DateTimeFormat(WORDS.locale, parts)); // a zone this browser has not heard of
    }
  }
  return clocks.get(zone).format(ms);
}

// --- projects -----------------------------------------------------------------------------------------------------------------------

const PROJECT = [
  { name: "project" }, { name: "verdict" }, { name: "waiting" }, { name: "recent" }, { name: "today" }, { name: "contacts" },
  { name: "offered", label: "offeredUnit", kind: "number", over: "workload" }, { name: "carried", label: "carriedUnit", kind: "number", over: "workload" },
  { name: "planned", label: "plannedUnit", kind: "number", over: "workload" }, { name: "handling" }, { name: "abandoned" },
];

function deviation(ratio) {
  if (Math.round(ratio * 100) === 0) return WORDS.equal;
  return (ratio < 0 ? WORDS.under : WORDS.over)(share(Math.abs(ratio)));
}

const partlySeen = (window) => window.observed_ratio > 0 && window.observed_ratio < 0.995;
const seenShare = (window) => WORDS.seen(window.observed_ratio < 0.01 ? WORDS.hardly : share(Math.floor(window.observed_ratio * 100) / 100));

// The light, its word and the reason; without a verdict what there is instead.
function verdict(project, day) {
  const { word, sentence } = project.verdict;
  const title = partlySeen(day ?? {}) ? seenShare(day) : "";
  if (word !== null) return [WORDS.verdict[word] ?? word, sentence, word, title];
  return [!project.open ? WORDS.closed : project.plan?.covered ? WORDS.early : WORDS.noPlan, project.open ? sentence : "", "quiet", title];
}

function promise(row, name, project, window) {
  const { target, threshold_seconds: seconds, formula } = project.service_level;
  const ratio = window?.service_level[formula] ?? null;
  const missed = ratio !== null && ratio < target;
  const note = (missed ? WORDS.below : WORDS.target)(share(target), whole.format(seconds));
  const close = missed && share(ratio) === share(target); // 79.6 % is below 80 %, and must look like it
  row.set(name, known(ratio, close ? finely : share), note, missed ? "bad" : "", `${formula}: ${WORDS.formula[formula] ?? ""}`);
}

function waiting(row, project, queues) {
  const mine = queues.filter((queue) => queue.project === project.project);
  if (!project.observed || mine.some((queue) => queue.waiting === null)) return row.set("waiting", WORDS.unknown, "", "quiet");
  const callers = mine.reduce((sum, queue) => sum + queue.waiting, 0);
  const longest = Math.max(0, ...mine.map((queue) => queue.longest_wait_seconds ?? 0)) * 1000 + (now() - at);
  return row.set("waiting", whole.format(callers), callers ? WORDS.longest(span(longest)) : "", callers ? "said" : "quiet");
}

function fillProject(row, project) {
  const { "15m": recent, interval, day } = project.windows;
  row.set("project", project.project, `${project.client}, ${project.open ? WORDS.open : WORDS.closed}`);
  row.set("verdict", ...verdict(project, day));
  waiting(row, project, floor.queues);
  promise(row, "recent", project, recent);
  promise(row, "today", project, day);
  const seen = day?.observed_ratio ?? 0; // nothing came while nobody looked: that is no zero
  const planned = day?.planned_contacts ?? null;
  const partly = planned !== null && partlySeen(day); // the deviation holds what came against the plan of the time that was seen
  const plan = partly ? WORDS.planSeen(whole.format(planned * seen)) : WORDS.plan(known(planned, (n) => whole.format(n)));
  const off = day?.volume_deviation_ratio ?? null;
  const { day: expected, low, high } = project.forecast ?? {};
  const ahead = expected === undefined ? "" : `\n${WORDS.expected(whole.format(expected))}`;
  const range = expected === undefined ? "" : WORDS.between(whole.format(low), whole.format(high));
  const title = [partly ? WORDS.planWhole(whole.format(planned)) : "", range].filter(Boolean).join("; ");
  row.set("contacts", seen > 0 ? WORDS.came(whole.format(day.contacts)) : WORDS.none, (off === null ? plan : `${plan} (${signed(off)})`) + ahead, "", title);
  const began = interval?.start ? WORDS.since(clock(moment(interval.start))) : "";
  for (const kind of ["offered", "carried", "planned"]) row.set(kind, known(interval?.[`${kind}_erlangs`], (n) => tenth.format(n)), "", "", began);
  const slower = day?.aht_deviation_ratio ?? null;
  row.set("handling", known(day?.average_handle_time_seconds, (n) => span(n * 1000)), slower === null ? "" : deviation(slower));
  row.set("abandoned", known(day?.abandonment_ratio, finely), seen > 0 ? WORDS.lostCallers(whole.format(day.abandoned)) : "");
}

// --- groups -------------------------------------------------------------------------------------------------------------------------

const GROUP = [{ name: "group" }, { name: "states" }, { name: "need" }, { name: "occupancy" }, { name: "staffed" }];

function makeGroup() {
  const row = new Row(GROUP);
  const { cell } = row.cells.get("states");
  row.parts = STATES.map((state) => make("span", { class: state }));
  cell.prepend(make("div", { class: "bar", "aria-hidden": "true" }, ...row.parts));
  return row;
}

function need(row, group) {
  if (group.need === null) return row.set("need", WORDS.unknown, "", "quiet");
  const { now: needed, next } = group.need;
  const net = group.net_staffing;
  const lack = net === null ? "" : net < 0 ? WORDS.short(whole.format(-net)) : net > 0 ? WORDS.spare(whole.format(net)) : WORDS.enough;
  const then = next === needed ? "" : WORDS.then(whole.format(next));
  const main = WORDS.thereOf(known(group.staffed_now, (n) => whole.format(n)), whole.format(needed));
  return row.set("need", main, [lack, then].filter(Boolean).join(", "), net !== null && net < 0 ? "bad" : "");
}

function fillGroup(row, group) {
  const counts = group.agents ?? {};
  const all = STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  row.set("group", group.group, group.agents === null ? "" : WORDS.members(all));
  STATES.forEach((state, index) => {
    const grow = String(counts[state] ?? 0);
    if (row.parts[index].style.flexGrow !== grow) row.parts[index].style.flexGrow = grow;
  });
  const told = STATES.filter((state) => counts[state]).map((state) => WORDS.count(WORDS.state[state], whole.format(counts[state])));
  row.set("states", group.agents === null ? WORDS.unknown : told.join(", ") || WORDS.none, "", group.agents === null ? "quiet" : "");
  const window = group.windows["15m"];
  const { min, max } = group.occupancy_limits;
  const busy = window?.occupancy_ratio ?? null;
  const [high, low] = [busy !== null && busy > max, busy !== null && busy < min];
  const limits = high ? WORDS.above(share(max)) : low ? WORDS.beneath(share(min)) : WORDS.limits(whole.format(min * 100), share(max));
  row.set("occupancy", known(busy, share), limits, high || low ? "bad" : "");
  need(row, group);
  const planned = known(group.plan?.agents, (n) => tenth.format(n));
  row.set("staffed", known(window?.staffed, (n) => tenth.format(n)), planned === WORDS.none ? WORDS.noPlan : WORDS.planNow(planned));
}

// --- conditions ---------------------------------------------------------------------------------------------------------------------

const SEVERITIES = Object.keys(WORDS.severity);

function makeCondition() {
  const [severity, sentence, since] = [make("span", { class: "severity" }), make("span", { class: "sentence" }), make("span", { class: "since" })];
  return { root: make("li", {}, severity, " ", sentence, " ", since), severity, sentence, since };
}

function fillCondition(item, condition) {
  dress(item.root, condition.severity);
  put(item.severity, WORDS.severity[condition.severity] ?? condition.severity);
  put(item.sentence, condition.sentence);
  put(item.since, WORDS.since(clock(moment(condition.since))));
}

function showConditions() {
  const worst = (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity); // of two alike the older one stays first
  conditions.show([...floor.conditions].sort(worst), (each) => JSON.stringify([each.condition, each.name]), makeCondition, fillCondition);
  element("nothing").hidden = floor.conditions.length > 0;
  element("muted").hidden = floor.muted.length === 0;
  put(element("muted"), WORDS.muted(whole.format(floor.muted.length)));
  element("outside").hidden = floor.signals.length === 0;
  put(element("outside"), WORDS.outside(floor.signals.map((one) => WORDS.signal(one.name, one.region)).join(", ")));
}

// --- people -------------------------------------------------------------------------------------------------------------------------

const PERSON = [{ name: "name" }, { name: "state" }, { name: "work" }, { name: "time", kind: "number" }];

function makeTeam(name) {
  const title = make("h3");
  const table = make("table");
  const body = furnish(table, PERSON);
  table.tHead.className = "unseen";
  table.setAttribute("aria-label", name);
  return { root: make("div", {}, title, table), title, rows: new Kept(body) };
}

const called = (agent) => agent.name ?? agent.alias;

function tell(row, agent) {
  const since = moment(agent.since);
  row.since = since;
  row.set("name", called(agent), "", "", called(agent));
  row.set("state", WORDS.state[agent.state] ?? agent.state, "", `dot ${agent.state}`);
  const work = [agent.project, agent.reason].filter(Boolean).join(", ");
  row.set("work", work, "", "quiet", work && agent.project ? `${work} (${clients.get(agent.project) ?? WORDS.unknown})` : work);
  row.set("time", span(now() - since));
}

const order = new Map(STATES.map((state, index) => [state, index]));
const longestFirst = (one, other) =>
  (order.get(one.state) ?? 99) - (order.get(other.state) ?? 99) ||
  (one.since < other.since ? -1 : one.since > other.since ? 1 : one.alias < other.alias ? -1 : 1);

function wanted(agent, words) {
  if (!words.length) return true;
  const client = clients.get(agent.project);
  const text = [called(agent), agent.group, WORDS.state[agent.state], agent.project, client, agent.reason].filter(Boolean).join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

let clients = new Map(); // project -> client
let teams = null;
let projects = null;
let groups = null;
let blind = null;
let conditions = null;
let takings = null;
let sentences = null;

function showPeople() {
  const words = element("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = floor.agents.filter((agent) => wanted(agent, words));
  const parts = new Map();
  for (const group of [...floor.groups.map((each) => each.group), null]) parts.set(group, []);
  for (const agent of shown) (parts.get(agent.group) ?? parts.get(null)).push(agent);
  const filled = [...parts].filter(([, agents]) => agents.length);
  teams.show(filled, ([group]) => JSON.stringify(group), ([group]) => makeTeam(group ?? WORDS.ungrouped), (team, [group, agents]) => {
    put(team.title, WORDS.team(group ?? WORDS.ungrouped, WORDS.members(agents.length)));
    team.rows.show(agents.sort(longestFirst), (agent) => agent.alias, () => new Row(PERSON), tell);
  });
  put(element("found"), words.length ? WORDS.found(shown.length, floor.agents.length) : "");
  element("nobody").hidden = floor.agents.length > 0;
  put(element("nobody"), floor.pbxs.every((pbx) => pbx.observed) ? WORDS.nobody : WORDS.nobodyKnown);
}

// --- time ---------------------------------------------------------------------------------------------------------------------------

const lag = () => Date.now() - heard;
const fresh = () => connected && !broken && lag() < FRESH_SECONDS * 1000;
// The floor's clock. It stands while nothing comes: what went on meanwhile is not known.
const now = () => (fresh() ? at + Math.max(0, lag()) * speed : at);

function news(text) {
  put(element("news"), text);
}

function showStatus() {
  const [status, line] = [element("status"), element("age")];
  if (floor === null) {
    dress(status, refused ? "lost" : "waiting");
    put(line, refused ? WORDS.unreachable : WORDS.first);
    return news(line.textContent);
  }
  const unseen = floor.pbxs.filter((pbx) => !pbx.observed);
  element("floor").classList.toggle("stale", !fresh());
  put(element("clock"), clock(now()));
  const kind = fresh() ? "live" : broken ? "broken" : connected ? "old" : "lost";
  dress(status, kind === "broken" ? "lost" : kind);
  put(line, { live: () => WORDS.live, old: () => WORDS.old(age(lag())), lost: () => WORDS.lost(clock(at), age(lag())), broken: () => WORDS.broken }[kind]());
  element("blind").hidden = unseen.length === 0;
  blind.show(unseen, (pbx) => pbx.pbx, () => ({ root: make("li") }), ({ root }, pbx) =>
    put(root, pbx.blind_since ? WORDS.blind(pbx.pbx, age(now() - moment(pbx.blind_since))) : WORDS.blindYet(pbx.pbx)));
  return news([{ live: WORDS.live, old: WORDS.oldNews, lost: WORDS.lostNews, broken: WORDS.broken }[kind], ...unseen.map((pbx) => WORDS.blindNews(pbx.pbx))].join(", "));
}

function tick() {
  keepListening();
  showStatus();
  if (floor === null) return;
  for (const team of teams.held.values()) for (const row of team.rows.held.values()) put(row.cells.get("time").main, span(now() - row.since));
  for (const project of floor.projects) waiting(projects.held.get(project.project), project, floor.queues);
}

// --- data ---------------------------------------------------------------------------------------------------------------------------

function showMoney() {
  const shown = floor.money !== null;
  element("money").hidden = !shown;
  const reckoned = shown ? floor.projects.filter((project) => project.money !== null) : [];
  takings.show(reckoned, (project) => project.project, () => new Row(MONEY), (row, project) => fillMoney(row, project, floor.money.currency));
  sentences.show(shown ? facts(floor) : [], (fact) => fact.key, makeFact, fillFact);
}

function showFloor() {
  const simulated = element("simulation");
  simulated.hidden = floor.simulation === null;
  if (floor.simulation) put(simulated, WORDS.simulation(floor.simulation.seed, floor.simulation.speed));
  put(element("site"), floor.site);
  document.title = WORDS.title(floor.site);
  showConditions();
  clients = new Map(floor.projects.map((project) => [project.project, project.client]));
  projects.show(floor.projects, (project) => project.project, () => new Row(PROJECT), fillProject);
  groups.show(floor.groups, (group) => group.group, makeGroup, fillGroup);
  showMoney();
  placeLost(floor.timezone, span);
  const stray = floor.queues.filter((queue) => queue.project === null && queue.waiting);
  element("unclaimed").hidden = stray.length === 0;
  put(element("unclaimed"), WORDS.unclaimed(stray.map((queue) => WORDS.unclaimedQueue(`${queue.pbx}/${queue.queue}`, queue.waiting)).join(", ")));
  showPeople();
  element("floor").hidden = false;
}

function take(event) {
  floor = JSON.parse(event.data);
  const instant = moment(floor.at);
  spoken = Date.now();
  if (instant !== at) [at, heard] = [instant, spoken];
  speed = floor.simulation?.speed ?? 1;
  [connected, broken] = [true, true];
  try {
    if (floor.language !== language) furnishAll(floor.language);
    showFloor();
    broken = false;
  } finally {
    showStatus();
  }
}

function listen() {
  source?.close();
  source = new EventSource("/api/v1/stream");
  spoken = Date.now();
  source.onopen = () => {
    [connected, refused, spoken] = [true, false, Date.now()];
  };
  source.onmessage = take;
  source.onerror = () => {
    [connected, refused] = [false, true];
    showStatus();
  };
}

// EventSource tries again by itself, but takes a refusal for final, and waits for ever on a line that died without a word.
function keepListening() {
  const silence = Date.now() - spoken;
  if (source.readyState === EventSource.CLOSED ? silence > AGAIN_SECONDS * 1000 : source.readyState === EventSource.OPEN && silence > SILENCE_SECONDS * 1000) {
    connected = false;
    listen();
  }
}

// Everything that has words, in this language, still without a floor.
function furnishAll(wanted) {
  speak(wanted);
  document.documentElement.lang = language;
  whole = new Intl.NumberFormat(WORDS.locale, { maximumFractionDigits: 0 });
  tenth = new Intl.NumberFormat(WORDS.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  clocks.clear();
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = WORDS[place.dataset.word];
  for (const place of [element("projects"), element("groups"), element("people"), element("blind"), element("conditions"), element("takings"), element("facts")]) place.replaceChildren();
  for (const table of [element("projects"), element("groups"), element("takings")]) table.className = "cards";
  projects = new Kept(furnish(element("projects"), PROJECT));
  groups = new Kept(furnish(element("groups"), GROUP));
  teams = new Kept(element("people"));
  blind = new Kept(element("blind"));
  takings = new Kept(furnish(element("takings"), MONEY));
  sentences = new Kept(element("facts"));
  conditions = new Kept(element("conditions"));
  furnishLost();
}

function begin() {
  furnishAll(language);
  element("filter").addEventListener("input", () => floor && showPeople());
  showStatus();
  setInterval(tick, 1000);
  listen();
}

begin();
