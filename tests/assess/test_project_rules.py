"""Each rule about a project: just not, and just so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitor.assess.conditions import Condition, Finding
from monitor.assess.detect import Cusum, Evidence, Total, silence
from monitor.assess.project_rules import PAPERS, PLANNED, PLANS, SERVED, SHUT, watches
from monitor.assess.reading import Cause, Reading
from monitor.core.contract import MINUTE, SECOND, ServiceLevel
from monitor.core.formula import Formula
from monitor.core.lost import LostView
from tests.assess.looks import AT, BANK, project_look, quarter
from tests.assess.test_today import after, span

RULES = {**PLANNED, **SERVED, **SHUT, **PLANS, **PAPERS}
LATE = {"joined": AT - 30 * SECOND}


def found(condition: Condition, *, held: bool = False, **look: Any) -> Finding | None:
    return RULES[condition](project_look(**look), held)


def holds(condition: Condition, *, held: bool = False, **look: Any) -> bool | None:
    finding = found(condition, held=held, **look)
    return None if finding is None else finding.holds


# --- what callers meet --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_time", "contacts", "expected"),
    [
        (8, 8, False),  # too few to say anything
        (1, 9, False),
        (7, 10, False),  # 70 %: P(X <= 7 of 10) = 0.32 if four of five are in time
        (5, 10, True),  # 0.033
        (62, 80, False),  # 77.5 %: 0.33
        (56, 80, True),  # 70 %: 0.021
    ],
)
def test_the_service_level_is_at_risk_by_more_than_chance(in_time: int, contacts: int, expected: bool) -> None:
    window = quarter(contacts=contacts, answered=contacts, in_threshold=in_time)
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, quarter=window) is expected


def test_a_service_level_at_risk_is_over_at_its_target() -> None:
    for in_time, expected in ((79, True), (80, False)):
        window = quarter(contacts=100, answered=100, in_threshold=in_time)
        assert holds(Condition.SERVICE_LEVEL_AT_RISK, held=True, quarter=window) is expected
    half = quarter(contacts=5, answered=5, in_threshold=3)
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, held=True, quarter=half) is True, "at half the number it is still said"
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, held=True, quarter=quarter(contacts=4, answered=4)) is None


def test_who_still_waits_beyond_the_threshold_has_missed_it() -> None:
    window = quarter(contacts=10, answered=5, in_threshold=5)
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, quarter=window, late=4) is False
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, quarter=window, late=5) is True


def test_the_contract_s_own_formula_is_judged() -> None:
    window = quarter(contacts=20, answered=10, in_threshold=10, abandoned=10)
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, quarter=window) is True
    answered_only = replace(BANK, service_level=ServiceLevel(20 * SECOND, 0.8, Formula.ANSWERED))
    assert holds(Condition.SERVICE_LEVEL_AT_RISK, project=answered_only, quarter=window) is False


def test_the_budget_is_gone_when_the_day_cannot_be_saved() -> None:
    day = replace(quarter(contacts=60, answered=60, in_threshold=40), start=AT - 6 * 60 * MINUTE)
    assert holds(Condition.SL_BUDGET_GONE, day=day, expected=100.0) is False  # 20 may miss, 20 have
    assert holds(Condition.SL_BUDGET_GONE, day=day, expected=99.0) is True
    assert holds(Condition.SL_BUDGET_GONE, day=day, expected=None) is None


@pytest.mark.parametrize(("lost", "contacts", "expected"), [(9, 9, False), (1, 10, False), (2, 10, False), (3, 10, True), (9, 100, False), (10, 100, True)])
def test_abandonment_is_high_by_more_than_chance(lost: int, contacts: int, expected: bool) -> None:
    """Of 5 %: two of ten come about in 8.6 % of quarters, three in 1.2 %; nine of a hundred in 6.3 %, ten in 2.8 %."""
    assert holds(Condition.ABANDONMENT_HIGH, quarter=quarter(contacts=contacts, abandoned=lost)) is expected


def test_short_abandons_are_in_neither_part() -> None:
    assert holds(Condition.ABANDONMENT_HIGH, quarter=quarter(contacts=30, abandoned=1, short=21)) is False
    assert found(Condition.ABANDONMENT_HIGH, quarter=quarter(contacts=30, abandoned=3, short=20)) == Finding(
        True, {"ratio": 0.3, "limit": 0.05, "abandoned": 3, "offered": 10}
    )


def test_a_long_wait_is_longer_than_the_limit() -> None:
    assert holds(Condition.LONG_WAIT, longest_wait_us=180 * SECOND, waiting=1) is False
    assert holds(Condition.LONG_WAIT, longest_wait_us=180 * SECOND + 1, waiting=1) is True
    assert holds(Condition.LONG_WAIT) is False


def test_a_queue_is_unattended_when_somebody_waits_and_nobody_may_come() -> None:
    assert holds(Condition.QUEUE_UNATTENDED, waiting=1, eligible=0) is True
    assert holds(Condition.QUEUE_UNATTENDED, waiting=0, eligible=0) is False
    assert holds(Condition.QUEUE_UNATTENDED, waiting=9, eligible=1) is False


def test_refused_calls_are_unknown_without_a_cdr() -> None:
    assert [holds(Condition.CALLS_REFUSED, refused=count) for count in (None, 2, 3)] == [None, False, True]


def test_lost_callers_wait_too_long_once_one_is_overdue() -> None:
    views = (None, LostView(0, None, 0), LostView(9, AT - 1, 0), LostView(9, AT - 50 * MINUTE, 1))
    assert [holds(Condition.LOST_CALLERS_WAITING, lost=view) for view in views] == [None, False, False, True]


def test_calls_after_hours_are_counted() -> None:
    assert [holds(Condition.AFTER_HOURS_CALLS, after_hours=count) for count in (4, 5)] == [False, True]


# --- the papers -----------------------------------------------------------------------------------------------------------------------------


def test_a_plan_is_missing_while_it_is_open() -> None:
    assert holds(Condition.PLAN_MISSING, covered=False) is True
    assert holds(Condition.PLAN_MISSING, covered=False, open=False) is False
    assert holds(Condition.PLAN_MISSING) is False


def test_a_plan_ends_soon_three_days_before() -> None:
    three_days = 3 * 24 * 60 * MINUTE
    assert [holds(Condition.PLAN_ENDS_SOON, plan_end=end) for end in (None, AT - 1, AT + three_days - 1, AT + three_days)] == [False, False, True, False]


def test_a_contract_ends_in_notice_days() -> None:
    ends = [date(2026, 1, 23), date(2026, 1, 24)]  # the look is of 2025-11-24
    assert [holds(Condition.CONTRACT_ENDS, project=replace(BANK, contract_until=end)) for end in ends] == [True, False]
    assert holds(Condition.CONTRACT_ENDS) is False


# --- against the plan -----------------------------------------------------------------------------------------------------------------------


def test_a_lost_volume_names_its_detector_and_whose_it_is() -> None:
    today = after(*(span(number, 3, 40.0) for number in range(3)))
    finding = found(Condition.VOLUME_LOST, today=today, cause=Cause(Reading.CLIENT, 0.001))
    assert finding is not None
    assert finding.holds
    assert finding.figures["detector"] == "day"
    assert (finding.figures["came"], finding.figures["planned"], finding.figures["reading"]) == (9, 120.0, "client")
    assert finding.figures["deviation"] == pytest.approx(-0.925)


def test_days_that_add_up_are_a_loss_without_any_interval() -> None:
    today = after()
    assert found(Condition.VOLUME_LOST, today=today) is None
    today.cusum, today.yesterday = Cusum(down=5.1), Total(97, 100.0)
    assert found(Condition.VOLUME_LOST, today=today) is None, "yesterday was as planned: it is over"
    today.yesterday = Total(90, 100.0)
    finding = found(Condition.VOLUME_LOST, today=today)
    assert finding is not None
    assert finding.holds
    assert finding.figures["detector"] == "cusum"


def test_silence_is_over_with_the_first_caller() -> None:
    quiet = silence(Total(0, 0.0), 9.0, 20.0)
    assert quiet is not None
    assert holds(Condition.PROJECT_SILENT, silence=quiet) is True
    assert holds(Condition.PROJECT_SILENT) is None
    unsure = Evidence(0, 5.0, 0.01, None)
    assert [holds(Condition.PROJECT_SILENT, held=held, silence=unsure) for held in (False, True)] == [False, True]


def test_while_it_is_not_certain_that_callers_are_back_it_is_still_said() -> None:
    assert found(Condition.PROJECT_SILENT, held=True, returning=True) == Finding(True)
    assert holds(Condition.PROJECT_SILENT, returning=True) is None


def test_what_asks_for_action_is_worth_a_look_at_once() -> None:
    one = after(*(span(number, 3, 40.0) for number in range(1)))
    assert [watches(project_look(today=today)) for today in (after(), one)] == [False, True]
    assert watches(project_look(silence=Evidence(0, 5.0, 5e-3, None)))
    assert not watches(project_look(silence=Evidence(0, 5.0, 2e-2, None)))
