"""`[[signal]]` and `[regions]` as pydantic models: what reigns outside, and where a called number is.

Owns the keys and what a single value may be. Refuses what needs other sections or a file (`weather`). Next: `model` has both as sections.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.table import Model
from monitor.config.values import Number, Text, Texts, Whole, a_day, a_text, wrong
from monitor.core import regions

_WORD = re.compile(r"[^\W_][\w-]{0,39}")
_KIND = re.compile(r"[^\W\d_]+(_[^\W\d_]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_DIGITS = re.compile(r"[0-9]{0,9}")


def a_signal_name(value: object) -> str:
    """A word that may stand in an address and in a topic."""
    text = a_text(value)
    if not _WORD.fullmatch(text):
        raise wrong("is not a signal's name", "write one word of at most 40 letters, digits, - and _: storm-west")
    return text


def a_kind(value: object) -> str:
    """A word for what it is."""
    text = a_text(value)
    if not _KIND.fullmatch(text) or len(text) > 40:
        raise wrong("is not a kind", "write one word of letters, such as thunderstorm, power_cut, holiday or law")
    return text


def a_region(value: object) -> str:
    """A region's name."""
    text = a_text(value)
    if (problem := regions.flaw(text)) is not None:
        said, _, remedy = problem.partition("; ")
        raise wrong(said, remedy)
    return text


def a_region_or_none(value: object) -> str:
    """A region's name, or none."""
    return "" if value == "" else a_region(value)


def a_variable(value: object) -> str:
    """A channel variable's name, or none."""
    text = a_text(value)
    if text and not _VARIABLE.fullmatch(text):
        raise wrong("is not the name of a channel variable", "write it as in channelvars of manager.conf, without ${}: REGION")
    return text


def some_digits(value: object) -> str:
    """Digits as they are dialled, or none."""
    text = a_text(value)
    if not _DIGITS.fullmatch(text):
        raise wrong("is not digits that are dialled", 'write it without + or blanks: "380"')
    return text


Digits = Annotated[str, BeforeValidator(some_digits)]
Region = Annotated[str, BeforeValidator(a_region)]


class Signal(Model):
    """`[[signal]]`: one that may be told, or that a calendar names."""

    name: Annotated[str, BeforeValidator(a_signal_name)]
    kind: Annotated[str, BeforeValidator(a_kind)]
    regions: tuple[Region, ...] = ()
    projects: Texts = ()
    dates: tuple[Annotated[date, BeforeValidator(a_day)], ...] = ()
    calendar: Text = ""
    max_hours: Annotated[Number, Field(gt=0, le=8784)] = Decimal(24)


class Regions(Model):
    """`[regions]`: how the region of a called number is found."""

    variable: Annotated[str, BeforeValidator(a_variable)] = ""
    file: Text = ""
    country_code: Digits = ""
    trunk_prefix: Digits = ""
    international_prefix: Digits = "00"
    national_digits: Annotated[Whole, Field(ge=0, le=15)] = 0
