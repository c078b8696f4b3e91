"""What is told of signals: what is accepted and why the rest is not, what was on for a call, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.chronicle import Chronicle
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.incident_log import NO_PBX, Refusal, Why
from monitor.core.signal_log import AHEAD_US, KEEP_US, LATE_US, LONGEST_US, MOST, NEVER, Signals, SignalTold, _once
from monitor.core.signals import HOUR_US, End, Row, Saying, Signal, SignalSpell, SignalView, spells
from tests.core.scene import T0, contract

HOUR = HOUR_US
STORM = Signal("storm", "thunderstorm", ("Kyiv", "Lviv"))
LAW = Signal("law", "law", projects=("bank",))
FAIR = Signal("fair", "holiday", calendar=(Row(T0 + HOUR, T0 + 2 * HOUR), Row(T0 + 5 * HOUR, T0 + 6 * HOUR)))
AGREED = contract(signals=(STORM, LAW, FAIR))


class Sky:
    """Signals in motion; `at` is hours since the scene began."""

    def __init__(self, agreed: Contract = AGREED) -> None:
        self.contract = agreed
        self.chronicle = Chronicle(T0)
        self.chronicle.kept = True
        self.signals = Signals(agreed.signals)

    def tell(self, at: float, name: str, on: bool = True, region: str | None = None, **more: Any) -> tuple[SignalView, ...] | Refusal:
        for key in ("since", "until"):
            if key in more:
                more[key] = us(more[key])
        return self.signals.hear(SignalTold(NO_PBX, us(at), name, on, region, **more), self.chronicle)

    def go(self, at: float) -> Sky:
        self.signals.advance(us(at), self.chronicle)
        return self

    def on(self, at: float, project: str = "bank", region: str | None = "Kyiv") -> tuple[str, ...]:
        return self.signals.at(project, region, us(at))

    @property
    def kept(self) -> list[SignalSpell]:
        """As a store has them, by their key."""
        rows = {one.key: one for one in self.chronicle.details.records if isinstance(one, SignalSpell)}
        return sorted(one for one in rows.values() if one.until > one.since)

    @property
    def shown(self) -> list[tuple[str, str | None]]:
        return [(one.signal.name, one.region) for one in self.signals.shown if one.spell is not None]


def us(hours: float) -> int:
    return T0 + round(hours * HOUR)


# --- which held for a call ----------------------------------------------------------------------------------------------------------------


def test_a_call_has_the_signals_of_its_region_project_and_instant() -> None:
    sky = Sky()
    sky.tell(1, "storm", region="Kyiv")
    sky.tell(1, "law")
    assert sky.on(0.9) == ()
    assert sky.on(1) == ("fair", "law", "storm")
    assert sky.on(1, region="Lviv") == ("fair", "law")
    assert sky.on(1, "shop") == ("fair", "storm")
    assert sky.on(2) == ("law", "storm")
    sky.tell(3, "storm", on=False)
    assert (sky.on(2.9), sky.on(3)) == (("law", "storm"), ("law",))


def test_of_a_call_to_nobody_knows_where_only_what_holds_everywhere_is_known() -> None:
    """A signal that is on in all of its regions is not on everywhere."""
    sky = Sky()
    sky.tell(1, "storm")
    sky.tell(1, "law")
    assert sky.on(1, region=None) == ("fair", "law")
    assert sky.on(1, region="Odesa") == ("fair", "law")


def test_told_without_a_region_it_is_on_in_all_of_its_own() -> None:
    sky = Sky()
    views = sky.tell(1, "storm")
    assert isinstance(views, tuple)
    assert [(one.region, one.spell is not None) for one in views] == [("Kyiv", True), ("Lviv", True)]
    sky.tell(2, "storm", on=False, region="lviv")
    assert sky.shown == [("storm", "Kyiv")]
    assert (sky.on(2, region="Kyiv"), sky.on(2, region="Lviv")) == (("storm",), ())


def test_a_calendar_needs_nobody() -> None:
    sky = Sky()
    assert [sky.on(at) for at in (0.99, 1, 1.99, 2, 5, 6)] == [(), ("fair",), ("fair",), (), ("fair",), ()]


# --- what is told -------------------------------------------------------------------------------------------------------------------------


def test_told_twice_it_changes_nothing() -> None:
    sky = Sky()
    sky.tell(1, "storm", who="ann")
    before = sky.signals.shown[:2], sky.kept
    sky.tell(3, "storm", who="bob")
    sky.tell(3, "storm", since=1, who="bob")
    assert (sky.signals.shown[:2], sky.kept) == before
    sky.tell(4, "storm", on=False, who="ann")
    kept = sky.kept
    sky.tell(4.5, "storm", on=False, who="bob")
    assert sky.kept == kept
    assert [one.spell for one in sky.signals.shown[:2]] == [None, None]


def test_a_dead_sender_s_signal_goes_off_by_itself_and_says_that_it_is_assumed() -> None:
    sky = Sky(contract(signals=(replace(STORM, longest_us=3 * HOUR),)))
    views = sky.tell(1, "storm", region="Kyiv", who="met")
    assert isinstance(views, tuple)
    (view,) = views
    assert view.spell is not None
    assert (view.spell.until, view.spell.end, view.spell.who) == (us(4), End.ASSUMED, "met")
    sky.signals.news.clear()
    sky.go(3.99)
    assert sky.shown == [("storm", "Kyiv")]
    sky.go(4)
    assert (sky.shown, sky.on(3.99), sky.on(4)) == ([], ("storm",), ())
    (turned,) = sky.signals.news
    assert (turned.on, turned.row()) == (False, {"signal": "storm", "kind": "thunderstorm", "region": "Kyiv", "end": "assumed"})


def test_what_was_assumed_to_be_over_is_not_on_again_by_a_longer_patience() -> None:
    sky = Sky(contract(signals=(replace(STORM, longest_us=2 * HOUR),)))
    sky.tell(1, "storm", region="Kyiv")
    sky.tell(4, "storm", region="Kyiv")
    sky.signals.change(us(5), (replace(STORM, longest_us=10 * HOUR),), sky.chronicle)
    assert [sky.on(at) for at in (2.9, 3, 3.9, 4, 13.9, 14)] == [("storm",), (), (), ("storm",), ("storm",), ()]


def test_until_is_its_end_and_may_be_told_anew() -> None:
    sky = Sky()
    sky.tell(1, "law", until=40)
    sky.tell(2, "law", until=3)
    assert (sky.on(2.9), sky.on(3)) == (("law",), ())
    sky.go(3)
    assert sky.kept[-1] == SignalSpell("law", "", us(1), "told", "law", us(3), "agreed")


def test_what_is_told_late_counts_for_calls_that_are_still_to_be_stored() -> None:
    sky = Sky()
    sky.go(10)
    sky.tell(10, "storm", since=4, region="Kyiv")
    sky.tell(10, "storm", on=False, since=7, region="Kyiv")
    assert [sky.on(at) for at in (3.9, 4, 6.9, 7, 10)] == [(), ("storm",), ("storm",), (), ()]
    assert sky.kept[-1] == SignalSpell("storm", "Kyiv", us(4), "told", "thunderstorm", us(7), "told")


def test_a_clock_that_is_a_little_ahead_means_now() -> None:
    sky = Sky()
    sky.signals.hear(SignalTold(NO_PBX, T0, "law", on=True, since=T0 + AHEAD_US), sky.chronicle)
    assert sky.on(0) == ("law",)


@pytest.mark.parametrize(
    ("told", "why", "problem"),
    [
        ({"name": "strom"}, Why.UNKNOWN, "unknown signal 'strom'; did you mean 'storm'?"),
        ({"name": "xyz"}, Why.UNKNOWN, "unknown signal 'xyz'; known: storm, law, fair"),
        ({"name": "law", "region": "Kyiv"}, Why.BAD, "law is on everywhere or nowhere; tell it without a region, or name its regions in the configuration"),
        ({"name": "storm", "region": "Kyiw"}, Why.UNKNOWN, "storm has no region 'Kyiw'; did you mean 'Kyiv'?"),
        ({"name": "storm", "region": "Odesa"}, Why.UNKNOWN, "storm has no region 'Odesa'; known: Kyiv, Lviv"),
        (
            {"name": "law", "since": T0 - LATE_US - 1},
            Why.BAD,
            "is told of a time more than 24 hours ago; what was called then is stored as it was known",
        ),
        (
            {"name": "law", "since": T0 + AHEAD_US + 1},
            Why.BAD,
            "is told of a time to come; tell it then, or write it into the signal's calendar",
        ),
        ({"name": "law", "until": T0}, Why.BAD, "is over before it begins; until has to be after at"),
        ({"name": "law", "until": T0 + LONGEST_US + 1}, Why.BAD, "ends in more than a year; look at the year of until"),
        ({"name": "law", "on": False, "until": T0 + 1}, Why.BAD, "goes off at once; until belongs to a signal that is on"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(told: dict[str, Any], why: Why, problem: str) -> None:
    sky = Sky().go(0)
    before = dict(vars(sky.signals))
    assert sky.signals.hear(SignalTold(NO_PBX, T0, **{"on": True, **told}), sky.chronicle) == Refusal(problem, why)
    assert vars(sky.signals) == before


def test_without_any_signal_it_says_so() -> None:
    assert Sky(contract()).tell(0, "storm") == Refusal("unknown signal 'storm'; the configuration has no [[signal]]", Why.UNKNOWN)


def test_nobody_can_end_what_the_calendar_has_on() -> None:
    sky = Sky()
    refused = Refusal("fair is on by its calendar; change that and reload", Why.CONFLICT)
    assert sky.tell(1, "fair", on=False) == refused
    sky.tell(1.5, "fair", until=4)
    assert not isinstance(sky.tell(1.7, "fair", on=False), Refusal)  # what was told is over, the calendar stands
    assert (sky.on(1.8), sky.on(2)) == (("fair",), ())
    assert sky.tell(3, "fair", on=False) != refused


# --- time ---------------------------------------------------------------------------------------------------------------------------------


def test_it_looks_again_only_when_something_changes_by_itself() -> None:
    sky = Sky().go(0)
    assert sky.signals.due == us(1)
    sky.tell(0.5, "law", until=0.75)
    assert sky.signals.due == us(0.75)
    assert [sky.go(at).signals.due for at in (0.75, 1, 2, 5)] == [us(1), us(2), us(5), us(6)]
    assert sky.go(6).signals.due == NEVER


def test_news_is_said_once_when_it_turns() -> None:
    sky = Sky().go(0)
    sky.tell(0.5, "storm", region="Kyiv", who="ann")
    sky.tell(0.6, "storm", who="bob")
    for at in (1, 1.5, 2):
        sky.go(at)
    sky.tell(3, "storm", on=False, who="eve")
    assert [(one.on, one.row()) for one in sky.signals.news] == [
        (True, {"signal": "storm", "kind": "thunderstorm", "region": "Kyiv", "who": "ann"}),
        (True, {"signal": "storm", "kind": "thunderstorm", "region": "Lviv", "who": "bob"}),
        (True, {"signal": "fair", "kind": "holiday", "who": "calendar"}),
        (False, {"signal": "fair", "kind": "holiday", "who": "calendar", "end": "calendar"}),
        (False, {"signal": "storm", "kind": "thunderstorm", "region": "Kyiv", "who": "eve", "end": "told"}),
        (False, {"signal": "storm", "kind": "thunderstorm", "region": "Lviv", "who": "eve", "end": "told"}),
    ]


def test_a_civil_step_moves_what_was_told_and_not_the_calendar() -> None:
    sky = Sky()
    sky.tell(0, "law", until=3)
    sky.signals.shift(HOUR)
    sky.go(1)
    assert (sky.on(0.9), sky.on(1), sky.on(2), sky.on(4)) == ((), ("fair", "law"), ("law",), ())
    assert [(one.name, one.since) for one in sky.kept] == [("fair", us(1)), ("law", us(1))]


def test_what_was_over_forty_days_ago_is_forgotten_and_what_lasts_is_not() -> None:
    sky = Sky(contract(signals=(STORM, replace(LAW, longest_us=LONGEST_US))))
    sky.tell(0, "storm", until=1)
    sky.tell(0, "law")
    after = 1 + KEEP_US / HOUR
    sky.tell(after + 1, "storm", region="Lviv")
    assert set(sky.signals.said) == {("storm", "Lviv"), ("law", "")}
    assert sky.on(after) == ("law",)
    assert {key[:2] for key in sky.signals._kept} == {("storm", "Lviv"), ("law", "")}


def test_who_repeats_himself_for_ever_slows_nothing_down() -> None:
    sky = Sky()
    for number in range(2 * MOST):
        sky.tell(number / 100, "law", on=number % 4 < 2)
    assert len(sky.signals.said["law", ""]) <= MOST
    last = (2 * MOST - 1) / 100
    assert (sky.on(last), sky.on(last - 0.02)) == ((), ("law",))


@pytest.mark.parametrize("minutes", [None, 15])
def test_who_says_every_minute_that_it_is_on_still_has_said_since_when(minutes: int | None) -> None:
    """An automation that refreshes what it tells, for two days."""
    sky = Sky()
    for minute in range(2 * 24 * 60):
        until: dict[str, Any] = {} if minutes is None else {"until": (minute + minutes) / 60}
        sky.tell(minute / 60, "law", **until)
    begun = [spell.since for spell in sky.signals.told["law", ""]]
    assert begun == ([us(0), us(24)] if minutes is None else [us(0)])
    assert len(sky.signals.said["law", ""]) <= MOST
    assert sky.on(0.5) == ("law",)


@given(st.dictionaries(st.integers(0, 60), st.builds(Saying, st.booleans(), st.none(), st.just("x"), st.none() | st.integers(1, 20)), max_size=40), st.data())
def test_fewer_sayings_amount_to_the_same(said: dict[int, Saying], data: st.DataObject) -> None:
    ends = {at: at + data.draw(st.integers(1, 20)) for at, one in said.items() if one.on and data.draw(st.booleans())}
    said = {at: one._replace(until=ends.get(at)) for at, one in said.items()}
    known = spells(said, 15)
    fewer = dict(_once(known))
    assert spells(fewer, 15) == known
    later = {at + 61: one for at, one in said.items()}
    assert spells(fewer | later, 15) == spells(said | later, 15)


# --- another configuration ----------------------------------------------------------------------------------------------------------------


def test_what_is_taken_out_was_on_until_then() -> None:
    sky = Sky()
    sky.tell(1, "storm", until=8)
    sky.contract = contract(signals=(replace(STORM, regions=("Lviv",)), LAW))
    sky.signals.change(us(1.5), sky.contract.signals, sky.chronicle)
    assert sky.kept == [
        SignalSpell("fair", "", us(1), "calendar", "holiday", us(1.5), "calendar"),
        SignalSpell("storm", "Kyiv", us(1), "told", "thunderstorm", us(1.5), "agreed"),
        SignalSpell("storm", "Lviv", us(1), "told", "thunderstorm", us(8), "agreed"),
    ]
    sky.contract = AGREED
    sky.signals.change(us(3), sky.contract.signals, sky.chronicle)
    assert (sky.on(3), sky.on(3, region="Lviv")) == ((), ("storm",))


# --- what is kept -------------------------------------------------------------------------------------------------------------------------


def test_each_time_it_was_on_is_kept_with_who_said_so() -> None:
    sky = Sky()
    sky.tell(1, "storm", region="Kyiv", who="ann")
    assert sky.kept[-1] == SignalSpell("storm", "Kyiv", us(1), "told", "thunderstorm", us(25), "assumed", "ann")
    sky.tell(2, "storm", on=False, who="bob")
    assert sky.kept[-1] == SignalSpell("storm", "Kyiv", us(1), "told", "thunderstorm", us(2), "told", "ann", "bob")


def test_what_turns_out_never_to_have_been_on_is_told_as_no_time_at_all() -> None:
    sky = Sky()
    sky.tell(1, "storm", region="Kyiv")
    sky.tell(1.5, "storm", on=False, since=1, region="Kyiv")
    assert [one for one in sky.chronicle.details.records if isinstance(one, SignalSpell) and one.name == "storm"][-1].until == us(1)
    assert sky.on(1.2) == ("fair",)


def test_whoever_begins_to_keep_is_told_what_is_on_already() -> None:
    sky = Sky()
    sky.chronicle.kept = False
    sky.tell(0.5, "storm", region="Kyiv")
    assert sky.kept == []
    sky.chronicle.kept = True
    sky.go(0.6)
    assert [one.name for one in sky.kept] == ["storm"]


# --- properties ---------------------------------------------------------------------------------------------------------------------------

tellings = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["storm", "law"]), st.booleans(), st.sampled_from([None, "Kyiv", "Lviv"])), max_size=12)


def _told(rows: Sequence[tuple[int, str, bool, str | None]]) -> Sky:
    sky = Sky()
    for minute, name, on, region in rows:
        since = T0 + minute * MINUTE
        sky.signals.hear(SignalTold(NO_PBX, T0 + HOUR, name, on, None if name == "law" else region, since), sky.chronicle)
    return sky


@settings(max_examples=200, deadline=None)
@given(tellings, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_told_changes_nothing(rows: list[tuple[int, str, bool, str | None]], chance: Any) -> None:
    """As long as nobody says two things of one instant."""
    apart = list({(minute, name): (minute, name, on, region) for minute, name, on, region in rows}.values())
    mixed = list(apart)
    chance.shuffle(mixed)
    one, other = _told(apart), _told(mixed)
    assert one.signals.told == other.signals.told
    assert one.signals.shown == other.signals.shown
    assert one.kept == other.kept


@settings(max_examples=200, deadline=None)
@given(tellings)
def test_told_again_all_of_it_changes_nothing(rows: list[tuple[int, str, bool, str | None]]) -> None:
    apart = list({(minute, name): (minute, name, on, region) for minute, name, on, region in rows}.values())
    one, other = _told(apart), _told(apart + apart)
    assert (one.signals.told, one.kept) == (other.signals.told, other.kept)


@settings(max_examples=200, deadline=None)
@given(tellings)
def test_a_call_has_what_is_shown_and_what_is_kept(rows: list[tuple[int, str, bool, str | None]]) -> None:
    """Three ways to the same answer: what a call is stored with, what the page shows at that instant, and what the store will have."""
    sky = _told(rows)
    for minute in range(60, 70):
        at = T0 + minute * MINUTE
        sky.signals.settle(at, sky.chronicle)
        for region in ("Kyiv", "Lviv", None):
            here = sky.signals.at("bank", region, at)
            shown = {one.signal.name for one in sky.signals.shown if one.spell is not None and one.place in ("", region)}
            kept = {one.name for one in sky.kept if one.since <= at < one.until and one.region in ("", region)}
            assert set(here) == shown == kept
    assert sky.signals.reached == T0 + 69 * MINUTE
    assert sky.signals.at("bank", "Kyiv", T0 + 100 * 60 * 60 * SECOND) == ()
