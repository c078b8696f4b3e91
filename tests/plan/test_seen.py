"""A past laid out by days: what is open, what is left out and why, what was seen in part."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitor.core.contract import MINUTE, SECOND, Hours, Project
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.plan.seen import Counted, Held, LeaveOut, lay_out

KYIV = ZoneInfo("Europe/Kyiv")
HALF_HOUR = 30 * MINUTE
NINE_TO_TWELVE = Hours((((9 * 3600, 12 * 3600),),) * 5 + ((),) * 2, frozenset({"2026-11-04"}))
PROJECT = Project("bank-line", "Bank", "floor", (), KYIV, hours=NINE_TO_TWELVE)


def at(day: int, clock: str = "00:00") -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=KYIV).timestamp()) * SECOND


def counted(since: int, until: int, observed: dict[int, int] | None = None, **more: dict[int, int]) -> Counted:
    return Counted(since, until, more.get("contacts", {}), more.get("handled", {}), more.get("handle_us", {}), observed)


def test_whole_open_days_with_what_came() -> None:
    """Monday the second from 00:00:01 on is not whole, Wednesday is closed, Sunday never opens, Monday the ninth goes on."""
    nine = at(3, "09:00")
    seen = lay_out(PROJECT, HALF_HOUR, counted(at(2) + SECOND, at(9, "11:00"), contacts={nine: 4}, handled={nine: 3}, handle_us={nine: 9}), LeaveOut())
    assert [day.date.day for day in seen.days] == [3, 5, 6]
    assert seen.past == date(2026, 11, 9)
    assert [one.slot for one in seen.days[0].intervals] == [18, 19, 20, 21, 22, 23]
    first = seen.days[0].intervals[0]
    assert (first.start, first.contacts, first.handled, first.handle_us, first.usable) == (nine, 4, 3, 9, True)
    assert seen.days[0].contacts == 4
    assert [day.date.day for day in seen.before(date(2026, 11, 6)).days] == [3, 5]
    assert [day.date.day for day in seen.since(date(2026, 11, 6))] == [6]


def test_what_is_left_out_and_why() -> None:
    """An incident holds until its recovery is over; who was blind needs no other reason."""
    alarm = Incident("1", IncidentKind.AIR_RAID, Scope(), at(3, "10:10"), at(3, "10:50"))
    out = LeaveOut({date(2026, 11, 5)}, (alarm,), ((at(3, "09:40"), at(3, "10:05")),))
    days = lay_out(PROJECT, HALF_HOUR, counted(at(3), at(7)), out).days
    assert [one.held for one in days[0].intervals] == [None, Held.BLIND, Held.BLIND, Held.INCIDENT, Held.INCIDENT, None]
    assert {one.held for one in days[1].intervals} == {Held.HOLIDAY}
    assert {one.held for one in days[2].intervals} == {None}
    assert (len(days[0].usable), len(days[1].usable)) == (2, 0)


def test_what_was_observed_for_less_than_half_is_not_used() -> None:
    starts = [at(3, clock) for clock in ("09:00", "09:30", "10:00")]
    observed = dict(zip(starts, (30 * MINUTE, 20 * MINUTE, 10 * MINUTE), strict=True))
    (day,) = lay_out(PROJECT, HALF_HOUR, counted(at(3), at(4), observed), LeaveOut()).days
    assert [one.held for one in day.intervals] == [None, None, *[Held.BLIND] * 4]
    assert [round(one.share, 2) for one in day.usable] == [1, 0.67]


def test_a_night_is_held_by_the_date_of_the_clock() -> None:
    """A holiday ends at midnight, the night that began on it does not."""
    night = Project("taxi", "Taxi", "floor", (), KYIV, day_starts=720)
    seen = lay_out(night, HALF_HOUR, counted(at(2, "12:00"), at(4, "13:00")), LeaveOut({date(2026, 11, 3)}))
    assert [(day.date.day, len(day.usable)) for day in seen.days] == [(2, 24), (3, 24)]


def test_an_announced_holiday_is_a_holiday_and_closed_contacts_are_counted() -> None:
    holiday = Incident("1", IncidentKind.HOLIDAY, Scope(), at(5), at(6), 0)
    came = {at(3, "09:00"): 5, at(3, "08:30"): 2, at(4, "10:00"): 1, at(7, "10:00"): 9}
    seen = lay_out(PROJECT, HALF_HOUR, counted(at(3), at(7), contacts=came), LeaveOut((), (holiday,)))
    assert {one.held for one in seen.days[1].intervals} == {Held.HOLIDAY}
    assert (seen.came, seen.closed) == (8, 3)
