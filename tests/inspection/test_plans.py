"""What `check` says of a plan: how it was read, how far it goes, and where it and the opening hours disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from monitor.config import Config, PlanSettings, StoreSettings
from monitor.config.hours import parse_hours
from monitor.config.plan_files import Working
from monitor.core.contract import SECOND, Contract, Project
from monitor.core.outgoing import Outbound
from monitor.inspection import plans
from monitor.plan.formats import Read, read_floorwatch
from monitor.plan.plan import EMPTY, Plan
from monitor.plan.scales import Scale
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.writer import Batch, PlanVersion, write
from monitor.versions import altered, versions

BANK = Project("bank", "Bank", "floor", (), ZoneInfo("Europe/Kyiv"), hours=parse_hours("Mon-Fri 09:00-11:00"))
CONTRACT = Contract(projects=(BANK,), zone=ZoneInfo("Europe/Kyiv"))
CONFIG = Config(Path("floorwatch.toml"), CONTRACT, (), plan_file=Path("plan.csv"))
HEAD = "project,interval_start,volume,aht_s\n"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def said(*rows: str, now: str = "2026-12-01T09:10+02:00", scales: tuple[Scale, ...] = (), left_out: int = 0, totals: int = 0) -> list[str]:
    found = read_floorwatch(HEAD + "\n".join(rows) + "\n", CONTRACT)
    working = Working(Read(found, "calabrio", left_out, totals), scales, Plan.of(found))
    return [str(finding) for finding in plans.look(CONFIG, working.plan, at(now), working, EMPTY)]


DAY = tuple(f"bank,2026-12-01T{time},5,180" for time in ("09:00", "09:30", "10:00", "10:30"))


def test_a_plan_that_covers_its_hours_has_three_words() -> None:
    assert said(*DAY, left_out=3, totals=1) == [
        "ok       plan: plan.csv: calabrio, 4 rows, 3 rows left out, 1 total spread",
        "ok       bank: planned from 2026-12-01T09:00+02:00 until 2026-12-01T11:00+02:00",
    ]


def test_open_hours_without_a_plan_and_a_plan_of_closed_hours_are_named() -> None:
    shifted = tuple(row.replace("T09:", "T07:").replace("T10:", "T08:") for row in DAY)
    assert said(*shifted, "bank,2026-12-01T10:00,5,180", now="2026-12-01T07:10+02:00")[2:] == [
        (
            "warning  bank: 2 intervals of its opening hours up to 2026-12-01T10:30+02:00 have no plan, the first 2026-12-01T09:00+02:00; "
            "a row with volume 0 says that nobody is expected"
        ),
        (
            "warning  bank: 20 of 25 contacts up to 2026-12-01T10:30+02:00 are planned while it is closed, the first 2026-12-01T07:00+02:00; "
            "correct its hours, or the time zone of the plan"
        ),
    ]


def test_the_end_of_a_plan_and_none_at_all() -> None:
    assert said(*DAY, now="2026-12-01T11:00+02:00")[1].startswith("BAD      bank: the plan ended 2026-12-01T11:00+02:00; ")
    assert said(*DAY, now="2026-12-01T07:00+02:00")[1].endswith(", with nothing planned right now")
    assert [str(finding) for finding in plans.look(replace(CONFIG, plan_file=None), EMPTY, 0, None, EMPTY)] == [
        "ok       bank: no plan; workload and occupancy are shown, deviations are not"
    ]


def test_a_plan_of_outgoing_calls_has_a_line_of_its_own() -> None:
    text = "project,interval_start,volume,aht_s,direction,contact_rate\nbank,2026-12-01T09:30,5,180,outbound,0.3\nbank,2026-12-01T08:00,5,180,callback,0.3\n"
    found = read_floorwatch(text, CONTRACT)
    working, now = Working(Read(found, "floorwatch", 0, 0), (), EMPTY), at("2026-12-01T09:10+02:00")
    dialling = replace(CONTRACT, projects=(replace(BANK, outbound=Outbound(trunks=("PJSIP/carrier",))),))
    lines = [str(one) for one in plans.look(replace(CONFIG, contract=dialling), Plan.of(found), now, working, EMPTY)]
    assert lines[1:] == [
        "ok       bank, outbound: planned from 2026-12-01T09:30+02:00 until 2026-12-01T10:00+02:00",
        "BAD      bank, callback: the plan ended 2026-12-01T08:30+02:00; deviations stop there, bring a newer one",
    ]
    unknown = "its plan is never met; say how they are known: outbound = { trunks = [...] }"
    assert [str(one) for one in plans.look(CONFIG, Plan.of(found), now, working, EMPTY)] == [
        *lines,
        f"warning  bank: calls out are planned, and none can be known as its own: {unknown}",
    ]


def test_scales_that_hold_are_named() -> None:
    one = Scale("bank", date(2026, 12, 1), None, Decimal("0.6"), "olena", 0, "by phone")
    over, gone = replace(one, last=date(2026, 11, 30), first=date(2026, 11, 29)), replace(one, removed_at=1)
    assert said(*DAY, scales=(one, over, gone, replace(one, project="x")))[2:] == [
        "ok       bank: the plan is scaled by 0.6 from 2026-12-01 on; olena: by phone"
    ]


# --- what was signed -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(tmp_path: Path) -> Config:
    file = tmp_path / "signed.csv"
    file.write_text(HEAD + DAY[0] + "\n", encoding="utf-8")
    place = Place(f"sqlite:///{tmp_path}/store.db")
    with place.open() as opened, opened.connection.begin():
        migrations.migrate(opened.connection, place.shown)
    return replace(CONFIG, plan_file=None, plan=PlanSettings(contract_file=file), store=StoreSettings(place.url))


def keep(config: Config, found: list[PlanVersion]) -> None:
    with Place(config.store.url).open() as opened:
        write(opened.connection, Batch(0, plans=found))


def test_what_was_signed_is_not_to_change(signed: Config) -> None:
    file = signed.plan.contract_file
    assert file is not None
    text = file.read_text(encoding="utf-8")
    first = versions(signed, at("2026-11-30T12:00+02:00"), "start")
    assert [(one.kind, one.who, one.why) for one in first if not one.empty] == [("contract", str(file), "start")]
    keep(signed, first)
    assert altered(signed) is None
    file.write_text(text.replace("5,180", "4,180"), encoding="utf-8")
    problem = f"{file} is not what it was on 2026-11-30, when it was first stored; put it back, or name what was signed anew in another contract_file"
    assert altered(signed) == problem
    with capture_logs() as logs:
        keep(signed, versions(signed, at("2026-12-01T12:00+02:00"), "reload"))
    assert logs == [{"event": "contract plan", "problem": problem, "log_level": "warning"}]
    assert altered(signed) == problem  # stored, and still not what was signed
    found = plans.look(signed, EMPTY, 0, None, Plan.of(read_floorwatch(HEAD + DAY[0], CONTRACT)))
    assert [str(one) for one in found[1:]] == [f"ok       contract plan: {file}: 1 row of bank", f"warning  contract plan: {problem}"]
    file.write_text(text, encoding="utf-8")
    assert altered(signed) is None
    another = file.with_name("signed-2027.csv")
    another.write_text(text + DAY[1] + "\n", encoding="utf-8")
    assert altered(replace(signed, plan=PlanSettings(contract_file=another))) is None


def test_without_a_store_nothing_is_known(signed: Config, tmp_path: Path) -> None:
    assert altered(replace(signed, store=StoreSettings(""))) is None
    assert altered(replace(signed, store=StoreSettings(f"sqlite:///{tmp_path}/nowhere/store.db"))) is None
