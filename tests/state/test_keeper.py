"""What is written when, and a disk that refuses: never a word to the engine, and never a state on the disk that lacks what was shown."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.state import checkpoint, journal
from monitor.state.checkpoint import CURRENT, VOID
from monitor.state.keeper import EVERY_S, LARGEST, MOST, RETRY_S, Keeper
from monitor.state.records import Step
from monitor.state.recovery import Lost, recover

BOOT = "this life"


class Clock:
    """A steady clock that is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A keeper, its clock, and the object it keeps: a list of everything that was done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.done: list[Step] = []
        self.keeper = Keeper(folder, BOOT, self.clock)
        self.keeper.begin(self.done)

    def do(self, *steps: Step) -> None:
        for step in steps:
            self.done.append(step)
            self.keeper.note(step)
            self.keeper.relieve()

    def tick(self, seconds: float = 1.0) -> None:
        self.clock.now += seconds
        self.keeper.flush()
        self.keeper.tick(self.done)

    def settle(self) -> None:
        """Until the copy of the process has written."""
        deadline = time.monotonic() + 20
        while self.keeper._child is not None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
            self.keeper._reap()
        self.keeper._threads.submit(lambda: None).result()

    def found(self) -> list[Step]:
        """What another process would begin with now."""
        there = recover(self.folder, BOOT)
        assert there is not None
        assert isinstance(there.thing, list)
        return [*there.thing, *there.steps()]


