"""A copy of the process: it does its one thing and is gone, whatever happens in it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from monitor.state import copying


def ended(child: int | None) -> int:
    assert child is not None
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_it_does_it_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "done"
    assert ended(copying.begin(lambda: file.write_text("yes", encoding="utf-8"))) == 0
    assert file.read_text(encoding="utf-8") == "yes"


@pytest.mark.parametrize("error", [OSError("no"), SystemExit(0), KeyboardInterrupt()], ids=lambda error: type(error).__name__)
def test_whatever_goes_wrong_ends_there(error: BaseException) -> None:
    def fail() -> None:
        raise error

    assert ended(copying.begin(fail)) == 1


def test_it_has_none_of_our_sockets(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        number = ours.fileno()
        assert ended(copying.begin(lambda: os.fstat(number))) == 1
