"""What the PBX says of its devices: of its own accord, and when it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.contract import Contract
from monitor.core.devices import DeviceSeen
from monitor.core.trunk import Trunk, TrunkId
from monitor.core.trunks import EndpointSeen
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.translate import Translator
from tests.sources.fake_ami import Pbx, event
from tests.sources.watching import watching

KS = "PJSIP/kyivstar"


@pytest.mark.parametrize(
    ("message", "device", "reachable"),
    [
        ({"Event": "PeerStatus", "Peer": KS, "PeerStatus": "Reachable"}, KS, True),
        ({"Event": "PeerStatus", "Peer": KS, "PeerStatus": "Unreachable"}, KS, False),
        ({"Event": "PeerStatus", "Peer": "SIP/life", "PeerStatus": "Lagged", "Time": "2500"}, "SIP/life", True),
        ({"Event": "PeerStatus", "Peer": "SIP/life", "PeerStatus": "Registered"}, "SIP/life", True),
        ({"Event": "PeerStatus", "Peer": "SIP/life", "PeerStatus": "Unregistered", "Cause": "Expired"}, "SIP/life", False),
        ({"Event": "ContactStatus", "EndpointName": "kyivstar", "ContactStatus": "Reachable", "URI": "sip:10.0.0.9"}, KS, True),
    ],
)
def test_a_change_is_told_of_the_device(message: Message, device: str, reachable: bool) -> None:
    assert Translator("p").event(message, 7) == EndpointSeen("p", 7, device, reachable)


@pytest.mark.parametrize(
    "message",
    [
        {"Event": "PeerStatus", "Peer": "SIP/life", "PeerStatus": "Rejected"},
        {"Event": "ContactStatus", "EndpointName": "kyivstar", "ContactStatus": "Unreachable"},  # it may have another address
        {"Event": "ContactStatus", "EndpointName": "kyivstar", "ContactStatus": "Removed"},
        {"Event": "ContactStatus", "EndpointName": "kyivstar", "ContactStatus": "NonQualified"},
    ],
)
def test_what_says_nothing_of_a_device_is_no_event_and_not_broken_either(message: Message) -> None:
    translator = Translator("p")
    assert translator.event(message, 7) is None
    assert translator.tally.malformed == 0


@pytest.mark.parametrize("message", [{"Event": "PeerStatus", "Peer": KS}, {"Event": "ContactStatus", "ContactStatus": "Reachable"}])
def test_a_torn_one_is_counted(message: Message) -> None:
    translator = Translator("p")
    assert translator.event(message, 7) is None
    assert translator.tally.malformed == 1


AGREED = Contract(pbxs=("p",), trunks=(Trunk(TrunkId("p", "ks"), (KS, "SIP/ks-*")), Trunk(TrunkId("other", "life"), ("SIP/life",))))


def test_trunks_devices_are_asked_for_and_their_changes_heard_and_nobody_else_s() -> None:
    devices = Devices(AGREED, "p")
    assert devices.to_ask() == [KS]
    heard = (KS, "SIP/ks-2", "SIP/life", "PJSIP/101", "Queue:bank")
    assert [device for device in heard if devices.passes(f"Event: DeviceStateChange\r\nDevice: {device}\r\nState: INUSE\r\n".encode())] == [KS, "SIP/ks-2"]
    assert devices.differ(Devices(replace(AGREED, trunks=()), "p"))
    assert not devices.differ(Devices(AGREED, "p"))


async def test_a_snapshot_asks_how_each_trunk_s_device_is_and_a_change_is_told_after_it() -> None:
    pbx = Pbx(devices={KS: "UNAVAILABLE"})
    async with watching(pbx, devices=Devices(AGREED, "p")) as one:
        await one.live()
        await one.heard(DeviceSeen)
        pbx.live.send(event("PeerStatus", ChannelType="PJSIP", Peer=KS, PeerStatus="Reachable"))
        await one.heard(EndpointSeen)
        assert [(seen.device, seen.status) for seen in one.inbox.of(DeviceSeen)] == [(KS, 5)]
        assert [(seen.device, seen.reachable) for seen in one.inbox.of(EndpointSeen)] == [(KS, True)]
        assert [action["Variable"] for action in pbx.actions("Getvar")] == ["DEVICE_STATE(PJSIP/kyivstar)"]
