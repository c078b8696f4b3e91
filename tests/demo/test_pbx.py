"""The simulated PBX on a real socket, with the daemon's own client and with clients nobody would want."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.demo.manager import Account
from monitor.demo.pbx import Pbx
from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec
from monitor.demo.switch.switch import Switch
from monitor.errors import NotWritten, PortTaken
from monitor.sources.ami.stats import LinkState
from tests.demo.afternoon import Script
from tests.sources.fake_ami import Pbx as Nobody
from tests.sources.watching import PATIENCE_S, now, until, watching

SECRET = "not-for-the-wire"
BANK = ("queue", "bank", "rt", "60")


class Shop:
    """A simulation that does what the test says: a switch and its script."""

    def __init__(self, at: int) -> None:
        self.people = Script()
        self.listener: Callable[[int, Message], None] = lambda *_: None
        self.log: Callable[[str], None] = lambda _: None
        members = [MemberSpec("bank", f"PJSIP/{n}", f"Олена {n}") for n in (1, 2)]
        self.switch = Switch([QueueSpec("bank")], members, ["PJSIP/1", "PJSIP/2"], ["trunk"], at, self.people, self._publish, self._write)
        self.deeds: list[Callable[[int], object]] = []

    def _publish(self, at: int, message: Message) -> None:
        self.listener(at, message)

    def _write(self, row: str) -> None:
        self.log(row)

    def next_due(self) -> int | None:
        return self.switch.next_due()

    def advance(self, at: int) -> None:
        self.switch.advance(at)
        deeds, self.deeds = self.deeds, []
        for deed in deeds:
            deed(at)


@dataclass
class Time:
    """Simulated time: the wall's, and what a test adds."""

    ahead: int = 0

    def now(self) -> int:
        return now() + self.ahead


@contextlib.asynccontextmanager
async def serving(time: Time | None = None, *, queue_log: Path | None = None, account: Account | None = None, unread: int = 4 << 20) -> AsyncIterator[Pbx]:
    time = time or Time()
    pbx = Pbx(Shop(time.now()), username="floorwatch", secret=SECRET, now=time.now, queue_log=queue_log, account=account, unread=unread)
    await pbx.start()
    try:
        yield pbx
    finally:
        await pbx.stop()


def shop(pbx: Pbx) -> Shop:
    assert isinstance(pbx.simulation, Shop)
    return pbx.simulation


@dataclass
class Client:
    """A client made of bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[dict[str, str]] = field(default_factory=list)

    def send(self, **headers: str) -> None:
        self.writer.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")

    async def hear(self) -> dict[str, str]:
        async with asyncio.timeout(PATIENCE_S):
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        return dict(line.split(": ", 1) for line in text.split("\r\n") if line)

    async def until(self, event: str) -> dict[str, str]:
        while True:
            message = await self.hear()
            self.heard.append(message)
            if message.get("Event") == event:
                return message

    async def end(self) -> bytes:
        """Everything until the PBX hangs up."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


@contextlib.asynccontextmanager
async def client(pbx: Pbx, **login: str) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", pbx.port, limit=1 << 22)
    try:
        it = Client(reader, writer)
        if login or not pbx.faults.frozen(pbx.now()):
            async with asyncio.timeout(PATIENCE_S):
                assert await reader.readline() == b"Asterisk Call Manager/11.0.0\r\n"
        if login:
            it.send(Action="Login", ActionID="login", **login)
        yield it
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


PLAIN = {"Username": "floorwatch", "Secret": SECRET}


async def logged_in(it: Client) -> None:
    assert await it.hear() == {"Response": "Success", "ActionID": "login", "Message": "Authentication accepted"}


# --- the daemon's client ----------------------------------------------------------------------------------------------------------


async def test_the_client_sees_the_whole_state_and_follows() -> None:
    async with serving() as pbx:
        sim = shop(pbx)
        talking = sim.switch.incoming(pbx.now(), "380501234567", "Ірина", "700", [BANK])
        leg = sim.people.ringing["PJSIP/1"]
        sim.switch.answer(pbx.now(), leg)
        async with watching(Nobody(), port=pbx.port, clock=pbx.now) as it:
            await it.live()
            (snapshot,) = it.inbox.snapshots
            assert snapshot.strategies == {"bank": "rrmemory"}
            assert [row.interface for row in snapshot.members] == ["PJSIP/1", "PJSIP/2"]
            assert {row.call for row in snapshot.channels} == {talking, leg}
            assert [row.answered_at is not None for row in snapshot.channels if row.call == leg] == [True]
            assert it.stats.version == "22.10.1"
            sim.deeds.append(lambda at: sim.switch.incoming(at, "380501234568", "Іван", "700", [BANK]))
            await it.heard(ev.AgentRung)
            sim.deeds.append(lambda at: sim.switch.answer(at, sim.people.ringing["PJSIP/2"]))
            await it.heard(ev.AgentConnected)
            sim.deeds.append(lambda at: sim.switch.caller_hangs_up(at, talking))
            await it.heard(ev.AgentCompleted)
            (joined,) = it.inbox.of(ev.CallerJoined)
            assert abs(joined.at - pbx.now()) < 60 * SECOND
            assert (it.stats.malformed, it.stats.dropped, it.inbox.losses) == (0, 0, [])


