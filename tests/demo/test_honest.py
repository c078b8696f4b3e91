"""The simulated PBX says what a real Asterisk 22.10.1 said: event by event, header by header, value by value.

`afternoon` drives the switch at the instants of the ten recordings of `single-22`. Names, headers, their order, and every value are
compared as they are: identifiers, serials, counters and whole-second times are the recording's own. Only two things differ by nature and are
normalised: a bridge's identifier becomes the number of its first appearance, and the recording's Timestamp, which the switch leaves to the
wire, is compared with the switch's instant to 60 ms.

Asterisk itself promises no order between some threads (they differ from one recording to the next), so these are compared as ordered
sequences of their own: QueueMemberStatus (the device-state thread), AgentComplete (a pool thread), and DeviceStateChange per device. All
other events are compared in exact order, but for the moves in RACES: each names one event that in that recording came earlier or later than
the switch sends it, because it is another channel's thread's; in another recording it came where the switch sends it, or nowhere else.
A row that is no longer needed fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pytest

from monitor.demo.switch.specs import Message
from tests.demo.afternoon import Afternoon
from tests.scenarios.world import CAPTURES, Recording

SCENARIOS = (
    *("abandon", "timeout", "overflow-to-second-queue", "leave-empty", "exit-key", "ring-all", "agent-hangs-up", "snapshot-in-mid-call", "hold"),
    "attended-transfer-to-queue",
)
LISTS = {"status": "status", "queues": "queues", "channels": "channels", "settings": "settings"}  # our answer: the recording's ActionID
NEAR = 60_000  # microseconds between the switch's instant and the recording's
Header = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """One event as it is compared."""

    at: int
    headers: tuple[Header, ...]

    def get(self, name: str) -> str:
        """A header, or nothing."""
        return dict(self.headers).get(name, "")

    @property
    def label(self) -> str:
        """The event and whose it is: how RACES and a failure name it."""
        return " ".join(filter(None, (self.get("Event"), self.get("DestChannel") or self.get("Channel") or self.get("Device"), self.get("DialStatus"))))


# --- the recording and the switch, in one shape -------------------------------------------------------------------------------


def messages(name: str) -> list[list[Header]]:
    """The recording's messages, headers as they stand."""
    text = Recording(f"single-22/{name}").data.decode().partition("\r\n")[2]
    return [[(key, value.strip()) for key, _, value in (line.partition(":") for line in part.split("\r\n"))] for part in text.split("\r\n\r\n") if part]


@cache
def real(name: str) -> tuple[Seen, ...]:
    """What the recording's session was sent without asking."""
    seen = []
    for headers in messages(name):
        known = dict(headers)
        if "Event" in known and "ActionID" not in known and known["Event"] != "FullyBooted":
            assert [key for key, _ in headers[:3]] == ["Event", "Privilege", "Timestamp"], "where the wire puts the Timestamp"
            seconds, _, fraction = known["Timestamp"].partition(".")
            seen.append(Seen(int(seconds + fraction), (*headers[:2], *headers[3:])))
    return tuple(seen)


@cache
def afternoon() -> Afternoon:
    """The switch, driven once."""
    return Afternoon().run()


def ours(name: str) -> tuple[Seen, ...]:
    """What the switch sent in the recording's time."""
    first, last = real(name)[0].at, real(name)[-1].at
    return tuple(Seen(at, tuple(message.items())) for at, message in afternoon().events if first - NEAR <= at <= last + NEAR)


# --- the comparison -----------------------------------------------------------------------------------------------------------


def stream(event: Seen) -> str:
    """Which order an event belongs to."""
    name = event.get("Event")
    if name == "DeviceStateChange":
        return f"DeviceStateChange of {event.get('Device')}"
    return name if name in {"QueueMemberStatus", "AgentComplete"} else "main"


def streams(events: Sequence[Seen]) -> dict[str, list[Seen]]:
    """The events by stream, in order."""
    found: dict[str, list[Seen]] = {}
    for event in events:
        found.setdefault(stream(event), []).append(event)
    return found


def numbered(events: Sequence[Seen]) -> list[Seen]:
    """Bridges by the order of their first appearance."""
    numbers: dict[str, str] = {}

    def number(header: Header) -> Header:
        key, value = header
        if key == "BridgeId" or (key.endswith("BridgeUniqueid") and value):
            return key, numbers.setdefault(value, f"bridge {len(numbers) + 1}") if value else value
        return header

    return [Seen(event.at, tuple(map(number, event.headers))) for event in events]


def differences(mine: Sequence[Seen], theirs: Sequence[Seen]) -> list[str]:
    """Every difference, in words; none for equal sessions."""
    left, right = streams(numbered(mine)), streams(numbered(theirs))
    found = []
    for key in sorted(left.keys() | right.keys()):
        a, b = left.get(key, []), right.get(key, [])
        if [each.label for each in a] != [each.label for each in b]:
            place = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x.label != y.label), min(len(a), len(b)))
            here, there = (each[place].label if place < len(each) else "the end" for each in (a, b))
            found.append(f"{key}: event {place}: {here} instead of {there} ({len(a)} for {len(b)})")
            continue
        for x, y in zip(a, b, strict=True):
            if [name for name, _ in x.headers] != [name for name, _ in y.headers]:
                found.append(f"{x.label}: headers {[name for name, _ in x.headers]} instead of {[name for name, _ in y.headers]}")
                continue
            found += [
                f"{x.label}: {name}: {value} instead of {wanted}" for (name, value), (_, wanted) in zip(x.headers, y.headers, strict=True) if value != wanted
            ]
            if abs(x.at - y.at) > NEAR:
                found.append(f"{x.label}: at {x.at} instead of {y.at}")
    return found


# --- what differs, and why ----------------------------------------------------------------------------------------------------

TWO_THREADS = "the caller's and the agent's channel end in two threads"


@dataclass(frozen=True)
class Race:
    """In the recording `event` came right after `after`; `nth` of the events of that label."""

    scenario: str
    event: str
    after: str
    why: str
    nth: int = 1
    after_nth: int = 1


RACES: tuple[Race, ...] = ()
VALUES: tuple[tuple[str, str, str, str, str, str], ...] = ()  # scenario, event, header, ours, theirs, why


def arranged(name: str, events: Sequence[Seen], races: Sequence[Race]) -> list[Seen]:
    """The switch's events with the races run as they ran in that recording."""
    order = list(events)

    def place(label: str, nth: int) -> int:
        return [i for i, each in enumerate(order) if each.label == label][nth - 1]

    for race in races:
        if race.scenario == name:
            moved = order.pop(place(race.event, race.nth))
            order.insert(place(race.after, race.after_nth) + 1, moved)
    return order


def remaining(name: str, races: Sequence[Race] = RACES) -> list[str]:
    """The differences that no row explains; a row that explains nothing is one too."""
    found = differences(arranged(name, ours(name), races), real(name))
    for scenario, event, header, mine, theirs, _ in VALUES:
        if scenario == name:
            found.remove(f"{event}: {header}: {mine} instead of {theirs}")
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_switch_sends_what_asterisk_sent(name: str) -> None:
    assert remaining(name) == []
