"""What holds on every floor, whatever happens on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.occupancy import Time
from monitor.core import events as ev
from monitor.core.chronicle import RingNoAnswer
from monitor.core.contract import MINUTE, SECOND, RingCountsAs
from monitor.core.counters import Contacts, Counters, Visits, Waits
from monitor.core.dials import LegResolved
from monitor.core.events import Event
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, Snapshot, State
from tests.core.scene import T0
from tests.core.worlds import CONTRACT, Move, World, arbitrary, long_story, moves

FATES = (Cell.VISITS_ANSWERED, Cell.VISITS_ABANDONED, Cell.VISITS_SHORT, Cell.VISITS_FLOWED_OUT, Cell.VISITS_UNRESOLVED)
COUNTED = (Visits.ANSWERED, Visits.ABANDONED, Visits.SHORT, Visits.UNRESOLVED)
WORK = (State.TALK, State.HOLD, State.WRAPUP, State.OFFLINE)
WORK_CELLS = (Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US, Cell.OFFLINE_US)
AFTERMATH = 200


CONTACT_FATES = {
    Contacts.CONTACTS: (Cell.CONTACTS, ""),
    Contacts.ANSWERED: (Cell.ANSWERED, "answered"),
    Contacts.IN_THRESHOLD: (Cell.IN_THRESHOLD, "answered_in_threshold"),
    Contacts.ABANDONED: (Cell.ABANDONED, "abandoned"),
    Contacts.ABANDONED_IN_THRESHOLD: (Cell.ABANDONED_IN_THRESHOLD, "abandoned_in_threshold"),
    Contacts.SHORT: (Cell.SHORT, "short_abandoned"),
    Contacts.FLOWED_OUT: (Cell.FLOWED_OUT, "flowed_out"),
    Contacts.HANDLED: (Cell.HANDLED, ""),
}


def contacts_are_conserved(floor: Floor, view: Snapshot) -> None:
    """What a counter has counted is what the ledger has, and what was taken back of it; who has no outcome yet is open."""
    for name, book in floor.ledger.projects.items():
        sums, row, counters = book.total(0, None), view.counters.contacts[name], view.counters
        for kind, (cell, family) in CONTACT_FATES.items():
            assert row[kind] - counters.corrected_contacts.get((name, family), 0) == sums[cell], kind
        fates = (Cell.ANSWERED, Cell.ABANDONED, Cell.SHORT, Cell.FLOWED_OUT, Cell.UNRESOLVED)
        assert sums[Cell.CONTACTS] == sum(sums[fate] for fate in fates) + len(floor.queueing.contacts.open.get(name, ()))


def visits_are_conserved(floor: Floor, view: Snapshot) -> None:
    """And the contacts they are of."""
    contacts_are_conserved(floor, view)
    for project in floor.contract.projects:
        sums = floor.ledger.projects[project.name].total(0, None)
        undecided = sum(queue.waiting + queue.deciding for queue in view.queues if queue.project == project.name)
        assert sums[Cell.VISITS] == sum(sums[fate] for fate in FATES) + undecided
        for queue in project.queues:
            row = view.counters.visits[project.name, queue]
            here = sum(q.waiting + q.deciding for q in view.queues if (q.project, q.queue) == (project.name, queue))
            flowed = sum(n for (name, place, _), n in view.counters.flowed_out.items() if (name, place) == (project.name, queue))
            taken_back = view.counters.corrected.get((queue.pbx, queue.name, "unresolved"), 0)
            assert row[Visits.ENTERED] == sum(row[fate] for fate in COUNTED) + flowed + here - taken_back
        assert sums[Cell.HANDLED] <= sums[Cell.ANSWERED]


def rung_in_vain(floor: Floor) -> Counter[tuple[str, str, str]]:
    """How often each person let each caller of a queue ring in vain, as a floor that keeps everything has told it."""
    assert floor.chronicle.details.first == 0
    return Counter((one.person, one.call, one.queue) for one in floor.chronicle.details.records if isinstance(one, RingNoAnswer))


def rings_are_told(floor: Floor) -> None:
    """What is counted for a group is told of its people, one by one."""
    told = Counter(one.group for one in floor.chronicle.details.records if isinstance(one, RingNoAnswer))
    assert told == Counter(floor.counters.ring_no_answer)
    assert told.total() == rung_in_vain(floor).total()


def seconds_are_conserved(floor: Floor, view: Snapshot, *, strangers: bool = False) -> None:
    """Groups are the sum of their people, projects the sum of everybody's work, nobody has more than sixty seconds in a minute.

    Where agents work before they are members of anything (`strangers`), that is work of no group.
    """
    ledger = floor.ledger
    people = [0] * len(State)
    for minutes in ledger.people.values():
        for cell in minutes.values():
            assert 0 <= sum(cell) <= MINUTE
            people = [a + b for a, b in zip(people, cell, strict=True)]
    group = ledger.groups["floor"].total(0, None)[: len(State)]
    counted = [view.counters.agent_us["floor", state] for state in State]
    work = sum(ledger.projects[p.name].total(0, None)[cell] for p in floor.contract.projects for cell in WORK_CELLS)
    assert group == counted
    assert work == sum(view.counters.handle_us.values())
    assert sum(view.counters.pause_us.values()) == view.counters.agent_us["floor", State.PAUSED]
    if view.at < T0 + 15 * MINUTE:  # as long as people's minutes are kept
        assert work == sum(people[i] for i, state in enumerate(State) if state in WORK)
        assert people == counted or (strangers and all(a >= b for a, b in zip(people, counted, strict=True)))
    for ring in RingCountsAs:
        time = Time.of(group)
        occupancy = time.occupancy(ring)
        assert occupancy is None or 0 <= occupancy <= 1


def flat(counters: Counters) -> Iterator[tuple[object, int]]:
    for one in fields(Counters):
        for key, value in getattr(counters, one.name).items():
            if isinstance(value, Waits):
                yield (one.name, key, "sum"), value.sum_us
                yield from (((one.name, key, i), n) for i, n in enumerate(value.counts))
            elif isinstance(value, list):
                yield from (((one.name, key, i), n) for i, n in enumerate(value))
            else:
                yield (one.name, key), value


def nothing_stepped_back(before: Counters, after: Counters) -> None:
    now = dict(flat(after))
    assert {key: (n, now.get(key)) for key, n in flat(before) if now.get(key, -1) < n} == {}


def replay(events: list[Event], *, ticks: tuple[int, ...] = (), strict: bool = True, until: int | None = None) -> Floor:
    """The events on a new floor; time passes at `ticks` (microseconds since T0) too, and at last for all that is pending."""
    floor = Floor(CONTRACT, T0, strict=strict)
    waiting = sorted(T0 + tick for tick in ticks)
    for event in events:
        while waiting and waiting[0] <= event.at:
            floor.advance(waiting.pop(0))
        floor.apply(event)
    end = (events[-1].at if events else T0) + AFTERMATH * SECOND if until is None else until
    for tick in waiting:
        floor.advance(min(tick, end))
    floor.advance(end)
    return floor


def outcome(floor: Floor) -> object:
    """All a floor has counted, anomalies and what it noticed of a PBX's own account aside."""
    ledger = floor.ledger
    books = {name: ({m: c for m, c in book.minutes.items() if any(c)}, book.quarters) for name, book in (*ledger.projects.items(), *ledger.groups.items())}
    counters = replace(floor.counters.frozen(), anomalies=type(floor.counters.anomalies)(), reconcile_mismatches={})
    kept = floor.now - 13 * MINUTE  # of people only the last quarter of an hour
    people = {(name, m): c for name, minutes in ledger.people.items() for m, c in minutes.items() if m >= kept}
    return counters, books, people, {agent.id: (agent.state, agent.charge.project) for agent in floor.staff.agents.values()}


