"""The configuration: one tiny bad file per error with its exact message beside it, one good file that uses everything."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from monitor.config import (
    Config,
    LogSettings,
    MqttSettings,
    PbxSettings,
    Secret,
    StateSettings,
    TokenSettings,
    WebSettings,
    finances,
    load,
    model,
    read_plan,
    tariffs,
)
from monitor.config.settings import FileFormat, MailSettings, ScheduleSettings
from monitor.config.table import LATER, Model
from monitor.core.contract import (
    MINUTE,
    SECOND,
    Contract,
    Finances,
    Group,
    Hours,
    Language,
    PauseClass,
    PauseReason,
    Person,
    Presence,
    Project,
    QueueId,
    Rate,
    RingCountsAs,
    ServiceLevel,
    SignedDay,
)
from monitor.core.formula import Formula
from monitor.core.limits import Limits
from monitor.core.outgoing import Outbound
from monitor.core.pay import Multipliers, Pay, Wage
from monitor.core.regions import Regions
from monitor.core.signals import Row, Signal
from monitor.core.tariff import (
    Band,
    Base,
    FlatMonth,
    HoursBase,
    Minimum,
    On,
    PerAgentHour,
    PerCall,
    PerFteMonth,
    Period,
    PerMinute,
    SlAdjust,
    Tariff,
    Tier,
)
from monitor.core.trunk import Trunk, TrunkId
from monitor.errors import ConfigError, PlanError
from monitor.plan.plan import EMPTY
from monitor.plan.presets import PRESETS
from monitor.plan.times import TimeForm
from tests.conftest import Golden

HERE = Path(__file__).parent / "config"
ROOT = Path(__file__).parent.parent
BAD = sorted((HERE / "bad").glob("*.toml"))
ENVIRONMENT = {"SECRET": "hush-hush", "EMPTY": ""}
TODAY = date(2026, 3, 2)
SECRETS = ("hunter2", "hush-hush", "s3cret-of-pbx1")

SMALL = """
[[pbx]]
name = "pbx1"
secret_env = "SECRET"

