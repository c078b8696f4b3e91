"""The MQTT output against a real mosquitto: restarts, certificates, passwords, floods and stalls; the metrics never wait for any of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import aiomqtt
import pytest
from structlog.testing import capture_logs

from monitor.errors import BrokerAway, BrokerRefused
from monitor.outputs.mqtt.link import MqttLink, probe
from tests.lab.brokering import HURRY, centre, until
from tests.lab.mosquitto import Mosquitto, asking, free_port, retained, told

pytestmark = pytest.mark.lab

FLOOD = Path(__file__).with_name("flood.py")
GOOD, BAD = 200, 10_000 if os.environ.get("FLOORWATCH_FULL") else 1_000
NOW = "2099-01-01"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "broker") as one:
        yield one


async def answers(listener: aiomqtt.Client, number: int) -> list[tuple[str, Any]]:
    """The next so many messages that are not retained."""
    found: list[tuple[str, Any]] = []
    async with asyncio.timeout(15):
        async for message in listener.messages:
            if not message.retain:
                found.append((str(message.topic), told(message)))
            if len(found) == number:
                break
    return found


# --- what is told -----------------------------------------------------------------------------------------------------------------------


async def test_who_comes_anew_is_told_the_whole_floor(broker: Mosquitto) -> None:
    async with centre(broker.port) as one:
        found = await retained(broker, one.state)
        assert found[one.topic("status")] == {"state": "online", "version": "1.2.3", "since": "1970-01-01T00:00:00.000000Z"}
        bank = found[one.topic("project/bank")]
        assert (bank["project"], bank["observed"], bank["money"], bank["queues"][0]["waiting"]) == ("bank", True, None, 0)
        assert found[one.topic("group/floor")]["agents"]["available"] == 1
        assert found[one.topic("condition/VolumeLost")]["holding"] == []
        assert "PJSIP/ann" not in json.dumps(found)
    assert (await retained(broker, [one.topic("status")]))[one.topic("status")] == {"state": "offline"}


async def test_state_is_said_again_when_it_changes_and_vanishes_with_a_project(broker: Mosquitto) -> None:
    async with centre(broker.port) as one, broker.client() as listener:
        await retained(broker, one.state)
        await listener.subscribe(one.topic("project/+"), qos=1)
        agreed = one.engine.contract
        one.engine.change(replace(agreed, projects=agreed.projects[:1]), one.engine.keeping.plan)
        async with asyncio.timeout(10):
            async for message in listener.messages:
                if str(message.topic) == one.topic("project/shop") and not message.payload:
                    break
        assert one.topic("project/shop") not in await retained(broker, one.state)


async def test_a_broker_that_is_restarted_in_mid_traffic_is_told_everything_again(broker: Mosquitto) -> None:
    async with centre(broker.port) as one:
        await retained(broker, one.state)
        for number in (signal.SIGTERM, signal.SIGKILL):
            broker.stop(number)
            await until(lambda: not one.stats.up)
            assert "callcenter_agents{" in await one.scrape()
            broker.start()
            began = time.monotonic()
            found = await retained(broker, one.state)
            print(f"whole state {time.monotonic() - began:.2f} s after {number.name}: {len(found)} topics")
            assert found[one.topic("status")]["state"] == "online"
        assert one.stats.sessions == 3


async def test_figures_expire_and_the_status_stays(broker: Mosquitto) -> None:
    async with centre(broker.port) as one, broker.client() as listener:
        await listener.subscribe("#", qos=1)
        expiry = {}
        async for message in listener.messages:
            expiry[str(message.topic)] = getattr(message.properties, "MessageExpiryInterval", None)
            if set(expiry) >= one.state:
                break
        assert expiry.pop(one.topic("status")) is None
        assert all(seconds is not None and 0 < seconds <= 180 for seconds in expiry.values())


async def test_another_who_comes_under_our_name_is_said(broker: Mosquitto) -> None:
    with capture_logs() as logs:
        async with centre(broker.port) as one:
            with suppress(aiomqtt.MqttError):  # they throw each other out
                async with broker.client(identifier="floorwatch-test") as other:
                    await until(lambda: one.stats.sessions > 1)
                    async for _ in other.messages:
                        pass
    said = [entry for entry in logs if entry["event"] == "MQTT session lost"]
    assert said[0]["problem"].endswith(" or another client has come as 'floorwatch-test'")


# --- what is heard ----------------------------------------------------------------------------------------------------------------------


async def test_commands_are_answered_where_they_ask_else_to_everybody(broker: Mosquitto) -> None:
    async with centre(broker.port) as one, broker.client() as crm:
        await crm.subscribe([(one.topic("answer"), 1), (one.topic("error"), 1), ("crm/answers", 1)])
        siren, result, chat = one.topic("incident/set"), one.topic("result/bank"), one.topic("contacts/bank")
        await crm.publish(siren, b'{"kind": "air_raid"}', 1)
        await crm.publish(result, b'{"disposition": "sale", "key": "1"}', 1, properties=asking("crm/answers", b"seven"))
        await crm.publish(result, b'{"disposition": "lead", "key": "1"}', 1, properties=asking("crm/answers"))
        await crm.publish(siren, b'{"close": "1"}', 1, properties=asking(one.topic("incident/set")))  # an answer is no command
        contact = {"key": "380501234567", "channel": "chat", "arrived_at": "2000-01-01T00:00:00Z", "outcome": "abandoned"}
        await crm.publish(chat, json.dumps([contact]), 1)
        found = await answers(crm, 6)
        opened, sale, no, again, closed, late = found
        assert (opened[0], opened[1]["accepted"], opened[1]["incident"]["id"]) == (one.topic("answer"), True, "1")
        assert (sale[0], sale[1]["accepted"], sale[1]["duplicate"], "amount" in sale[1]) == ("crm/answers", True, False, False)
        assert {no[0], again[0]} == {one.topic("error"), "crm/answers"}
        assert no[1] == again[1]
        problem = "a result of bank with this key was told before, as 'sale'; another result needs a key of its own"
        assert (no[1]["topic"], no[1]["accepted"], no[1]["error"]) == (result, False, problem)
        assert (closed[0], closed[1]["incident"]["closed_by"]) == (one.topic("answer"), "mqtt")
        assert late[0] == one.topic("error")
        assert "35 days" in late[1]["error"]
        assert "380501234567" not in json.dumps(found)
        assert one.stats.refused == 2
        assert 'floorwatch_dropped_total{what="mqtt"}' not in await one.scrape()  # this page is of the floor alone


async def test_contacts_of_other_channels_count_once_under_their_key(broker: Mosquitto) -> None:
    async with centre(broker.port) as one, broker.client() as chats:
        await chats.subscribe([(one.topic("answer"), 1), (one.topic("error"), 1)])
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        answered = {"key": "a", "channel": "chat", "arrived_at": now, "answered_at": now, "ended_at": None, "outcome": "answered", "handle_seconds": 90.5}
        left = {"key": "b", "channel": "telegram", "arrived_at": now, "outcome": "abandoned"}
        for _ in range(3):
            await chats.publish(one.topic("contacts/bank"), json.dumps([answered, left]), 1)
        first, *others = [payload["answers"] for _, payload in await answers(chats, 3)]
        assert first == [{"accepted": True, "duplicate": False, "channel": "chat"}, {"accepted": True, "duplicate": False, "channel": "other"}]
        assert all(row["duplicate"] for rows in others for row in rows)
        page = await one.scrape()
        for line in (
            'callcenter_channel_contacts_total{client="Bank",project="bank",channel="chat",outcome="answered"} 1',
            'callcenter_channel_contacts_total{client="Bank",project="bank",channel="chat",outcome="abandoned"} 0',
            'callcenter_channel_contacts_total{client="Bank",project="bank",channel="other",outcome="abandoned"} 1',
            'callcenter_channel_handle_seconds_total{client="Bank",project="bank",channel="chat"} 90.5',
            'callcenter_contacts_total{client="Bank",project="bank",direction="inbound"} 0',
        ):
            assert line in page


async def test_a_retained_command_is_refused_however_often_it_comes(broker: Mosquitto) -> None:
    async with broker.client() as siren:
        await siren.publish("floorwatch/kyiv%2F1/incident/set", b'{"kind": "air_raid"}', 1, retain=True)
        async with centre(broker.port) as one:
            await until(lambda: one.stats.refused == 1)
            await asyncio.sleep(0.2)
            await siren.subscribe(one.topic("error"), 1)
            await siren.publish(one.topic("incident/set"), b'{"kind": "power"}', 1, retain=True)  # who is there already is told so, too
            await until(lambda: one.stats.refused == 2)
            await siren.publish(one.topic("incident/set"), b"", 1, retain=True)  # it is taken away: that is no command
            await siren.publish(one.topic("incident/set"), b"{}", 1)
            await until(lambda: one.stats.refused == 3)
            *retained_ones, (_, last) = await answers(siren, 2)
            assert retained_ones[-1][1]["error"].startswith("a retained command would be repeated whenever we come back; send it without retain")
            assert last["error"].startswith("kind is missing")
            assert one.engine.keeping.incidents.opened == {}


async def test_what_is_sent_while_nobody_listens_waits_at_the_broker(broker: Mosquitto) -> None:
    async with centre(broker.port) as one:
        topic = one.topic("result/bank")
    async with broker.client() as crm:
        for key in range(5):
            await crm.publish(topic, json.dumps({"disposition": "sale", "key": str(key)}), 1)
    async with centre(broker.port) as one:
        await until(lambda: sum(one.engine.floor.counters.results.values()) == 5)


@pytest.mark.timeout(240)
async def test_ten_thousand_bad_payloads_cost_no_good_one(broker: Mosquitto) -> None:
    async with centre(broker.port, patience=replace(HURRY, period_s=1)) as one:
        began = time.monotonic()
        flood = await asyncio.create_subprocess_exec(sys.executable, str(FLOOD), str(broker.port), one.client.topics.root, str(GOOD), str(BAD))
        scrapes, longest = 0, 0.0
        while one.stats.refused + one.stats.dropped < BAD or sum(one.engine.floor.counters.results.values()) < GOOD:
            asked = time.monotonic()
            await one.scrape()
            scrapes, longest = scrapes + 1, max(longest, time.monotonic() - asked)
            await asyncio.sleep(0.05)
        assert await flood.wait() == 0
        print(f"{BAD} bad and {GOOD} good payloads in {time.monotonic() - began:.1f} s, {scrapes} scrapes meanwhile, the longest {longest * 1000:.0f} ms")
        assert (one.stats.refused, one.stats.dropped) == (BAD, 0)
        assert one.engine.floor.counters.results == {("bank", "other"): GOOD}
        assert one.stats.sessions == 1


async def test_a_session_that_breaks_in_a_flood_costs_no_command(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits came by a session that is over, and the broker hands it to us again: both would not have room."""
    monkeypatch.setattr("monitor.outputs.mqtt.client.MOST", 300)
    async with centre(broker.port, patience=replace(HURRY, breath_s=1.0)) as one:
        await until(lambda: one.stats.up)
        async with broker.client() as crm:
            for key in range(250):
                await crm.publish(one.topic("result/bank"), json.dumps({"disposition": "sale", "key": str(key)}), 1)
        await until(lambda: len(one.client._inbox.waiting) > 100)
        connection = one.client._connection
        assert connection is not None
        line = cast("socket.socket", connection._client.socket())
        line.shutdown(socket.SHUT_RDWR)
        await until(lambda: one.stats.sessions == 2)
        await until(lambda: sum(one.engine.floor.counters.results.values()) == 250)
        assert (one.stats.dropped, one.stats.refused) == (0, 0)


