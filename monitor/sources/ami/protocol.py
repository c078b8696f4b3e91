"""AMI on the wire: one connection, events to the listener, and one door through which every action leaves.

Owns matching answers to actions, and their bounds in time and size. Refuses framing (`decoder`) and meaning: it knows the names `Event`,
`Response` and `ActionID` and no other header. Besides `client` it is the only module that sees panoramisk, and takes from it what is
sound: writing actions, their ids, collecting lists. `Manager` is left alone, since dispatch, pinger, reconnection and its queue of actions
to repeat are what asterisk.md finds broken.
Next: `client` asks and listens, `translate` says what a message means.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

from monitor.errors import AmiError, AmiMalformed, AmiUnreachable
from monitor.sources.ami.decoder import GREETING, Decoder, Message

STOOD_S = 1.0  # a deadline that is noticed so late says that this process stood still
REPLY_CAP = 32 << 20  # of memory for one answer, some 15 000 rows of a list
HEADER_COST = 100  # bytes that holding a header takes beside its text
READ_BYTES = 32_768  # one read is one step of the loop: some 80 events, about a millisecond
RECEIVE_BUFFER = 4 << 20  # what the kernel holds for us while the loop is busy; a stalled reader freezes queues on the PBX
USER_TIMEOUT_MS = 20_000  # what we sent and nobody acknowledged for so long is lost, and so is the peer

ID = "floorwatch-"

ALLOWED = frozenset(
    {"Login", "Challenge", "Ping", "Getvar", "QueueStatus", "CoreSettings", "CoreStatus", "CoreShowChannels", "Logoff"},
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the PBX answered: the response, then the items of its list. `sent_at` and `arrived_at` are daemon time."""

    messages: tuple[Message, ...]
    sent_at: int
    arrived_at: int

    @property
    def ok(self) -> bool:
        """True unless the PBX refused."""
        return self.messages[0].get("Response") != "Error"

    @property
    def said(self) -> str:
        """The PBX's own words."""
        return self.messages[0].get("Message", "")


class _Answer(dict[str, str]):
    """A message as panoramisk's actions look at one: missing headers read as an empty string."""

    def __getattr__(self, name: str) -> str:
        if name not in _HEADERS:
            raise AttributeError(name)
        return self.get(_HEADERS[name], "")


_HEADERS = {"event": "Event", "subevent": "SubEvent", "response": "Response", "message": "Message"}


@dataclass(slots=True)
class _Pending:
    action: str
    future: asyncio.Future[Reply]
    sent_at: int
    room: int  # how many bytes more the answer may take
    then: Callable[[Reply], None] | None
    deadline: asyncio.TimerHandle


