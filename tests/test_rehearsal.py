"""`floorwatch demo`: bad input is one line, and the real daemon shows a living centre and leaves nothing behind."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from monitor.demo.events import instant
from monitor.errors import BadOption, NotWritten
from monitor.rehearsal import OPENS, SimulatedTime, Stage, Wishes, check_stack, write_stack

DAY = date(2026, 11, 25)
STATES = ("talk", "hold", "ring", "wrapup", "paused", "available", "other", "unreachable", "offline")


def floorwatch(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "monitor", *words], capture_output=True, text=True, timeout=50, check=False)


# --- bad input ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--seed", "x"], "--seed x: is not a whole number; write one such as 7"),
        (["--seed", "1.5"], "--seed 1.5: is not a whole number; write one such as 7"),
        (["--speed", "fast"], "--speed fast: is not a number; write a number from 0.1 to 60, such as 10"),
        (["--speed", "nan"], "--speed nan: is not a number; write a number from 0.1 to 60, such as 10"),
        (["--speed", "61"], "--speed 61: is too fast; write a number from 0.1 to 60, such as 10"),
        (["--speed", "0"], "--speed 0: is too slow; write a number from 0.1 to 60, such as 10"),
        (["--port", "web"], "--port web: is not a port; write a number from 1 to 65535, or 0 for any free one"),
        (["--port", "65536"], "--port 65536: is not a port; write a number from 1 to 65535, or 0 for any free one"),
    ],
)
def test_bad_input_is_one_line(words: list[str], line: str) -> None:
    done = floorwatch("demo", *words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


def test_help_has_an_example() -> None:
    done = floorwatch("demo", "--help")
    assert done.returncode == 0
    assert "Example: floorwatch demo --speed 10" in " ".join(done.stdout.split())


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        done = floorwatch("demo", "--port", str(taken))
    line = f"cannot listen on 127.0.0.1:{taken}: another program listens there; free the port or choose another with --port\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line)


def test_nothing_is_overwritten_unless_told_to(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text("mine\n")
    with pytest.raises(BadOption) as refused:
        check_stack(tmp_path, force=False)
    assert str(refused.value) == f"--write-stack {tmp_path}: prometheus.yml is there already; choose another folder, or replace it with --force"
    check_stack(tmp_path, force=True)
    assert (tmp_path / "prometheus.yml").read_text() == "mine\n", "checking writes nothing"
    assert write_stack(tmp_path, 9877) == [tmp_path / "prometheus.yml"]
    assert "127.0.0.1:9877" in (tmp_path / "prometheus.yml").read_text()


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadOption) as refused:
        check_stack(tmp_path / "file", force=False)
    assert str(refused.value) == f"--write-stack {tmp_path / 'file'}: cannot be written: File exists; choose another folder"


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the system's answer is played."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(BadOption, match=r"may not be written to; choose another folder$"):
        check_stack(tmp_path, force=False)


# --- time ---------------------------------------------------------------------------------------------------------------------------


def test_time_stands_until_it_is_started_and_never_steps() -> None:
    ours = 5_000
    time = SimulatedTime(1_000_000, 10, lambda: ours)
    clock = time.clock()
    ours += 7_000_000
    assert (time.now(), clock.now(), clock.step()) == (1_000_000, 1_000_000, 0)
    time.start()
    ours += 3_000_000_000
    assert (time.now(), clock.now(), clock.step()) == (31_000_000, 31_000_000, 0)


# --- the demo -----------------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _on_stage(folder: Path, monkeypatch: pytest.MonkeyPatch, wishes: Wishes) -> AsyncIterator[tuple[Stage, list[str]]]:
    """A demo in this process; its temporary folder lies in `folder`."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    said: list[str] = []
    stop = asyncio.Event()
    stage = Stage(wishes, said.append, DAY)
    task = asyncio.create_task(stage.run(stop))
    try:
        while not said and not task.done():
            await asyncio.sleep(0.02)
        yield stage, said
    finally:
        stop.set()
        await task


async def _in(folder: Path) -> list[Path]:
    return await asyncio.to_thread(lambda: list(folder.iterdir()))


async def _metrics(stage: Stage, http: aiohttp.ClientSession) -> dict[str, float]:
    assert stage.daemon is not None
    async with http.get(f"{stage.daemon.web.url}/metrics") as answer:
        text = await answer.text()
    return {series: float(value) for series, _, value in (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))}


