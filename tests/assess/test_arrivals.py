"""A day's arrivals under any threshold, and without whoever came in an excused incident."""

from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.assess.arrivals import came, excusing
from monitor.assess.service_level import Answers
from monitor.core.chronicle import ContactEnded
from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.core.incidents import Incident, IncidentKind, Scope

PROJECT = Project("bank", "Bank", "floor", ())
NOON = int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()) * SECOND


def contact(at: int, wait_s: int, outcome: str) -> ContactEnded:
    return ContactEnded("bank", "pbx1", str(at), at, wait_s * SECOND, 1, outcome, at if outcome == "answered" else None, 90 * SECOND)


CONTACTS = [
    contact(NOON, 20, "answered"),
    contact(NOON + 1, 21, "answered"),
    contact(NOON + 2, 20, "abandoned"),
    contact(NOON + 3, 60, "abandoned"),
    contact(NOON + 4, 3, "short_abandoned"),
    contact(NOON + 5, 9, "flowed_out"),
    contact(NOON + 6, 9, "unresolved"),
    contact(NOON + 7, 0, "waiting"),
    contact(NOON + 30 * MINUTE, 50, "answered"),
]


def test_each_is_counted_once_by_how_it_ended() -> None:
    day = came(PROJECT, CONTACTS, 20 * SECOND)[date(2026, 11, 2)]
    assert (day.contacts, day.answered, day.in_threshold, day.abandoned, day.abandoned_in_threshold) == (9, 3, 1, 2, 1)
    assert (day.short, day.flowed_out, day.unresolved, day.handled, day.handle_us) == (1, 1, 2, 3, 270 * SECOND)
    assert day.answers == Answers(3, 1, 3, 2, 1)
    assert came(PROJECT, CONTACTS, 60 * SECOND)[date(2026, 11, 2)].answers == Answers(3, 3, 3, 3, 1)


def test_only_answers_of_the_last_second_can_be_in_doubt() -> None:
    waits = (19.0, 19.000001, 20.0, 20.5)
    answers = [contact(NOON + number, 0, "answered")._replace(wait_us=int(wait * SECOND)) for number, wait in enumerate(waits)]
    day = came(PROJECT, answers, 20 * SECOND)[date(2026, 11, 2)]
    assert (day.in_threshold, day.doubtful) == (3, 2)
    day.refuse(1)
    assert (day.in_threshold, day.doubtful) == (2, 1)
    day.refuse(5)
    assert (day.in_threshold, day.doubtful) == (1, 0)


def test_who_came_in_an_excused_incident_is_left_out_but_not_who_came_in_its_recovery() -> None:
    contract = Contract(projects=(PROJECT,))
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), NOON, NOON + 10 * MINUTE, 30 * MINUTE)
    power = Incident("2", IncidentKind.POWER, Scope(), NOON, NOON + 60 * MINUTE)
    excused = excusing((raid, power), {"air_raid"}, PROJECT, contract)
    assert excused == (raid,)
    assert came(PROJECT, CONTACTS, 20 * SECOND, excused)[date(2026, 11, 2)].contacts == 1
