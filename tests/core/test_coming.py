"""The seam between a log and what comes live, while the first lists are read: each visit and its answer once, however late the lists are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

import pytest

from monitor.core import events as ev
from monitor.core import heal
from monitor.core.coming import LIVE, joins, told_live, ways_out
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Contacts
from monitor.core.events import Event, SnapshotTaken, WaitingRow
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell
from monitor.sources import queue_log
from tests.core.looking import row, shown, waits
from tests.core.scene import T0, Scene, contract
from tests.core.test_heal import PBX, PLACE, caller, calls_of, kept, leg, member, rows, snapshot, visits
from tests.scenarios.world import AFTERMATH, MIXED, Recording, contract_of

ENTERED, CONNECTED = "|1.1|bank|NONE|ENTERQUEUE||0|1\n", "|1.1|bank|ann|CONNECT|1|1.2|1\n"


def us(at: float) -> int:
    return T0 + round(at * SECOND)


def joined(at: float, call: str = "1.1") -> Event:
    return ev.CallerJoined(PBX, us(at), call, call, f"PJSIP/trunk-{call}", "bank", PLACE)


def left(at: float, call: str = "1.1") -> Event:
    return ev.CallerLeft(PBX, us(at), call, "bank", f"PJSIP/trunk-{call}", PLACE)


def answered(at: float, call: str = "1.1", who: str = "ann", leg: str = "1.2") -> Event:
    return ev.AgentConnected(PBX, us(at), call, "bank", f"PJSIP/{who}", who, leg, f"PJSIP/{who}-0000000a", PLACE)


def rung_in_vain(at: float, call: str = "1.1") -> Event:
    return ev.AgentDidNotAnswer(PBX, us(at), call, "bank", "PJSIP/ben", "ben", "1.9", PLACE)


def ended(at: float, call: str = "1.1") -> Event:
    return ev.ChannelEnded(PBX, us(at), call, PLACE)


def lived(log: str, taken: SnapshotTaken, *coming: Event) -> Floor:
    """A floor that is told the log, shown the lists, and told live what was kept back, be it raised after them; then the call is over."""
    known = tuple(event for event in coming if isinstance(event, LIVE) and not taken.at < taken.listed_at < event.at)
    past = heal.retell(contract(), PBX, rows(log), taken, T0, coming=known)
    floor = Floor(contract(), taken.at - SECOND, strict=True)
    floor.apply(ev.PastTold(PBX, taken.at, past))
    floor.apply(taken)
    for event in coming:
        floor.apply(replace(event, at=max(event.at, taken.at)))
    for call in ("1.2", "1.3", "1.1"):
        floor.apply(ev.ChannelEnded(PBX, us(120), call, PLACE))
    floor.advance(us(180))
    return floor


# --- matching ---------------------------------------------------------------------------------------------------------------


def test_a_row_is_told_live_whose_event_of_the_same_caller_and_queue_is_near() -> None:
    log = rows("98" + ENTERED + "99|1.1|bank|ben|RINGNOANSWER|1000\n99" + CONNECTED + "99|1.3|bank|NONE|ENTERQUEUE||0|1")
    assert told_live(log, [answered(99.2)], 0) == {2}
    assert told_live(log, [joined(98.9), rung_in_vain(99.1), answered(99.2)], 0) == {0, 1, 2}
    assert told_live(log, [joined(101), joined(99, "1.5")], 0) == set()
    assert told_live(log, [answered(69.2)], 30 * SECOND) == {2}, "the PBX's clock is half a minute ahead"


def test_a_row_may_be_of_the_second_before_its_event() -> None:
    assert told_live(rows("99" + ENTERED), [joined(100.001)], 0) == {0}


def test_of_two_entries_the_near_one_is_told_live_and_each_once() -> None:
    log = rows("98" + ENTERED + "98|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|0\n99" + ENTERED)
    assert told_live(log, [joined(99.1)], 0) == {2}
    assert told_live(log, [joined(98.2), left(98.6), joined(99.1)], 0) == {0, 1, 2}


def test_of_two_answers_in_one_second_the_members_own_is_told_live() -> None:
    log = rows("99" + CONNECTED + "99|1.1|bank|ben|CONNECT|1|1.3|1")
    assert told_live(log, [answered(99.5, who="ben", leg="1.3")], 0) == {1}


def test_who_only_goes_out_live_came_before() -> None:
    assert ways_out([left(99), joined(99.1)]) == {("1.1", "bank")} == joins([left(99), joined(99.1)])
    assert ways_out([joined(99), answered(99.1)]) == frozenset()


# --- one call ---------------------------------------------------------------------------------------------------------------


ONCE = {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
WORDS = [joined(99.4), left(99.9), answered(99.9)]


@pytest.mark.parametrize("bridged", ["not yet", "the caller", "both"])
@pytest.mark.parametrize("seconds", ["99 99", "99 100", "100 100"])
def test_who_came_and_was_answered_before_the_snapshots_instant_and_is_told_so_live_is_counted_once(bridged: str, seconds: str) -> None:
    """The answer to the login was read late: what was raised after it is told live, though it is of the time before."""
    came, connected = seconds.split()
    channels = [caller("1.1", "bank", "" if bridged == "not yet" else "b1"), leg("1.2", "ann", "b1" if bridged == "both" else "", 99)]
    floor = lived(came + ENTERED + connected + CONNECTED, snapshot(100.02, member("bank", "ann", 3), channels=channels), *WORDS)
    assert visits(floor.counters) == ONCE
    assert floor.counters.contacts["bank"][Contacts.HANDLED] == 1


def test_of_who_came_before_the_answer_alone_is_told_live() -> None:
    taken = snapshot(100.02, member("bank", "ann", 3), channels=[caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 99)])
    assert visits(lived("98" + ENTERED + "99" + CONNECTED, taken, *WORDS[1:]).counters) == ONCE


def test_who_came_and_was_answered_and_went_before_the_lists_were_read_is_told_live_to_his_end() -> None:
    log = "98" + ENTERED + "99" + CONNECTED + "100|1.1|bank|ann|COMPLETECALLER|1|1|1"
    taken = snapshot(100.02, member("bank", "ann"))
    assert visits(lived(log, taken, *WORDS[1:], ended(100.01, "1.2"), ended(100.01)).counters) == ONCE


def test_who_waited_in_the_first_list_and_is_in_the_last_no_more_is_one_visit() -> None:
    """He hangs up while the lists are read."""
    taken = snapshot(100.02, waiting=[WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", 40 * SECOND)])
    gone = [ev.HangupRequested(PBX, us(100.1), "1.1", PLACE, soft=False), ev.CallerAbandoned(PBX, us(100.1), "1.1", "bank", PLACE), left(100.1), ended(100.1)]
    assert visits(lived("60" + ENTERED, taken, *gone).counters) == {"entered": 1, "abandoned": 1}


@pytest.mark.parametrize("legs", [True, False], ids=["with the agent's leg", "a moment before it"])
def test_who_waits_in_the_first_list_and_talks_in_the_last_is_one_visit_though_his_coming_is_told_after(legs: bool) -> None:
    """Without a log too: he came after the snapshot's instant, and the lists took a second."""
    scene = Scene(start=T0)
    channels = [caller("1.1", "bank", "b1"), *([leg("1.2", "ann", "b1", 101)] if legs else [])]
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("1.1", 0)], channels=channels, listed_at=us(101.2))
    for event in (joined(100.2), left(101), answered(101), ended(120, "1.2"), ended(120)):
        scene.apply(event)
    scene.snap(180)
    assert scene.visits() == ONCE
    assert scene.contacts()["handled"] == 1


