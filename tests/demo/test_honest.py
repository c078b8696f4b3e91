"""The simulated PBX says what a real Asterisk 22.10.1 said: event by event, header by header, value by value.

`afternoon` drives the switch at the instants of the ten recordings of `single-22`. Names, headers, their order, and every value are
compared as they are: identifiers, serials, counters and whole-second times are the recording's own. In events two things are normalised: a
bridge's identifier becomes the number of its first appearance, and the recording's Timestamp, which the switch leaves to the wire, is compared
with the switch's instant to 60 ms. In queue_log: the bridge's identifier, and RINGCANCELED to the nearest second. In answers: Debian's name
for the version, and the order of CoreShowChannels, which is a hash's.

Asterisk itself promises no order between some threads (they differ from one recording to the next), so these are compared as ordered
sequences of their own: QueueMemberStatus (the device-state thread), AgentComplete (a pool thread), and DeviceStateChange per device. All
other events are compared in exact order, but for the moves in RACES and the older photographs in VALUES: there two channels' threads ran the
other way round than the switch, which has one order for each case: what both recordings of it share, or what most calls of `mixed-22` show.
A row that is no longer needed fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pytest

from monitor.demo.manager import stamped
from monitor.demo.switch.specs import Message
from monitor.sources import recording
from tests.demo.afternoon import Afternoon
from tests.scenarios.world import PBX, Recording, Replay

SCENARIOS = (
    *("abandon", "timeout", "overflow-to-second-queue", "leave-empty", "exit-key", "ring-all", "agent-hangs-up", "snapshot-in-mid-call", "hold"),
    "attended-transfer-to-queue",
)
NEAR = 60_000  # microseconds between the switch's instant and the recording's
LONGER = 300_000  # and after the recording's last event, for what Asterisk did not send
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
        return " ".join(
            filter(
                None,
                (
                    self.get("Event"),
                    self.get("DestChannel") or self.get("Channel") or self.get("Device") or self.get("Interface"),
                    self.get("DialStatus") or self.get("Queue"),
                ),
            )
        )


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


@cache
def looked(name: str) -> int:
    """When the recording's session had asked its questions: from then on it heard everything."""
    seconds, _, fraction = next(dict(each)["Timestamp"] for each in messages(name) if "Ping" in dict(each)).partition(".")
    return int(seconds + fraction)


def meanwhile(name: str) -> list[tuple[int, Message]]:
    """What the switch sent in the recording's time, and a little longer."""
    return [(at, message) for at, message in afternoon().events if looked(name) < at <= real(name)[-1].at + LONGER]


def ours(name: str) -> tuple[Seen, ...]:
    """The same, as it is compared."""
    return tuple(Seen(at, tuple(message.items())) for at, message in meanwhile(name))


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

ENDS = "the two channels of a bridge end in two threads; hold and snapshot-in-mid-call have the switch's order"
RINGS = "a phone's 180 is taken by the SIP thread, while the caller's thread calls the next phone"
DROPS = "the legs that lost are hung up in a thread of their own; the two ring-all recordings differ"
CONSULTS = "the consulting agent changes bridges in his thread, while the second queue rings in the Local channel's"


@dataclass(frozen=True)
class Race:
    """In the recording `event` came right after `after`; `nth` of the events of that label."""

    scenario: str
    event: str
    after: str
    why: str
    nth: int = 1
    after_nth: int = 1


RACES = (
    Race("ring-all", "Newstate PJSIP/agent6-0000000f", "DialBegin PJSIP/agent5-00000010", RINGS),
    Race("ring-all", "NewConnectedLine PJSIP/agent6-0000000f", "Newstate PJSIP/agent6-0000000f", RINGS),
    Race("ring-all", "DialState PJSIP/agent4-00000011 RINGING", "DialState PJSIP/agent6-0000000f RINGING", RINGS),
    Race("ring-all", "Newstate PJSIP/trunk-0000000e", "Hangup PJSIP/agent4-00000011", DROPS),
    Race("ring-all", "SoftHangupRequest PJSIP/trunk-0000000e", "BridgeLeave PJSIP/agent5-00000010", ENDS),
    Race("ring-all", "Hangup PJSIP/trunk-0000000e", "BridgeDestroy", ENDS),
    Race("attended-transfer-to-queue", "Hangup PJSIP/agent5-0000001b", "Hangup PJSIP/agent4-0000001c", DROPS),
    Race("attended-transfer-to-queue", "QueueMemberStatus PJSIP/agent5 ringall", "QueueMemberStatus PJSIP/agent4 ringall2", DROPS, 2, 2),
    Race("attended-transfer-to-queue", "QueueMemberStatus PJSIP/agent5 ringall2", "QueueMemberStatus PJSIP/agent5 ringall", DROPS, 2, 2),
    Race("attended-transfer-to-queue", "BridgeLeave PJSIP/agent6-0000001a", "NewCallerid PJSIP/agent1-0000001d", CONSULTS),
    Race("attended-transfer-to-queue", "BridgeEnter PJSIP/agent6-0000001a", "BridgeLeave PJSIP/agent6-0000001a", CONSULTS, 2),
    Race("attended-transfer-to-queue", "NewConnectedLine PJSIP/agent6-0000001a", "BridgeEnter PJSIP/agent6-0000001a", CONSULTS, 2, 2),
    Race("attended-transfer-to-queue", "NewConnectedLine PJSIP/agent1-0000001d", "NewConnectedLine Local/711@inbound-00000003;2", RINGS),
)