async def test_the_client_reconnects_after_a_cut() -> None:
    async with serving() as pbx, watching(Nobody(), port=pbx.port, clock=pbx.now) as it:
        await it.live()
        shop(pbx).deeds.append(lambda _: pbx.cut())
        await it.live(2)
        assert (len(it.inbox.losses), it.inbox.snapshots[-1].restarted) == (1, False)


async def test_a_restart_is_told_and_seen() -> None:
    time = Time()
    async with serving(time) as pbx:
        old = shop(pbx).switch.incoming(pbx.now(), "1", "c", "700", [BANK])
        async with watching(Nobody(), port=pbx.port, clock=pbx.now) as it:
            await it.live()
            time.ahead = 5 * SECOND
            shop(pbx).deeds.append(lambda _: pbx.restart())
            await it.live(2)
            assert it.inbox.snapshots[-1].restarted
            assert it.inbox.snapshots[-1].channels == ()
            assert shop(pbx).people.heard[-2:] == ["stops PJSIP/1", "gone"]
            fresh = shop(pbx).switch.incoming(pbx.now(), "1", "c", "700", [BANK])
            assert (old.split(".")[1], fresh.split(".")[1]) == ("0", "0")
            assert old != fresh


async def test_a_refused_login_is_retried_and_one_day_works() -> None:
    time = Time()
    async with serving(time) as pbx:
        pbx.refuse_for(3600 * SECOND)
        async with watching(Nobody(), port=pbx.port, clock=pbx.now) as it:
            await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
            assert "Authentication failed" in (it.stats.problem or "")
            time.ahead = 3600 * SECOND
            await it.live()


async def test_nobody_listens_while_it_is_away() -> None:
    time = Time()
    async with serving(time) as pbx, watching(Nobody(), port=pbx.port, clock=pbx.now) as it:
        await it.live()
        pbx.away_for(3600 * SECOND)
        await until(lambda: it.inbox.losses and it.stats.state is LinkState.UNREACHABLE)
        time.ahead = 3600 * SECOND
        await it.live(2)


async def test_a_frozen_pbx_says_nothing_and_then_everything() -> None:
    time = Time()
    async with serving(time) as pbx, client(pbx, **PLAIN) as it:
        await it.until("FullyBooted")
        pbx.freeze_for(3600 * SECOND)
        it.send(Action="Ping", ActionID="late")
        shop(pbx).switch.incoming(pbx.now(), "1", "c", "700", [BANK])
        async with client(pbx) as other:
            for stream in (it.reader, other.reader):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await stream.readline()
            time.ahead = 3600 * SECOND
            async with asyncio.timeout(PATIENCE_S):
                assert (await other.reader.readline()).startswith(b"Asterisk Call Manager")
        await it.until("AgentCalled")
        while (await it.hear()).get("ActionID") != "late":
            pass


# --- the session ------------------------------------------------------------------------------------------------------------------


async def test_both_ways_to_log_in() -> None:
    async with serving() as pbx:
        async with client(pbx, **PLAIN) as it:
            await logged_in(it)
            booted = await it.hear()
            assert list(booted) == ["Event", "Privilege", "Uptime", "LastReload", "Status"]
        async with client(pbx) as it:
            it.send(Action="Challenge", AuthType="MD5")
            challenge = (await it.hear())["Challenge"]
            key = hashlib.md5((challenge + SECRET).encode(), usedforsecurity=False).hexdigest()
            it.send(Action="Login", AuthType="MD5", Username="floorwatch", Key=key)
            assert (await it.hear())["Message"] == "Authentication accepted"


@pytest.mark.parametrize(
    "login", [{"Username": "floorwatch", "Secret": "wrong"}, {"Username": "who", "Secret": SECRET}, {"AuthType": "MD5", "Username": "floorwatch", "Key": ""}]
)
async def test_a_wrong_secret_is_refused_and_hung_up_on(login: dict[str, str]) -> None:
    async with serving() as pbx, client(pbx, **login) as it:
        assert await it.end() == b"Response: Error\r\nActionID: login\r\nMessage: Authentication failed\r\n\r\n"


