"""One running Asterisk on loopback, in a folder of its own, without root.

Owns the process: writes `settings.py`'s files, starts it with the loader of its own suite, answers CLI commands and ends
it, politely or rudely, by its process group. Several run side by side: every port is chosen free. Who drives calls
through it is `driver.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import fetch, settings
from tests.lab.settings import Ports

START_SECONDS = 30.0
STOP_SECONDS = 2.0


class LabError(Exception):
    """The lab's own machinery did not come up: never a verdict about the daemon."""


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(rtp: int) -> Ports:
    return Ports(ami=free_port(), sip=free_port(socket.SOCK_DGRAM), phones=free_port(socket.SOCK_DGRAM), rtp=rtp)


class Asterisk:
    """`with Asterisk("22", folder) as pbx:` is a booted PBX; leaving ends it and everything it started."""

    def __init__(self, major: str, folder: Path, ports: Ports | None = None) -> None:
        self.major = major
        self.folder = folder
        self.installed = fetch.asterisk(major)
        self.ports = ports or free_ports(rtp=20000 if major == "22" else 21000)
        self.process: subprocess.Popen[bytes] | None = None
        self._configure()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def queue_log(self) -> Path:
        return self.folder / "var/log/queue_log"

    def _configure(self) -> None:
        root, folder = self.installed.root, self.folder
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(root / "etc/asterisk", self.etc)
        for needed in ("log", "spool", "cache", "lib/keys"):
            (folder / "var" / needed).mkdir(parents=True, exist_ok=True)
        shutil.copytree(root / "var/lib/asterisk", folder / "var/lib", dirs_exist_ok=True, symlinks=True)
        # A control socket's path may have 107 characters at most: it lies in /tmp, whatever the folder's name.
        self.run = Path(subprocess.run(["mktemp", "-d", "/tmp/floorlab.XXXXXX"], check=True, capture_output=True, text=True).stdout.strip())
        places = {
            "astetcdir": self.etc,
            "astmoddir": self.installed.modules,
            "astvarlibdir": folder / "var/lib",
            "astdbdir": folder / "var/lib",
            "astkeydir": folder / "var/lib",
            "astdatadir": root / "usr/share/asterisk",
            "astagidir": root / "usr/share/asterisk/agi-bin",
            "astspooldir": folder / "var/spool",
            "astrundir": self.run,
            "astlogdir": folder / "var/log",
            "astcachedir": folder / "var/cache",
            "astsbindir": root / "usr/sbin",
        }
        directories = "".join(f"{key} => {path}\n" for key, path in places.items())
        self.write("asterisk.conf", f"[directories]\n{directories}[options]\nnocolor = yes\n")
        for name, text in settings.files(self.major, self.ports).items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.etc / name).write_text(text, encoding="utf-8")

    def _command(self, *arguments: str) -> list[str]:
        return [
            str(self.installed.loader),
            "--library-path",
            self.installed.libraries,
            str(self.installed.binary),
            "-C",
            str(self.etc / "asterisk.conf"),
            *arguments,
        ]

    def start(self) -> None:
        log = self.folder / "out.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(self._command("-f"), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if (self.run / "asterisk.ctl").exists() and "fully booted" in self.cli("core waitfullybooted").lower():
                return
            time.sleep(0.2)
        tail = log.read_text(errors="replace")[-2000:]
        self.kill()
        raise LabError(f"Asterisk {self.major} did not boot within {START_SECONDS:.0f} s: {tail}")

    def cli(self, command: str) -> str:
        try:
            done = subprocess.run(self._command("-rx", command), check=False, capture_output=True, text=True, timeout=20, errors="replace")
        except subprocess.TimeoutExpired:
            return ""
        return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)

    def stop(self) -> None:
        """The end for good: as `halt`, and its control socket's folder goes with it."""
        self.halt()
        shutil.rmtree(self.run, ignore_errors=True)

    def halt(self) -> None:
        """The orderly end: Asterisk says Shutdown to its sessions; two seconds later it is killed if it must be. `start` begins anew."""
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._forget_run()

    def freeze(self) -> None:
        """Every thread stands still; its sockets stay open and the kernel takes what is sent to them."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """The rude end, as a crash is: no Shutdown, no hang-ups."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_SECONDS)
        self._forget_run()

    def _forget_run(self) -> None:
        for left in ("asterisk.ctl", "asterisk.pid"):
            (self.run / left).unlink(missing_ok=True)

    def rows(self) -> list[list[str]]:
        """queue_log so far, rotated files first, one list of columns per row."""
        files = sorted(self.queue_log.parent.glob("queue_log*"), key=lambda path: (path == self.queue_log, path.stat().st_mtime))
        return [line.split("|") for path in files for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
