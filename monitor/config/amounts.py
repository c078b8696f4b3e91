"""What one value about money may be: amounts, shares, multipliers, currencies, and the short forms of prices.

Owns their check and the wording of its refusal, with the amount that was meant where that can be told. An amount is a text, so that nobody's program
reads it as a float; shares and multipliers may be numbers too. Refuses keys and everything that takes two values. Next: `tariffs`, `finances` and `model`
name the keys.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from pydantic import BeforeValidator

from monitor.config.values import a_number, a_text, wrong

AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")
WHOLE_DIGITS, DECIMALS = 12, 6  # of an amount: it is kept in millionths
EXAMPLE: Final = "180.00"
NEGATIVE: Final = "is negative"

_AROUND = re.compile(r"^[^0-9.]+|[^0-9]+$|[\s_'’]")  # a sign, a currency, and what parts thousands
_NEGATIVE = re.compile(r"[^0-9.]*[-−]")


def _money(value: object) -> str:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    text = str(value) if number else value
    if not isinstance(text, str):
        raise wrong("is not a text", f'prices and wages are in quotes: "{EXAMPLE}"')
    problem = not_an_amount(text)
    if problem == NEGATIVE:
        raise wrong(problem, f'no price, wage or cost is below nought: write "{meant(text)}"')
    if number:
        raise wrong("is not a text", f'prices and wages are in quotes: "{meant(text)}"')
    if problem:
        raise wrong(problem, f'write it as "{meant(text)}"')
    return text


def not_an_amount(text: str) -> str:
    """What is wrong with an amount of money, empty if nothing is."""
    whole, _, fraction = text.partition(".")
    if not text.strip():
        return "is empty"
    if AMOUNT.fullmatch(text) is None:
        return NEGATIVE if _NEGATIVE.match(text) and any(letter.isdigit() for letter in text) else "is not an amount"
    if len(fraction) > DECIMALS:
        return f"has more than {DECIMALS} decimals"
    return f"has more than {WHOLE_DIGITS} digits before the point" if len(whole) > WHOLE_DIGITS else ""


def meant(text: str) -> str:
    """The amount that was probably meant; an example where that is anybody's guess, as whether 1,250 is a thousand or a little more than one."""
    plain = _AROUND.sub("", text)
    if plain.rfind(".") > plain.rfind(",") >= 0:
        plain = plain.replace(",", "")
    elif plain.rfind(",") > plain.rfind(".") >= 0:
        plain = plain.replace(".", "").replace(",", ".")
    elif not re.search(r",[0-9]{3}$", plain):
        plain = plain.replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return EXAMPLE
    found = f"{number:f}" if number.is_finite() and abs(number.adjusted()) <= WHOLE_DIGITS else EXAMPLE
    return EXAMPLE if not_an_amount(found) else found


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
