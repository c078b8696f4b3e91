"""`floorwatch run` and a real mosquitto: its will when it is killed, what waits for it meanwhile, a plan that takes effect, and `check --live`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.lab.daemon import Daemon
from tests.lab.mosquitto import Mosquitto, free_port, retained, told

pytestmark = pytest.mark.lab
ROOT = "floorwatch/lab"
TOMORROW = "2098-12-25T08:00:00Z"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as one:
        yield one


@pytest.fixture
def daemon(tmp_path: Path, broker: Mosquitto) -> Iterator[Daemon]:
    """One whose PBX is away: that is nothing to a broker."""
    one = Daemon(tmp_path / "daemon", free_port())
    with (one.folder / "floorwatch.toml").open("a") as file:
        file.write(f'[mqtt]\nurl = "mqtt://127.0.0.1:{broker.port}"\n')
    yield one
    one.stop()


async def up(daemon: Daemon) -> None:
    await asyncio.to_thread(daemon.launch)
    await asyncio.to_thread(daemon.wait_for, "/-/healthy", 30.0)


@asynccontextmanager
async def listening(broker: Mosquitto, *topics: str) -> AsyncIterator[aiomqtt.Client]:
    async with broker.client() as one:
        await one.subscribe([(f"{ROOT}/{topic}", 1) for topic in topics])
        yield one


async def following(listener: aiomqtt.Client, topic: str) -> Any:
    """The next message there."""
    async with asyncio.timeout(30):
        async for message in listener.messages:
            if str(message.topic) == f"{ROOT}/{topic}":
                return told(message)
    raise AssertionError(topic)


async def test_killed_its_will_is_read_and_what_is_sent_meanwhile_waits(broker: Mosquitto, daemon: Daemon) -> None:
    async with listening(broker, "status", "answer") as watcher:
        await up(daemon)
        assert (await following(watcher, "status"))["state"] == "online"
        await retained(broker, [f"{ROOT}/project/bank-line", f"{ROOT}/group/floor", f"{ROOT}/condition/Blind"])
        assert "floorwatch_mqtt_up 1" in await asyncio.to_thread(daemon.get, "/metrics")
        await asyncio.to_thread(daemon.kill)
        assert await following(watcher, "status") == {"state": "offline"}
        for key in ("a", "b", "a"):
            await watcher.publish(f"{ROOT}/result/shop-line", json.dumps({"disposition": "sale", "key": key}), 1)
        await up(daemon)
        assert [(await following(watcher, "answer"))["duplicate"] for _ in range(3)] == [False, False, True]
        page = await asyncio.to_thread(daemon.get, "/metrics")
        assert 'callcenter_results_total{client="Shop",project="shop-line",disposition="other"} 2' in page
        assert 'floorwatch_dropped_total{what="mqtt"} 0' in page
        assert await asyncio.to_thread(daemon.stop) == 0
        assert await following(watcher, "status") == {"state": "offline"}


async def test_a_plan_takes_effect_and_a_bad_one_changes_nothing(broker: Mosquitto, daemon: Daemon) -> None:
    plan = daemon.folder / "plan.csv"
    async with listening(broker, "status", "answer", "error") as planner:
        await up(daemon)
        await following(planner, "status")
        before = plan.read_text()
        bad = [
            {"project": "bank-line", "interval_start": TOMORROW, "volume": 12, "aht_s": 180},
            {"project": "bank-lin", "interval_start": TOMORROW, "volume": 1, "aht_s": 1},
        ]
        await planner.publish(f"{ROOT}/plan/set", json.dumps(bad), 1)
        said = await following(planner, "error")
        assert said["error"].startswith("the plan: row 2: ")
        assert "bank-line" in said["error"]
        assert plan.read_text() == before

        await planner.publish(f"{ROOT}/plan/set", json.dumps({"rows": bad[:1], "note": "mail of Olena"}), 1)
        said = await following(planner, "answer")
        assert said["accepted"]
        assert "plan: 1 row added" in said["said"]
        assert "bank-line,2098-12-25T" in plan.read_text()
        assert ",mqtt," in (daemon.folder / "plan.csv.imports.csv").read_text()
        end = 'callcenter_plan_end_timestamp_seconds{client="Bank",project="bank-line"} '
        (line,) = (line for line in (await asyncio.to_thread(daemon.get, "/metrics")).splitlines() if line.startswith(end))
        assert float(line.removeprefix(end)) == datetime(2098, 12, 25, 8, 30, tzinfo=UTC).timestamp()

        await planner.publish(f"{ROOT}/plan/set", b"project,interval_start,volume,aht_s\nbank-line,2098-12-25T08:00:00Z,x,180\n", 1)
        assert (await following(planner, "error"))["error"].startswith("the plan: line 2: ")
        assert 'floorwatch_dropped_total{what="mqtt"} 2' in await asyncio.to_thread(daemon.get, "/metrics")


async def test_check_says_whether_the_broker_lets_us_in(broker: Mosquitto, daemon: Daemon) -> None:
    def check() -> str:
        command = [sys.executable, "-m", "monitor", "check", "--live", "--config", str(daemon.folder / "floorwatch.toml")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout

    where = f"MQTT: 127.0.0.1:{broker.port}"
    assert f"ok       {where} speaks MQTT 5 and lets us in\n" in await asyncio.to_thread(check)
    broker.stop()
    assert f"BAD      {where}: cannot connect: Connection refused; is the broker running, and does it listen there?\n" in await asyncio.to_thread(check)
