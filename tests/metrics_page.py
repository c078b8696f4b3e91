"""docs/metrics.md, written from the code: the table of families, and what each label's values mean.

Owns the page's words. Every value of an enumeration needs a sentence here, so a new one cannot be served unexplained.
Refuses judging the page; `test_docs` holds it against the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from monitor.assess.judgement import Verdict
from monitor.assess.money import Over
from monitor.assess.outlook import LEAST_EXPECTED
from monitor.assess.reading import Reading
from monitor.assess.workload import KAPPA
from monitor.core.calls import TABLE, Sign
from monitor.core.counters import Component, Failure, Outcome, Reason
from monitor.core.incidents import IncidentKind
from monitor.core.snapshot import State, Window
from monitor.outputs.families import FLOOR
from monitor.outputs.family import Family
from monitor.outputs.rows import AGENT_SERIES_MAX
from monitor.outputs.self_families import DAEMON

FAMILIES: list[Family[Any]] = [*FLOOR, *DAEMON]

_HEAD = """# Metrics

Every family of this version, written by `make golden` from the table that serves them. `callcenter_` is about the floor, `floorwatch_` about the
daemon. Counters of known projects exist from the start at 0; a gauge of now is absent while its PBX is not seen; a ratio without a denominator is
absent. What the labels' values mean is [below](#values-of-labels); a label in brackets is on the rows about such a thing only. Kinds:
c counter, g gauge, h histogram, i info (always 1). In OpenMetrics `callcenter_revenue_total` says nothing of its kind, because without its ending it is
called as the gauge beside it; it is a counter there too.

