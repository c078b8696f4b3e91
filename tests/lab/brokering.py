"""The MQTT output between a real engine and a real mosquitto, in the test's own loop, with the page of metrics beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from monitor.clock import Clock
from monitor.core.contract import Contract
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.outputs.mqtt.client import Commands, MqttClient, MqttStats, Patience
from monitor.outputs.mqtt.commands import Bring
from monitor.outputs.mqtt.link import MqttLink
from monitor.outputs.mqtt.state import rows
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from tests.clockwork import seen
from tests.core.scene import contract, project
from tests.outputs.web import test_incidents as pages

HURRY = Patience(answer_s=2.0, leave_s=1.0, period_s=0.1, retry_first_s=0.1, retry_longest_s=0.4, refused_first_s=0.2, refused_longest_s=0.4)
SITE = "kyiv/1"
AGREED = contract(project("bank", channels=("chat",)), project("shop"))


@dataclass(frozen=True)
class Centre:
    """What runs."""

    engine: Engine
    client: MqttClient
    http: aiohttp.ClientSession

    @property
    def stats(self) -> MqttStats:
        return self.client.stats

    def topic(self, rest: str) -> str:
        return f"{self.client.topics.root}/{rest}"

    @property
    def state(self) -> set[str]:
        """Every topic that is retained while it runs."""
        conditions = {topic for topic in self._all() if "/condition/" in topic}
        return {self.topic("status"), *(self.topic(f"project/{name}") for name in self.engine.contract.project), self.topic("group/floor"), *conditions}

    def _all(self) -> set[str]:
        return {topic for topic, _ in rows(self.engine.outlook(), self.engine.contract, self.client.topics, money=False)}

    async def scrape(self) -> str:
        async with self.http.get("/metrics") as answer:
            assert answer.status == 200
            return await answer.text()


async def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


async def bring_nothing(_sent: bytes, _who: str) -> tuple[bool, list[str]]:
    return False, ["no plan here"]


@asynccontextmanager
async def centre(
    port: int, *, agreed: Contract = AGREED, patience: Patience = HURRY, bring: Bring = bring_nothing, wait: bool = True, **link: Any
) -> AsyncIterator[Centre]:
    """A floor whose people are seen, its page, and its broker at a port."""
    engine = Engine(agreed, EMPTY, Clock())
    engine.put(seen(engine.clock.now(), "ann"))
    view = pages.View(engine)
    made = MqttLink("127.0.0.1", port, "floorwatch-test", **link)
    commands = Commands(view, Desk(engine), bring, money=made.money)
    client = MqttClient(made, SITE, view, commands, MqttStats(), version="1.2.3", since=0, now=engine.clock.now, patience=patience)
    web = Web("127.0.0.1", 0, view)
    await web.start()
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(client.run())]
    try:
        async with aiohttp.ClientSession(web.url) as http:
            one = Centre(engine, client, http)
            if wait:
                await until(lambda: one.stats.up)
            yield one
    finally:
        for task in reversed(tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await web.stop()
