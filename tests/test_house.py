"""The house rules, executed: which way imports point, what is locked, what a release says of itself, what no file may hold.

Each rule that could rot into always being true is shown breaking on a copy of the house.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import monitor

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LONGEST_FILE = 400
TEXT = {"", ".css", ".html", ".js", ".md", ".py", ".sh", ".svg", ".toml", ".txt"}
BOARD = ROOT / "monitor" / "outputs" / "web" / "board"
OURS = ("monitor", "tests", "tools", "docs", "requirements", ".ci")


def _files() -> Iterator[Path]:
    """Every text file that is ours; recorded worlds hold what a PBX said."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and (path.suffix in TEXT or path.name.startswith(".git")))
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT and "captures" not in path.parts:
                yield path


# --- imports ----------------------------------------------------------------------------------------------------------


def _lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"]
    environment = {**os.environ, "PYTHONPATH": str(where), "COLUMNS": "200"}
    return subprocess.run(command, check=False, cwd=where, env=environment, capture_output=True, text=True, timeout=50)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "monitor", tmp_path / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_one_way(house: Path) -> None:
    done = _lint_imports(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/events.py", "import time", "core, plan and assess see no loop"),
        ("plan/plan.py", "from pathlib import Path", "core, plan and assess see no loop"),
        ("assess/outlook.py", "import asyncio", "core, plan and assess see no loop"),
        ("core/events.py", "import monitor.plan.plan", "Rooms import one way"),
        ("sources/ami/translate.py", "import monitor.plan.plan", "sources see core only"),
        ("sources/ami/translate.py", "import panoramisk", "panoramisk stays behind"),
        ("outputs/metrics.py", "import monitor.core.floor", "An output never calls the floor"),
        ("outputs/metrics.py", "import pydantic", "pydantic stays in config"),
        ("outputs/metrics.py", "import monitor.state.store.reader", "An output never calls the floor"),
        ("outputs/reports/day.py", "import monitor.state.store.writer", "An output never calls the floor"),
        ("outputs/reports/table.py", "import openpyxl", "openpyxl stays in config"),
        ("newroom.py", "", "Rooms import one way"),
    ],
)
def test_an_import_against_the_contract_is_found(house: Path, module: str, line: str, contract: str) -> None:
    path = house / "monitor" / module
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + f"\n{line}\n", encoding="utf-8")
    done = _lint_imports(house)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(contract)}.* BROKEN", done.stdout) or (module == "newroom.py" and "newroom" in done.stdout), done.stdout + done.stderr


# --- the lock ---------------------------------------------------------------------------------------------------------


def _locked(name: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, _, hashes = line.partition("--hash")
            assert hashes, f"requirements/{name}: {line} has no hash"
            pinned = Requirement(requirement.strip())
            (version,) = pinned.specifier
            assert version.operator == "=="
            found[pinned.name] = Version(version.version)
    return found


def _canonical(requirement: Requirement) -> str:
    return re.sub(r"[-_.]+", "-", requirement.name).lower()


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run.txt", PROJECT["project"]["dependencies"]),
        ("dev.txt", PROJECT["project"]["dependencies"]),
        ("dev.txt", PROJECT["dependency-groups"]["build"]),
        ("dev.txt", [each for each in PROJECT["dependency-groups"]["dev"] if isinstance(each, str)]),
        ("build.txt", PROJECT["dependency-groups"]["build"]),
        ("build.txt", PROJECT["build-system"]["requires"]),
    ],
)
def test_the_lock_holds_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    locked = _locked(lock)
    for requirement in map(Requirement, wanted):
        assert locked[_canonical(requirement)] in requirement.specifier, f"requirements/{lock} is older than pyproject.toml: make lock"


def test_the_locks_agree() -> None:
    everything = _locked("dev.txt")
    for name in ("run.txt", "build.txt"):
        assert _locked(name).items() <= everything.items(), f"requirements/{name} differs from dev.txt: make lock"


@pytest.mark.parametrize("name", ["run.txt", "build.txt", "dev.txt"])
def test_the_lock_names_no_index(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert not re.search(r"://|^-|index-url|find-links|@ ", text, re.MULTILINE)


# --- what a release says of itself ------------------------------------------------------------------------------------


def test_the_changelog_opens_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) / (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)
    assert newest is not None
    assert newest[1] == monitor.__version__
    entries = [line for line in text.splitlines() if line.startswith("* ")]
    assert entries
    for entry in entries:
        assert re.match(r"\* \[(CHANGE|FEATURE|ENHANCEMENT|BUGFIX|SECURITY)\] ", entry), entry


def test_the_wheel_holds_every_module(tmp_path: Path) -> None:
    for name in ("monitor", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob(f"floorwatch-{monitor.__version__}-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    modules = {path.relative_to(ROOT).as_posix() for path in [*(ROOT / "monitor").rglob("*.py"), ROOT / "monitor" / "py.typed", *BOARD.iterdir()]}
    assert modules <= names
    assert not [name for name in names if name.startswith("tests/")]
    assert "floorwatch = monitor.__main__:main" in entry_points
    assert any(name.endswith("licenses/LICENSE") for name in names)


# --- the desk ---------------------------------------------------------------------------------------------------------


def _targets() -> dict[str, str]:
    """Target -> its comment, as `make help` shows it."""
    return dict(re.findall(r"^([a-z-]+):.*?(?:##\s*(.*))?$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_target_says_what_it_does() -> None:
    targets = _targets()
    assert {"setup", "lint", "test", "test-full", "lab", "golden", "bench", "package", "clean"} <= targets.keys()
    assert [name for name, comment in targets.items() if not comment] == []
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets.keys()


@pytest.mark.parametrize("path", [*sorted((ROOT / "tools").glob("*.sh")), ROOT / ".ci" / "run"], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_script_is_a_shell_script(path: Path) -> None:
    done = subprocess.run(["sh", "-n", str(path)], check=False, capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    if path.name != "env.sh":
        assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
        assert path.stat().st_mode & stat.S_IXUSR


def test_ci_runs_what_the_desk_runs() -> None:
    assert "exec make test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_exception_to_the_linter_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = text[text.index("\nignore = [") : text.index("[tool.ruff.lint.flake8-tidy-imports]")]
    exceptions = [line for line in lint.splitlines() if line.startswith('    "')]
    assert len(exceptions) > 5
    assert [line for line in exceptions if "  # " not in line] == []


def test_a_file_can_be_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*(ROOT / "monitor").rglob("*.py"), *BOARD.iterdir()]
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST_FILE
    }
    assert long == {}


UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
ONE_MACHINE = re.compile("/wo" + r"rk/|/tm" + r"p/w/|/op" + r"t/(?:wheels|pypi)|\.\./sha" + r"red|/home/[a-z]+/(?!\.)")


@pytest.mark.parametrize("pattern", [UNFINISHED, ONE_MACHINE], ids=["unfinished", "one machine"])
def test_no_file_holds(pattern: re.Pattern[str]) -> None:
    found = []
    for path in _files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


def test_the_patterns_find_what_they_look_for() -> None:
    assert UNFINISHED.search("# TO" + "DO: later")
    assert ONE_MACHINE.search("open('/wo" + "rk/x')")