| metric | kind | labels | definition |
|---|---|---|---|
"""

_WINDOWS = {
    Window.QUARTER: "The last 15 closed minutes.",
    Window.HOUR: "The last 60 closed minutes.",
    Window.INTERVAL: "The interval that runs now (`interval_minutes`, on the project's local clock), up to now.",
    Window.LAST: "The last interval that was closed; absent until the daemon has lived through one.",
    Window.DAY: "Since the project's local midnight, up to now.",
}
_OVER = {
    Over.DAY: "Money of the project's day, up to now: what it charged and cost, without guarantee and adjustment.",
    Over.MONTH: "Money of the project's billing period (`billing_day`), up to now; of site and client, of all their projects' periods.",
}
_MONEY = {
    "accrued": "Charges by the tariff; what is due by the month (`flat_month`, `per_fte_month`) as its days pass.",
    "guarantee": "What is billed on top because it was guaranteed, if the period ended now. Absent while it cannot be known: no signed plan, for one.",
    "adjustment": "Bonus or malus by service level, if the period ended now: with a minus it is taken off.",
    "telecom": "Of `callcenter_other_cost_total`: what the carrier takes (`telecom_per_minute`), by project.",
    "fixed": "Of `callcenter_other_cost_total`: `fixed_cost_per_day` of the site, by the share of the day that is over.",
}
_STATES = {
    State.UNOBSERVED: "A PBX of theirs is out of sight, and nothing that can be seen says that they are busy.",
    State.TALK: "In a call of a project: from the answer until the agent's leg has left its bridge.",
    State.HOLD: "The same, while every such call of theirs is on hold.",
    State.DIALING: "Calling somebody for a project who has not taken the call yet, paused or not.",
    State.OFFLINE: "In a pause of class `work`: work for a project off the phone.",
    State.OTHER: "In a call that is no project's: own calls, calls of a queue nobody claims, a device in use that no call explains. Only while not paused.",
    State.RING: "A queue call rings at their phone (under ring-all it reserves nobody and is no ring).",
    State.WRAPUP: "Wrap-up of the last call: `wrapup_seconds` or the member's own time, or a pause of class `acw`.",
    State.PAUSED: "Paused in every queue of their group, for any other reason.",
    State.UNREACHABLE: "No device of theirs can be reached; they leave the floor after `unreachable_grace_seconds`.",
    State.AVAILABLE: "None of these: waiting for a call.",
}
_REASONS = {
    Reason.TIMEOUT: "Queue() gave up after its maximum wait.",
    Reason.KEY: "The caller left by a key (`context` of queues.conf); also any leave without a word of abandon that nobody answered.",
    Reason.EMPTY: "`leavewhenempty` sent the caller away.",
    Reason.WITHDRAWN: "Withdrawn by the PBX's operator (QueueWithdrawCaller).",
    Reason.CALLBACK: "Left for a callback; nothing of this version reports it, so it stays 0.",
    Reason.OTHER: "Went on elsewhere and the PBX did not say why: a Redirect of a waiting caller, for one.",
}
_OUTCOMES = {
    Outcome.ANSWERED: "An agent answered.",
    Outcome.ABANDONED: "The caller hung up after at least `short_abandon_seconds`.",
    Outcome.SHORT: "The caller hung up earlier.",
    Outcome.FLOWED_OUT: "Neither, see `reason`.",
    Outcome.UNRESOLVED: "Not known: the link to the PBX was down. Such waits are in no histogram.",
}
_COMPONENTS = {
    Component.TALK: "Talking.",
    Component.HOLD: "The caller is on hold.",
    Component.WRAPUP: "Wrap-up, as under `state`.",
    Component.DIALING: "Calling somebody who has not taken the call yet; of outbound work and callbacks only.",
    Component.OFFLINE: 'Pauses of class `work`; no call, so `direction="none"`.',
}
_FAILURES = {
    Failure.BUSY: "Busy, or rejected as such (SIP 486, 600).",
    Failure.NO_ANSWER: "Nobody took the call within Dial()'s time.",
    Failure.CANCEL: "Whoever dialled gave up.",
    Failure.CONGESTION: "The carrier refused (SIP 503, and whatever else Asterisk takes for congestion).",
    Failure.UNAVAILABLE: "The trunk or the number cannot be reached.",
    Failure.OTHER: "Any other word, or the channel was gone without one.",
}
_KINDS = {
    "offered": "Contacts × AHT ÷ observed time, see [below](#offered-workload).",
    "carried": "Handle time that was really spent ÷ observed time.",
    "planned": "The plan's volume × its AHT ÷ the time that the plan covers.",
    "forecast": "The plan's, corrected by how busy today is and by today's AHT; of the running interval, the whole of it.",
}
_DETECTORS = {
    "day": "Since opening: all closed intervals of the day that count.",
    "recent": "The last two hours against what the day before them promised; absent before there are two such hours.",
    "two_days": "Yesterday and today together.",
    "silence": "Nobody since the latest contact, or since opening: the chance of one such silence in the whole day; looked at in its every turn, losses only.",
}
_VERDICTS = {
    Verdict.BLIND: "A PBX of the project is not seen.",
    Verdict.ACT: "Off by `deviation` or more with a chance below `act_p`, in two closed intervals after each other, or silence; until above `clear_p`.",
    Verdict.WATCH: "The same at once, with a chance below `watch_p`.",
    Verdict.ON_PLAN: "Neither.",
}
_FIGURES = {
    "deviation_ratio": "`callcenter_volume_deviation_ratio` of the detector's span; of work hours for the two of workload, of a day's contact rate.",
    "pvalue": "`callcenter_volume_loss_pvalue`, `_surge_pvalue` or `callcenter_contact_rate_pvalue`; for a ratio of callers the chance of one so bad.",
    "cusum": "`callcenter_volume_cusum`.",
    "service_level_ratio": "Service level of the last 15 minutes, by the contract's formula.",
    "missed_ratio": "Contacts of today that missed the threshold ÷ contacts of the whole day, those expected included.",
    "abandonment_ratio": "Abandonment of the last 15 minutes.",
    "contacts": "Contacts: of the last 15 minutes, below which no ratio of them is judged; of an hour after closing.",
    "wait_seconds": "Wait of the longest waiting caller.",
    "seconds": "How long it has to be so.",
    "calls": "Refused calls in an hour.",
    "failures": "Attempts in a row that a trunk refused.",
    "net_staffing": "Agents there minus agents required, on average of the last 15 minutes and now.",
    "occupancy_ratio": "Occupancy of the last 15 minutes.",
    "pause_seconds": "Length of a pause of the `reason`.",
    "rings": "Rings let pass in the last 15 minutes.",
    "ring_ratio": "The same ÷ all rings.",
    "call_seconds": "Length of a talk.",
    "open_seconds": "Opening hours since the first try of a lost caller.",
    "agents": "People whose devices went away; people who are free though attempts have stopped.",
    "agents_ratio": "The same ÷ people who were there.",
    "attempts": "Attempts of the day, below which its contact rate is not judged.",
    "attempts_ratio": "Attempts of the last 15 minutes ÷ those planned.",
    "planned_attempts": "Those planned, below which nobody asks.",
    "guarantee_ratio": "`callcenter_minimum_guarantee_shortfall` ÷ what is billed with it.",
    "margin": "`callcenter_margin_forecast`, else `callcenter_margin` of the period; of a group by its occupancy; `callcenter_margin_without_client`.",
    "left_seconds": "Time that the plan or the contract still has.",
    "offset_seconds": "`floorwatch_clock_offset_seconds`, either way.",
}
_ANOMALIES = {
    "answer_without_visit": "An agent was connected to a caller who was not known to be in that queue: the talk counts as theirs, the call as none.",
    "log_disagrees": "queue_log told another end of a visit than its events did: the log's is counted.",
    "log_without_did": "A call in queue_log came into a queue of several projects told apart by `dids`, and no DID row says what was dialled: left out.",
    "member_without_group": "A member of a project's queue belongs to no `[[group]]`: calls they answer count, their time is in no group. Mend `members`.",
    "result_refused": "A dialplan told of a result of no project, of another time, or under a key that had another disposition: not counted.",
    "wait_near_threshold": "A call was answered in a gap, and queue_log's whole seconds leave open whether in time: it counts as not in threshold.",
}
_SIGNS = {
    Sign.ABANDON: "The PBX said abandoned",
    Sign.LEFT: "The caller left the queue",
    Sign.LEFT_ANSWERED: "The caller left the queue for an agent's phone",
    Sign.CONNECT: "An agent was connected",
    Sign.REJOINED: "The caller joined a queue again",
    Sign.GONE_IN_PLACE: "The caller's channel ended where it waited",
    Sign.GONE_ELSEWHERE: "The caller's channel ended elsewhere",
    Sign.SILENCE: "The time to decide ran out",
}
_INCIDENTS = {
    IncidentKind.AIR_RAID: "People are in the shelter.",
    IncidentKind.POWER: "No power, here or where people work.",
    IncidentKind.PBX: "A PBX fails or is being worked on.",
    IncidentKind.TRUNK: "Calls do not get in, or not out.",
    IncidentKind.HOLIDAY: "A day like no other; those of `[site] holidays`.",
    IncidentKind.ANNOUNCED: "The client has said that his volume will differ.",
    IncidentKind.OTHER: "Anything else.",
}
_DROPPED = {
    "event": "AMI events that found the engine's inbox full; a new full state follows.",
    "journal": "Steps of what is kept in `[state] directory`, while the disk refused them; a checkpoint makes all whole when there is room.",
    "store": "Records of the store: more waited than are kept while it was down, or no database takes them.",
    "mqtt": "Commands that came by MQTT and were refused; each was told why, on `error`.",
    "mqtt_flood": "Commands that came by MQTT and were not read: more waited than are kept.",
    "agent_series": f"People left out of `callcenter_agent_state` beyond {AGENT_SERIES_MAX:,}.",
}

_LIMITED = "A condition asks for a figure below its `min` or above its `max`; where so many are too many, at it. Without `client` or `group` it is the site's."
_AMOUNTS = """Amounts are exact, with two decimals. `currency` is that of the tariff in what is earned, and `[site] currency` in wages, costs and margins, where
another currency is converted by its rate in [`[money]`](configuration.md#money). Wages come from the agents file or the group's `wage_per_hour`; where
nobody says what somebody's time costs, or no rate is known, what depends on it is absent. VAT is in none of them."""
_READINGS = {
    Reading.CLIENT: "This client's share of all calls has moved.",
    Reading.MARKET: "The other clients are low too.",
    Reading.TELEPHONY: "Several clients, or nearly all projects, are silent at once: look at the PBX and its trunks.",
    Reading.OWN: "For part of the day nobody could take the project's calls, calls that were refused explain a part of what is missing, "
    "or most of it came to the trunks and not to the queues.",
}

_NOTES = f"""
## How to read them

### Offered workload

Offered workload is contacts × AHT′ ÷ observed time, with today's AHT shrunk to the plan's:

    AHT′ = AHT_plan × (AHT_today ÷ AHT_plan) ^ (m ÷ (m + {KAPPA}))        m = contacts handled today

A few long calls say little about handling time, so at m = {KAPPA} handled contacts today counts half. `callcenter_workload_deviation_ratio`
therefore follows AHT slowly, by design: in the morning it is nearly `callcenter_volume_deviation_ratio`. `callcenter_aht_deviation_ratio` is today's own
AHT, unshrunk. Where there is no plan, the project's `aht_seconds` takes its place.

### Deviations

They compare with the plan over *observed* time: what was planned while the project's PBX was out of sight counts on neither side. While the plan
expects fewer than {LEAST_EXPECTED} contacts of the running interval so far, the deviations of `window="interval"` are absent: two calls instead of one
would read +100 %. In a small window the rest is noise too: with F planned contacts, chance alone moves the volume by about ± 1 ÷ √F.

### Significance

`callcenter_volume_deviation_z` and the chances are of closed intervals that count: planned, in opening hours, seen, outside incidents, under the plan in force.
They are what was thought after the latest such interval, and absent while the day has too few planned contacts. `callcenter_volume_cusum` adds up
whole days that fell short of the plan; the days that exceeded it are in `/api/v1/floor`. What each condition means, and which one speaks
for which, is in [conditions.md](conditions.md); `callcenter_limit` has the line each is held against, so that no rule or board has to repeat a threshold:

    callcenter_longest_wait_seconds > on() group_left() callcenter_limit{{condition="LongWait"}}

### Money

Counters are accruals and never fall: a day that is corrected downwards keeps them where they were until it has caught up. Gauges are recomputed from what
the books know of the billing period so far, the days before the daemon knew anything left out: `callcenter_money_known_ratio` says how much of it is
known. Guarantee and adjustment are provisional until the period is over, because tomorrow's calls and service level may undo them; overtime and downtime are
in no live figure. Labour and fixed cost are shared by the time in which each project's calls were handled. In a client's view (`?client=`) there is no money.

### Windows that are not full yet

A daemon younger than a window has only seen a part of it; `floorwatch_observed_ratio` says how much, and every rate and ratio is of that part.
PromQL's `rate(x[15m])` and `increase(x[15m])` extrapolate over a range that is not full yet and need two scrapes in it: in the first minutes prefer the
gauges with `window=`. Counters begin at 0 with the daemon; a restart is a reset, which `rate()` and `increase()` know.

### Refused calls

AMI tells nothing of a caller whom Queue() turns away (full, `joinempty`), and queue_log has no row of him. What shows him is the PBX's CDR, where
`[[pbx]] cdr` names its Master.csv: a record whose last application is Queue, of a call that joined no queue from its beginning to its end. So
`callcenter_calls_refused_total` counts what such a record can show, at hang-up, and it is as true as the dialplan lets it be:

- The record names the *last* application. Where the dialplan goes on after Queue(), and be it to Hangup(), nothing tells of the queue:
  let it end there if refused calls are to be counted.
- A call that was not answered before Queue() has no record unless cdr.conf says `unanswered = yes`, and none can be told without `loguniqueid = yes` in
  its section `[csv]`.
- Who is refused while the daemon or the link to the PBX is down, or was in the call already when it came back, is not counted, then or later. So is who
  waited in one queue and is refused at the next: he is a contact, and flowed out of the first.
- With `batch = yes` in cdr.conf records come later; ten minutes are waited.

Why a caller was refused no record says, so `reason` is `other`. Refused calls are no contacts: plan, deviations, forecast and service level leave them out.
They make `CallsRefused` hold, and a loss of volume that they explain for a fifth is read as `own`.

### Lost callers

A caller whose contact abandoned or flowed out is a lost caller of the project: by key or withdrawn too, for to whoever asked for a callback it is owed
most; one that hung up within `short_abandon_seconds` only with [`lost_callers = "all"`](configuration.md#project). However often a number tries, it is one
caller, and open until the same project has spoken with it: it called again and was answered (`redial`), or somebody of the project reached it
(`callback`); or until sixty days have passed since its last try (`expired`). The same caller at two clients is two.

- A number is known again by its last `match_digits`, so +380441234567, 0441234567 and 9-0441234567 are one caller. What is kept of it is an HMAC under a
  secret of this site (`number-key` in `[state] directory`), and the number itself [while the caller is open](configuration.md#site).
- Who shows no number cannot be called back: `callcenter_lost_callers_withheld_total` counts these contacts, and no other of these families does. So it
  does with a caller whose number nobody saw: who was found waiting, and no queue_log tells how.
- Calls of the floor's own phones and of `test_callers` are none.
- A leg by which the PBX rings a lost caller to put him into a queue of the project is none of its contacts; the queue has its visit. AMI shows
  that. In a gap told by queue_log the leg looks like a call of his own, and recovers him by `redial`.
- What a log tells later falls into its place: whoever was lost in a gap and answered after it is recovered. Where somebody was not lost after all,
  `floorwatch_corrected_contacts_total` says so as family `lost_callers` or `lost_callers_withheld`.

Less what is corrected, `callcenter_lost_callers_total` is who is open, recovered and expired.

### Rights that are missing

AMI cannot be asked for a user's *read* classes, so do not rely on `floorwatch check --live` for them. Make a test call into a claimed queue: without
class `agent` `callcenter_calls_entered_total` does not move by 1, and `floorwatch_reconcile_mismatches_total` grows with every QueueStatus that finds what
no event had told. `floorwatch_ami_events_total` shows what does come: QueueCallerJoin and AgentConnect are of class `agent`, Newchannel, Hangup and
BridgeEnter of class `call`.

## `/api/v1/floor`

The same second as JSON. Every key is always there; `null` is unknown: nobody sees it now, or a ratio has no denominator. Times are ISO 8601 in UTC.

```
{{shape}}
```

| key | meaning |
|---|---|
| `projects[].plan` | `null` without a plan; `covered`: it has a row for this moment; `has_agents`: that row names agents. |
| `language` | Of every sentence: `[site] language`. |
| `trunks` | Of `[[trunk]]`: whether the PBX reaches any of its endpoints, channels in use, how many it has; `null` is not seen, or not told. |
| `conditions` | What holds, the oldest first; `about`: `project`, `group`, `pbx`, `trunk` or `client`; `client`: the one or a project's; `figures` found it. |
| `muted` | What holds too and is said by another condition, `by`. |
| `projects[].held`, `groups[].held` | An incident or its recovery holds it: it is not judged by the plan. |
| `verdict` | `word` is the verdict as in `callcenter_verdict`, `null` while there is none; `sentence` says why, also why there is none. |
| `judged` | The closed intervals of today that count: contacts that `came`, that were `planned` while seen, the `deviation` and its `z`. |
| `detectors` | By detector, if it has anything to say: what came, what was to be expected, the chance of so few and (not for `silence`) of so many. |
| `cusum` | What whole days below and above the plan have added up to. |
| `cause` | `null` without a loss; `reading` as in `callcenter_volume_shift`, `share_p` the chance of the project's share of all calls, `pbxs` to check. |
| `forecast` | Contacts of the whole day, with 90 % certainty between `low` and `high`; `erlangs` is the workload of the running interval. |
| `agents_required` | Agents the project would need now if it shared none. |
| `eligible` | People whom its calls may reach, by state. |
| `groups[].need` | Agents needed in this interval (`now`) and the `next`, and how many to pay so that those of now are there (`gross`). |
| `staffed_now`, `net_staffing` | Agents there for calls now, and that minus `need.now`. |
| `projects[].windows` | By window; `start` and `end` are its bounds, a running one ends now. |
| `planned_contacts` | The plan's volume over the whole window up to now, whether the PBX was seen or not; the deviations use observed time only. |
| `budget_calls` | Contacts that may still miss the threshold before the target is missed. |
| `abandoned` | Contacts of the window that were abandoned, short ones left out. |
| `groups[].occupancy_limits` | `min_occupancy` and `max_occupancy` of the configuration. |
| `agents[].agent` | Id of the agents file, else PBX and interface. Like `name` it is `null` unless `[web] names = true`. |
| `agents[].alias` | The group and a number in it, the same while the daemon runs; it tells neither name nor extension. |
| `incidents` | Those of the last 50 hours, those that last, and those that begin within 24; [`/api/v1/incidents`](configuration.md#incident) has all. |
| `incidents[].stage` | `ahead`, `active`, `recovery` (over, and the floor not yet as it was) or `over`. `announced`: by the configuration. |
| `incidents[].people` | Of those whom it found on the floor, see below; `null` before and after, and where its beginning was not seen. |
| `signals` | Those that are on, in each of their regions; [`/api/v1/signals`](configuration.md#signal) has all. |
| `signals[].region`, `signals[].projects` | `null` where it is on everywhere, and for all. |
| `signals[].end` | How the end is known: `agreed` (said with the beginning), `calendar`, or `assumed` (`max_hours`). |
| `money` | Of the site, a project, a group; `null` unless [`[web] money`](configuration.md#web) or a token shows it, and before it was reckoned. |
| amounts | Texts with two decimals, in `currency`; `without` is what would be left without the client. |
| `windows` of `money` | `day` and `month`, as [above](#window-of-money); `margin` is `null` if a part of it is. |
| `earned` | By currency of the tariff, `null` where it is not known; `[]` for a project without a `tariff`. |
| `margin_forecast` | What will be left of the whole billing period, as `callcenter_margin_forecast`. |
| `known_days`, `past_days` | Of the days of the billing period that are over, how many are known. |
| `cash_days` | How many days the reserve lasts at the loss so far; `null` where there is none. |
| `simulation` | `null` on a real floor; else its seed, and how many of its seconds pass in one of ours. |

Of the people whom an incident found on the floor, `away` are those who have left it or whose phone cannot be reached, `unseen` those whose PBX is out of
sight, `back` those who were away and are there again. `waiting` are the callers of its scope now, `null` where not all of it is seen. `late` says that it was
counted later than it began, with whoever came in between.

## `/api/v1/lost`

Whom to call back, the oldest first: `at`, how many are `open`, and of the first 200 in `callers` each one's `project`, `client`, `first` and `last` try,
`tries`, `number`, `due` (when `callback_within_minutes` of opening hours are over) and `overdue_seconds` (since when, `null` until then). `number` is
`null` but for whoever shows a token of scope `read`, as `numbers` says; where numbers are not kept it is the last four digits behind an ellipsis. The
page has the same list, and asks for the token there; it is kept as long as the tab is.

## `/api/v1/stream`

The same JSON once a second as server-sent events (`text/event-stream`, one `data:` line an event): what the page at `/` reads. A
reader that is slow misses seconds and is never sent old ones late; one that takes nothing for 10 s is hung up on. The 51st reader is
refused with 503.
"""


def anomaly_kinds(core: Path) -> set[str]:
    """Every kind of anomaly the core can report."""
    told = {kind for path in core.glob("*.py") for kind in re.findall(r'(?:_report|\.anomaly)\(\s*"(\w+)",', path.read_text(encoding="utf-8"))}
    return told | {f"visit_{sign.name.lower()}" for sign in Sign if any(sign not in row for row in TABLE.values())}


def documented_anomalies() -> dict[str, str]:
    """Kind and meaning."""
    return _ANOMALIES | {f"visit_{sign.name.lower()}": f"{text}, which the known state of the visit does not allow." for sign, text in _SIGNS.items()}


def documented_figures() -> set[str]:
    """Figures of limits."""
    return set(_FIGURES)


def documented_detectors() -> set[str]:
    """Detectors of deviations."""
    return set(_DETECTORS)


def _table(title: str, values: Mapping[Any, str], intro: str = "") -> str:
    rows = "".join(f"| `{value.value if isinstance(value, StrEnum) else value}` | {text} |\n" for value, text in values.items())
    head = f"### {title}\n\n{intro}\n\n" if intro else f"### {title}\n\n"
    return f"{head}| value | meaning |\n|---|---|\n{rows}\n"


def _in_order(values: Mapping[Any, str], enumeration: Iterable[StrEnum]) -> dict[Any, str]:
    """Every value with its sentence: one without is a KeyError here, before it is a riddle there."""
    return {value: values[value] for value in enumeration}


def page(shape: str) -> str:
    """The whole page; `shape` is the API's JSON."""
    rows = [
        (family.name, family.kind.value[0], [f"[{name}]" if name in family.optional else name for name in family.labels], family.help) for family in FAMILIES
    ]
    families = "".join(f"| `{name}` | {kind} | {', '.join(labels)} | {sentence} |\n" for name, kind, labels, sentence in rows)
    sections = (
        _table("`window`", _in_order(_WINDOWS, Window)),
        _table("`window` of money", _in_order(_OVER, Over)),
        _table("`kind` of money", _MONEY, _AMOUNTS),
        _table("`state` of people", _in_order(_STATES, State), "A person is in one state. Where several are true, the first of this table wins."),
        _table("`component` of handle time", _in_order(_COMPONENTS, Component)),
        _table("`reason` of flowing out", _in_order(_REASONS, Reason)),
        _table("`outcome` of a wait", _in_order(_OUTCOMES, Outcome)),
        _table("`kind` of workload", _KINDS),
        _table("`status` of a failed attempt", _in_order(_FAILURES, Failure)),
        _table("`detector` of a deviation", _DETECTORS),
        _table("`reading` of a loss", _in_order(_READINGS, Reading)),
        _table("`verdict`", _in_order(_VERDICTS, Verdict)),
        _table("`figure` of a limit", _FIGURES, _LIMITED),
        _table("`kind` of anomaly", documented_anomalies(), "The state follows the event; the log has the detail, of the first of a kind as a warning."),
        _table("`kind` of incident", _in_order(_INCIDENTS, IncidentKind), "`scope` is `site`, or `client:`, `project:`, `group:` or `pbx:` and a name."),
        _table("`what` was dropped", _DROPPED),
    )
    others = """### The rest

`condition` and its `severity` (`critical`, `warning`, `info`) are explained in [conditions.md](conditions.md). `reason` of a pause is one of the group's
`pause_reasons`, `none` (none was given) or `other` (not listed), of a refused call `other`. `bound` is `min` or `max`. `sign` is `longer` where the PBX's
talk time exceeds ours, else `shorter`. `family` is the counter that stays too high: `unresolved`. `formula` is explained with
[`service_level`](configuration.md#project). `direction` is `inbound`, `outbound` for those who are
called, `callback` for callers who were lost and are rung back, or `none` for work off the phone.
`by` is how a [lost caller](#lost-callers) was recovered: `redial` or `callback`.
`status` of a trunk is `chanunavail` or `congestion`, Asterisk's word for an attempt that it refused. `did` is a number of a project's `dids`, else `other`.
`disposition` is one that a tariff of the project names in `per_result`, else `other`; `channel` is one of its `channels`, else `other`. `kind` of a signal is
the word that the configuration has for it, its `scope` is `site`, `region:Kyiv`, `project:bank-line` or `region:Kyiv,project:bank-line`.
"""
    return _HEAD + families + "\n## Values of labels\n\n" + "".join(sections) + others + _NOTES.replace("{shape}", shape)
