"""The judge: what the daemon's /metrics must say, counted from Asterisk's own queue_log.

Pure functions. `figures` counts rows by the rules that the recordings' truth is made with; `counters` reads a scrape;
`calls`, `contacts` and `talk` compare. Nothing may differ but what is written into `Verdict.allowances`, by name: a
whole-second wait within a second of a threshold, a Redirect of a waiting caller (ABANDON in the file, a flow-out here),
and a flow-out whose reason nobody could ask for any more (`other`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from prometheus_client.parser import text_string_to_metric_families

from tests.lab import world
from tests.lab.truth import Leg, Truth, Visit

Rows = list[list[str]]
Labels = frozenset[tuple[str, str]]
EXITS = {"EXITWITHTIMEOUT": "timeout", "EXITWITHKEY": "key", "EXITEMPTY": "empty", "WITHDRAW": "withdrawn"}
COMPLETED = {"COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
LEG_TOLERANCE_US = 50_000  # event times are the same on both sides; what differs is rounding
LIVED_US = 300_000  # a channel that lives this long after Leave can be asked for its QUEUESTATUS


@dataclass
class Verdict:
    problems: list[str] = field(default_factory=list)
    allowances: list[str] = field(default_factory=list)

    def equal(self, what: str, got: float, expected: float) -> None:
        if got != expected:
            self.problems.append(f"{what}: the daemon says {got:g}, the PBX {expected:g}")

    def between(self, what: str, got: float, low: float, high: float, why: str) -> None:
        if not low <= got <= high:
            self.problems.append(f"{what}: the daemon says {got:g}, the PBX {low:g} to {high:g} ({why})")
        elif low != high:
            self.allowances.append(f"{what}: {got:g} in {low:g} to {high:g}, {why}")

    def __str__(self) -> str:
        return "\n".join([*(f"PROBLEM {each}" for each in self.problems), *(f"allowed {each}" for each in self.allowances)])


# -- the PBX's side ---------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """One queue, counted from queue_log; waits are whole seconds there."""

    entered: int = 0
    answered_waits: list[int] = field(default_factory=list)
    abandoned_waits: list[int] = field(default_factory=list)
    flowed: Counter[str] = field(default_factory=Counter)
    askable: Counter[str] = field(default_factory=Counter)  # of these, by reason: the channel lived on and could be asked
    redirected: int = 0
    completed: int = 0
    no_answers: int = 0


def figures(rows: Rows, redirected: Iterable[str] = (), visits: Iterable[Visit] = ()) -> dict[str, Figures]:
    """Per queue. `redirected`: callids that were moved by AMI Redirect while they waited, once for each time."""
    moved = Counter(redirected)
    lived = {(key, n) for key, each in numbered(visits).items() for n, visit in enumerate(each, 1) if visit.lived_us > LIVED_US}
    entries: Counter[tuple[str, str]] = Counter()
    counted: dict[str, Figures] = defaultdict(Figures)
    for _, callid, queue, _, verb, *data in once(rows):
        into = counted[queue]
        if verb == "ENTERQUEUE":
            into.entered += 1
            entries[callid, queue] += 1
        elif verb == "CONNECT":
            into.answered_waits.append(int(data[0]))
        elif verb == "ABANDON" and moved[callid]:
            moved[callid] -= 1
            into.redirected += 1
        elif verb == "ABANDON":
            into.abandoned_waits.append(int(data[2]))
        elif verb in EXITS:
            into.flowed[EXITS[verb]] += 1
            into.askable[EXITS[verb]] += ((callid, queue), entries[callid, queue]) in lived
        elif verb in COMPLETED:
            into.completed += 1
        elif verb == "RINGNOANSWER":
            into.no_answers += 1
    return {queue: each for queue, each in counted.items() if each.entered}


def once(rows: Rows) -> Iterator[list[str]]:
    """The rows, without an end that the file tells a second time: one CONNECT has one end, whatever the PBX logs of a transfer later."""
    open_calls: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        key, verb = (row[1], row[2], row[3]), row[4]
        if verb == "CONNECT":
            open_calls[key] += 1
        elif verb in COMPLETED:
            if not open_calls[key]:
                continue
            open_calls[key] -= 1
        yield row


def numbered(visits: Iterable[Visit]) -> dict[tuple[str, str], list[Visit]]:
    """Visits by (callid, queue), in order: a caller may pass one queue several times."""
    found: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        found[visit.uniqueid, visit.queue].append(visit)
    return found


def talk_rows(rows: Rows) -> dict[tuple[str, str, str], list[int]]:
    """Talk seconds per (callid, queue, member); ATTENDEDTRANSFER is counted from its end."""
    talks: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for _, callid, queue, member, verb, *data in once(rows):
        if verb in ("COMPLETECALLER", "COMPLETEAGENT"):
            talks[callid, queue, member].append(int(data[1]))
        elif verb == "BLINDTRANSFER":
            talks[callid, queue, member].append(int(data[3]))
        elif verb == "ATTENDEDTRANSFER":
            talks[callid, queue, member].append(int(data[-2]))
    return talks


# -- the daemon's side ------------------------------------------------------------------------------------------------


class Scrape:
    """One /metrics text: samples by name and labels, and sums over any subset of labels."""

    def __init__(self, text: str) -> None:
        self.samples: dict[str, dict[Labels, float]] = defaultdict(dict)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self.samples[sample.name][frozenset(sample.labels.items())] = sample.value

    def total(self, name: str, **labels: str) -> float:
        wanted = labels.items()
        return sum(value for held, value in self.samples.get(name, {}).items() if wanted <= set(held))

    def by(self, name: str, label: str, **labels: str) -> dict[str, float]:
        values: dict[str, float] = defaultdict(float)
        for held, value in self.samples.get(name, {}).items():
            if labels.items() <= set(held):
                values[dict(held)[label]] += value
        return dict(values)

    def calls(self, name: str, **labels: str) -> float:
        """callcenter_calls_<name>_total, less what was taken back of it once it was known better."""
        return self.total(f"callcenter_calls_{name}_total", **labels) - self.total("floorwatch_corrected_calls_total", family=name, **labels)

    def exists(self, name: str) -> bool:
        return bool(self.samples.get(name))


def calls(scrape: Scrape, counted: Mapping[str, Figures], pbx: str) -> Verdict:
    """Visits, queue by queue, to the call."""
    verdict = Verdict()
    for queue in sorted(set(counted) | set(scrape.by("callcenter_calls_entered_total", "queue", pbx=pbx))):
        expected, project = counted.get(queue, Figures()), world.project_of(queue)

        def got(name: str, of: str = queue) -> float:
            return scrape.total(f"callcenter_calls_{name}_total", pbx=pbx, queue=of)

        verdict.equal(f"{queue} entered", got("entered"), expected.entered)
        verdict.equal(f"{queue} answered", got("answered"), len(expected.answered_waits))
        verdict.equal(f"{queue} handled", got("handled"), expected.completed)
        verdict.equal(f"{queue} unresolved", got("unresolved"), 0)
        verdict.equal(f"{queue} abandoned + short", got("abandoned") + got("short_abandoned"), len(expected.abandoned_waits))
        verdict.between(
            f"{queue} answered in threshold",
            got("answered_in_threshold"),
            *_fenced(expected.answered_waits, project.threshold_seconds, lambda wait, limit: wait <= limit),
        )
        verdict.between(f"{queue} short", got("short_abandoned"), *_fenced(expected.abandoned_waits, project.short_seconds, lambda wait, limit: wait < limit))
        _flowed(verdict, queue, scrape.by("callcenter_calls_flowed_out_total", "reason", pbx=pbx, queue=queue), expected)
    return verdict


def calls_of_a_latecomer(scrape: Scrape, counted: Mapping[str, Figures], pbx: str) -> Verdict:
    """The same for a daemon that took half of the calls from queue_log: whole seconds there, and a Redirect of a waiting caller is an ABANDON."""
    verdict = Verdict()
    for queue, expected in sorted(counted.items()):

        def got(name: str, of: str = queue) -> float:
            return scrape.calls(name, pbx=pbx, queue=of)

        verdict.equal(f"{queue} entered", got("entered"), expected.entered)
        verdict.equal(f"{queue} answered", got("answered"), len(expected.answered_waits))
        verdict.equal(f"{queue} handled", got("handled"), expected.completed)
        verdict.equal(f"{queue} unresolved", got("unresolved"), 0)
        lost, flowed = got("abandoned") + got("short_abandoned"), got("flowed_out")
        abandoned = len(expected.abandoned_waits)
        verdict.between(f"{queue} abandoned + short", lost, abandoned, abandoned + expected.redirected, "Redirects of waiting callers")
        verdict.equal(f"{queue} lost or flowed out", lost + flowed, abandoned + expected.redirected + sum(expected.flowed.values()))
    return verdict


def _fenced(waits: list[int], limit: int, inside: Callable[[int, int], bool]) -> tuple[int, int, str]:
    sure = sum(1 for wait in waits if inside(wait, limit) and abs(wait - limit) > 1)
    fence = sum(1 for wait in waits if abs(wait - limit) <= 1)
    return sure, sure + fence, f"{fence} waits within a second of {limit} s in whole seconds"


def _flowed(verdict: Verdict, queue: str, got: Mapping[str, float], expected: Figures) -> None:
    known = sum(expected.flowed.values())
    verdict.equal(f"{queue} flowed out", sum(got.values()), known + expected.redirected)
    verdict.equal(f"{queue} flowed out by key", got.get("key", 0), expected.flowed["key"])
    for reason in ("timeout", "empty", "withdrawn"):
        verdict.between(
            f"{queue} flowed out, {reason}",
            got.get(reason, 0),
            expected.askable[reason],
            expected.flowed[reason],
            "the rest stands under `other`: the channel was gone when it could be asked",
        )
    if expected.redirected:
        verdict.allowances.append(f"{queue}: {expected.redirected} Redirects of waiting callers are ABANDON in the file")


# -- contacts ---------------------------------------------------------------------------------------------------------


def contacts_of(visits: list[Visit]) -> dict[str, list[list[Visit]]]:
    """Visits grouped into contacts, per project: first entry per call; a known Linkedid or Uniqueid makes no new one."""
    found: dict[str, list[list[Visit]]] = {project.name: [] for project in world.PROJECTS}
    keys: dict[tuple[str, str], list[Visit]] = {}
    for visit in visits:
        project = world.project_of(visit.queue).name
        contact = keys.get((project, visit.linkedid)) or keys.get((project, visit.uniqueid))
        if contact is None:
            contact = []
            found[project].append(contact)
        contact.append(visit)
        keys[project, visit.linkedid] = keys[project, visit.uniqueid] = contact
    return found


def contacts(scrape: Scrape, truth: Truth) -> Verdict:
    verdict = Verdict()
    for project, found in contacts_of(truth.visits).items():

        def got(name: str, of: str = project) -> float:
            taken_back = scrape.total("floorwatch_corrected_contacts_total", project=of, family=name.removesuffix("_"))
            return scrape.total(f"callcenter_contacts_{name}total", project=of, direction="inbound") - taken_back

        answered = sum(1 for contact in found if any(visit.answered_us for visit in contact))
        verdict.equal(f"{project} contacts", got(""), len(found))
        verdict.equal(f"{project} contacts answered", got("answered_"), answered)
        verdict.equal(f"{project} contacts not answered", got("abandoned_") + got("short_abandoned_") + got("flowed_out_"), len(found) - answered)
        visits = sum(
            scrape.total("callcenter_calls_entered_total", project=project, queue=queue.name)
            for queue in world.QUEUES
            if world.project_of(queue.name).name == project
        )
        if got("") > visits:
            verdict.problems.append(f"{project}: {got(''):g} contacts of {visits:g} visits")
    return verdict


# -- talk -------------------------------------------------------------------------------------------------------------


def talk(scrape: Scrape, truth: Truth) -> Verdict:
    """Talk + hold per project against the bridges, leg by leg exact to milliseconds."""
    verdict = Verdict()
    for project in world.PROJECTS:
        legs = [leg for leg in truth.legs if leg.queue in project.queues]
        expected = sum(leg.end_us - leg.start_us for leg in legs)
        got = 1e6 * sum(
            scrape.total("callcenter_handle_seconds_total", project=project.name, direction="inbound", component=component) for component in ("talk", "hold")
        )
        if abs(got - expected) > LEG_TOLERANCE_US * max(1, len(legs)):
            verdict.problems.append(f"{project.name} talk + hold: the daemon says {got / 1e6:.3f} s, the bridges {expected / 1e6:.3f} s in {len(legs)} legs")
    return verdict


def bridges(rows: Rows, truth: Truth) -> Verdict:
    """The reader itself against queue_log: within a second per call, except where the file is known to be wrong."""
    verdict = Verdict()
    logged, legs = talk_rows(rows), defaultdict(list)
    for leg in truth.legs:
        if leg.by_queue:
            legs[leg.caller, leg.queue, leg.member].append(leg)
    for key in sorted(set(logged) | set(legs)):
        if len(logged[key]) != len(legs[key]):
            verdict.problems.append(f"{key}: {len(logged[key])} ends in queue_log, {len(legs[key])} legs in the bridges")
            continue
        # Where a caller was taken away and came back to the same member, the file tells the earlier end later.
        left = list(logged[key])
        for leg in sorted(legs[key], key=lambda each: each.quiet_end or each.outlived):
            left.sort(key=partial(_difference, leg))
            _leg(verdict, left.pop(0), leg)
    return verdict


def _difference(leg: Leg, seconds: int) -> float:
    return abs(seconds - leg.seconds)


def _leg(verdict: Verdict, seconds: int, leg: Leg) -> None:
    if abs(seconds - leg.seconds) <= 1:
        return
    text = f"{leg.queue} {leg.agent} with {leg.caller}: {seconds} s in queue_log, {leg.seconds:.3f} s in bridges"
    if leg.outlived:
        verdict.allowances.append(f"{text}: stayed in the bridge when the caller was gone")
    elif leg.quiet_end:
        verdict.allowances.append(f"{text}: left without a hang-up request, queue_log is wrong")
    else:
        verdict.problems.append(text)
