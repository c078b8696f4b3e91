"""Each condition of money at its line, and what keeps it from being judged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from monitor.assess.accruals import Accruals
from monitor.assess.conditions import About, Condition, Finding, Subject
from monitor.assess.margin import NOTHING, Margin
from monitor.assess.money import ClientMoney, Earned, GroupMoney, Money, Over, ProjectMoney
from monitor.assess.money_rules import findings
from monitor.core.contract import Contract, Group
from monitor.core.limits import Limits
from tests.assess.test_takings import BANK, SHOP

D = Decimal
CONTRACT = Contract(groups=(Group("floor"),), projects=(BANK, SHOP), limits=Limits(money_days=3))


def left(amount: str) -> Margin:
    """A margin of so much: what came in, and a hundred that it took."""
    return Margin(D(amount) + 100, D(60), D(10), D(30))


def of_project(month: str = "1", outcome: str | None = None, *, known: int = 3, guarantee: str | None = "0", accrued: str = "100") -> ProjectMoney:
    one = Earned("UAH", D(accrued), None if guarantee is None else D(guarantee), D(0), None if guarantee is None else D(20))
    margin = {Over.DAY: NOTHING, Over.MONTH: left(month)}
    return ProjectMoney({Over.DAY: (one,), Over.MONTH: (one,)}, margin, None if outcome is None else left(outcome), known, 5)


def money(bank: ProjectMoney, *, group: GroupMoney | None = None, without: str | None = "1", site: str = "2", days: Fraction | None = None) -> Money:
    clients = {
        name: ClientMoney(dict.fromkeys(Over, NOTHING), {Over.DAY: None, Over.MONTH: None if without is None else D(without)}, days)
        for name in ("Bank", "Shop")
    }
    shop = of_project(known=bank.known_days)
    groups = {} if group is None else {"floor": group}
    return Money({"bank": bank, "shop": shop}, groups, clients, {Over.DAY: NOTHING, Over.MONTH: left(site)})


def found(known: Money, condition: Condition, name: str, contract: Contract = CONTRACT) -> Finding | None:
    return next(finding for which, subject, finding in findings(known, contract) if (which, subject.name) == (condition, name))


@pytest.mark.parametrize(
    ("month", "outcome", "holds"),
    [("-0.01", None, True), ("0", None, False), ("-5", "0", False), ("5", "-0.01", True)],
)
def test_a_project_that_will_lose_is_said_and_one_that_only_began_badly_is_not(month: str, outcome: str | None, holds: bool) -> None:
    finding = found(money(of_project(month, outcome)), Condition.MARGIN_NEGATIVE, "bank")
    assert finding is not None
    assert finding.holds is holds
    assert finding.figures["margin"] == str(left(outcome or month).amount)
    assert finding.figures["span"] == ("so_far" if outcome is None else "period")


def test_nothing_is_said_of_a_period_s_first_days() -> None:
    fresh = money(of_project("-5", known=2), group=GroupMoney({}, Fraction(1, 2), Fraction(2, 3)), without="-1")
    assert {finding for _, _, finding in findings(fresh, CONTRACT)} == {None}


@pytest.mark.parametrize(("guarantee", "holds"), [("5.26", False), ("5.27", True), ("0", False)])
def test_a_guarantee_counts_once_it_is_more_than_its_share_of_the_bill(guarantee: str, holds: bool) -> None:
    finding = found(money(of_project(guarantee=guarantee)), Condition.MINIMUM_GUARANTEE_SHORT, "bank")
    assert finding is not None
    assert finding.holds is holds
    assert (finding.figures["amount"], finding.figures["calls"]) == (guarantee, 20.0)


def test_a_guarantee_nobody_knows_is_not_judged() -> None:
    assert found(money(of_project(guarantee=None)), Condition.MINIMUM_GUARANTEE_SHORT, "bank") is None


@pytest.mark.parametrize(("now", "needed", "holds"), [(Fraction(7, 10), Fraction(7, 10), False), (Fraction(69, 100), Fraction(7, 10), True)])
def test_a_group_below_its_break_even_is_said(now: Fraction, needed: Fraction, holds: bool) -> None:
    finding = found(money(of_project(), group=GroupMoney({}, now, needed)), Condition.BELOW_BREAK_EVEN, "floor")
    assert finding is not None
    assert finding.holds is holds


@pytest.mark.parametrize("group", [None, GroupMoney({}, None, Fraction(1)), GroupMoney({}, Fraction(1), None)])
def test_a_group_of_which_something_is_not_known_is_not_judged(group: GroupMoney | None) -> None:
    assert found(money(of_project(), group=group), Condition.BELOW_BREAK_EVEN, "floor") is None


@pytest.mark.parametrize(("without", "site", "holds"), [("-0.01", "0", True), ("0", "5", False), ("-9", "-1", False)])
def test_a_site_hangs_on_a_client_if_it_lives_and_would_not_without_him(without: str, site: str, holds: bool) -> None:
    finding = found(money(of_project(), without=without, site=site, days=Fraction(9)), Condition.CLIENT_DEPENDENCE, "Bank")
    assert finding is not None
    assert finding.holds is holds
    assert finding.figures["cash_days"] == 9.0


def test_who_is_the_only_client_is_nobody_s_dependence() -> None:
    alone = Contract(groups=CONTRACT.groups, projects=(BANK,), limits=CONTRACT.limits)
    known = money(of_project(), without="-5")
    only = replace(known, projects={"bank": known.projects["bank"]}, clients={"Bank": known.clients["Bank"]})
    assert found(only, Condition.CLIENT_DEPENDENCE, "Bank", alone) is None


def test_what_holds_is_said_with_the_rest_and_a_group_speaks_for_its_projects() -> None:
    accruals = Accruals()
    known = money(of_project("-5"), group=GroupMoney({}, Fraction(1, 2), Fraction(2, 3)), without="-5")
    accruals.judge_money(known, CONTRACT, 10)
    states, holding, muted = accruals._holdings.published(CONTRACT, 10)
    assert {one.key for one in holding} == {
        (Condition.BELOW_BREAK_EVEN, Subject(About.GROUP, "floor")),
        (Condition.CLIENT_DEPENDENCE, Subject(About.CLIENT, "Bank")),
        (Condition.CLIENT_DEPENDENCE, Subject(About.CLIENT, "Shop")),
    }
    assert muted == {(Condition.MARGIN_NEGATIVE, Subject(About.PROJECT, "bank")): (Condition.BELOW_BREAK_EVEN, Subject(About.GROUP, "floor"))}
    assert states[Condition.MARGIN_NEGATIVE, Subject(About.PROJECT, "bank")] is False
    accruals.agree(Contract(groups=CONTRACT.groups, projects=(BANK,), limits=CONTRACT.limits))
    assert (Condition.CLIENT_DEPENDENCE, Subject(About.CLIENT, "Shop")) not in accruals.judgement.states