[[project]]
name = "bank-line"
queues = ["bank"]
"""

Load = Callable[..., Config]


@pytest.fixture
def load_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a text as the file `floorwatch.toml`, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, environment: dict[str, str] | None = None, today: date = TODAY) -> Config:
        Path("floorwatch.toml").write_text(text, encoding="utf-8")
        return load("floorwatch.toml", ENVIRONMENT if environment is None else environment, today)

    return load_text


# --- what is wrong -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_in_these_words(path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(ConfigError) as caught:
        load(path.name, ENVIRONMENT, TODAY)
    message = str(caught.value)
    assert not any(secret in message for secret in SECRETS)
    assert caught.value.exit_code == 2
    golden(path.with_suffix(".txt"), message + "\n")


def test_no_message_is_left_over_and_none_is_in_pydantics_words() -> None:
    assert {path.stem for path in (HERE / "bad").glob("*.txt")} == {path.stem for path in BAD}
    words = re.compile(r"input should be|field required|not permitted|validation error|function-before|pydantic", re.IGNORECASE)
    assert [path.name for path in (HERE / "bad").glob("*.txt") if words.search(path.read_text(encoding="utf-8"))] == []


def test_every_kind_of_error_pydantic_may_raise_here_has_our_words(load_text: Load) -> None:
    """Every key of every table, given something no key can be, is refused by its own name and in our words."""
    tables: dict[type[Model], str] = {
        model.Site: "[site]",
        model.Pbx: "[[pbx]]",
        model.Group: "[[group]]",
        model.Project: "[[project]]",
        model.PlanFile: "[plan]",
        model.Web: "[web]",
        model.Log: "[log]",
        model.State: "[state]",
        model.Store: "[store]",
        model.Alerts: "[alerts]",
        tariffs.Tariff: "[[project]]\n[[project.tariff]]",
        tariffs.PerCall: "[[project]]\n[[project.tariff]]\n[project.tariff.per_call]",
        tariffs.SlAdjust: "[[project]]\n[[project.tariff]]\n[project.tariff.sl_adjust]",
        finances.Finances: "[money]",
        finances.Night: "[money.night]",
        finances.Downtime: "[money.downtime]",
    }
    for table, opening in tables.items():
        for name, field in table.model_fields.items():
            key = field.alias or name
            with pytest.raises(ConfigError) as caught:
                load_text(f"{opening}\n{key} = 2026-01-01T00:00:00\n")
            assert any(flaw.key.endswith(key) for flaw in caught.value.flaws), str(caught.value)
            assert not re.search(r"input|valid |function|Pydantic", str(caught.value))


def test_a_file_that_is_not_there_or_not_utf8_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^nix\.toml: there is no such file; create it or correct the path$"):
        load("nix.toml", ENVIRONMENT, TODAY)
    Path("cp1251.toml").write_bytes('[site]\nname = "Київ"\n'.encode("cp1251"))
    with pytest.raises(ConfigError, match=r"^cp1251\.toml: is not UTF-8 \(byte 16\); save it as UTF-8$"):
        load("cp1251.toml", ENVIRONMENT, TODAY)


@pytest.mark.parametrize("text", ["x = " + "[" * 3000, "x = " + "1" * 5000])
def test_what_python_refuses_to_read_is_a_flaw(tmp_path: Path, text: str) -> None:
    (tmp_path / "floorwatch.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"floorwatch\.toml: is nested too deeply, or has a number of too many digits; write it shorter$"):
        load(tmp_path / "floorwatch.toml")


def test_a_bad_secret_file_never_shows_what_is_in_it(load_text: Load) -> None:
    Path("secret").write_bytes(b"hunter2\xff\n")
    with pytest.raises(ConfigError) as caught:
        load_text(SMALL.replace('secret_env = "SECRET"', 'secret_file = "secret"'))
    assert str(caught.value) == 'floorwatch.toml: [pbx pbx1] secret_file = "secret": is not UTF-8 (byte 8); save it as UTF-8'
    assert caught.value.__context__ is None or "hunter2" not in repr(caught.value.__cause__)


def test_a_file_that_may_not_be_read_is_not_called_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is played."""
    monkeypatch.chdir(tmp_path)
    Path("floorwatch.toml").write_text(SMALL.replace('secret_env = "SECRET"', 'secret_file = "secret"') + '[plan]\nfile = "plan.csv"\n', encoding="utf-8")
    for name in ("secret", "plan.csv"):
        Path(name).touch()
    real = Path.open

    def refuse(path: Path, mode: str = "r") -> IO[bytes]:
        if path.name in ("secret", "plan.csv"):
            raise PermissionError(13, "Permission denied")
        return cast("IO[bytes]", real(path, mode))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError) as caught:
        load("floorwatch.toml", ENVIRONMENT, TODAY)
    assert str(caught.value).splitlines() == [
        'floorwatch.toml: [pbx pbx1] secret_file = "secret": may not be read; give the daemon\'s user the right to',
        'floorwatch.toml: [plan] file = "plan.csv": may not be read; give the daemon\'s user the right to',
    ]


# --- what is right -------------------------------------------------------------------------------------------------------------------


def _tables() -> set[type[Model]]:
    found = [value for module in (model, tariffs, finances) for value in vars(module).values()]
    return {table for table in found if isinstance(table, type) and issubclass(table, Model)} - {Model}


def test_good_toml_uses_everything() -> None:
    """Every key of every table is set in good.toml."""
    source = model.File.model_validate(tomllib.loads((HERE / "good.toml").read_text(encoding="utf-8"), parse_float=Decimal))
    used: dict[type[BaseModel], set[str]] = {}

    def visit(value: object) -> None:
        if isinstance(value, BaseModel):
            used.setdefault(type(value), set()).update(value.model_fields_set)
            for name in value.model_fields_set:
                visit(getattr(value, name))
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ():
            visit(part)

    visit(source)
    tables = _tables()
    assert {table: used.get(table) for table in tables} == {table: set(table.model_fields) for table in tables}