def test_an_agent_who_consults_when_the_channels_are_read_is_told_after_whom_he_talks_to() -> None:
    """He answered 1.1 while the lists were read, and asks ben through the same queue: until he is told live he seems to work for that call alone."""
    scene = Scene(start=T0)
    halves = "Local/700@inbound-00000001;1", "Local/700@inbound-00000001;2"
    consult = [row("1.4", halves[0], bridge="b2"), replace(caller("1.5", "bank", "b3"), channel=halves[1])]
    channels = [caller("1.1", "bank", "b1"), leg("1.2", "ann", "b2", 101), *consult, leg("1.6", "ben", "b3", 101)]
    members = [scene.row(100, "bank", who) for who in ("ann", "ben")]
    scene.sight(100, members=members, waiting=[waits("1.1", 1), WaitingRow("1.5", "bank", halves[1], 0)], channels=channels, listed_at=us(101.6))
    for event in (left(100.2), answered(100.2), left(101, "1.5"), answered(101, "1.5", "ben", "1.6")):
        scene.apply(event)
    for call in ("1.2", "1.6", "1.5", "1.4", "1.1"):
        scene.apply(ended(120, call))
    scene.snap(180)
    assert scene.visits() == {"entered": 2, "answered": 2, "in_threshold": 2, "handled": 2}
    assert scene.contacts()["handled"] == 2


def test_who_comes_again_once_the_lists_are_read_is_another_visit() -> None:
    scene = Scene(start=T0)
    channels = [caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 100)]
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("1.1", 0)], channels=channels, listed_at=us(100.2))
    scene.apply(ended(100.5, "1.2"))
    scene.apply(joined(100.6))
    assert scene.visits()["entered"] == 2


