"""`/api/v1/incidents`: what is known to be wrong, and the desk where people say so.

    GET  /api/v1/incidents                 {"at", "incidents": [ … ]}: all that matter still, announced ones of the future too
    POST /api/v1/incidents                 {"kind", "scope"?, "since"?, "recovery_minutes"?, "note"?} → 201 and the incident
    POST /api/v1/incidents/{id}/close      → 200 and the incident; what was sent along is not looked at

Owns the pages and their answers: 400 nobody could mean it, 404 no such incident, 409 it is so already or not for people to say. Posting takes a
token that may write. Refuses reading what was sent (`told.incidents`) and deciding what is accepted: a `Desk`, which is the engine, takes what was
told into its inbox and answers. Next: `server` has the addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import structlog
from aiohttp import web

from monitor.core.incident_log import Refusal, Why
from monitor.core.incidents import Incident, IncidentView
from monitor.outputs.told.incidents import LIKE, read
from monitor.outputs.told.reading import WrongError, loaded
from monitor.outputs.view import View
from monitor.outputs.web import api
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import Gate
from monitor.outputs.web.instant import iso

log = structlog.get_logger(__name__)

LONGEST_BODY: Final = 64 * 1024
_STATUS: Final[Mapping[Why, int]] = {Why.BAD: 400, Why.UNKNOWN: 404, Why.CONFLICT: 409, Why.BUSY: 503}


class Desk(Protocol):
    """Who takes what is told of incidents, and answers once it is accepted or not."""

    async def open_incident(self, incident: Incident) -> Incident | Refusal:
        """One has begun."""

    async def close_incident(self, number: str, who: str) -> Incident | Refusal:
        """One is over."""


class Incidents:
    """The pages; without a `desk` they only list."""

    def __init__(self, view: View, gate: Gate, desk: Desk | None) -> None:
        self.desk = desk
        self._view = view
        self._gate = gate

    async def listed(self, request: web.Request) -> web.Response:
        """All that matter still."""
        if request.query:
            return refusal(request, 400, f"unknown parameter {min(request.query)!r}; /api/v1/incidents lists all")
        outlook = self._view.outlook()
        if outlook is None:
            return _nothing_yet(request)
        return answer(200, {"at": iso(outlook.at), "incidents": [api.incident(one) for one in outlook.incidents]})

    async def opened(self, request: web.Request) -> web.Response:
        """One has begun."""
        token = enter(self._gate, request)
        if isinstance(token, web.Response):
            return token
        if request.content_type != "application/json":
            return refusal(request, 415, f"a body of type {request.content_type!r} is not read; send Content-Type: application/json")
        outlook = self._view.outlook()
        if outlook is None or self.desk is None:
            return _nothing_yet(request)
        try:
            incident = read(loaded(await request.read(), LIKE), outlook.at, self._view.contract.zone, token.name)
        except web.HTTPRequestEntityTooLarge:
            return refusal(request, 413, f"more than {LONGEST_BODY} bytes; an incident is a few lines")
        except WrongError as error:
            return refusal(request, 400, str(error))
        return self._told(request, 201, await self.desk.open_incident(incident))

    async def closed(self, request: web.Request) -> web.Response:
        """One is over."""
        token = enter(self._gate, request)
        if isinstance(token, web.Response):
            return token
        if self.desk is None:
            return _nothing_yet(request)
        return self._told(request, 200, await self.desk.close_incident(request.match_info["number"][:100], token.name))

    def _told(self, request: web.Request, status: int, told: Incident | Refusal) -> web.Response:
        if isinstance(told, Refusal):
            log.info("what was told of an incident is refused", problem=told.problem)
            return refusal(request, _STATUS[told.why], told.problem, **({"incident": told.number} if told.number else {}))
        outlook = self._view.outlook()
        known = () if outlook is None else outlook.incidents
        shown = next((one for one in known if one.incident.id == told.id), None)  # one that was called off before it began is not there
        at = told.since if outlook is None else outlook.at
        return answer(status, api.incident(shown or IncidentView(told, told.stage(at), announced=False)))


def _nothing_yet(request: web.Request) -> web.Response:
    return refusal(request, 503, "nothing is known of the floor yet; see /-/ready")
