"""MQTT of a daemon over reloads: another broker is another client, a newer certificate is not; what is counted goes on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.broker import Broker
from monitor.config import Config, MqttSettings
from monitor.core.contract import Contract
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.means import broker as link_of
from monitor.outputs.mqtt.client import MOST, MOST_BYTES
from monitor.plan.plan import EMPTY
from monitor.tasks import Tasks
from tests.clockwork import Time
from tests.core.scene import contract
from tests.outputs.mqtt.broker import connack, listening, publish
from tests.outputs.web import test_incidents as pages


def config(port: int | None, agreed: Contract | None = None, **more: Any) -> Config:
    mqtt = None if port is None else MqttSettings("127.0.0.1", port, **more)
    return Config(Path("floorwatch.toml"), agreed or contract(), (), mqtt=mqtt)


async def bring(_sent: bytes, _who: str) -> tuple[bool, list[str]]:
    return False, ["none"]


@pytest.fixture
async def made() -> Broker:
    time = Time()
    engine = Engine(contract(), EMPTY, time.clock)
    return Broker(pages.View(engine), Desk(engine), bring, time.clock.now, Tasks())


async def change(one: Broker, old: Config, new: Config) -> None:
    await one.change(old, new, None if new.mqtt is None else link_of(new.mqtt))


async def test_without_a_broker_there_is_nothing_to_say(made: Broker) -> None:
    made.follow(config(None), None)
    made.run()
    assert (made.up, made.dropped(), made.counted()) == (None, {}, {})


async def test_another_broker_is_another_client_and_no_broker_is_none(made: Broker) -> None:
    async with listening(connack()) as first, listening(connack()) as second:
        old, new, none = config(first.port), config(second.port), config(None)
        made.follow(none, None)
        made.run()
        await change(made, none, old)
        assert not made.up
        while not first.heard:
            await asyncio.sleep(0.01)
        await change(made, old, replace(old))
        await change(made, old, new)
        while not second.heard:
            await asyncio.sleep(0.01)
        client = made._client
        newer = replace(new, contract=replace(new.contract, interval_us=1))
        await change(made, new, newer)
        assert made._client is client  # nothing of it has changed
        await change(made, newer, replace(newer, contract=replace(newer.contract, site="other")))
        assert made._client is not client  # its topics are others
        await change(made, replace(newer, contract=replace(newer.contract, site="other")), none)
        assert made.up is None
        assert made._tasks.names == ()


async def test_what_is_counted_goes_on(made: Broker) -> None:
    made.go_on({("mqtt", "refused"): 7, ("mqtt", "dropped"): 2, ("store", "refused"): 9})
    made.stats.refused += 1
    assert made.counted() == {("mqtt", "refused"): 8, ("mqtt", "dropped"): 2}
    assert made.dropped() == {"mqtt": 8, "mqtt_flood": 2}


async def test_of_a_flood_so_many_are_kept_and_the_rest_is_counted(made: Broker) -> None:
    made.follow(config(1), link_of(MqttSettings("127.0.0.1", 1)))
    client = made._client
    assert client is not None

    class Sent:
        payload = b"x"

    heard: Any = Sent()
    kept = sum(client._hear(heard) for _ in range(MOST + 10))
    assert (kept, made.stats.dropped) == (MOST, 10)
    again = Broker(made._view, made._desk, bring, lambda: 0, Tasks())
    again.follow(config(1), link_of(MqttSettings("127.0.0.1", 1)))
    Sent.payload = b"x" * (MOST_BYTES // 4)
    assert again._client is not None
    assert [again._client._hear(heard) for _ in range(5)] == [True] * 4 + [False]


async def test_a_command_that_we_trip_over_is_answered_and_the_next_is_heard(made: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = b"floorwatch/site/result/bank"
    async with listening(connack(), publish(topic, b"{}", 1), publish(topic, b"{}", 2), pause_s=0.05) as broker:
        made.follow(config(broker.port), link_of(MqttSettings("127.0.0.1", broker.port)))

        async def trip(*_: object) -> None:
            raise ZeroDivisionError

        client = made._client
        assert client is not None
        monkeypatch.setattr(client._commands, "answer", trip)
        made.run()
        async with asyncio.timeout(10):
            while b"\x40\x02\x00\x02" not in broker.heard:
                await asyncio.sleep(0.01)
        assert made.stats.refused == 2
        assert json.dumps("it could not be taken; the log says more, report this").encode() in broker.heard
        await made._tasks.end("mqtt")
