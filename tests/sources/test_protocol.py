"""Asking over a transport: answers to whoever asked, events to the listener, bounds in time and size."""

from __future__ import annotations

import asyncio
import gc

import pytest

from monitor.errors import AmiMalformed, AmiUnreachable
from monitor.sources.ami.decoder import Decoder, Message, Tally
from monitor.sources.ami.protocol import ALLOWED, AmiProtocol, Reply

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


class Wire(asyncio.Transport):
    """A transport that remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True

    def close(self) -> None:
        self.closing = True


Wired = tuple[AmiProtocol, Wire, list[Message | Reply]]


@pytest.fixture
async def wired() -> Wired:
    heard: list[Message | Reply] = []
    protocol = AmiProtocol(Decoder(), lambda: 5, lambda message, _: heard.append(message), lambda: None)
    transport = Wire()
    protocol.connection_made(transport)
    protocol.data_received(GREETING)
    return protocol, transport, heard


async def test_an_action_goes_out_with_its_id_and_its_answer_comes_back(wired: Wired) -> None:
    protocol, transport, heard = wired
    future = protocol.ask("Getvar", 1.0, {"Channel": "PJSIP/1", "Variable": "X"})
    assert transport.sent == b"Action: Getvar\r\nActionID: floorwatch-1\r\nChannel: PJSIP/1\r\nVariable: X\r\n\r\n"
    protocol.data_received(b"Event: Hold\r\nX: 1\r\n\r\nResponse: Success\r\nActionID: floorwatch-1\r\nValue: v\r\n\r\n")
    reply = await future
    assert reply.messages[0]["Value"] == "v"
    assert heard == [{"Event": "Hold", "X": "1"}]
    assert protocol.responses == {}
    assert protocol._pending == {}


async def test_a_list_is_whole_and_the_reply_is_seen_at_its_place_among_the_events(wired: Wired) -> None:
    protocol, _, heard = wired
    future = protocol.ask("QueueStatus", 1.0, then=heard.append)
    protocol.data_received(
        b"Event: Before\r\nX: 1\r\n\r\nResponse: Success\r\nActionID: floorwatch-1\r\nEventList: start\r\nMessage: Queue status will follow\r\n\r\n"
        b"Event: QueueParams\r\nQueue: a\r\nActionID: floorwatch-1\r\n\r\n"
        b"Event: QueueStatusComplete\r\nActionID: floorwatch-1\r\nEventList: Complete\r\n\r\nEvent: After\r\nX: 1\r\n\r\n"
    )
    reply = await future
    assert [message.get("Event") for message in reply.messages] == [None, "QueueParams", "QueueStatusComplete"]
    assert [entry if isinstance(entry, Reply) else entry["Event"] for entry in heard] == ["Before", reply, "After"]


async def test_an_empty_list_and_a_refused_one_end(wired: Wired) -> None:
    protocol, _, _ = wired
    empty, refused = protocol.ask("CoreShowChannels", 1.0), protocol.ask("CoreShowChannels", 1.0)
    protocol.data_received(
        b"Response: Success\r\nActionID: floorwatch-1\r\nEventList: start\r\n\r\nEvent: CoreShowChannelsComplete\r\nActionID: floorwatch-1\r\n\r\n"
        b"Response: Error\r\nActionID: floorwatch-2\r\nMessage: Permission denied\r\n\r\n"
    )
    assert (await empty).ok
    assert not (await refused).ok
    assert (await refused).said == "Permission denied"


async def test_a_deadline_noticed_much_too_late_is_given_again_for_the_answer_may_be_waiting_unread(wired: Wired) -> None:
    protocol, _, _ = wired
    answered = protocol.ask("Ping", 30.0)
    protocol._overdue("floorwatch-1", 30.0, asyncio.get_running_loop().time() - 5)
    assert not answered.done()
    protocol.data_received(b"Response: Success\r\nActionID: floorwatch-1\r\nPing: Pong\r\n\r\n")
    assert (await answered).ok


async def test_an_unanswered_action_fails_at_its_deadline_and_leaves_nothing(wired: Wired) -> None:
    protocol, _, heard = wired
    with pytest.raises(AmiUnreachable, match=r"Ping was not answered within 0\.01 s"):
        await protocol.ask("Ping", 0.01)
    assert protocol.responses == {}
    assert protocol._pending == {}
    protocol.data_received(b"Response: Success\r\nActionID: floorwatch-1\r\n\r\nEvent: Item\r\nActionID: floorwatch-1\r\n\r\n")
    protocol.data_received(b"Event: OriginateResponse\r\nActionID: somebody-1\r\n\r\n")
    assert [message["Event"] for message in heard if isinstance(message, dict)] == ["OriginateResponse"]  # what comes late is for nobody


@pytest.mark.parametrize("action", ["QueueStatus", "Getvar"])
async def test_an_answer_without_end_is_given_up_at_a_bound_and_leaves_nothing(action: str) -> None:
    heard: list[Message] = []
    protocol = AmiProtocol(Decoder(), lambda: 5, lambda message, _: heard.append(message), lambda: None, reply_cap=15_000)
    protocol.connection_made(Wire())
    future = protocol.ask(action, 9.0)
    protocol.data_received(GREETING + b"Response: Success\r\nActionID: floorwatch-1\r\nEventList: start\r\n\r\n")
    item = b"Event: QueueMember\r\nName: " + b"x" * 900 + b"\r\nActionID: floorwatch-1\r\n\r\n"
    protocol.data_received(item * 10)
    assert not future.done()
    protocol.data_received(item * 1000)
    with pytest.raises(AmiMalformed, match=f"{action} was answered without end, more than 15,000 bytes"):
        await future
    assert (protocol.responses, protocol._pending, heard) == ({}, {}, [])


async def test_a_wording_panoramisk_trips_over_is_an_answer(wired: Wired) -> None:
    protocol, _, _ = wired
    future = protocol.ask("Getvar", 1.0, {"Channel": "c", "Variable": "v"})
    protocol.data_received(b"Response: Success\r\nActionID: floorwatch-1\r\nMessage: Originate successfully queued\r\n\r\n")
    assert (await future).said == "Originate successfully queued"


async def test_a_lost_connection_fails_everything_that_waits(wired: Wired) -> None:
    protocol, _, _ = wired
    waiting = [protocol.ask("Ping", 9.0), protocol.ask("QueueStatus", 9.0)]
    protocol.connection_lost(ConnectionResetError("reset"))
    for future in [*waiting, protocol.ask("Ping", 9.0)]:
        with pytest.raises(AmiUnreachable):
            await future
    assert protocol._pending == {}


async def test_nobody_has_to_fetch_why_there_was_no_greeting(caplog: pytest.LogCaptureFixture) -> None:
    protocol = AmiProtocol(Decoder(), lambda: 5, lambda message, _: None, lambda: None)
    protocol.connection_made(Wire())
    with pytest.raises(AmiUnreachable, match="no greeting within"):
        await protocol.greeted(0.01)
    protocol.connection_lost(None)
    del protocol
    gc.collect()
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []


@pytest.mark.parametrize("action", ["Originate", "Command", "QueueReset", "ListCommands", "login", ""])
async def test_nothing_else_can_be_sent(wired: Wired, action: str) -> None:
    protocol, transport, _ = wired
    with pytest.raises(ValueError, match="not among the actions"):
        protocol.ask(action, 1.0)
    assert transport.sent == b""
    assert action not in ALLOWED


@pytest.mark.parametrize("value", ["bank\r\nAction: Originate", "bank\nX: 1", "bank\r"])
async def test_a_line_break_in_a_value_is_refused(wired: Wired, value: str) -> None:
    protocol, transport, _ = wired
    with pytest.raises(AmiMalformed, match="QueueStatus: Queue holds a line break"):
        protocol.ask("QueueStatus", 1.0, {"Queue": value})
    assert transport.sent == b""


async def test_reads_are_bounded_and_a_tally_outlives_its_decoder() -> None:
    tally = Tally()
    heard: list[Message] = []
    for _ in range(2):
        protocol = AmiProtocol(Decoder(tally=tally), lambda: 7, lambda message, _: heard.append(message), lambda: None)
        protocol.connection_made(Wire())
        data = GREETING + b"Event: Hold\r\nX: 1\r\n\r\n" * 5000
        while data:
            buffer = protocol.get_buffer(-1)
            size = min(len(buffer), len(data))
            assert size <= 32_768
            buffer[:size], data = data[:size], data[size:]
            protocol.buffer_updated(size)
    assert len(heard) == tally.events["Hold"] == 10_000
    assert tally.last_byte_at == 7
