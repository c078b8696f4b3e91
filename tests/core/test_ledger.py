"""Windows equal a brute-force sum over everything ever added, whatever the day and the zone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.book import KEEP_QUARTERS, Book, minutes_of
from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.ledger import Ledger
from monitor.core.snapshot import Cell, State, Window
from tests.core.scene import T0, contract

HOUR = 60 * MINUTE
ZONES = ["UTC", "Europe/Kyiv", "Asia/Kathmandu", "Pacific/Chatham"]
# An ordinary day, and the nights in which Kyiv's clock goes forward and back; Chatham's are in April and September.
STARTS = [datetime(*day, 21, tzinfo=UTC) for day in ((2026, 1, 14), (2026, 3, 28), (2026, 10, 24), (2026, 4, 4), (2026, 9, 26))]


def book(zone: str, minutes: int = 30, at: int = 0) -> Book:
    made = Book(Project("p", "P", "g", (), zone=ZoneInfo(zone)), minutes * MINUTE, 2)
    made.roll(at)
    return made


def expected(clock: Project, length: int, now: int, added: list[tuple[int, int]]) -> dict[Window, int]:
    """Every window told a second time, from the definition alone."""
    minute = now - now % MINUTE
    interval = clock.interval_start(minute, length)
    bounds = {
        Window.QUARTER: (minute - 15 * MINUTE, minute),
        Window.HOUR: (minute - HOUR, minute),
        Window.INTERVAL: (interval, None),
        Window.LAST: (clock.interval_start(interval - 1, length), interval),
        Window.DAY: (clock.day_start(minute), None),
    }
    return {
        window: sum(amount for at, amount in added if start <= at - at % MINUTE and (end is None or at - at % MINUTE < end))
        for window, (start, end) in bounds.items()
    }


@given(
    zone=st.sampled_from(ZONES),
    start=st.sampled_from(STARTS),
    length=st.sampled_from([15, 30, 60]),
    moves=st.lists(st.tuples(st.sampled_from([0, 1, 7, 59, 60, 61, 300, 900, 3600, 7 * 3600]), st.integers(0, 30 * 3600), st.integers(1, 9)), max_size=40),
)
def test_windows_are_the_sum_of_what_was_added_in_them(zone: str, start: datetime, length: int, moves: list[tuple[int, int, int]]) -> None:
    """Time goes on by the first figure, then something is added that belongs up to thirty hours back."""
    now = int(start.timestamp()) * SECOND
    tested, added = book(zone, length, now), []
    for forward, back, amount in moves:
        now += forward * SECOND
        tested.roll(now)
        tested.add(now - back * SECOND, 1, amount)
        added.append((now - back * SECOND, amount))
        sums = {window: span.sums[1] for window, span in tested.spans(now).items()}
        assert sums == expected(tested.clock, length * MINUTE, now, added)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 10, 26), 24)])
def test_a_day_of_kyiv_has_as_many_minutes_as_it_lasts(day: tuple[int, int, int], hours: int) -> None:
    zone = ZoneInfo("Europe/Kyiv")
    start = int(datetime(*day, tzinfo=zone).timestamp()) * SECOND
    tested = book("Europe/Kyiv", 30, start)
    for minute in range(hours * 60):
        tested.roll(start + minute * MINUTE)
        tested.add(start + minute * MINUTE, 0, 1)
    (span,) = [span for window, span in tested.spans(start + hours * HOUR - 1).items() if window is Window.DAY]
    assert (span.start, span.sums[0]) == (start, hours * 60)
    tested.roll(start + hours * HOUR)
    assert tested.spans(start + hours * HOUR)[Window.DAY].sums[0] == 0


def test_a_window_names_its_borders_and_a_running_one_ends_now() -> None:
    tested = book("UTC", 30, T0)
    tested.roll(T0 + 65 * MINUTE + 7 * SECOND)
    now = T0 + 65 * MINUTE + 7 * SECOND
    borders = {window: ((span.start - T0) // MINUTE, (span.end - T0) / MINUTE) for window, span in tested.spans(now).items()}
    running = 65 + 7 / 60
    assert borders == {
        Window.QUARTER: (50, 65),
        Window.HOUR: (5, 65),
        Window.INTERVAL: (60, running),
        Window.LAST: (30, 60),
        Window.DAY: (-16 * 60, running),
    }


def test_what_is_old_is_folded_and_then_dropped() -> None:
    tested = book("UTC", 30, T0)
    for minute in range(0, 60 * 60, 5):
        tested.roll(T0 + minute * MINUTE)
        tested.add(T0 + minute * MINUTE, 0, 1)
    assert len(tested.minutes) <= (120 + 15) // 5 + 1
    assert len(tested.quarters) <= KEEP_QUARTERS // (15 * MINUTE) + 1
    assert all(at % (15 * MINUTE) == 0 for at in tested.quarters)
    assert tested.total(0, None)[0] >= 50 * 12


def test_a_fold_changes_no_total() -> None:
    tested, other = book("UTC", 30, T0), book("UTC", 30, T0)
    for minute in range(300):
        for one in (tested, other):
            one.add(T0 + minute * MINUTE, minute % 2, minute)
        tested.roll(T0 + minute * MINUTE)  # folds as it goes
    assert tested.quarters
    assert not other.quarters
    assert tested.total(0, None) == other.total(0, None)


def test_a_rewind_looks_afresh_and_keeps_every_minute() -> None:
    tested = book("UTC", 30, T0)
    for minute in range(90):
        tested.roll(T0 + minute * MINUTE)
        tested.add(T0 + minute * MINUTE, 0, 1)
    tested.rewind(T0 + 20 * MINUTE)
    spans = tested.spans(T0 + 20 * MINUTE)
    assert (spans[Window.QUARTER].start, spans[Window.QUARTER].sums[0]) == (T0 + 5 * MINUTE, 15)
    tested.roll(T0 + 21 * MINUTE)
    assert tested.spans(T0 + 21 * MINUTE)[Window.QUARTER].sums[0] == 15
    assert tested.total(0, None)[0] == 90


def test_after_a_step_back_of_hours_the_windows_go_on_from_nothing() -> None:
    tested = book("UTC", 30, T0)
    tested.roll(T0 + 4 * HOUR)
    tested.rewind(T0 + HOUR)
    for minute in range(60, 150):
        tested.roll(T0 + minute * MINUTE)
        tested.add(T0 + minute * MINUTE, 0, 1)
    tested.roll(T0 + 150 * MINUTE)
    sums = {window: span.sums[0] for window, span in tested.spans(T0 + 150 * MINUTE).items()}
    assert sums == {Window.QUARTER: 15, Window.HOUR: 60, Window.INTERVAL: 0, Window.LAST: 30, Window.DAY: 90}


@given(
    back=st.integers(1, 6 * 60),
    length=st.sampled_from([15, 30, 60]),
    again=st.lists(st.integers(1, 5), min_size=1, max_size=80),
)
def test_a_step_back_into_hours_that_were_keeps_every_window_true(back: int, length: int, again: list[int]) -> None:
    """What was before the step is folded, and counts with its quarter of an hour; nothing is ever lost."""
    tested = book("Europe/Kyiv", length, T0)
    count = 0
    for minute in range(0, 300, 7):
        tested.roll(T0 + minute * MINUTE)
        tested.add(T0 + minute * MINUTE, 1, 1)
        count += 1
    now = T0 + (300 - back) * MINUTE
    tested.rewind(now)
    for forward in again:
        now += forward * MINUTE
        tested.roll(now)
        tested.add(now, 1, 1)
        count += 1
        for window, span in tested.spans(now).items():
            end = None if window in (Window.INTERVAL, Window.DAY) else span.end
            assert list(span.sums) == tested.total(span.start, end), window
    assert tested.total(0, None)[1] == count


def test_minutes_that_are_lived_again_are_added_to_what_was_told_of_them() -> None:
    ledger = Ledger(contract())
    ledger.keep()
    for minute in range(0, 300, 10):
        ledger.roll(T0 + minute * MINUTE)
        ledger.add("bank", T0 + minute * MINUTE, Cell.VISITS)
    ledger.rewind(T0 + 60 * MINUTE)
    for minute in range(60, 150):
        ledger.roll(T0 + minute * MINUTE)
        ledger.add("bank", T0 + minute * MINUTE, Cell.VISITS)
    ledger.roll(T0 + 600 * MINUTE)
    ledger.tell_late()
    told: dict[int, int] = {}
    for one in ledger.unwritten.records:
        assert one.added or one.minute not in told
        told[one.minute] = told.get(one.minute, 0) + one.sums[Cell.VISITS]
    first, again = {T0 + minute * MINUTE for minute in range(0, 300, 10)}, {T0 + minute * MINUTE for minute in range(60, 150)}
    assert told == {minute: (minute in first) + (minute in again) for minute in first | again}


@given(st.integers(0, 10 * MINUTE), st.integers(0, 10 * MINUTE))
def test_a_span_is_cut_exactly_at_the_minutes(start: int, length: int) -> None:
    parts = list(minutes_of(start, start + length))
    assert sum(amount for _, amount in parts) == length
    assert all(minute % MINUTE == 0 and 0 < amount <= MINUTE for minute, amount in parts)
    assert [minute for minute, _ in parts] == sorted({minute for minute, _ in parts})


@given(st.integers(0, 5 * MINUTE), st.lists(st.integers(0, 5 * MINUTE), max_size=8))
def test_splitting_a_span_changes_no_cell(end: int, cuts: list[int]) -> None:
    whole, parts = Ledger(contract()), Ledger(contract())
    for ledger in (whole, parts):
        ledger.roll(T0)
    whole.spend("bank", Cell.TALK_US, T0, T0 + end)
    borders = sorted({0, end, *(cut for cut in cuts if cut < end)})
    for start, stop in pairwise(borders):
        parts.spend("bank", Cell.TALK_US, T0 + start, T0 + stop)
        parts.spend_person("ann", State.TALK, T0 + start, T0 + stop)
        parts.spend_group("floor", 1, T0 + start, T0 + stop)
    assert whole.projects["bank"].minutes == parts.projects["bank"].minutes
    assert sum(sum(cell) for cell in parts.people.get("ann", {}).values()) == end
    assert parts.groups["floor"].total(0, None)[1] == end


def test_people_are_kept_for_a_quarter_of_an_hour() -> None:
    ledger = Ledger(contract())
    ledger.spend_person("ann", State.TALK, T0, T0 + 20 * MINUTE)
    ledger.roll(T0 + 20 * MINUTE)
    assert min(ledger.people["ann"]) == T0 + 5 * MINUTE
    ledger.roll(T0 + 60 * MINUTE)
    assert ledger.people == {}


def test_what_comes_late_to_a_minute_is_one_record_however_often_it_comes() -> None:
    ledger = Ledger(contract())
    ledger.keep()
    ledger.roll(T0 + 5 * HOUR)
    for second in range(40):
        ledger.spend("bank", Cell.TALK_US, T0 + second * SECOND, T0 + (second + 30) * SECOND)
        ledger.spend_group("floor", 0, T0, T0 + 2 * MINUTE)
        ledger.add("bank", T0, Cell.ABANDONED, 1 if second % 2 else -1)
    assert not ledger.unwritten.records
    ledger.tell_late(2)
    first = list(ledger.unwritten.records)
    assert len(first) == 2
    ledger.tell_late(5)
    told = {(one.name, one.minute): one for one in ledger.unwritten.records}
    assert sorted(told) == [("bank", T0), ("bank", T0 + MINUTE), ("floor", T0), ("floor", T0 + MINUTE)]
    assert sum(told["bank", minute].sums[Cell.TALK_US] for minute in (T0, T0 + MINUTE)) == 40 * 30 * SECOND
    assert told["bank", T0].sums[Cell.ABANDONED] == 0
    assert told["floor", T0].sums[0] == 40 * MINUTE
    assert sorted(one.number for one in told.values() if one.of == "project") == [1, 2]
    assert all(one.added for one in told.values())


def test_what_comes_late_is_told_once_a_minute_and_before_the_end() -> None:
    ledger = Ledger(contract())
    ledger.keep()
    ledger.roll(T0 + 5 * HOUR)
    for _ in range(3):
        ledger.add("bank", T0, Cell.VISITS)
        ledger.tell_late(10)
    assert [one.sums[Cell.VISITS] for one in ledger.unwritten.records] == [1]
    ledger.roll(T0 + 5 * HOUR + MINUTE)
    ledger.tell_late(10)
    ledger.add("bank", T0, Cell.VISITS)
    ledger.tell_late()
    assert [(one.number, one.sums[Cell.VISITS]) for one in ledger.unwritten.records] == [(1, 1), (2, 2), (3, 1)]


def test_what_waits_to_be_told_as_late_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.core.book.MOST_LATE", 10)
    ledger = Ledger(contract())
    ledger.keep()
    ledger.roll(T0 + 5 * HOUR)
    ledger.spend("bank", Cell.TALK_US, T0, T0 + HOUR)
    assert len(ledger.projects["bank"].late) == 10
    assert len(ledger.unwritten.records) == 50
    ledger.stop()
    assert not ledger.projects["bank"].late
    assert not ledger.unwritten.records


def test_of_a_person_nothing_is_made_up_that_is_too_old_to_be_kept() -> None:
    ledger = Ledger(contract())
    ledger.roll(T0 + 5 * HOUR)
    ledger.spend_person("ann", State.TALK, T0, T0 + 5 * HOUR)
    ledger.spend_person("bob", State.TALK, T0, T0 + 4 * HOUR)
    assert {name: (min(minutes) - T0, len(minutes)) for name, minutes in ledger.people.items()} == {"ann": (5 * HOUR - 15 * MINUTE, 15)}
    ledger.rewind(T0 + HOUR)
    ledger.spend_person("bob", State.TALK, T0, T0 + HOUR)
    assert len(ledger.people["bob"]) == 15
