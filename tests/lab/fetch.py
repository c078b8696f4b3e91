"""Asterisk from Debian's archive, unpacked into a cache folder: no root, no change to the system.

Owns the cache: one folder per version, filled once by `apt-get` with its own lists and an empty status file (so every
dependency comes along, libc included) and `dpkg -x`. Two processes may ask at once: the second waits for the first.
Refuses to guess: what cannot be had is an `Unavailable` that names the missing thing. `pbx.py` runs what lies here.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Suites to try, in order: sid loses a package for some days now and then, forky then still has it.
SUITES = {"16": ("bullseye",), "22": ("sid", "forky")}
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)
SOURCES = Path("/etc/apt")
FETCH_SECONDS = 420


class Unavailable(Exception):  # noqa: N818  # what is unavailable is no error of ours
    """Something outside the project is missing here (apt, its mirror, SIPp): tests skip and say its name."""


@dataclass(frozen=True)
class Installed:
    """One unpacked Asterisk: where it lies and exactly which package it is."""

    major: str
    root: Path
    package: str

    @property
    def libraries(self) -> str:
        folders = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu", "usr/lib")
        return ":".join(str(self.root / folder) for folder in folders if (self.root / folder).is_dir())

    @property
    def loader(self) -> Path:
        """The suite's own dynamic loader: its libc is not the machine's."""
        for folder in self.libraries.split(":"):
            for found in sorted(Path(folder).glob("ld-linux-*.so*")):
                if found.exists():
                    return found
        raise Unavailable(f"no dynamic loader under {self.root}: remove that folder to fetch Asterisk again")

    @property
    def binary(self) -> Path:
        return self.root / "usr/sbin/asterisk"

    @property
    def modules(self) -> Path:
        return next(self.root.glob("usr/lib/**/app_queue.so")).parent


def cache() -> Path:
    chosen = os.environ.get("FLOORWATCH_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "floorwatch"


def asterisk(major: str) -> Installed:
    """The unpacked Asterisk of this major version, fetched now if the cache has none."""
    folder = cache() / f"asterisk-{major}"
    with _locked(cache() / f"asterisk-{major}.lock"):
        if not (folder / "package").exists():
            _fetch(major, folder)
        return Installed(major, folder / "root", (folder / "package").read_text().strip())


def _fetch(major: str, folder: Path) -> None:
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not on this machine: Asterisk {major} comes from Debian's archive")
    work = folder.with_name(f"{folder.name}.new")
    reasons: list[str] = []
    for suite in SUITES[major]:
        shutil.rmtree(work, ignore_errors=True)
        try:
            package = _unpack(suite, work)
        except subprocess.CalledProcessError as error:
            if error.returncode < 0 or error.returncode == 130:  # Ctrl-C reaches apt too: it is no reason to try another suite
                raise Unavailable(f"fetching Asterisk {major} was interrupted") from error
            reasons.append(f"{suite}: {(error.stderr or '').strip()[-300:] or error}")
        except subprocess.TimeoutExpired:
            reasons.append(f"{suite}: no end after {FETCH_SECONDS} s")
        else:
            (work / "package").write_text(f"asterisk {package} ({suite})\n")
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
            return
    shutil.rmtree(work, ignore_errors=True)
    raise Unavailable(f"Asterisk {major} cannot be fetched from {_mirror()}: {' | '.join(reasons)}")


def _unpack(suite: str, work: Path) -> str:
    apt, root = work / "apt", work / "root"
    for needed in (apt / "lists/partial", apt / "cache/archives/partial", root):
        needed.mkdir(parents=True)
    (apt / "status").touch()
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    if keyring is None:
        raise Unavailable("debian-archive-keyring is not installed: Asterisk's packages could not be verified")
    (apt / "sources.list").write_text(f"deb [signed-by={keyring}] {_mirror()} {suite} main\n")
    options = [
        f"-oDir::Etc::sourcelist={apt}/sources.list",
        "-oDir::Etc::sourceparts=/dev/null",
        f"-oDir::State::lists={apt}/lists",
        f"-oDir::State::status={apt}/status",
        f"-oDir::Cache={apt}/cache",
        "-oDebug::NoLocking=1",
        "-oAcquire::Languages=none",
        "-oAcquire::Retries=2",
        "-oAcquire::http::Timeout=20",
        "-qq",
    ]
    if os.geteuid() == 0:
        options.append("-oAPT::Sandbox::User=root")  # _apt could not read a folder under /root
    end = time.monotonic() + FETCH_SECONDS
    _run(["apt-get", *options, "update"], end)
    _run(["apt-get", *options, "-y", "--no-install-recommends", "--download-only", "install", "asterisk"], end)
    archives = sorted((apt / "cache/archives").glob("*.deb"))
    for archive in archives:
        _run(["dpkg", "-x", str(archive), str(root)], end)
    package = next(archive for archive in archives if archive.name.startswith("asterisk_"))
    version = _run(["dpkg-deb", "-f", str(package), "Version"], end).strip()
    shutil.rmtree(apt)
    _link_sounds(root)
    return version


def _link_sounds(root: Path) -> None:
    """The link that a package script would have made: transfers play prompts."""
    sounds = next(iter(sorted(root.glob("usr/share/asterisk/sounds/en_*"))), None)
    link = root / "usr/share/asterisk/sounds/en"
    if sounds is not None and not link.exists():
        link.symlink_to(sounds.name)


def _run(command: list[str], end: float) -> str:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=max(1.0, end - time.monotonic()))
    return done.stdout


def _mirror() -> str:
    """The Debian mirror this machine already uses: it is known to reach that one."""
    places = [*sorted((SOURCES / "sources.list.d").glob("*")), SOURCES / "sources.list"]
    for path in places:
        if path.is_file():
            for match in re.finditer(r"(?:^URIs:\s*|^deb (?:\[[^]]*\] )?)(\S+)", path.read_text(), re.MULTILINE):
                if match[1].rstrip("/").endswith("/debian"):
                    return match[1]
    return "http://deb.debian.org/debian"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
