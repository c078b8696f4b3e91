"""The web server: `/metrics`, the health endpoints, the API with its stream, and the board.

Owns HTTP: who may ask (`Host`), what is answered, headers, start and stop. Refuses figures and formats (`metrics` and `api` write
them, `pages` holds the board's files), what is told of incidents, results and signals (`incidents`, `results`, `signals`), and it changes nothing itself: a
POST is handed on, with a token (`auth`) only. A request reads one Outlook from beginning to end.

There is no login for looking, so the default is loopback, and there the `Host` header must be an IP address or `localhost`: a web page that
points its own name at 127.0.0.1 (DNS rebinding) would otherwise read the floor through a supervisor's browser. A proxy in front has to
send the address it asks, as nginx does by itself. A listen address on the network is the operator's decision to be reached by any name.
"""

from __future__ import annotations

import asyncio
import errno
import gzip
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import Protocol

import structlog
from aiohttp import web

from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract
from monitor.errors import FloorwatchError, PortTaken
from monitor.hosts import is_loopback
from monitor.outputs.daemon import DaemonFacts, Reloaded, Simulation
from monitor.outputs.metrics import EOF, Exposition, Format, Process, UnknownClient, negotiate
from monitor.outputs.web import api, incidents, pages, results, signals
from monitor.outputs.web.aliases import Aliases
from monitor.outputs.web.answers import answer, enter, path_of, refusal
from monitor.outputs.web.auth import READ, Gate, Token
from monitor.outputs.web.incidents import LONGEST_BODY, Incidents
from monitor.outputs.web.lost import Callers, Lost
from monitor.outputs.web.pace import paced
from monitor.outputs.web.pages import Page
from monitor.outputs.web.results import Results
from monitor.outputs.web.signals import Signals
from monitor.outputs.web.stream import LISTENERS, Full, Stream

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Prometheus keeps its connection open; on the way out nobody waits for it longer than this.
SHUTDOWN_SECONDS = 1.0

_REASONS = {
    errno.EADDRINUSE: "another program listens there",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EACCES: "ports below 1024 are for root",
}


class View(Protocol):
    """What the server may ask of the daemon; every answer is frozen."""

    @property
    def contract(self) -> Contract:
        """The contract in force."""

    def outlook(self) -> Outlook | None:
        """The latest outlook; None before the first."""

    def daemon(self) -> DaemonFacts:
        """The daemon's own facts now."""

    def ready(self) -> tuple[bool, list[str]]:
        """Whether every PBX had a snapshot or the patience with it is over, and the PBXs that are away."""


def host_allowed(header: str | None) -> bool:
    """True unless a Host header carries a foreign name. Names are what rebinding needs, so any IP address passes; programs that send
    no Host (HTTP/1.0) are not browsers."""
    if header is None:
        return True
    name, _, port = header.rpartition(":") if not header.endswith("]") else (header, "", "")
    bare = (name if name and port.isdigit() else header).removeprefix("[").removesuffix("]").lower().rstrip(".")
    try:
        ip_address(bare)
    except ValueError:
        return bare == "localhost" or bare.endswith(".localhost")
    return True


class Desk(incidents.Desk, results.Desk, signals.Desk, Protocol):
    """Who takes what people tell."""


