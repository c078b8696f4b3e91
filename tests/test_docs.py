"""The documents, held against the code: what exists is documented, what is documented exists.

Owns the generated page docs/metrics.md (`make golden` writes it from the table of families). Refuses judging prose.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from monitor.outputs.families import DAEMON, FLOOR, Family, Kind
from tests.conftest import Golden

ROOT = Path(__file__).parent.parent
FAMILIES: list[Family[Any]] = [*FLOOR, *DAEMON]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _section(page: str, heading: str) -> str:
    """The text under a heading, up to the next heading of its rank."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^\1 |\Z)", _read(page), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} has no section {heading!r}"
    return found[2]


# --- metrics ----------------------------------------------------------------------------------------------------------

METRICS_HEAD = """# Metrics

Every family of this version, written by `make golden` from the table that serves them. `callcenter_` is about the floor, `floorwatch_` about the
daemon. Counters of known projects exist from the start at 0; a gauge of now is absent while its PBX is not seen; a ratio without a denominator is
absent. `window` is `15m`, `hour` (the last 15 and 60 closed minutes), `interval` (the running one), `last` (the last closed one) or `day` (since the
project's local midnight). Kinds: c counter, g gauge, h histogram, i info (always 1).

| metric | kind | labels | definition |
|---|---|---|---|
"""


@pytest.mark.golden
def test_the_metrics_page_is_the_table_of_families(golden: Golden) -> None:
    rows = [(family.name, family.kind.value[0], family.labels, family.help) for family in FAMILIES]
    text = METRICS_HEAD + "".join(f"| `{name}` | {kind} | {', '.join(labels)} | {sentence} |\n" for name, kind, labels, sentence in rows)
    golden(ROOT / "docs" / "metrics.md", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_no_metric_that_is_not_served(page: Path) -> None:
    served = {family.name for family in FAMILIES}
    served |= {f"{family.name}{suffix}" for family in FAMILIES if family.kind is Kind.HISTOGRAM for suffix in ("_bucket", "_sum", "_count")}
    named = set(re.findall(r"\b(?:callcenter|floorwatch)_[a-z_]*[a-z]\b", page.read_text(encoding="utf-8")))
    assert named - served == set()


# --- the desk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^\s*|\$ |# )make ([a-z-]+)\b(?=[`\s])", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_file_one_is_told_to_open_exists() -> None:
    rows = re.findall(r"^\| [^|]+ \| ((?:`[^`]+`(?:, )?)+) \|$", _section("README.md", "I want to know …"), re.MULTILINE)
    assert len(rows) >= 10
    paths = [path for row in rows for path in re.findall(r"`([^`]+)`", row)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def _names(requirements: list[Any]) -> set[str]:
    return {re.split(r"[<>=]", each)[0] for each in requirements if isinstance(each, str)}


@pytest.mark.parametrize(
    ("table", "declared"),
    [
        (0, _names(PROJECT["project"]["dependencies"])),
        (1, _names(PROJECT["dependency-groups"]["build"] + PROJECT["dependency-groups"]["dev"])),
    ],
    ids=["run", "work"],
)
def test_every_dependency_has_a_reason(table: int, declared: set[str]) -> None:
    text = _section("CONTRIBUTING.md", "Dependencies").split("For work on it:")[table]
    cells = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
    assert {name for cell in cells for name in cell.split(", ")} - {"Package"} == declared
