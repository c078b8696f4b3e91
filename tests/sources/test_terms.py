"""The contract in a recording was in strangers' hands: what no configuration could say is refused, whatever its shape."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import Contract, Group, Hours, PauseClass, PauseReason, Person, Project, QueueId
from monitor.sources import terms

REASONS = (PauseReason("lunch", PauseClass.UNPAID, 1_800_000_000), PauseReason("mail", PauseClass.WORK, None, "elsewhere"))
CONTRACT = Contract(
    zone=ZoneInfo("Europe/Kyiv"),
    pbxs=("p",),
    groups=(Group("floor", ("PJSIP/*",), pause_reasons=REASONS),),
    projects=(Project("line", "Bank", "floor", (QueueId("p", "bank"),), ZoneInfo("UTC"), frozenset({"600"}), Hours(closed=frozenset({"2026-12-25"}))),),
    people=(Person("7", "Anna", ("PJSIP/7", "p:PJSIP/8"), "floor"), Person("8", "Boris", (), None)),
)


def told() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(terms.dump(CONTRACT))
    return read


def test_what_was_written_is_read() -> None:
    assert terms.load(terms.dump(CONTRACT)) == CONTRACT


PLACES: dict[str, list[object]] = {
    "site": [None, 7, ["s"], "a\nb", "\x1b[2J", "\ud800", "x" * 9_999],
    "timezone": ["Europe", "Europe/", "../etc/passwd", "/etc/localtime", "", ".", "Mars/Base", None, 3, "\0"],
    "interval_us": [0, -1, 1, 1_800_000_000.0, "1800000000", True, None, 10**30, 20 * 60_000_000, []],
    "ring_counts_as": ["", "loud", None, [], {}],
    "pbxs": [[], ["p", "q"], ["q"], "p", {"p": 1}, None, [[]], [None]],
    "groups": [[], {}, None, ["floor"], [None], "floor"],
    "projects": [{}, None, ["line"], [None]],
    "people": [{}, None, ["Anna"], [[]], [["7", "Anna", "PJSIP/7", None]], [["7", "Anna", [], "nobody"]], [["7", "Anna", []]]],
}
GROUP: dict[str, list[object]] = {
    "name": ["other", None, 1],
    "members": ["PJSIP/*", None, [1]],
    "presence": ["away", None, []],
    "unreachable_grace_us": [-1, 1.5, None, "60", 10**18],
    "occupancy": [[0.6], [0, 0], [0.6, 1.5], [-0.1, 0.8], ["a", "b"], [True, 1], None, [0.1, float("nan")], 0.6],
    "pause_reasons": [[["lunch", "unpaid"]], [["lunch", "free", None, None]], [["lunch", "unpaid", -5, None]], [[7, "unpaid", None, None]], None, ["lunch"]],
}
PROJECT: dict[str, list[object]] = {
    "name": [None, []],
    "client": [None, 7],
    "group": ["nobody", None, ["floor"]],
    "queues": [[], [["p"]], [["q", "bank"]], ["pb"], None, [["p", 5]], {}],
    "timezone": ["Europe", 5],
    "dids": ["600", [600], None, {}],
    "hours": [[], [[], []], [[[]] * 6, []], [[[[0, 99_999]]] * 7, []], [[[["a", "b"]]] * 7, []], [[[[0]]] * 7, []], [[[]] * 7, ["soon"]], [7, 7], None],
    "wrapup_us": [-1, 0.5, None, 10**18],
    "short_us": [-1, "5"],
    "aht_us": [0, None, [180]],
    "service_level": [[], [0, 0.8, "sl_answered"], [1, 2, "sl_answered"], [20, 0.8, "best"], [-1, 0.8, "sl_answered"], None, "abc"],
}


def refused(contract: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        terms.load(json.dumps(contract))


@pytest.mark.parametrize("place", PLACES)
def test_a_value_no_contract_has(place: str) -> None:
    for value in PLACES[place]:
        refused({**told(), place: value})
    without = told()
    del without[place]
    refused(without)


@pytest.mark.parametrize(("kind", "places"), [("groups", GROUP), ("projects", PROJECT)])
def test_a_value_no_group_and_no_project_has(kind: str, places: dict[str, list[object]]) -> None:
    for place, values in places.items():
        for value in values:
            refused({**told(), kind: [{**told()[kind][0], place: value}]})
        refused({**told(), kind: [{key: value for key, value in told()[kind][0].items() if key != place}]})


@pytest.mark.parametrize("kind", ["groups", "projects"])
def test_a_name_that_is_there_twice(kind: str) -> None:
    refused({**told(), kind: told()[kind] * 2})


@pytest.mark.parametrize("text", ["", "null", "[]", "7", "{", "[" * 100_000, '{"a":' * 100_000, "9" * 100_000])
def test_what_is_no_contract_at_all(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        terms.load(text)
