"""A MariaDB of one's own with FreePBX's table of call detail records, from the machine's or the cache's programs: started and stopped by a test.

Owns its folder and process, and its users: `root`, who may everything, and `reader`, who may read. Refuses sockets in the file system: one TCP port.
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
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.lab.fetch import cache

READY_S = 30
PASSWORD = "p@ss/w0rd%"
SMALL = ("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF")
USERS = f"""CREATE DATABASE asteriskcdrdb;
CREATE USER floor@'127.0.0.1';
GRANT ALL ON *.* TO floor@'127.0.0.1';
CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT ON asteriskcdrdb.* TO reader@'127.0.0.1';
"""


def _root() -> Path:
    """The root of the tree that MariaDB lies in: the system's, or what was unpacked beside it."""
    for root in (Path("/"), cache() / "debs" / "mariadb-server-core"):
        if (root / "usr/sbin/mariadbd").exists():
            return root
    pytest.skip("MariaDB is not on this machine: make servers fetches it")


class Mariadb:
    """One server with one database, `asteriskcdrdb`."""

    def __init__(self, folder: Path) -> None:
        root = _root()
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        libraries = [] if root == Path("/") else [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*")]
        self._environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))} if libraries else dict(os.environ)
        share = root / "usr/share" / ("mariadb" if (root / "usr/share/mariadb").is_dir() else "mysql")
        user = ["--user=root"] if os.geteuid() == 0 else []
        self._command = [str(root / "usr/sbin/mariadbd"), "--no-defaults", *user, f"--basedir={root / 'usr'}", f"--lc-messages-dir={share}", *SMALL]
        self._command.append(f"--datadir={folder / 'data'}")
        (folder / "data").mkdir()
        tables = b"".join(next(share.glob(f"*_{name}.sql")).read_bytes() for name in ("system_tables", "system_tables_data"))
        boot = [*self._command, "--bootstrap"]
        done = subprocess.run(boot, check=False, input=b"CREATE DATABASE mysql;\nUSE mysql;\n" + tables, capture_output=True, timeout=60, env=self._environment)
        assert done.returncode == 0, done.stderr.decode()
        (folder / "users.sql").write_text(USERS, encoding="utf-8")

    def url(self, user: str = "floor", table: str = "") -> str:
        """What `cdr` is; the default user may everything and has no password."""
        return f"mysql://{user}@127.0.0.1:{self.port}/asteriskcdrdb{f'?table={table}' if table else ''}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        users = self._folder / "users.sql"
        options = [f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self._folder}/socket", "--skip-name-resolve", "--skip-log-bin"]
        options += [f"--init-file={users}"] if users.exists() else []
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*self._command, *options], stdout=log, stderr=log, cwd=self._folder, env=self._environment)
        until = time.monotonic() + READY_S
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < until, (self._folder / "log").read_text()
            time.sleep(0.05)
        users.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as found:
            return bool(found.recv(1))
        return False

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It stands still: connections stay, and nothing comes."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Stop it at once."""
        self._process.kill()
        self._process.wait(30)


@contextmanager
def mariadb() -> Iterator[Mariadb]:
    """One that runs, and is gone afterwards."""
    _root()
    folder = Path(tempfile.mkdtemp(prefix="floorwatch-my-"))
    server = Mariadb(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
