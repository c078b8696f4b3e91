"""One session with a broker: how it begins, what is wrong when it does not, and that nothing of it is left behind.

aiomqtt works in the event loop but for the connecting, which it does in a thread: that cannot be cancelled, so whoever is cancelled meanwhile leaves it to
itself, and it is dropped once it is through. A client is never used twice. Commands are acknowledged by whoever has taken them, not as they arrive: what
a broker has handed to a process that was killed it hands to the next. Owns that, and every word about a broker that is away or says no. Refuses retrying
(`client`) and payloads. Next: `client`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Never, cast

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from monitor.errors import BrokerAway, BrokerRefused

SESSION_S: Final = 24 * 3600  # the broker keeps commands for us when we are away
AT_ONCE: Final = 65_535  # commands that it may hand us before one is acknowledged: a flood is for us to drop, and to count
LARGEST: Final = 16 << 20  # bytes of a packet; the broker keeps larger ones to itself
IN_FLIGHT: Final = 20  # payloads of ours that wait to be acknowledged at once

_QUIET = logging.getLogger("monitor.outputs.mqtt.paho")
_QUIET.disabled = True  # every complaint of theirs is one of ours

_TAKEN_OVER, _SHUT_DOWN, _SILENT = 142, 139, 141
_NO_PROTOCOL = (1, 132)
_NO_ID = (2, 133)
_NO_ENTRY = (4, 5, 134, 135, 138)


@dataclass(frozen=True, slots=True)
class MqttLink:
    """`[mqtt]` as the client needs it."""

    host: str
    port: int
    client_id: str
    prefix: str = "floorwatch"
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    keepalive_s: int = 30
    money: bool = False

    @property
    def where(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _Line(ssl.SSLSocket):
    """A line that is closed when no TLS comes about on it: paho forgets it."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class Heard:
    """A command as it came: `acknowledge` it once it is taken."""

    __slots__ = ("_mid", "correlation", "link", "payload", "qos", "response", "retained", "topic")

    def __init__(self, link: Connection, message: MQTTMessage) -> None:
        self.link = link
        self._mid = message.mid
        self.topic = message.topic
        self.payload = bytes(message.payload)
        self.qos = message.qos
        self.retained = message.retain
        self.response: str = getattr(message.properties, "ResponseTopic", "") or ""
        self.correlation: bytes | None = getattr(message.properties, "CorrelationData", None)

    def acknowledge(self) -> None:
        """The broker need not hand it to us again."""
        self.link.acknowledge(self._mid, self.qos)


def properties(kind: int, **given: object) -> Properties:
    """MQTT 5's properties of a packet; None is left out."""
    made = Properties(kind)  # type: ignore[no-untyped-call]
    for name, value in given.items():
        if value is not None:
            setattr(made, name, value)
    return made


