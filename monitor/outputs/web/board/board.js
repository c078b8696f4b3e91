// The board: shows what /api/v1/stream says, and how old it is.
//
// Owns the page and nothing else: no figure is computed here but ages, and sums of the queues of a project. Names are strangers' text
// and enter as textContent only. Rows are kept by key and changed in place. What is unknown is a dash or the word, never 0.

"use strict";

// Every word one can see, so that another language is another table. `n` is a text that is formatted already.
const WORDS = {
  locale: "en-GB",
  title: (site) => `${site}: Floorwatch`,
  simulation: (seed, speed) => `Simulated floor, seed ${seed}, ${speed} × real time: nobody here is real`,
  first: "waiting for the first data",
  live: "live",
  old: (age) => `data ${age} old`,
  lost: (clock, age) => `connection lost, showing data of ${clock}, ${age} old`,
  unreachable: "no connection to Floorwatch; trying again",
  lostNews: "connection lost",
  oldNews: "data is not live",
  blind: (pbx, span) => `PBX ${pbx} not seen for ${span}: its calls and people are unknown`,
  blindYet: (pbx) => `PBX ${pbx} not seen yet: its calls and people are unknown`,
  blindNews: (pbx) => `PBX ${pbx} not seen`,
  projects: "Projects",
  groups: "Groups",
  people: "People",
  filter: "Filter",
  found: (shown, all) => `${shown} of ${all}`,
  nobody: "Nobody is on the floor.",
  nobodyKnown: "Who is on the floor is unknown.",
  ungrouped: "no group",
  members: (n) => (n === 1 ? "1 person" : `${n} people`),
  team: (name, members) => `${name}, ${members}`,
  unclaimed: (queues) => `Callers in queues of no project: ${queues}.`,
  unclaimedQueue: (queue, n) => `${queue} ${n}`,
  unknown: "unknown",
  none: "–",
  head: {
    project: "Project", verdict: "Against plan today", waiting: "Waiting", recent: "Service level, 15 min", today: "Service level, today",
    contacts: "Contacts today", workload: "Workload this interval, Erlangs", offered: "Offered", carried: "Carried", planned: "Planned",
    handling: "Handle time today", abandoned: "Abandoned today",
    group: "Group", states: "People now", occupancy: "Occupancy, 15 min", staffed: "Staffed, 15 min",
    offeredUnit: "Offered, Erl", carriedUnit: "Carried, Erl", plannedUnit: "Planned, Erl",
    name: "Person", state: "State", work: "Project or reason", time: "For",
  },
  open: "open",
  closed: "closed",
  notSeen: "blind",
  notSeenWhy: "its PBX is not seen",
  noPlan: "no plan",
  early: "too early to say",
  under: (share) => `${share} under plan`,
  over: (share) => `${share} over plan`,
  equal: "level with plan",
  longest: (span) => `longest ${span}`,
  target: (share, seconds) => `target ${share} in ${seconds} s`,
  below: (share, seconds) => `below ${share} in ${seconds} s`,
  formula: {
    sl_answered: "answered in time ÷ answered",
    sl_abandon_negative: "answered in time ÷ (answered + abandoned)",
    sl_abandon_ignored: "answered in time ÷ (answered + abandoned − abandoned in time)",
    sl_abandon_positive: "(answered + abandoned in time) ÷ (answered + abandoned)",
    sl_short_excluded: "answered in time ÷ (answered + abandoned − short abandoned)",
    sl_short_positive: "(answered in time + short abandoned) ÷ (answered + abandoned)",
  },
  came: (n) => `came ${n}`,
  plan: (n) => `plan ${n}`,
  planSeen: (n) => `plan ${n} while seen`,
  planWhole: (n) => `plan so far, seen or not: ${n}`,
  seen: (share) => `${share} of today seen`,
  hardly: "under 1\u00a0%",
  since: (clock) => `since ${clock}`,
  lostCallers: (n) => `${n} lost`,
  limits: (min, max) => `limits ${min}–${max}`,
  above: (max) => `above ${max}`,
  beneath: (min) => `below ${min}`,
  planNow: (n) => `plan ${n} now`,
  state: {
    unobserved: "not seen", talk: "talking", hold: "on hold", dialing: "dialling", offline: "other work", other: "another call",
    ring: "ringing", wrapup: "wrap-up", paused: "paused", unreachable: "no phone", available: "available",
  },
  count: (state, n) => `${state} ${n}`,
  seconds: (n) => `${n} s`,
  metrics: "for Prometheus",
  api: "the floor as JSON",
  healthy: "200 while the process lives",
  ready: "200 once the floor is known",
};

const STATES = Object.keys(WORDS.state);
const FRESH_SECONDS = 3; // data comes each second; older than this is said loudly
const AGAIN_SECONDS = 5; // after a refusal, which EventSource takes for final

