"""Two minutes of random life on real PBXs, whose callers are SIP phones behind one trunk: counted to the call, line by line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.contract import Contract, Group, Project, QueueId
from monitor.core.floor import Floor
from monitor.core.trunk import Trunk, TrunkId, TrunkView
from monitor.sources import recording

CAPTURES = [Path(__file__).parent / f"captures/mixed-{major}/ami.raw.gz" for major in (16, 22)]
TRUNK = TrunkId("p", "carrier")
DIDS = frozenset({"600", "plain-bank"})
CONTRACT = Contract(
    pbxs=("p",),
    groups=(Group("floor"),),
    projects=(Project("bank", "Bank", "floor", (QueueId("p", "bank"),), dids=DIDS),),
    trunks=(Trunk(TRUNK, ("PJSIP/trunk",)),),
)


def told(path: Path) -> Iterator[dict[str, str]]:
    """What the wire says, read without any of the daemon's code but its unpacking."""
    for piece in b"".join(recording.pieces(path)).decode(errors="replace").split("\r\n\r\n"):
        message = dict(re.findall(r"^([\w-]+): ?(.*?)\r?$", piece, re.MULTILINE))
        if message.get("Event") in ("Newchannel", "Hangup") and "call" in message.get("Privilege", ""):
            yield message


@pytest.mark.parametrize("path", CAPTURES, ids=["16", "22"])
def test_every_caller_of_a_recording_is_counted_where_he_came_in_and_every_line_is_free_again(path: Path) -> None:
    floor: Floor | None = None
    most = 0
    for event in recording.events(path.read_bytes(), "p"):
        floor = floor or Floor(CONTRACT, event.at)
        floor.apply(event)
        most = max(most, *(view.channels for view in floor.trunks.views()))
    assert floor is not None
    lines: set[str] = set()
    came: Counter[str] = Counter()
    highest = 0
    for message in told(path):
        if message["Event"] == "Hangup":
            lines.discard(message["Uniqueid"])
        elif message["Channel"].startswith("PJSIP/trunk-"):
            lines.add(message["Uniqueid"])
            if message["ChannelState"] == "4":
                came[message["Exten"] if message["Exten"] in DIDS else "other"] += 1
        highest = max(highest, len(lines))
    assert came.total() > 50
    assert floor.counters.trunk_calls[TRUNK, "inbound"] == came.total()
    assert {did: count for (_, did, _), count in floor.counters.did_calls.items() if count} == dict(came)
    assert (floor.trunks.views()[0].channels, most) == (len(lines), highest)


def test_without_trunks_nothing_is_looked_at() -> None:
    floor: Floor | None = None
    for event in recording.events(CAPTURES[0].read_bytes(), "p"):
        floor = floor or Floor(replace(CONTRACT, trunks=()), event.at)
        floor.apply(event)
    assert floor is not None
    assert (floor.trunks.views(), floor.counters.trunk_calls, floor.counters.did_calls, floor.trunks._by_device) == ((), {}, {}, {})


@pytest.mark.parametrize("major", [16, 22])
def test_a_carrier_that_refuses_dies_and_comes_back(major: int) -> None:
    """Recorded: it answers, refuses a call with 503, is killed, is dialled in vain, and answers again; beside it one that never answers at all."""
    carrier, dead = TrunkId("p", "carrier"), TrunkId("p", "dead")
    agreed = Contract(pbxs=("p",), trunks=(Trunk(carrier, ("PJSIP/carrier",)), Trunk(dead, ("PJSIP/dead",))))
    floor: Floor | None = None
    views: dict[TrunkId, TrunkView] = {}
    ups: list[bool | None] = []
    failed = 0
    for event in recording.events((CAPTURES[0].parents[1] / f"trunk-{major}/carrier-lost.ami").read_bytes(), "p"):
        floor = floor or Floor(agreed, event.at)
        floor.apply(event)
        views = {view.id: view for view in floor.trunks.views()}
        failed = max(failed, views[carrier].failed)
        if not ups or views[carrier].up is not ups[-1]:
            ups.append(views[carrier].up)
    assert floor is not None
    assert ups[:4] == [None, True, False, True]
    counters = floor.counters
    assert (failed, counters.trunk_failures[carrier, "congestion"], counters.trunk_failures[carrier, "chanunavail"]) == (1, 1, 0)
    assert counters.trunk_calls[carrier, "outbound"] == 1, "out of reach it is not dialled"
    assert (views[dead].up, views[dead].failed, counters.trunk_calls[dead, "outbound"]) == (None, 0, 1), "no answer proves nothing"
