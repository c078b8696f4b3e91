"""Outbound work judged on a living floor: the day that closed once, attempts that stop, and that volume is never asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from monitor.assess.conditions import Condition
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project, QueueId
from monitor.core.direction import Direction
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.limits import Limits
from monitor.core.outgoing import Outbound
from monitor.core.snapshot import Cell
from monitor.keeping import Keeping
from monitor.plan.plan import Plan, PlanRow
from monitor.state.records import freeze, thaw
from tests.assess.centre import Centre

T0 = 1_763_942_400 * SECOND  # midnight UTC, a Monday
HOUR = 60 * MINUTE
DEBT = Project("debt", "Debt", "floor", (QueueId("pbx1", "debt"),), outbound=Outbound(contexts=("from-debt",)))
CONTRACT = Contract(groups=(Group("floor", members=("PJSIP/*",), min_occupancy=0.0),), projects=(DEBT,), limits=Limits(surplus_agents=50))
AGENTS = ("a", "b", "c")
OURS = {Condition.CONTACT_RATE_DROPPED, Condition.LIST_EXHAUSTED}


def outbound(first: float, last: float, attempts: int = 240, rate: float | None = 0.3) -> PlanRow:
    """An hour's plan, from one hour of the first day on to another."""
    start, end = T0 + round(first * HOUR), T0 + round(last * HOUR)
    calls_u = round(attempts * 1e6 * (last - first))
    contacts_u = None if rate is None else round(calls_u * rate)
    return PlanRow("debt", start, end, calls_u, 3 * (end - start), None, Direction.OUTBOUND, scheduled_u=3_000_000, contacts_u=contacts_u)


def centre(*rows: PlanRow, contract: Contract = CONTRACT, at: float = 9.0, agents: Iterable[str] = AGENTS) -> Centre:
    return Centre(contract, Plan.of(rows), T0 + round(at * HOUR), agents)


def dial(one: Centre, until: float, attempts: int = 4, contacts: int = 1) -> None:
    """So many each minute."""
    end = T0 + round(until * HOUR)
    while one.keeping.floor.now < end:
        at = one.keeping.floor.now
        one.keeping.floor.ledger.add("debt", at, Cell.OUT_ATTEMPTS, attempts)
        one.keeping.floor.ledger.add("debt", at, Cell.OUT_CONTACTS, contacts)
        one.until(at + MINUTE)


def said(one: Centre) -> list[str]:
    """Of outbound work; that nothing inbound is planned is another matter."""
    return [str(heard) for heard in one.heard if heard.what.condition in OURS]


def night(one: Centre, until: float) -> None:
    """Hours pass, and nothing happens in them."""
    one.step, step = 9 * MINUTE, one.step
    one.until(T0 + round(until * HOUR))
    one.step = step


def known(one: Centre, condition: Condition) -> bool | None:
    """Whether it holds; None: it could not be judged."""
    states = one.keeping.accruals.judgement.states
    return next((state for (what, _), state in states.items() if what is condition), None)


# --- attempts that stop -------------------------------------------------------------------------------------------------------------


def test_attempts_that_stop_though_people_are_free_are_said_until_they_go_on() -> None:
    one = centre(outbound(9, 18))
    dial(one, 11)
    assert said(one) == []
    assert known(one, Condition.LIST_EXHAUSTED) is False
    dial(one, 11.5, attempts=0, contacts=0)
    assert said(one) == ["+ ListExhausted debt"]
    heard = next(heard for heard in one.heard if heard.what.condition in OURS)
    assert T0 + 11 * HOUR + 11 * MINUTE <= heard.at <= T0 + 11 * HOUR + 13 * MINUTE, "fewer than a quarter of the plan in 15 minutes"
    assert heard.what.figures == {"attempts": 12, "planned": 60.0, "free": 3.0}
    dial(one, 12)
    assert said(one) == ["+ ListExhausted debt", "- ListExhausted debt"]


def test_it_is_not_over_at_the_first_number_that_is_dialled_again() -> None:
    one = centre(outbound(9, 18))
    dial(one, 10.5, attempts=0, contacts=0)
    assert said(one) == ["+ ListExhausted debt"]
    dial(one, 11.5, attempts=1, contacts=0)  # a quarter of the plan
    assert said(one) == ["+ ListExhausted debt"]
    dial(one, 12.5, attempts=3, contacts=0)
    assert said(one) == ["+ ListExhausted debt", "- ListExhausted debt"]


