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

from monitor.assess.outlook import LEAST_EXPECTED
from monitor.assess.workload import KAPPA
from monitor.core.calls import TABLE, Sign
from monitor.core.counters import Component, Outcome, Reason
from monitor.core.snapshot import State, Window
from monitor.outputs.families import DAEMON, FLOOR, Family
from monitor.outputs.rows import AGENT_SERIES_MAX

FAMILIES: list[Family[Any]] = [*FLOOR, *DAEMON]

_HEAD = """# Metrics

Every family of this version, written by `make golden` from the table that serves them. `callcenter_` is about the floor, `floorwatch_` about the
daemon. Counters of known projects exist from the start at 0; a gauge of now is absent while its PBX is not seen; a ratio without a denominator is
absent. What the labels' values mean is [below](#values-of-labels). Kinds: c counter, g gauge, h histogram, i info (always 1).

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
_STATES = {
    State.UNOBSERVED: "A PBX of theirs is out of sight, and nothing that can be seen says that they are busy.",
    State.TALK: "In a call of a project: from the answer until the agent's leg has left its bridge.",
    State.HOLD: "The same, while every such call of theirs is on hold.",
    State.DIALING: "Calling out for a project; no source of this version reports it, so it stays 0.",
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
    Component.TALK: 'Talking, `direction="inbound"`.',
    Component.HOLD: "The caller is on hold.",
    Component.WRAPUP: "Wrap-up, as under `state`.",
    Component.OFFLINE: 'Pauses of class `work`; no call, so `direction="none"`.',
}
_KINDS = {
    "offered": "Contacts × AHT ÷ observed time, see [below](#offered-workload).",
    "carried": "Handle time that was really spent ÷ observed time.",
    "planned": "The plan's volume × its AHT ÷ the time that the plan covers.",
}
_ANOMALIES = {
    "answer_without_visit": "An agent was connected to a caller who was not known to be in that queue: the talk counts as theirs, the call as none.",
    "log_disagrees": "queue_log told another end of a visit than its events did: the log's is counted.",
    "log_without_did": "A call in queue_log came into a queue of several projects told apart by `dids`, and no DID row says what was dialled: left out.",
    "member_without_group": "A member of a project's queue belongs to no `[[group]]`: calls they answer count, their time is in no group. Mend `members`.",
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
_DROPPED = {
    "event": "AMI events that found the engine's inbox full; a new full state follows.",
    "journal": "Steps of what is kept in `[state] directory`, while the disk refused them; a checkpoint makes all whole when there is room.",
    "store": "Records of the store: more waited than are kept while it was down, or no database takes them.",
    "agent_series": f"People left out of `callcenter_agent_state` beyond {AGENT_SERIES_MAX:,}.",
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

### Windows that are not full yet

A daemon younger than a window has only seen a part of it; `floorwatch_observed_ratio` says how much, and every rate and ratio is of that part.
PromQL's `rate(x[15m])` and `increase(x[15m])` extrapolate over a range that is not full yet and need two scrapes in it: in the first minutes prefer the
gauges with `window=`. Counters begin at 0 with the daemon; a restart is a reset, which `rate()` and `increase()` know.

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
| `projects[].windows` | By window; `start` and `end` are its bounds, a running one ends now. |
| `planned_contacts` | The plan's volume over the whole window up to now, whether the PBX was seen or not; the deviations use observed time only. |
| `budget_calls` | Contacts that may still miss the threshold before the target is missed. |
| `abandoned` | Contacts of the window that were abandoned, short ones left out. |
| `groups[].occupancy_limits` | `min_occupancy` and `max_occupancy` of the configuration. |
| `agents[].agent` | Id of the agents file, else PBX and interface. Like `name` it is `null` unless `[web] names = true`. |
| `agents[].alias` | The group and a number in it, the same while the daemon runs; it tells neither name nor extension. |
| `simulation` | `null` on a real floor; else its seed, and how many of its seconds pass in one of ours. |

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


def _table(title: str, values: Mapping[Any, str], intro: str = "") -> str:
    rows = "".join(f"| `{value.value if isinstance(value, StrEnum) else value}` | {text} |\n" for value, text in values.items())
    head = f"### {title}\n\n{intro}\n\n" if intro else f"### {title}\n\n"
    return f"{head}| value | meaning |\n|---|---|\n{rows}\n"


def _in_order(values: Mapping[Any, str], enumeration: Iterable[StrEnum]) -> dict[Any, str]:
    """Every value with its sentence: one without is a KeyError here, before it is a riddle there."""
    return {value: values[value] for value in enumeration}


def page(shape: str) -> str:
    """The whole page; `shape` is the API's JSON."""
    rows = [(family.name, family.kind.value[0], family.labels, family.help) for family in FAMILIES]
    families = "".join(f"| `{name}` | {kind} | {', '.join(labels)} | {sentence} |\n" for name, kind, labels, sentence in rows)
    sections = (
        _table("`window`", _in_order(_WINDOWS, Window)),
        _table("`state` of people", _in_order(_STATES, State), "A person is in one state. Where several are true, the first of this table wins."),
        _table("`component` of handle time", _in_order(_COMPONENTS, Component)),
        _table("`reason` of flowing out", _in_order(_REASONS, Reason)),
        _table("`outcome` of a wait", _in_order(_OUTCOMES, Outcome)),
        _table("`kind` of workload", _KINDS),
        _table("`kind` of anomaly", documented_anomalies(), "The state follows the event; the log has the detail, of the first of a kind as a warning."),
        _table("`what` was dropped", _DROPPED),
    )
    others = """### The rest

`reason` of a pause is one of the group's `pause_reasons`, `none` (none was given) or `other` (not listed). `bound` is `min` or `max`. `sign` is `longer` where
the PBX's talk time exceeds ours, else `shorter`. `family` is the counter that stays too high: `unresolved`. `formula` is explained with
[`service_level`](configuration.md#project). `direction` is `inbound`, or `none` for work off the phone.
"""
    return _HEAD + families + "\n## Values of labels\n\n" + "".join(sections) + others + _NOTES.replace("{shape}", shape)
