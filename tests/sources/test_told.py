"""Today told in a process of its own: what it answers, what it says when it cannot, and that nobody waits for it in vain."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Visits
from monitor.core.events import CallerJoined, SnapshotTaken, WaitingRow
from monitor.sources import told
from monitor.sources.told import Question
from tests.core.scene import IN_QUEUE, T0, contract

NOON = T0 + 3600 * SECOND


def question(file: Path, *waiting: WaitingRow) -> Question:
    taken = SnapshotTaken("pbx1", NOON, {"bank": "rrmemory"}, (), waiting, ())
    return Question(str(file), contract(), "pbx1", taken, T0, 0)


def write(file: Path, *rows: str) -> Path:
    file.write_text("".join(f"{T0 // SECOND + int(row.partition('|')[0])}|{row.partition('|')[2]}\n" for row in rows), encoding="utf-8")
    return file


CALL = ("60|1.1|bank|NONE|ENTERQUEUE||0|1", "90|1.1|bank|NONE|ABANDON|1|1|30")


async def test_the_process_tells_what_happened(tmp_path: Path) -> None:
    answer = await told.ask(question(write(tmp_path / "queue_log", "-60|NONE|NONE|NONE|QUEUESTART|", *CALL)))
    assert answer.problems == ()
    assert answer.past is not None
    assert (answer.past.since, answer.past.until, answer.past.calls) == (T0, NOON, 1)
    assert answer.past.counters.visits["bank", QueueId("pbx1", "bank")][Visits.ABANDONED] == 1


def test_what_comes_live_is_left_to_it(tmp_path: Path) -> None:
    asked = question(write(tmp_path / "queue_log", "-60|NONE|NONE|NONE|QUEUESTART|", "3599|1.1|bank|NONE|ENTERQUEUE||0|1"))
    joined = CallerJoined("pbx1", NOON - SECOND // 2, "1.1", "1.1", "PJSIP/trunk-1", "bank", IN_QUEUE)
    for coming, calls in (((), 1), ((joined,), 0)):
        past = told.tell(replace(asked, coming=coming)).past
        assert past is not None
        assert past.calls == calls


def test_today_begins_where_the_log_does(tmp_path: Path) -> None:
    answer = told.tell(question(write(tmp_path / "queue_log", *CALL)))
    assert answer.past is not None
    assert answer.past.since == T0 + 60 * SECOND


@pytest.mark.parametrize("rows", [(), ("-60|NONE|NONE|NONE|QUEUESTART|",)])
def test_a_silent_log_tells_nothing(tmp_path: Path, rows: tuple[str, ...]) -> None:
    file = write(tmp_path / "queue_log", *rows)
    assert told.tell(question(file)) == told.Answer(None, (f"{file}: has no row of today; is queue_log = yes in [general] of logger.conf?",))


def test_a_log_of_another_pbx_tells_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "queue_log", *CALL)
    answer = told.tell(question(file, WaitingRow("5.5", "bank", "PJSIP/trunk-1", 40 * SECOND)))
    assert answer == told.Answer(None, (f"{file}: does not know a caller who waits now; is it this PBX's, and still written?",))


async def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    answer = await told.ask(question(tmp_path / "queue_log"))
    assert answer == told.Answer(None, (f"{tmp_path / 'queue_log'}: there is no such file; correct queue_log, or leave it empty",))


async def test_a_process_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "CHILD", "raise RuntimeError('broken')")
    answer = await told.ask(question(tmp_path / "queue_log"))
    assert answer == told.Answer(None, (f"{tmp_path / 'queue_log'}: could not be told: RuntimeError: broken",))


async def test_nothing_in_the_daemons_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process needs modules of Python's own, which may have namesakes where the daemon was started."""
    for name in ("bz2", "pickle", "monitor"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    answer = await told.ask(question(write(tmp_path / "queue_log", *CALL)))
    assert answer.past is not None
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the process, which answers never, leaves its number."""
    number = tmp_path / "pid"
    monkeypatch.setattr(told, "CHILD", f"import os, time; open({str(number)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    return number


async def gone(number: Path) -> None:
    """Wait until that process is no more."""
    pid = int(await asyncio.to_thread(number.read_text))
    async with asyncio.timeout(20):
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                await asyncio.sleep(0.02)


async def test_it_may_take_its_time_and_no_more(tmp_path: Path, hanging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "PATIENCE_S", 2.0)
    answer = await told.ask(question(tmp_path / "queue_log"))
    assert answer == told.Answer(None, (f"{tmp_path / 'queue_log'}: was not read within 2 s",))
    await gone(hanging)


async def test_it_ends_when_nobody_waits_for_it_any_more(tmp_path: Path, hanging: Path) -> None:
    asking = asyncio.create_task(told.ask(question(tmp_path / "queue_log")))
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(lambda: hanging.exists() and hanging.read_text()):
            await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await gone(hanging)
