"""Whose loss it is: one client, several at once, the market, a dead trunk or our own door."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.passage import Strayed
from monitor.assess.reading import Cause, Reading, Standing, causes
from monitor.assess.share import noise, share_p
from monitor.core.contract import MINUTE

PLANNED = 288.0


def standing(
    name: str, came: float = 1.0, *, client: str = "", pbx: str = "pbx1", f: float = PLANNED, strayed: Strayed | None = None, **more: bool
) -> Standing:
    """A project to which so much of its plan came; low where that is less than two thirds."""
    facts: dict[str, bool] = {"low": came < 2 / 3} | more
    return Standing(name, client or name, frozenset({pbx}), round(came * f), f, 20.0, strayed=strayed, **facts)


def floor(*came: float) -> list[Standing]:
    return [standing(f"c{index}", each) for index, each in enumerate(came)]


def read(standings: list[Standing]) -> dict[str, Reading | None]:
    return {name: cause.reading for name, cause in causes(standings).items()}


def test_a_floor_on_plan_has_nothing_to_read() -> None:
    assert causes(floor(1, 1, 0.9, 1.3)) == {}
    assert causes([]) == {}


def test_one_client_who_leaves_is_named_and_nobody_else() -> None:
    found = causes(floor(0.3, 1, 1, 1, 1, 1, 1, 1))
    assert found.keys() == {"c0"}
    assert found["c0"].reading is Reading.CLIENT
    expected = share_p(86, 86 + 7 * 288, 1 / 8, noise(20, 140))
    assert found["c0"].share == pytest.approx(expected)


def test_three_of_eight_who_leave_at_once_do_not_hide_each_other() -> None:
    """Of everybody's calls each still has a share that chance could have left it; of those who stayed and its own it has not."""
    found = causes(floor(0.45, 0.45, 0.45, 1, 1, 1, 1, 1))
    assert {name: cause.reading for name, cause in found.items()} == dict.fromkeys(("c0", "c1", "c2"), Reading.CLIENT)
    alone = share_p(130, 130 + 5 * 288, 1 / 6, noise(20, 100))
    assert found["c1"].share == pytest.approx(alone)
    assert alone < 0.01 < share_p(130, 3 * 130 + 5 * 288, 1 / 8, noise(20, 140))


def test_two_who_leave_where_most_are_low_are_found_the_most_certain_first() -> None:
    found = causes(floor(0.1, 0.05, 0.5, 0.5, 0.5, 0.5, 0.8))
    assert {name: cause.reading for name, cause in found.items()} == {
        "c0": Reading.CLIENT,
        "c1": Reading.CLIENT,
        "c2": Reading.MARKET,
        "c3": Reading.MARKET,
        "c4": Reading.MARKET,
        "c5": Reading.MARKET,
    }
    first, second = found["c1"].share, found["c0"].share
    assert first is not None
    assert second is not None
    assert first < second


def test_everybody_low_alike_is_the_market() -> None:
    assert read(floor(*[0.55] * 6, 0.7, 0.75)) == dict.fromkeys([f"c{i}" for i in range(6)], Reading.MARKET)


def test_a_client_who_leaves_a_falling_market_is_still_named() -> None:
    found = read(floor(0.1, *[0.6] * 7))
    assert found.pop("c0") is Reading.CLIENT
    assert set(found.values()) == {Reading.MARKET}


def test_a_loss_whose_share_is_normal_beside_others_on_plan_is_read_as_nothing() -> None:
    found = causes(floor(0.6, 0.85, 0.9, 0.95))
    assert found.keys() == {"c0"}
    assert found["c0"].reading is None
    assert found["c0"].share is not None
    assert found["c0"].share > 0.01


def test_nobody_to_compare_with() -> None:
    assert causes([standing("only", 0.3)]) == {"only": Cause(None)}
    two = [standing("a", 0.3, client="bank"), standing("b", 0.3, client="bank")]
    assert causes(two) == {"a": Cause(None), "b": Cause(None)}


def test_a_client_s_other_project_is_no_measure_of_him() -> None:
    """Bank pulls out of both: neither makes the other look normal."""
    bank = [standing("cards", 0.3, client="bank"), standing("loans", 0.3, client="bank")]
    found = causes([*bank, *floor(1, 1, 1)])
    assert {name: cause.reading for name, cause in found.items()} == {"cards": Reading.CLIENT, "loans": Reading.CLIENT}
    assert found["cards"].share == pytest.approx(share_p(86, 86 + 3 * 288, 1 / 4, noise(20, 60)))


