"""A PBX's AMI port as a script: real sockets, real framing, whatever behaviour a test needs.

Owns answering as Asterisk does (greeting, challenge, FullyBooted with the login, lists with `EventList`) from a small table of queues
and channels, and every way of misbehaving a test asks for. Refuses being clever: there is no dialplan; a test says what is raised.
Every action that arrives here is also noted in `WIRE`, which a test holds against the list of what may be sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

Headers = dict[str, str]
Answer = Callable[["Session", Headers], None]

WIRE: list[Headers] = []
SECRET = "not-for-the-wire"


def stanza(*headers: tuple[str, str]) -> bytes:
    """One message in AMI's framing."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


def event(name: str, **headers: str) -> bytes:
    """An event as the PBX raises it."""
    return stanza(("Event", name), ("Privilege", "agent,all"), *headers.items())


def channel_headers(call: str, channel: str, exten: str = "s", priority: str = "1", **more: str) -> Headers:
    """What every channel event carries."""
    return {
        "Channel": channel,
        "ChannelState": "6",
        "Context": "inbound",
        "Exten": exten,
        "Priority": priority,
        "Uniqueid": call,
        "Linkedid": call,
        **more,
    }


def member(queue: str, interface: str, **more: str) -> Headers:
    """A line of QueueStatus about a member."""
    return {
        "Queue": queue,
        "Name": interface,
        "Location": interface,
        "StateInterface": interface,
        "Status": "1",
        "Paused": "0",
        "PausedReason": "",
        "LastCall": "0",
        "LastPause": "0",
        "Wrapuptime": "0",
        **more,
    }


@dataclass
class Pbx:
    """What the PBX is made of. `answers` replaces the answer to single actions."""

    queues: dict[str, list[Headers]] = field(default_factory=lambda: {"bank": [member("bank", "PJSIP/1")]})
    waiting: dict[str, list[Headers]] = field(default_factory=dict)
    channels: list[Headers] = field(default_factory=list)
    variables: dict[tuple[str, str], str] = field(default_factory=dict)  # (channel, variable)
    devices: dict[str, str] = field(default_factory=dict)  # the state of each
    settings: Headers = field(default_factory=lambda: {"AsteriskVersion": "22.10.1", "CoreCDRenabled": "Yes"})
    startup: Headers = field(default_factory=lambda: {"CoreStartupDate": "2026-11-23", "CoreStartupTime": "15:40:57"})
    booted: bytes | None = field(default_factory=lambda: event("FullyBooted", Uptime="100", Status="Fully Booted"))
    greeting: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    password: str = SECRET
    clock: Callable[[], int] = lambda: 1_795_448_567_479_279
    answers: dict[str, Answer] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def live(self) -> Session:
        """The latest session."""
        return self.sessions[-1]

    def actions(self, name: str) -> list[Headers]:
        """Every action of that name, over all sessions."""
        return [action for session in self.sessions for action in session.actions if action["Action"] == name]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it or we hang up."""
        session = Session(self, writer)
        self.sessions.append(session)
        session.send(self.greeting)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in text.split("\r\n") if line)
                WIRE.append(action)
                session.actions.append(action)
                session.answer(action)
                self.changed.set()
        session.gone.set()
        writer.close()

    @contextlib.asynccontextmanager
    async def listening(self, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        """The port it listens on."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", port, ssl=tls)
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            for turn in range(400):  # a connection may be accepted and not be served yet, on a busy machine for long
                for session in self.sessions:
                    session.hang_up()
                await asyncio.sleep(0.005)
                if turn >= 2 and not getattr(server, "_active_count", 0):
                    break
            await server.wait_closed()


@dataclass
class Session:
    """One logged-in client as the PBX sees it."""

    pbx: Pbx
    writer: asyncio.StreamWriter
    actions: list[Headers] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    frozen: bool = False

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        if not self.writer.is_closing():
            self.writer.write(data)

    def hang_up(self) -> None:
        """End the connection without a word."""
        with contextlib.suppress(AttributeError):  # in Python 3.11.2 a TLS transport closed twice cannot abort
            self.writer.transport.abort()

    def answer(self, action: Headers) -> None:
        """As Asterisk would, or as the test wants it."""
        if self.frozen:
            return
        usual: Answer = getattr(Session, f"_{action['Action'].lower()}", Session._unknown)
        self.pbx.answers.get(action["Action"], usual)(self, action)

    def respond(self, action: Headers, response: str = "Success", **headers: str) -> None:
        """The response to an action."""
        self.send(stanza(("Response", response), ("ActionID", action["ActionID"]), *headers.items()))

    def item(self, action: Headers, name: str, headers: Headers) -> None:
        """One event of a list."""
        self.send(stanza(("Event", name), *headers.items(), ("ActionID", action["ActionID"])))

    def _unknown(self, action: Headers) -> None:
        self.respond(action, "Error", Message="Invalid/unknown command")

    def _challenge(self, action: Headers) -> None:
        self.respond(action, Challenge="225911703")

    def _login(self, action: Headers) -> None:
        right = hashlib.md5(b"225911703" + self.pbx.password.encode()).hexdigest()
        if action.get("Key") != right:
            self.respond(action, "Error", Message="Authentication failed")
            self.writer.close()
            return
        self.respond(action, Message="Authentication accepted")
        if self.pbx.booted is not None:
            self.send(self.pbx.booted)

    def _logoff(self, action: Headers) -> None:
        self.respond(action, "Goodbye", Message="Thanks for all the fish.")
        self.writer.close()

    def _ping(self, action: Headers) -> None:
        now = self.pbx.clock()
        self.respond(action, Ping="Pong", Timestamp=f"{now // 1_000_000}.{now % 1_000_000:06}")

    def _coresettings(self, action: Headers) -> None:
        self.respond(action, **self.pbx.settings)

    def _corestatus(self, action: Headers) -> None:
        self.respond(action, **self.pbx.startup)

    def _queuestatus(self, action: Headers) -> None:
        self.respond(action, EventList="start", Message="Queue status will follow")
        for queue, members in self.pbx.queues.items():
            if action.get("Queue", queue) == queue:
                self.item(action, "QueueParams", {"Queue": queue, "Strategy": "leastrecent", "Calls": "0"})
                for row in members:
                    self.item(action, "QueueMember", row)
                for row in self.pbx.waiting.get(queue, []):
                    self.item(action, "QueueEntry", row)
        self.item(action, "QueueStatusComplete", {"EventList": "Complete"})

    def _coreshowchannels(self, action: Headers) -> None:
        self.respond(action, EventList="start", Message="Channels will follow")
        for row in self.pbx.channels:
            self.item(action, "CoreShowChannel", row)
        self.item(action, "CoreShowChannelsComplete", {"EventList": "Complete"})

    def _getvar(self, action: Headers) -> None:
        variable = (action.get("Channel", ""), action["Variable"])
        if variable[1].startswith("DEVICE_STATE("):
            self.respond(action, Variable=variable[1], Value=self.pbx.devices.get(variable[1][13:-1], "INVALID"))
        elif variable[0] not in {row["Channel"] for row in self.pbx.channels}:
            self.respond(action, "Error", Message="No such channel")
        else:
            self.respond(action, Variable=variable[1], Value=self.pbx.variables.get(variable, ""))

    def _listcommands(self, action: Headers) -> None:
        self.respond(action, QueueStatus="Show queue status.  (Priv: <none>)", Ping="Keepalive command.  (Priv: <none>)")
