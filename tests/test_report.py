"""`floorwatch report`, as a user types it: where it goes, what is refused, and beside a daemon that writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor import cli
from monitor.core.contract import SECOND
from monitor.errors import FloorwatchError
from monitor.state.store import migrations, schema
from monitor.state.store.place import Place
from tests.outputs.reports.filled import two_days

CONFIG = """
[site]
name = "kyiv-1"
timezone = "Europe/Kyiv"
language = "en"
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
[[project]]
name = "bank-line"
client = "Bank"
queues = ["bank"]
[[project]]
name = "shop-line"
client = "Shop"
queues = ["shop"]
[state]
directory = ""
[plan]
file = ""
[store]
url = "{url}"
"""
NOW = int(datetime(2026, 12, 1, 9, tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.clock.Clock.now", lambda _: NOW)


def place_of(folder: Path) -> Place:
    return Place(f"sqlite:///{folder}/floorwatch.db")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    two_days().write(place_of(tmp_path))
    (tmp_path / "floorwatch.toml").write_text(CONFIG.format(url="sqlite:///floorwatch.db"))
    return tmp_path / "floorwatch.toml"


def report(name: str, file: Path, *more: str) -> Result:
    return CliRunner().invoke(cli.commands, ["report", name, "--config", str(file), *more])


def said(done: Result) -> tuple[int, str]:
    assert isinstance(done.exception, FloorwatchError), done.output
    return done.exception.exit_code, str(done.exception)


@pytest.mark.parametrize(("name", "title"), [("day", "Days"), ("agents", "Agents"), ("payroll", "Payroll hours"), ("signals", "Signals and contact rates")])
def test_a_table_of_days_or_of_a_month(file: Path, name: str, title: str) -> None:
    done = report(name, file, "--from", "2026-11-02", "--to", "2026-11-03")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"{title}, kyiv-1, 2026-11-02 - 2026-11-03")
    done = report(name, file, "--month", "2026-11")
    assert done.stdout.splitlines()[0] == f"{title}, kyiv-1, 2026-11-01 - 2026-11-30"
    assert report(name, file, "--from", "2026-11-02").stdout.splitlines()[0] == f"{title}, kyiv-1, 2026-11-02"


def test_the_month_that_runs_goes_to_today(file: Path) -> None:
    assert report("day", file, "--month", "2026-12").stdout.splitlines()[0] == "Days, kyiv-1, 2026-12-01"


def test_a_file_is_as_its_name_ends_and_is_not_overwritten(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "days.json"
    more = ("--from", "2026-11-02", "--out", str(out))
    done = report("day", file, *more)
    assert (done.exit_code, done.stdout) == (0, f"{out}: written\n")
    assert json.loads(out.read_text())["report"] == "day"
    assert out.stat().st_mode & 0o777 == 0o640
    assert said(report("day", file, *more)) == (1, f"{out}: is there already; give --force to replace it, or another name")
    assert report("day", file, *more, "--force", "--format", "csv").exit_code == 0
    assert out.read_text().startswith("section,days,\ndate,project,contacts,")
    assert said(report("day", file, *more[:2], "--out", str(tmp_path / "no" / "x.csv")))[1].endswith(
        "x.csv: cannot be written: no such file or directory; nothing was written"
    )
    assert said(report("day", file, *more[:2], "--out", str(tmp_path), "--force")) == (1, f"{tmp_path}: is there already and is no file; give another name")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("days", "Days, kyiv-1"),
        ("days.TXT", "Days, kyiv-1"),
        ("days.csv", "date,project"),
        ("days.uk.csv", "\ufeffBy day\nDay;Project;"),
        ("days.Uk.CSV", "\ufeffBy day\nDay;Project;"),
        ("uk.csv", "date,project"),
        ("days.json", "{"),
        ("days.xlsx", "PK"),
        ("of.the.bank/days", "Days, kyiv-1"),
    ],
)
def test_each_ending_is_a_format(file: Path, tmp_path: Path, name: str, begins: str) -> None:
    out = tmp_path / name
    out.parent.mkdir(exist_ok=True)
    assert report("day", file, "--month", "2026-11", "--out", str(out)).exit_code == 0
    assert out.read_text(errors="ignore").startswith(begins)


def test_an_ending_nobody_knows_is_taken_with_a_format(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "days.2026-11"
    assert report("day", file, "--month", "2026-11", "--out", str(out), "--format", "csv").exit_code == 0
    assert out.read_text().startswith("date,project")


def test_csv_is_nothing_but_its_table_and_the_notes_go_beside_it(file: Path) -> None:
    done = report("payroll", file, "--month", "2026-11", "--format", "csv")
    assert done.stdout.splitlines()[0] == "employee_id,date,project,class,seconds,hours_decimal,first_login,last_logout,corrections"
    assert "Observed" not in done.stdout
    assert "Observed: 8.25\N{NO-BREAK SPACE}% of the time.\n" in done.stderr


def test_of_one_project(file: Path) -> None:
    done = report("day", file, "--month", "2026-11", "--project", "shop-line", "--format", "csv")
    assert {line.split(",")[1] for line in done.stdout.splitlines()[1:]} == {"shop-line"}


@pytest.mark.parametrize(
    ("name", "more", "problem"),
    [
        ("day", "", "--from: is missing; give --from and --to, as 2026-11-01, or --month 2026-11"),
        ("day", "--from 2026-11-03 --to 2026-11-02", "--to 2026-11-02: is before --from 2026-11-03; the days go from the first to the last"),
        ("day", "--from 2026-11-03 --to 2026-12-02", "--to 2026-12-02: is a day to come; the last there can be is today, 2026-12-01"),
        ("day", "--from 2026-12-02", "--from 2026-12-02: is a day to come; the last there can be is today, 2026-12-01"),
        ("day", "--from 2025-11-03 --to 2026-11-30", "--to 2026-11-30: is more than a year after --from 2025-11-03; ask for a year at most"),
        ("day", "--from yesterday", "--from yesterday: is not a date; write it as 2026-12-25"),
        ("day", "--month 2026-13", "--month 2026-13: is not a month; write it as 2026-11"),
        ("day", "--month 2027-01", "--month 2027-01: is a month to come; it is 2026-12-01"),
        ("day", "--month 2026-11 --to 2026-11-02", "--month 2026-11: is said beside --from or --to; give one or the other"),
        ("day", "--month 2026-11 --project bank", "--project bank: there is no such project; did you mean bank-line?"),
        ("day", "--month 2026-11 --format exel-uk", "--format exel-uk: there is no such format; did you mean excel-uk?"),
        ("day", "--month 2026-11 --format xlsx", "--format xlsx: is no text; name a file with --out"),
        (
            "day",
            "--month 2026-11 --out days.pdf",
            "--out days.pdf: ends in .pdf, which is no format; end it in .txt, .uk.csv, .csv, .xlsx or .json, or give --format",
        ),
        ("day", "--month 2026-11 --by dya", "--by dya: there is no such thing; did you mean day?"),
        ("day", "--month 2026-11 --view true", "--view true: there is no such thing; known: true-to-interval, contact-ends"),
        ("agents", "--month 2026-11 --by week", "--by week: there is no such thing; known: span, day"),
        ("payroll", "--month 2026-11 --paid-by roster", "--paid-by roster: there is no roster to pay by; give --paid-by login"),
        ("payroll", "--from 2026-11-02 --layout p5", "--layout p5: is a timesheet of one month; give --month, as 2026-11"),
    ],
)
def test_what_cannot_be_meant_is_one_line(file: Path, name: str, more: str, problem: str) -> None:
    assert said(report(name, file, *more.split())) == (2, problem)


def test_no_store_and_one_of_another_version(file: Path, tmp_path: Path) -> None:
    shown = f"{tmp_path}/floorwatch.db"
    with place_of(tmp_path).open(alone=True) as opened, opened.connection.begin():
        opened.connection.execute(schema.meta.update().values(value="1"))
    assert said(report("day", file, "--month", "2026-11")) == (1, f"{shown}: is of an earlier version, or empty; run the daemon on it once")
    with place_of(tmp_path).open(alone=True) as opened, opened.connection.begin():
        opened.connection.execute(schema.meta.update().values(value="99"))
    newer = f"{shown}: has schema 99, this version knows {len(migrations.STEPS)}; run the newer floorwatch, or name another store"
    assert said(report("day", file, "--month", "2026-11")) == (1, newer)
    Path(shown).unlink()
    missing = f"{shown}: is not there: no daemon has kept anything yet; start floorwatch run, or correct [store] url"
    assert said(report("day", file, "--month", "2026-11")) == (1, missing)
    file.write_text(CONFIG.format(url=""))
    assert said(report("day", file, "--month", "2026-11")) == (2, f'{file}: [store] url = "" keeps nothing to report on; name a store there')


def test_while_a_daemon_writes(file: Path, tmp_path: Path) -> None:
    with place_of(tmp_path).open(alone=True) as opened, opened.connection.begin():
        opened.connection.execute(schema.agent_spans.delete())
        done = report("agents", file, "--month", "2026-11", "--format", "csv")
        assert len(done.stdout.splitlines()) == 3
