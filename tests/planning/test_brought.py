"""A plan that a program sent: text or rows, brought in as a file would be; or one line that names what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.bringing import Question
from monitor.config import load, read_plan
from monitor.planning.brought import take
from tests.core.scene import T0

CONFIG = """
[[pbx]]
name = "pbx1"
secret_env = "NOWHERE"
[[project]]
name = "bank-line"
queues = ["bank"]
[[project]]
name = 'shop, "line"'
queues = ["shop"]
[site]
timezone = "UTC"
[plan]
file = "plan.csv"
[state]
directory = ""
[store]
url = ""
"""
HEAD = "project,interval_start,volume,aht_s\n"
ROW = {"project": "bank-line", "interval_start": "2026-12-25T08:00:00Z", "volume": 12.5, "aht_s": 180}


class Place:
    """A folder with a configuration and a plan."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "floorwatch.toml"
        self.plan = folder / "plan.csv"
        self.file.write_text(CONFIG)
        self.plan.write_text(f"{HEAD}bank-line,2026-12-24T08:00:00Z,7,100\n")

    def send(self, sent: Any) -> tuple[tuple[str, ...], str]:
        content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        brought = take(Question(self.file, content, "mqtt", T0))
        return brought.said, brought.problem

    def rows(self) -> dict[tuple[str, str], float]:
        config = load(self.file, {"NOWHERE": "x"})
        return {(project, way): figures[1] / 1_000_000 for (project, way, _), figures in read_plan(config).rows().items()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    "sent",
    [
        [ROW],
        {"rows": [ROW], "note": "mail of Olena"},
        f"{HEAD}bank-line,2026-12-25T08:00:00Z,12.5,180\n".encode(),
        "project;interval_start;volume;aht_s\nbank-line;2026-12-25T08:00:00Z;12,5;180\n".encode("utf-16"),
        [ROW | {"volume": "12.5", "required": None, "direction": "inbound"}],
    ],
)
def test_rows_and_text_are_the_same_plan(place: Place, sent: Any) -> None:
    said, problem = place.send(sent)
    assert (problem, said[0]) == ("", "the plan: floorwatch, 1 row, 2026-12-25 08:00+00:00 to 2026-12-25 08:30+00:00")
    assert not any("/tmp" in line and "floorwatch-" in line for line in said)
    text = place.plan.read_text()
    assert "bank-line,2026-12-24T08:00:00+00:00,7,100" in text
    assert "bank-line,2026-12-25T08:00:00+00:00,12.5,180" in text
    (_, line) = place.plan.with_name("plan.csv.imports.csv").read_text().splitlines()
    assert ",mqtt," in line
    assert line.endswith("mail of Olena") is isinstance(sent, dict)


def test_a_name_with_signs_of_csv_is_one_cell(place: Place) -> None:
    assert place.send([ROW | {"project": 'shop, "line"'}])[1] == ""
    assert any(project == 'shop, "line"' for project, _ in place.rows())


def test_replaced_nothing_stays(place: Place) -> None:
    assert place.send({"rows": [ROW], "replace": True})[1] == ""
    assert "2026-12-24" not in place.plan.read_text()


LIKE = 'send the native CSV, or [{"project": "bank-line", "interval_start": "2026-12-25T08:00:00Z", "volume": 12, "aht_s": 180}]'


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (b"[{", f"the plan is not JSON; {LIKE}"),
        ([], f"there are no rows; {LIKE}"),
        ({"note": "x"}, f"there are no rows; {LIKE}"),
        ({"rows": [ROW], "notes": "x"}, "unknown key 'notes'; known: rows, note, replace"),
        ({"rows": [ROW], "note": "a\nb"}, "note is not a remark on one line of at most 500 letters; shorten it"),
        ({"rows": [ROW], "replace": "yes"}, "replace is neither true nor false; write one of them, without quotes"),
        ([ROW, 7], f"the plan: row 2 is not an object; {LIKE}"),
        ([ROW, ROW | {"volume": [1]}], "the plan: row 2: volume is neither a text on one line nor a number; write it as in the native CSV"),
        (b'[{"volume": 1e999999999999}]', "the plan: row 1: volume is a number of more than 30 digits; look at its exponent"),
        (b'[{"aht_s": 1e-99}]', "the plan: row 1: aht_s is a number of more than 30 digits; look at its exponent"),
        ([ROW | {"project": "bank\nline"}], "the plan: row 1: project is neither a text on one line nor a number; write it as in the native CSV"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_line(place: Place, sent: Any, problem: str) -> None:
    before = place.plan.read_text()
    assert place.send(sent) == ((), problem)
    assert place.plan.read_text() == before


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        ([ROW, ROW | {"volume": -1}], "the plan: row 2: "),
        ([ROW | {"project": "bank-lin"}, ROW | {"project": "x"}], "the plan: row 1: "),
        (f"{HEAD}bank-line,2026-12-25T08:00:00Z,x,180\n".encode(), "the plan: line 2: "),
        (b"nonsense", "the plan: "),
        (b"", "the plan: "),
        (b"\xff\x00\xfe", "the plan: "),
        ([ROW | {"volum": 1}], "the plan: row 1: unknown column 'volum'; known: project, interval_start, "),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_row(place: Place, sent: Any, begins: str) -> None:
    before = place.plan.read_text()
    said, problem = place.send(sent)
    assert said == ()
    assert problem.startswith(begins)
    assert "\n" not in problem
    assert "mqtt" not in problem
    assert place.plan.read_text() == before


def test_several_rows_that_are_wrong_are_counted(place: Place) -> None:
    assert place.send([ROW | {"project": "a"}, ROW | {"project": "b"}, ROW | {"project": "c"}])[1].endswith("; and 2 rows more")


def test_without_a_plan_file_there_is_nothing_to_bring_it_into(place: Place) -> None:
    place.file.write_text(CONFIG.replace('file = "plan.csv"', 'file = ""'))
    assert place.send([ROW])[1].endswith("there is no plan to import into; name one in [plan] file")