def test_nobody_free_is_no_list_that_is_empty() -> None:
    one = centre(outbound(9, 18))
    one.pause(AGENTS, "lunch")
    dial(one, 10.5, attempts=0, contacts=0)
    assert said(one) == []
    assert known(one, Condition.LIST_EXHAUSTED) is False


def test_a_quarter_that_is_not_all_planned_is_not_asked_about() -> None:
    one = centre(outbound(10, 11), at=9.0)
    dial(one, 10.2, attempts=0, contacts=0)
    assert known(one, Condition.LIST_EXHAUSTED) is None
    dial(one, 10.5, attempts=0, contacts=0)
    assert said(one) == ["+ ListExhausted debt"]
    dial(one, 11.1, attempts=0, contacts=0)
    assert said(one) == ["+ ListExhausted debt", "- ListExhausted debt"]
    assert known(one, Condition.LIST_EXHAUSTED) is None


def test_so_few_planned_attempts_say_nothing() -> None:
    one = centre(outbound(9, 18, attempts=36))  # nine in a quarter of an hour
    dial(one, 10.5, attempts=0, contacts=0)
    assert known(one, Condition.LIST_EXHAUSTED) is None
    more = centre(outbound(9, 18, attempts=36), contract=replace(CONTRACT, limits=replace(CONTRACT.limits, list_attempts=9)))
    dial(more, 10.5, attempts=0, contacts=0)
    assert said(more) == ["+ ListExhausted debt"]


def test_a_plan_alone_makes_no_outbound_project() -> None:
    """Nothing says which calls are its attempts: that none are counted is no list at its end."""
    one = centre(outbound(9, 18), contract=replace(CONTRACT, projects=(replace(DEBT, outbound=Outbound()),)))
    dial(one, 10.5, attempts=0, contacts=0)
    assert known(one, Condition.LIST_EXHAUSTED) is None


def test_a_project_without_a_queue_is_asked_too() -> None:
    alone = replace(DEBT, queues=())
    other = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),))
    one = centre(outbound(9, 18), contract=replace(CONTRACT, projects=(alone, other)))
    dial(one, 10.5, attempts=0, contacts=0)
    assert said(one) == ["+ ListExhausted debt"]
    judged = one.keeping.accruals.judgement.projects["debt"]
    assert (judged.verdict, judged.step, judged.silence) == (None, None, None)


def test_an_incident_and_a_dead_link_hold_it() -> None:
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), T0 + 9 * HOUR, T0 + 10 * HOUR, 0)
    one = centre(outbound(9, 18), contract=replace(CONTRACT, incidents=(raid,)))
    dial(one, 10.2, attempts=0, contacts=0)
    assert said(one) == []
    blind = centre(outbound(9, 18))
    blind.lose_sight()
    dial(blind, 10.5, attempts=0, contacts=0)
    assert known(blind, Condition.LIST_EXHAUSTED) is None


# --- the day that closed ------------------------------------------------------------------------------------------------------------


def test_a_day_that_reached_too_few_is_said_once_for_the_next_day() -> None:
    one = centre(outbound(9, 12), outbound(24 + 9, 24 + 12), outbound(48 + 9, 48 + 12))
    dial(one, 12, attempts=5, contacts=1)
    night(one, 24.05)
    assert said(one) == [], "not while it runs, nor before its last attempt is over"
    night(one, 24.15)
    assert said(one) == ["+ ContactRateDropped debt"]
    figures = next(heard.what.figures for heard in one.heard if heard.what.condition in OURS)
    assert (figures["day"], figures["contacts"], figures["attempts"], figures["by"]) == ("2025-11-24", 180, 900, "plan")
    assert figures["expected"] == 0.3
    judged = one.keeping.accruals.judgement.projects["debt"].contact_day
    assert judged is not None
    assert judged.p == figures["p"]
    assert judged.p < 1e-9
    night(one, 33)
    dial(one, 36, attempts=5, contacts=2)
    assert said(one) == ["+ ContactRateDropped debt"], "the next day is another one's"
    night(one, 48.15)
    assert said(one) == ["+ ContactRateDropped debt", "- ContactRateDropped debt"]


