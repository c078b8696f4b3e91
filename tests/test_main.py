"""Ctrl-C at moments nobody can hit by hand: while modules are loaded, before a loop has its handlers, when all is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

STRIKE = "import os, signal\nstrike = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
LOADING = """
import sys

class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}:
            strike()

sys.meta_path.insert(0, Finder())
"""
LOGS = "import monitor.logs\nmonitor.logs.set_up = strike\n"
LOOP = """
import asyncio, monitor.rehearsal
class Event(asyncio.Event):
    def __init__(self):
        strike()
        super().__init__()
monitor.rehearsal.asyncio.Event = Event
"""
MAIN = "from monitor.__main__ import main\nmain()\n"


def struck(before: str, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, interrupted where `before` says."""
    command = [sys.executable, "-c", STRIKE + before + MAIN, *words]
    environment = {**os.environ, **({"TMPDIR": str(folder)} if folder else {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)


@pytest.mark.parametrize("module", ["monitor.cli", "asyncio", "typer", "pydantic_core", "aiohttp.web", "monitor.tape.replay"])
def test_while_modules_are_loaded(module: str) -> None:
    done = struck(LOADING.format(module=module), "replay", __file__)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("words", [["demo"], ["init"], ["replay", __file__]], ids=lambda words: words[0])
def test_while_a_command_begins(words: list[str]) -> None:
    done = struck(LOGS, *words)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_before_the_loop_of_the_demo_has_its_handlers(tmp_path: Path) -> None:
    done = struck(LOOP, "demo", "--port", "0", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


def test_when_all_is_said() -> None:
    done = struck("import atexit\natexit.register(strike)\n", "--version")
    assert (done.returncode, done.stdout.partition(" ")[0], done.stderr) == (130, "floorwatch", "")


def test_a_background_job_is_deaf_to_it() -> None:
    """A shell starts it so, and the Ctrl-C is meant for somebody else."""
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = struck(deaf + LOADING.format(module="typer") + "import atexit\natexit.register(strike)\n", "--version")
    assert (done.returncode, done.stderr) == (0, "")
