"""`floorwatch report correct` and `corrections`, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor import cli
from monitor.errors import FloorwatchError
from tests.reporting.asking import NOW, id_of, worked
from tests.reporting.centre import Centre, call, seen

NINE = "2026-11-02 09:00:00"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.clock.Clock.now", lambda _: NOW)
    monkeypatch.setenv("SUDO_USER", "petro")


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    found = Centre(tmp_path)
    found.store([call("bank-line", NINE), worked("2026-11-02")], [*seen("bank-line", "2026-11-01", 30)])
    return found


def typed(centre: Centre, *words: str) -> Result:
    return CliRunner().invoke(cli.commands, ["report", *words, "--config", str(centre.file)])


def test_hours_with_a_minus(centre: Centre) -> None:
    words = (
        "correct",
        "hours",
        "--employee",
        "7",
        "--date",
        "2026-11-02",
        "--class",
        "regular",
        "--project",
        "bank-line",
        "--seconds",
        "-600",
        "--why",
        "left",
    )
    done = typed(centre, *words)
    assert (done.exit_code, done.stdout) == (0, "7, 2026-11-02, bank-line, regular: 3000 s, was 3600 s; corrected by petro\n")
    assert typed(centre, *words, "--who", "ann").stdout == "7, 2026-11-02, bank-line, regular: 2400 s, was 3000 s; corrected by ann\n"


def test_a_call(centre: Centre) -> None:
    words = ("correct", "call", "--project", "bank-line", "--call", id_of(NINE), "--pbx", "pbx1")
    done = typed(centre, *words, "--exempt", "test", "--why", "ours")
    assert (done.exit_code, done.stdout) == (0, f"bank-line, call {id_of(NINE)} on pbx1: not to be paid for (test), was to be paid for; corrected by petro\n")
    assert typed(centre, *words, "--bill", "--why", "it was not ours").stdout.startswith(
        f"bank-line, call {id_of(NINE)} on pbx1: to be paid for, was not to be paid for (test);"
    )


def test_nothing_is_corrected_without_a_reason(centre: Centre) -> None:
    done = typed(centre, "correct", "call", "--project", "bank-line", "--call", id_of(NINE), "--bill")
    assert isinstance(done.exception, FloorwatchError)
    assert (str(done.exception), done.exception.exit_code) == ("--why: is empty; nobody corrects without saying why: write it in a line", 2)


def test_what_was_corrected_is_listed(centre: Centre) -> None:
    typed(centre, "correct", "call", "--project", "bank-line", "--call", id_of(NINE), "--exempt", "test", "--why", "ours")
    done = typed(centre, "corrections", "--month", "2026-11")
    assert done.stdout.splitlines()[0] == "Corrections, kyiv-1, 2026-11-01 - 2026-11-30"
    out = centre.file.parent / "corrections.json"
    assert typed(centre, "corrections", "--from", "2026-12-02", "--out", str(out)).stdout == f"{out}: written\n"
    (row,) = json.loads(out.read_text())["sections"][0]["rows"]
    assert (row["which"], row["was"], row["is_now"], row["by"], row["why"]) == (f"pbx1 {id_of(NINE)}", "to be paid for", "test call", "petro", "ours")


@pytest.mark.parametrize("words", [("correct",), ("correct", "hours", "--help"), ("correct", "call", "--help"), ("corrections", "--help")])
def test_help_has_an_example(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli.commands, ["report", *words])
    assert "Put right" in done.output or "Example: floorwatch report correct" in done.output
