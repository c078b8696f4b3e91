"""`/api/v1/incidents`: what is known to be wrong, and the desk where people say so.

    GET  /api/v1/incidents                 {"at", "incidents": [ … ]}: all that matter still, announced ones of the future too
    POST /api/v1/incidents                 {"kind", "scope"?, "since"?, "recovery_minutes"?, "note"?} → 201 and the incident
    POST /api/v1/incidents/{id}/close      → 200 and the incident; what was sent along is not looked at

Owns what may be sent, in JSON, and the line that says what is wrong with it: 400 nobody could mean it, 404 no such incident, 409 it is so
already or not for people to say. Posting takes a token that may write. Refuses deciding what is accepted: a `Desk`, which is the engine,
takes what was told into its inbox and answers. Next: `server` has the addresses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Final, Protocol

import structlog
from aiohttp import web

from monitor.assess.outlook import Outlook
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.incident_log import Refusal, Why
from monitor.core.incidents import NOTE, Incident, IncidentKind, IncidentView, Scope
from monitor.outputs.web import api
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import Gate
from monitor.outputs.web.instant import iso

log = structlog.get_logger(__name__)

LONGEST_BODY: Final = 64 * 1024
LONGEST_RECOVERY_MINUTES: Final = 24 * 60
_STATUS: Final[Mapping[Why, int]] = {Why.BAD: 400, Why.UNKNOWN: 404, Why.CONFLICT: 409, Why.BUSY: 503}
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the site's time"


class Desk(Protocol):
    """Who takes what is told of incidents, and answers once it is accepted or not."""

    async def open_incident(self, incident: Incident) -> Incident | Refusal:
        """One has begun."""

    async def close_incident(self, number: str, who: str) -> Incident | Refusal:
        """One is over."""


class View(Protocol):
    """What is asked of the daemon."""

    @property
    def contract(self) -> Contract:
        """The contract in force."""

    def outlook(self) -> Outlook | None:
        """The latest outlook; None before the first."""


class _WrongError(ValueError):
    """What was sent cannot be meant: `problem; remedy`."""


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
            incident = _read(await request.read(), outlook.at, self._view.contract.zone, token.name)
        except web.HTTPRequestEntityTooLarge:
            return refusal(request, 413, f"more than {LONGEST_BODY} bytes; an incident is a few lines")
        except _WrongError as error:
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


# --- what was sent ----------------------------------------------------------------------------------------------------------------------


def _read(body: bytes, now: int, zone: tzinfo, who: str) -> Incident:
    """The incident that a body tells of."""
    try:
        sent = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise _WrongError('the body is not JSON; send {"kind": "air_raid"}') from None
    if not isinstance(sent, dict):
        raise _WrongError('the body is not an object; send {"kind": "air_raid"}')
    if stray := [key for key in sent if key not in _KEYS and key != "kind"]:
        raise _WrongError(f"unknown key {stray[0][:40]!r}; known: kind, {', '.join(_KEYS)}")
    if "kind" not in sent:
        raise _WrongError(f"kind is missing; say one of {', '.join(IncidentKind)}")
    kind = _kind(sent["kind"])
    given = {key: _KEYS[key](value, zone) for key, value in sent.items() if key != "kind" and value is not None}
    recovery = {"recovery_us": given["recovery_minutes"]} if "recovery_minutes" in given else {}
    return Incident("", kind, given.get("scope", Scope()), given.get("since", now), note=given.get("note", ""), who=who, **recovery)


def _kind(value: object) -> IncidentKind:
    try:
        return IncidentKind(value)  # type: ignore[arg-type]  # anything may be sent
    except ValueError:
        raise _WrongError(f"kind {_shown(value)} is not one of {', '.join(IncidentKind)}") from None


def _scope(value: object, _: tzinfo) -> Scope:
    try:
        return Scope.of(value if isinstance(value, str) and len(value) <= NOTE and value.isprintable() else "")
    except ValueError as error:
        raise _WrongError(f"scope {_shown(value)} {error}") from None


def _since(value: object, zone: tzinfo) -> int:
    try:
        when = datetime.fromisoformat(value if isinstance(value, str) else "")
        local = when if when.tzinfo is not None else when.replace(tzinfo=zone)
        return int(local.timestamp()) * SECOND
    except (ValueError, OverflowError, OSError):
        raise _WrongError(f"since {_shown(value)} is not a time; {_MOMENT}") from None


def _recovery_us(value: object, _: tzinfo) -> int:
    number = value if isinstance(value, int | Decimal) and not isinstance(value, bool) else -1
    if not 0 <= number <= LONGEST_RECOVERY_MINUTES:
        raise _WrongError(f"recovery_minutes {_shown(value)} is not a number of minutes; write one from 0 to {LONGEST_RECOVERY_MINUTES}, without quotes")
    return int(number * MINUTE)


def _note(value: object, _: tzinfo) -> str:
    if not isinstance(value, str) or len(value) > NOTE or not value.isprintable():
        raise _WrongError(f"note {_shown(value)} is not a remark on one line of at most {NOTE} letters; shorten it")
    return value


_KEYS: Final[Mapping[str, Callable[[object, tzinfo], Any]]] = {"scope": _scope, "since": _since, "recovery_minutes": _recovery_us, "note": _note}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
