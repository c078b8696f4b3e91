"""A PBX that is away, frozen, restarted, or no PBX at all: the client stays, says so once, and tells the truth."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.sources.ami.protocol import REPLY_CAP
from monitor.sources.ami.stats import LinkState
from tests.sources.fake_ami import SECRET, WIRE, Headers, Pbx, Session, event, member
from tests.sources.test_client import hold, holds
from tests.sources.watching import HURRY, STERN, Watching, now, until, watching


@contextlib.asynccontextmanager
async def listener(behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A port where somebody else lives."""
    lines: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        with contextlib.suppress(ConnectionError):
            await behave(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for _ in range(3):  # one may be accepted and not be here yet
            for line in lines:
                line.transport.abort()
            await asyncio.sleep(0)
        await server.wait_closed()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def problem(it: Watching) -> str:
    assert it.stats.problem is not None
    return it.stats.problem


# --- no session -------------------------------------------------------------------------------------------------------------------


async def test_a_wrong_password_is_slow_visible_and_gets_right() -> None:
    pbx = Pbx(password="another")
    with capture_logs() as logs:
        async with watching(pbx, pace=replace(HURRY, refused_first_s=0.1, refused_longest_s=0.1)) as it:
            await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
            assert problem(it).startswith("refused user 'floorwatch': Authentication failed; check username and secret")
            assert (it.stats.up, it.stats.connected, it.stats.connects) == (False, False, 0)
            await asyncio.sleep(0.03)
            assert len(pbx.actions("Login")) == 1  # the other pauses are far shorter
            await until(lambda: len(pbx.actions("Login")) == 2)
            pbx.password = SECRET
            await it.live()
            assert it.stats.problem is None
            assert it.inbox.losses == []
    levels = [(entry["log_level"], entry["event"]) for entry in logs if "AMI link" in entry["event"]]
    assert levels == [("warning", "no AMI link"), ("debug", "no AMI link"), ("info", "AMI link up")]
    assert not any(SECRET in str(entry) for entry in logs)
    assert not any(SECRET in value for action in WIRE for value in action.values())


async def test_nobody_listens_and_then_somebody_does() -> None:
    port = free_port()
    pbx = Pbx()
    with capture_logs() as logs:
        async with watching(pbx, port=port) as it:
            await until(lambda: it.stats.state is LinkState.UNREACHABLE)
            assert problem(it) == f"cannot connect to 127.0.0.1:{port}: Connection refused; is Asterisk running with manager.conf enabled = yes?"
            await asyncio.sleep(0.05)
            assert it.inbox.events == []
            async with pbx.listening(port):
                await it.live()
    assert [entry["log_level"] for entry in logs if entry["event"] == "no AMI link"][:2] == ["warning", "debug"]


@pytest.mark.parametrize("host", ["pbx..example", f"{'a' * 64}.example", "."])
async def test_a_name_no_resolver_can_be_asked_for_is_a_pbx_that_is_away(host: str) -> None:
    async with watching(Pbx(), host=host) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert f"cannot connect to {host}:" in problem(it)
        assert "nobody knows this name; correct host" in problem(it)


async def test_somebody_accepts_and_says_nothing() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listener(silent) as port, watching(Pbx(), port=port, pace=STERN) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert problem(it) == "connected, but no greeting within 0.05 s: is this the AMI port?"
        assert not it.stats.up


async def test_somebody_greets_and_then_says_nothing() -> None:
    async with watching(Pbx(answers={"Challenge": lambda session, action: None}), pace=STERN) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert problem(it) == "Challenge was not answered within 0.05 s"


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"\x00\xff\x16\x03" * 100, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_somebody_else_lives_there_and_hears_no_login(greeting: bytes) -> None:
    heard: list[bytes] = []

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        heard.append(await reader.read())

    async with listener(other) as port, watching(Pbx(), port=port) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert "this is not an AMI port" in problem(it)
        await until(lambda: heard)
        assert set(heard) == {b""}


async def test_a_pbx_that_knows_no_md5_gets_no_secret() -> None:
    pbx = Pbx(answers={"Challenge": lambda session, action: session.respond(action, "Error", Message="Must specify AuthType")})
    async with watching(pbx) as it:
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        assert problem(it) == "refused an MD5 challenge: Must specify AuthType"
    assert pbx.actions("Login") == []


LOCALHOST = Path(__file__).parent / "localhost.pem"  # a key and its self-signed certificate until 2126, made for this test alone


async def test_tls_carries_everything_and_a_stranger_s_certificate_ends_it() -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(LOCALHOST)
    pbx = Pbx(queues={"bank": [member("bank", f"PJSIP/{number}") for number in range(500)]})
    async with pbx.listening(tls=served) as port:
        async with watching(pbx, port=port, tls=ssl.create_default_context(cafile=str(LOCALHOST))) as it:
            await it.live()
            assert len(it.inbox.snapshots[0].members) == 500
            pbx.live.send(b"".join(hold(number) for number in range(1000)))
            await it.heard(ev.HoldPressed, 1000)
        async with watching(pbx, port=port, tls=ssl.create_default_context()) as it:
            await until(lambda: it.stats.state is LinkState.UNREACHABLE)
            assert problem(it) == f"no TLS with 127.0.0.1:{port}: CERTIFICATE_VERIFY_FAILED; check tls_ca, and host against the name in the certificate"


# --- bytes that are not as they should be -----------------------------------------------------------------------------------------


async def test_garbage_in_a_session_is_counted_and_the_session_goes_on() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        it.pbx.live.send(b"\x00\x01\xfe\xff no AMI at all\r\n\r\n" + event("Hold") + event("AgentCalled", Queue="bank") + hold(1))
        await it.heard(ev.HoldPressed)
        assert holds(it.inbox.events) == ["9.1"]
        assert it.stats.malformed == 3
        assert (it.stats.up, it.stats.connects) == (True, 1)


async def test_a_hundred_megabyte_line_is_sat_out() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        writer = it.pbx.live.writer
        writer.write(b"Event: Newchannel\r\nCallerIDName: ")
        block = b"A" * (1 << 20)
        for _ in range(100):
            writer.write(block)
            await writer.drain()
        writer.write(b"\r\n\r\n" + hold(1))
        await it.heard(ev.HoldPressed)
        assert (it.stats.malformed, it.stats.connects, it.stats.up) == (1, 1, True)


async def test_a_letter_cut_in_half_by_the_network_is_whole() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        seen = event("QueueMemberAdded", **member("other", "PJSIP/7"), Interface="PJSIP/7", MemberName="Олена Ґудзь")
        middle = seen.index("Ґ".encode()) + 1
        for part in (seen[:middle], seen[middle:]):
            it.pbx.live.send(part)
            await asyncio.sleep(0.01)
        await it.heard(ev.MemberSeen)
        assert it.inbox.of(ev.MemberSeen)[0].member == "Олена Ґудзь"


# --- a session that ends ----------------------------------------------------------------------------------------------------------


async def test_a_frozen_pbx_is_found_by_its_ping_and_lost_since_its_last_byte() -> None:
    async with watching(Pbx(clock=now), ping_seconds=0.02, ping_deadline_seconds=0.1) as it:
        await it.live()
        it.pbx.live.send(hold(1))
        await until(lambda: len(it.pbx.actions("Ping")) > 2)
        it.pbx.live.frozen = True
        frozen_at = now()
        await it.live(2)
        (lost,) = it.inbox.losses
        assert it.inbox.of(ev.HoldPressed)[0].at <= lost.at <= frozen_at + SECOND // 100
        assert it.inbox.snapshots[1].at - lost.at >= SECOND // 10
        assert not it.inbox.snapshots[1].restarted
        assert it.stats.connects == len(it.pbx.sessions) == 2
        assert it.pbx.sessions[0].gone.is_set()


async def test_while_the_pbx_is_away_the_gap_has_a_beginning_and_the_last_byte_an_age() -> None:
    pbx = Pbx()
    async with watching(pbx) as it:
        assert it.stats.gap_since is not None
        await it.live()
        pbx.password = "another"
        pbx.live.hang_up()
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        assert it.stats.gap_since == it.inbox.losses[0].at
        assert it.stats.last_byte_at is not None
        assert it.stats.last_byte_at >= it.stats.gap_since


async def test_a_drop_in_mid_message_tells_nothing_of_it_and_is_no_restart() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        it.pbx.live.send(hold(1) + hold(2)[:-20])
        await it.heard(ev.HoldPressed)
        it.pbx.live.hang_up()
        await it.live(2)
        it.pbx.live.send(hold(3))
        await it.heard(ev.HoldPressed, 2)
        kinds = [type(each) for each in it.inbox.events]
        assert kinds == [ev.SnapshotTaken, ev.HoldPressed, ev.LinkLost, ev.SnapshotTaken, ev.HoldPressed]
        assert holds(it.inbox.events) == ["9.1", "9.3"]
        assert not it.inbox.snapshots[1].restarted
        assert (it.stats.connects, it.stats.restarts, it.stats.malformed) == (2, 0, 0)
        times = [each.at for each in it.inbox.events]
        assert times == sorted(times)


async def test_another_startup_time_is_a_restart_and_the_same_is_none() -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with watching(pbx) as it:
            await it.live()
            pbx.startup["CoreStartupTime"] = "16:00:00"
            pbx.live.send(event("Shutdown", Shutdown="Cleanly", Restart="True"))
            pbx.live.writer.close()
            await it.live(2)
            pbx.live.hang_up()
            await it.live(3)
            assert [each.restarted for each in it.inbox.snapshots] == [False, True, False]
            assert it.stats.restarts == 1
    said = [entry["problem"] for entry in logs if entry["event"] == "AMI link lost"]
    assert said[0] == "the PBX is shutting down"
    assert said[1].startswith(("the PBX closed the connection", "the connection broke"))


@pytest.mark.parametrize(("uptime", "restarted"), [("0", True), ("3600", False)])
async def test_without_a_startup_time_an_uptime_shorter_than_the_gap_is_a_restart(uptime: str, restarted: bool) -> None:
    pbx = Pbx(startup={"CoreCurrentCalls": "0"})
    moved = [0]
    async with watching(pbx, clock=lambda: now() + moved[0]) as it:
        await it.live()
        pbx.booted = event("FullyBooted", Uptime=uptime)
        pbx.password = "another"
        pbx.live.hang_up()
        await it.heard(ev.LinkLost)
        moved[0] = 60 * SECOND  # the gap
        pbx.password = SECRET
        await it.live(2)
        assert it.inbox.snapshots[1].restarted is restarted


async def test_a_list_that_never_completes_ends_the_session() -> None:
    pbx = Pbx()

    def endless(session: Session, action: Headers) -> None:
        session.respond(action, EventList="start", Message="Queue status will follow")
        session.item(action, "QueueParams", {"Queue": "bank", "Strategy": "ringall"})

    pbx.answers["QueueStatus"] = endless
    async with watching(pbx, pace=replace(HURRY, list_s=0.1)) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert problem(it) == "QueueStatus was not answered within 0.1 s"
        assert it.inbox.events == []
        del pbx.answers["QueueStatus"]
        await it.live()
        assert it.inbox.losses == []


async def test_a_list_without_end_ends_the_session_long_before_its_deadline() -> None:
    pbx = Pbx()

    def endless(session: Session, action: Headers) -> None:
        session.respond(action, EventList="start", Message="Queue status will follow")
        for _ in range(120):
            session.item(action, "QueueMember", member("bank", "PJSIP/" + "7" * 100_000))

    pbx.answers["QueueStatus"] = endless
    async with watching(pbx) as it:
        await until(lambda: it.stats.state is LinkState.UNREACHABLE)
        assert problem(it) == f"QueueStatus was answered without end, more than {REPLY_CAP:,} bytes"
        del pbx.answers["QueueStatus"]
        await it.live()


async def test_a_reconciliation_that_never_completes_loses_the_link() -> None:
    pbx = Pbx()
    async with watching(pbx, pace=replace(HURRY, list_s=0.1)) as it:
        await it.live()
        pbx.answers["QueueStatus"] = lambda session, action: None
        pbx.live.send(event("Reload"))
        await it.heard(ev.LinkLost)
        pbx.answers.clear()
        await it.live(2)
        assert [type(each) for each in it.inbox.events] == [ev.SnapshotTaken, ev.LinkLost, ev.SnapshotTaken]


async def test_a_list_that_is_overdue_is_not_up_and_what_is_told_meanwhile_is_heard() -> None:
    pbx = Pbx()
    asked: list[tuple[Session, Headers]] = []
    with capture_logs() as logs:
        async with watching(pbx, ping_seconds=0.02, ping_deadline_seconds=0.5) as it:
            await it.live()
            pbx.answers["QueueStatus"] = lambda session, action: asked.append((session, action))
            pbx.live.send(event("Reload"))
            await until(lambda: it.stats.state is LinkState.MUTE)
            assert (it.stats.up, it.stats.connected) == (False, True)
            assert problem(it) == "QueueStatus was not answered within 1 s"
            pings = len(pbx.actions("Ping"))
            pbx.live.send(hold(1))
            await it.heard(ev.HoldPressed)
            await until(lambda: len(pbx.actions("Ping")) > pings + 3)  # those it answers
            pbx.answers.clear()
            for session, action in asked:
                Session._queuestatus(session, action)
            await until(lambda: it.stats.up)
            assert it.stats.problem is None
            assert [type(each) for each in it.inbox.events] == [ev.SnapshotTaken, ev.HoldPressed, ev.SnapshotTaken]
            assert (it.inbox.losses, it.stats.connects, len(asked)) == ([], 1, 1)
    said = [(entry["log_level"], entry["event"]) for entry in logs if entry["event"].startswith("AMI answers")]
    assert said == [("warning", "AMI answers in part"), ("info", "AMI answers again")]


async def test_a_password_that_is_changed_and_changed_back_is_one_gap() -> None:
    pbx = Pbx()
    async with watching(pbx, pace=replace(HURRY, refused_first_s=0.1, refused_longest_s=0.2)) as it:
        await it.live()
        pbx.password = "another"
        pbx.live.hang_up()
        await until(lambda: len(pbx.actions("Login")) == 4 and it.stats.state is LinkState.LOGIN_REFUSED)
        pbx.password = SECRET
        await it.live(2)
        assert [type(each) for each in it.inbox.events] == [ev.SnapshotTaken, ev.LinkLost, ev.SnapshotTaken]
        assert it.stats.connects == 2


async def test_a_session_that_dies_during_its_snapshot_was_never_seen() -> None:
    pbx = Pbx()
    dying = [True, True]

    def die(session: Session, action: Headers) -> None:
        if dying:
            dying.pop()
            session.hang_up()
        else:
            Session._coreshowchannels(session, action)

    pbx.answers["CoreShowChannels"] = die
    async with watching(pbx) as it:
        await it.live()
        assert [type(each) for each in it.inbox.events] == [ev.SnapshotTaken]
        assert it.stats.connects == 3


async def test_retries_are_paced_and_no_session_is_left_over() -> None:
    pbx = Pbx()
    async with watching(pbx, pace=replace(HURRY, retry_first_s=0.08, retry_longest_s=0.08)) as it:
        await it.live()
        before = asyncio.get_running_loop().time()
        pbx.live.hang_up()
        await it.live(2)
        assert asyncio.get_running_loop().time() - before >= 0.06  # three quarters of the pause
        assert len(pbx.sessions) == 2
        tasks = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("ami")]
        assert sorted(tasks) == ["ami p", "ami p end", "ami p ping", "ami p see"]