def unfinished(folder: Path) -> list[str]:
    """Checkpoints that nobody has finished."""
    return sorted(path.name for path in folder.glob("checkpoint.new*"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    yield one
    one.settle()
    one.keeper._threads.shutdown()


def test_what_is_flushed_is_there_and_what_is_not_is_not(desk: Desk) -> None:
    desk.do(1, 2)
    assert desk.found() == []
    desk.keeper.flush()
    assert desk.found() == [1, 2]


def test_many_steps_are_written_before_anybody_looks(desk: Desk) -> None:
    desk.do(*range(MOST))
    assert desk.found() == list(range(MOST))


@pytest.mark.parametrize("cause", ["time", "size"])
def test_a_checkpoint_comes_with_time_and_with_size(desk: Desk, cause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.do(1)
    desk.tick()
    assert journal.numbers(desk.folder) == [1]
    if cause == "size":
        monkeypatch.setattr("monitor.state.keeper.LARGEST", 10)
    desk.tick(EVERY_S if cause == "time" else 1)
    assert journal.numbers(desk.folder)[-1] == 2
    desk.do(2)
    desk.keeper.flush()
    assert desk.found() == [1, 2]  # the copy may not be done yet: nobody has to wait for it
    desk.settle()
    assert desk.found() == [1, 2]
    assert journal.numbers(desk.folder) == [2]
    assert LARGEST > 1 << 20


def test_without_a_copy_of_the_process_the_process_writes_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(errno.EAGAIN, "no")

    monkeypatch.setattr("os.fork", refuse)
    desk.do(1)
    desk.tick(EVERY_S)
    assert desk.keeper._child is None
    head, thing = checkpoint.read(desk.folder)
    assert (thing, head.journal, head.clean) == ([1], 2, False)


def test_a_clean_end_needs_no_journal_and_outlives_the_machine(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.do(1, 2)
    desk.keeper.close(desk.done)
    assert journal.numbers(tmp_path) == []
    there = recover(tmp_path, "another life")
    assert there is not None
    assert (there.thing, list(there.steps()), there.head.clean) == ([1, 2], [], True)


def test_a_clean_end_while_a_copy_is_writing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.do(1)
    desk.tick(EVERY_S)
    desk.do(2)
    desk.keeper.close(desk.done)
    there = recover(tmp_path, BOOT)
    assert there is not None
    assert there.thing == [1, 2]


def killed_at_the_start(folder: Path) -> Keeper:
    """A process that began a journal and was killed before its checkpoint."""
    keeper = Keeper(folder, BOOT)
    keeper._next_journal()
    keeper._threads.shutdown()
    return keeper


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("starts", [1, 2, 3])
def test_starts_that_were_killed_one_after_the_other_cost_nothing(desk: Desk, starts: int, torn: bool) -> None:
    desk.do(1, 2)
    desk.keeper.flush()
    if torn:
        with journal.path_of(desk.folder, 1).open("ab") as file:
            file.write(b"\x09")
    for _ in range(starts):
        killed_at_the_start(desk.folder)
        assert desk.found() == [1, 2]
    journal.path_of(desk.folder, 1 + starts).write_bytes(b"")  # killed even before its first line
    assert desk.found() == [1, 2]


def test_starts_that_were_killed_after_a_clean_end_cost_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.do(1)
    desk.keeper.close(desk.done)
    for _ in range(2):
        killed_at_the_start(tmp_path)
    assert desk.found() == [1]


@pytest.mark.parametrize("there", ["steps of another", "one is missing", "torn, and another of ours after it"])
def test_journals_that_do_not_fit_are_no_killed_start(desk: Desk, there: str) -> None:
    desk.do(1)
    desk.keeper.flush()
    if there == "one is missing":
        desk.keeper._next_journal()
        killed_at_the_start(desk.folder)
        journal.path_of(desk.folder, 2).unlink()
    elif there == "steps of another":
        other = killed_at_the_start(desk.folder)
        other.note(2)
        other.flush()
        killed_at_the_start(desk.folder)
    else:
        desk.keeper._next_journal()
        desk.keeper._threads.submit(lambda: None).result()
        data = journal.path_of(desk.folder, 1).read_bytes()
        journal.path_of(desk.folder, 1).write_bytes(data[:-1])
    with pytest.raises(Lost):
        desk.found()


def test_a_copy_that_outlives_its_killed_process_spoils_nothing(desk: Desk) -> None:
    """It writes when it likes: before, while and after the next process writes its own."""
    desk.do(1)
    desk.keeper.flush()
    orphan = checkpoint.Head(desk.keeper._life, 2, BOOT)
    checkpoint.write(desk.folder, orphan, ["an orphan's"])
    after = Keeper(desk.folder, BOOT)
    settle = checkpoint.settle

    def late(folder: Path, life: str) -> None:
        checkpoint.write(folder, orphan, ["an orphan's"])
        settle(folder, life)

    checkpoint.settle = late
    try:
        after.begin([5])
    finally:
        checkpoint.settle = settle
    assert desk.found() == [5]
    after._threads.submit(lambda: None).result()
    assert unfinished(desk.folder) == []  # with the next one that is whole it is gone
    after._threads.shutdown()


def test_what_was_begun_and_found_no_room_takes_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with full(monkeypatch, 100):
        with pytest.raises(OSError, match="No space"):
            checkpoint.write(desk.folder, checkpoint.Head("1f", 1, BOOT), ["x" * 1000])
        assert unfinished(desk.folder) == []


# --- a disk that refuses ----------------------------------------------------------------------------------------------------------------


@contextmanager
def full(monkeypatch: pytest.MonkeyPatch, room: int = 0) -> Iterator[None]:
    """A disk with so many bytes of room; reading and renaming go on."""
    left = room
    whole: Callable[[int, bytes], int] = os.write

    def write(fd: int, data: bytes) -> int:
        nonlocal left
        if left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = whole(fd, data[:left])
        left -= taken
        return taken

    with monkeypatch.context() as patch:
        patch.setattr("os.write", write)
        yield


@pytest.mark.parametrize("room", [0, 1, 9, 30])
def test_a_full_disk_is_said_once_counted_and_nobody_goes_on_from_what_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    desk.do(1)
    desk.keeper.flush()
    with capture_logs() as logs, full(monkeypatch, room):
        for number in range(5):
            desk.do(2, number)
            desk.tick()
        with pytest.raises(Lost, match="refused"):
            desk.found()
    assert [(line["event"], line["log_level"], line["problem"]) for line in logs] == [("state cannot be kept", "warning", "No space left on device")]
    assert desk.keeper.dropped >= 8
    assert not (desk.folder / CURRENT).exists()


def test_when_there_is_room_again_all_is_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with full(monkeypatch):
        desk.do(1)
        desk.tick()
        for _ in range(3):
            desk.tick(RETRY_S)
            desk.settle()
        assert not (desk.folder / CURRENT).exists()
    desk.do(2)
    with capture_logs() as logs:
        desk.tick(RETRY_S)
        desk.do(3)
        desk.tick()
        desk.settle()
    assert [line["event"] for line in logs] == ["state is kept again"]
    assert desk.found() == [1, 2, 3]
    assert not (desk.folder / VOID).exists()


def test_a_checkpoint_that_finds_no_room_leaves_the_one_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.do(1)
    desk.keeper.flush()
    monkeypatch.setattr("monitor.state.checkpoint.write", _fails)  # in the copy
    desk.tick(EVERY_S)
    desk.do(2)
    desk.keeper.flush()
    desk.settle()
    monkeypatch.undo()
    assert desk.found() == [1, 2]
    assert journal.numbers(desk.folder) == [1, 2]
    desk.tick(RETRY_S)
    desk.settle()
    assert desk.found() == [1, 2]
    assert journal.numbers(desk.folder) == [3]


def test_a_copy_that_hangs_does_not_hold_up_the_next(desk: Desk) -> None:
    desk.do(1)
    desk.tick(EVERY_S)
    child = desk.keeper._child
    assert child is not None
    stuck = os.fork()
    if stuck == 0:
        time.sleep(600)
        os._exit(0)
    os.waitpid(child, 0)
    desk.keeper._child = stuck
    desk.tick(EVERY_S - 1)
    assert desk.keeper._child == stuck
    desk.tick()
    desk.settle()
    desk.do(2)
    desk.tick(RETRY_S)
    desk.settle()
    assert journal.numbers(desk.folder) == [3]
    assert desk.found() == [1, 2]


def test_a_checkpoint_that_fails_is_tried_every_ten_seconds_however_much_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.state.keeper.LARGEST", 10)
    monkeypatch.setattr("monitor.state.checkpoint.write", _fails)
    for _ in range(12):
        desk.do(1)
        desk.tick()
        desk.settle()
    assert journal.numbers(desk.folder) == [1, 2, 3]


def _fails(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_copy_that_finishes_after_the_disk_refused_is_not_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.tick(EVERY_S)
    with full(monkeypatch):
        desk.do(1)
        desk.tick()
    desk.settle()
    assert not (desk.folder / CURRENT).exists()
    with pytest.raises(Lost):
        desk.found()


def test_a_disk_that_says_so_only_when_it_syncs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.do(1)
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("os.fsync", _fails)
        desk.tick()
        desk.keeper._threads.submit(lambda: None).result()
        desk.tick()
    assert [line["problem"] for line in logs] == ["Input/output error"]
    assert not (desk.folder / CURRENT).exists()


def test_a_start_on_a_full_disk_goes_on_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Desk(tmp_path)
    first.do(1)
    first.keeper.close(first.done)
    with full(monkeypatch), capture_logs() as logs:
        desk = Desk(tmp_path)
        desk.do(2)
        desk.tick()
    assert [line["event"] for line in logs] == ["state cannot be kept"]
    with pytest.raises(Lost):
        desk.found()
    desk.tick(RETRY_S)
    desk.settle()
    assert desk.found() == [2]
    assert unfinished(tmp_path) == []
    desk.keeper.close(desk.done)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:

    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("this container may not mount")
    try:
        desk = Desk(disk)
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        for number in range(3000):
            desk.do(("missed", f"pbx{number}"))
        desk.tick()
        with pytest.raises(Lost):
            desk.found()
        ballast.unlink()
        desk.done = desk.done[:100]  # what is kept has to find room
        desk.tick(RETRY_S)
        desk.settle()
        assert desk.found() == desk.done
        desk.keeper.close(desk.done)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_folder_that_is_deleted_is_said_and_made_again(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.do(1, 2)
        desk.tick()
        shutil.rmtree(desk.folder)
        desk.do(3)
        desk.tick()
        assert [entry["problem"] for entry in logs if entry["log_level"] == "warning"] == ["what was kept is deleted"]
        desk.tick(RETRY_S)
        desk.settle()
        desk.do(4)
        desk.tick()
        assert desk.found() == [1, 2, 3, 4]


HOLDER = """
import sys, time
from pathlib import Path
from monitor.state.lock import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(60)
"""


def test_whoever_has_begun_where_the_folder_was_deleted_keeps_it(desk: Desk) -> None:
    desk.do(1)
    desk.tick()
    shutil.rmtree(desk.folder)
    desk.folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(desk.folder)], stdout=subprocess.PIPE, text=True) as other, capture_logs() as logs:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        desk.tick()
        desk.tick(RETRY_S)
        desk.settle()
        assert sorted(path.name for path in desk.folder.iterdir()) == ["lock"]
        assert [entry["remedy"] for entry in logs] == ["leave the folder to the daemon; tried again every 10 s"]
        other.kill()
        other.wait()
        desk.tick(RETRY_S)
        desk.settle()
    assert desk.found() == [1]
    assert (desk.folder / "lock").exists()
