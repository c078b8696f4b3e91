"""`floorwatch plan build` as it is typed: what it writes, what it says, and every way of refusing in one line."""

from __future__ import annotations

import gzip
import os
import pty
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from monitor import cli, config
from monitor.cli import plan_build as command
from monitor.plan.formats import read_floorwatch
from monitor.planning import building
from tests.plan.generated import KYIV, NOTARY, Weeks, queue_log
from tests.planning import centre

PAST = date(2026, 11, 9)


class Run(Protocol):
    """The command with these words: exit code, what it said, and its errors."""

    def __call__(self, folder: Path, *words: str) -> tuple[int, str, str]: ...


class FixedClock:
    """Nine in the morning after the generated weeks."""

    def now(self) -> int:
        return centre.nine(PAST)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(command, "Clock", FixedClock)

    def typed(folder: Path, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["floorwatch", "plan", "build", "--config", str(folder / "floorwatch.toml"), "--from", "queue_log", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return typed


def centre_with(folder: Path, weeks: int = 8, **more: str) -> Path:
    """The notary alone, and so many weeks of his log."""
    centre.write(folder, (NOTARY,), **more)
    (folder / "queue_log").write_text(queue_log(Weeks(PAST, lines=(NOTARY,), number=weeks, seed=4)), encoding="utf-8")
    return folder


def test_a_plan_is_written_and_everything_said(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    out = tmp_path / "plan.csv"
    code, said, err = run(tmp_path, "--out", str(out), "--holiday", "2026-11-12", "--holiday", "2026-10-01")
    assert (code, err) == (0, "")
    rows = read_floorwatch(out.read_text(encoding="utf-8"), centre.load(tmp_path).contract)
    assert len(rows) == 9 * 18  # ten working days from the tenth on, one of them a holiday
    assert re.search(r"^  past +2026-09-14 to 2026-11-08: 8 weeks, 39 days counted of 40$", said, re.MULTILINE)
    assert "  left out   Thu 2026-10-01 whole day: holiday\n" in said
    assert re.search(r"^  redials +\d+ of \d+ calls came within ten minutes of the same number and are no contacts of their own$", said, re.MULTILINE)
    assert re.search(r"^  a day now  Mon [\d.]+, Tue [\d.]+, Wed [\d.]+, Thu [\d.]+, Fri [\d.]+ contacts$", said, re.MULTILINE)
    assert re.search(r"^  trend +[+-]\d\.\d% a month, give or take \d\.\d%$", said, re.MULTILINE)
    assert "  alike      Mon-Fri\n" in said
    assert re.search(r"^  AHT +2\d\d s, from handled contacts$", said, re.MULTILINE)
    assert re.search(r"^  k +dispersion = [\d.]+      \(the configuration has 20\)$", said, re.MULTILINE)
    assert re.search(r"^  trial +the last two weeks \(10 days\), predicted from the 29 days before: [+-][\d.]+% came$", said, re.MULTILINE)
    assert re.search(r"^ +by interval  WAPE [\d. ]+%, Poisson floor [\d. ]+%$", said, re.MULTILINE)
    assert re.search(r"^ +by day +WAPE [\d. ]+%, Poisson floor [\d. ]+%; [\d.]+% with k$", said, re.MULTILINE)
    assert said.endswith(
        f"162 rows for 2026-11-10 to 2026-11-23; closed hours and closed dates have none\nno plan for the holidays among them: 2026-11-12\nwrote {out}\n"
    )


def test_holidays_that_are_announced_have_no_plan(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    file = tmp_path / "floorwatch.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[[pbx]]", 'holidays = ["2026-11-12", "2026-10-01"]\n[[pbx]]', 1), encoding="utf-8")
    code, said, err = run(tmp_path, "--out", str(tmp_path / "plan.csv"))
    assert (code, err) == (0, "")
    assert len(read_floorwatch((tmp_path / "plan.csv").read_text(encoding="utf-8"), centre.load(tmp_path).contract)) == 9 * 18
    assert "  left out   Thu 2026-10-01 whole day: holiday\n" in said
    assert "\nno plan for the holidays among them: 2026-11-12\n" in said


def test_the_plan_that_is_named_need_not_be_there_to_be_built(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    file = tmp_path / "floorwatch.toml"
    file.write_text(file.read_text(encoding="utf-8") + '[plan]\nfile = "plan.csv"\n', encoding="utf-8")
    code, _, err = run(tmp_path, "--out", str(tmp_path / "plan.csv"))
    assert (code, err) == (0, "")
    assert config.read_plan(config.load(file)).end("notary") is not None


def test_days_without_a_row_are_no_plan(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    line = "--start 2026-12-05: no project has a row in the 2 days from then on: they are closed, holidays, or never seen\n"
    assert run(tmp_path, "--start", "2026-12-05", "--days", "2", "--out", str(tmp_path / "plan.csv")) == (2, "", line)


def test_a_past_of_which_nothing_is_left_says_so(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path, weeks=2)
    words = [word for day in range(15) for word in ("--holiday", (PAST - timedelta(days=day)).isoformat())]
    line = "notary: queue_log has 10 days of it, and all of them are holidays, incidents or not seen; give more --weeks\n"
    assert run(tmp_path, *words) == (1, "", line)


def test_without_out_nothing_is_written(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    before = sorted(tmp_path.iterdir())
    code, said, _ = run(tmp_path, "--start", "2026-12-07", "--days", "1")
    assert (code, sorted(tmp_path.iterdir())) == (0, before)
    assert said.endswith("18 rows for 2026-12-07 to 2026-12-07; closed hours and closed dates have none\nnothing was written; --out names the file\n")


def test_no_number_of_a_caller_is_ever_said(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    code, said, err = run(tmp_path, "--out", str(tmp_path / "plan.csv"))
    assert code == 0
    assert not re.search(r"380\d{9}", said + err + (tmp_path / "plan.csv").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--weeks", "0"), "--weeks 0: is not a number from 1 to 104; write one such as 8"),
        (("--weeks", "eight"), "--weeks eight: is not a number from 1 to 104; write one such as 8"),
        (("--days", "93"), "--days 93: is not a number from 1 to 92; write one such as 14"),
        (("--start", "09.11.2026"), "--start 09.11.2026: is not a date; write it as 2026-12-25"),
        (("--holiday", "2026-02-30"), "--holiday 2026-02-30: is not a date; write it as 2026-12-25"),
        (("--from", "asterisk"), "--from asterisk: is not one of queue_log, cdr, store"),
    ],
)
def test_a_bad_option(tmp_path: Path, run: Run, words: tuple[str, ...], line: str) -> None:
    centre_with(tmp_path, weeks=1)
    assert run(tmp_path, *words) == (2, "", f"{line}\n")


def test_no_log(tmp_path: Path, run: Run) -> None:
    centre.write(tmp_path, (NOTARY,))
    assert run(tmp_path) == (1, "", f"{tmp_path}/queue_log: there is no such file; correct queue_log, or leave it empty\n")


def test_an_empty_log(tmp_path: Path, run: Run) -> None:
    centre.write(tmp_path, (NOTARY,))
    (tmp_path / "queue_log").touch()
    line = f"{tmp_path}/queue_log: no caller entered a queue in the last 56 days; name another file, or give more --weeks\n"
    assert run(tmp_path) == (1, "", line)


def test_a_packed_part_that_cannot_be_read_is_said_and_not_taken_for_silence(tmp_path: Path, run: Run) -> None:
    """A third of it is in a damaged file: that is not seen, and the level does not fall for it."""
    centre.write(tmp_path, (NOTARY,))
    rows = queue_log(Weeks(PAST, lines=(NOTARY,), seed=4)).splitlines(keepends=True)
    first, second = len(rows) // 3, len(rows) * 2 // 3
    (tmp_path / "queue_log.2.gz").write_bytes(gzip.compress("".join(rows[:first]).encode()))
    damaged = bytearray(gzip.compress("".join(rows[first:second]).encode()))
    damaged[40:60] = b"\x00" * 20
    (tmp_path / "queue_log.1.gz").write_bytes(damaged)
    (tmp_path / "queue_log").write_text("".join(rows[second:]), encoding="utf-8")
    code, said, _ = run(tmp_path)
    assert code == 0
    assert re.search(r"^.*queue_log\.1\.gz: is damaged: .*; what it held counts as not seen$", said, re.MULTILINE)
    assert re.search(r"^  left out   Tue 2026-09-29 09:30 to Thu 2026-10-15 13:30: not seen: \d+ callers were due and none came", said, re.MULTILINE)
    assert re.search(r"^  a day now  Mon (7|8|9|10)\.", said, re.MULTILINE)


def test_several_parts_that_cannot_be_read_at_all_are_not_seen_one_by_one(tmp_path: Path, run: Run) -> None:
    """So few call that silence proves nothing: where a part of the log is gone, that is what says it."""
    centre.write(tmp_path, (NOTARY,))
    rows = queue_log(Weeks(PAST, lines=(NOTARY,), seed=4)).splitlines(keepends=True)
    few = [row for row in rows if row.split("|")[1][-1] in "05"]
    parts = [few[len(few) * number // 8 : len(few) * (number + 1) // 8] for number in range(8)]
    for number, part in enumerate(parts[:-1]):
        (tmp_path / f"queue_log.{7 - number}.gz").write_bytes(b"no gzip" if number in (2, 4) else gzip.compress("".join(part).encode()))
    (tmp_path / "queue_log").write_text("".join(parts[-1]), encoding="utf-8")
    code, said, _ = run(tmp_path)
    assert code == 0
    before = [datetime.fromtimestamp(int(parts[number - 1][-1].split("|")[0]), KYIV) for number in (2, 4)]
    after = [datetime.fromtimestamp(int(parts[number + 1][0].split("|")[0]), KYIV) for number in (2, 4)]
    for since, until in zip(before, after, strict=True):
        assert re.search(rf"^  (left out|  +) +... {since:%Y-%m-%d} [\d:]+ to ... {until:%Y-%m-%d} [\d:]+: not seen", said, re.MULTILINE), said
    assert re.search(r"^.*queue_log\.5\.gz: cannot be read: .*; what it held counts as not seen$", said, re.MULTILINE)


def test_a_project_of_which_one_pbx_tells_nothing_has_no_plan(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    file = tmp_path / "floorwatch.toml"
    second = '[[pbx]]\nname = "pbx2"\nhost = "127.0.0.2"\nusername = "floorwatch"\nsecret_file = "secret"\nqueue_log = ""\n[[group]]'
    text = file.read_text(encoding="utf-8").replace("[[group]]", second).replace('queues = ["notary"]', 'queues = ["pbx1/notary", "pbx2/notary"]')
    file.write_text(text, encoding="utf-8")
    line = "a plan of the rest would be too small; set queue_log there, or build from another source"
    assert run(tmp_path) == (1, "", f"notary: its queues are on pbx1, pbx2, and pbx2 has no queue_log: {line}\n")
    whole = '[[project]]\nname = "desk"\nclient = "desk"\ngroup = "floor"\nqueues = ["pbx1/notary"]\nhours = "Mon-Fri 09:00-18:00"\n'
    file.write_text(text.replace('"pbx1/notary", "pbx2/notary"', '"pbx2/notary"') + whole, encoding="utf-8")
    code, said, _ = run(tmp_path)
    assert code == 0
    assert f"notary\n  no rows    its queues are on pbx2, and pbx2 has no queue_log: {line}\n" in said
    file.write_text(text.replace('queue_log = ""', 'queue_log = "other_log"'), encoding="utf-8")
    (tmp_path / "other_log").touch()
    code, said, _ = run(tmp_path)
    assert code == 0
    assert "\npbx2: its queue_log has no row of these weeks, so nobody called there\n" in said


def test_a_plan_that_is_scaled_is_said_to_be(tmp_path: Path, run: Run) -> None:
    """The past shows already what was agreed: the rows are scaled once more where the scale still holds."""
    centre_with(tmp_path)
    file = tmp_path / "floorwatch.toml"
    file.write_text(file.read_text(encoding="utf-8") + '[plan]\nfile = "plan.csv"\n', encoding="utf-8")
    scale = "notary,{},{},{},olena,2026-10-20T00:00:00+00:00,mail,{},\n"
    held = scale.format("2026-10-26", "", "0.6", "") + scale.format("2026-10-26", "2026-11-09", "0.9", "")
    removed = scale.format("2026-10-26", "", "0.7", "2026-10-27T00:00:00+00:00")
    (tmp_path / "plan.csv.scales.csv").write_text("project,from,until,factor,who,when,note,removed,removed_by\n" + held + removed, encoding="utf-8")
    (tmp_path / "plan.csv").write_text("project,interval_start,volume,aht_s\nnotary,2026-11-10T09:00,9,180\n", encoding="utf-8")
    code, said, _ = run(tmp_path, "--out", str(tmp_path / "plan.csv"), "--force")
    assert code == 0
    assert [line for line in said.splitlines() if "is scaled by" in line] == [
        f"notary is scaled by 0.6 from 2026-10-26 on, the new rows too; if they know of that: floorwatch plan scale --config {file} --remove 1"
    ]
    assert "is scaled by" not in run(tmp_path, "--out", str(tmp_path / "next.csv"))[1]


def test_who_comes_while_it_is_closed_is_said(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    assert "  closed " not in run(tmp_path)[1]
    file = tmp_path / "floorwatch.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('timezone = "Europe/Kyiv"', 'timezone = "UTC"'), encoding="utf-8")
    code, said, _ = run(tmp_path)
    assert code == 0
    assert re.search(r"^  closed     \d+ of \d+ contacts came while it was closed; are hours and timezone right\?$", said, re.MULTILINE)


def test_a_plan_that_is_a_link_stays_one_and_its_file_keeps_owner_and_mode(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    (tmp_path / "real").mkdir()
    real, out = tmp_path / "real" / "plan.csv", tmp_path / "plan.csv"
    real.write_text("mine", encoding="utf-8")
    real.chmod(0o640)
    out.symlink_to(real)
    code, _, err = run(tmp_path, "--out", str(out), "--force")
    assert (code, err, out.is_symlink(), real.stat().st_mode & 0o777) == (0, "", True, 0o640)
    assert real.read_text(encoding="utf-8").startswith("project,interval_start,volume,aht_s\n")


@pytest.mark.parametrize(
    ("weeks", "line"),
    [
        (0, "notary: nobody called in the last 8 weeks, as far as queue_log goes; are its queues named as on the PBX?"),
        (1, "notary: queue_log has 3 whole days of it that can be used; a plan needs a week: wait, name an older log, or take the rough plan of init"),
    ],
)
def test_too_short(tmp_path: Path, run: Run, weeks: int, line: str) -> None:
    centre_with(tmp_path, weeks=1)
    log = tmp_path / "queue_log"
    rows = log.read_text(encoding="utf-8").splitlines(keepends=True)
    monday = str(centre.nine(PAST - timedelta(days=7)) // 1_000_000 + 15 * 3600)
    kept = [row for row in rows if row > monday] if weeks else [row.replace("|notary|", "|other|") for row in rows]
    log.write_text("".join(kept), encoding="utf-8")
    assert run(tmp_path) == (1, "", f"{line}\n")


def test_a_week_is_a_first_guess_and_says_so(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path, weeks=2)
    code, said, _ = run(tmp_path)
    assert code == 0
    assert "2 weeks of 8, 10 days counted of 10; that is LITTLE: under three weeks nobody knows how a weekday varies" in said
    assert "  k          unknown: fewer than 15 days; dispersion = 20 stands\n" in said
    assert "  trial      none: the last two weeks can be tried only where two weeks lie before them\n" in said


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path)
    out = tmp_path / "plan.csv"
    out.write_text("mine", encoding="utf-8")
    line = f"{out}: is there already, nothing was written; give --force to replace it, or another --out\n"
    assert run(tmp_path, "--out", str(out)) == (1, "", line)
    assert out.read_text(encoding="utf-8") == "mine"
    code, said, _ = run(tmp_path, "--out", str(out), "--force")
    assert (code, said.splitlines()[-1]) == (0, f"wrote {out}; the file before it is {out}.2026-11-09T070000Z.old")
    assert Path(f"{out}.2026-11-09T070000Z.old").read_text(encoding="utf-8") == "mine"
    assert out.read_text(encoding="utf-8").startswith("project,interval_start,volume,aht_s\nnotary,")
    assert not list(tmp_path.glob(".plan*"))


def test_a_place_that_cannot_be_written_to(tmp_path: Path, run: Run) -> None:
    centre_with(tmp_path, weeks=1)
    out = tmp_path / "none" / "plan.csv"
    assert run(tmp_path, "--out", str(out)) == (1, "", f"{out}: there is no folder {out.parent}; make it, or name another --out\n")
    assert run(tmp_path, "--out", str(tmp_path)) == (1, "", f"{tmp_path}: is a directory; name the file to write\n")


def test_who_comes_in_between_is_not_replaced(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    centre_with(tmp_path)
    out = tmp_path / "plan.csv"
    out.write_text("mine", encoding="utf-8")
    monkeypatch.setattr(building, "_refuse", lambda *_, **__: None)
    code, _, err = run(tmp_path, "--out", str(out))
    assert (code, err.startswith(f"{out}: is there already"), out.read_text(encoding="utf-8")) == (1, True, "mine")
    assert not list(tmp_path.glob(".plan*"))


def cdr_of(log: str) -> str:
    """The same calls as Master.csv has them: one record each, and one more for every second phone that rang."""
    records = []
    for number, row in enumerate(log.splitlines()):
        when, call, queue, _, verb, *data = row.split("|")
        if verb == "ENTERQUEUE":
            start = datetime.fromtimestamp(int(when), KYIV).strftime("%Y-%m-%d %H:%M:%S")
            times = ",".join([f'"{start}"'] * 3)
            record = f'"","{data[1]}","s","in","","SIP/t","SIP/a","Queue","{queue},t",{times},9,9,"ANSWERED","DOCUMENTATION","{call}",""\n'
            records.append(record * (1 + number % 2))
    return "".join(records)


def test_a_plan_of_the_cdr_expects_what_that_of_queue_log_does(tmp_path: Path, run: Run) -> None:
    """But for the first day, of which the file does not tell that it is whole: it begins with a call."""
    centre_with(tmp_path, cdr="Master.csv")
    (tmp_path / "Master.csv").write_text(cdr_of((tmp_path / "queue_log").read_text(encoding="utf-8")), encoding="utf-8")
    plans, said = [], ""
    for source in ("queue_log", "cdr"):
        code, said, _ = run(tmp_path, "--from", source, "--out", str(tmp_path / f"{source}.csv"))
        assert code == 0
        plans.append(read_floorwatch((tmp_path / f"{source}.csv").read_text(encoding="utf-8"), centre.load(tmp_path).contract))
    assert "  AHT        180 s, the project's aht_seconds: the source does not tell\n" in said
    assert [row.start for row in plans[0]] == [row.start for row in plans[1]]
    assert [row.calls_u for row in plans[0]] == pytest.approx([row.calls_u for row in plans[1]], rel=0.1)


def test_there_is_a_bar_on_a_terminal(tmp_path: Path) -> None:
    """Typed for real, as the bar is drawn by what it is drawn on; elsewhere standard error is empty, as above."""
    centre.write(tmp_path, (NOTARY,))
    (tmp_path / "queue_log").write_text(queue_log(Weeks(PAST, lines=(NOTARY,), number=1)), encoding="utf-8")
    words = [sys.executable, "-m", "monitor", "plan", "build", "--config", str(tmp_path / "floorwatch.toml"), "--from", "queue_log"]
    ours, theirs = pty.openpty()
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=50)
    os.close(theirs)
    drawn = os.read(ours, 65_536)
    os.close(ours)
    assert b"reading" in drawn
    assert b"100%" in drawn
    assert b"reading" not in done.stdout