MIDNIGHT = 1_780_261_200 * SECOND  # 2026-06-01 in Kyiv, as all of them
STORMS = (
    Row(MIDNIGHT, MIDNIGHT + 1440 * MINUTE),
    Row(MIDNIGHT + 1440 * MINUTE, MIDNIGHT + 2880 * MINUTE),
    Row(MIDNIGHT + 43_800 * MINUTE, MIDNIGHT + 43_920 * MINUTE, "Київ"),
    Row(MIDNIGHT + 298_140 * MINUTE, MIDNIGHT + 299_580 * MINUTE),
)
TARIFFS = (
    Tariff(
        since=date(2026, 1, 1),
        until=date(2026, 6, 30),
        currency="USD",
        per_minute=PerMinute(
            Decimal("4.50"),
            Base.TALK_HOLD,
            increment_s=30,
            minimum_s=60,
            free_s=3,
            tiers=(Tier(Decimal(0), Decimal("4.50")), Tier(Decimal(1000), Decimal("4.00")), Tier(Decimal("5000.5"), Decimal("3.50"))),
        ),
        per_call=PerCall(Decimal(9), On.HANDLED, 8, (Tier(Decimal(0), Decimal(9)), Tier(Decimal(500), Decimal("8.00")))),
        per_agent_hour=PerAgentHour(Decimal("300.00"), HoursBase.STAFFED, Decimal("0.4")),
        per_fte_month=PerFteMonth(Decimal(40000), Decimal("2.5")),
        per_result=(("sold", Decimal("100.00")), ("", Decimal(5))),
        flat_month=FlatMonth(Decimal(100000), 1000, Decimal("5.00")),
        minimum=Minimum(Decimal("5000.000001"), Decimal("0.9")),
        sl_adjust=SlAdjust(
            Formula.ANSWERED,
            15 * SECOND,
            (Band(Decimal("0.90"), Decimal(3)), Band(Decimal("0.80"), Decimal(0)), Band(Decimal(0), Decimal(-5))),
            Period.DAY,
            frozenset({"power", "pbx"}),
            excused_above_plan=True,
        ),
    ),
    Tariff(date(2026, 7, 1), currency="EUR", per_call=PerCall(Decimal("9.50")), per_agent_hour=PerAgentHour(Decimal("310.00"), share=None)),
)


def everywhere(queue: str) -> tuple[QueueId, ...]:
    return tuple(QueueId(pbx, queue) for pbx in ("pbx1", "pbx2", "pbx3"))


