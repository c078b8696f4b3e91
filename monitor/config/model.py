"""The configuration file as pydantic models: its sections, keys and defaults. Pydantic lives here, in `values` and in `wording`.

Owns the keys and everything that can be said of one table; `values` says what a single value may be. Every key of the complete product is
known, so that one file serves every version; a field marked `LATER` is checked, has no effect yet and is named in the notes. Prices are in
`tariffs`, `[money]` is in `finances`. Refuses what needs other sections, files or secrets. Next: `build` makes the contract of it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from monitor.config.amounts import Currency, Money, MoneyOrNone
from monitor.config.finances import Finances
from monitor.config.mqtt_model import Mqtt
from monitor.config.report_model import Mail, Report
from monitor.config.table import HIDDEN, LATER, Model
from monitor.config.tariffs import Tariff
from monitor.config.trunk_model import Trunk, a_line_somewhere
from monitor.config.values import (
    Chance,
    Date,
    Flag,
    Name,
    Number,
    Ratio,
    Seconds,
    Span,
    Table,
    Text,
    Texts,
    Whole,
    Zone,
    a_cdr,
    a_date_or_none,
    a_day,
    a_delimiter,
    a_format,
    a_format_or_none,
    a_host,
    a_moment,
    a_moment_or_none,
    a_note,
    a_pause_reason,
    a_pbx_name,
    a_presence,
    a_scope,
    a_store_url,
    a_time_form,
    a_time_of_day,
    a_zone_or_default,
    an_address,
    one_of,
    some_columns,
    some_hours,
)
from monitor.config.weather_model import Regions, Signal, a_region_or_none
from monitor.core.contract import Language, PauseClass, Presence, RingCountsAs
from monitor.core.formula import Formula
from monitor.core.incidents import IncidentKind


class Site(Model):
    """`[site]`"""

    name: Name = "site"
    timezone: Zone = "Europe/Kyiv"
    language: Annotated[Language, BeforeValidator(one_of(Language))] = Language.UKRAINIAN
    currency: Currency = "UAH"
    interval_minutes: Literal[15, 30, 60] = 30
    ring_counts_as: Annotated[RingCountsAs, BeforeValidator(one_of(RingCountsAs))] = RingCountsAs.HANDLE
    agent_metrics: Flag = False
    match_digits: Annotated[Whole, Field(ge=6, le=15)] = 9
    keep_numbers: Flag = True
    holidays: tuple[Annotated[date, BeforeValidator(a_day)], ...] = ()


class Pbx(Model):
    """`[[pbx]]`"""

    name: Annotated[str, BeforeValidator(a_pbx_name)]
    host: Annotated[str, BeforeValidator(a_host)] = "127.0.0.1"
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 5038
    username: Name = "floorwatch"
    secret_file: Text = ""
    secret_env: Text = ""
    tls: Flag = False
    tls_ca: Text = ""
    queue_log: Text = "/var/log/asterisk/queue_log"
    cdr: Annotated[str, BeforeValidator(a_cdr), HIDDEN] = ""
    cdr_secret_file: Text = ""
    cdr_secret_env: Text = ""
    ping_seconds: Span = Decimal(5)
    ping_deadline_seconds: Span = Decimal(15)
    reconcile_seconds: Span = Decimal(300)


class Pause(Model):
    """One of a group's `pause_reasons`."""

    kind: Annotated[PauseClass, BeforeValidator(one_of(PauseClass)), Field(alias="class")]
    limit_minutes: Annotated[Number | None, Field(gt=0, le=1440)] = None
    project: Name | None = None


class Group(Model):
    """`[[group]]`"""

    name: Name
    members: tuple[Name, ...] = ()
    presence: Annotated[Presence, BeforeValidator(a_presence)] = Presence.MEMBER
    unreachable_grace_seconds: Seconds = Decimal(60)
    max_occupancy: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.88")
    min_occupancy: Ratio = Decimal("0.60")
    shrinkage: Annotated[Number, Field(ge=0, le=Decimal("0.9"))] = Decimal("0.25")
    wage_per_hour: MoneyOrNone = "180.00"
    pause_reasons: dict[Name, Annotated[Pause, BeforeValidator(a_pause_reason)]] = {}


class Agents(Model):
    """`[agents]`"""

    file: Text = ""


