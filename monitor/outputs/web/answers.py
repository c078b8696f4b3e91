"""What every page answers alike: a refusal in one line, JSON, and who may not.

Owns the words to those whom the gate refuses. Refuses deciding that (`auth`). Next: `server` and `incidents`.
"""

from __future__ import annotations

import json

from aiohttp import web

from monitor.outputs.web.auth import WITHIN_S, WRITE, Gate, Refused, Token

_CHALLENGE = 'Bearer realm="floorwatch"'
_REFUSALS = {
    Refused.UNCONFIGURED: (403, 'no token may do this; add a [[token]] with scopes = ["{scope}"] to the configuration and send SIGHUP'),
    Refused.IMPATIENT: (429, "too many wrong tokens from your address; wait a minute"),
    Refused.ANONYMOUS: (401, "this needs a token; send Authorization: Bearer followed by its secret"),
    Refused.WRONG: (401, "nobody has this token; look into the secret_file of the [[token]]"),
    Refused.FORBIDDEN: (403, 'this token may not do that; its scopes need "{scope}"'),
}


def enter(gate: Gate, request: web.Request, scope: str = WRITE) -> Token | web.Response:
    """The token that lets this request do more than look, or what is answered instead."""
    token = gate.enter(request.headers.get("Authorization"), request.remote or "", scope)
    if isinstance(token, Token):
        return token
    status, line = _REFUSALS[token]
    response = refusal(request, status, line.format(scope=scope))
    if status == 401:
        response.headers["WWW-Authenticate"] = _CHALLENGE
    if status == 429:
        response.headers["Retry-After"] = f"{WITHIN_S:.0f}"
    return response


def path_of(request: web.Request) -> str:
    return repr(request.path[:100])[1:-1]


def refusal(request: web.Request, status: int, line: str, **more: str) -> web.Response:
    """One line that says what is wrong and what to do; JSON where JSON was asked for."""
    if request.path.startswith("/api/"):
        return web.Response(status=status, text=json.dumps({"error": line, **more}) + "\n", content_type="application/json")
    return web.Response(status=status, text=f"{line}\n")


def answer(status: int, thing: object) -> web.Response:
    return web.Response(status=status, text=json.dumps(thing, ensure_ascii=False) + "\n", content_type="application/json")
