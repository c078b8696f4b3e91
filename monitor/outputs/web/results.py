"""`POST /api/v1/results`: what was achieved for a client, from the programs that know.

    POST /api/v1/results   {"project", "disposition", "key", "at"?} → 201 counted now, 200 counted before: {"accepted", "duplicate", "amount", "currency"}
    POST /api/v1/results   [ … up to 1,000 … ] → 200 and as many answers, in their order; who is refused has "error" and "status"

A header `Idempotency-Key` takes the place of `key`. Owns what may be sent, in JSON, and the line that says what is wrong with it: 400 nobody
could mean it, 404 no such project, 409 its key is another result's, 413 too much at once. Takes a token that may write. Refuses deciding what is
accepted: a `Desk`, which is the engine, takes it into its inbox and answers once it is written down. A key may be a caller's number, so no line
and no log repeats it. Next: `server` has the address.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, Protocol

import structlog
from aiohttp import web

from monitor.core.contract import SECOND, Contract
from monitor.core.incident_log import Refusal, Why
from monitor.core.results import Answer, Result, flaw
from monitor.core.tariff import money, rounded
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import Gate

log = structlog.get_logger(__name__)

MOST: Final = 1_000
LONGEST_BODY: Final = 256 * 1024
_STATUS: Final[Mapping[Why, int]] = {Why.BAD: 400, Why.UNKNOWN: 404, Why.CONFLICT: 409, Why.BUSY: 503}
_TEXTS: Final = ("project", "disposition", "key")
_LIKE: Final = 'send {"project": "shop-line", "disposition": "sale", "key": "order 4711"}'
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the project's time"
_IDEMPOTENCY: Final = "Idempotency-Key"


class Desk(Protocol):
    """Who takes what is told of results, and answers once it is accepted or not."""

    async def tell_results(self, results: Sequence[Result], who: str) -> list[Answer]:
        """What each counts for, or why it does not."""


class View(Protocol):
    """What is asked of the daemon."""

    @property
    def contract(self) -> Contract:
        """The contract in force."""


class _WrongError(ValueError):
    """What was sent cannot be meant: `problem; remedy`."""


class Results:
    """The page of a `desk`."""

    def __init__(self, view: View, gate: Gate, desk: Desk) -> None:
        self._view = view
        self._gate = gate
        self._desk = desk

    async def told(self, request: web.Request) -> web.Response:
        """One result, or many."""
        token = enter(self._gate, request)
        if isinstance(token, web.Response):
            return token
        if request.content_type != "application/json":
            return refusal(request, 415, f"a body of type {request.content_type!r} is not read; send Content-Type: application/json")
        key = request.headers.get(_IDEMPOTENCY)
        try:
            sent = _loaded(await request.clone(client_max_size=LONGEST_BODY).read())
            if isinstance(sent, list):
                if len(sent) > MOST:
                    return refusal(request, 413, f"{len(sent)} results are more than {MOST}; send them in several requests")
                return await self._many(sent, key, token.name)
            result = self._read(sent, key)
        except web.HTTPRequestEntityTooLarge:
            return refusal(request, 413, f"more than {LONGEST_BODY} bytes; send fewer results at once")
        except _WrongError as error:
            return refusal(request, 400, str(error))
        told = (await self._desk.tell_results([result], token.name))[0]
        _log([told], token.name)
        if isinstance(told, Refusal):
            return refusal(request, _STATUS[told.why], told.problem)
        return answer(200 if told.duplicate else 201, _shown(told))

    async def _many(self, sent: list[object], key: str | None, who: str) -> web.Response:
        """One by one; what nobody can mean is answered in its place."""
        if key is not None:
            raise _WrongError(f"{_IDEMPOTENCY} is for one result; write a key into each of a list")
        read = [self._read_or_refuse(one) for one in sent]
        told = iter(await self._desk.tell_results([one for one in read if isinstance(one, Result)], who))
        answers = [one if isinstance(one, Refusal) else next(told) for one in read]
        _log(answers, who)
        return answer(200, [_shown(one) for one in answers])

    def _read_or_refuse(self, sent: object) -> Result | Refusal:
        try:
            return self._read(sent, None)
        except _WrongError as error:
            return Refusal(str(error))

    def _read(self, sent: object, key: str | None) -> Result:
        """The result that an object tells of; `key` is the header's."""
        if not isinstance(sent, dict):
            raise _WrongError(f"the body is not an object, nor a list of them; {_LIKE}")
        if stray := [name for name in sent if name not in _TEXTS and name != "at"]:
            raise _WrongError(f"unknown key {stray[0][:40]!r}; known: {', '.join(_TEXTS)}, at")
        texts = {name: sent.get(name) for name in _TEXTS}
        if key is not None:
            if texts["key"] not in (None, key):
                raise _WrongError(f"key and {_IDEMPOTENCY} differ; send one of them")
            texts["key"] = key
        for name, text in texts.items():
            if (problem := flaw(name, text)) is not None:
                raise _WrongError(problem)
        project, disposition, known_as = map(str, texts.values())
        contract = self._view.contract
        agreed = contract.project.get(project)
        return Result(project, disposition, known_as, _at(sent.get("at"), contract.zone if agreed is None else agreed.zone))


def _loaded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _WrongError(f"the body is not JSON; {_LIKE}") from None


def _at(value: object, zone: tzinfo) -> int | None:
    if value is None:
        return None
    try:
        when = datetime.fromisoformat(value if isinstance(value, str) else "")
        local = when if when.tzinfo is not None else when.replace(tzinfo=zone)
        return int(local.timestamp()) * SECOND
    except (ValueError, OverflowError, OSError):
        raise _WrongError(f"at is not a time; {_MOMENT}") from None


def _shown(told: Answer) -> dict[str, object]:
    if isinstance(told, Refusal):
        return {"accepted": False, "error": told.problem, "status": _STATUS[told.why]}
    return {"accepted": True, "duplicate": told.duplicate, "amount": str(rounded(money(told.amount_u))), "currency": told.currency}


def _log(answers: Sequence[Answer], who: str) -> None:
    """Who tells what nobody can count is told in the answer; the log says how much of it there is."""
    refused = Counter(one.why.value for one in answers if isinstance(one, Refusal))
    if refused:
        log.info("results are refused", who=who, told=len(answers), **refused)
