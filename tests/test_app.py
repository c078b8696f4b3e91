"""The daemon as a whole, in this process, on a PBX that misbehaves: it stays up, and `floorwatch_ami_up` tells the truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from monitor import app, config
from monitor.clock import Clock
from monitor.config import Config
from monitor.outputs.daemon import Simulation
from monitor.plan.plan import EMPTY
from monitor.resume import resume
from monitor.sources.ami.link import Pace
from monitor.sources.ami.stats import AmiStats
from monitor.sources.following import LogPace
from monitor.state import asides
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, channel_headers, event, member
from tests.sources.watching import HURRY, until

FILE = """
[[pbx]]
name = "pbx1"
port = {port}
username = "floorwatch"
secret_env = "AMI_SECRET"
ping_seconds = {ping}
ping_deadline_seconds = {deadline}
{keys}
[[group]]
name = "floor"
members = ["PJSIP/*"]
[[project]]
name = "bank-line"
client = "Bank"
group = "floor"
queues = ["bank"{more}]
[store]
url = "{store}"
[web]
listen = "127.0.0.1:0"
"""
LOG, NO_LOG = 'queue_log = "queue_log"', 'queue_log = ""'
PATIENCE_S = 8


class Daemon:
    """The daemon under test and its pages."""

    def __init__(self, daemon: app.Daemon, http: aiohttp.ClientSession) -> None:
        self.daemon = daemon
        self._http = http

    async def page(self, path: str) -> tuple[int, str]:
        async with self._http.get(self.daemon.web.url + path) as answer:
            return answer.status, await answer.text()

    async def value(self, series: str) -> float | None:
        """The value of one series, None when there is no such series."""
        _, text = await self.page("/metrics")
        return next((float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(series + " ")), None)

    async def becomes(self, series: str, wanted: float | None) -> None:
        """Wait until a series has a value, or is absent for None."""
        found: float | None = -1
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (found := await self.value(series)) != wanted:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"{series} is {found}, not {wanted}")


def loaded(folder: Path, port: int, more: str, deadline: float, keys: str = NO_LOG, store: str = "") -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(FILE.format(port=port, more=more, keys=keys, store=store, ping=deadline / 4, deadline=deadline))
    return config.load(file, {"AMI_SECRET": SECRET})


@asynccontextmanager
async def running(
    folder: Path,
    port: int,
    *,
    more: str = "",
    deadline: float = 20,
    pace: Pace | None = None,
    keys: str = NO_LOG,
    state: Path | None = None,
    store: str = "",
    plan: Path | None = None,
) -> AsyncIterator[Daemon]:
    configured = await asyncio.to_thread(loaded, folder, port, more, deadline, keys, store)
    if plan is not None:
        configured = replace(configured, plan_file=plan)
    resumed = None if state is None else await asyncio.to_thread(resume, state, configured.contract, EMPTY)
    daemon = app.Daemon(configured, EMPTY, pace, resumed=resumed, keep=True)
    stop = asyncio.Event()
    task = asyncio.create_task(daemon.run(stop))
    try:
        async with aiohttp.ClientSession() as http:
            while daemon.web.port == 0 and not task.done():
                await asyncio.sleep(0.01)
            yield Daemon(daemon, http)
            assert not task.done(), "the daemon has ended by itself"
    finally:
        stop.set()
        await task


UP = 'floorwatch_ami_up{pbx="pbx1"}'
LOG_UP = 'floorwatch_queue_log_up{pbx="pbx1"}'
WAITING = 'callcenter_calls_waiting{client="Bank",project="bank-line",pbx="pbx1",queue="bank"}'
ENTERED = 'callcenter_calls_entered_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank"}'


def joined(call: str = "1795448567.1") -> bytes:
    return event("QueueCallerJoin", **channel_headers(call, "PJSIP/trunk-00000001"), Queue="bank", Position="1", Count="1")


async def test_all_is_well(tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes(UP, 1)
        assert (await daemon.page("/-/ready"))[0] == 200
        assert await daemon.value(WAITING) == 0
        pbx.live.send(joined())
        await daemon.becomes(WAITING, 1)
        assert await daemon.value(ENTERED) == 1
        assert await daemon.value('callcenter_agents{group="floor",state="available"}') == 1


async def test_today_so_far_is_taken_from_queue_log_before_anything_is_seen(tmp_path: Path) -> None:
    now = int(time.time())
    noon = f"Etc/GMT{now % 86_400 // 3600 - 12:+d}"  # where it is about noon, so that a minute ago is today
    rows = (f"{now - 60}|7.1|bank|NONE|ENTERQUEUE||0445550101|1", f"{now - 20}|7.1|bank|NONE|ABANDON|1|1|40", f"{now - 86_400}|6.1|bank|NONE|ENTERQUEUE||0|1")
    (tmp_path / "queue_log").write_text("".join(f"{row}\n" for row in sorted(rows)), encoding="utf-8")
    pbx = Pbx(clock=lambda: time.time_ns() // 1000)
    keys = f'queue_log = "queue_log"\n[site]\ntimezone = "{noon}"'
    async with pbx.listening() as port, running(tmp_path, port, keys=keys) as daemon:
        await daemon.becomes(UP, 1)
        assert await daemon.value('floorwatch_healed_calls_total{pbx="pbx1"}') == await daemon.value(ENTERED) == 1
        assert await daemon.value('callcenter_contacts_abandoned_total{client="Bank",project="bank-line",direction="inbound"}') == 1
        pbx.live.send(joined())
        await daemon.becomes(WAITING, 1)
        assert await daemon.value(ENTERED) == 2


async def test_a_queue_log_that_cannot_be_read_is_one_warning_and_the_daemon_stays_up(tmp_path: Path) -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with pbx.listening() as port, running(tmp_path, port, keys='queue_log = "nowhere/queue_log"') as daemon:
            await daemon.becomes(UP, 1)
            assert await daemon.value(LOG_UP) == 0
            pbx.live.hang_up()
            await daemon.becomes(UP, 0)
            await daemon.becomes(UP, 1)
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning" and "queue_log" in entry["event"]]
    assert (warning["event"], warning["pbx"]) == ("queue_log is not followed", "pbx1")
    assert warning["effect"] == "as if it were not configured, until it is back"
    assert warning["problem"] == f"{tmp_path}/nowhere/queue_log: there is no such file; correct queue_log, or leave it empty"


FOUND = 'floorwatch_corrected_seconds_total{family="unobserved"}'
HEALED = 'floorwatch_healed_calls_total{pbx="pbx1"}'
UNSEEN = 'floorwatch_unobserved_seconds_total{pbx="pbx1"}'


async def blind_for(daemon: Daemon, pbx: Pbx, seconds: float) -> int:
    """The link is cut and comes back after so long; the second in which it was lost."""
    lost_s = int(time.time())
    pbx.password = "another"
    pbx.live.hang_up()
    await daemon.becomes(UP, 0)
    await asyncio.sleep(seconds)
    pbx.password = SECRET
    await daemon.becomes(UP, 1)
    return lost_s


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_rows_that_are_found_after_the_gap_was_given_up_correct_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarted: bool) -> None:
    monkeypatch.setattr("monitor.core.floor.GAP_COMMIT_US", 4_500_000)
    monkeypatch.setattr("monitor.finding.EVERY_S", 0.1)
    monkeypatch.setattr("monitor.sources.logwatch.LogPace", partial(LogPace, retry_s=0.05))
    state, pbx = tmp_path / "state", Pbx(clock=lambda: time.time_ns() // 1000)

    async def until_given_up(daemon: Daemon) -> None:
        async with asyncio.timeout(20):
            while await daemon.value(UNSEEN) == 0 or not await asyncio.to_thread(asides.found, state):
                await asyncio.sleep(0.05)

    with capture_logs() as logs:
        async with pbx.listening() as port:
            async with running(tmp_path, port, keys=LOG, state=state, pace=HURRY) as daemon:
                await daemon.becomes(UP, 1)
                lost_s = await blind_for(daemon, pbx, 3)
                await until_given_up(daemon)
                if not restarted:
                    await find(tmp_path, daemon, lost_s)
            if restarted:
                async with running(tmp_path, port, keys=LOG, state=state, pace=HURRY) as daemon:
                    await daemon.becomes(UP, 1)
                    await find(tmp_path, daemon, lost_s)
    (first, *_) = [entry for entry in logs if entry["event"] == "gap found in queue_log"]
    assert (first["log_level"], first["pbx"], first["calls"]) == ("info", "pbx1", 1)
    assert 3 <= first["seconds"] < 10


async def find(folder: Path, daemon: Daemon, lost_s: int) -> None:
    """Put the log there: in the gap one caller has come and gone."""
    assert await daemon.value(ENTERED) == await daemon.value(HEALED) == 0
    assert await daemon.value(FOUND) is None
    rows = (f"{lost_s - 60}|NONE|NONE|NONE|QUEUESTART|", f"{lost_s + 1}|7.1|bank|NONE|ENTERQUEUE||0445550101|1", f"{lost_s + 2}|7.1|bank|NONE|ABANDON|1|1|1")
    (folder / "queue_log").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    await daemon.becomes(LOG_UP, 1)
    await daemon.becomes(ENTERED, 1)
    assert await daemon.value(HEALED) == 1
    assert (await daemon.value(FOUND) or 0) >= 3
    assert await daemon.value('callcenter_contacts_short_abandoned_total{client="Bank",project="bank-line",direction="inbound"}') == 1


async def test_the_next_process_counts_on_and_knows_a_pbx_that_restarted_meanwhile(tmp_path: Path) -> None:
    """The first process is killed: nothing of it but its journal is left. Meanwhile the PBX restarts; the third time it does not."""
    counters = ('floorwatch_ami_connects_total{pbx="pbx1"}', 'floorwatch_pbx_restarts_total{pbx="pbx1"}', ENTERED)
    events, lag = 'floorwatch_ami_events_total{pbx="pbx1",event="QueueCallerJoin"}', "floorwatch_event_lag_seconds_count"
    pbx = Pbx()
    seen: list[list[float | None]] = []
    for startup in ("15:40:57", "15:59:59", "15:59:59"):
        pbx.startup["CoreStartupTime"] = startup
        async with pbx.listening() as port, running(tmp_path, port, state=tmp_path) as daemon:
            await daemon.becomes(UP, 1)
            call = channel_headers(f"1795448567.{len(seen) + 1}", "PJSIP/trunk-00000001")
            pbx.live.send(event("QueueCallerJoin", **call, Queue="bank", Position="1", Count="1", Timestamp="1795448567.479279"))
            await daemon.becomes(ENTERED, len(seen) + 1)
            assert await daemon.value('floorwatch_dropped_total{what="journal"}') == 0
            assert await daemon.value(events) == await daemon.value(lag) == len(seen) + 1
            seen.append([await daemon.value(counter) for counter in counters])
    assert seen == [[1, 0, 1], [2, 1, 2], [3, 1, 3]]


async def test_whether_queue_log_is_followed_is_told_where_there_is_one(tmp_path: Path) -> None:
    pbx = Pbx()
    (tmp_path / "queue_log").write_text(f"{int(time.time())}|7.1|bank|NONE|ENTERQUEUE||0445550101|1\n", encoding="utf-8")
    async with pbx.listening() as port, running(tmp_path, port, keys='queue_log = "queue_log"') as daemon:
        await daemon.becomes(LOG_UP, 1)
        await until(lambda: daemon.daemon.engine.floor.sides["pbx1"].log_up)
    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes(UP, 1)
        assert await daemon.value(LOG_UP) is None


REFUSED = 'callcenter_calls_refused_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank",reason="other"}'
CDR_UP = 'floorwatch_cdr_up{pbx="pbx1"}'


def came_and_went(call: str) -> bytes:
    """A caller's channel from its beginning to its end, without a word of a queue."""
    headers = channel_headers(call, f"PJSIP/trunk-{call}")
    return event("Newchannel", **headers | {"ChannelState": "4"}) + event("Hangup", **headers)