# --- whole worlds -----------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A recorded session, what its lists would have said after each event, and what it amounts to."""

    recording: Recording

    def __post_init__(self) -> None:
        self.events = self.recording.events()
        self.log = list(queue_log.read(self.recording.queue_log, 0))
        self.times = [event.at for event in self.events]
        self.since = self.times[0] - self.times[0] % MINUTE
        self.contract = contract_of(self.events)
        self.whole = Floor(self.contract, self.since)
        self.whole.keep()
        self.lists: list[SnapshotTaken] = []
        rung: set[str] = set()
        for event in self.events:
            self.whole.apply(event)
            rung |= {event.leg} if isinstance(event, ev.AgentRung) else set()
            self.lists.append(shown(self.whole, PBX, event.at, rung=rung))
        self.whole.advance(self.times[-1] + AFTERMATH * SECOND)

    def taken(self, at: int, first: int, last: int) -> SnapshotTaken:
        """The snapshot of that instant: queues as they were at `first`, channels as at `last`, whole seconds as a PBX has them."""
        queues, channels = (self.lists[bisect_right(self.times, when) - 1] for when in (first, last))
        waiting = (replace(row, waited_us=max(0, (row.waited_us + first - queues.at) // SECOND * SECOND - first + at)) for row in queues.waiting)
        return replace(queues, at=at, waiting=tuple(waiting), channels=channels.channels, listed_at=last)

    def from_then_on(self, since: int, taken: SnapshotTaken, read_at: int) -> Floor:
        """A daemon logs in at `since`, has the lists of `taken`, and reads the log at `read_at`."""
        live = self.events[bisect_right(self.times, since) :]
        coming = tuple(event for event in live if event.at <= taken.listed_at and isinstance(event, LIVE))
        log = [row for row in self.log if row.at_s <= read_at // SECOND]
        past = heal.retell(self.contract, PBX, log, taken, self.since, coming=coming, keep=True)
        floor = Floor(self.contract, taken.at - SECOND)
        floor.keep()
        floor.apply(ev.PastTold(PBX, taken.at, past))
        floor.apply(taken)
        for event in live:
            floor.apply(replace(event, at=max(event.at, taken.at)))
        floor.advance(self.times[-1] + AFTERMATH * SECOND)
        assert floor.counters.anomalies == {}
        return floor


def counted(floor: Floor) -> dict[tuple[str, str] | str, int]:
    """By counters and by the ledger; a ring in vain in the snapshot's own second is beyond a log of whole seconds."""
    counts = calls_of(floor.counters)
    del counts["in vain"]
    for name, book in floor.ledger.projects.items():
        for cell in (Cell.VISITS, Cell.VISITS_ANSWERED, Cell.VISITS_UNRESOLVED):
            counts[name, cell.name] = sum(row[cell] for row in book.cells().values())
    return counts


TURNS = (ev.CallerJoined, ev.AgentRung, ev.AgentConnected, ev.CallerLeft, ev.BridgeEntered, ev.AgentCompleted, ev.ChannelEnded)


def seams(world: World, number: int) -> Iterable[tuple[int, int, int, int, int]]:
    """Login, snapshot's instant, first and last list, and the reading of the log, near what happens in calls."""
    rng = Random(f"{world.recording.name} seams")
    turns = [event.at for event in world.events if isinstance(event, TURNS) and world.times[0] + 5 * SECOND < event.at < world.times[-1] - 5 * SECOND]
    for _ in range(number):
        at = rng.choice(turns) + rng.choice((-1, 0, 1, -2000, 2000, -50_000, rng.randrange(-1_200_000, 1_200_000)))
        late = rng.choice((20_000, 100_000, 300_000))
        at -= rng.choice((0, late // 2, late))
        yield at - rng.choice((0, 0, 3000, 100_000, 300_000)), at, at + late // 3, at + late, at + late + rng.choice((0, 500_000, 1_500_000))


@pytest.mark.parametrize("recording", MIXED, ids=lambda recording: recording.name)
def test_told_until_the_lists_and_seen_after_them_every_call_is_counted_once_however_late_they_are(recording: Recording) -> None:
    world = World(recording)
    for since, at, first, last, read_at in seams(world, 30):
        floor = world.from_then_on(since, world.taken(at, first, last), read_at)
        where = f"login {at - since} us before {at}, lists after {first - at} and {last - at} us, log read after {read_at - at} us"
        assert kept(floor).keys() == kept(world.whole).keys(), where
        assert counted(floor) == counted(world.whole), where