class Connection(aiomqtt.Client):
    """`hear` is handed what comes and says whether there is room for it; `resumed` is told, before anything comes, that the broker goes on with the session
    of before: what that handed us and we have not acknowledged comes again."""

    def __init__(
        self,
        link: MqttLink,
        will: aiomqtt.Will | None,
        hear: Callable[[Heard], bool],
        *,
        answer_s: float,
        clean: bool = False,
        resumed: Callable[[Connection], None] | None = None,
    ) -> None:
        if link.tls is not None:
            link.tls.sslsocket_class = _Line
        super().__init__(
            link.host,
            link.port,
            username=link.username or None,
            password=link.password or None,
            identifier=link.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=will,
            clean_start=clean,
            properties=properties(PacketTypes.CONNECT, SessionExpiryInterval=0 if clean else SESSION_S, ReceiveMaximum=AT_ONCE, MaximumPacketSize=LARGEST),
            tls_context=link.tls,
            keepalive=link.keepalive_s,
            timeout=answer_s,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # else an answer waits 40 ms for what was acknowledged before it
            logger=_QUIET,
        )
        self.denied = ""  # why the broker keeps what we publish from everybody
        self._link = link
        self._hear = hear
        self._resumed = resumed
        self._trouble: BaseException | None = None
        self._dropped = False
        self._thread = threading.get_ident()
        self._client.manual_ack_set(True)

    # --- the session ------------------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect and log in; BrokerAway says why not."""
        opening: asyncio.Future[object] = asyncio.ensure_future(self.__aenter__())
        over = cast("asyncio.Future[object]", self._disconnected)
        try:
            await asyncio.wait([opening, over], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            opening.add_done_callback(self._unwanted)
            raise
        if not opening.done():
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
        ended = over.exception() if over.done() else None  # even at once after it let us in, which aiomqtt forgets
        failed = None if opening.cancelled() else opening.exception()
        problem = self._trouble or ended or failed
        if problem is not None:
            self.drop()
            raise _away(self._link, problem)

    async def gone(self) -> Never:
        """Raise BrokerAway once the session is over."""
        await asyncio.wait([self._disconnected])
        raise _lost(self._link, self._disconnected.exception())

    @property
    def alive(self) -> bool:
        """Whether anything can be said still."""
        return not self._dropped and not self._disconnected.done()

    async def leave(self) -> None:
        """The polite end."""
        await self.__aexit__(None, None, None)

    def drop(self) -> None:
        """Hang up at once, whatever was to be said still. More often than once does no harm."""
        self._dropped = True
        line = self._client.socket()
        if self._misc_task is not None:
            self._misc_task.cancel()
        if line is not None and (number := line.fileno()) >= 0:
            self._loop.remove_reader(number)
            self._loop.remove_writer(number)
            line.close()
        for outcome in (self._connected, self._disconnected):
            if outcome.done() and not outcome.cancelled():
                outcome.exception()  # seen, or the loop complains

    def _unwanted(self, opening: asyncio.Future[Any]) -> None:
        if not opening.cancelled():
            opening.exception()
        self.drop()

    def _client_connect(self) -> None:
        """In aiomqtt's thread: its words of an error are too few for ours."""
        try:
            super()._client_connect()
        except Exception as error:
            self._trouble = error
            raise

    def _on_socket_register_write(self, client: PahoClient, _userdata: Any, line: socket.socket) -> None:  # noqa: ANN401 - as paho calls it
        """As aiomqtt does it, but for a line that is closed by the time the loop looks at it: its number may be another's then."""

        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # noqa: BLE001 - the line is broken
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def watch() -> None:
            if line.fileno() >= 0:
                self._loop.add_writer(line.fileno(), write)

        if threading.get_ident() == self._thread:
            watch()
        else:  # while it connects
            self._loop.call_soon_threadsafe(watch)

    # --- what is said -----------------------------------------------------------------------------------------------------------------

    async def say(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = True, expires_s: int | None = None, **more: object) -> None:
        """Publish, and return when the broker has it (with QoS 0: when it is sent). BrokerAway where that takes too long."""
        try:
            await self.publish(topic, payload, qos, retain, properties(PacketTypes.PUBLISH, MessageExpiryInterval=expires_s, **more))
        except aiomqtt.MqttError as error:
            raise _lost(self._link, self._disconnected.exception() if self._disconnected.done() else error) from None

    async def say_all(self, payloads: Iterable[tuple[str, bytes]], expires_s: int) -> None:
        """Publish all of these for whoever subscribes later, some at once."""
        due = list(payloads)
        for first in range(0, len(due), IN_FLIGHT):
            part = due[first : first + IN_FLIGHT]
            done = await asyncio.gather(*(self.say(topic, text, expires_s=expires_s if text else None) for topic, text in part), return_exceptions=True)
            for one in done:
                if isinstance(one, BaseException):
                    raise one

    # --- what is heard ----------------------------------------------------------------------------------------------------------------

    async def listen(self, filters: Iterable[str]) -> list[str]:
        """Subscribe; the filters that the broker denies us."""
        wanted = list(filters)
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        try:
            codes = await self.subscribe([(one, options) for one in wanted])
        except aiomqtt.MqttError as error:
            raise _lost(self._link, error) from None
        return [one for one, code in zip(wanted, codes, strict=False) if isinstance(code, ReasonCode) and code.is_failure]

    def acknowledge(self, mid: int, qos: int) -> None:
        """Only what came by this session, while it lasts."""
        if qos and self.alive:
            self._client.ack(mid, qos)

    def _on_connect(self, client: PahoClient, userdata: Any, flags: ConnectFlags, reason_code: ReasonCode, properties: Properties | None = None) -> None:  # noqa: ANN401
        if flags.session_present and self._resumed is not None and not self._connected.done():
            self._resumed(self)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_message(self, _client: PahoClient, _userdata: Any, message: MQTTMessage) -> None:  # noqa: ANN401 - as paho calls it
        try:
            heard = Heard(self, message)
        except UnicodeDecodeError:  # a topic that is no text
            self.acknowledge(message.mid, message.qos)
            return
        if not self._hear(heard):
            heard.acknowledge()

    def _on_disconnect(self, client: PahoClient, userdata: Any, flags: DisconnectFlags, reason_code: ReasonCode, properties: Properties | None = None) -> None:  # noqa: ANN401
        if not self._connected.done():  # aiomqtt would wait on for an answer
            self._connected.set_exception(aiomqtt.exceptions.MqttCodeError(reason_code))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(self, client: PahoClient, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties) -> None:  # noqa: ANN401
        if reason_code.is_failure:
            self.denied = str(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)


# --- in words -----------------------------------------------------------------------------------------------------------------------------


def _away(link: MqttLink, error: BaseException) -> BrokerAway:
    """Why there is no session."""
    where = link.where
    if isinstance(error, aiomqtt.exceptions.MqttConnectError):
        return _refused(link, error)
    if isinstance(error, aiomqtt.exceptions.MqttCodeError):
        if isinstance(error.rc, ReasonCode) and error.rc.value in (_TAKEN_OVER, _SHUT_DOWN, _SILENT):
            return _lost(link, error)
        return BrokerAway(f"{where}: it hangs up before it says anything; its log says why: TLS or a certificate may be wanted, or not spoken there")
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        return BrokerAway(f"{where}: its certificate is not trusted: {why}; check tls_ca, and the host in url against the name in the certificate")
    if isinstance(error, ssl.SSLError):
        return BrokerAway(f"{where}: no TLS: {error.reason or error}; mqtts:// is for a listener with TLS, which may want a tls_certificate")
    if isinstance(error, TimeoutError):
        return BrokerAway(f"{where}: no connection in time; see whether a firewall lets us through")
    if isinstance(error, socket.gaierror | UnicodeError):
        return BrokerAway(f"{where}: nobody knows this name; correct the host in url, or write its address")
    if isinstance(error, OSError):
        why = os.strerror(error.errno) if error.errno else str(error)
        return BrokerAway(f"{where}: cannot connect: {why}; is the broker running, and does it listen there?")
    return BrokerAway(f"{where}: it takes a connection and says nothing; is that an MQTT broker, and is TLS spoken there?")


def _refused(link: MqttLink, error: aiomqtt.exceptions.MqttCodeError) -> BrokerAway:
    code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
    said = f"{error.rc}" if isinstance(error.rc, ReasonCode) else "it refuses"
    if code in _NO_ENTRY:
        return BrokerRefused(f"{link.where}: {said}; check username and its password in [mqtt], and what the broker lets it do")
    if code in _NO_PROTOCOL:
        return BrokerRefused(f"{link.where}: {said}; it has to speak MQTT 5")
    if code in _NO_ID:
        return BrokerRefused(f"{link.where}: {said}; give another client_id in [mqtt]")
    return BrokerRefused(f"{link.where}: {said}; its log says more")


def _lost(link: MqttLink, error: BaseException | None) -> BrokerAway:
    """Why a session is over."""
    code = error.rc if isinstance(error, aiomqtt.exceptions.MqttCodeError) else None
    number = code.value if isinstance(code, ReasonCode) else code
    if number == _TAKEN_OVER:
        return BrokerAway(f"{link.where}: another client has come as {link.client_id!r}; give each daemon a client_id of its own in [mqtt]")
    if number == _SHUT_DOWN:
        return BrokerAway(f"{link.where}: it shuts down; start it again")
    if number == _SILENT or (error is not None and code is None):
        return BrokerAway(f"{link.where}: it takes nothing and says nothing; look at its load, and at the network to it")
    return BrokerAway(f"{link.where}: the connection broke; its log says why: it was stopped, or another client has come as {link.client_id!r}")


async def probe(link: MqttLink, answer_s: float = 10.0) -> None:
    """Log in once, as nobody anybody knows, and leave; BrokerAway says why not."""
    connection = Connection(replace(link, client_id=f"{link.client_id}-check"), None, lambda _: True, answer_s=answer_s, clean=True)
    await connection.open()
    try:
        await connection.leave()
    except aiomqtt.MqttError:
        pass  # it let us in: that is what was asked
    finally:
        connection.drop()