def record(call: str) -> str:
    times = '"2026-11-30 19:34:46","2026-11-30 19:34:46","2026-11-30 19:34:46",0,0'
    return f'"","9","s","inbound","x","PJSIP/trunk-{call}","","Queue","bank,t,,,20",{times},"ANSWERED","DOCUMENTATION","{call}"\n'


async def test_refused_calls_are_counted_once_whatever_the_daemon_goes_through(tmp_path: Path) -> None:
    pbx, master, keys = Pbx(), tmp_path / "Master.csv", f'{NO_LOG}\ncdr = "Master.csv"'
    lines = ""

    async def write(call: str) -> None:
        nonlocal lines
        lines += record(call)
        await asyncio.to_thread(master.write_text, lines, encoding="utf-8")

    await write("1796067000.1")
    for start in range(3):
        async with pbx.listening() as port, running(tmp_path, port, keys=keys, state=tmp_path / "state") as daemon:
            await daemon.becomes(UP, 1)
            await daemon.becomes(CDR_UP, 1)
            await daemon.becomes(REFUSED, 2 * start)
            for number in range(2):
                call = f"17960672{start}{number}.1"
                pbx.live.send(came_and_went(call))
                await write(call)
            await daemon.becomes(REFUSED, 2 * start + 2)
        await write(f"17960672{start}9.1")  # while nobody looks
    async with pbx.listening() as port, running(tmp_path, port, state=tmp_path / "state") as daemon:
        await daemon.becomes(UP, 1)
        await daemon.becomes(REFUSED, None)
        assert await daemon.value(CDR_UP) is None
        assert daemon.daemon.engine.floor.refusals.since("bank-line", 0) is None


