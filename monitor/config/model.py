"""The configuration file as pydantic models: its sections, keys, defaults and what each value may be. Pydantic lives here and in `wording`.

Owns everything that can be said of one value, or of two keys of one table. Every key of the complete product is known, so that one file
serves every version; a field marked `LATER` is checked, has no effect yet and is named in the notes. Unknown keys are errors.
Numbers are `Decimal`; prices and wages are texts; a number in quotes is no number. Refuses what needs other sections, files or
secrets. Next: `build` makes the contract of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from monitor.config.hours import parse_hours
from monitor.core.contract import Formula, PauseClass, Presence, RingCountsAs

LATER: Final = "has no effect in this version"
HIDDEN: Final = "never shown"


def wrong(problem: str, remedy: str = "") -> PydanticCustomError:
    """An error in our own words; `wording` takes them out again."""
    return PydanticCustomError("floorwatch", "{problem}", {"problem": problem, "remedy": remedy})


def did_you_mean(word: str, known: list[str]) -> str:
    """The way out of a misspelt name; the first word of a longer one is enough."""
    names = {part: name for name in reversed(known) for part in (name.partition("_")[0], name)}
    close = get_close_matches(word, names, n=1)
    return f"did you mean {names[close[0]]}?" if close else f"known: {', '.join(known)}" if known else ""


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("is not a number", "write it without quotes" if isinstance(value, str) else "")
    number = Decimal(value)
    if not number.is_finite():
        raise wrong("is not a number")
    return number


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("is not a text", "put it in quotes")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise wrong("has a control character in it", "take it out")
    return value


def _name(value: object) -> str:
    text = _text(value)
    if not text or text != text.strip():
        raise wrong("is not a name", "it may not be empty or begin or end with a blank")
    return text


def _host(value: object) -> str:
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


def _pbx_name(value: object) -> str:
    name = _name(value)
    if set(name) & set("/:"):
        raise wrong("has / or : in it", "choose another: those part a PBX from its queues and interfaces")
    return name


def _money(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("is not a text", 'prices and wages are in quotes: "180.00"')
    whole, _, fraction = value.partition(".")
    if not (whole + fraction).isascii() or not whole.isdigit() or not (fraction or "0").isdigit():
        raise wrong("is not an amount", 'write it as "180.00"')
    return value


def _zone(value: object) -> str:
    text = _text(value)
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


def _hours(value: object) -> str:
    text = _text(value)
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


def _listen(value: object) -> str:
    text = _text(value)
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


def _store_url(value: object) -> str:
    text = _text(value)
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


def _server(url: str) -> bool:
    """Whether host and port are where they seem to be: an @ or / of a password must not pass for the one that ends it."""
    try:
        parts = urlsplit(url)
        return parts.netloc.count("@") <= 1 and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _one_of(kind: type[StrEnum]) -> Callable[[object], object]:
    def check(value: object) -> object:
        try:
            return kind(value)  # type: ignore[arg-type]  # anything may stand in a file
        except ValueError:
            raise wrong(f"is not one of {', '.join(kind)}") from None

    return check


def _presence(value: object) -> object:
    if value == "roster":
        raise wrong("this version has no roster", "use member, unpaused, device or hours")
    return _one_of(Presence)(value)


def _zone_or_default(value: object) -> str:
    return "" if value == "" else _zone(value)


def _date_or_none(value: object) -> date | None:
    return None if value == "" else _date(value)


def _money_or_table(value: object) -> object:
    return value if isinstance(value, dict) else _money(value)


def _format(value: object) -> object:
    return value if isinstance(value, dict) else _text(value)


def _pause_reason(value: object) -> object:
    return {"class": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Number = Annotated[Decimal, BeforeValidator(_number)]
Ratio = Annotated[Number, Field(ge=0, le=1)]
Seconds = Annotated[Number, Field(ge=0, le=86_400)]
Span = Annotated[Number, Field(gt=0, le=86_400)]
Money = Annotated[str, BeforeValidator(_money)]
MoneyOrTable = Annotated[Any, BeforeValidator(_money_or_table)]
Zone = Annotated[str, BeforeValidator(_zone)]
Date = Annotated[date, BeforeValidator(_date)]
Texts = tuple[Text, ...]
Table = dict[str, Any]


class Model(BaseModel):
    """What every table of the file has in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Site(Model):
    """`[site]`"""

    name: Name = "site"
    timezone: Zone = "Europe/Kyiv"
    language: Annotated[Literal["uk", "en"], LATER] = "uk"
    currency: Annotated[Name, LATER] = "UAH"
    interval_minutes: Literal[15, 30, 60] = 30
    ring_counts_as: Annotated[RingCountsAs, BeforeValidator(_one_of(RingCountsAs))] = RingCountsAs.HANDLE
    agent_metrics: Flag = False


class Pbx(Model):
    """`[[pbx]]`"""

    name: Annotated[str, BeforeValidator(_pbx_name)]
    host: Annotated[str, BeforeValidator(_host)] = "127.0.0.1"
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 5038
    username: Name = "floorwatch"
    secret_file: Text = ""
    secret_env: Text = ""
    tls: Flag = False
    tls_ca: Text = ""
    queue_log: Text = "/var/log/asterisk/queue_log"
    cdr: Annotated[Text, LATER, HIDDEN] = ""
    ping_seconds: Span = Decimal(5)
    ping_deadline_seconds: Span = Decimal(15)
    reconcile_seconds: Span = Decimal(300)


