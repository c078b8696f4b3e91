"""A PostgreSQL of one's own, from the machine's or the cache's programs: started, stopped and started again by a test.

Owns its folder and process. PostgreSQL refuses to be root's, so root's server is nobody's. Refuses sockets in the file system: one TCP port.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.fetch import cache

READY_S = 30
AS_NOBODY = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups")
UNUSED = ("doc", "locale", "man", "perl", "systemd")


def _programs() -> tuple[Path, Path]:
    """The newest PostgreSQL's folder of programs, and the root of the tree it lies in: the system's, or what was unpacked beside it."""
    for root in (Path("/"), cache() / "debs" / "postgresql"):
        found = sorted(root.glob("usr/lib/postgresql/*/bin"), key=lambda path: int(path.parts[-2]))
        if found and (found[-1] / "initdb").exists():
            return found[-1], root
    pytest.skip("PostgreSQL is not on this machine: make servers fetches it")


class Postgresql:
    """One server with one database, `floor`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self._as = AS_NOBODY if os.geteuid() == 0 else ()
        self._programs, root = _programs()
        if self._as and root != Path("/"):  # what lies in root's home nobody can start
            within, root = self._programs.relative_to(root), Path(shutil.copytree(root, folder / "root", symlinks=True, ignore=shutil.ignore_patterns(*UNUSED)))
            self._programs = root / within
        libraries = [] if root == Path("/") else [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*")]
        self._environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))} if libraries else dict(os.environ)
        if self._as:
            shutil.chown(folder, "nobody", "nogroup")
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "floorwatch", "--no-sync", "-E", "UTF8", "--locale", "C")

    @property
    def url(self) -> str:
        """What `[store] url` is."""
        return f"postgresql+psycopg://floorwatch@127.0.0.1:{self.port}/postgres"

    def _run(self, name: str, *more: str) -> None:
        command = [*self._as, str(self._programs / name), *more]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=self._folder, env=self._environment)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "autovacuum=off", "max_connections=20"]
        options = [part for setting in settings for part in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            command = [*self._as, str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, env=self._environment)
        until = time.monotonic() + READY_S
        while (data := self._folder / "data" / "postmaster.pid").exists() is False or "ready" not in data.read_text():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < until, (self._folder / "log").read_text()
            time.sleep(0.05)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still: connections stay, and nothing comes."""
        assert self._process is not None
        parent = self._process.pid
        children = [int(pid) for task in Path(f"/proc/{parent}/task").iterdir() for pid in (task / "children").read_text().split()]
        for pid in (parent, *children):
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in (parent, *children):
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop it at once, as a power cut does: connections break in the middle."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # to a postmaster: at once
            self._process.wait(30)
            self._process = None


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """One that runs, and is gone afterwards."""
    _programs()
    folder = Path(tempfile.mkdtemp(prefix="floorwatch-pg-"))
    server = Postgresql(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
