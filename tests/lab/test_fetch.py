"""Fetching Asterisk: once for two who ask at the same time, from the next suite when one has none, and a clear word when not."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.lab import fetch
from tests.lab.fetch import Unavailable


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORWATCH_CACHE", str(tmp_path))
    monkeypatch.setattr(fetch, "_mirror", lambda: "http://mirror.example/debian")


def _unpacks(suites: list[str], *, good: str) -> object:
    def unpack(suite: str, work: Path) -> str:
        suites.append(suite)
        time.sleep(0.05)
        if suite != good:
            raise subprocess.CalledProcessError(100, "apt-get", stderr=f"E: Unable to locate package asterisk in {suite}")
        (work / "root").mkdir(parents=True)
        return "1:22.9"

    return unpack


def test_two_who_ask_at_once_fetch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    suites: list[str] = []
    monkeypatch.setattr(fetch, "_unpack", _unpacks(suites, good="sid"))
    found: list[str] = []
    asking = [threading.Thread(target=lambda: found.append(fetch.asterisk("22").package)) for _ in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join(10)
    assert suites == ["sid"]
    assert found == ["asterisk 1:22.9 (sid)"] * 4


def test_the_next_suite_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    suites: list[str] = []
    monkeypatch.setattr(fetch, "_unpack", _unpacks(suites, good="forky"))
    assert fetch.asterisk("22").package == "asterisk 1:22.9 (forky)"
    assert suites == ["sid", "forky"]


def test_nowhere_to_be_had_names_mirror_and_reasons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fetch, "_unpack", _unpacks([], good="none"))
    with pytest.raises(Unavailable, match=r"Asterisk 22 cannot be fetched from http://mirror\.example/debian: sid: .* \| forky: "):
        fetch.asterisk("22")
    assert not (tmp_path / "asterisk-22").exists()
    assert not (tmp_path / "asterisk-22.new").exists()


def test_without_apt_the_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(Unavailable, match="apt-get is not on this machine"):
        fetch.asterisk("16")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("debian.sources", "Types: deb\nURIs: http://deb.example/debian\nSuites: bookworm\nComponents: main\n"),
        ("old.list", "# deb http://not.example/debian x\ndeb [arch=amd64] http://deb.example/debian/ bookworm main\n"),
    ],
)
def test_the_mirror_is_the_machines_own(name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "a-third.list").write_text("deb https://third.example/apt x main\n", encoding="utf-8")
    monkeypatch.setattr(fetch, "SOURCES", tmp_path)
    assert fetch._mirror().rstrip("/") == "http://deb.example/debian"