def test_good_toml_means_this() -> None:
    config = load(HERE / "good.toml", ENVIRONMENT | {"CREDENTIALS_DIRECTORY": str(HERE / "credentials")}, TODAY)
    weekdays = ((9 * 3600, 18 * 3600),)
    kyiv, warsaw = ZoneInfo("Europe/Kyiv"), ZoneInfo("Europe/Warsaw")
    assert dataclasses.replace(config.contract, incidents=()) == Contract(
        site="kyiv-1",
        zone=kyiv,
        language=Language.ENGLISH,
        interval_us=15 * MINUTE,
        ring_counts_as=RingCountsAs.AVAILABLE,
        agent_metrics=True,
        match_digits=10,
        keep_numbers=False,
        pbxs=("pbx1", "pbx2", "pbx3"),
        groups=(
            Group(
                name="floor",
                members=("PJSIP/*", "Agent *"),
                presence=Presence.UNPAUSED,
                unreachable_grace_us=90 * SECOND,
                max_occupancy=0.9,
                min_occupancy=0.5,
                shrinkage=0.3,
                pause_reasons=(
                    PauseReason("lunch", PauseClass.UNPAID, 35 * MINUTE),
                    PauseReason("break", PauseClass.PAID),
                    PauseReason("wrapup", PauseClass.ACW),
                    PauseReason("chat", PauseClass.WORK, None, "shop-line"),
                ),
            ),
            Group(name="night", presence=Presence.HOURS, pause_reasons=(PauseReason("mail", PauseClass.WORK, None, "taxi-line"),)),
        ),
        projects=(
            Project(
                name="bank-line",
                client="Bank",
                group="floor",
                queues=(QueueId("pbx1", "bank"), QueueId("pbx2", "bank"), QueueId("pbx3", "bank"), QueueId("pbx2", "600"), *everywhere("dial")),
                outbound=Outbound(("PJSIP/trunk",), ("out",), ("from-dialer",), ("38050",), ("044*",), everywhere("dial"), 10 * SECOND),
                zone=kyiv,
                dids=frozenset({"380441"}),
                hours=Hours((weekdays,) * 5 + (((10 * 3600, 14 * 3600),), ()), frozenset({"2026-01-01", "2026-12-25"})),
                wrapup_us=10_500_000,
                short_us=3 * SECOND,
                aht_us=200 * SECOND,
                service_level=ServiceLevel(30 * SECOND, 0.9, Formula.ANSWERED),
                max_abandonment=0.03,
                patience_us=90 * SECOND,
                dispersion=38.0,
                callback_us=15 * MINUTE,
                short_is_lost=True,
                day_starts=5 * 60 + 15,
                contract_until=date(2027, 1, 1),
                notice_days=90,
                tariffs=TARIFFS,
                billing_day=15,
                telecom_per_minute=Decimal("0.35"),
                test_callers=("380440000*",),
                caller_digits=4,
                region="Lviv",
                channels=("chat", "e-mail"),
                signed=(SignedDay(date(2026, 11, 24).toordinal(), 40_000_000, 40 * 180 * SECOND),),
            ),
            Project(
                name="shop-line",
                client="shop-line",
                group="floor",
                queues=(QueueId("pbx1", "bank"),),
                zone=warsaw,
                dids=frozenset({"380442"}),
            ),
            Project(
                name="taxi-line",
                client="Taxi",
                group="night",
                queues=everywhere("taxi-out"),
                zone=kyiv,
                outbound=Outbound(dialer_queues=everywhere("taxi-out")),
            ),
        ),
        people=(
            Person("101", "Олена", ("PJSIP/101", "SIP/101"), "floor"),
            Person("102", "102", ("pbx2:PJSIP/102",), None),
            Person("103", "Тарас", ("PJSIP/103",), "night"),
        ),
        limits=Limits(
            deviation=0.2,
            act_p=0.002,
            watch_p=0.02,
            clear_p=0.1,
            cusum=6.0,
            share_p=0.02,
            least_observed=0.9,
            silent_us=60 * SECOND,
            least_offered=20,
            guard_p=0.1,
            long_wait_us=120 * SECOND,
            unattended_us=30 * SECOND,
            surplus_agents=3,
            occupancy_us=240 * SECOND,
            ring_no_answers=10,
            ring_no_answer_ratio=0.4,
            stuck_call_us=60 * MINUTE,
            disconnect_ratio=0.25,
            disconnect_agents=4,
            disconnect_us=90 * SECOND,
            after_hours_calls=6,
            refused_calls=4,
            contact_rate_attempts=250,
            list_attempts=20,
            list_ratio=0.2,
            list_agents=2,
            trunk_failures=6,
            trunk_down_us=90 * SECOND,
            trunk_full_us=20_500_000,
            plan_ends_us=2 * 24 * 60 * MINUTE,
            blind_us=45 * SECOND,
            clock_skew_us=1_500_000,
            guarantee_short=0.1,
            money_days=5,
        ),
        pay=Pay(
            (
                Wage(Decimal("180.00"), "101"),
                Wage(Decimal(150), "104", last=date(2025, 12, 31)),
                Wage(Decimal("200.00"), group="floor"),
            ),
            Multipliers(
                night=Decimal("1.2"),
                night_from=time(21, 45),
                night_to=time(5, 30),
                holiday=Decimal(2),
                overtime=Decimal("1.5"),
                overtime_after_us=450 * MINUTE,
                downtime=Decimal("0.67"),
                downtime_kinds=frozenset({"power", "air_raid"}),
            ),
            frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
        ),
        finances=Finances(
            "EUR",
            Decimal("1200.00"),
            Decimal("0.20"),
            Decimal(500000),
            (Rate("USD", date.min, Decimal("0.92")), Rate("UAH", date.min, Decimal("0.021")), Rate("UAH", date(2026, 2, 1), Decimal("0.020"))),
        ),
        signals=(
            Signal("storm", "thunderstorm", ("Київ", "Lviv"), ("bank-line",), STORMS, 390 * MINUTE),
            Signal("law", "law"),
        ),
        regions=Regions("REGION", "380", "0", "810", 9, (("38032", "Lviv"), ("380322", "Lviv city"), ("38044", "Київ")), ("Київ", "Lviv", "Lviv city")),
        trunks=(
            *(Trunk(TrunkId(pbx, "kyivstar"), ("PJSIP/kyivstar", "SIP/ks-*"), 30) for pbx in ("pbx1", "pbx2", "pbx3")),
            Trunk(TrunkId("pbx2", "isdn"), ("DAHDI/i1",)),
        ),
    )
    master, log = "/var/log/asterisk/cdr-csv/Master.csv", "/var/log/asterisk/queue_log"
    mysql, postgresql = "mysql://reader@db/asteriskcdrdb", "postgresql+psycopg://reader@[::1]:5433/asterisk?table=calls"
    hush, secret = Secret("hush-hush"), Secret("s3cret-of-pbx1")
    assert config.pbxs == (
        PbxSettings("pbx1", "10.0.0.5", 5039, "watcher", Secret("s3cret-of-pbx1"), True, HERE / "files" / "ca.pem", "", 2.5, 7.5, 60.0, master),
        PbxSettings("pbx2", "127.0.0.1", 5038, "floorwatch", hush, queue_log=log, cdr=mysql, cdr_secret=hush),
        PbxSettings("pbx3", "127.0.0.1", 5038, "floorwatch", Secret("of a credential"), queue_log=log, cdr=postgresql, cdr_secret=secret),
    )
    assert config.web == WebSettings("::1", 0, names=True, money=True)
    assert config.log == LogSettings("debug", "json")
    assert config.tokens == (
        TokenSettings("reload", Secret("hush-hush"), ("write", "read")),
        TokenSettings("proxy", Secret("s3cret-of-pbx1"), ("client:Bank",)),
    )
    assert [str(one.scope) for one in config.contract.incidents] == [
        "client:Bank",
        *(f"project:{name}-line" for name in ("bank", "shop", "taxi")),
        *(f"project:{name}-line" for name in ("bank", "shop", "taxi")),
    ]
    assert config.plan_file == HERE / "files" / "plan.csv"
    assert (config.plan.contract_file, config.plan.profile) == (HERE / "files" / "contract.csv", HERE / "files" / "profile.csv")
    assert config.plan.contract_format == FileFormat()
    mapping = config.plan.format.mapping
    assert (mapping.name, mapping.header, mapping.delimiter, mapping.form, mapping.zone) == ("mapping", True, ";", TimeForm("%d.%m.%Y %H:%M"), warsaw)
    assert mapping.columns == {**PRESETS["genesys"].columns, "volume": ("Calls",)}
    assert (mapping.projects, mapping.defaults) == ({"Bank": "bank-line"}, {"interval_s": "1800"})
    assert (mapping.only, mapping.whose, config.plan.format.sheet) == ({"Media Type": ("voice", "callback")}, PRESETS["genesys"].whose, "Plan")
    assert json.loads(config.plan.format.text)["preset"] == "genesys"
    assert config.state == StateSettings(Path("/srv/floorwatch"), standby=True)
    weekly = ScheduleSettings("bank-weekly", "client", "week", 435, "csv", str(HERE / "out/{name}-{date}.csv"), ("boss@example.com",), "Bank")
    annex = ScheduleSettings("bank-annex", "billing", "month", to="/srv/{name}-{date}.xlsx", project="bank-line")
    assert config.schedules == (weekly, annex)
    assert config.mail == MailSettings("mail.example.com", 25, "floor@example.com", "floor", Secret("hush-hush"), "tls")
    files = {key: HERE / "files" / name for key, name in (("tls_ca", "ca.pem"), ("tls_certificate", "client.pem"), ("tls_key", "client.key"))}
    broker = MqttSettings(
        "broker.example.com", 8883, True, "acme/floorwatch", "floor-1", "floor", Secret("hush-hush"), keepalive_seconds=45, money=True, **files
    )
    assert config.mqtt == broker
    assert config.file == HERE / "good.toml"
    later = f" {LATER}"
    assert [note.removesuffix(later) for note in config.notes if note.endswith(later)] == [
        *("[[project]] account_codes", "[[project]] tenants"),
        *("[web] web_config_file", "[notify]", "[roster]", "[results]"),
    ]
    assert [note for note in config.notes if not note.endswith(later) and "secret_file" not in note] == [  # its mode is the checkout's
        f"{HERE / 'files' / 'agents.csv'}: from and to are looked at when the configuration is loaded; reload it on the day a row begins or ends",
        "[group night] wage_per_hour is not given: what its people cost is unknown, and so is the margin, but for those whose wage is in the agents file",
        "[token reload] its secret is short and may be guessed; make one of at least 16 letters: openssl rand -hex 32",
        '[token proxy] scopes = ["client:Bank"]: has no effect in this version, only read and write have',
        "[token proxy] its secret is short and may be guessed; make one of at least 16 letters: openssl rand -hex 32",
    ]


