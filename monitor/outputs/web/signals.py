"""`/api/v1/signals`: what is on outside, and the desk where programs and people say so.

    GET  /api/v1/signals   {"at", "signals": [ … ]}: every signal that is configured, in each of its regions, on or off
    POST /api/v1/signals   {"name", "state": "on" | "off", "region"?, "at"?, "until"?} → 200 {"at", "signals": [ … ]}, those that were meant, as they are now

Owns what is answered: 400 nobody could mean it, 404 no such signal or region, 409 it is on by its calendar. Posting takes a token that may write; said twice
it changes nothing. Refuses reading what was sent (`told.signals`) and deciding what is accepted: a `Desk`, which is the engine, takes what was told into
its inbox and answers. Next: `server` has the addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import structlog
from aiohttp import web

from monitor.core.incident_log import Refusal, Why
from monitor.core.signals import SignalView
from monitor.outputs.told.reading import WrongError
from monitor.outputs.told.signals import read
from monitor.outputs.view import View
from monitor.outputs.web import api
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import Gate
from monitor.outputs.web.instant import iso

log = structlog.get_logger(__name__)

_STATUS: Final[Mapping[Why, int]] = {Why.BAD: 400, Why.UNKNOWN: 404, Why.CONFLICT: 409, Why.BUSY: 503}


class Desk(Protocol):
    """Who takes what is told of signals, and answers once it is accepted or not."""

    async def tell_signal(
        self, name: str, who: str, *, on: bool, region: str | None = None, since: int | None = None, until: int | None = None
    ) -> tuple[SignalView, ...] | Refusal:
        """One is on, or off."""


class Signals:
    """The page; without a `desk` it only lists."""

    def __init__(self, view: View, gate: Gate, desk: Desk | None) -> None:
        self.desk = desk
        self._view = view
        self._gate = gate

    async def listed(self, request: web.Request) -> web.Response:
        """All that are configured."""
        if request.query:
            return refusal(request, 400, f"unknown parameter {min(request.query)!r}; /api/v1/signals lists all")
        outlook = self._view.outlook()
        if outlook is None:
            return refusal(request, 503, "nothing is known of the floor yet; see /-/ready")
        return answer(200, {"at": iso(outlook.at), "signals": [api.signal(one) for one in outlook.signals]})

    async def told(self, request: web.Request) -> web.Response:
        """One is on, or off."""
        token = enter(self._gate, request)
        if isinstance(token, web.Response):
            return token
        if request.content_type != "application/json":
            return refusal(request, 415, f"a body of type {request.content_type!r} is not read; send Content-Type: application/json")
        if self.desk is None:
            return refusal(request, 503, "nothing is known of the floor yet; see /-/ready")
        try:
            told = read(await request.read(), self._view.contract.zone)
        except web.HTTPRequestEntityTooLarge:
            return refusal(request, 413, "too long; a signal is one line")
        except WrongError as error:
            return refusal(request, 400, str(error))
        found = await self.desk.tell_signal(told.name, token.name, on=told.on, region=told.region, since=told.since, until=told.until)
        if isinstance(found, Refusal):
            log.info("what was told of a signal is refused", problem=found.problem)
            return refusal(request, _STATUS[found.why], found.problem)
        outlook = self._view.outlook()
        return answer(200, {"at": None if outlook is None else iso(outlook.at), "signals": [api.signal(one) for one in found]})
