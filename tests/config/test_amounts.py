"""Amounts of money that are written wrongly, and what was probably meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from monitor.config.amounts import Money, meant, not_an_amount
from monitor.errors import ConfigError
from tests.config.test_prices import BANK, Load, load_text, tariff

__all__ = ["load_text"]

QUOTES = "prices and wages are in quotes:"
BELOW = "no price, wage or cost is below nought: write"


@pytest.mark.parametrize(
    ("value", "problem", "remedy"),
    [
        ("4,50", "is not an amount", 'write it as "4.50"'),
        ("4.50 UAH", "is not an amount", 'write it as "4.50"'),
        ("₴4.50", "is not an amount", 'write it as "4.50"'),
        ("4,50 грн.", "is not an amount", 'write it as "4.50"'),
        ("1 250,00", "is not an amount", 'write it as "1250.00"'),
        ("1\u00a0250", "is not an amount", 'write it as "1250"'),
        ("1,250.00", "is not an amount", 'write it as "1250.00"'),
        ("1.250,00", "is not an amount", 'write it as "1250.00"'),
        ("1'250.00", "is not an amount", 'write it as "1250.00"'),
        ("+4.50", "is not an amount", 'write it as "4.50"'),
        (".5", "is not an amount", 'write it as "0.5"'),
        ("5.", "is not an amount", 'write it as "5"'),
        ("1e3", "is not an amount", 'write it as "1000"'),
        ("-4.50", "is negative", f'{BELOW} "4.50"'),
        ("−3", "is negative", f'{BELOW} "3"'),
        ("UAH -4,50", "is negative", f'{BELOW} "4.50"'),
        ("", "is empty", 'write it as "180.00"'),
        (" ", "is empty", 'write it as "180.00"'),
        (Decimal("4.50"), "is not a text", f'{QUOTES} "4.50"'),
        (1200, "is not a text", f'{QUOTES} "1200"'),
        (Decimal("1e3"), "is not a text", f'{QUOTES} "1000"'),
        (Decimal("-4.50"), "is negative", f'{BELOW} "4.50"'),
        (-4, "is negative", f'{BELOW} "4"'),
        (True, "is not a text", f'{QUOTES} "180.00"'),
        (["4.50"], "is not a text", f'{QUOTES} "180.00"'),
    ],
)
def test_what_is_no_amount_names_the_one_that_was_meant(value: object, problem: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Money).validate_python(value)
    (error,) = caught.value.errors()
    assert (error["ctx"]["problem"], error["ctx"]["remedy"]) == (problem, remedy)


@pytest.mark.parametrize(
    "text", ["1,250", "4.505.1", "4-50", "1/2", "12.10.2026", "NaN", "abc", "-", "٤", "1e999999999", "Infinity", "0,0000001", "10000000000000"]
)
def test_where_that_is_anybody_s_guess_it_is_an_example(text: str) -> None:
    assert not_an_amount(text)
    assert meant(text) == "180.00"


@pytest.mark.parametrize("text", ["0", "4.50", "4.5", "999999999999.999999"])
def test_an_amount_is_meant_as_it_is_written(text: str) -> None:
    assert not_an_amount(text) == ""
    assert (TypeAdapter(Money).validate_python(text), meant(text)) == (text, text)


@pytest.mark.parametrize(("written", "is_meant"), [('"4,50 UAH"', "4.50"), ("4.50", "4.50")])
def test_a_short_form_says_it_too(load_text: Load, written: str, is_meant: str) -> None:
    for key in ("per_call", "per_result", "flat_month"):
        with pytest.raises(ConfigError, match=rf'tariff #1\.{key} = .*"{is_meant}"$'):
            load_text(BANK + tariff(f"{key} = {written}"))