def test_the_smallest_file_means_the_defaults(load_text: Load) -> None:
    config = load_text(SMALL)
    (project,) = config.contract.projects
    assert project == Project("bank-line", "bank-line", "floor", (QueueId("pbx1", "bank"),), ZoneInfo("Europe/Kyiv"))
    assert config.contract.groups == (Group("floor"),)
    assert config.contract.pay == Pay((Wage(Decimal("180.00"), group="floor"),))
    assert dataclasses.replace(config.contract, groups=(), projects=(), zone=Contract().zone, pay=Pay()) == Contract()
    assert config.pbxs == (PbxSettings("pbx1", "127.0.0.1", 5038, "floorwatch", Secret("hush-hush"), queue_log="/var/log/asterisk/queue_log"),)
    assert (config.web, config.log, config.notes) == (WebSettings(), LogSettings(), ())
    assert config.state == StateSettings(Path("/var/lib/floorwatch"))
    assert config.plan_file is None or config.plan_file == Path("/etc/floorwatch/plan.csv")


def test_the_example_equals_the_defaults_and_names_every_key() -> None:
    text = (ROOT / "deploy" / "floorwatch.example.toml").read_text(encoding="utf-8")
    example = model.File.model_validate(tomllib.loads(text, parse_float=Decimal))
    own = {"pbx": ("name", "secret_file"), "group": ("name",), "project": ("name", "client", "group", "queues")}
    document: dict[str, Any] = {head: [{key: getattr(row, key) for key in keys} for row in getattr(example, head)] for head, keys in own.items()}
    document["site"] = {"name": example.site.name}
    assert example.model_dump() == model.File.model_validate(document).model_dump()
    for table in _tables():
        for name, field in table.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", text), f"{table.__name__}.{name} is not in the example"


