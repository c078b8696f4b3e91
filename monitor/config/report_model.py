"""`[[report]]` and `[mail]` as pydantic models: which reports go out by themselves, when, and how.

Owns the keys and what a single value may be. Refuses what needs other sections or a secret (`reports`). Next: `model` has both as sections.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from monitor.config.table import Model
from monitor.config.values import Name, Text, Whole, a_host, a_time_of_day, wrong

PLACES = ("name", "date", "client", "project")  # what may stand in braces in the name of a file
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


def an_email(value: object) -> str:
    """An address of mail, bare."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value) or not value.isascii():
        raise wrong("is not an address of mail", "write it as boss@example.com, without a name")
    return value


def a_template(value: object) -> str:
    """A file's path with `{name}` and `{date}` in it."""
    text = value if isinstance(value, str) else ""
    try:
        found = [name for _, name, form, _ in Formatter().parse(text) if name is not None and not (name in PLACES and not form)]
    except ValueError:
        found = ["{"]
    if not isinstance(value, str) or found or any(ord(letter) < 32 for letter in text):
        raise wrong("is not the path of a file", f"in braces there may be {', '.join(f'{{{place}}}' for place in PLACES)}")
    return text


def a_format_or_none(value: object) -> object:
    """A format, or as the file's name ends."""
    return None if value == "" else value


class Report(Model):
    """`[[report]]`: one that goes out by itself."""

    name: Name
    report: Literal["day", "agents", "payroll", "client", "billing", "signals"]
    every: Literal["day", "week", "month"] = "day"
    at: Annotated[str, BeforeValidator(a_time_of_day)] = "06:30"
    format: Annotated[Literal["table", "csv", "excel-uk", "xlsx", "json"] | None, BeforeValidator(a_format_or_none)] = None
    to: Annotated[str, BeforeValidator(a_template)] = ""
    mail: tuple[Annotated[str, BeforeValidator(an_email)], ...] = ()
    client: Text = ""
    project: Text = ""


class Mail(Model):
    """`[mail]`: who carries the reports that go by mail."""

    host: Annotated[str, BeforeValidator(a_host)] = "127.0.0.1"
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 587
    sender: Annotated[str, BeforeValidator(an_email), Field(alias="from")] = "floorwatch@localhost"
    username: Text = ""
    secret_file: Text = ""
    secret_env: Text = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"
