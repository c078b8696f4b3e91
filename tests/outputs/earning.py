"""Money made by hand for the floor of `hand`: one client who calls less than he signed for, one who pays in another currency, one without prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from monitor.assess.margin import Margin
from monitor.assess.money import ClientMoney, Counted, Earned, GroupMoney, Money, Over, ProjectMoney
from monitor.core.contract import Contract, Finances, Rate
from monitor.core.pay import Pay, Wage
from monitor.core.tariff import Minimum, PerCall, PerMinute, Tariff

SINCE = date(2025, 1, 1)
BY_MINUTE = Tariff(SINCE, per_minute=PerMinute(Decimal("4.50")), minimum=Minimum(share_of_contract_plan=Decimal("0.9")))
BY_CALL = Tariff(SINCE, currency="EUR", per_call=PerCall(Decimal("0.90")))
FINANCES = Finances(fixed_cost_per_day=Decimal(8000), cash_reserve=Decimal(120000), rates=(Rate("EUR", date.min, Decimal(48)),))
PAY = Pay((Wage(Decimal("180.00"), group="floor"),))


def some(text: str) -> Decimal:
    return Decimal(text)


def _margins(revenue: str, labour: str, telecom: str, fixed: str) -> Margin:
    return Margin(some(revenue), some(labour), some(telecom), some(fixed))


BANK = ProjectMoney(
    earned={
        Over.DAY: (Earned("UAH", some("4512.30"), None, None, None),),
        Over.MONTH: (Earned("UAH", some("96240.50"), some("10720.00"), some("-962.41"), some("412.50")),),
    },
    margin={Over.DAY: _margins("4512.30", "3900.00", "210.10", "512.00"), Over.MONTH: _margins("105998.09", "88000.00", "5010.00", "12000.00")},
    outcome=_margins("131000.00", "110000.00", "6000.00", "16000.50"),
    known_days=22,
    past_days=23,
)
SHOP = ProjectMoney(
    earned={Over.DAY: (Earned("EUR", some("0E-2"), None, None, None),), Over.MONTH: (Earned("EUR", some("610.20"), some("0.00"), some("0.00"), None),)},
    margin={Over.DAY: _margins("0.00", "700.00", "0.00", "88.00"), Over.MONTH: _margins("29289.60", "31000.00", "0.00", "2000.00")},
    outcome=None,
    known_days=4,
    past_days=23,
)
NO_PRICES = ProjectMoney(
    earned={Over.DAY: (), Over.MONTH: ()},
    margin=dict.fromkeys(Over, Margin(None, None, some("0.00"), some("40.00"))),
    outcome=None,
    known_days=0,
    past_days=0,
)


def contract(agreed: Contract) -> Contract:
    """With prices, a wage for one group, and costs."""
    bank, shop, taxi = agreed.projects
    priced = replace(bank, tariffs=(BY_MINUTE,), telecom_per_minute=Decimal("0.35")), replace(shop, tariffs=(BY_CALL,)), taxi
    return replace(agreed, projects=priced, pay=PAY, finances=FINANCES)


def money(taxi: str) -> Money:
    """Of everybody; of the site as a whole nothing is known, since of the taxis nothing is."""
    return Money(
        projects={"bank-line": BANK, "shop-line": SHOP, "taxi-line": NO_PRICES},
        groups={
            "floor": GroupMoney({Over.DAY: some("4600.00"), Over.MONTH: some("119000.00")}, Fraction(3, 4), Fraction(25, 32)),
            "night": GroupMoney(dict.fromkeys(Over, None), None, None),
        },
        clients={
            "Bank": ClientMoney(BANK.margin, {Over.DAY: some("-4412.30"), Over.MONTH: some("-12300.00")}, Fraction(39, 4)),
            "Shop": ClientMoney(SHOP.margin, {Over.DAY: some("-109.80"), Over.MONTH: some("-32000.50")}, Fraction(15, 4)),
            taxi: ClientMoney(NO_PRICES.margin, dict.fromkeys(Over, None), None),
        },
        site={over: BANK.margin[over] + SHOP.margin[over] for over in Over},
        cash_days=Fraction(81, 2),
        counted=Counted(
            revenue={("bank-line", "UAH"): some("196240.50"), ("shop-line", "EUR"): some("0E-2")},
            planned={("bank-line", "UAH"): some("211000.25")},
            labour={"floor": some("238000.00")},
            telecom={"bank-line": some("10020.00")},
            fixed=some("184000.00"),
        ),
    )
