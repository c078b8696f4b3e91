"""Framing and decoding: whatever the cuts, whatever the line ends, whatever the size; and what is dropped unread."""

from __future__ import annotations

import random
import re
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.ami.decoder import Decoder, Message
from monitor.sources.ami.headers import parse
from monitor.sources.ami.translate import WANTED
from tests.sources.recordings import MIXED, SINGLE_22, name, wire

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def decode(chunks: list[bytes], cap: int = 1 << 20, wanted: frozenset[str] | None = None) -> tuple[list[Message], Decoder]:
    decoder = Decoder(wanted, cap)
    return [message for chunk in chunks for message in decoder.feed(chunk)], decoder


def cut(data: bytes, places: list[int]) -> list[bytes]:
    return [data[a:b] for a, b in pairwise([0, *sorted(places), len(data)])]


# --- recordings: whole = cut ------------------------------------------------------------------------------------------------------


def by_hand(data: bytes) -> list[list[tuple[str, str]]]:
    """The messages of a recording by the letter of its wire format, written without the code under test."""
    frames = data.removeprefix(data[: data.index(b"\r\n") + 2]).decode().split("\r\n\r\n")
    return [[(line.split(": ")[0], line.partition(": ")[2]) for line in frame.split("\r\n")] for frame in frames[:-1]]


@pytest.mark.parametrize("path", [*SINGLE_22, *MIXED], ids=name)
def test_a_recording_is_read_by_the_letter(path: Path) -> None:
    messages, decoder = decode([wire(path)])
    expected = by_hand(wire(path))
    assert len(messages) == len(expected) > 40
    for message, headers in zip(messages, expected, strict=True):
        assert set(message) == {header for header, _ in headers}
        assert all(message[header] == next(value for found, value in headers if found == header) for header in message)
    assert decoder.tally.malformed == 0
    assert decoder.greeting is not None
    assert decoder.greeting.startswith("Asterisk Call Manager/")


@pytest.mark.parametrize("path", SINGLE_22, ids=name)
def test_a_recording_says_the_same_byte_by_byte(path: Path) -> None:
    data = wire(path)
    whole, decoder = decode([data])
    bytewise, slow = decode([data[i : i + 1] for i in range(len(data))])
    assert bytewise == whole
    assert slow.tally == decoder.tally


@pytest.mark.parametrize("path", SINGLE_22, ids=name)
def test_a_recording_says_the_same_cut_at_any_one_place(path: Path) -> None:
    """Every border of the first messages and of some in the middle, each as the only cut."""
    data = wire(path)
    data = data[:1500] + data[len(data) // 2 : len(data) // 2 + 1500]
    whole, _ = decode([data])
    for border in range(len(data)):
        assert decode([data[:border], data[border:]])[0] == whole, border


@pytest.mark.parametrize("path", MIXED, ids=name)
def test_a_long_recording_says_the_same_at_random_cuts(path: Path) -> None:
    data = wire(path)
    whole, decoder = decode([data], wanted=WANTED)
    for seed in range(10):
        random_ = random.Random(seed)
        places = [random_.randrange(len(data)) for _ in range(random_.choice([3, 100, 5000]))]
        again, other = decode(cut(data, places), wanted=WANTED)
        assert again == whole, seed
        assert other.tally == decoder.tally, seed


def test_unwanted_events_are_counted_and_not_decoded() -> None:
    data = wire(MIXED[0])
    everything, _ = decode([data])
    wanted, decoder = decode([data], wanted=WANTED)
    assert wanted == [message for message in everything if message.get("Event", "Hangup") in WANTED]
    names = [message["Event"] for message in everything if "Event" in message]
    assert decoder.tally.events == {event: names.count(event) for event in set(names)}
    assert decoder.tally.events["DeviceStateChange"] > 100


# --- framing, property ------------------------------------------------------------------------------------------------------------


def by_lines(data: bytes, cap: int) -> tuple[list[bytes], int]:
    """Frames by the definition: lines end at LF, a line that is empty but for one CR ends a frame; too long ones are only counted."""
    frames, long, frame = [], 0, b""
    for line in re.findall(rb"[^\n]*\n", data):
        if line in (b"\n", b"\r\n"):
            body = frame.removesuffix(b"\n").lstrip(b"\r\n")
            if len(body) > cap:
                long += 1
            elif body.rstrip(b"\r\n"):
                frames.append(body.rstrip(b"\r\n"))
            frame = b""
        else:
            frame += line
    return frames, long


pieces = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b"Event: A", b"Event:A", b"Event: Bell", b"K: v", b"K:v", b"K", b": ", b"\xd0\xb9", b"\xff", b"Response: x"]),
    max_size=60,
).map(b"".join)