def _sum(metrics: dict[str, float], family: str, *labels: str) -> float:
    return sum(value for series, value in metrics.items() if series.startswith(family + "{") and all(label in series for label in labels))


def _earned(metrics: dict[str, float]) -> list[float]:
    """Of those whose money is counted while their day lasts: hours of a shared pool by handle time are when it is over."""
    return [value for series, value in metrics.items() if series.startswith("callcenter_revenue_total{") and value]


async def test_a_living_centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _on_stage(tmp_path, monkeypatch, Wishes(0, 1, 10)) as (stage, said), aiohttp.ClientSession() as http:
        seen: set[str] = set()
        metrics: dict[str, float] = {}
        while len(seen) < 5 or not _sum(metrics, "callcenter_contacts_total"):
            metrics = await _metrics(stage, http)
            seen |= {state for state in STATES if _sum(metrics, "callcenter_agents", f'state="{state}"')}
            await asyncio.sleep(0.05)
        assert _sum(metrics, "callcenter_plan_calls_total") >= 0
        assert 'callcenter_plan_agents{group="floor"}' in metrics
        for kind in ("offered", "carried", "planned"):
            assert any(series.startswith("callcenter_workload_erlangs{") and f'kind="{kind}"' in series for series in metrics)
        assert any(series.startswith('callcenter_occupancy_ratio{group="floor"') for series in metrics)
        assert metrics['floorwatch_ami_up{pbx="pbx1"}'] == 1
        assert _sum(metrics, "floorwatch_anomalies_total") == 0
        assert _sum(metrics, "callcenter_unclaimed_calls_total") == 0
        while 'callcenter_breakeven_occupancy_ratio{group="floor"}' not in metrics or len(_earned(metrics)) < 3:  # a project a second
            metrics = await _metrics(stage, http)
            await asyncio.sleep(0.05)
        assert _sum(metrics, "callcenter_margin_without_client")
        assert _sum(metrics, "callcenter_agents") >= 20, "everybody of the shift but who is unreachable for long"
        assert said[0] == "Floorwatch demo: a simulated outsourcer, 38 agents and 4 clients, seed 1, at 10 times real time."
        assert [line.split()[0] for line in said[3:6]] == ["curl", "xdg-open", "floorwatch"]
        (folder,) = await _in(tmp_path)
        assert {path.name for path in await _in(folder)} == {"floorwatch.toml", "agents.csv", "plan.csv", "signed.csv", "ami-secret", "queue_log"}
        assert (await asyncio.to_thread((folder / "ami-secret").stat)).st_mode & 0o077 == 0
    assert await _in(tmp_path) == []


async def test_what_is_kept_can_be_reported_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    async with _on_stage(tmp_path, monkeypatch, Wishes(0, 1, 60, keep=kept)) as (stage, said), aiohttp.ClientSession() as http:
        (command,) = [line for line in said if " report " in line]
        assert command.split(" report ")[1].split()[:5] == ["billing", "--config", f"{kept}/floorwatch.toml", "--client", "Bank"]
        while not _sum(await _metrics(stage, http), "callcenter_calls_answered_total", 'project="shop-line"'):  # the morning is taken in
            await asyncio.sleep(0.05)
    assert await _in(tmp_path) == [kept]
    papers = {"floorwatch.toml", "agents.csv", "plan.csv", "signed.csv", "ami-secret", "queue_log", "floorwatch.db"}
    assert papers <= {path.name for path in await _in(kept)}
    annex = await asyncio.to_thread(floorwatch, "report", "billing", "--config", f"{kept}/floorwatch.toml", "--client", "Shop", "--from", DAY.isoformat())
    assert (annex.returncode, annex.stderr) == (0, "")
    assert re.search(r"^2026-11-25  09:\d\d  shop   floor \d +- +34\.00$", annex.stdout, re.MULTILINE)
    assert re.search(r"^Total with VAT +[1-9]\d+\.\d\d$", annex.stdout, re.MULTILINE)