class Outbound(Model):
    """A project's `outbound`."""

    trunks: tuple[Annotated[str, BeforeValidator(a_line_somewhere)], ...] = ()
    account_codes: Texts = ()
    contexts: Texts = ()
    prefixes: Texts = ()
    caller_ids: Texts = ()
    dialer_queues: Texts = ()
    contact_min_seconds: Seconds = Decimal(8)


class ServiceLevel(Model):
    """A project's `service_level`."""

    threshold_seconds: Span = Decimal(20)
    target: Ratio = Decimal("0.80")
    formula: Annotated[Formula, BeforeValidator(one_of(Formula))] = Formula.SHORT_EXCLUDED


class Project(Model):
    """`[[project]]`"""

    name: Name
    client: Text = ""
    group: Text = ""
    queues: tuple[Name, ...] = ()
    dids: Texts = ()
    account_codes: Annotated[Texts, LATER] = ()
    tenants: Annotated[Texts, LATER] = ()
    outbound: Outbound = Outbound()
    hours: Annotated[str, BeforeValidator(some_hours)] = "Mon-Sun 00:00-24:00"
    closed: tuple[Date, ...] = ()
    day_starts: Annotated[str, BeforeValidator(a_time_of_day)] = "00:00"
    timezone: Annotated[str, BeforeValidator(a_zone_or_default)] = ""
    wrapup_seconds: Seconds = Decimal(15)
    short_abandon_seconds: Seconds = Decimal(5)
    aht_seconds: Span = Decimal(180)
    patience_seconds: Span = Decimal(120)
    service_level: ServiceLevel = ServiceLevel()
    max_abandonment: Ratio = Decimal("0.05")
    dispersion: Annotated[Number, Field(ge=2, le=1000)] = Decimal(20)
    lost_callers: Literal["abandoned", "all"] = "abandoned"
    callback_within_minutes: Annotated[Number, Field(gt=0, le=10_080)] = Decimal(30)
    contract_until: Annotated[date | None, BeforeValidator(a_date_or_none)] = None
    notice_days: Annotated[Whole, Field(ge=0, le=3650)] = 60
    billing_day: Annotated[Whole, Field(ge=1, le=28)] = 1
    telecom_per_minute: Money = "0"
    test_callers: tuple[Name, ...] = ()
    caller_digits: Literal[0, 4] = 0
    region: Annotated[str, BeforeValidator(a_region_or_none)] = ""
    channels: tuple[Name, ...] = ()
    tariff: tuple[Tariff, ...] = ()


class PlanFormat(Model):
    """`format` and `contract_format` of `[plan]`: a preset, and what of it is another here; or columns of one's own."""

    preset: Name = "floorwatch"
    projects: dict[Text, Text] = {}
    tz: Annotated[str, BeforeValidator(a_zone_or_default)] = ""
    sheet: Text = ""
    columns: dict[Text, Annotated[tuple[str | int, ...], BeforeValidator(some_columns)]] = {}
    header: Flag = True
    delimiter: Annotated[str, BeforeValidator(a_delimiter)] = ""
    datefmt: Annotated[str, BeforeValidator(a_time_form)] = ""
    defaults: dict[Text, Text] = {}
    only: dict[Text, Text] = {}


class PlanFile(Model):
    """`[plan]`"""

    file: Text = "/etc/floorwatch/plan.csv"
    format: Annotated[PlanFormat, BeforeValidator(a_format)] = PlanFormat()
    profile: Text = ""
    contract_file: Text = ""
    contract_format: Annotated[PlanFormat | None, BeforeValidator(a_format_or_none)] = None


