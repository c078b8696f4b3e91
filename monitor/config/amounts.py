"""What one value about money may be: amounts, shares, multipliers, currencies, and the short forms of prices.

Owns their check and the wording of its refusal. An amount is a text, so that nobody's program reads it as a float; shares and multipliers may be
numbers too. Refuses keys and everything that takes two values. Next: `tariffs`, `finances` and `model` name the keys.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from monitor.config.values import a_number, a_text, wrong

AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")
WHOLE_DIGITS, DECIMALS = 12, 6  # of an amount: it is kept in millionths


def _money(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("is not a text", 'prices and wages are in quotes: "180.00"')
    if problem := not_an_amount(value):
        raise wrong(problem, 'write it as "180.00"')
    return value


def not_an_amount(text: str) -> str:
    """What is wrong with an amount of money, empty if nothing is."""
    whole, _, fraction = text.partition(".")
    if AMOUNT.fullmatch(text) is None:
        return "is not an amount"
    if len(fraction) > DECIMALS:
        return f"has more than {DECIMALS} decimals"
    return f"has more than {WHOLE_DIGITS} digits before the point" if len(whole) > WHOLE_DIGITS else ""


def _money_or_none(value: object) -> str:
    return "" if value == "" else _money(value)


def _exact(value: object) -> Decimal:
    """A share or a multiplier: a number, or one in quotes as prices are."""
    if isinstance(value, str) and not_an_amount(value):
        raise wrong("is not a number", 'write it as "0.9"')
    return Decimal(value) if isinstance(value, str) else a_number(value)


def _share(value: object) -> Decimal:
    share = _exact(value)
    if not 0 <= share <= 1:
        raise wrong("is not a share from 0 to 1", 'write 90 % as "0.9"')
    return share


def _factor(value: object) -> Decimal:
    factor = _exact(value)
    if not 1 <= factor <= 10:
        raise wrong("is not a multiplier from 1 to 10", 'a fifth more is "1.2"')
    return factor


def a_ratio_or_none(value: object) -> Decimal | None:
    """A share as a number, or none."""
    if value == "":
        return None
    ratio = a_number(value)
    if not 0 <= ratio <= 1:
        raise wrong("is not a ratio", "write 20 % as 0.20")
    return ratio


def _currency(value: object) -> str:
    text = a_text(value)
    if not re.fullmatch("[A-Z]{3}", text):
        raise wrong("is not a currency", "write its three capital letters, such as UAH")
    return text


def a_price(value: object) -> object:
    """What is charged by something, in its short form too, the price alone."""
    return value if isinstance(value, dict) else {"price": _money(value)}


def the_amount(value: object) -> object:
    """A flat price, in its short form too, the amount alone."""
    return value if isinstance(value, dict) else {"amount": _money(value)}


def a_table_or_none(value: object) -> object:
    """A table, or none."""
    return None if value == "" else value


def some_prices(value: object) -> object:
    """Prices by disposition, or one for all of them."""
    return value if isinstance(value, dict) else {"": _money(value)}


def some_rates(value: object) -> object:
    """A currency's rates from days on, or the one it always has."""
    return value if isinstance(value, list) else [{"rate": _money(value)}]


def an_allocation(value: object) -> str | Decimal:
    """How the hours of a shared group are divided."""
    if isinstance(value, str) and value != "handle" and not_an_amount(value):
        raise wrong("is neither handle nor a share", 'write "handle", or "0.4" for 40 %')
    return "handle" if value == "handle" else _share(value)


Money = Annotated[str, BeforeValidator(_money)]
MoneyOrNone = Annotated[str, BeforeValidator(_money_or_none)]
Share = Annotated[Decimal, BeforeValidator(_share)]
Factor = Annotated[Decimal, BeforeValidator(_factor)]
Currency = Annotated[str, BeforeValidator(_currency)]