class AmiProtocol(AMIProtocol, asyncio.BufferedProtocol):
    """One connection. Reading never waits: events go to `on_event` at once and in order, answers to whoever asked."""

    def __init__(
        self,
        decoder: Decoder,
        now: Callable[[], int],
        on_event: Callable[[Message, int], None],
        on_lost: Callable[[], None],
        allowed: frozenset[str] = ALLOWED,
        reply_cap: int = REPLY_CAP,
    ) -> None:
        self.decoder = decoder
        self.arrived_at = now()
        self.lost = ""  # why the connection ended, once it has
        self._now = now
        self._on_event = on_event
        self._on_lost = on_lost
        self._allowed = allowed
        self._reply_cap = reply_cap
        self._pending: dict[str, _Pending] = {}
        self._last_id = 0
        self._buffer = memoryview(bytearray(READ_BYTES))  # asyncio slices it under TLS, which must not copy
        self._greeted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._greeted.add_done_callback(_retrieve)

    # --- the transport's side -------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands: `encoding`, and what the kernel shall do about a peer that is gone."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        self.encoding = "utf-8"
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Where the next read goes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """A read is done."""
        self.data_received(bytes(self._buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Every message that is complete now, in order."""
        self.arrived_at = self.decoder.tally.last_byte_at = self._now()
        messages = self.decoder.feed(data)
        if not self._greeted.done() and self.decoder.greeting is not None:
            self._greeted.set_result(self.decoder.greeting)
        for message in messages:
            self.handle_message(message)

    def handle_message(self, message: Message) -> None:
        """An answer goes to who asked, an event to the listener, an answer nobody waits for nowhere."""
        key = message.get("ActionID")
        action = self.responses.get(key) if key is not None else None
        if action is None:
            if "Event" in message and (key is None or not key.startswith(ID)):  # else an item of a list that was given up
                self._on_event(message, self.arrived_at)
            return
        pending = self._pending[str(key)]
        pending.room -= sum(map(len, message)) + sum(map(len, message.values())) + HEADER_COST * len(message)
        if pending.room < 0:
            self._give_up(str(key), AmiMalformed(f"{pending.action} was answered without end, more than {self._reply_cap:,} bytes"))
            return
        try:
            complete = action.add_message(_Answer(message))
        except KeyError:  # panoramisk#90: some wordings make it look for headers that an action need not have
            complete = True
        if complete:
            self._answer(str(key), tuple(action.responses))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody will answer any more."""
        self.closed = True
        self.lost = "the PBX closed the connection" if exc is None else f"the connection broke: {exc}"
        lost = AmiUnreachable(self.lost)
        self.responses.clear()
        for pending in self._pending.values():
            pending.deadline.cancel()
            _fail(pending.future, lost)
        self._pending.clear()
        _fail(self._greeted, lost)
        self._on_lost()

    def abort(self) -> None:
        """Drop the connection now, without waiting for a peer that may be frozen."""
        self.transport.abort()

    async def greeted(self, deadline_s: float) -> str:
        """The version in the greeting; AmiMalformed when somebody else lives there."""
        try:
            async with asyncio.timeout(deadline_s):
                greeting = await asyncio.shield(self._greeted)
        except TimeoutError:
            raise AmiUnreachable(f"connected, but no greeting within {deadline_s:g} s: is this the AMI port?") from None
        if not greeting.startswith(GREETING):
            raise AmiMalformed(f"answered {greeting[:40]!r} instead of {GREETING!r}: this is not an AMI port")
        return greeting.removeprefix(GREETING).strip()

    def ask(
        self,
        action: str,
        deadline_s: float,
        headers: Mapping[str, str] = MappingProxyType({}),
        then: Callable[[Reply], None] | None = None,
    ) -> asyncio.Future[Reply]:
        """Send one action, the only way anything is ever sent. `then` sees the reply at its place among the events.

        The future fails with AmiUnreachable when no (complete) answer comes before the deadline or the connection is lost, and with
        AmiMalformed when the answer has no end.
        """
        if action not in self._allowed:
            raise ValueError(f"{action} is not among the actions Floorwatch may send")
        for name, value in headers.items():
            if "\r" in value or "\n" in value:
                raise AmiMalformed(f"{action}: {name} holds a line break; AMI has no way to quote one")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_retrieve)
        if self.closed or self.transport.is_closing():
            _fail(future, AmiUnreachable("the connection is closed"))
            return future
        self._last_id += 1
        key = f"{ID}{self._last_id}"
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(deadline_s, self._overdue, key, deadline_s, loop.time() + deadline_s)
        self._pending[key] = _Pending(action, future, self._now(), self._reply_cap, then, deadline)
        self.send({"Action": action, "ActionID": key, **headers}, as_list=None)  # type: ignore[no-untyped-call]
        return future

    def _overdue(self, key: str, deadline_s: float, due: float) -> None:
        """No answer in time; unless we stood still ourselves, and it may wait among what we have not read yet."""
        loop, pending = asyncio.get_running_loop(), self._pending[key]
        if loop.time() > due + STOOD_S:
            pending.deadline = loop.call_later(deadline_s, self._overdue, key, deadline_s, loop.time() + deadline_s)
        else:
            self._give_up(key, AmiUnreachable(f"{pending.action} was not answered within {deadline_s:g} s"))

    def _give_up(self, key: str, error: AmiError) -> None:
        self.responses.pop(key, None)
        pending = self._pending.pop(key)
        pending.deadline.cancel()
        _fail(pending.future, error)

    def _answer(self, key: str, messages: tuple[Any, ...]) -> None:
        self.responses.pop(key, None)
        pending = self._pending.pop(key)
        pending.deadline.cancel()
        reply = Reply(messages, pending.sent_at, self.arrived_at)
        if pending.then is not None:
            pending.then(reply)
        if not pending.future.done():
            pending.future.set_result(reply)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _retrieve(future: asyncio.Future[Any]) -> None:
    """Nobody has to wait for an answer: an error nobody fetched is no news."""
    if not future.cancelled():
        future.exception()