DROPPED = 'floorwatch_dropped_total{what="event"}'


async def test_an_overflow_is_one_dropped_event_one_line_and_a_new_snapshot(tmp_path: Path) -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with pbx.listening() as port, running(tmp_path, port) as daemon:
            await daemon.becomes(UP, 1)
            assert await daemon.value(DROPPED) == 0
            daemon.daemon.engine._limit = 3
            holding = event("Hold", **channel_headers("1795448567.2", "PJSIP/2"))
            pbx.live.send(holding * 50)
            await daemon.becomes(DROPPED, 1)
            await daemon.becomes(UP, 1)
            assert daemon.daemon.clients["pbx1"].stats.snapshots == 2
            daemon.daemon.engine._limit = 0
            pbx.live.hang_up()
            await daemon.becomes(UP, 0)
            daemon.daemon.engine._limit = 100
            await daemon.becomes(UP, 1)
            assert await daemon.value(DROPPED) == 1
    assert [(entry["log_level"], entry["pbx"]) for entry in logs if entry["event"] == "events dropped"] == [("warning", "pbx1")]


def refuse(pbx: Pbx) -> None:
    pbx.password = "another"


def mute(pbx: Pbx) -> None:
    pbx.greeting = b""


def babble(pbx: Pbx) -> None:
    pbx.greeting = bytes(range(256)) * 40