# --- brokers that are rude --------------------------------------------------------------------------------------------------------------


@dataclass
class Proxy:
    """A line to a broker that can stop carrying anything: windows close, and nobody says so."""

    port: int
    carries: asyncio.Event


@asynccontextmanager
async def proxy(to: int) -> AsyncIterator[Proxy]:
    carries = asyncio.Event()
    carries.set()
    tasks: set[asyncio.Task[Any]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await carries.wait()
                data = await reader.read(4096)
                await carries.wait()
                writer.write(data)
                await writer.drain()
                if not data:
                    return
        except OSError:
            return
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, back = await asyncio.open_connection("127.0.0.1", to)
        for one in (carry(reader, back), carry(theirs, writer)):
            tasks.add(asyncio.create_task(one))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4096)
    try:
        yield Proxy(server.sockets[0].getsockname()[1], carries)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_stalled_broker_never_keeps_the_metrics_waiting(broker: Mosquitto) -> None:
    with capture_logs() as logs:
        async with proxy(broker.port) as line, centre(line.port) as one:
            line.carries.clear()
            scrapes = 0
            while one.stats.up:
                page = await one.scrape()
                assert "callcenter_agents{" in page
                scrapes += 1
                await asyncio.sleep(0.02)
            await one.scrape()
            line.carries.set()
            await until(lambda: one.stats.up)
            assert scrapes > 10
            found = await retained(broker, one.state)
            assert found[one.topic("status")]["state"] == "online"
    lost = [entry for entry in logs if entry["event"] == "MQTT session lost"]
    assert lost[0]["problem"] == f"127.0.0.1:{line.port}: it takes nothing and says nothing; look at its load, and at the network to it"


