"""What one value of the configuration may be, and what is said of one that may not: the types that `model` is made of.

Owns the check of a single value and the wording of its refusal. Numbers are `Decimal`; a number in quotes is no number. Refuses money (`amounts`),
sections, keys and everything that takes two values. Next: `model` names the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

from monitor.config.hours import parse_hours
from monitor.core.contract import Presence
from monitor.core.incidents import NOTE, Scope
from monitor.plan.times import TimeForm

YEARS = range(2000, 2100)
SERVER = re.compile(
    r"(?:postgresql\+psycopg|mysql|mariadb)://(?:[^:@/?#]*(?::[^@/?#]*)?@)?"  # user and password
    r"(?:\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[^/?#]*(?:\?[^#]*)?)?"  # database and what its driver is told
)


def wrong(problem: str, remedy: str = "") -> PydanticCustomError:
    """An error in our own words; `wording` takes them out again."""
    return PydanticCustomError("floorwatch", "{problem}", {"problem": problem, "remedy": remedy})


def did_you_mean(word: str, known: list[str]) -> str:
    """The way out of a misspelt name; the first word of a longer one is enough."""
    names = {part: name for name in reversed(known) for part in (name.partition("_")[0], name)}
    close = get_close_matches(word, names, n=1)
    return f"did you mean {names[close[0]]}?" if close else f"known: {', '.join(known)}" if known else ""


def a_number(value: object) -> Decimal:
    """A number, without quotes."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("is not a number", "write it without quotes" if isinstance(value, str) else "")
    number = Decimal(value)
    if not number.is_finite():
        raise wrong("is not a number")
    return number


def a_text(value: object) -> str:
    """A text, on one line."""
    if not isinstance(value, str):
        raise wrong("is not a text", "put it in quotes")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise wrong("has a control character in it", "take it out")
    return value


def _name(value: object) -> str:
    text = a_text(value)
    if not text or text != text.strip():
        raise wrong("is not a name", "it may not be empty or begin or end with a blank")
    return text


def a_host(value: object) -> str:
    """A name or an address that a resolver may be asked for."""
    name = _name(value)
    if not _resolvable(name):
        raise wrong("is not a host", "write an address or a name; each part between two points has 1 to 63 letters")
    return name


def _resolvable(host: str) -> bool:
    """Whether a resolver may be asked at all; for a name it cannot put into a question Python raises no OSError."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def a_pbx_name(value: object) -> str:
    """A PBX's name."""
    name = _name(value)
    if set(name) & set("/:"):
        raise wrong("has / or : in it", "choose another: those part a PBX from its queues and interfaces")
    return name


def _zone(value: object) -> str:
    text = a_text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise wrong("is not a time zone", did_you_mean_zone(text)) from None
    return text


def did_you_mean_zone(text: str) -> str:
    """The way out of a misspelt zone: there are some 600 of them."""
    zones = {zone.lower(): zone for zone in available_timezones()}
    close = get_close_matches(text.lower().replace(" ", "_"), zones, n=1)
    return f"did you mean {zones[close[0]]}?" if close else "use a name such as Europe/Kyiv"


def some_hours(value: object) -> str:
    """Opening hours as a text."""
    text = a_text(value)
    try:
        parse_hours(text)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        raise wrong(problem, remedy) from None
    return text


def _date(value: object) -> date:
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise wrong("is not a date", "write it as 2026-12-25") from None


def an_address(value: object) -> str:
    """host:port to listen on."""
    text = a_text(value)
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or not port.isascii() or int(port) > 65_535:
        raise wrong("is not host:port", "write it as 127.0.0.1:9877")
    if not host:
        raise wrong("names no address", f"write 127.0.0.1:{port}, or 0.0.0.0:{port} to be seen by other machines")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise wrong("is not host:port", f"put an IPv6 address in brackets: [{host}]:{port}")
    if not _resolvable(host):
        raise wrong("names no address", f"write 127.0.0.1:{port}, or a name whose parts have 1 to 63 letters each")
    return text


def a_store_url(value: object) -> str:
    """Where the store is."""
    text = a_text(value)
    kind, _, place = text.partition("://")
    if not text or (kind == "sqlite" and len(place) > 1 and place.startswith("/") and "?" not in place):
        return text
    if kind == "postgresql+psycopg" and place:
        if not _server(text):
            raise wrong("is not an address", "write it as postgresql+psycopg://user:password@host:5432/database, signs of a password as %40 for @, %2F for /")
        return text
    if kind in ("postgresql", "postgres"):
        raise wrong("names no driver", "write it as postgresql+psycopg://user:password@host/database")
    raise wrong("is no database this version knows", "write sqlite:////absolute/path.db or postgresql+psycopg://user:password@host/database")


def a_cdr(value: object) -> str:
    """Where a PBX's records are: a file, or a database."""
    text = a_text(value)
    kind, address, place = text.partition("://")
    if not address:
        return text
    if kind not in ("mysql", "mariadb", "postgresql+psycopg"):
        remedy = "write mysql://user@host/asteriskcdrdb or postgresql+psycopg://user@host/database, or name a Master.csv"
        raise wrong("is no database this version knows", remedy)
    if not _server(text):
        raise wrong("is not an address", f"write it as {kind}://user@host/database, with its password by cdr_secret_file, or its signs as %40 for @, %2F for /")
    if "/" not in place.partition("?")[0].rstrip("/"):
        raise wrong("names no database", f"write it as {kind}://user@host/asteriskcdrdb")
    return text