def stay_dumb(pbx: Pbx) -> None:
    pbx.answers["CoreShowChannels"] = lambda _session, _action: None


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (refuse, "refused user 'floorwatch': Authentication failed"),
        (mute, "connected, but no greeting within"),
        (babble, "this is not an AMI port"),
        (stay_dumb, "CoreShowChannels was not answered within"),
    ],
)
async def test_a_pbx_that_never_gets_as_far_as_a_snapshot(spoil: Callable[[Pbx], None], problem: str, tmp_path: Path) -> None:
    pbx = Pbx()
    spoil(pbx)
    pace = replace(HURRY, greeting_s=0.3, list_s=0.3)
    with capture_logs() as logs:
        async with pbx.listening() as port, running(tmp_path, port, pace=pace) as daemon:
            async with asyncio.timeout(PATIENCE_S):
                while len(pbx.sessions) < 3:
                    assert await daemon.value(UP) == 0
                    assert await daemon.value(WAITING) is None
                    await asyncio.sleep(0.02)
            assert await daemon.value(ENTERED) == 0
            assert (await daemon.page("/-/healthy"))[0] == 200
            assert (await daemon.page("/-/ready"))[0] == 503
    lines = [entry for entry in logs if entry["event"] == "no AMI link"]
    assert [entry["log_level"] for entry in lines][:2] == ["warning", "debug"]
    assert all(problem in entry["problem"] for entry in lines)


async def test_a_made_up_floor_has_its_own_time_and_says_so(tmp_path: Path) -> None:
    settings = await asyncio.to_thread(loaded, tmp_path, 5038, "", 20)
    daemon = app.Daemon(settings, EMPTY, clock=Clock(lambda: 1_764_000_000 * 10**9, lambda: 0), simulation=Simulation(7, 10))
    await daemon.web.start()
    async with aiohttp.ClientSession() as http, http.get(daemon.web.url + "/api/v1/floor") as answer:
        told = await answer.json()
    await daemon.web.stop()
    assert (told["at"], told["simulation"]) == ("2025-11-24T16:00:00.000000Z", {"seed": 7, "speed": 10})


async def test_nobody_listens(tmp_path: Path, unused_tcp_port: int) -> None:
    async with running(tmp_path, unused_tcp_port) as daemon:
        await asyncio.sleep(0.2)
        assert await daemon.value(UP) == 0
        assert (await daemon.value('floorwatch_gap_seconds{pbx="pbx1"}') or 0) > 0


