"""Each rule about a group: just not, and just so."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.assess.conditions import Condition, Finding
from monitor.assess.group_rules import ALWAYS, STAFFED
from monitor.core.contract import MINUTE, RingCountsAs
from monitor.core.snapshot import State
from tests.assess.looks import AT, agents, group_look, required, spent

RULES = {**STAFFED, **ALWAYS}
A, T, P = State.AVAILABLE, State.TALK, State.PAUSED


def found(condition: Condition, *, held: bool = False, **look: Any) -> Finding | None:
    return RULES[condition](group_look(**look), held)


def holds(condition: Condition, *, held: bool = False, **look: Any) -> bool | None:
    finding = found(condition, held=held, **look)
    return None if finding is None else finding.holds


def test_too_few_for_a_quarter_of_an_hour_and_still() -> None:
    three = spent(talk=3 * 900)
    assert holds(Condition.UNDERSTAFFED, quarter=three, agents=agents(T, T, T)) is True
    assert holds(Condition.UNDERSTAFFED, quarter=three, agents=agents(T, T, T, A)) is False  # somebody has come
    assert holds(Condition.UNDERSTAFFED, quarter=spent(talk=3.5 * 900), agents=agents(T, T, T)) is False
    for staffed, there, expected in ((3.4, 3, True), (3.4, 4, True), (3.4, 5, False), (3.5, 4, False)):
        look = {"quarter": spent(talk=staffed * 900), "agents": agents(*[T] * there)}
        assert holds(Condition.UNDERSTAFFED, held=True, **look) is expected, "who comes and goes does not end it"
    assert holds(Condition.UNDERSTAFFED, need=None) is None


def test_nothing_is_said_of_people_who_were_not_seen() -> None:
    dark = spent(seen=0.9, talk=0.9 * 900)
    for condition in (Condition.UNDERSTAFFED, Condition.OVERSTAFFED, Condition.OCCUPANCY_TOO_HIGH, Condition.OCCUPANCY_TOO_LOW):
        assert found(condition, quarter=dark) is None


def test_somebody_can_go_if_he_is_free_and_the_next_interval_needs_no_more() -> None:
    six: dict[str, Any] = {"quarter": spent(talk=3 * 900, available=3 * 900), "agents": agents(T, T, T, A, A, A)}
    assert holds(Condition.OVERSTAFFED, **six) is True
    assert holds(Condition.OVERSTAFFED, **six, need=required(4, 5)) is False
    assert holds(Condition.OVERSTAFFED, held=True, **six, need=required(4, 5)) is True
    busy = spent(talk=4.5 * 900, available=1.5 * 900)
    assert holds(Condition.OVERSTAFFED, quarter=busy, agents=six["agents"]) is False  # they have work
    assert holds(Condition.OVERSTAFFED, quarter=spent(talk=3 * 900, available=2 * 900), agents=agents(T, T, T, A, A, A)) is False


@pytest.mark.parametrize(("ring", "expected"), [(RingCountsAs.HANDLE, True), (RingCountsAs.AVAILABLE, False)])
def test_occupancy_is_judged_as_the_site_counts_ringing(ring: RingCountsAs, expected: bool) -> None:
    window = spent(talk=160 * 900, ring=36 * 900, available=4 * 900)
    assert holds(Condition.OCCUPANCY_TOO_HIGH, quarter=window, ring=ring) is expected


def test_a_busy_quarter_may_be_chance_in_a_small_group_and_not_in_a_large_one() -> None:
    """Nine of ten busy: of ten agents at a limit of 88 %, chance alone takes it so far; of a hundred, 97 are not chance."""
    for agents_there, busy, expected in ((10, 9.0, False), (10, 9.9, False), (100, 90.0, False), (100, 97.0, True)):
        window = spent(talk=busy * 900, available=(agents_there - busy) * 900)
        assert holds(Condition.OCCUPANCY_TOO_HIGH, quarter=window) is expected
    assert holds(Condition.OCCUPANCY_TOO_HIGH, held=True, quarter=spent(talk=9 * 900, available=900)) is True


def test_a_small_group_is_not_idle_because_it_cannot_run_hot() -> None:
    """Of ten Erlangs' fourteen agents 71 % are busy at best; of a tenth of an Erlang's one, a tenth."""
    window = spent(talk=1 * 900, available=39 * 900)
    assert holds(Condition.OCCUPANCY_TOO_LOW, quarter=window, need=required(40, erlangs=1.0)) is False
    assert holds(Condition.OCCUPANCY_TOO_LOW, quarter=window, need=required(20, erlangs=14.0)) is True
    assert holds(Condition.OCCUPANCY_TOO_LOW, quarter=spent(talk=0.1 * 900, available=0.8 * 900), need=required(1, erlangs=0.5)) is None


def test_a_pause_is_too_long_by_its_own_reason_s_limit() -> None:
    for minutes, expected in ((35, False), (36, True)):
        assert holds(Condition.PAUSE_TOO_LONG, agents=agents(P, reason="lunch", since=AT - minutes * MINUTE)) is expected
    assert holds(Condition.PAUSE_TOO_LONG, agents=agents(P, reason="break", since=AT - 600 * MINUTE)) is False  # no limit
    assert found(Condition.PAUSE_TOO_LONG, agents=agents(P, P, A, reason="lunch", since=AT - 40 * MINUTE)) == Finding(
        True, {"agents": 2, "reason": "lunch", "minutes": 40.0, "limit": 35.0}
    )


@pytest.mark.parametrize(("unanswered", "answered", "expected"), [(7, 0, False), (8, 0, True), (8, 18, True), (8, 19, False), (30, 71, False)])
def test_a_storm_is_many_and_a_large_share(unanswered: int, answered: int, expected: bool) -> None:
    assert holds(Condition.RING_NO_ANSWER_STORM, unanswered=unanswered, answered=answered) is expected


@pytest.mark.parametrize(("lost", "there", "expected"), [(2, 4, False), (3, 15, True), (3, 16, False), (4, 20, True), (0, 0, False)])
def test_a_mass_disconnect_is_a_fifth_and_three(lost: int, there: int, expected: bool) -> None:
    assert holds(Condition.MASS_DISCONNECT, lost=lost, there=there) is expected


def test_a_mass_disconnect_lasts_until_most_are_back() -> None:
    assert holds(Condition.MASS_DISCONNECT, held=True, away=3) is True
    assert holds(Condition.MASS_DISCONNECT, held=True, away=2) is False
    assert holds(Condition.MASS_DISCONNECT, away=3) is True, "the link was cut meanwhile, and they are still away"


def test_a_call_is_stuck_after_ninety_minutes() -> None:
    for minutes, expected in ((90, False), (91, True)):
        assert holds(Condition.STUCK_CALL, agents=agents(T, since=AT - minutes * MINUTE)) is expected
    assert holds(Condition.STUCK_CALL, agents=agents(A, P, since=AT - 600 * MINUTE)) is False