def _server(url: str) -> bool:
    """Whether every part is where it seems to be: an @ or / of a password must not pass for the one that ends it."""
    found = SERVER.fullmatch(url)
    return found is not None and (found["port"] is None or 0 < int(found["port"]) < 65_536)


def one_of(kind: type[StrEnum]) -> Callable[[object], object]:
    """One of these words."""

    def check(value: object) -> object:
        try:
            return kind(value)  # type: ignore[arg-type]  # anything may stand in a file
        except ValueError:
            raise wrong(f"is not one of {', '.join(kind)}") from None

    return check


def a_presence(value: object) -> object:
    """When somebody is on the floor."""
    if value == "roster":
        raise wrong("this version has no roster", "use member, unpaused, device or hours")
    return one_of(Presence)(value)


def a_zone_or_default(value: object) -> str:
    """A time zone, or none."""
    return "" if value == "" else _zone(value)


def a_date_or_none(value: object) -> date | None:
    """A date, or none."""
    return None if value == "" else _date(value)


def a_time_of_day(value: object) -> str:
    """A quarter of an hour of the local day."""
    text = a_text(value)
    if not re.fullmatch(r"([01]\d|2[0-3]):(00|15|30|45)", text, re.ASCII):
        raise wrong("is not a time of day", "write it as 04:00, on a quarter of an hour")
    return text


def a_moment(value: object) -> date:
    """A day, or a time of it: TOML's own, or the same in quotes. Without an offset it is the site's."""
    text = value if isinstance(value, str) else ""
    try:
        moment = value if isinstance(value, date) else datetime.fromisoformat(text) if len(text) > len("2026-12-25") else date.fromisoformat(text)
    except ValueError:
        raise wrong("is neither a date nor a time", "write it as 2026-12-25, 2026-12-25T14:00:00 or 2026-12-25T14:00:00+02:00") from None
    return _of_our_time(moment)


def _of_our_time(moment: date) -> date:
    if moment.year not in YEARS:
        raise wrong(f"is not in the years {YEARS.start} to {YEARS.stop - 1}", "look at its year")
    return moment


def a_day(value: object) -> date:
    """A date of our time."""
    return _of_our_time(_date(value))


def a_moment_or_none(value: object) -> date | None:
    """A day or a time, or none."""
    return None if value == "" else a_moment(value)


def a_scope(value: object) -> str:
    """Whom an incident is about, as a text; whether there is such a one is not looked at."""
    text = a_text(value)
    try:
        Scope.of(text)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        raise wrong(problem, remedy) from None
    return text


def a_note(value: object) -> str:
    """A remark on one line."""
    text = a_text(value)
    if len(text) > NOTE:
        raise wrong(f"is longer than {NOTE} letters", "shorten it")
    return text


def a_format(value: object) -> object:
    """A plan's format in its short form too, the name of a preset."""
    return value if isinstance(value, dict) else {"preset": a_text(value)}


def a_format_or_none(value: object) -> object:
    """A plan's format, or that of the other plan."""
    return None if value == "" else a_format(value)


def a_delimiter(value: object) -> str:
    """What separates columns."""
    if value not in ("", ",", ";", "\t", "|"):
        raise wrong("separates no columns", 'write ",", ";", "|" or "\\t"; "" looks at the first line')
    return str(value)


def a_time_form(value: object) -> str:
    """How a file writes its times."""
    text = a_text(value)
    try:
        TimeForm(text or "%Y%m%d")
    except ValueError as error:
        remedy = "write it as %d.%m.%Y %H:%M, of %Y %y %m %d %H %M %S %I %p, each once, with a year, a month and a day"
        raise wrong(f"is no form of a time ({error})", remedy) from None
    return text


def some_columns(value: object) -> tuple[str | int, ...]:
    """A column of a plan file by header or number, or several that belong together."""
    columns = value if isinstance(value, list) else [value]
    if not columns or any(isinstance(one, bool) or not isinstance(one, str | int) or one == "" or (isinstance(one, int) and one < 1) for one in columns):
        raise wrong("is no column", 'write its header, "Offered", its number from 1, or a list of several that are added')
    return tuple(columns)


def a_pause_reason(value: object) -> object:
    """A pause reason, in its short form too."""
    return {"class": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(a_text)]
Name = Annotated[str, BeforeValidator(_name)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Number = Annotated[Decimal, BeforeValidator(a_number)]
Ratio = Annotated[Number, Field(ge=0, le=1)]
Chance = Annotated[Number, Field(gt=0, lt=1)]
Seconds = Annotated[Number, Field(ge=0, le=86_400)]
Span = Annotated[Number, Field(gt=0, le=86_400)]
Zone = Annotated[str, BeforeValidator(_zone)]
Date = Annotated[date, BeforeValidator(_date)]
Texts = tuple[Text, ...]
Table = dict[str, Any]
