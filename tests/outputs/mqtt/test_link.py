"""Sessions with a broker that says no, hangs up or says something odd: each in one clear line, and nothing of it is left behind."""

from __future__ import annotations

import asyncio

import pytest

from monitor.errors import BrokerAway, BrokerRefused
from monitor.outputs.mqtt.link import Connection, Heard, MqttLink, probe
from tests.outputs.mqtt.broker import connack, disconnect, listening, publish


def link(port: int) -> MqttLink:
    return MqttLink("127.0.0.1", port, "floorwatch-1", username="floor", password="hunter2")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (134, "Bad user name or password; check username and its password in [mqtt], and what the broker lets it do"),
        (135, "Not authorized; check username and its password in [mqtt], and what the broker lets it do"),
        (138, "Banned; check username and its password in [mqtt], and what the broker lets it do"),
        (132, "Unsupported protocol version; it has to speak MQTT 5"),
        (1, "Unsupported protocol version; it has to speak MQTT 5"),
        (133, "Client identifier not valid; give another client_id in [mqtt]"),
        (136, "Server unavailable; its log says more"),
    ],
)
async def test_who_says_no_is_said_why(code: int, said: str) -> None:
    async with listening(connack(code)) as broker:
        with pytest.raises(BrokerRefused) as caught:
            await probe(link(broker.port))
    assert str(caught.value) == f"127.0.0.1:{broker.port}: {said}"
    assert b"hunter2" in broker.heard


async def test_who_hangs_up_is_not_waited_for() -> None:
    async with listening(hangs_up=True) as broker:
        with pytest.raises(BrokerAway) as caught:
            await probe(link(broker.port), answer_s=30)
    problem = "it hangs up before it says anything; its log says why: TLS or a certificate may be wanted, or not spoken there"
    assert str(caught.value) == f"127.0.0.1:{broker.port}: {problem}"


@pytest.mark.parametrize("nonsense", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 40])
async def test_who_speaks_something_else_is_no_broker(nonsense: bytes) -> None:
    async with listening(nonsense) as broker:
        with pytest.raises(BrokerAway, match=f"127.0.0.1:{broker.port}: "):
            await probe(link(broker.port), answer_s=0.5)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (142, "another client has come as 'floorwatch-1'; give each daemon a client_id of its own in [mqtt]"),
        (139, "it shuts down; start it again"),
        (141, "it takes nothing and says nothing; look at its load, and at the network to it"),
        (130, "the connection broke; its log says why: it was stopped, or another client has come as 'floorwatch-1'"),
    ],
)
async def test_an_end_is_said_with_its_reason(code: int, said: str) -> None:
    async with listening(connack(), disconnect(code), pause_s=0.2) as broker:
        connection = Connection(link(broker.port), None, lambda _: True, answer_s=2)
        await connection.open()
        with pytest.raises(BrokerAway) as caught:
            async with asyncio.timeout(5):
                await connection.gone()
        connection.drop()
    assert str(caught.value) == f"127.0.0.1:{broker.port}: {said}"


async def test_an_end_that_comes_with_the_beginning_is_one() -> None:
    async with listening(connack() + disconnect(142)) as broker:
        connection = Connection(link(broker.port), None, lambda _: True, answer_s=2)

        async def session() -> None:
            await connection.open()
            await connection.gone()

        with pytest.raises(BrokerAway, match="another client has come as 'floorwatch-1'"):
            await asyncio.wait_for(session(), 5)
        connection.drop()


async def test_a_command_is_acknowledged_when_it_is_taken_and_at_once_where_there_is_no_room() -> None:
    kept: list[Heard] = []

    def hear(heard: Heard) -> bool:
        if heard.payload == b"no room":
            return False
        kept.append(heard)
        return True

    async with listening(connack(), publish(b"a/b", b"one", 7), publish(b"a/b", b"no room", 8), publish(b"\xff", b"no text", 9)) as broker:
        connection = Connection(link(broker.port), None, hear, answer_s=2)
        await connection.open()
        async with asyncio.timeout(5):
            while b"\x40\x02\x00\x09" not in broker.heard:
                await asyncio.sleep(0.01)
        assert b"\x40\x02\x00\x08" in broker.heard
        assert b"\x40\x02\x00\x07" not in broker.heard
        kept[0].acknowledge()
        async with asyncio.timeout(5):
            while b"\x40\x02\x00\x07" not in broker.heard:
                await asyncio.sleep(0.01)
        assert [(one.topic, one.payload, one.response, one.correlation) for one in kept] == [("a/b", b"one", "", None)]
        connection.drop()
        kept[0].acknowledge()  # of a session that is over nothing is said
        connection.drop()


async def test_whoever_is_ended_while_it_connects_leaves_no_line_open() -> None:
    async with listening() as broker:
        opening = asyncio.create_task(Connection(link(broker.port), None, lambda _: True, answer_s=0.3).open())
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await asyncio.sleep(0.8)
        assert len(asyncio.all_tasks()) <= 2  # this test, and at most who serves a line that is closed


def test_a_password_is_in_no_repr() -> None:
    assert "hunter2" not in repr(link(1))