async def nonsense(session: Session) -> None:
    session.send(b"\x00\xff\xfe: \r\n: :\r\n\r\nno colon at all\r\n\r\n")


async def endless_line(session: Session) -> None:
    session.send(b"Event: QueueCallerJoin\r\nCallerIDName: ")
    for _ in range(100):
        session.send(b"x" * (1 << 20))
        await session.writer.drain()
    session.send(b"\r\n\r\n")


async def halved_letter(session: Session) -> None:
    data = event("QueueMemberStatus", **{k: v for k, v in member("bank", "PJSIP/1").items() if k != "Name"}, MemberName="Олена")
    cut = data.index("О".encode()) + 1
    session.send(data[:cut])
    await session.writer.drain()
    await asyncio.sleep(0.02)
    session.send(data[cut:])


async def half_an_event(session: Session) -> None:
    session.send(event("QueueCallerJoin", Queue="bank"))


async def stranger(session: Session) -> None:
    session.send(joined("1795448567.9").replace(b"Queue: bank", b"Queue: nobodys"))


@pytest.mark.parametrize("spoil", [nonsense, endless_line, halved_letter, half_an_event, stranger])
async def test_a_bad_stanza_is_survived(spoil: Callable[[Session], Awaitable[None]], tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes(UP, 1)
        await spoil(pbx.live)
        pbx.live.send(joined())
        await daemon.becomes(ENTERED, 1)
        assert await daemon.value(UP) == 1
        malformed = await daemon.value('floorwatch_ami_malformed_total{pbx="pbx1"}')
        assert (malformed or 0) > 0 or spoil in (halved_letter, stranger)
        unclaimed = await daemon.value('callcenter_unclaimed_calls_total{pbx="pbx1",queue="nobodys"}')
        assert unclaimed == (1 if spoil is stranger else None)


async def test_a_frozen_pbx_goes_down_and_comes_back(tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port, deadline=0.4) as daemon:
        await daemon.becomes(UP, 1)
        pbx.live.frozen = True
        await daemon.becomes(UP, 0)
        assert await daemon.value(WAITING) is None
        await daemon.becomes(UP, 1)
        assert await daemon.value(WAITING) == 0


async def test_a_queue_the_pbx_has_not(tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port, more=', "nowhere"') as daemon:
        await daemon.becomes(UP, 1)
        assert await daemon.value(WAITING) == 0
        assert await daemon.value(WAITING.replace('"bank"', '"nowhere"')) is None


async def test_a_member_of_no_group_is_an_anomaly(tmp_path: Path) -> None:
    pbx = Pbx(queues={"bank": [member("bank", "SIP/1"), member("bank", "PJSIP/2")]})
    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes('floorwatch_anomalies_total{kind="member_without_group"}', 1)
        assert await daemon.value('callcenter_agents{group="floor",state="available"}') == 1


async def test_the_reason_of_an_exit_is_asked_at_once(tmp_path: Path) -> None:
    pbx = Pbx()
    caller = channel_headers("1795448567.1", "PJSIP/trunk-00000001")
    pbx.channels.append({**caller, "Application": "Queue", "ApplicationData": "bank", "BridgeId": "", "Duration": "00:00:01"})
    pbx.variables["PJSIP/trunk-00000001", "QUEUESTATUS"] = "TIMEOUT"

    def raised(name: str, **more: str) -> bytes:
        headers: Headers = {**caller, "Queue": "bank", "Position": "1", **more}
        return event(name, **headers)

    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes(UP, 1)
        pbx.live.send(joined() + raised("QueueCallerAbandon", OriginalPosition="1", HoldTime="4") + raised("QueueCallerLeave", Count="0"))
        pbx.live.send(event("Newstate", **{**caller, "Priority": "2"}))
        await daemon.becomes('callcenter_calls_flowed_out_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank",reason="timeout"}', 1)
        assert await daemon.value('callcenter_calls_abandoned_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank"}') == 0


# --- the store ------------------------------------------------------------------------------------------------------------------------

STORE_UP = "floorwatch_store_up"
LOST = 'floorwatch_dropped_total{what="store"}'


def abandoned(call: str) -> bytes:
    """A caller who joins and hangs up."""
    headers = channel_headers(call, f"PJSIP/trunk-{call}")
    joins = event("Newchannel", **headers) + event("QueueCallerJoin", **headers, Queue="bank", Position="1", Count="1")
    hangs_up = event("SoftHangupRequest", **headers, Cause="16") + event("QueueCallerAbandon", **headers, Queue="bank", Position="1", OriginalPosition="1")
    return joins + hangs_up + event("QueueCallerLeave", **headers, Queue="bank", Position="1", Count="0") + event("Hangup", **headers, Cause="16")


def calls_of(place: Place) -> list[tuple[str, str]]:
    reader = Reader.of(place)
    try:
        return [(visit.call, visit.outcome) for visit in reader.visits("bank-line", 0, 10**18)]
    finally:
        reader.close()


async def test_what_is_final_is_kept_and_the_end_misses_nothing(tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port, store="sqlite:///floorwatch.db") as daemon:
        await daemon.becomes(UP, 1)
        await daemon.becomes(STORE_UP, 1)
        pbx.live.send(abandoned("1795448567.1"))
        await daemon.becomes(ENTERED, 1)
        pbx.live.send(abandoned("1795448567.2"))
        await daemon.becomes(ENTERED, 2)
        assert await daemon.value(LOST) == 0
    assert await asyncio.to_thread(calls_of, Place(f"sqlite:///{tmp_path}/floorwatch.db")) == [
        ("1795448567.1", "short_abandoned"),
        ("1795448567.2", "short_abandoned"),
    ]


async def test_a_store_that_cannot_be_had_is_one_warning_and_a_gauge(tmp_path: Path) -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with pbx.listening() as port, running(tmp_path, port, store="sqlite:///no/such/floorwatch.db") as daemon:
            await daemon.becomes(STORE_UP, 0)
            await daemon.becomes(UP, 1)
            pbx.live.send(joined())
            await daemon.becomes(WAITING, 1)
    warnings = [entry for entry in logs if entry["log_level"] == "warning" and entry["event"] == "the store is down"]
    assert [entry["problem"] for entry in warnings] == [f"{tmp_path}/no/such/floorwatch.db: no such file or directory; name another place in [store] url"]


async def test_without_a_store_nothing_is_said_of_one(tmp_path: Path) -> None:
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port) as daemon:
        await daemon.becomes(UP, 1)
        assert await daemon.value(STORE_UP) is None
        assert await daemon.value(LOST) is None
        assert not daemon.daemon.engine.floor.chronicle.kept