# --- plausible worlds -----------------------------------------------------------------------------------------------------------------


@given(moves)
def test_a_plausible_world_contradicts_nothing_and_conserves_everything(story: list[Move]) -> None:
    world = World().play(story)
    floor = replay(world.events)
    view = floor.snapshot(floor.now)
    visits_are_conserved(floor, view)
    seconds_are_conserved(floor, view)
    assert view.counters.anomalies == {}


@given(moves)
def test_at_every_step_visits_and_seconds_are_conserved_and_no_counter_steps_back(story: list[Move]) -> None:
    events = World().play(story).events
    floor = Floor(CONTRACT, T0, strict=True)
    before = floor.counters.frozen()
    for event in events:
        floor.apply(event)
        view = floor.snapshot(event.at)
        visits_are_conserved(floor, view)
        seconds_are_conserved(floor, view)
        nothing_stepped_back(before, view.counters)
        before = view.counters


@given(moves)
def test_a_persons_seconds_are_the_time_on_the_floor(story: list[Move]) -> None:
    """Looked at each second: whoever has a state then is on the floor for that second, and has exactly it."""
    events = World().play(story).events
    end = min(events[-1].at + 90 * SECOND, T0 + 14 * MINUTE)
    floor = Floor(CONTRACT, T0, strict=True)
    present: dict[str, int] = {}
    told = iter([*events, None])
    event = next(told)
    for second in range(T0, end, SECOND):
        while event is not None and event.at <= second:
            floor.apply(event)
            event = next(told)
        floor.advance(second)
        for agent in floor.staff.agents.values():
            present[agent.id] = present.get(agent.id, 0) + SECOND * (agent.state is not None)
    floor.advance(end)
    for agent in floor.staff.agents.values():
        spent = sum(sum(cell) for cell in floor.ledger.people.get(agent.id, {}).values())
        owed = sum(stop - start for start, stop in agent.owed)
        assert spent + owed == present[agent.id]


@given(moves, st.lists(st.integers(0, 900 * SECOND), max_size=30))
def test_however_time_is_cut_the_sums_are_the_same(story: list[Move], ticks: list[int]) -> None:
    events = World().play(story).events
    assert outcome(replay(events, ticks=tuple(ticks))) == outcome(replay(events))


