"""`POST /api/v1/results`: what was achieved for a client, from the programs that know.

    POST /api/v1/results   {"project", "disposition", "key", "at"?} → 201 counted now, 200 counted before: {"accepted", "duplicate", "amount", "currency"}
    POST /api/v1/results   [ … up to 1,000 … ] → 200 and as many answers, in their order; who is refused has "error" and "status"

A header `Idempotency-Key` takes the place of `key`. Owns the page and its answers: 400 nobody could mean it, 404 no such project, 409 its key is another
result's, 413 too much at once. Takes a token that may write. Refuses reading what was sent (`told.results`) and deciding what is accepted: a `Desk`, which
is the engine, takes it into its inbox and answers once it is written down. A key may be a caller's number, so no log repeats it. Next: `server` has
the address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog
from aiohttp import web

from monitor.core.contract import Contract
from monitor.core.incident_log import Refusal, Why
from monitor.core.results import Answer, Result
from monitor.outputs.told.reading import MOST, WrongError, loaded
from monitor.outputs.told.results import LIKE, in_place, read, read_or_refuse, worth
from monitor.outputs.web.answers import answer, enter, refusal
from monitor.outputs.web.auth import Gate

log = structlog.get_logger(__name__)

LONGEST_BODY: Final = 256 * 1024
_STATUS: Final[Mapping[Why, int]] = {Why.BAD: 400, Why.UNKNOWN: 404, Why.CONFLICT: 409, Why.BUSY: 503}
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
            sent = loaded(await request.clone(client_max_size=LONGEST_BODY).read(), LIKE)
            if isinstance(sent, list):
                if len(sent) > MOST:
                    return refusal(request, 413, f"{len(sent)} results are more than {MOST}; send them in several requests")
                return await self._many(sent, key, token.name)
            result = read(sent, self._view.contract, {} if key is None else {"key": (key, _IDEMPOTENCY)})
        except web.HTTPRequestEntityTooLarge:
            return refusal(request, 413, f"more than {LONGEST_BODY} bytes; send fewer results at once")
        except WrongError as error:
            return refusal(request, 400, str(error))
        told = (await self._desk.tell_results([result], token.name))[0]
        _log([told], token.name)
        if isinstance(told, Refusal):
            return refusal(request, _STATUS[told.why], told.problem)
        return answer(200 if told.duplicate else 201, _shown(told))

    async def _many(self, sent: list[object], key: str | None, who: str) -> web.Response:
        """One by one; what nobody can mean is answered in its place."""
        if key is not None:
            raise WrongError(f"{_IDEMPOTENCY} is for one result; write a key into each of a list")
        heard = [read_or_refuse(one, self._view.contract) for one in sent]
        answers = in_place(heard, await self._desk.tell_results([one for one in heard if isinstance(one, Result)], who))
        _log(answers, who)
        return answer(200, [_shown(one) for one in answers])


def _shown(told: Answer) -> dict[str, object]:
    if isinstance(told, Refusal):
        return {"accepted": False, "error": told.problem, "status": _STATUS[told.why]}
    return {"accepted": True, "duplicate": told.duplicate, **worth(told)}


def _log(answers: Sequence[Answer], who: str) -> None:
    """Who tells what nobody can count is told in the answer; the log says how much of it there is."""
    refused = Counter(one.why.value for one in answers if isinstance(one, Refusal))
    if refused:
        log.info("results are refused", who=who, told=len(answers), **refused)
