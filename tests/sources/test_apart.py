"""A process of its own: what it is asked, what it wrote, and nothing of the folder it happens to be started in."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.sources import apart

ECHO = "import pickle, sys; sys.stdout.buffer.write(pickle.load(sys.stdin.buffer))"


async def test_it_reads_the_question_and_its_output_is_the_answer() -> None:
    assert await apart.ask(ECHO, b"\x00\xff", 20) == b"\x00\xff"


async def test_it_knows_our_modules_and_not_those_that_lie_where_it_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "monitor.py").write_text("raise RuntimeError('not ours')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert await apart.ask("from monitor.core.contract import SECOND; print(SECOND)", None, 20) == b"1000000\n"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise ValueError('no')", "could not be told: ValueError: no"),
        ("raise SystemExit(3)", "could not be told: exit code 3"),
        ("import time; time.sleep(60)", "was not read within 0.5 s"),
    ],
)
async def test_what_goes_wrong_is_a_sentence(code: str, problem: str) -> None:
    assert await apart.ask(code, None, 0.5 if "sleep" in code else 20) == problem