@given(data=pieces, places=st.lists(st.integers(0, 200), max_size=30), cap=st.sampled_from([5, 12, 30, 1 << 20]))
def test_any_bytes_at_any_cuts_say_the_same(data: bytes, places: list[int], cap: int) -> None:
    data = GREETING + data
    cuts = cut(data, [place for place in places if place <= len(data)])
    whole, decoder = decode([data], cap)
    pieced, other = decode(cuts, cap)
    assert pieced == whole
    assert other.tally == decoder.tally
    frames, long = by_lines(data[len(GREETING) :], cap)
    expected = [parse(frame) for frame in frames]
    assert whole == [message for message in expected if "Event" in message or "Response" in message]
    broken = sum("Event" not in message and "Response" not in message for message in expected)
    assert decoder.tally.malformed - long - broken in (0, 1)  # a last frame may be too long before it has ended


@given(name=st.text(max_size=30).filter(lambda text: not set("\r\n") & set(text)), at=st.integers(0, 60))
def test_a_letter_across_a_cut_survives(name: str, at: int) -> None:
    name = name.encode("utf-8", "replace").decode()
    data = GREETING + b"Event: Newchannel\r\nCallerIDName: " + name.encode() + b"\r\n\r\n"
    border = min(len(data), len(GREETING) + 17 + at)
    assert decode([data[:border], data[border:]])[0] == [{"Event": "Newchannel", "CallerIDName": name}]


# --- tolerance --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"Event: A\r\nX: 1\r\nY: 2", {"Event": "A", "X": "1", "Y": "2"}),
        (b"Event: A\r\nX: \r\nY: 2", {"Event": "A", "X": "", "Y": "2"}),
        (b"Event: A\r\nX:\r\nY: 2", {"Event": "A", "X": "", "Y": "2"}),
        (b"Event: A\r\nX\r\nY: 2", {"Event": "A", "X": "", "Y": "2"}),
        (b"Event:A\r\nX:1\r\nY: 2", {"Event": "A", "X": "1", "Y": "2"}),
        (b"Event: A\r\nX:1: 2\r\nY: 2", {"Event": "A", "X": "1: 2", "Y": "2"}),
        (b"Event: A\r\nX: a: b:c\r\nY: 2", {"Event": "A", "X": "a: b:c", "Y": "2"}),
        (b"Event: A\r\nX: 1\nY: 2", {"Event": "A", "X": "1", "Y": "2"}),
        (b"Event: A\nX: 1\nY: 2", {"Event": "A", "X": "1", "Y": "2"}),
        (b"Event: A\r\nX: 1\r\nX: 2\r\nEvent: B", {"Event": "A", "X": "1"}),
        (b"Event: A\r\nX: K\xc3\xbcche \xff\xc3", {"Event": "A", "X": "Küche \\xff\\xc3"}),
        (b"Event: A\r\nX:  two blanks", {"Event": "A", "X": " two blanks"}),
        ("Event: A\r\nX: a\u2028b\x0bc\x1cd\x85e".encode(), {"Event": "A", "X": "a\u2028b\x0bc\x1cd\x85e"}),
    ],
)
def test_headers_as_people_and_old_modules_write_them(frame: bytes, message: Message) -> None:
    assert decode([GREETING + frame + b"\r\n\r\n"])[0] == [message]


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n"])
def test_a_blank_line_of_any_kind_ends_a_message(end: bytes) -> None:
    first, second = b"Event: A\r\nX: 1", b"Event: B\r\nX: 2"
    assert decode([GREETING + first + end + second + end])[0] == [{"Event": "A", "X": "1"}, {"Event": "B", "X": "2"}]


def test_a_bad_stanza_is_counted_and_the_next_is_read() -> None:
    messages, decoder = decode([GREETING + b"\x00\x01\xfe garbage\r\n\r\nno colon\r\n\r\nEvent: A\r\nX: 1\r\n\r\n"])
    assert messages == [{"Event": "A", "X": "1"}]
    assert decoder.tally.malformed == 2