def test_what_becomes_known_after_it_was_judged_changes_nothing() -> None:
    one = centre(outbound(9, 12))
    dial(one, 12, attempts=5, contacts=2)
    night(one, 24.15)
    one.keeping.floor.ledger.add("debt", T0 + 10 * HOUR, Cell.OUT_ATTEMPTS, 5_000)
    night(one, 26)
    assert said(one) == []
    judged = one.keeping.accruals.judgement.projects["debt"].contact_day
    assert judged is not None
    assert judged.rate.attempts == 900


def test_a_day_without_attempts_is_not_judged_and_ends_what_was_said() -> None:
    one = centre(outbound(9, 12))
    dial(one, 12, attempts=5, contacts=1)
    night(one, 48.15)
    assert said(one) == ["+ ContactRateDropped debt", "- ContactRateDropped debt"]
    assert known(one, Condition.CONTACT_RATE_DROPPED) is None


def test_an_incident_of_today_does_not_take_back_what_was_said_of_yesterday() -> None:
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), T0 + 25 * HOUR, T0 + 26 * HOUR, 0)
    one = centre(outbound(9, 12), contract=replace(CONTRACT, incidents=(raid,)))
    dial(one, 12, attempts=5, contacts=1)
    night(one, 27)
    assert said(one) == ["+ ContactRateDropped debt"]


def test_another_process_goes_on_with_what_was_judged() -> None:
    one = centre(outbound(9, 12))
    dial(one, 12, attempts=5, contacts=1)
    night(one, 24.15)
    kept = thaw(freeze(one.keeping))
    assert isinstance(kept, Keeping)
    assert kept.accruals.judgement.projects["debt"].contact_day == one.keeping.accruals.judgement.projects["debt"].contact_day


def test_without_a_plan_the_weeks_before_are_asked() -> None:
    one = centre()
    book = one.keeping.floor.ledger.projects["debt"]
    for number in range(1, 15):
        sums = [0] * len(Cell)
        sums[Cell.OUT_ATTEMPTS], sums[Cell.OUT_CONTACTS] = 1_000, 400
        book.days[book.date - number] = sums
    dial(one, 12, attempts=5, contacts=1)
    night(one, 24.15)
    assert [text for text in said(one) if "Contact" in text] == ["+ ContactRateDropped debt"]
    assert next(heard.what.figures["by"] for heard in one.heard if heard.what.condition in OURS) == "before"


# --- volume -------------------------------------------------------------------------------------------------------------------------


def test_volume_is_not_asked_of_what_the_centre_dials_itself() -> None:
    """Planned for outbound alone, nobody calls and nobody is called: no loss, no silence, no verdict."""
    one = centre(outbound(0, 120), at=0.0)
    night(one, 50)
    asked = {Condition.VOLUME_LOST, Condition.VOLUME_SURGE, Condition.PROJECT_SILENT, Condition.WORKLOAD_BELOW_PLAN, Condition.WORKLOAD_ABOVE_PLAN}
    assert not asked & {heard.what.condition for heard in one.heard}
    judged = one.keeping.accruals.judgement.projects["debt"]
    assert (judged.verdict, judged.step, judged.silence, judged.total.f) == (None, None, None, 0.0)


def test_attempts_make_no_surge_beside_calls_that_come_in_as_planned() -> None:
    inbound = PlanRow("debt", T0 + 9 * HOUR, T0 + 18 * HOUR, 90_000_000, 90 * 180 * SECOND, 180 * SECOND)
    one = centre(inbound, outbound(9, 18))
    calls = [(T0 + 9 * HOUR + number * 6 * MINUTE, "debt") for number in range(40)]
    one.keeping.floor.ledger.add("debt", T0 + 9 * HOUR, Cell.OUT_ATTEMPTS, 100_000)
    one.until(T0 + 13 * HOUR, calls)
    judged = one.keeping.accruals.judgement.projects["debt"]
    assert judged.total.f == 35.0
    assert judged.total.n == 35