def plans_of(place: Place) -> list[tuple[int, str]]:
    reader = Reader.of(place)
    try:
        return [(plan.since, plan.text) for plan in reader.plans()]
    finally:
        reader.close()


async def test_every_plan_is_kept_that_a_start_has_brought(tmp_path: Path) -> None:
    """The floor goes on from before, so it has begun with the first of them: that one stays what it was."""
    pbx, place, plan = Pbx(), Place(f"sqlite:///{tmp_path}/floorwatch.db"), tmp_path / "plan.csv"
    starts = []
    async with pbx.listening() as port:
        for text in ("first", "first", "second"):
            await asyncio.to_thread(plan.write_text, text)
            async with running(tmp_path, port, state=tmp_path, store="sqlite:///floorwatch.db", plan=plan) as daemon:
                await daemon.becomes(STORE_UP, 1)
                starts.append(daemon.daemon.started_at)
    kept = await asyncio.to_thread(plans_of, place)
    assert [text for _, text in kept] == ["first", "second"]
    assert kept[0][0] <= starts[0] < starts[1] < kept[1][0] <= starts[2]


async def test_what_was_dropped_stays_counted_over_a_restart(tmp_path: Path) -> None:
    pbx = Pbx()
    dropped = {'floorwatch_dropped_total{what="journal"}': 3, LOST: 5, 'floorwatch_dropped_total{what="event"}': 18}
    async with pbx.listening() as port:
        for start in range(3):
            async with running(tmp_path, port, state=tmp_path, store="sqlite:///floorwatch.db") as daemon:
                keeper, store = daemon.daemon.engine.keeper, daemon.daemon.store
                assert keeper is not None
                assert store is not None
                if start == 0:
                    keeper.dropped, store.refused, daemon.daemon.clients["pbx1"].stats.dropped = 3, 5, 7
                    daemon.daemon._former["pbx0"] = AmiStats(dropped=11)  # of one that was taken out
                for series, count in dropped.items():
                    await daemon.becomes(series, count)