async def test_who_takes_a_connection_and_says_nothing_is_given_up() -> None:
    lines: list[asyncio.StreamWriter] = []

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BrokerAway) as caught:
        await probe(MqttLink("127.0.0.1", port, "x"), answer_s=0.3)
    assert str(caught.value) == f"127.0.0.1:{port}: it takes a connection and says nothing; is that an MQTT broker, and is TLS spoken there?"
    server.close()
    for line in lines:
        line.close()


async def test_a_broker_that_is_away_is_said_once_per_change() -> None:
    port = free_port()
    with capture_logs() as logs:
        async with centre(port, wait=False) as one:
            await asyncio.sleep(1.5)
            assert "callcenter_agents{" in await one.scrape()
    said = [entry for entry in logs if entry["event"] == "no MQTT session"]
    problem = f"127.0.0.1:{port}: cannot connect: Connection refused; is the broker running, and does it listen there?"
    assert {entry["problem"] for entry in said} == {problem}
    assert [entry["log_level"] for entry in said[:3]] == ["warning", "debug", "debug"]
    with pytest.raises(BrokerAway, match="nobody knows this name; correct the host in url"):
        await probe(MqttLink("no-such-host.invalid", 1883, "x"))


# --- who may --------------------------------------------------------------------------------------------------------------------------------


