"""Whose call, whose agent, which local clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND, Group, Hours, Person, Project, QueueId
from tests.core.scene import contract, project


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def in_zone(zone: str) -> Project:
    return Project("p", "P", "g", (), zone=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "at", "midnight"),
    [
        ("UTC", "2026-03-29 13:00", "2026-03-29 00:00"),
        ("Europe/Kyiv", "2026-03-29 12:00", "2026-03-28 22:00"),  # the day of 23 hours
        ("Europe/Kyiv", "2026-03-29 21:00", "2026-03-29 21:00"),  # its end is midnight in summer time
        ("Europe/Kyiv", "2026-10-25 21:59", "2026-10-24 21:00"),  # the day of 25 hours
        ("Europe/Kyiv", "2026-10-25 22:00", "2026-10-25 22:00"),
        ("Asia/Kathmandu", "2026-01-01 18:14", "2025-12-31 18:15"),
        ("Asia/Kathmandu", "2026-01-01 18:15", "2026-01-01 18:15"),
        ("America/Havana", "2026-03-08 12:00", "2026-03-08 05:00"),  # midnight itself does not exist
        ("America/Havana", "2026-11-01 12:00", "2026-11-01 04:00"),  # midnight comes twice: the first
    ],
)
def test_the_day_begins_at_local_midnight(zone: str, at: str, midnight: str) -> None:
    assert in_zone(zone).day_start(utc(at)) == utc(midnight)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Kyiv", "Asia/Kathmandu", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns"])
@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize("day", ["2026-01-15", "2026-03-29", "2026-10-25"])
def test_intervals_follow_the_local_clock_half_open_and_gapless(zone: str, minutes: int, day: str) -> None:
    clock, length = in_zone(zone), minutes * MINUTE
    at = start = clock.interval_start(utc(day), length)
    while at < start + 25 * 60 * MINUTE:
        assert clock.interval_start(at, length) == at
        assert clock.interval_start(at + length - 1, length) == at
        local = datetime.fromtimestamp(at // SECOND, ZoneInfo(zone))
        assert (local.hour * 60 + local.minute) % minutes == 0
        at += length


def test_opening_hours_are_half_open_and_local() -> None:
    hours = Hours((((9 * 3600, 18 * 3600),),) * 5 + ((), ()), frozenset({"2026-11-25"}))
    kyiv = Project("p", "P", "g", (), zone=ZoneInfo("Europe/Kyiv"), hours=hours)
    tuesday = utc("2026-11-24 00:00") - 2 * 60 * MINUTE
    assert [kyiv.open_at(tuesday + hour * 60 * MINUTE) for hour in (8, 9, 17, 18)] == [False, True, True, False]
    assert kyiv.open_at(tuesday + 18 * 60 * MINUTE - 1)
    assert not kyiv.open_at(tuesday + 33 * 60 * MINUTE)  # Wednesday at nine, a closed date
    assert not kyiv.open_at(tuesday + timedelta(days=4, hours=10) // timedelta(microseconds=1))  # Saturday


def test_the_same_queue_name_on_two_pbxs_is_two_queues() -> None:
    agreed = contract(project("a", "600"), project("b", "pbx2/600"), pbxs=("pbx1", "pbx2"))
    first, second = agreed.project_for(QueueId("pbx1", "600")), agreed.project_for(QueueId("pbx2", "600"))
    assert (first and first.name, second and second.name) == ("a", "b")
    assert agreed.pbxs_of == {"a": {"pbx1"}, "b": {"pbx2"}}
    assert agreed.project_for(QueueId("pbx3", "600")) is None
    assert str(QueueId("pbx2", "600")) == "pbx2/600"


def test_in_a_shared_queue_the_dialled_number_tells_else_the_project_without_numbers() -> None:
    agreed = contract(project("rest", "q"), project("a", "q", dids=frozenset({"100"})), project("b", "q", dids=frozenset({"200"})))

    def whose(did: str) -> str | None:
        found = agreed.project_for(QueueId("pbx1", "q"), did)
        return None if found is None else found.name

    assert [whose(did) for did in ("100", "200", "300", "")] == ["a", "b", "rest", "rest"]
    alone = contract(project("a", "q", dids=frozenset({"100"})))
    assert alone.project_for(QueueId("pbx1", "q"), "300") is None


def test_groups_claim_by_pattern_first_else_by_their_projects_queues() -> None:
    agreed = contract(
        project("bank", group="one"),
        project("shop", group="two"),
        groups=(Group("named", members=("PJSIP/vip*", "Boss *")), Group("one"), Group("two")),
    )

    def group(interface: str, member: str, *queues: str) -> str | None:
        found = agreed.group_for(interface, member, frozenset(QueueId("pbx1", q) for q in queues))
        return None if found is None else found.name

    assert group("PJSIP/vip1", "x", "shop") == "named"
    assert group("PJSIP/1", "Boss Ann", "shop") == "named"
    assert group("PJSIP/1", "boss ann", "shop") == "two"  # patterns mind the case
    assert group("PJSIP/1", "x", "shop", "bank") == "one"  # the first in the file
    assert group("PJSIP/1", "x", "attic") is None


def test_a_person_may_be_named_by_an_interface_of_one_pbx() -> None:
    ann, bob = Person("1", "Ann", ("PJSIP/7", "pbx2:PJSIP/9")), Person("2", "Bob", ("PJSIP/9",))
    agreed = contract(people=(ann, bob), pbxs=("pbx1", "pbx2"))
    assert [agreed.person_for(pbx, "PJSIP/9") for pbx in ("pbx1", "pbx2")] == [bob, ann]
    assert agreed.person_for("pbx2", "PJSIP/7") is ann
    assert agreed.person_for("pbx2", "PJSIP/8") is None