class Alerts(Model):
    """`[alerts]`: every limit that a condition uses and no contract or group names."""

    deviation: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.15")
    act_p: Chance = Decimal("0.001")
    watch_p: Chance = Decimal("0.01")
    clear_p: Chance = Decimal("0.05")
    cusum: Annotated[Number, Field(ge=1, le=100)] = Decimal(5)
    share_p: Chance = Decimal("0.01")
    least_observed: Ratio = Decimal("0.95")
    silent_seconds: Seconds = Decimal(120)
    least_offered: Annotated[Whole, Field(ge=1, le=10_000)] = 10
    guard_p: Chance = Decimal("0.05")
    long_wait_seconds: Span = Decimal(180)
    unattended_seconds: Span = Decimal(60)
    surplus_agents: Annotated[Whole, Field(ge=1, le=10_000)] = 2
    occupancy_seconds: Seconds = Decimal(300)
    ring_no_answers: Annotated[Whole, Field(ge=1, le=10_000)] = 8
    ring_no_answer_ratio: Ratio = Decimal("0.30")
    stuck_call_minutes: Annotated[Number, Field(gt=0, le=1440)] = Decimal(90)
    disconnect_ratio: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.20")
    disconnect_agents: Annotated[Whole, Field(ge=1, le=10_000)] = 3
    disconnect_seconds: Annotated[Number, Field(ge=10, le=900)] = Decimal(120)
    after_hours_calls: Annotated[Whole, Field(ge=1, le=10_000)] = 5
    refused_calls: Annotated[Whole, Field(ge=1, le=10_000)] = 3
    contact_rate_attempts: Annotated[Whole, Field(ge=1, le=1_000_000)] = 100
    list_attempts: Annotated[Whole, Field(ge=1, le=1_000_000)] = 10
    list_ratio: Annotated[Number, Field(gt=0, le=Decimal("0.5"))] = Decimal("0.25")
    list_agents: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    trunk_failures: Annotated[Whole, Field(ge=1, le=10_000)] = 5
    trunk_down_seconds: Seconds = Decimal(60)
    trunk_full_seconds: Seconds = Decimal(30)
    plan_ends_days: Annotated[Number, Field(ge=0, le=366)] = Decimal(3)
    blind_seconds: Span = Decimal(60)
    clock_skew_seconds: Span = Decimal(2)
    guarantee_short: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.05")
    money_days: Annotated[Whole, Field(ge=1, le=28)] = 3


class Incident(Model):
    """`[[incident]]`: one that is known beforehand."""

    kind: Annotated[IncidentKind, BeforeValidator(one_of(IncidentKind))]
    scope: Annotated[str, BeforeValidator(a_scope)] = "site"
    since: Annotated[date | datetime, BeforeValidator(a_moment), Field(alias="from")]
    until: Annotated[date | datetime | None, BeforeValidator(a_moment_or_none)] = None
    recovery_minutes: Annotated[Number, Field(ge=0, le=1440)] = Decimal(15)
    note: Annotated[str, BeforeValidator(a_note)] = ""


class State(Model):
    """`[state]`"""

    directory: Text = "/var/lib/floorwatch"
    standby: Flag = False


class Web(Model):
    """`[web]`"""

    listen: Annotated[str, BeforeValidator(an_address)] = "127.0.0.1:9877"
    names: bool = False
    money: bool = False
    web_config_file: Annotated[Text, LATER] = ""


class Log(Model):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["logfmt", "json"] = "logfmt"


class Token(Model):
    """`[[token]]`"""

    name: Annotated[str, BeforeValidator(a_pbx_name)]
    secret_file: Text = ""
    secret_env: Text = ""
    scopes: Annotated[Texts, Field(min_length=1)]


class Store(Model):
    """`[store]`"""

    url: Annotated[str, BeforeValidator(a_store_url), HIDDEN] = "sqlite:////var/lib/floorwatch/floorwatch.db"
    retain_days: Annotated[Whole, Field(ge=1)] = 1200


class File(Model):
    """The whole file. The keys of a section that is a plain `Table` come with the version that reads them."""

    site: Site = Site()
    pbx: tuple[Pbx, ...] = ()
    group: tuple[Group, ...] = ()
    agents: Agents = Agents()
    project: tuple[Project, ...] = ()
    trunk: tuple[Trunk, ...] = ()
    plan: PlanFile = PlanFile()
    web: Web = Web()
    log: Log = Log()
    alerts: Alerts = Alerts()
    incident: tuple[Incident, ...] = ()
    money: Finances = Finances()
    state: State = State()
    store: Store = Store()
    token: tuple[Token, ...] = ()
    mqtt: Mqtt = Mqtt()
    notify: Annotated[Table, LATER] = {}
    roster: Annotated[Table, LATER] = {}
    signal: tuple[Signal, ...] = ()
    regions: Regions = Regions()
    report: tuple[Report, ...] = ()
    mail: Mail = Mail()
    results: Annotated[Table, LATER] = {}