def test_the_example_loads_once_its_secret_and_plan_are_there(load_text: Load) -> None:
    text = (ROOT / "deploy" / "floorwatch.example.toml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    assert {flaw.key for flaw in caught.value.flaws} <= {"secret_file", "file"}
    Path("ami-secret").write_text("hunter2\n", encoding="utf-8")
    config = load_text(text.replace("/etc/floorwatch/ami-secret", "ami-secret").replace("/etc/floorwatch/plan.csv", ""))
    assert config.pbxs[0].secret.reveal() == "hunter2"


def test_paths_are_named_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "secret").write_text("hunter2\r\n", encoding="utf-8")
    (folder / "plan.csv").write_text("project,interval_start,volume,aht_s\nbank-line,2026-03-02T09:00Z,10,180\n", encoding="utf-8")
    (folder / "agents.csv").write_text("employee_id,interfaces\n1,PJSIP/1\n", encoding="utf-8")
    text = SMALL.replace('secret_env = "SECRET"', 'secret_file = "secret"') + '[plan]\nfile = "plan.csv"\n[agents]\nfile = "agents.csv"\n'
    (folder / "floorwatch.toml").write_text(text, encoding="utf-8")
    config = load("etc/floorwatch.toml", {}, TODAY)
    assert config.pbxs[0].secret.reveal() == "hunter2"
    assert config.contract.people == (Person("1", "1", ("PJSIP/1",)),)
    assert config.plan_file == Path("etc/plan.csv")
    assert read_plan(config).projects() == ("bank-line",)


@pytest.mark.parametrize("listen", ["0.0.0.0:9877", "[::]:9877", "192.168.1.5:9877", "pbx.example:9877"])
def test_listening_beyond_loopback_deserves_a_word(load_text: Load, listen: str) -> None:
    (note,) = load_text(SMALL + f'[web]\nlisten = "{listen}"\n').notes
    assert note.startswith(f'[web] listen = "{listen}": anybody who reaches it reads data about people; listen on 127.0.0.1, or ')


@pytest.mark.parametrize("listen", ["127.0.0.1:9877", "127.0.0.53:9877", "localhost:9877", "[::1]:9877"])
def test_listening_on_loopback_does_not(load_text: Load, listen: str) -> None:
    assert load_text(SMALL + f'[web]\nlisten = "{listen}"\n').notes == ()


# --- secrets -------------------------------------------------------------------------------------------------------------------------


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("hunter2")
    settings = PbxSettings("pbx1", "127.0.0.1", 5038, "floorwatch", secret)
    assert "hunter2" not in f"{secret} {secret!r} {settings} {settings!r} {[secret]}"
    assert secret.reveal() == "hunter2"


@pytest.mark.parametrize(("written", "meant"), [("a b\n", "a b"), ("plain", "plain"), ("dos\r\n", "dos"), (" kept \n", " kept "), ("\ufeffbom\n", "bom")])
def test_only_the_line_end_is_not_part_of_a_secret(load_text: Load, written: str, meant: str) -> None:
    Path("secret").write_bytes(written.encode())
    config = load_text(SMALL.replace('secret_env = "SECRET"', 'secret_file = "secret"'))
    assert config.pbxs[0].secret.reveal() == meant


