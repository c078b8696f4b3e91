"""What is published of the floor: a topic for each project, group and condition, with the figures of `/api/v1/floor`.

    project/<name>     {"at", …, "queues"} and what `projects` has of it there, with its rows of `queues`
    group/<name>       {"at", …} and what `groups` has of it there: people by state, never who
    condition/<name>   {"at", "condition", "active", "holding": [as `conditions` there]}: false is over, null is that nobody can tell now

Owns telling what has changed since it was sent: the moment of a figure is no figure, neither is the end of a window that runs. Refuses the figures (`api`,
`judged` and `purse` write them for both) and sending. Next: `client`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from monitor.assess.conditions import OF_MONEY, Condition
from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract
from monitor.outputs.mqtt.topics import Topics
from monitor.outputs.web import api, judged
from monitor.outputs.web.instant import iso

Row = dict[str, object]

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
REFRESH_S: Final = 60.0  # what has not changed is said again: it would expire


def rows(outlook: Outlook, contract: Contract, topics: Topics, *, money: bool) -> Iterator[tuple[str, Row]]:
    """Every topic, one after the other: the loop may run between two."""
    snapshot = outlook.snapshot
    seen = frozenset(pbx.name for pbx in snapshot.pbxs if pbx.observed)
    queues: dict[str | None, list[Row]] = {}
    for view in snapshot.queues:
        queues.setdefault(view.project, []).append(api.queue(view, snapshot.at, contract, seen))
    for project in contract.projects:
        row = api.project(project, outlook, contract, money=money)
        yield topics.of("project", project.name), row | {"queues": queues.get(project.name, [])}
    for group in contract.groups:
        yield topics.of("group", group.name), api.group(group, outlook, money=money)
    holding: dict[object, list[Row]] = {}
    for row in judged.conditions(outlook, contract, money=money):
        holding.setdefault(row["condition"], []).append(row)
    judged_now = {condition for condition, _ in outlook.judgement.states}
    for condition in Condition:
        if money or condition not in OF_MONEY:
            own = holding.get(condition.value, [])
            active = True if own else False if condition in judged_now else None
            yield topics.of("condition", condition.value), {"condition": condition.value, "active": active, "holding": own}


def text(row: object) -> bytes:
    """A payload."""
    return _ENCODER.encode(row).encode(errors="replace")


def _mark(row: Row) -> Row:
    """What of a row tells it from the one before."""
    windows = row.get("windows")
    if not isinstance(windows, dict):
        return row
    return row | {"windows": {name: {key: value for key, value in window.items() if key != "end"} for name, window in windows.items()}}


class Sent:
    """What a broker was sent in one session, and when."""

    def __init__(self) -> None:
        self._marks: dict[str, tuple[Row, float]] = {}

    def due(self, topic: str, row: Row, at: int, now: float) -> bytes | None:
        """The payload, if it has to be sent; then it counts as sent."""
        mark = _mark(row)
        known = self._marks.get(topic)
        if known is not None and known[0] == mark and now - known[1] < REFRESH_S:
            return None
        self._marks[topic] = mark, now
        return text({"at": iso(at), **row})

    def gone(self, topics: set[str]) -> list[str]:
        """What was sent of somebody who is in the contract no more; it counts as taken away."""
        old = [topic for topic in self._marks if topic not in topics]
        for topic in old:
            del self._marks[topic]
        return old