class Pause(Model):
    """One of a group's `pause_reasons`."""

    kind: Annotated[PauseClass, BeforeValidator(_one_of(PauseClass)), Field(alias="class")]
    limit_minutes: Annotated[Number | None, Field(gt=0, le=1440), LATER] = None
    project: Name | None = None


class Group(Model):
    """`[[group]]`"""

    name: Name
    members: tuple[Name, ...] = ()
    presence: Annotated[Presence, BeforeValidator(_presence)] = Presence.MEMBER
    unreachable_grace_seconds: Seconds = Decimal(60)
    max_occupancy: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.88")
    min_occupancy: Ratio = Decimal("0.60")
    shrinkage: Annotated[Number, Field(ge=0, lt=1), LATER] = Decimal("0.25")
    wage_per_hour: Annotated[Money, LATER] = "180.00"
    pause_reasons: dict[Name, Annotated[Pause, BeforeValidator(_pause_reason)]] = {}


class Agents(Model):
    """`[agents]`"""

    file: Text = ""


class Outbound(Model):
    """A project's `outbound`."""

    trunks: Texts = ()
    account_codes: Texts = ()
    contexts: Texts = ()
    dialer_queues: Texts = ()
    contact_min_seconds: Seconds = Decimal(8)


class ServiceLevel(Model):
    """A project's `service_level`."""

    threshold_seconds: Span = Decimal(20)
    target: Ratio = Decimal("0.80")
    formula: Annotated[Formula, BeforeValidator(_one_of(Formula))] = Formula.SHORT_EXCLUDED


class Tariff(Model):
    """`[[project.tariff]]`: nothing is billed yet, so only names and prices are checked."""

    since: Annotated[Date, Field(alias="from")]
    currency: Name | None = None
    per_minute: Money | None = None
    per_call: Money | None = None
    per_agent_hour: Money | None = None
    per_fte_month: Money | None = None
    per_result: MoneyOrTable = None
    flat_month: MoneyOrTable = None
    base: Name | None = None
    on: Name | None = None
    disposition: Name | None = None
    increment_seconds: Whole | None = None
    minimum_seconds: Whole | None = None
    free_seconds: Whole | None = None
    min_talk_seconds: Whole | None = None
    included_volume: Whole | None = None
    overage: Money | None = None
    minimum: Table | None = None
    sl_adjust: Table | None = None
    tiers: tuple[Table, ...] = ()


class Project(Model):
    """`[[project]]`"""

    name: Name
    client: Text = ""
    group: Text = ""
    queues: tuple[Name, ...] = ()
    dids: Texts = ()
    account_codes: Annotated[Texts, LATER] = ()
    tenants: Annotated[Texts, LATER] = ()
    outbound: Annotated[Outbound, LATER] = Outbound()
    hours: Annotated[str, BeforeValidator(_hours)] = "Mon-Sun 00:00-24:00"
    closed: tuple[Date, ...] = ()
    timezone: Annotated[str, BeforeValidator(_zone_or_default)] = ""
    wrapup_seconds: Seconds = Decimal(15)
    short_abandon_seconds: Seconds = Decimal(5)
    aht_seconds: Span = Decimal(180)
    patience_seconds: Annotated[Span, LATER] = Decimal(120)
    service_level: ServiceLevel = ServiceLevel()
    max_abandonment: Annotated[Ratio, LATER] = Decimal("0.05")
    dispersion: Annotated[Number, Field(gt=0), LATER] = Decimal(20)
    callback_within_minutes: Annotated[Number, Field(gt=0), LATER] = Decimal(30)
    contract_until: Annotated[date | None, BeforeValidator(_date_or_none), LATER] = None
    notice_days: Annotated[Annotated[Whole, Field(ge=0)], LATER] = 60
    tariff: Annotated[tuple[Tariff, ...], LATER] = ()


class PlanFile(Model):
    """`[plan]`"""

    file: Text = "/etc/floorwatch/plan.csv"
    contract_file: Annotated[Text, LATER] = ""
    format: Annotated[Any, BeforeValidator(_format)] = "floorwatch"


class State(Model):
    """`[state]`"""

    directory: Text = "/var/lib/floorwatch"
    standby: Flag = False


class Web(Model):
    """`[web]`"""

    listen: Annotated[str, BeforeValidator(_listen)] = "127.0.0.1:9877"
    names: bool = False
    web_config_file: Annotated[Text, LATER] = ""


class Log(Model):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["logfmt", "json"] = "logfmt"


class Store(Model):
    """`[store]`"""

    url: Annotated[str, BeforeValidator(_store_url), HIDDEN] = "sqlite:////var/lib/floorwatch/floorwatch.db"
    retain_days: Annotated[Whole, Field(ge=1)] = 1200


class File(Model):
    """The whole file. The keys of a section that is a plain `Table` come with the version that reads them."""

    site: Site = Site()
    pbx: tuple[Pbx, ...] = ()
    group: tuple[Group, ...] = ()
    agents: Agents = Agents()
    project: tuple[Project, ...] = ()
    plan: PlanFile = PlanFile()
    web: Web = Web()
    log: Log = Log()
    alerts: Annotated[Table, LATER] = {}
    state: Annotated[State, LATER] = State()
    store: Store = Store()
    token: Annotated[tuple[Table, ...], LATER] = ()
    mqtt: Annotated[Table, LATER] = {}
    notify: Annotated[Table, LATER] = {}
    roster: Annotated[Table, LATER] = {}
    signal: Annotated[tuple[Table, ...], LATER] = ()
    report: Annotated[tuple[Table, ...], LATER] = ()
    results: Annotated[Table, LATER] = {}