@given(moves)
def test_a_duplicate_changes_nothing(story: list[Move]) -> None:
    events = World().play(story).events
    assert outcome(replay([event for event in events for _ in range(2)])) == outcome(replay(events))


STALE = (
    *(ev.HangupRequested, ev.ChannelEnded, LegResolved, ev.BridgeLeft, ev.HoldReleased, ev.HoldPressed, ev.CallerLeft, ev.CallerAbandoned, ev.ChannelSeen),
    *(ev.ExitTold, ev.AgentCompleted, ev.AgentDidNotAnswer),
)


@given(moves, st.integers(0, 2**32))
def test_what_is_told_again_after_a_channel_is_gone_changes_nothing(story: list[Move], seed: int) -> None:
    events = World().play(story).events
    random = Random(seed)
    stale: list[Event] = []  # what was told of channels that are gone
    with_stale: list[Event] = []
    for number, event in enumerate(events):
        with_stale.append(event)
        if isinstance(event, ev.ChannelEnded):
            stale += [e for e in events[: number + 1] if isinstance(e, STALE) and (e.pbx, getattr(e, "call", None)) == (event.pbx, event.call)]
        with_stale += [replace(old, at=event.at) for old in random.sample(stale, min(2, len(stale)))]
    assert outcome(replay(with_stale)) == outcome(replay(events))


@given(moves, st.integers(-3 * 3600, 3 * 3600), st.integers(0, 60))
def test_a_civil_step_changes_no_duration(story: list[Move], step: int, place: int) -> None:
    """The same story, with the clock set in the midst of it: the same sums, in other minutes."""
    events = World().play(story).events
    plain = replay(events)
    floor = Floor(CONTRACT, T0, strict=True)
    moved = 0
    for number, event in enumerate(events):
        if number == place:
            floor.advance(event.at)
            floor.shift(step * SECOND)
            moved = step * SECOND
        floor.apply(replace(event, at=event.at + moved) if not isinstance(event, ev.SnapshotTaken) else shifted(event, moved))
    floor.advance(events[-1].at + moved + AFTERMATH * SECOND)
    assert counted(floor) == counted(plain)


def shifted(event: ev.SnapshotTaken, step: int) -> ev.SnapshotTaken:
    members = (replace(m, last_pause_at=None if m.last_pause_at is None else m.last_pause_at + step) for m in event.members)
    return replace(event, at=event.at + step, members=tuple(members))


def counted(floor: Floor) -> object:
    sums = {name: book.total(0, None) for name, book in (*floor.ledger.projects.items(), *floor.ledger.groups.items())}
    return floor.counters.frozen(), sums


# --- arbitrary worlds -----------------------------------------------------------------------------------------------------------------


@given(arbitrary)
def test_whatever_arrives_nothing_is_lost_and_no_counter_steps_back(stream: list[tuple[Event, float, float]]) -> None:
    floor = Floor(CONTRACT, T0)
    floor.keep()
    now, last = T0, {"pbx1": T0, "pbx2": T0}
    before = floor.counters.frozen()
    for event, after, late in stream:
        now += round(after * SECOND)
        floor.advance(now)
        at = max(last[event.pbx], now - round(late * SECOND))
        last[event.pbx] = at
        floor.apply(replace(event, at=at))
        view = floor.snapshot(now)
        visits_are_conserved(floor, view)
        seconds_are_conserved(floor, view, strangers=True)
        nothing_stepped_back(before, view.counters)
        before = view.counters
    view = floor.snapshot(now + AFTERMATH * SECOND)
    visits_are_conserved(floor, view)
    seconds_are_conserved(floor, view, strangers=True)
    nothing_stepped_back(before, view.counters)
    rings_are_told(floor)
    seen = {side.name for side in floor.sides.values() if side.observed or side.blind_since is not None}
    told = [queue for queue in view.queues if queue.queue.pbx in seen]  # before its first whole snapshot a PBX's silence says nothing
    assert all(queue.deciding == 0 for queue in told) or any(v.stage.name == "ANNOUNCING" for v in floor.queueing.undecided())


def test_the_stories_reach_every_fate_and_state() -> None:
    """A generator that tells only dull stories would prove nothing."""
    fates: set[str] = set()
    states: set[State] = set()
    for seed in range(60):
        floor = replay(World().play(long_story(seed)).events)
        for row in floor.counters.visits.values():
            fates.update(kind.name for kind in Visits if row[kind])
        fates.update(f"FLOWED_{reason.value}" for (_, _, reason), n in floor.counters.flowed_out.items() if n)
        states.update(state for state in State if floor.counters.agent_us["floor", state])
    assert fates == {kind.name for kind in Visits} | {"FLOWED_other", "FLOWED_key"}
    assert states == set(State) - {State.DIALING}


@pytest.mark.full
@given(moves.filter(lambda story: len(story) > 30))
def test_long_stories_survive_every_second_being_looked_at(story: list[Move]) -> None:
    events = World().play(story).events
    ticks = tuple(range(0, events[-1].at - T0 + AFTERMATH * SECOND, SECOND))
    assert outcome(replay(events, ticks=ticks)) == outcome(replay(events))
