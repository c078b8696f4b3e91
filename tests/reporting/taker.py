"""Somebody who takes away hours, as a process of his own: `python -m tests.reporting.taker FILE SECONDS`.

It stops at the door of the store, says so, and goes in when it is told to: so that a test has several of them there at once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from monitor import config
from monitor.errors import FloorwatchError
from monitor.reporting import amending
from monitor.state.store.amending import add
from tests.reporting.asking import NOW
from tests.reporting.centre import Centre

ROOT = Path(__file__).parent.parent.parent


def take(file: Path, seconds: str) -> None:
    """Once."""

    def waiting(*given: Any) -> Any:
        print("at the door", flush=True)
        sys.stdin.readline()
        return add(*given)

    wanted = amending.HoursWish("7", "2026-11-02", "regular", "bank-line", seconds, "left early", "olha")
    try:
        with patch.object(amending, "add", waiting):
            amending.correct_hours(config.load(file), wanted, NOW, print)
    except FloorwatchError as error:
        print(f"refused: {error}", flush=True)


def at_once(centre: Centre, seconds: str, times: int) -> list[str]:
    """So many at once; what each of them was told."""
    command = [sys.executable, "-m", "tests.reporting.taker", str(centre.file), seconds]
    there = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(times)]
    try:
        for one in there:
            assert one.stdout is not None
            assert one.stdout.readline() == "at the door\n"
        for one in there:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        return sorted(one.communicate(timeout=40)[0].strip() for one in there)
    finally:
        for one in there:
            one.kill()
            one.wait()


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2])
