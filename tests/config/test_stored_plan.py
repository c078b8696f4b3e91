"""A contract plan as the store has it is the plan that was read from its file, whatever format that had."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import config
from monitor.config.kept import kept
from monitor.config.stored_plan import Signed, Version, in_force, signed
from monitor.errors import PlanError
from monitor.plan.plan import EMPTY, Plan

TEXT = """
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
[[project]]
name = "bank-line"
queues = ["bank"]
[plan]
file = ""
contract_file = "signed.csv"
"""
OWN = 'contract_format = { columns = { project = "who", interval_start = "when", volume = "calls", aht_s = "aht" }, projects = { Bank = "bank-line" } }\n'


def loaded(folder: Path, more: str, content: str) -> config.Config:
    (folder / "signed.csv").write_text(content)
    (folder / "floorwatch.toml").write_text(TEXT + more)
    return config.load(folder / "floorwatch.toml", {"SECRET": "hush-hush"})


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ("", "project,interval_start,volume,aht_s\nbank-line,2026-11-02 09:00,10,180\n"),
        (OWN, "who;when;calls;aht\nBank;2026-11-02 09:00;10;180\n"),
    ],
    ids=["native", "own columns"],
)
def test_it_is_read_again_as_it_was(tmp_path: Path, more: str, content: str) -> None:
    known = loaded(tmp_path, more, content)
    (version,) = [Version(7, one.who, one.format, one.content) for one in kept(known, "start") if one.kind == "contract"]
    (found,) = signed(known, [version])
    assert found.since == 7
    assert found.plan.rows() == config.read_contract_plan(known).rows() != {}
    with pytest.raises(PlanError, match=r"as it was stored, in format runes"):
        signed(known, [Version(7, "/signed.csv", "runes", version.content)])


def test_the_first_content_of_a_file_is_what_was_signed() -> None:
    first, second = Plan(), Plan()
    plans = [Signed(10, first), Signed(20, second)]
    assert in_force(plans, 5) is in_force(plans, 19) is first
    assert in_force(plans, 20) is second
    assert in_force([], 20) is EMPTY