const element = (id) => document.getElementById(id);
let floor = null; // the newest data
let at = 0; // its instant, ms
let heard = 0; // when that instant came, ms of this machine
let speed = 1; // the floor's seconds in one of ours
let connected = false;
let refused = false;

// --- text ---------------------------------------------------------------------------------------------------------------------------

const whole = new Intl.NumberFormat(WORDS.locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(WORDS.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
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

// --- elements -----------------------------------------------------------------------------------------------------------------------

function put(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function dress(target, name) {
  if (target.className !== name) target.className = name;
}

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A table's row of cells with a main text and a note. Roles are written out: CSS that lays a row out anew takes them away in some browsers.
class Row {
  constructor(columns) {
    this.cells = new Map();
    this.root = make("tr", { role: "row" });
    for (const column of columns) {
      const [main, note] = [make("span", { class: "main" }), make("span", { class: "note" })];
      const head = column === columns[0];
      const cell = make(head ? "th" : "td", { role: head ? "rowheader" : "cell", "data-label": WORDS.head[column.label ?? column.name] }, main, note);
      if (head) cell.setAttribute("scope", "row");
      const base = `${column.name} ${column.kind ?? ""}`.trim();
      this.cells.set(column.name, { cell, main, note, base });
      this.root.append(cell);
    }
  }

  set(name, main, note = "", tone = "", title = "") {
    const held = this.cells.get(name);
    put(held.main, main);
    put(held.note, note);
    dress(held.cell, tone ? `${held.base} ${tone}` : held.base);
    if (held.cell.title !== title) held.cell.title = title;
  }
}

// Things shown in order inside `parent`, kept by key.
class Kept {
  constructor(parent) {
    this.parent = parent;
    this.held = new Map();
  }

  show(items, key, create, fill) {
    const keys = new Set();
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const name = key(item);
      keys.add(name);
      if (!this.held.has(name)) this.held.set(name, create(item));
      const one = this.held.get(name);
      fill(one, item);
      if (place !== null && place !== one.root && place.nextElementSibling === one.root) {
        this.parent.append(place); // it has gone further down or away: the rest need not move
        place = one.root;
      }
      if (place === one.root) place = place.nextElementSibling;
      else this.parent.insertBefore(one.root, place);
    }
    for (const [name, one] of this.held) {
      if (!keys.has(name)) {
        one.root.remove();
        this.held.delete(name);
      }
    }
  }
}

function heading(column, more = {}) {
  const head = make("th", { scope: "col", role: "columnheader", class: `${column.name} ${column.kind ?? ""}`.trim(), ...more });
  head.textContent = WORDS.head[column.name];
  return head;
}

// thead and an empty tbody; columns that share an `over` stand under one heading.
function furnish(table, columns) {
  const [upper, lower] = [make("tr", { role: "row" }), make("tr", { role: "row" })];
  const shared = columns.some((column) => column.over);
  for (const column of columns) {
    if (column.over && column.over !== columns[columns.indexOf(column) - 1]?.over) {
      const width = columns.filter((other) => other.over === column.over).length;
      upper.append(heading({ name: column.over }, { scope: "colgroup", colspan: String(width) }));
    }
    if (column.over) lower.append(heading(column));
    else upper.append(heading(column, shared ? { rowspan: "2" } : {}));
  }
  const [head, body] = [make("thead", { role: "rowgroup" }, upper), make("tbody", { role: "rowgroup" })];
  if (shared) head.append(lower);
  table.setAttribute("role", "table");
  table.append(head, body);
  return body;
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

// What a verdict will be later: now the deviation in words, and why there is none.
function verdict(project, day) {
  if (!project.observed) return [WORDS.notSeen, WORDS.notSeenWhy, "bad"];
  if (!project.open) return [WORDS.closed, "", "quiet"];
  if (!project.plan?.covered) return [WORDS.noPlan, "", "quiet"];
  const off = day?.volume_deviation_ratio ?? null;
  if (off === null) return [WORDS.early, "", "quiet"];
  return [deviation(off), partlySeen(day) ? seenShare(day) : "", "said"];
}

function promise(row, name, project, window) {
  const { target, threshold_seconds: seconds, formula } = project.service_level;
  const ratio = window?.service_level[formula] ?? null;
  const missed = ratio !== null && ratio < target;
  const note = (missed ? WORDS.below : WORDS.target)(share(target), whole.format(seconds));
  row.set(name, known(ratio, share), note, missed ? "bad" : "", `${formula}: ${WORDS.formula[formula] ?? ""}`);
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
  const title = partly ? WORDS.planWhole(whole.format(planned)) : "";
  row.set("contacts", seen > 0 ? WORDS.came(whole.format(day.contacts)) : WORDS.none, off === null ? plan : `${plan} (${signed(off)})`, "", title);
  const began = interval?.start ? WORDS.since(clock(moment(interval.start))) : "";
  for (const kind of ["offered", "carried", "planned"]) row.set(kind, known(interval?.[`${kind}_erlangs`], (n) => tenth.format(n)), "", "", began);
  const slower = day?.aht_deviation_ratio ?? null;
  row.set("handling", known(day?.average_handle_time_seconds, (n) => span(n * 1000)), slower === null ? "" : deviation(slower));
  row.set("abandoned", known(day?.abandonment_ratio, finely), seen > 0 ? WORDS.lostCallers(whole.format(day.abandoned)) : "");
}

// --- groups -------------------------------------------------------------------------------------------------------------------------

const GROUP = [{ name: "group" }, { name: "states" }, { name: "occupancy" }, { name: "staffed" }];

function makeGroup() {
  const row = new Row(GROUP);
  const { cell } = row.cells.get("states");
  row.parts = STATES.map((state) => make("span", { class: state }));
  cell.prepend(make("div", { class: "bar", "aria-hidden": "true" }, ...row.parts));
  return row;
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
  const planned = known(group.plan?.agents, (n) => tenth.format(n));
  row.set("staffed", known(window?.staffed, (n) => tenth.format(n)), planned === WORDS.none ? WORDS.noPlan : WORDS.planNow(planned));
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
const fresh = () => connected && lag() < FRESH_SECONDS * 1000;
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
  const kind = fresh() ? "live" : connected ? "old" : "lost";
  dress(status, kind);
  put(line, kind === "live" ? WORDS.live : kind === "old" ? WORDS.old(age(lag())) : WORDS.lost(clock(at), age(lag())));
  element("blind").hidden = unseen.length === 0;
  blind.show(unseen, (pbx) => pbx.pbx, () => ({ root: make("li") }), ({ root }, pbx) =>
    put(root, pbx.blind_since ? WORDS.blind(pbx.pbx, age(now() - moment(pbx.blind_since))) : WORDS.blindYet(pbx.pbx)));
  return news([{ live: WORDS.live, old: WORDS.oldNews, lost: WORDS.lostNews }[kind], ...unseen.map((pbx) => WORDS.blindNews(pbx.pbx))].join(", "));
}

function tick() {
  showStatus();
  if (floor === null) return;
  for (const team of teams.held.values()) for (const row of team.rows.held.values()) put(row.cells.get("time").main, span(now() - row.since));
  for (const project of floor.projects) waiting(projects.held.get(project.project), project, floor.queues);
}

// --- data ---------------------------------------------------------------------------------------------------------------------------

function showFloor() {
  const simulated = element("simulation");
  simulated.hidden = floor.simulation === null;
  if (floor.simulation) put(simulated, WORDS.simulation(floor.simulation.seed, floor.simulation.speed));
  put(element("site"), floor.site);
  document.title = WORDS.title(floor.site);
  clients = new Map(floor.projects.map((project) => [project.project, project.client]));
  projects.show(floor.projects, (project) => project.project, () => new Row(PROJECT), fillProject);
  groups.show(floor.groups, (group) => group.group, makeGroup, fillGroup);
  const stray = floor.queues.filter((queue) => queue.project === null && queue.waiting);
  element("unclaimed").hidden = stray.length === 0;
  put(element("unclaimed"), WORDS.unclaimed(stray.map((queue) => WORDS.unclaimedQueue(`${queue.pbx}/${queue.queue}`, queue.waiting)).join(", ")));
  showPeople();
  element("floor").hidden = false;
}

function take(event) {
  floor = JSON.parse(event.data);
  const instant = moment(floor.at);
  if (instant !== at) [at, heard] = [instant, Date.now()];
  speed = floor.simulation?.speed ?? 1;
  connected = true;
  showFloor();
  showStatus();
}

function listen() {
  const source = new EventSource("/api/v1/stream");
  source.onopen = () => {
    [connected, refused] = [true, false];
  };
  source.onmessage = take;
  source.onerror = () => {
    [connected, refused] = [false, true];
    showStatus();
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_SECONDS * 1000);
  };
}

function begin() {
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = WORDS[place.dataset.word];
  for (const table of [element("projects"), element("groups")]) table.className = "cards";
  projects = new Kept(furnish(element("projects"), PROJECT));
  groups = new Kept(furnish(element("groups"), GROUP));
  teams = new Kept(element("people"));
  blind = new Kept(element("blind"));
  element("filter").addEventListener("input", () => floor && showPeople());
  showStatus();
  setInterval(tick, 1000);
  listen();
}

begin();
