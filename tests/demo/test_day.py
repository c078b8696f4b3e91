"""The centre in motion: the same for a seed however it is watched, nobody lost, and every happening leaves its mark."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from random import Random

import pytest

from monitor.core.contract import MINUTE, SECOND
from monitor.demo.day import Day, Schedule
from monitor.demo.events import Happening, Kind, instant
from monitor.demo.roster import WORKERS
from monitor.demo.switch.specs import Message
from monitor.demo.world import BANK, SHOP, Line, line_of

DATE = date(2026, 11, 25)
HOURS = 60 * MINUTE
ENDS = {"CONNECT", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY"}


class Watched:
    """A day and everything it told."""

    def __init__(self, seed: int = 7, happenings: Schedule | None = None) -> None:
        self.day = Day(seed, DATE, happenings) if happenings else Day(seed, DATE)
        self.rows: list[str] = []
        self.events: list[tuple[int, Message]] = []
        self.told: list[tuple[int, Kind, bool]] = []
        self.day.log = self.rows.append
        self.day.listener = lambda at, message: self.events.append((at, dict(message)))
        self.day.tell = lambda at, happening, begins: self.told.append((at, happening.kind, begins))

    def to(self, hour: float) -> Watched:
        self.day.advance(instant(DATE, hour))
        return self

    def verbs(self, first: float = 0, last: float = 24, line: Line | None = None) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self.rows:
            at, _, queue, _, verb = row.split("|")[:5]
            if instant(DATE, first) <= int(at) * SECOND < instant(DATE, last) and (line is None or queue in line.queues):
                found[verb] += 1
        return found


def _quiet(*_: object) -> tuple[Happening, ...]:
    return ()


def _only(kind: Kind, first: float, last: float, line: Line | None = None) -> Schedule:
    return lambda *_: (Happening(kind, instant(DATE, first), instant(DATE, last), "begins", "ends", line),)


@pytest.fixture(scope="module")
def whole() -> Watched:
    """A day and the first hours of the next."""
    return Watched().to(26)


def test_a_seed_gives_one_course_of_events_however_it_is_watched() -> None:
    """In one step, in steps that fall on events and between them, and by what is due next."""
    at_once = Watched().to(12)
    in_steps, random = Watched(), Random(3)
    at = in_steps.day.start
    while at < instant(DATE, 12):
        at = min(at + random.choice((0, 1, 1000, SECOND, 7 * SECOND, 3 * MINUTE, 20 * MINUTE)), instant(DATE, 12))
        in_steps.day.advance(at)
    as_due = Watched()
    while (due := as_due.day.next_due()) is not None and due <= instant(DATE, 12):
        as_due.day.advance(due)
    assert at_once.rows == in_steps.rows == as_due.rows
    assert at_once.events == in_steps.events == as_due.events
    assert at_once.told == in_steps.told == as_due.told
    assert len(at_once.events) > 3000


def test_a_seed_is_the_same_day_on_any_date() -> None:
    """Rows of queue_log, as seconds since the centre's midnight; a caller's id is the second he came and a number."""

    def told(day: date) -> list[str]:
        rows: list[str] = []
        watched = Day(7, day)
        watched.log = rows.append
        watched.advance(instant(day, 12))
        midnight = instant(day, 0) // SECOND
        rows = [re.sub(r"BRIDGE\|[0-9a-f-]+", "BRIDGE", row) for row in rows]
        return [re.sub(r"\b1[78]\d{8}\b", lambda found: str(int(found[0]) - midnight), row) for row in rows]

    first = told(DATE)
    assert len(first) > 1000
    assert told(date(2026, 6, 1)) == first


def test_another_seed_is_another_day() -> None:
    assert Watched(7).to(9).rows != Watched(8).to(9).rows


def test_time_does_not_run_back(whole: Watched) -> None:
    times = [at for at, _ in whole.events]
    assert times == sorted(times)
    stamps = [int(row.partition("|")[0]) for row in whole.rows]
    assert stamps == sorted(stamps)


def test_nobody_is_lost(whole: Watched) -> None:
    """Every visit that began has ended, or its caller still waits; every talk that began has ended, or goes on."""
    verbs = whole.verbs(0, 48)
    waiting = sum(caller.waits for caller in whole.day.callers.on_line.values())
    assert verbs["ENTERQUEUE"] == sum(verbs[end] for end in ENDS) + waiting
    talking = sum(bool(agent.leg) and not agent.own for agent in whole.day.agents.everybody.values())
    assert verbs["CONNECT"] == verbs["COMPLETECALLER"] + verbs["COMPLETEAGENT"] + verbs["BLINDTRANSFER"] + verbs["ATTENDEDTRANSFER"] + talking


def test_everything_that_happens_in_a_centre_happens(whole: Watched) -> None:
    verbs = whole.verbs()
    for verb in ("ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "RINGNOANSWER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "ADDMEMBER", "REMOVEMEMBER"):
        assert verbs[verb] >= 3, verb
    reasons = {row.split("|")[5] for row in whole.rows if "|PAUSEALL|" in row}
    assert reasons == {"lunch", "break", "training", "shelter", "wrapup", "chat", "notes"}
    assert {kind for _, kind, _ in whole.told} == set(Kind)
    clients = {line_of(row.split("|")[2]).client for row in whole.rows if "|CONNECT|" in row}
    assert len(clients) == 4


def test_everybody_comes_to_work_and_goes_home(whole: Watched) -> None:
    on_duty = {agent.worker.name for agent in whole.day.agents.everybody.values() if agent.on_duty}
    assert on_duty == {"Степан Нечипоренко", "Тетяна Гайдук"}, "the night"
    dynamic = {worker.interface for worker in WORKERS if not worker.static}
    came = {row.split("|")[3] for row in whole.rows if "|ADDMEMBER|" in row}
    assert len(came) == len(dynamic)


def test_the_night_goes_over_into_the_next_day() -> None:
    watched = Watched(7, _quiet).to(24 + 11)
    assert sum(agent.on_duty for agent in watched.day.agents.everybody.values()) == 22
    assert {row.split("|")[3] for row in watched.rows if "|ADDMEMBER|" in row and int(row.partition("|")[0]) * SECOND > instant(DATE, 24)}


def test_the_floor_is_busy_and_not_drowning() -> None:
    """Over some days: waits, abandonment and work as in a centre that is staffed about right."""
    entered, good, lost = Counter[str](), Counter[str](), Counter[str]()
    for seed in (1, 2):
        watched, began = Watched(seed, _quiet).to(18), {}
        for row in watched.rows:
            at, call, queue, _, verb = row.split("|")[:5]
            if verb == "ENTERQUEUE" and call not in began:
                began[call] = int(at)
                entered[line_of(queue).project] += 1
            elif verb == "CONNECT" and call in began:
                good[line_of(queue).project] += int(at) - began[call] <= line_of(queue).threshold_s
            elif verb == "ABANDON" and call in began:
                lost[line_of(queue).project] += 1
    for project, number in entered.items():
        assert 0.6 < good[project] / number < 0.95, project
        assert 0.02 < lost[project] / number < 0.2, project


# --- what happens has its effect ----------------------------------------------------------------------------------------------------


def test_a_trunk_failure_ends_its_calls_at_once() -> None:
    watched = Watched(7, _only(Kind.TRUNK_DOWN, 11, 11.1, BANK)).to(10.999)
    on_trunk = [uid for uid, caller in watched.day.callers.on_line.items() if caller.line is BANK]
    others = [uid for uid, caller in watched.day.callers.on_line.items() if caller.line is not BANK]
    assert len(on_trunk) > 3
    watched.day.advance(instant(DATE, 11) + SECOND)
    assert not [uid for uid in on_trunk if uid in watched.day.callers.on_line]
    assert [uid for uid in others if uid in watched.day.callers.on_line]
    assert watched.day.switch.variable(instant(DATE, 11) + 2 * SECOND, "", "DEVICE_STATE(PJSIP/trunk-bank)") == "UNAVAILABLE"
    watched.to(11.2)
    assert watched.day.switch.variable(instant(DATE, 11.2) + SECOND, "", "DEVICE_STATE(PJSIP/trunk-bank)") != "UNAVAILABLE"
    assert watched.verbs(11.001, 11.099, BANK)["ENTERQUEUE"] == 0
    assert watched.verbs(11.001, 11.099, SHOP)["ENTERQUEUE"] > 0
    assert watched.verbs(11.1, 11.2, BANK)["ENTERQUEUE"] > 0


def test_an_alarm_sends_people_to_the_shelter_and_takes_phones_away() -> None:
    sheltered = dark = back = 0
    for seed in range(4):
        watched = Watched(seed, _only(Kind.ALARM, 11, 11.25)).to(11.1)
        everybody = watched.day.agents.everybody.values()
        sheltered += sum(agent.pause == "shelter" for agent in everybody)
        dark += sum(agent.on_duty and not agent.reachable for agent in everybody)
        watched.to(11.4)
        assert not [agent for agent in everybody if agent.pause == "shelter"]
        back += sum(agent.on_duty and not agent.reachable for agent in everybody)
    assert sheltered >= 16
    assert dark >= 12
    assert back <= 6, "here and there a phone is unplugged at any time"


def test_a_storm_keeps_debtors_from_answering() -> None:
    storm, fair = Watched(7, _only(Kind.STORM, 10, 13)), Watched(7, _quiet)
    at = instant(DATE, 11)
    assert storm.to(11).day.agents.reach(at) < fair.to(11).day.agents.reach(at) == 1
    assert storm.verbs(10, 11)["ENTERQUEUE"] > fair.verbs(10, 11)["ENTERQUEUE"]


def test_happenings_are_told_as_they_begin_and_end() -> None:
    watched = Watched(7, _only(Kind.LINK_CUT, 11, 11.01)).to(11.02)
    assert watched.told == [(instant(DATE, 11), Kind.LINK_CUT, True), (instant(DATE, 11.01), Kind.LINK_CUT, False)]