def password_file(folder: Path, user: str, password: str) -> Path:
    """As mosquitto_passwd writes it."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101, 64)
    file = folder / "passwords"
    file.write_text(f"{user}:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n")
    return file


async def test_credentials_right_and_wrong(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker", "allow_anonymous false", f"password_file {password_file(tmp_path, 'floor', 'hush')}") as broker:
        async with centre(broker.port, username="floor", password="hush") as one:
            assert one.stats.up
        wrongs: tuple[dict[str, Any], ...] = ({"username": "floor", "password": "hunter2"}, {})
        for wrong in wrongs:
            with capture_logs() as logs:
                async with centre(broker.port, wait=False, **wrong) as one:
                    await asyncio.sleep(1)
                    assert not one.stats.up
                    assert "callcenter_agents{" in await one.scrape()
            said = [entry for entry in logs if entry["event"] == "no MQTT session"]
            assert said[0]["problem"] == f"127.0.0.1:{broker.port}: Not authorized; check username and its password in [mqtt], and what the broker lets it do"
            assert "hunter2" not in json.dumps(logs)
        with pytest.raises(BrokerRefused):
            await probe(MqttLink("127.0.0.1", broker.port, "x", username="floor", password="hunter2"))


async def test_what_the_broker_does_not_let_us_do_is_said(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read other/#\n")
    with Mosquitto(tmp_path / "broker", "allow_anonymous true", f"acl_file {tmp_path / 'acl'}") as broker, capture_logs() as logs:
        async with centre(broker.port) as one:
            await until(lambda: any(entry["event"].startswith("the broker does not take") for entry in logs))
            root = one.client.topics.root
    said = next(entry for entry in logs if entry["event"] == "the broker does not take what we publish")
    assert (said["problem"], said["remedy"]) == ("Not authorized", f"let us write to {root}/#")


@dataclass(frozen=True)
class Papers:
    """A private authority and what it signed."""

    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def context(self, ca: str = "ca.crt", client: str = "") -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.file(ca))
        if client:
            context.load_cert_chain(self.file(f"{client}.crt"), self.file(f"{client}.key"))
        return context


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("papers")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", *key, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")
    for name, alias in (("broker", "IP:127.0.0.1"), ("elsewhere", "DNS:elsewhere.example"), ("client", "DNS:floorwatch")):
        openssl(folder, "req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (folder / f"{name}.ext").write_text(f"subjectAltName = {alias}\n")
        signing = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signing, "-out", f"{name}.crt")
    return Papers(folder)


def secured(folder: Path, papers: Papers, name: str = "broker", *more: str) -> Mosquitto:
    files = (f"cafile {papers.file('ca.crt')}", f"certfile {papers.file(f'{name}.crt')}", f"keyfile {papers.file(f'{name}.key')}")
    return Mosquitto(folder / "broker", "allow_anonymous true", *files, *more)


async def test_tls_with_an_authority_of_ones_own(tmp_path: Path, papers: Papers) -> None:
    with secured(tmp_path, papers) as broker:
        async with centre(broker.port, tls=papers.context()) as one:
            await until(lambda: one.stats.up)
            await asyncio.sleep(0.5)
            assert one.stats.sessions == 1
        where = f"127.0.0.1:{broker.port}"
        for context, said in (
            (papers.context("other.crt"), f"{where}: its certificate is not trusted: self-signed certificate in certificate chain; "),
            (ssl.create_default_context(), f"{where}: its certificate is not trusted: self-signed certificate in certificate chain; "),
        ):
            with pytest.raises(BrokerAway) as caught:
                await probe(MqttLink("127.0.0.1", broker.port, "x", tls=context))
            assert str(caught.value) == said + "check tls_ca, and the host in url against the name in the certificate"
        with pytest.raises(BrokerAway, match="it hangs up before it says anything"):
            await probe(MqttLink("127.0.0.1", broker.port, "x"), answer_s=3)  # it is not spoken to in the clear


async def test_a_certificate_of_another_host_is_refused(tmp_path: Path, papers: Papers) -> None:
    with secured(tmp_path, papers, "elsewhere") as broker:
        with pytest.raises(BrokerAway) as caught:
            await probe(MqttLink("127.0.0.1", broker.port, "x", tls=papers.context()))
        assert "its certificate is not trusted: IP address mismatch, certificate is not valid for '127.0.0.1'" in str(caught.value)


async def test_a_broker_that_wants_a_certificate_is_shown_one(tmp_path: Path, papers: Papers) -> None:
    with secured(tmp_path, papers, "broker", "require_certificate true") as broker:
        await probe(MqttLink("127.0.0.1", broker.port, "x", tls=papers.context(client="client")))
        with pytest.raises(BrokerAway, match=r"it hangs up before it says anything|no TLS: "):
            await probe(MqttLink("127.0.0.1", broker.port, "x", tls=papers.context()), answer_s=3)


async def test_a_listener_without_tls_is_none(broker: Mosquitto, papers: Papers) -> None:
    with pytest.raises(BrokerAway, match=r"no TLS: |cannot connect: Connection reset"):
        await probe(MqttLink("127.0.0.1", broker.port, "x", tls=papers.context()))
