"""`floorwatch plan` of outgoing calls, as a user types it: shown, brought in and scaled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.core.contract import SECOND

NOW = datetime(2026, 11, 30, 16, 15, tzinfo=UTC)
CONFIG = """
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
queue_log = ""
[[project]]
name = "debt-line"
client = "Debt"
outbound = { contexts = ["from-debt"] }
hours = "Mon-Fri 09:00-18:00"
[state]
directory = ""
[store]
url = ""
[plan]
file = "plan.csv"
"""
PLAN = """\
project,interval_start,volume,aht_s,direction,contact_rate,agent_hours,results
debt-line,2026-12-01T09:00,120,,outbound,0.30,6,9
debt-line,2026-12-01T09:30,100,150,outbound,0.28,5,
debt-line,2026-12-02T09:00,10,,callback,,1,
"""


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "hush")
    monkeypatch.setenv("SUDO_USER", "olena")
    monkeypatch.setattr("monitor.clock.Clock.now", lambda _: int(NOW.timestamp()) * SECOND)
    Path("floorwatch.toml").write_text(CONFIG, encoding="utf-8")
    Path("plan.csv").write_text(PLAN, encoding="utf-8")


def said(*words: str) -> list[str]:
    done = CliRunner().invoke(cli.commands, ["plan", words[0], "--config", "floorwatch.toml", *words[1:]])
    assert done.exit_code == 0, done.exception
    return done.stdout.splitlines()


def test_a_day_is_shown_by_its_rows_and_their_sum() -> None:
    assert said("show", "--date", "2026-12-01")[3:] == [
        "debt-line (Debt), outbound planned until 2026-12-01 10:00+02:00, callback planned until 2026-12-02 09:30+02:00, Europe/Kyiv",
        "  interval          attempts    rate    contacts     AHT     hours  agents h   results  outbound",
        "  09:00-09:30            120   30.0%          36   600 s     6.0 h     6.0 h         9",
        "  09:30-10:00            100   28.0%          28   150 s     1.2 h     5.0 h         -",
        "  Tue 2026-12-01         220   29.1%          64   403 s     7.2 h    11.0 h         -                    █▆",
        "  Tue 2026-12-01: no plan, callback",
    ]


def test_a_week_has_a_line_for_each_day() -> None:
    lines = said("show", "--date", "2026-12-01", "--week")
    head = next(number for number, line in enumerate(lines) if line.endswith("callback"))
    assert lines[head - 6] == "  Wed 2026-12-02     no plan"
    assert lines[head + 2] == "  Wed 2026-12-02          10       -           -       -     1.0 h     1.0 h         -                    █"
    assert len(lines) == head + 8


def test_a_client_s_totals_are_brought_in_as_intervals() -> None:
    columns = 'project = "List", interval_start = "Day", volume = "Dials", contact_rate = "Rate", agent_hours = "Hours", results = "Sales", aht_s = "AHT"'
    rest = 'datefmt = "%d.%m.%Y", defaults = { direction = "outbound", interval_s = "86400" }, projects = { Debtors = "debt-line" }'
    Path("floorwatch.toml").write_text(f"{CONFIG}format = {{ columns = {{ {columns} }}, {rest} }}\n", encoding="utf-8")
    Path("theirs.csv").write_text("List;Day;Dials;Rate;Hours;Sales;AHT\nDebtors;01.12.2026;900;0,25;90;40;\n", encoding="utf-8")
    lines = said("import", "--write", "theirs.csv")
    assert lines[:3] == [
        "theirs.csv: mapping, 18 rows, 1 total spread, 2026-12-01 09:00+02:00 to 2026-12-01 18:00+02:00",
        "debt-line: 19 rows, before 3",
        "  2026-W49 outbound: 220 → 900 attempts (+309.1 %)",
    ]
    assert Path("plan.csv").read_text(encoding="utf-8").splitlines()[:3] == [
        "project,interval_start,volume,aht_s,direction,scheduled,contact_rate,results",
        "debt-line,2026-12-02T09:00:00+02:00,10,,callback,2,,",
        "debt-line,2026-12-01T09:00:00+02:00,50,,outbound,10,0.25,2.222222",
    ]


def test_a_scale_says_what_it_does_to_attempts() -> None:
    lines = said("scale", "--project", "debt-line", "--from", "2026-12-01", "--factor", "0.5", "--note", "by phone")
    span = "debt-line, 2026-12-01 00:00+02:00 to 2026-12-08 00:00+02:00"
    assert lines[1:3] == [f"{span}: 110 outbound attempts instead of 220 (-50.0 %)", f"{span}: 5 callback attempts instead of 10 (-50.0 %)"]
    figures = said("show", "--date", "2026-12-01")[6].split()
    assert figures[:4] == ["09:00-09:30", "60", "30.0%", "18"]
    assert figures[-1] == "4.5"