@dataclass(frozen=True)
class Stale:
    """In the recording an event shows an older `theirs` where the switch shows `ours`: its channel was photographed in a race."""

    scenario: str
    event: str
    header: str
    ours: str
    theirs: str
    why: str

    @property
    def words(self) -> str:
        """The difference as `differences` says it."""
        return f"{self.event}: {self.header}: {self.ours} instead of {self.theirs}"


VALUES = (
    Stale("ring-all", "DialState PJSIP/agent4-00000011 RINGING", "DestChannelState", "5", "0", RINGS),
    Stale("ring-all", "DialState PJSIP/agent4-00000011 RINGING", "DestChannelStateDesc", "Ringing", "Down", RINGS),
    Stale("attended-transfer-to-queue", "NewConnectedLine PJSIP/agent1-0000001d", "ChannelState", "5", "0", RINGS),
    Stale("attended-transfer-to-queue", "NewConnectedLine PJSIP/agent1-0000001d", "ChannelStateDesc", "Ringing", "Down", RINGS),
)


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


def remaining(name: str, races: Sequence[Race] = RACES, values: Sequence[Stale] = VALUES) -> list[str]:
    """The differences that no row explains; a row that explains nothing is one too."""
    found = differences(arranged(name, ours(name), races), real(name))
    for row in values:
        if row.scenario == name:
            found = [each for each in found if each != row.words] if row.words in found else [*found, f"no longer needed: {row}"]
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_switch_sends_what_asterisk_sent(name: str) -> None:
    assert remaining(name) == []


@pytest.mark.parametrize("number", range(len(RACES)))
def test_every_race_is_still_needed(number: int) -> None:
    assert remaining(RACES[number].scenario, (*RACES[:number], *RACES[number + 1 :])), f"no longer needed: {RACES[number]}"


@pytest.mark.parametrize("row", VALUES, ids=str)
def test_every_differing_value_is_still_needed(row: Stale) -> None:
    assert remaining(row.scenario, values=[each for each in VALUES if each is not row]) == [row.words]


def test_a_difference_that_is_no_longer_needed_is_found() -> None:
    row = Stale("hold", "Hold PJSIP/agent8-00000018", "MusicClass", "default", "none", "made up")
    assert remaining("hold", values=[row]) == [f"no longer needed: {row}"]


# --- the comparison can fail --------------------------------------------------------------------------------------------------

HOLD = ours("hold")
MAIN = [i for i, each in enumerate(HOLD) if stream(each) == "main"]


@pytest.mark.parametrize("place", range(len(HOLD)))
def test_a_missing_event_is_found(place: int) -> None:
    assert differences([*HOLD[:place], *HOLD[place + 1 :]], real("hold"))


@pytest.mark.parametrize("place", range(len(HOLD)))
def test_an_event_too_many_is_found(place: int) -> None:
    assert differences([*HOLD[:place], HOLD[place], *HOLD[place:]], real("hold"))


@pytest.mark.parametrize(("first", "second"), list(pairwise(MAIN)))
def test_a_swapped_pair_is_found(first: int, second: int) -> None:
    events = list(HOLD)
    events[first], events[second] = events[second], events[first]
    assert differences(events, real("hold"))


@pytest.mark.parametrize("place", range(len(HOLD)))
def test_a_missing_renamed_moved_or_changed_header_is_found(place: int) -> None:
    event = HOLD[place]
    for i, (name, value) in enumerate(event.headers):
        before, after = event.headers[:i], event.headers[i + 1 :]
        mutants = [(*before, *after), (*before, (f"X-{name}", value), *after), (*after, (name, value), *before) if before and after else ()]
        mutants += [] if name.endswith("BridgeUniqueid") else [(*before, (name, f"{value}?"), *after)]
        for headers in filter(None, mutants):
            assert differences([*HOLD[:place], Seen(event.at, headers), *HOLD[place + 1 :]], real("hold")), f"{event.label}: {name}"