def test_a_systemd_credential_is_named_after_its_pbx_and_a_named_file_wins(load_text: Load) -> None:
    Path("pbx1").write_text("of systemd\n", encoding="utf-8")
    Path("secret").write_text("of the file\n", encoding="utf-8")
    environment = {"CREDENTIALS_DIRECTORY": "."}
    assert load_text(SMALL.replace('secret_env = "SECRET"', ""), environment).pbxs[0].secret.reveal() == "of systemd"
    assert load_text(SMALL.replace('secret_env = "SECRET"', 'secret_file = "secret"'), environment).pbxs[0].secret.reveal() == "of the file"


# --- queues, groups, pauses ----------------------------------------------------------------------------------------------------------


def test_one_project_may_take_what_no_number_claims(load_text: Load) -> None:
    text = SMALL + 'dids = ["380441"]\n[[project]]\nname = "rest"\nqueues = ["bank"]\n[[project]]\nname = "shop"\nqueues = ["bank"]\ndids = ["380442"]\n'
    contract = load_text(text).contract
    queue = QueueId("pbx1", "bank")
    found = [contract.project_for(queue, did) for did in ("380441", "380442", "380443", "")]
    assert [project.name for project in found if project] == ["bank-line", "shop", "rest", "rest"]


def test_a_queue_named_twice_by_one_project_is_one_queue(load_text: Load) -> None:
    assert load_text(SMALL.replace('["bank"]', '["bank", "pbx1/bank", "bank"]')).contract.projects[0].queues == (QueueId("pbx1", "bank"),)


def test_a_work_pause_of_a_group_with_one_project_is_for_that_project(load_text: Load) -> None:
    config = load_text(SMALL + '[[group]]\nname = "floor"\npause_reasons = { chat = "work" }\n')
    assert config.contract.groups[0].pause_reasons == (PauseReason("chat", PauseClass.WORK, None, "bank-line"),)


def test_an_empty_value_is_no_note_but_a_zero_is(load_text: Load) -> None:
    quiet = load_text(SMALL + 'contract_until = ""\ntenants = []\noutbound = { trunks = [] }\n[mqtt]\n')
    assert quiet.notes == ()
    assert load_text(SMALL + 'account_codes = ["0"]\n').notes == (f"[[project]] account_codes {LATER}",)


def with_cdr(*keys: str) -> str:
    return SMALL.replace('secret_env = "SECRET"', "\n".join(('secret_env = "SECRET"', *keys)))


def test_a_cdr_may_be_a_database_whose_password_nobody_sees(load_text: Load, tmp_path: Path) -> None:
    config = load_text(with_cdr('cdr = "mysql://asterisk:hunter2@db/cdr"'))
    assert (config.notes, config.pbxs[0].cdr_file, config.pbxs[0].cdr) == ((), None, "mysql://asterisk:hunter2@db/cdr")
    assert "hunter2" not in repr(config)
    (tmp_path / "cdr").write_text("hunter2\n", encoding="utf-8")
    (tmp_path / "cdr").chmod(0o600)
    by_file = load_text(with_cdr('cdr = "postgresql+psycopg://asterisk@db/cdr?table=calls"', f'cdr_secret_file = "{tmp_path}/cdr"'))
    by_variable = load_text(with_cdr('cdr = "mariadb://asterisk@db/cdr"', 'cdr_secret_env = "SECRET"'))
    assert by_file.pbxs[0].cdr_secret.reveal() == "hunter2"
    assert by_variable.pbxs[0].cdr_secret.reveal() == by_variable.pbxs[0].secret.reveal()
    assert "hunter2" not in repr(by_file)
    file = load_text(with_cdr('cdr = "Master.csv"'))
    assert (file.notes, file.pbxs[0].cdr_file) == ((), file.file.parent / "Master.csv")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (('cdr = "sqlite:////cdr.db"',), "cdr: is no database this version knows; write mysql://user@host/asteriskcdrdb or postgresql+psycopg://user@host/"),
        (('cdr = "postgresql://u:hunter2@db/cdr"',), "cdr: is no database this version knows; write mysql://"),
        (('cdr = "mysql://u:hunter2@more@db/cdr"',), "cdr: is not an address; write it as mysql://user@host/database, with its password by cdr_secret_file"),
        (('cdr = "mysql://u:hunter2@db:99999/cdr"',), "cdr: is not an address"),
        (('cdr = "mysql://u:hunter2@db"',), "cdr: names no database; write it as mysql://user@host/asteriskcdrdb"),
        (('cdr_secret_env = "SECRET"',), "cdr_secret: is given, but cdr is no database; leave it out, or name one: mysql://user@host/asteriskcdrdb"),
        (
            ('cdr = "mysql://u:hunter2@db/cdr"', 'cdr_secret_env = "SECRET"'),
            "cdr_secret: is given twice, by cdr_secret and in the address cdr; keep one of them",
        ),
        (
            ('cdr = "mysql://u@db/cdr"', 'cdr_secret_env = "SECRET"', 'cdr_secret_file = "x"'),
            "cdr_secret: is given twice, by cdr_secret_file and by cdr_secret_env",
        ),
        (('cdr = "mysql://u@db/cdr"', 'cdr_secret_file = "/nowhere"'), 'cdr_secret_file = "/nowhere": '),
        (('cdr = "mysql://u@db/cdr"', 'cdr_secret_env = "NOWHERE"'), 'cdr_secret_env = "NOWHERE": '),
    ],
)
def test_a_database_that_is_written_wrongly_is_said_without_its_password(load_text: Load, keys: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_text(with_cdr(*keys))
    assert f"[pbx pbx1] {said}" in str(refused.value)
    assert "hunter2" not in str(refused.value)


# --- people and plan -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "group"), [(date(2026, 1, 31), "floor"), (date(2026, 2, 1), "night"), (date(2026, 2, 28), "night"), (date(2026, 3, 1), None)]
)
def test_a_row_of_the_agents_file_holds_from_its_first_to_its_last_day(load_text: Load, today: date, group: str | None) -> None:
    Path("agents.csv").write_text(
        "\ufeffemployee_id,name,interfaces,group,wage,from,to\r\n1,Olena,PJSIP/1,floor,,,2026-01-31\r\n\r\n1,Olena,PJSIP/1,night,,2026-02-01,2026-02-28\r\n",
        encoding="utf-8",
    )
    text = SMALL + 'group = "floor"\n[[project]]\nname = "taxi"\nqueues = ["taxi"]\ngroup = "night"\n[[group]]\nname = "floor"\n[[group]]\nname = "night"\n'
    people = load_text(text + '[agents]\nfile = "agents.csv"\n', today=today).contract.people
    assert [person.group for person in people] == ([group] if group else [])


