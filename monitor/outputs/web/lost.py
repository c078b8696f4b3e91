"""`/api/v1/lost`: whom to ring back, the oldest first.

    {"at": "2026-11-24T10:00:00.000000Z", "open": 7, "numbers": true,
     "callers": [{"project", "client", "first", "last", "tries", "number", "due", "overdue_seconds"}]}

`number` is null but for whoever shows a token that may read, and where nobody knows it; where numbers are not kept it is the last four digits
behind an ellipsis. `due` is when a call back is due, null where the project will not be open before; `overdue_seconds` since when it was, null
until then. `open` are all, `callers` the first two hundred. Owns this shape. Refuses deciding who is lost (`core.lost`). Next: `server` has the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, Protocol

from aiohttp import web

from monitor.assess.outlook import Outlook
from monitor.core.contract import SECOND
from monitor.core.lost import LostRow
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import READ, Gate
from monitor.outputs.web.instant import iso

MOST: Final = 200
Callers = Callable[[], Iterable[LostRow]]


class View(Protocol):
    """What is asked of the daemon."""

    def outlook(self) -> Outlook | None:
        """The latest outlook; None before the first."""


class Lost:
    """The page."""

    def __init__(self, view: View, gate: Gate, callers: Callers) -> None:
        self._view = view
        self._gate = gate
        self._callers = callers

    async def listed(self, request: web.Request) -> web.Response:
        """Everybody who is open."""
        if request.query:
            return refusal(request, 400, f"unknown parameter {min(request.query)!r}; /api/v1/lost lists all")
        numbers = "Authorization" in request.headers
        if numbers and isinstance(refused := enter(self._gate, request, READ), web.Response):
            return refused
        outlook = self._view.outlook()
        if outlook is None:
            return refusal(request, 503, "nothing is known of the floor yet; see /-/ready")
        callers = [_row(one, outlook.at, numbers=numbers) for one in islice(self._callers(), MOST)]
        count = sum(view.open for view in outlook.snapshot.lost.values())
        return answer(200, {"at": iso(outlook.at), "open": count, "numbers": numbers, "callers": callers})


def _row(one: LostRow, at: int, *, numbers: bool) -> dict[str, object]:
    return {
        "project": one.project,
        "client": one.client,
        "first": iso(one.first),
        "last": iso(one.last),
        "tries": one.tries,
        "number": one.number or None if numbers else None,
        "due": iso(one.due),
        "overdue_seconds": None if one.due is None or at < one.due else (at - one.due) / SECOND,
    }