def test_a_bridge_mistaken_for_another_is_found() -> None:
    place = next(i for i, each in enumerate(HOLD) if each.get("Event") == "BridgeLeave")
    headers = tuple((name, "another" if name == "BridgeUniqueid" else value) for name, value in HOLD[place].headers)
    assert differences([*HOLD[:place], Seen(HOLD[place].at, headers), *HOLD[place + 1 :]], real("hold"))


def test_an_event_at_another_time_is_found() -> None:
    late = Seen(HOLD[5].at + 2 * NEAR, HOLD[5].headers)
    assert differences([*HOLD[:5], late, *HOLD[6:]], real("hold"))


# --- queue_log ----------------------------------------------------------------------------------------------------------------


def rows(lines: Sequence[str]) -> list[str]:
    """Rows with the bridge's identifier left out and milliseconds of ringing to the nearest whole second."""
    found = []
    for line in lines:
        fields = line.split("|")
        if fields[4] == "ATTENDEDTRANSFER":
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fields[6])
            fields[6] = "a bridge"
        elif fields[4] == "RINGCANCELED":
            fields[5] = str(round(int(fields[5]) / 1000) * 1000)
        found.append("|".join(fields))
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_switch_logs_what_asterisk_logged(name: str) -> None:
    theirs = Recording(f"single-22/{name}").queue_log.read_text().splitlines()
    first, last = (int(line.partition("|")[0]) for line in (theirs[0], theirs[-1]))
    assert rows([line for line in afternoon().rows if first <= int(line.partition("|")[0]) <= last]) == rows(theirs)


# --- what is asked ------------------------------------------------------------------------------------------------------------

PACKAGE = "22.10.1+dfsg+~cs6.17.60671434-1"  # Debian's name for the same version


def asked(name: str, action: str) -> list[list[Header]]:
    """The recording's answer: the rows of a list, or the one response; without the frame around it."""
    frame = {"ActionID", "Response", "EventList", "Message"}
    answer = [each for each in messages(name) if dict(each).get("ActionID") == action]
    listed = len(answer) > 1
    return [[(k, v) for k, v in each if k not in frame] for each in (answer[1:-1] if listed or "EventList" in dict(answer[0]) else answer)]


def answered(name: str, action: str) -> list[list[Header]]:
    """The switch's answer at the same instant."""
    return [list(message.items()) for message in afternoon().answers[name][action]]


@pytest.mark.parametrize("action", ["settings", "status", "queues"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_switch_answers_what_asterisk_answered(name: str, action: str) -> None:
    theirs = [[(key, "22.10.1" if value == PACKAGE else value) for key, value in each] for each in asked(name, action)]
    assert answered(name, action) == theirs
    assert theirs


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_switch_lists_the_channels_that_asterisk_listed(name: str) -> None:
    """In any order: Asterisk lists them by a hash."""
    mine, theirs = (
        [[(k, "a bridge" if k == "BridgeId" and v else v) for k, v in each] for each in rows] for rows in (answered(name, "channels"), asked(name, "channels"))
    )
    assert sorted(mine) == sorted(theirs)
    assert bool(theirs) == (name == "snapshot-in-mid-call")


# --- what the daemon makes of it ----------------------------------------------------------------------------------------------


def as_bytes(name: str) -> bytes:
    """The switch's session, as the wire would carry it."""
    return afternoon().openings[name] + b"".join(stamped(at, event) for at, event in meanwhile(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_daemon_counts_the_same(name: str) -> None:
    """Both sessions through the pipeline, in which an anomaly raises: counts are equal, seconds to a tenth."""
    theirs = Replay(list(recording.events(Recording(f"single-22/{name}").data, PBX))).whole().floor.counters
    mine = Replay(list(recording.events(as_bytes(name), PBX))).whole().floor.counters
    assert mine.anomalies == theirs.anomalies == Counter()
    for counts in ("visits", "flowed_out", "contacts", "ring_no_answer", "unclaimed", "corrected", "reconcile_mismatches"):
        assert getattr(mine, counts) == getattr(theirs, counts), counts
    for times in ("handle_us", "talk_disagreement_us", "agent_us", "pause_us"):
        a, b = getattr(mine, times), getattr(theirs, times)
        assert a.keys() == b.keys()
        assert all(abs(a[key] - b[key]) < 100_000 for key in a), (times, a, b)
    assert sum(each[0] for each in mine.visits.values()) > 0
