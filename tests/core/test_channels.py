"""Who exists, who is joined with whom, who was dialled for whom."""

from __future__ import annotations

import pytest

from monitor.core.channels import Channel, Channels, device_of
from monitor.core.events import Position

HERE = Position("c", "600", "1")


def channels(*names: str) -> Channels:
    """Channels whose ids are their names."""
    known = Channels()
    for name in names:
        known.start(name, name, name, HERE)
    return known


def get(known: Channels, name: str) -> Channel:
    channel = known.get(name)
    assert channel is not None
    return channel


@pytest.mark.parametrize(
    ("channel", "device"),
    [
        ("PJSIP/agent7-0000002a", "PJSIP/agent7"),
        ("SIP/7-8-ffffffff", "SIP/7-8"),
        ("Local/7@ctx-0000002a;1", "Local/7@ctx"),
        ("Local/7@ctx-0000002a;2", "Local/7@ctx"),
        ("PJSIP/agent7", "PJSIP/agent7"),
        ("PJSIP/dead-beef", "PJSIP/dead-beef"),
        ("DAHDI/i1/5550101-2", "DAHDI/i1/5550101-2"),
    ],
)
def test_the_device_of_a_channel(channel: str, device: str) -> None:
    assert device_of(channel) == device


def test_starting_a_known_channel_again_refreshes_its_name_only() -> None:
    known = channels("a")
    known.start("a", "b", "x", Position("other", "700", "9"))
    channel = get(known, "a")
    assert (channel.name, channel.linked, channel.exten) == ("b", "a", "600")


def test_a_channel_is_in_one_bridge_at_a_time_and_empty_bridges_are_forgotten() -> None:
    known = channels("a", "b")
    known.enter(get(known, "a"), "one")
    known.enter(get(known, "b"), "one")
    known.enter(get(known, "a"), "two")
    assert known.bridges == {"one": {"b"}, "two": {"a"}}
    known.end("b")
    known.leave(get(known, "a"))
    known.leave(get(known, "a"))
    assert known.bridges == {}
    assert known.end("b") is None


def test_the_halves_of_a_local_channel_know_each_other_until_one_ends_or_is_renamed() -> None:
    known = channels("Local/x@c-1;1", "Local/x@c-1;2", "PJSIP/7-00000001")
    one, two = get(known, "Local/x@c-1;1"), get(known, "Local/x@c-1;2")
    assert known.half(one) is two
    assert known.half(two) is one
    assert known.half(get(known, "PJSIP/7-00000001")) is None
    known.rename(two, "PJSIP/7-00000009")
    assert known.half(one) is None
    known.rename(two, "Local/x@c-1;2")
    known.end("Local/x@c-1;1")
    assert known.half(two) is None
    assert known.halves == {"Local/x@c-1;2": "Local/x@c-1;2"}


def test_the_phone_behind_a_local_leg() -> None:
    known = channels("Local/x@c-1;1", "Local/x@c-1;2", "Local/y@c-2;1", "Local/y@c-2;2", "phone")
    assert known.phone("Local/x@c-1;1") == "Local/x@c-1;1"  # nobody answered yet
    get(known, "Local/x@c-1;2").answered_child = "Local/y@c-2;1"
    get(known, "Local/y@c-2;2").answered_child = "phone"
    assert known.phone("Local/x@c-1;1") == "phone"
    known.end("phone")
    assert known.phone("Local/x@c-1;1") == "Local/y@c-2;1"
    assert known.phone("unknown") == "unknown"


def test_a_ring_of_local_channels_is_walked_no_further_than_needed() -> None:
    known = channels("Local/x@c-1;1", "Local/x@c-1;2")
    get(known, "Local/x@c-1;2").answered_child = "Local/x@c-1;1"
    assert known.phone("Local/x@c-1;1") == "Local/x@c-1;1"


def test_a_conversation_reaches_through_local_halves() -> None:
    known = channels("caller", "Local/x@c-1;1", "Local/x@c-1;2", "phone", "stranger")
    for name, bridge in (("caller", "outer"), ("Local/x@c-1;1", "outer"), ("Local/x@c-1;2", "inner"), ("phone", "inner"), ("stranger", "else")):
        known.enter(get(known, name), bridge)
    around = {channel.id for channel in known.in_touch(get(known, "caller"))}
    assert around == {"caller", "Local/x@c-1;1", "Local/x@c-1;2", "phone"}
    assert {channel.id for channel in known.in_touch(get(known, "stranger"))} == {"stranger"}


def test_who_listens_behind_a_local_channel() -> None:
    known = channels("caller", "Local/x@c-1;1", "Local/x@c-1;2", "phone")
    one, two = get(known, "Local/x@c-1;1"), get(known, "Local/x@c-1;2")
    assert known.listener(get(known, "phone")) is get(known, "phone")
    assert known.listener(one) is None  # the other half is nowhere
    known.enter(two, "inner")
    assert known.listener(one) is None  # alone there
    known.enter(get(known, "phone"), "inner")
    assert known.listener(one) is get(known, "phone")
    assert known.listener(two) is None
    known.end("Local/x@c-1;2")
    assert known.listener(one) is one