class Web:
    """Serves `view` on one address; port 0 is any free one. `names` shows people's names in the API and on the board, `money` what is earned,
    without a token; `reload`, where there is something to reload, is done for who has one of the `tokens`; `desk` takes what they tell of incidents,
    results and signals. `callers` are those to ring back."""

    def __init__(
        self,
        host: str,
        port: int,
        view: View,
        *,
        names: bool = False,
        money: bool = False,
        simulation: Simulation | None = None,
        tokens: Iterable[Token] = (),
        reload: Callable[[], Awaitable[Reloaded]] | None = None,
        desk: Desk | None = None,
        callers: Callers = tuple,
    ) -> None:
        self._host = host
        self.port = port
        self._view = view
        self.names = names
        self.money = money
        self.gate = Gate(tokens, monotonic)
        self._reload = reload
        self._incidents = Incidents(view, self.gate, desk)
        self._results = None if desk is None else Results(view, self.gate, desk)
        self._signals = Signals(view, self.gate, desk)
        self._lost = Lost(view, self.gate, callers)
        self._simulation = simulation
        self._aliases = Aliases()
        self._stream = Stream(self._streamed)
        self._exposition = Exposition()
        self._process = Process()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; `port` is the real one afterwards. PortTaken says why not."""
        runner = web.AppRunner(self._app(await asyncio.to_thread(pages.read)), access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self.port).start()
        except (OSError, UnicodeError) as error:  # the latter for a name no resolver can be asked for
            await runner.cleanup()
            raise PortTaken(self._host, self.port, _reason(error)) from error
        self.port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Close; answers under way get a second."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://[{self._host}]:{self.port}" if ":" in self._host else f"http://{self._host}:{self.port}"

    def _app(self, board: dict[str, Page]) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=LONGEST_BODY)
        app.on_response_prepare.append(_headers)
        app.on_shutdown.append(self._end_streams)
        for address, page in board.items():
            app.router.add_get(address, _showing(page))
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/api/v1/floor", self._floor)
        app.router.add_get("/api/v1/stream", self._listen, allow_head=False)
        app.router.add_get("/api/v1/incidents", self._incidents.listed)
        app.router.add_get("/api/v1/lost", self._lost.listed)
        if self._incidents.desk is not None:
            app.router.add_post("/api/v1/incidents", self._incidents.opened)
            app.router.add_post("/api/v1/incidents/{number}/close", self._incidents.closed)
        app.router.add_get("/api/v1/signals", self._signals.listed)
        if self._signals.desk is not None:
            app.router.add_post("/api/v1/signals", self._signals.told)
        if self._results is not None:
            app.router.add_post("/api/v1/results", self._results.told)
        app.router.add_get("/-/healthy", self._healthy)
        app.router.add_get("/-/ready", self._ready)
        if self._reload is not None:
            app.router.add_post("/-/reload", partial(self._reloading, self._reload))
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses foreign names and makes every refusal one clear line."""
        host = request.headers.get("Host")
        if is_loopback(self._host) and not host_allowed(host):
            return refusal(request, 421, f"this server is not called {host!r}; ask for {self.url}; a proxy has to send that as Host")
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            response = refusal(request, error.status, f"{request.method} is not for {path_of(request)}; allowed: {allowed}")
            response.headers["Allow"] = allowed
            return response
        except web.HTTPNotFound as error:
            return refusal(request, error.status, f"no page {path_of(request)} here; / lists what there is")

    async def _metrics(self, request: web.Request) -> web.Response:
        if stray := set(request.query) - {"client"}:
            return refusal(request, 400, f"unknown parameter {min(stray)!r}; /metrics knows client")
        if len(clients := request.query.getall("client", [])) > 1:
            return refusal(request, 400, "more than one client; ask for each alone")
        client = clients[0] if clients else None
        form = negotiate(",".join(request.headers.getall("Accept", [])))
        try:
            pieces = self._exposition.scrape(self._view.outlook(), self._view.contract, self._view.daemon(), form, client)
        except UnknownClient:
            return refusal(request, 404, f"no client {client!r}; ?client= takes a client's name as the configuration writes it")
        body = await paced(pieces)
        if client is None:
            body += (await asyncio.to_thread(self._process.text, form)).encode()
        if form is Format.OPENMETRICS:
            body += EOF.encode()
        headers = {"Content-Type": form.value, "Vary": "Accept, Accept-Encoding"}
        if _takes_gzip(request):
            # Level 1: level 9 takes ten times as long for a tenth of the size. zlib works without the GIL, so off the loop is off it.
            body = await asyncio.to_thread(gzip.compress, body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)

    async def _floor(self, request: web.Request) -> web.Response:
        if request.query:
            return refusal(request, 400, f"unknown parameter {min(request.query)!r}; /api/v1/floor is always the whole floor")
        outlook = self._view.outlook()
        if outlook is None:
            return refusal(request, 503, "nothing is known of the floor yet; see /-/ready")
        money = self.money
        if not money and self.gate.knows(READ) and request.headers.get("Authorization", "").lower().startswith("bearer "):
            token = enter(self.gate, request, READ)
            if isinstance(token, web.Response):
                return token
            money = True
        body = await paced(self._told(outlook, money=money))
        return web.Response(body=body, headers={"Content-Type": "application/json; charset=utf-8"})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if request.query:
            return refusal(request, 400, f"unknown parameter {min(request.query)!r}; /api/v1/stream is always the whole floor")
        try:
            return await self._stream.serve(request, packed=_takes_gzip(request))
        except Full:
            return refusal(request, 503, f"{LISTENERS} boards listen already; close one, or ask /api/v1/floor now and then")

    async def _streamed(self) -> bytes | None:
        """The floor as one line."""
        outlook = self._view.outlook()
        return None if outlook is None else (await paced(self._told(outlook, money=self.money))).rstrip()

    def _told(self, outlook: Outlook, *, money: bool) -> Iterator[str]:
        return api.floor(outlook, self._view.contract, self._aliases, names=self.names, money=money, simulation=self._simulation)

    async def _end_streams(self, _: web.Application) -> None:
        await self._stream.close()

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="healthy\n")

    async def _ready(self, _: web.Request) -> web.Response:
        ready, away = self._view.ready()
        if not ready:
            return web.Response(status=503, text=f"not ready: waiting for the first state of {', '.join(away) or 'the floor'}\n")
        return web.Response(text=f"ready\ndegraded: {', '.join(away)}\n" if away else "ready\n")

    async def _reloading(self, reload: Callable[[], Awaitable[Reloaded]], request: web.Request) -> web.Response:
        """Waits for the result. What was sent along is not looked at."""
        token = enter(self.gate, request)
        if isinstance(token, web.Response):
            return token
        log.info("reload asked for", token=token.name)
        try:
            done = await reload()
        except FloorwatchError as error:
            return answer(400, {"reloaded": False, "flaws": str(error).splitlines()})
        return answer(200, {"reloaded": True, "changes": done.changes, "restart": done.restart})


def _showing(page: Page) -> Handler:
    async def show(_: web.Request) -> web.Response:
        return web.Response(body=page.body, headers=page.headers)

    return show


async def _headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"


def _reason(error: OSError | UnicodeError) -> str:
    """Why there is no listening, in words."""
    if isinstance(error, UnicodeError | socket.gaierror):
        return "nobody knows this name"
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def _takes_gzip(request: web.Request) -> bool:
    """True when Accept-Encoding names gzip and does not refuse it (`gzip;q=0`)."""
    for offer in ",".join(request.headers.getall("Accept-Encoding", [])).split(","):
        coding, *parameters = (part.strip().lower() for part in offer.split(";"))
        if coding == "gzip":
            return not any(parameter.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for parameter in parameters)
    return False