@pytest.mark.parametrize(
    ("mask", "heard"),
    [
        ("on", {"system", "call", "agent"}),
        ("agent", {"agent"}),
        ("call,system", {"call", "system"}),
        ("off", set()),
        ("nonsense", set()),
        ("system,call,agent,dialplan", {"system", "call", "agent"}),
    ],
)
async def test_the_mask(mask: str, heard: set[str]) -> None:
    async with serving() as pbx, client(pbx, **PLAIN, Events=mask) as it:
        await logged_in(it)
        sim = shop(pbx)
        sim.switch.incoming(pbx.now(), "1", "c", "700", [BANK])
        sim.listener(pbx.now(), {"Event": "Reload", "Privilege": "system,all", "Module": "All", "Status": "0"})
        await until(lambda: not pbx._events)
        it.send(Action="Logoff")
        said = (await it.end()).decode()
        assert {line.split(": ")[1].split(",")[0] for line in said.split("\r\n") if line.startswith("Privilege")} == heard


async def test_a_row_is_in_queue_log_before_its_event_is_read(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("1|NONE|NONE|NONE|QUEUESTART|\n", encoding="utf-8")
    async with serving(queue_log=path) as pbx, client(pbx, **PLAIN, Events="agent") as it:
        await logged_in(it)
        rows = ""
        for number in range(5):
            shop(pbx).switch.incoming(pbx.now(), str(number), "c", "700", [BANK])
            event = await it.until("QueueCallerJoin")
            rows = await asyncio.to_thread(path.read_text, encoding="utf-8")
            assert f"|{event['Uniqueid']}|bank|NONE|ENTERQUEUE||{number}|{event['Position']}\n" in rows
        assert rows.startswith("1|NONE|")


async def test_several_sessions_hear_the_same() -> None:
    async with serving() as pbx, client(pbx, **PLAIN) as one, client(pbx, **PLAIN) as two:
        for it in (one, two):
            await it.until("FullyBooted")
        shop(pbx).switch.incoming(pbx.now(), "1", "c", "700", [BANK])
        for it in (one, two):
            await it.until("DialState")
        assert one.heard[1:] == two.heard[1:]
        assert list(one.heard[-1])[:3] == ["Event", "Privilege", "Timestamp"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe" * 5000,
        b"\r\n" * 5000,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Action\r\n\r\n",
        b": \r\n\r\n",
        b"Action: " + b"x" * 100_000,
        b"A: b\r\n" * 500 + b"\r\n",
    ],
)
async def test_garbage_harms_nobody(garbage: bytes) -> None:
    async with serving() as pbx, client(pbx, **PLAIN) as good, client(pbx) as bad, client(pbx, **PLAIN) as worse:
        await good.until("FullyBooted")
        for it in (bad, worse):
            it.writer.write(garbage + b"\r\n\r\n")
            it.send(Action="Logoff")
            assert b"Thanks for all the fish" in await it.end()
        good.send(Action="Ping", ActionID="still here")
        assert (await good.hear())["Ping"] == "Pong"


async def test_who_does_not_read_is_cut_off_and_holds_up_nobody() -> None:
    async with serving(unread=100_000) as pbx, client(pbx, **PLAIN) as good, client(pbx, **PLAIN) as slow:
        await good.until("FullyBooted")
        slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
        event = {"Event": "Reload", "Privilege": "system,all", "Module": "x" * 1000, "Status": "0"}
        for number in range(100_000):
            shop(pbx).listener(pbx.now(), {**event, "Status": str(number)})
            if number % 50 == 0:
                while (await good.hear())["Status"] != str(number):
                    pass
            if pbx.cut_off:
                break
        assert (pbx.cut_off, len(pbx.sessions)) == (1, 1)


async def test_a_port_that_is_not_to_be_had_is_said_to_be_one(tmp_path: Path) -> None:
    async with serving() as other:
        pbx = Pbx(other.simulation, username="floorwatch", secret="s3cret", now=lambda: 0, port=other.port, queue_log=tmp_path / "queue_log")
        with pytest.raises(PortTaken, match=rf"^cannot listen on 127\.0\.0\.1:{other.port}: .*address already in use.*; the simulated PBX needs a port"):
            await pbx.start()
        await pbx.stop()
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_a_queue_log_that_is_nowhere(tmp_path: Path) -> None:
    async with serving() as other:
        pbx = Pbx(other.simulation, username="floorwatch", secret="s3cret", now=lambda: 0, queue_log=tmp_path / "none" / "queue_log")
        with pytest.raises(NotWritten, match=r"queue_log: cannot be written: No such file or directory; "):
            await pbx.start()
        await pbx.stop()


async def test_what_the_simulation_raises_is_raised_by_stop() -> None:
    pbx = Pbx(SimpleNamespace(switch=Shop(now()).switch, advance=lambda _: 1 // 0), username="u", secret="s", now=now)
    await pbx.start()
    assert pbx._task is not None
    await asyncio.wait([pbx._task])
    with pytest.raises(ZeroDivisionError):
        await pbx.stop()