def test_names_that_are_prefixes_or_the_only_header_are_counted_apart() -> None:
    _, decoder = decode([GREETING + b"Event: Hold\r\nX: 1\r\n\r\n" + b"Event: Holds\r\n\r\n" * 2 + b"Event: Hold\r\n\r\n" + b"Event: Hold\nX: 1\r\n\r\n"])
    assert decoder.tally.events == {"Hold": 3, "Holds": 2}


def test_event_names_cannot_fill_the_memory() -> None:
    many = b"".join(b"Event: Flood%d\r\nX: 1\r\n\r\n" % i for i in range(1000)) + b"Event: \xff bad name\r\nX: 1\r\n\r\n"
    messages, decoder = decode([GREETING + many])
    assert len(messages) == 1001
    assert len(decoder.tally.events) == 257
    assert decoder.tally.events["other"] == 1000 - 256 + 1


def test_a_response_that_speaks_of_events_is_a_response() -> None:
    messages, decoder = decode([GREETING + b"Response: Success\r\nValue: x\nEvent: Unwanted\r\nActionID: 1\r\n\r\n"], wanted=frozenset({"Hangup"}))
    assert messages[0]["Response"] == "Success"
    assert decoder.tally.events == {}


def test_a_hundred_megabyte_line_is_skipped_without_being_held() -> None:
    decoder = Decoder(WANTED)
    decoder.feed(GREETING + b"Event: Newchannel\r\nCallerIDName: ")
    chunk = b"A" * 32_768
    tracemalloc.start()
    for _ in range(3200):
        assert decoder.feed(chunk) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20
    assert decoder.feed(b"\r\nX: 1\r\n\r\nEvent: Hangup\r\nX: 2\r\n\r\n") == [{"Event": "Hangup", "X": "2"}]
    assert decoder.tally.malformed == 1


@pytest.mark.parametrize("size", range(60, 70))
def test_the_cap_is_the_same_whole_and_cut(size: int) -> None:
    data = GREETING + b"Event: A\r\nX: " + b"a" * (size - 13) + b"\r\n\r\nEvent: B\r\nX: 1\r\n\r\n"
    expected = [b"a" * (size - 13)] if size < 64 else []  # the CR before the blank line counts
    for chunks in ([data], [data[i : i + 1] for i in range(len(data))]):
        messages, decoder = decode(chunks, cap=64)
        assert [message["X"].encode() for message in messages] == [*expected, b"1"]
        assert decoder.tally.malformed == 1 - len(expected)


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\r\n", b"x" * 300, b"Asterisk Call Manager/" + b"9" * 300 + b"\r\n"]
)
def test_another_greeting_is_kept_for_whoever_asks_and_not_taken_off(first: bytes) -> None:
    data = first + b"Event: A\r\nX: 1\r\n\r\n"
    for chunks in ([data], [data[i : i + 1] for i in range(len(data))]):
        _, decoder = decode(chunks)
        assert decoder.greeting == first.split(b"\r\n")[0].decode()[:256]


# --- sieves -----------------------------------------------------------------------------------------------------------------------


def test_an_event_with_a_sieve_is_counted_and_read_only_where_the_sieve_says_so() -> None:
    frames: list[bytes] = []

    def sieve(frame: bytes) -> bool:
        frames.append(frame)
        return b"PJSIP" in frame

    decoder = Decoder({"Hangup"}, sieves={"Bell": sieve})
    bells = b"".join(b"Event: Bell\r\nDevice: %s\r\n\r\n" % name for name in (b"Queue:1", b"PJSIP/1", b"Queue:2", b"PJSIP/2"))
    messages = decoder.feed(GREETING + bells + b"Event: Hangup\r\nX: 1\r\n\r\nEvent: Bells\r\nX: PJSIP\r\n\r\n")
    assert [message.get("Device") for message in messages] == ["PJSIP/1", "PJSIP/2", None]
    assert len(frames) == 4
    assert decoder.tally.events == {"Bell": 4, "Hangup": 1, "Bells": 1}


@pytest.mark.parametrize("first", [b"PJSIP/1", b"Queue:1"])
def test_the_first_event_of_a_name_is_sieved_too(first: bytes) -> None:
    decoder = Decoder(set(), sieves={"Bell": lambda frame: b"PJSIP" in frame})
    assert len(decoder.feed(GREETING + b"Event: Bell\r\nDevice: " + first + b"\r\n\r\n")) == (first == b"PJSIP/1")