def test_the_day_of_the_agents_file_is_the_sites_own(load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("agents.csv").write_text("employee_id,interfaces,from,to\n1,PJSIP/1,2026-03-02,\n2,PJSIP/2,,2026-03-01\n", encoding="utf-8")
    Path("floorwatch.toml").write_text('[agents]\nfile = "agents.csv"\n' + SMALL, encoding="utf-8")
    monkeypatch.setattr("monitor.config.time.time", lambda: 1_772_402_400.0)  # 2026-03-01T22:00Z, midnight in Kyiv
    assert [person.id for person in load("floorwatch.toml", ENVIRONMENT).contract.people] == ["1"]
    monkeypatch.setattr("monitor.config.time.time", lambda: 1_772_402_399.0)
    assert [person.id for person in load("floorwatch.toml", ENVIRONMENT).contract.people] == ["2"]


def test_a_plan_that_cannot_be_read_is_a_plan_error(load_text: Load) -> None:
    Path("plan.csv").write_text("project,interval_start,volume,aht_s\nbank-line,2026-03-02T09:00Z,10,180\n", encoding="utf-8")
    config = load_text(SMALL + '[plan]\nfile = "plan.csv"\n')
    assert read_plan(config).projects() == ("bank-line",)
    Path("plan.csv").write_text("project,interval_start,volume,aht_s\nbank-lime,2026-03-02T09:00Z,10,180\n", encoding="utf-8")
    with pytest.raises(PlanError, match=r"^plan\.csv:2: unknown project 'bank-lime'; did you mean 'bank-line'\?$"):
        read_plan(config)
    Path("plan.csv").write_bytes("project,interval_start,volume,aht_s\nБанк,2026-03-02T09:00Z,10,180\n".encode("cp1251"))
    with pytest.raises(PlanError, match=r"^plan\.csv:2: unknown project 'Банк'; the configuration has bank-line$"):
        read_plan(config)
    Path("plan.csv").write_bytes("project,interval_start,volume,aht_s\nБанк\x98,2026-03-02T09:00Z,10,180\n".encode("latin-1", "ignore") + b"\x98")
    with pytest.raises(PlanError, match=r"^plan\.csv: is not UTF-8 \(byte 37\); save it as UTF-8$"):
        read_plan(config)
    Path("plan.csv").unlink()
    with pytest.raises(PlanError, match=r"^plan\.csv: there is no such file; create it or correct the path$"):
        read_plan(config)
    assert read_plan(load_text(SMALL + '[plan]\nfile = ""\n')) is EMPTY
