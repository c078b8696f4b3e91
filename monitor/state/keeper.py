"""Keeps what must survive on the disk while the daemon runs.

Owns when what is written: steps are gathered and go out by one plain write before anybody is shown what came of them; they are synced
once a second in a thread; a checkpoint is made every ten minutes or 32 MB, by a copy of the process, and older journals go when it is
whole. A disk that refuses never stops the engine: at that moment the checkpoint is renamed, since a state that lacks what was shown must
not be found (a restart from nought is right, a small step back is not), what comes is counted as dropped, and every ten seconds a
checkpoint is tried that makes all whole again. Refuses what the steps mean. Next: `engine` notes and flushes.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import structlog

from monitor.state import checkpoint, journal
from monitor.state.checkpoint import CURRENT, VOID, Head
from monitor.state.journal import Journal
from monitor.state.lock import Lock
from monitor.state.records import Draft

log = structlog.get_logger(__name__)

EVERY_S = 600.0
LARGEST = 32 << 20
RETRY_S = 10.0
REMEDIES = {errno.ENOENT: "leave the folder to the daemon", errno.EBUSY: "end one of the two"}
MOST = 100  # steps gathered before they are written, whoever looks: encoding more at once would hold up the loop


class Keeper:
    """One folder and the object whose steps are written there. `dropped` steps went nowhere."""

    def __init__(self, folder: Path, boot: str, steady: Callable[[], float] = time.monotonic) -> None:
        self.dropped = 0
        self._folder = folder
        self._boot = boot
        self._steady = steady
        self._life = uuid4().hex  # journals and checkpoint of one process belong together
        self._number = max(journal.numbers(folder), default=0)
        self._drafts: list[Draft] = []
        self.note: Callable[[Draft], None] = self._drafts.append  # a step was done
        self._journal: Journal | None = None  # None while the disk refuses
        self._said = False
        self._child: int | None = None
        self._failed = False  # the last checkpoint
        self._deleted = False  # the folder, perhaps with its lock
        self._lock: Lock | None = None  # ours in its place
        self._due = 0.0
        self._size = 0  # of the journals before this one, since the checkpoint
        self._threads = ThreadPoolExecutor(1, "state")
        self._syncing: Future[None] | None = None
        self._synced = 0

    # --- steps ----------------------------------------------------------------------------------------------------------------------

    def relieve(self) -> None:
        """Write down what was gathered, if it is much."""
        if len(self._drafts) >= MOST:
            self.flush()

    def flush(self) -> None:
        """Write down everything that was done so far."""
        if not self._drafts:
            return
        drafts = self._drafts.copy()
        self._drafts.clear()
        if self._journal is None:
            self.dropped += len(drafts)
            return
        try:
            self._journal.write(drafts)
        except OSError as error:
            self.dropped += len(drafts)
            self._refused(error)

    def tick(self, thing: object) -> None:
        """Once a second, after a flush: what is due."""
        self._reap()
        self._sync()
        if self._journal is not None and not os.fstat(self._journal.fd).st_nlink:
            self._deleted = True
            self._refused(OSError(errno.ENOENT, "what was kept is deleted"))
        now = self._steady()
        if self._child is not None:
            if now >= self._due:
                os.kill(self._child, signal.SIGKILL)  # it hangs: the next one may not
            return
        large = self._journal is not None and self._size + self._journal.size >= LARGEST
        if now >= self._due or (large and not self._failed):
            if self._journal is None:
                self._make_void()
            self._checkpoint(thing)

    # --- checkpoints ----------------------------------------------------------------------------------------------------------------

    def begin(self, thing: object) -> None:
        """The first checkpoint, at once: what the folder held before is not needed any more."""
        self._clear()
        if self._next_journal():
            self._write_here(thing)

    def close(self, thing: object) -> None:
        """The last one: nothing is done after it."""
        self.flush()
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = None
        self._threads.shutdown()
        try:
            checkpoint.write(self._folder, Head(self._life, self._number + 1, self._boot, clean=True), thing)
            checkpoint.settle(self._folder, self._life)
            checkpoint.sync(self._folder)
            self._forget(self._number + 1)
        except OSError as error:
            if self._journal is None:
                self._refused(error)  # else all of it is in the journal
        if self._journal is not None:
            os.close(self._journal.fd)
            self._journal = None

    def _checkpoint(self, thing: object) -> None:
        if not self._next_journal():
            return
        self._child = checkpoint.begin(self._folder, Head(self._life, self._number, self._boot), thing)
        if self._child is None:
            self._write_here(thing)

    def _next_journal(self) -> bool:
        """From now on steps go to a new journal."""
        self._due = self._steady() + EVERY_S
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock_again()
            fresh = Journal(self._folder, self._life, self._number + 1)
        except OSError as error:
            self._refused(error)
            return False
        self._number += 1
        if self._journal is not None:
            self._size += self._journal.size
            self._threads.submit(os.close, self._journal.fd)
        self._journal, self._synced = fresh, 0
        return True

    def _lock_again(self) -> None:
        """Another daemon may have begun where ours was deleted: then it keeps there."""
        if not self._deleted:
            return
        lock = Lock(self._folder)
        if not lock.take():
            lock.release()
            raise OSError(errno.EBUSY, "another daemon keeps its state there now")
        self._lock, self._deleted = lock, False

    def _write_here(self, thing: object) -> None:
        try:
            checkpoint.write(self._folder, Head(self._life, self._number, self._boot), thing)
        except OSError as error:
            self._unmade(error)
        else:
            self._made()

    def _reap(self) -> None:
        """Has the copy of this process written the checkpoint?"""
        if self._child is None:
            return
        try:
            done, status = os.waitpid(self._child, os.WNOHANG)
        except ChildProcessError:
            done, status = self._child, 1
        if done:
            self._child = None
            if self._journal is None:
                return  # meanwhile the disk refused steps that come after it
            if status:
                self._unmade(None)
            else:
                self._made()

    def _made(self) -> None:
        """A checkpoint is whole."""
        try:
            checkpoint.settle(self._folder, self._life)
        except OSError as error:
            self._unmade(error)
            return
        self._size, self._failed = 0, False
        self._clear()
        self._threads.submit(self._forget, self._number)
        if self._said:
            self._said = False
            log.info("state is kept again", folder=str(self._folder))

    def _forget(self, number: int) -> None:
        """Journals before this one are in the checkpoint."""
        checkpoint.sync(self._folder)
        for old in journal.numbers(self._folder):
            if old < number:
                journal.path_of(self._folder, old).unlink()

    def _clear(self) -> None:
        """What others have begun is nobody's; a copy of a process that was killed may be writing it still."""
        with suppress(OSError):
            for path in checkpoint.begun(self._folder, but=self._life):
                path.unlink()

    def _unmade(self, error: OSError | None) -> None:
        """There is no new checkpoint: with the one before nothing is lost, without one all depends on the next try."""
        self._due, self._failed = self._steady() + RETRY_S, True
        if not (self._folder / CURRENT).exists() or not self._belongs():
            self._refused(error)

    def _belongs(self) -> bool:
        """Whether the checkpoint on the disk is one of this process."""
        try:
            with (self._folder / CURRENT).open("rb") as file:
                return self._life.encode() in file.readline()
        except OSError:
            return False

    # --- a disk that refuses --------------------------------------------------------------------------------------------------------

    def _refused(self, error: OSError | None) -> None:
        self._due = self._steady() + RETRY_S
        if self._journal is not None:
            self._threads.submit(os.close, self._journal.fd)
            self._journal = None
        self._make_void()
        if not self._said:
            self._said = True
            problem = "a checkpoint could not be written" if error is None else error.strerror
            effect = "figures go on, but a restart now would begin at nought"
            remedy = REMEDIES.get(0 if error is None else error.errno or 0, "make room")
            log.warning("state cannot be kept", folder=str(self._folder), problem=problem, effect=effect, remedy=f"{remedy}; tried again every 10 s")

    def _make_void(self) -> None:
        """What is on the disk lacks what was shown: nobody may go on from it."""
        try:
            (self._folder / CURRENT).replace(self._folder / VOID)
        except FileNotFoundError:
            return
        except OSError:
            with suppress(OSError):
                (self._folder / CURRENT).unlink()

    def _sync(self) -> None:
        """See the journal on the disk, off the loop; a disk that cannot says so now."""
        if self._syncing is not None:
            if not self._syncing.done():
                return
            error, self._syncing = self._syncing.exception(), None
            if isinstance(error, OSError) and self._journal is not None:
                self._refused(error)
        if self._journal is not None and self._journal.size > self._synced:
            self._synced = self._journal.size
            self._syncing = self._threads.submit(os.fsync, self._journal.fd)
