"""One daemon, two PBXs: one that is away blinds what it carries, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from monitor import app, config
from monitor.core.events import AgentConnected, CallerJoined, CallerLeft, ChannelEnded, ChannelStarted, Position
from monitor.core.snapshot import Snapshot, State
from monitor.plan.plan import EMPTY
from tests.sources.fake_ami import SECRET, Pbx, member
from tests.sources.watching import HURRY
from tests.test_app import Daemon

FILE = """
[state]
directory = ""
[web]
listen = "127.0.0.1:0"
[agents]
file = "agents.csv"
[[pbx]]
name = "pbx1"
port = {first}
secret_env = "AMI_SECRET"
queue_log = ""
[[pbx]]
name = "pbx2"
port = {second}
secret_env = "AMI_SECRET"
queue_log = ""
[[group]]
name = "kyiv"
[[group]]
name = "lviv"
[[group]]
name = "both"
[[project]]
name = "bank-line"
group = "kyiv"
queues = ["pbx1/bank"]
[[project]]
name = "shop-line"
group = "lviv"
queues = ["pbx2/shop"]
[[project]]
name = "taxi-line"
group = "both"
queues = ["taxi"]
"""
AGENTS = "employee_id,name,interfaces,group\n101,Anna,pbx1:PJSIP/1 pbx2:PJSIP/7,both\n"
HERE = Position("inbound", "s", "1")


def up(pbx: str) -> str:
    return f'floorwatch_ami_up{{pbx="{pbx}"}}'


def waiting(project: str, pbx: str, queue: str) -> str:
    return f'callcenter_calls_waiting{{client="{project}",project="{project}",pbx="{pbx}",queue="{queue}"}}'


class Centre:
    """Two PBXs and the daemon that watches both."""

    def __init__(self) -> None:
        self.first = Pbx(queues={"bank": [member("bank", "PJSIP/2")], "taxi": [member("taxi", "PJSIP/1")]})
        self.second = Pbx(queues={"shop": [member("shop", "PJSIP/8")], "taxi": [member("taxi", "PJSIP/7")]})
        self.pages: Daemon

    @property
    def daemon(self) -> app.Daemon:
        return self.pages.daemon

    @property
    def snapshot(self) -> Snapshot:
        return self.daemon.outlook().snapshot

    def state(self, agent: str) -> State | None:
        return next((one.state for one in self.snapshot.agents if one.id == agent), None)

    def answered(self, pbx: str, call: str, queue: str, interface: str) -> None:
        """A caller comes and is through to a member at once."""
        at, put = self.daemon.clock.now(), self.daemon.engine.put
        put(ChannelStarted(pbx, at, call, call, f"PJSIP/trunk-{call}", HERE))
        put(CallerJoined(pbx, at, call, call, f"PJSIP/trunk-{call}", queue, HERE))
        put(CallerLeft(pbx, at, call, queue, f"PJSIP/trunk-{call}", HERE))
        put(AgentConnected(pbx, at, call, queue, interface, interface, f"leg-{call}", f"{interface}-00000001", HERE))

    def ended(self, pbx: str, call: str) -> None:
        """Both hang up."""
        at, put = self.daemon.clock.now(), self.daemon.engine.put
        for channel in (f"leg-{call}", call):
            put(ChannelEnded(pbx, at, channel, HERE))

    async def lose_second(self) -> None:
        self.second.password = "another"
        self.second.live.hang_up()
        await self.pages.becomes(up("pbx2"), 0)

    async def find_second(self) -> None:
        self.second.password = SECRET
        await self.pages.becomes(up("pbx2"), 1)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Centre]:
    centre = Centre()

    def made(first: int, second: int) -> app.Daemon:
        (folder / "agents.csv").write_text(AGENTS, encoding="utf-8")
        (folder / "floorwatch.toml").write_text(FILE.format(first=first, second=second), encoding="utf-8")
        return app.Daemon(config.load(folder / "floorwatch.toml", {"AMI_SECRET": SECRET}), EMPTY, HURRY)

    async with centre.first.listening() as first, centre.second.listening() as second:
        daemon = await asyncio.to_thread(made, first, second)
        stop, started = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(daemon.run(stop, started))
        try:
            async with aiohttp.ClientSession() as http:
                await started.wait()
                centre.pages = Daemon(daemon, http)
                await centre.pages.becomes(up("pbx1"), 1)
                await centre.pages.becomes(up("pbx2"), 1)
                yield centre
                assert not task.done(), "the daemon has ended by itself"
        finally:
            stop.set()
            await task


async def test_one_that_is_away_blinds_only_what_it_carries(tmp_path: Path) -> None:
    async with running(tmp_path) as centre:
        assert centre.snapshot.observed_projects == {"bank-line", "shop-line", "taxi-line"}
        await centre.lose_second()
        assert centre.snapshot.observed_projects == {"bank-line"}
        assert centre.snapshot.observed_groups == {"kyiv"}
        pages = centre.pages
        assert await pages.value(up("pbx1")) == 1
        shown = [waiting("bank-line", "pbx1", "bank"), waiting("taxi-line", "pbx1", "taxi")]
        assert [await pages.value(series) for series in shown] == [0, 0]
        hidden = [waiting("shop-line", "pbx2", "shop"), waiting("taxi-line", "pbx2", "taxi")]
        assert [await pages.value(series) for series in hidden] == [None, None]
        people = [await pages.value(f'callcenter_agents{{group="{group}",state="available"}}') for group in ("kyiv", "lviv", "both")]
        assert people == [1, None, None]
        assert await pages.page("/-/ready") == (200, "ready\ndegraded: pbx2\n")
        await centre.find_second()
        assert centre.snapshot.observed_projects == {"bank-line", "shop-line", "taxi-line"}
        assert [await pages.value(series) for series in hidden] == [0, 0]


async def test_the_others_calls_go_on_to_count(tmp_path: Path) -> None:
    async with running(tmp_path) as centre:
        await centre.lose_second()
        centre.answered("pbx1", "7.1", "bank", "PJSIP/2")
        assert centre.state("pbx1/PJSIP/2") is State.TALK
        centre.ended("pbx1", "7.1")
        assert centre.state("pbx1/PJSIP/2") is State.WRAPUP
        entered = 'callcenter_calls_answered_total{client="bank-line",project="bank-line",pbx="pbx1",queue="bank"}'
        assert await centre.pages.value(entered) == 1
        unobserved = [centre.snapshot.counters.unobserved_us[pbx] for pbx in ("pbx1", "pbx2")]
        await centre.find_second()
        assert centre.snapshot.counters.unobserved_us["pbx1"] == unobserved[0]


@pytest.mark.parametrize(
    ("busy_on", "seen"), [("pbx1", State.TALK), ("pbx2", State.UNOBSERVED), (None, State.UNOBSERVED)], ids=["where it is seen", "where it is not", "nowhere"]
)
async def test_a_person_of_both_is_seen_busy_where_they_can_be_seen(busy_on: str | None, seen: State, tmp_path: Path) -> None:
    async with running(tmp_path) as centre:
        assert centre.state("101") is State.AVAILABLE
        assert len([one for one in centre.snapshot.agents if one.name == "Anna"]) == 1
        if busy_on is not None:
            centre.answered(busy_on, "7.1", "taxi", "PJSIP/1" if busy_on == "pbx1" else "PJSIP/7")
            assert centre.state("101") is State.TALK
        await centre.lose_second()
        assert centre.state("101") is seen


async def test_busy_on_one_is_busy_for_the_other_and_one_call_on_each_is_one_person(tmp_path: Path) -> None:
    async with running(tmp_path) as centre:
        centre.answered("pbx1", "7.1", "taxi", "PJSIP/1")
        centre.answered("pbx2", "7.1", "taxi", "PJSIP/7")  # the same uniqueid on another PBX is another call
        counted: Callable[[], list[int]] = lambda: [row[1] for (_, queue), row in sorted(centre.snapshot.counters.visits.items()) if queue.name == "taxi"]  # noqa: E731
        assert counted() == [1, 1]
        assert centre.snapshot.counters.contacts["taxi-line"][0] == 2
        states = [one.state for one in centre.snapshot.agents if one.group == "both"]
        assert states == [State.TALK]
        centre.ended("pbx1", "7.1")
        assert centre.state("101") is State.TALK
        centre.ended("pbx2", "7.1")
        assert centre.state("101") is State.WRAPUP