@pytest.mark.parametrize("before", [False, True])
async def test_what_never_opened_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    """The folder could not be given a second time otherwise; one that was there before stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stop, folder = asyncio.Event(), tmp_path / "kept"
    stop.set()
    if before:
        await asyncio.to_thread(folder.mkdir)
    await Stage(Wishes(0, 1, 1, keep=folder), print, DAY).run(stop)
    assert await _in(tmp_path) == [folder] * before
    assert not before or await _in(folder) == []


def test_a_folder_with_anything_in_it_is_not_one_to_keep(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    done = floorwatch("demo", "--keep", str(tmp_path), "--force")
    line = f"--keep {tmp_path}: is not empty, mine.txt is in it; choose a folder that is empty, or not there yet\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


async def test_the_same_seed_has_the_same_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything until the demo opens; how it is served changes nothing."""
    pasts = []
    for number, pace in ((1, 1), (1, 60), (2, 60)):
        async with _on_stage(tmp_path, monkeypatch, Wishes(0, number, pace)):
            (folder,) = await _in(tmp_path)
            rows = (await asyncio.to_thread((folder / "queue_log").read_text, encoding="utf-8")).splitlines()
            pasts.append([row for row in rows if int(row.partition("|")[0]) < instant(DAY, OPENS) // 1_000_000])
    assert pasts[0] == pasts[1] != pasts[2]
    assert len(pasts[0]) > 2000


async def test_what_happens_is_told_and_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ten minutes: the alarm, and a cut of the link after which the daemon comes back by itself."""
    async with _on_stage(tmp_path, monkeypatch, Wishes(0, 1, 60)) as (stage, said), aiohttp.ClientSession() as http:
        while not any("the PBX takes AMI logins again" in line for line in said):
            await asyncio.sleep(0.02)
        happened = [line for line in said if re.match(r"\d\d:\d\d:\d\d  ", line)]
        assert [(line[:5], line[10:].split(":")[0]) for line in happened[:4]] == [
            ("10:30", "Shop gives half of its volume to somebody else, without a word"),
            ("11:24", "air-raid alarm and blackout"),
            ("11:27", "the AMI link is cut for 20 s; calls go on unseen"),
            ("11:27", "the PBX takes AMI logins again"),
        ]
        while (await _metrics(stage, http))['floorwatch_ami_up{pbx="pbx1"}'] != 1:
            await asyncio.sleep(0.05)
        metrics = await _metrics(stage, http)
        assert metrics['floorwatch_ami_connects_total{pbx="pbx1"}'] >= 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_when_told_to(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor", "demo", "--port", "0", "--write-stack", str(tmp_path / "stack")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.endswith("What happens:\n"):
                break
        assert [path.name for path in (tmp_path / "stack").iterdir()] == ["prometheus.yml"]
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["stack"]


@pytest.mark.parametrize("lines", [1, 9])
def test_who_has_seen_enough_ends_it(lines: int, tmp_path: Path) -> None:
    """`floorwatch demo | head`: while it introduces itself, and while it tells what happens."""
    command = [sys.executable, "-m", "monitor", "demo", "--port", "0", "--speed", "60"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        for _ in range(lines):
            assert process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(timeout=30), errors) == (1, "")
    finally:
        process.kill()
        process.wait(timeout=10)
        process.stderr.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_listener_that_is_gone_is_not_the_folder_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def gone(_: str) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        await Stage(Wishes(0, 1, 60), gone, DAY).run(asyncio.Event())
    assert await _in(tmp_path) == []


def test_no_folder_for_temporary_files(tmp_path: Path) -> None:
    code = "import sys, tempfile; none = sys.argv.pop(); tempfile._candidate_tempdir_list = lambda: [none]; from monitor.__main__ import main; main()"
    command = [sys.executable, "-c", code, "demo", "--port", "0", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("a temporary folder: cannot be written: No usable temporary directory found in")
    assert done.stderr.endswith("; make room, or let TMPDIR name another folder\n")


async def test_a_centre_that_stands_still_ends_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would look like a quiet one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said: list[str] = []
    task = asyncio.create_task(Stage(Wishes(0, 1, 60), said.append, DAY).run(asyncio.Event()))
    while not said:
        await asyncio.sleep(0.02)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("monitor.demo.pbx._append", full)
    with pytest.raises(NotWritten, match=r": cannot be written: No space left on device; make room, or let TMPDIR name another folder$"):
        await task
    assert await _in(tmp_path) == []


async def test_it_ends_while_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the day so far is over: nothing was served and nothing is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stop = asyncio.Event()
    said: list[str] = []
    stage = Stage(Wishes(0, 1, 1), said.append, DAY)
    task = asyncio.create_task(stage.run(stop))
    while not await _in(tmp_path):
        await asyncio.sleep(0)
    stop.set()
    await task
    assert (said, stage.daemon, await _in(tmp_path)) == ([], None, [])
