"""`floorwatch plan`, as a user types it: what is said, what is written, and what is left as it was."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from monitor import cli, config
from monitor.config.kept import imports_of, kept
from monitor.config.plan_files import read_file, scales_of
from monitor.config.settings import FileFormat
from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.core.direction import Direction
from monitor.errors import FloorwatchError
from monitor.plan.plan import PlanRow
from monitor.planning.native import native
from monitor.planning.words import sparkline

NOW = datetime(2026, 11, 30, 16, 15, tzinfo=UTC)
CONFIG = """
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
queue_log = "queue_log"
[[project]]
name = "bank-line"
client = "Bank"
queues = ["bank"]
hours = "Mon-Fri 09:00-18:00"
[[project]]
name = "shop-line"
client = "Shop"
queues = ["shop"]
[state]
directory = ""
[store]
url = ""
[plan]
file = "plan.csv"
"""
NATIVE = """\
project,interval_start,volume,aht_s,scheduled
bank-line,2026-11-30T09:00,10,180,3
bank-line,2026-12-01T09:00,20,180,4
bank-line,2026-12-01T09:30,40,200,5
shop-line,2026-12-01T09:00,7,100,
"""
CALABRIO = "Insurance,20261201 09:00,20261201 09:30,30,150,30,6\nInsurance,20261201 09:30,20261201 10:00,12.5,150,30,6\n"


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "hush")
    monkeypatch.setenv("SUDO_USER", "olena")
    monkeypatch.setattr("monitor.clock.Clock.now", lambda _: int(NOW.timestamp()) * SECOND)
    Path("floorwatch.toml").write_text(CONFIG, encoding="utf-8")
    Path("plan.csv").write_text(NATIVE, encoding="utf-8")
    Path("calabrio.csv").write_text(CALABRIO, encoding="utf-8")


def typed(*words: str) -> Result:
    return CliRunner().invoke(cli.commands, ["plan", words[0], "--config", "floorwatch.toml", *words[1:]])


def said(*words: str) -> list[str]:
    done = typed(*words)
    assert done.exit_code == 0, done.exception
    return done.stdout.splitlines()


def refused(*words: str) -> str:
    done = typed(*words)
    assert isinstance(done.exception, FloorwatchError)
    assert done.exception.exit_code == 2
    return str(done.exception)


RELOAD = "the daemon goes on with the plan it has; reload it: pkill -HUP -f 'floorwatch run', or POST /-/reload"

# --- import --------------------------------------------------------------------------------------------------------------------------


def test_an_import_says_what_would_change_and_changes_nothing() -> None:
    before = sorted(Path().iterdir())
    assert said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "calabrio.csv") == [
        "calabrio.csv: calabrio, 2 rows, 2026-12-01 09:00+02:00 to 2026-12-01 10:00+02:00",
        "bank-line: 3 rows, before 3",
        "  2026-W49: 70 → 52.5 contacts (-25.0 %)",
        "  most on Tue 2026-12-01: 60 → 42.5 (-29.2 %)",
        "shop-line: its 1 row stay",
        "nothing was written; --write puts it in the place of the plan",
    ]
    assert sorted(Path().iterdir()) == before
    assert Path("plan.csv").read_text(encoding="utf-8") == NATIVE


def test_an_import_that_is_written_keeps_the_plan_before_it_and_who_and_why() -> None:
    Path("plan.csv").chmod(0o640)
    lines = said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--note", "mail of the bank, 30 November", "--write", "calabrio.csv")
    old = "plan.csv.2026-11-30T161500Z.old"
    assert lines[-2:] == [f"{Path('plan.csv').resolve()}: written; the plan before it is {Path(old).resolve()}", RELOAD]
    assert Path("plan.csv").read_text(encoding="utf-8") == (
        "project,interval_start,volume,aht_s,scheduled\n"
        "bank-line,2026-11-30T09:00:00+02:00,10,180,3\n"
        "bank-line,2026-12-01T09:00:00+02:00,30,180,6\n"
        "bank-line,2026-12-01T09:30:00+02:00,12.5,180,6\n"
        "shop-line,2026-12-01T09:00:00+02:00,7,100,\n"
    )
    assert Path(old).read_text(encoding="utf-8") == NATIVE
    assert [stat.S_IMODE(Path(name).stat().st_mode) for name in ("plan.csv", old, "plan.csv.imports.csv")] == [0o640] * 3
    (line,) = imports_of(Path("plan.csv"))
    assert (line.when, line.who, line.source, line.kept, line.note) == (
        "2026-11-30T16:15:00+00:00",
        "olena",
        "calabrio.csv",
        old,
        "mail of the bank, 30 November",
    )
    assert [(one.who, one.why) for one in kept(config.load("floorwatch.toml"), "reload") if one.content] == [
        ("olena", "import of calabrio.csv: mail of the bank, 30 November")
    ]
    assert [*Path().glob(".*")] == []


def test_replace_keeps_nothing() -> None:
    lines = said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--replace", "--write", "calabrio.csv")
    assert "shop-line: 0 rows, before 1" in lines
    assert {row.project for row in read_file(Path("plan.csv"), FileFormat(), config.load("floorwatch.toml").contract).rows} == {"bank-line"}


def test_a_first_plan_need_not_be_there() -> None:
    Path("plan.csv").unlink()
    lines = said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--write", "calabrio.csv")
    assert lines[-2] == f"{Path('plan.csv').resolve()}: written"
    assert said("show", "--date", "2026-12-01", "--project", "bank-line")[0] == "plan: plan.csv: floorwatch, 2 rows"


def test_a_plan_that_cannot_be_read_is_replaced_by_those_who_say_so() -> None:
    Path("plan.csv").write_text("nonsense\n", encoding="utf-8")
    words = ("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--write", "calabrio.csv")
    assert refused(*words).startswith("the plan that is there cannot be read, and nothing of it would stay: ")
    assert Path("plan.csv").read_text(encoding="utf-8") == "nonsense\n"
    said(*words, "--replace")
    assert said("show", "--date", "2021-02-18", "--project", "bank-line")[0].startswith("plan: plan.csv: floorwatch, ")


def test_rows_between_those_of_the_file_go_and_that_is_said() -> None:
    Path("three.csv").write_text("project,interval_start,volume,aht_s\n" + "".join(f"bank-line,2026-12-01T{hour}:00,10,180\n" for hour in (10, 12, 14)))
    said("import", "--replace", "--write", "three.csv")
    Path("two.csv").write_text("project,interval_start,volume,aht_s\nbank-line,2026-12-01T10:00,11,180\nbank-line,2026-12-01T14:00,11,180\n")
    assert "  1 row goes: from a project's first row to its last the file is all there is" in said("import", "two.csv")
    assert not any("goes" in line for line in said("import", "three.csv"))


def test_a_bad_file_changes_nothing() -> None:
    Path("bad.csv").write_text(CALABRIO.replace("30,150", "x,150"), encoding="utf-8")
    assert refused("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--write", "bad.csv").splitlines() == [
        "bad.csv:1: volume (column 4) 'x' is not a number; write a number such as 180 or 16.25"
    ]
    assert refused("import", "--format", "calabrio", "--write", "calabrio.csv").splitlines()[0] == (
        "calabrio.csv:1: 'Insurance' is no project (2 rows); map it in "
        '[plan] format: projects = { "Insurance" = "bank-line" }, or plan import --map "Insurance=bank-line"; nothing after the = leaves its rows out'
    )
    assert refused("import", "nix.csv") == "nix.csv: there is no such file; create it or correct the path"
    assert Path("plan.csv").read_text(encoding="utf-8") == NATIVE


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "calabro"], "--format calabro: is no format; did you mean calabrio?"),
        (["--map", "Insurance"], "--map Insurance: is not THEIRS=OURS; after = comes one of bank-line, shop-line, or nothing to leave their rows out"),
        (["--map", "A=bonk"], "--map A=bonk: is not THEIRS=OURS; after = comes one of bank-line, shop-line, or nothing to leave their rows out"),
        (
            ["--profile-from", "queue_log"],
            "--profile-from queue_log: queue_log: there is no such file; correct queue_log, or leave it empty; name a profile file instead",
        ),
        (["--save-profile", "p.csv"], "--save-profile p.csv: there is no profile to save; give --profile-from queue_log"),
        (["--note", "a\nb"], "--note has line ends in it; say in one line why"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], message: str) -> None:
    assert refused("import", *words, "calabrio.csv") == message


def _log() -> None:
    """Four weeks in which twice as many call at nine as at ten."""
    rows = []
    for day in range(28):
        for hour, calls in ((9, 20), (10, 10)):
            for number in range(calls):
                at = int((NOW.replace(hour=hour - 2, minute=0) - timedelta(days=28 - day)).timestamp()) + number * 60
                rows.append(f"{at}|{at}.{number}|bank|NONE|ENTERQUEUE||x|1\n")
    Path("queue_log").write_text("".join(rows), encoding="utf-8")


def test_totals_are_spread_as_contacts_came_so_far() -> None:
    _log()
    Path("verint.csv").write_text("Insurance, 12-1-2026, 300, 242\nInsurance, 12-2-2026, 301, 242\n", encoding="utf-8")
    words = ("import", "--format", "verint_daily", "--map", "Insurance=bank-line", "--profile-from", "queue_log", "--save-profile", "profile.csv", "--write")
    lines = said(*words, "verint.csv")
    assert lines[0] == "verint.csv: verint_daily, 36 rows, 2 totals spread, 2026-12-01 09:00+02:00 to 2026-12-02 18:00+02:00"
    assert "profile.csv: the profile is written; name it in [plan] profile where the daemon is to read totals itself" in lines
    assert "bank-line,Mon,09:00," in Path("profile.csv").read_text(encoding="utf-8")
    rows = [row for row in read_file(Path("plan.csv"), FileFormat(), config.load("floorwatch.toml").contract).rows if row.project == "bank-line"]
    tuesday = [
        row
        for row in rows
        if row.start < int(datetime(2026, 12, 1, 23, tzinfo=UTC).timestamp()) * SECOND and row.calls_u and row.start > int(NOW.timestamp()) * SECOND
    ]
    assert sum(row.calls_u for row in tuesday) == 300_000_000
    assert [row.calls_u for row in tuesday] == [200_000_000, 100_000_000]
    again = ("import", "--format", "verint_daily", "--map", "Insurance=bank-line", "--profile-from", "profile.csv")
    assert any("its 1 row stay" in line for line in said(*again, "verint.csv"))


def test_scales_that_would_be_more_than_a_plan_holds_are_refused() -> None:
    Path("plan.csv").write_text(f"{NATIVE.splitlines()[0]}\nbank-line,2026-12-01T09:00,100000,86400,\n", encoding="utf-8")
    words = [*SCALE, "--force"]
    words[words.index("--factor") + 1] = "100"
    said(*words)
    assert refused(*words) == (
        "plan.csv.scales.csv: bank-line inbound is scaled to more work than the world has; floorwatch plan scale --list, and --remove what is not meant"
    )
    assert len(scales_of(Path("plan.csv"))) == 1


def dialled(start: int, calls_u: int, handle_us: int, aht_us: int | None, **more: int) -> PlanRow:
    return PlanRow('a, "b"', start, start + 60 * MINUTE, calls_u, handle_us, aht_us, Direction.OUTBOUND, **more)


def test_rows_written_are_read_again_as_they_were() -> None:
    zone = ZoneInfo("Europe/Kyiv")
    contract = Contract(projects=(Project('a, "b"', "a", "floor", (), zone),))
    start = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * SECOND  # 03:30 for the first time
    rows = (
        PlanRow('a, "b"', start, start + 30 * MINUTE, 1, 541, 180_000_000, required_u=1_500_000, sl_target=0.8, sl_threshold_us=20_000_000),
        PlanRow('a, "b"', start + 30 * MINUTE, start + 45 * MINUTE, 333_333, 60_000_001, 180_000_000, max_occupancy=0.85),
        dialled(start + 90 * MINUTE, 0, 0, 180_000_000, scheduled_u=2_000_000, contacts_u=0),
        dialled(start + 150 * MINUTE, 10_000_000, 540_000_000, 180_000_000, contacts_u=3_000_000, results_u=1_500_000),
        dialled(start + 210 * MINUTE, 333_333, 60_000_001, 180_000_000, contacts_u=111_112),
        dialled(start + 270 * MINUTE, 9_000_000, 7_200_000_000, None, scheduled_u=2_000_000, contacts_u=1_000_000),
        dialled(start + 330 * MINUTE, 9_000_000, 7_200_000_000, None, scheduled_u=2_000_000),
    )
    Path("x.csv").write_text(native(rows, contract), encoding="utf-8")
    read = read_file(Path("x.csv"), FileFormat(), contract).rows
    assert [(row.start, row.end, row.calls_u, row.handle_us, row.direction, row.agents_u) for row in read] == [
        (row.start, row.end, row.calls_u, row.handle_us, row.direction, row.agents_u) for row in rows
    ]
    assert [(row.contacts_u, row.results_u) for row in read] == [(row.contacts_u, row.results_u) for row in rows]
    assert (read[0].sl_target, read[0].sl_threshold_us, read[1].max_occupancy) == (0.8, 20_000_000, 0.85)


# --- scale ---------------------------------------------------------------------------------------------------------------------------

SCALE = ("scale", "--project", "bank-line", "--from", "2026-12-01", "--factor", "0.6", "--note", "agreed, by phone")


def test_a_scale_is_a_line_beside_the_plan() -> None:
    assert said(*SCALE) == [
        "plan.csv.scales.csv: 1: bank-line: 0.6 from 2026-12-01 on; olena, 2026-11-30 18:15+02:00: agreed, by phone",
        "bank-line, 2026-12-01 00:00+02:00 to 2026-12-08 00:00+02:00: 36 contacts instead of 60 (-40.0 %)",
        RELOAD,
    ]
    assert Path("plan.csv").read_text(encoding="utf-8") == NATIVE
    plan = config.read_plan(config.load("floorwatch.toml"))
    begins = int(datetime(2026, 11, 30, 22, tzinfo=UTC).timestamp()) * SECOND
    assert plan.over("bank-line", begins, 2**60).calls_u == 36_000_000
    assert plan.over("bank-line", 0, begins).calls_u == 10_000_000
    assert plan.rebased == {"bank-line": (begins,)}


def test_scales_of_the_same_days_count_together_and_that_is_said() -> None:
    said(*SCALE, "--until", "2026-12-24")
    later = [*SCALE, "--until", "2026-12-31"]
    later[later.index("--from") + 1] = "2026-12-25"
    assert len(said(*later)) == 3
    instead = "if the new one is meant instead: floorwatch plan scale --config floorwatch.toml --remove"
    assert said(*SCALE)[2:4] == [f"bank-line is scaled by 0.6 there already ({number}), and both count; {instead} {number}" for number in (1, 2)]


def test_scales_are_listed_and_taken_back() -> None:
    assert said("scale", "--list") == ["no scales: the plan is as its file says"]
    said(*SCALE)
    said(*SCALE, "--until", "2026-12-24")
    assert said("scale", "--remove", "1")[0] == (
        "plan.csv.scales.csv: 1: bank-line: 0.6 from 2026-12-01 on; olena, 2026-11-30 18:15+02:00: agreed, by phone; removed by olena, 2026-11-30 18:15+02:00"
    )
    assert [line.split("; ")[0] for line in said("scale", "--list")] == [
        "  1  bank-line: 0.6 from 2026-12-01 on",
        "  2  bank-line: 0.6 from 2026-12-01 until 2026-12-24",
    ]
    assert refused("scale", "--remove", "1") == "--remove 1: it is removed already"
    assert refused("scale", "--remove", "3") == "--remove 3: there is no such scale; --list says which there are"
    assert refused("scale", "--remove", "one") == "--remove one: is no number of a scale; --list says which there are"
    assert [scale.removed_at is None for scale in scales_of(Path("plan.csv"))] == [False, True]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--project", "bank-lime", "--project bank-lime: there is no such project; did you mean bank-line?"),
        ("--factor", "60%", "--factor 60%: is no factor; write 0.6 for six tenths of the plan, from 0 to 100"),
        ("--factor", "-1", "--factor -1: is no factor; write 0.6 for six tenths of the plan, from 0 to 100"),
        ("--factor", "nan", "--factor nan: is no factor; write 0.6 for six tenths of the plan, from 0 to 100"),
        ("--factor", "60", "--factor 60: is much: 60 % is 0.6; give --force if it is meant"),
        ("--factor", "0", "--factor 0: is little: 60 % is 0.6; give --force if it is meant"),
        ("--from", "1.12.2026", "--from 1.12.2026: is not a date; write it as 2026-12-25"),
        ("--from", "2026-11-29", "--from 2026-11-29: is past, and what has passed was judged by the plan of then; give --force to scale what is left of it"),
        ("--until", "2026-11-30", "--until 2026-11-30: is before --from 2026-12-01; it is the last day the factor holds"),
        ("--note", " ", "--note ' ': says nothing, or has line ends in it; say in one line who agreed to what"),
        ("--note", "", "--note: is missing; give --project, --from, --factor and --note, or --list, or --remove"),
    ],
)
def test_a_scale_that_cannot_be_meant_is_refused(option: str, value: str, message: str) -> None:
    words = [*SCALE, "--until", "2026-12-24"]
    words[words.index(option) + 1] = value
    assert refused(*words) == message
    assert not Path("plan.csv.scales.csv").exists()


def test_force_means_it() -> None:
    words = [*SCALE, "--force"]
    words[words.index("--factor") + 1] = "0"
    words[words.index("--from") + 1] = "2026-11-01"
    said(*words)
    plan = config.read_plan(config.load("floorwatch.toml"))
    assert plan.over("bank-line", 0, 2**60).calls_u == 0
    assert plan.rebased_since("bank-line", 2**60) == int(NOW.timestamp()) * SECOND  # not before it was agreed


def test_a_scale_without_a_plan_says_so() -> None:
    Path("floorwatch.toml").write_text(CONFIG.replace('file = "plan.csv"', 'file = ""'), encoding="utf-8")
    assert refused(*SCALE) == "--config floorwatch.toml: there is no plan; name one in [plan] file"
    assert refused("import", "calabrio.csv") == "--config floorwatch.toml: there is no plan to import into; name one in [plan] file"


def test_what_is_imported_is_scaled_and_that_is_said() -> None:
    said(*SCALE)
    lines = said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "calabrio.csv")
    assert (
        "bank-line is scaled by 0.6 from 2026-12-01 on, the new rows too; if they know of that: floorwatch plan scale --config floorwatch.toml --remove 1"
        in lines
    )


# --- show ----------------------------------------------------------------------------------------------------------------------------


def test_a_day_is_shown_by_interval() -> None:
    said(*SCALE)
    assert said("show", "--project", "bank-line", "--date", "2026-12-01") == [
        "plan: plan.csv: floorwatch, 4 rows",
        "in force: not known, [store] keeps nothing",
        "",
        "bank-line (Bank), planned until 2026-12-01 10:00+02:00, Europe/Kyiv",
        "  scaled by 0.6 from 2026-12-01 on; olena: agreed, by phone",
        "  interval          contacts     AHT   Erlangs  agents",
        "  09:00-09:30             12   180 s      1.20       4",
        "  09:30-10:00             24   200 s      2.67       5",
        "  Tue 2026-12-01          36   193 s     1.9 h                    ▄█",
    ]


def test_a_week_is_shown_by_day_with_what_is_signed_beside_it() -> None:
    Path("signed.csv").write_text(NATIVE.replace(",20,180", ",25,180"), encoding="utf-8")
    Path("floorwatch.toml").write_text(CONFIG + 'contract_file = "signed.csv"\n', encoding="utf-8")
    lines = said("show", "--project", "bank-line", "--week")
    assert lines[2] == "contract plan: signed.csv"
    assert lines[4:9] == [
        "bank-line (Bank), planned until 2026-12-01 10:00+02:00, Europe/Kyiv",
        "  day               contacts     AHT     hours",
        "  Mon 2026-11-30          10   180 s     0.5 h                    █  signed 10 (+0.0 %)",
        "  Tue 2026-12-01          60   193 s     3.2 h                    ▄█  signed 65 (-7.7 %)",
        "  Wed 2026-12-02     no plan",
    ]


def test_an_hour_that_comes_twice_is_shown_twice() -> None:
    rows = "".join(f"bank-line,2026-10-25T{hour}+0{offset}:00,1,180,\n" for offset in (3, 2) for hour in ("03:00", "03:30"))
    Path("plan.csv").write_text(NATIVE.splitlines()[0] + "\n" + rows, encoding="utf-8")
    lines = said("show", "--project", "bank-line", "--date", "2026-10-25")
    assert [line.split()[0] for line in lines[5:9]] == ["03:00-03:30+03", "03:30-03:00+03", "03:00-03:30+02", "03:30-04:00+02"]


def test_no_plan_is_said() -> None:
    Path("floorwatch.toml").write_text(CONFIG.replace('file = "plan.csv"', 'file = ""'), encoding="utf-8")
    assert said("show") == [
        "no plan: floorwatch.toml names none in [plan] file, or it is not there",
        "",
        "bank-line (Bank), no plan, Europe/Kyiv",
        "",
        "shop-line (Shop), no plan, Europe/Kyiv",
    ]
    assert refused("show", "--project", "x") == "--project x: there is no such project; known: bank-line, shop-line"


def test_a_sparkline_is_as_high_as_its_highest() -> None:
    assert sparkline([None, 0, 5, 10, None]) == " ▁▄█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
