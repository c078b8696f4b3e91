"""`make lab` as a user has it: what it prints, that its figures are real, and that Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import world
from tests.lab.floor import CALM_KINDS, GAP_SECONDS, PLANNED
from tests.lab.kinds import plan_for
from tests.lab.pbx import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.lab.floor"]
STOP_SECONDS = 3.0


def left_over(mark: str) -> list[str]:
    """Command lines of living processes that mention the run's folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in line:
            found.append(line)
    return found


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def started(tmp_path: Path, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], Path, int]]:
    port, out = free_port(), tmp_path / "out.txt"
    with out.open("wb") as handle:
        process = subprocess.Popen([*COMMAND, "--port", str(port), "--seed", "7"], cwd=ROOT, env=environment, stdout=handle, stderr=subprocess.STDOUT)
    yield process, out, port
    if process.poll() is None:
        process.kill()
        process.wait(5)


def wait_for(process: subprocess.Popen[bytes], out: Path, pattern: str, seconds: float) -> re.Match[str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := re.search(pattern, out.read_text(encoding="utf-8")):
            return found
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"{pattern!r} not printed within {seconds:.0f} s: {out.read_text(encoding='utf-8')}")


@pytest.mark.lab
@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_shows_a_living_floor_and_ends_cleanly(started: tuple[subprocess.Popen[bytes], Path, int], tmp_path: Path, how: signal.Signals) -> None:
    process, out, port = started
    wait_for(process, out, rf"curl http://127\.0\.0\.1:{port}/metrics", 480)  # the first run fetches Asterisk
    wait_for(process, out, r"entered [1-9]\d*  answered [1-9]", 40)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert b"callcenter_plan_calls_total{" in answer.read()
    began = time.monotonic()
    process.send_signal(how)
    assert process.wait(15) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert left_over(str(tmp_path)) == []
    assert list(tmp_path.glob("floorwatch-lab.*")) == []
    assert "Traceback" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("make", "how"), [({}, "with --port N"), ({"MAKELEVEL": "1"}, 'by make lab ARGS="--port N"')])
def test_a_port_that_is_taken_is_one_clear_line(environment: dict[str, str], make: dict[str, str], how: str) -> None:
    environment.pop("MAKELEVEL", None)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], cwd=ROOT, env=environment | make, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr == f"lab: port {port} on 127.0.0.1 cannot be had (Address already in use): choose another {how}\n"


def test_the_plan_fits_the_traffic() -> None:
    """Callers are drawn as the lab draws them; transfers and overflows bring a project some more, so shares agree roughly."""
    rng, called = random.Random(7), Counter[str]()
    for _ in range(8000):
        plan = plan_for(rng.choice(CALM_KINDS), rng)
        queue = plan.caller.dialled.partition("-")[2] if plan.caller else ""
        if queue:
            called[world.project_of(queue).name] += 1
    planned = sum(volume for volume, _ in PLANNED.values())
    assert set(PLANNED) == set(called)
    for project, (volume, _) in PLANNED.items():
        assert volume / planned == pytest.approx(called[project] / called.total(), abs=0.07)
    assert 1.0 < planned / (called.total() / 8000 * 1800 / GAP_SECONDS) < 1.25


def test_no_apt_is_one_clear_line(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--port", str(free_port())],
        cwd=ROOT,
        env={**environment, "PATH": str(tmp_path), "FLOORWATCH_CACHE": str(tmp_path / "cache")},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["lab: apt-get is not on this machine: Asterisk 22 comes from Debian's archive"]