def test_two_clients_silent_at_once_are_the_telephony() -> None:
    found = causes([standing("a", 0.5, silent=True), standing("b", 0.9, silent=True), standing("c"), standing("d", pbx="pbx2")])
    assert found == {"a": Cause(Reading.TELEPHONY, pbxs=frozenset({"pbx1"})), "b": Cause(Reading.TELEPHONY, pbxs=frozenset({"pbx1"}))}


def test_the_pbx_that_is_silent_altogether_is_named() -> None:
    spread = replace(standing("b", 0.9, silent=True), pbxs=frozenset({"pbx1", "pbx2"}))
    found = causes([standing("a", 0.5, silent=True, pbx="pbx2"), spread, standing("c")])
    assert found["a"].pbxs == frozenset({"pbx2"})


def test_one_silent_client_is_no_dead_trunk() -> None:
    assert read([standing("a", 0.1, silent=True), *floor(1, 1, 1)]) == {"a": Reading.CLIENT}
    assert read([standing("a", 0.9, low=False, silent=True), *floor(1, 1, 1)]) == {"a": None}


def test_one_client_s_silence_proves_no_dead_trunk_and_neither_do_silences_that_began_apart() -> None:
    mine = [standing(name, 0.8, client="bank", silent=True) for name in ("a", "b", "c", "d")]
    assert Reading.TELEPHONY not in read([*mine, standing("e")]).values()
    assert read([standing("only", 0.8, silent=True)]) == {"only": None}
    one, other = standing("a", 0.8, silent=True), standing("b", 0.8, silent=True)
    for apart, expected in ((10, True), (11, False)):
        found = read([one, replace(other, since=apart * MINUTE), standing("c"), standing("d")])
        assert (set(found.values()) == {Reading.TELEPHONY}) is expected


def test_nobody_at_our_door_is_our_own_and_no_witness_of_a_dead_trunk() -> None:
    assert read([standing("a", 0.1, silent=True, own=True), standing("b", 0.2, silent=True, own=True), standing("c", 0.3, own=True), standing("d")]) == {
        "a": Reading.OWN,
        "b": Reading.OWN,
        "c": Reading.OWN,
    }
    one_each = [standing("a", 0.1, silent=True, own=True), standing("b", 0.1, silent=True), *floor(1, 1)]
    assert read(one_each) == {"a": Reading.OWN, "b": Reading.CLIENT}
    assert read([standing("a", own=True), standing("b")]) == {}


def test_a_dead_trunk_and_a_closed_door_are_no_measure_of_the_market() -> None:
    """What is left is on plan, so the client alone has left."""
    dark = [standing("a", 0.3, silent=True), standing("b", 0.3, silent=True), standing("c", 0.1, own=True)]
    found = read([*dark, standing("d", 0.2), *floor(1, 1)])
    assert found["d"] is Reading.CLIENT


def test_without_a_plan_there_is_no_share() -> None:
    found = causes([replace(standing("a", silent=True), n=0, f=0.0), *floor(1, 1, 1)])
    assert found == {"a": Cause(None)}


@given(st.lists(st.floats(0, 2), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_only_the_low_are_read_and_the_order_of_projects_is_nothing(came: list[float], chance: object) -> None:
    standings = floor(*came)
    found = causes(standings)
    assert found.keys() == {each.project for each in standings if each.low}
    back = causes(standings[::-1])
    assert {name: cause.reading for name, cause in back.items()} == {name: cause.reading for name, cause in found.items()}


@given(st.integers(0, 80))
def test_a_client_who_leaves_makes_nobody_else_look_changed(n: int) -> None:
    others = floor(1, 0.9, 1.1, 1)
    assert causes([replace(standing("gone", 0.1), n=n), *others]).keys() == {"gone"}


# --- between the trunk and the queue ----------------------------------------------------------------------------------------------------

LOST = Strayed(290, 90)


def test_callers_who_came_to_the_trunks_and_not_to_the_queue_are_our_own_loss_and_named() -> None:
    found = causes([standing("c0", 0.3, own=True, strayed=LOST), *floor(1, 1, 1, 1)[1:]])
    assert found == {"c0": Cause(Reading.OWN, strayed=LOST)}


def test_two_who_fall_silent_together_behind_a_dead_menu_are_no_dead_trunk() -> None:
    silent = [standing(name, 0.0, silent=True, own=True, strayed=LOST) for name in ("c0", "c1")]
    assert read([*silent, standing("c2")]) == dict.fromkeys(("c0", "c1"), Reading.OWN)
