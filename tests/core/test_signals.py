"""What a signal is: where it may hold and for whom, its calendar, and what was on when by all that was said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.signals import EVERYWHERE, End, Row, Saying, Signal, Spell, border, holding, joined, spells

STORM = Signal("storm", "thunderstorm", ("Kyiv", "Lviv"), calendar=(Row(0, 10, "Kyiv"), Row(5, 20), Row(30, 40, "Lviv")))
DAY = Signal("day", "holiday", projects=("bank", "shop"), calendar=(Row(0, 10),))

times = st.integers(0, 30)
sayings = st.dictionaries(
    times, st.builds(lambda on, more, who: Saying(on, more if on else None, who), st.booleans(), st.none() | st.integers(31, 60), st.sampled_from("ab"))
)


def test_a_calendar_has_each_region_by_itself() -> None:
    assert STORM.periods == {"Kyiv": ((0, 20),), "Lviv": ((5, 20), (30, 40))}
    assert DAY.periods == {EVERYWHERE: ((0, 10),)}


def test_where_it_holds() -> None:
    assert [STORM.place_of(region) for region in ("Kyiv", "Odesa", None)] == ["Kyiv", None, None]
    assert [DAY.place_of(region) for region in ("Kyiv", None)] == [EVERYWHERE, EVERYWHERE]


def test_for_whom_it_holds() -> None:
    assert [STORM.concerns("taxi"), DAY.concerns("bank"), DAY.concerns("taxi")] == [True, True, False]


@pytest.mark.parametrize(
    ("signal", "place", "scopes"),
    [
        (Signal("a", "law"), EVERYWHERE, ("site",)),
        (STORM, "Kyiv", ("region:Kyiv",)),
        (DAY, EVERYWHERE, ("project:bank", "project:shop")),
        (Signal("a", "law", ("Kyiv",), ("bank",)), "Kyiv", ("region:Kyiv,project:bank",)),
    ],
)
def test_its_scope_as_text(signal: Signal, place: str, scopes: tuple[str, ...]) -> None:
    assert signal.scopes(place) == scopes


def test_periods_are_half_open() -> None:
    periods = ((0, 10), (20, 30))
    assert [holding(periods, at) for at in (-1, 0, 9, 10, 19, 20, 29, 30)] == [None, (0, 10), (0, 10), None, None, (20, 30), (20, 30), None]
    assert [border(periods, at) for at in (-1, 0, 9, 10, 20, 29, 30)] == [0, 10, 10, 20, 30, 30, None]


@given(st.lists(st.tuples(times, times).map(lambda pair: (min(pair), max(pair) + 1)), max_size=12))
def test_joined_periods_are_the_same_time(periods: list[tuple[int, int]]) -> None:
    found = joined(periods)
    for at in range(33):
        assert (holding(found, at) is not None) is any(start <= at < end for start, end in periods)
    assert all(before[1] < after[0] for before, after in pairwise(found))


def said(*rows: tuple[int, bool, int | None]) -> dict[int, Saying]:
    return {at: Saying(on, until, f"w{at}") for at, on, until in rows}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (((1, True, None), (5, False, None)), (Spell(1, 5, End.TOLD, "w1", "w5"),)),
        (((1, True, None),), (Spell(1, 11, End.ASSUMED, "w1"),)),
        (((1, True, 8),), (Spell(1, 8, End.AGREED, "w1"),)),
        (((1, True, 80),), (Spell(1, 80, End.AGREED, "w1"),)),  # who says until when is believed for longer
        (((1, True, 8), (5, False, None)), (Spell(1, 5, End.TOLD, "w1", "w5"),)),
        (((1, True, None), (5, True, None)), (Spell(1, 11, End.ASSUMED, "w1"),)),  # said again it lasts no longer
        (((1, True, None), (5, True, 30)), (Spell(1, 30, End.AGREED, "w1"),)),
        (((1, True, 30), (5, True, None)), (Spell(1, 30, End.AGREED, "w1"),)),
        (((1, True, 30), (5, True, 8)), (Spell(1, 8, End.AGREED, "w1"),)),
        (((1, False, None),), ()),
        (((1, False, None), (5, True, None)), (Spell(5, 15, End.ASSUMED, "w5"),)),
        (((1, True, None), (11, True, None)), (Spell(1, 11, End.ASSUMED, "w1"), Spell(11, 21, End.ASSUMED, "w11"))),
        (((1, True, None), (12, False, None)), (Spell(1, 11, End.ASSUMED, "w1"),)),  # too late to be believed
        (((1, True, 8), (8, False, None)), (Spell(1, 8, End.AGREED, "w1"),)),
    ],
)
def test_what_was_on_when(rows: tuple[tuple[int, bool, int | None], ...], found: tuple[Spell, ...]) -> None:
    assert spells(said(*rows), 10) == found


@given(sayings)
def test_it_is_never_on_twice_and_never_longer_than_it_may_be(rows: dict[int, Saying]) -> None:
    found = spells(rows, 10)
    assert all(one.since < one.until for one in found)
    assert all(before.until <= after.since for before, after in pairwise(found))
    assert all(one.until <= one.since + 10 for one in found if one.end is End.ASSUMED)


@given(sayings)
def test_it_is_on_as_the_last_word_says_until_that_is_too_old(rows: dict[int, Saying]) -> None:
    """By a second way: instant by instant, with nothing but the words before it."""
    found = spells(rows, 10)
    due: int | None = None  # when it goes off by itself, None: it is off
    for at in range(61):
        if due is not None and at >= due:
            due = None
        word = rows.get(at)
        if word is not None and not word.on:
            due = None
        elif word is not None and word.until is not None:
            due = word.until
        elif word is not None and due is None:
            due = at + 10
        assert any(one.since <= at < one.until for one in found) is (due is not None)
