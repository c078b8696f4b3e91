"""Whatever is told of devices, on whatever floor: nobody's second is spent twice or lost, and who is in no queue is there while a device is."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Person, Presence
from monitor.core.devices import DeviceSeen
from monitor.core.events import Event, GapTold, LinkLost, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.gaps import bridge
from monitor.core.logrow import LogRow
from monitor.core.snapshot import State
from tests.core.scene import REASONS, T0
from tests.core.test_change_properties import contracts, look
from tests.core.test_gap_properties import LATER, figures
from tests.core.test_heal_properties import PBX, logs, looks
from tests.core.test_properties import AFTERMATH, nothing_stepped_back, seconds_are_conserved, visits_are_conserved
from tests.core.worlds import CONTRACT, Move, World, moves

ANYBODY = Group("floor", ("PJSIP/*", "SIP/*"), Presence.DEVICE, pause_reasons=REASONS)
DEVICE = replace(CONTRACT, groups=(ANYBODY,), people=(*CONTRACT.people, Person("9", "ola", ("PJSIP/ola", "SIP/ola"))))
SOME = ("PJSIP/ann", "PJSIP/bob", "PJSIP/eve", "PJSIP/dan", "PJSIP/ola", "SIP/ola", "Queue:bank")
told = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(["pbx1", "pbx2"]), st.sampled_from(SOME), st.integers(0, 8)), max_size=25)


def mixed(events: list[Event], seen: list[tuple[int, str, str, int]]) -> list[Event]:
    """The events with what is told of devices between them, at the time of the one before."""
    places = sorted((place % (len(events) + 1), number) for number, (place, *_) in enumerate(seen))
    story: list[Event] = []
    at = T0
    for index, event in enumerate([*events, None]):
        story += [DeviceSeen(pbx, at, name, status) for place, number in places if place == index for _, pbx, name, status in [seen[number]]]
        if event is not None:
            story.append(event)
            at = event.at
    return story


def seen_now(floor: Floor, event: Event) -> bool:
    """A PBX that cannot be seen tells nothing."""
    return not isinstance(event, DeviceSeen) or floor.sides[event.pbx].observed


@given(moves, told)
def test_every_second_of_everybody_on_the_floor_is_in_one_state(story: list[Move], seen: list[tuple[int, str, str, int]]) -> None:
    events = mixed(World().play(story).events, seen)
    floor = Floor(DEVICE, T0, strict=True)
    before = floor.counters.frozen()
    for event in filter(lambda one: seen_now(floor, one), events):
        floor.apply(event)
        view = floor.snapshot(event.at)
        visits_are_conserved(floor, view)
        seconds_are_conserved(floor, view)
        nothing_stepped_back(before, view.counters)
        before = view.counters
    view = floor.snapshot(floor.now + AFTERMATH * SECOND)
    seconds_are_conserved(floor, view)
    assert view.counters.anomalies == {}


@given(moves, told)
def test_a_persons_seconds_are_the_time_on_the_floor(story: list[Move], seen: list[tuple[int, str, str, int]]) -> None:
    events = mixed(World().play(story).events, seen)
    end = min(events[-1].at + 90 * SECOND, T0 + 14 * MINUTE)
    floor = Floor(DEVICE, T0, strict=True)
    present: dict[str, int] = {}
    coming = iter([*events, None])
    event = next(coming)
    for second in range(T0, end, SECOND):
        while event is not None and event.at <= second:
            if seen_now(floor, event):
                floor.apply(event)
            event = next(coming)
        floor.advance(second)
        for agent in floor.staff.agents.values():
            present[agent.id] = present.get(agent.id, 0) + SECOND * (agent.state is not None)
    floor.advance(end)
    for agent in floor.staff.agents.values():
        spent = sum(sum(cell) for cell in floor.ledger.people.get(agent.id, {}).values())
        assert spent + sum(stop - start for start, stop in agent.owed) == present[agent.id]


statuses = st.lists(st.tuples(st.integers(1, 150), st.sampled_from(["PJSIP/ola", "SIP/ola"]), st.integers(0, 8)), min_size=1, max_size=12)


@given(statuses)
def test_who_is_in_no_queue_is_there_while_a_device_is_and_a_minute_longer(story: list[tuple[int, str, int]]) -> None:
    """By the definition, second by second, written without the code under test."""
    floor = Floor(DEVICE, T0, strict=True)
    floor.apply(SnapshotTaken("pbx1", T0, {}, (), (), ()))
    timeline: dict[int, list[tuple[str, int]]] = {}
    at = 0
    for after, name, status in story:
        at += after
        timeline.setdefault(at, []).append((name, status))
    state: dict[str, int] = {}
    away: int | None = 0  # since when none can be reached; None while one can
    ever = False
    for second in range(at + 100):
        for name, status in timeline.get(second, ()):
            floor.apply(DeviceSeen("pbx1", T0 + second * SECOND, name, status))
            if status != 4 or name in state:
                state[name] = status
            reachable = any(one not in (4, 5) for one in state.values())
            ever = ever or reachable
            away = None if reachable else second if away is None else away
        floor.advance(T0 + second * SECOND)
        there = [agent.state for agent in floor.staff.agents.values() if agent.state is not None]
        assert bool(there) == (ever and (away is None or second < away + 60)), second
        assert away is None or set(there) <= {State.UNREACHABLE, State.OTHER}
    assert len(floor.staff.agents) <= 1


@given(looks(), st.lists(st.tuples(logs(), looks(), LATER, st.booleans(), st.booleans(), told), min_size=1, max_size=3))
def test_any_gap_and_any_log_add_up_for_people_by_device_too(
    first: SnapshotTaken, gaps: list[tuple[list[LogRow], SnapshotTaken, int, bool, bool, list[tuple[int, str, str, int]]]]
) -> None:
    floor = Floor(DEVICE, first.at - SECOND)
    floor.keep()
    floor.apply(first)
    before = figures(floor.counters)
    now = first.at
    for rows, taken, later, up, by_log, seen in gaps:
        for _, _, name, status in seen:
            floor.apply(DeviceSeen(PBX, now, name, status))
        floor.apply(ev.LogSeen(PBX, now, up))
        lost = now + 5 * SECOND
        floor.advance(lost)
        floor.apply(LinkLost(PBX, lost))
        unseen = {agent.id for agent in floor.staff.agents.values() if agent.state is State.UNOBSERVED and not agent.memberships}
        moved = lost - T0
        now = taken.at + moved + later * SECOND
        after = replace(taken, at=now, listed_at=now + SECOND // 2, members=tuple(replace(one, at=now, last_call_at=now) for one in taken.members))
        floor.advance(now - SECOND)
        shifted = tuple(row._replace(at_s=row.at_s + moved // SECOND) for row in rows)
        story = bridge(floor, GapTold(PBX, now, shifted, after, 0)) if by_log else None
        came = {one.interface for one in after.members}
        for event in story or ():
            floor.apply(event)
            if isinstance(event, ev.MemberSeen):
                came.add(event.interface)
            for agent in floor.staff.agents.values():
                if agent.id in unseen and agent.recalled and not came & {name for _, name in agent.devices} and not agent.memberships:
                    assert agent.state in (None, State.UNOBSERVED, State.TALK, State.HOLD, State.OTHER, State.RING)
        floor.apply(after)
        view = floor.snapshot(now)
        visits_are_conserved(floor, view)
        if not floor.counters.corrected_us.get("agent"):  # else a counter holds what the books took back
            seconds_are_conserved(floor, view, strangers=True)
        assert all(0 <= sum(cell) <= MINUTE for minutes in floor.ledger.people.values() for cell in minutes.values())
        reached = figures(floor.counters)
        assert all(one <= other for one, other in zip(before, reached, strict=True))
        before = reached
        assert not any(agent.recalled or agent.astray or agent.repaid for agent in floor.staff.agents.values())


def by_devices(agreed: Contract, chance: Random) -> Contract:
    """The same, with some of its groups by device."""
    groups = (
        replace(group, presence=Presence.DEVICE, members=chance.choice([group.members, ("PJSIP/*",), ("PJSIP/d*",)])) if chance.random() < 0.7 else group
        for group in agreed.groups
    )
    return replace(agreed, groups=tuple(groups))


@given(moves, told, st.lists(st.tuples(st.integers(0, 200), contracts() | st.just(CONTRACT)), min_size=1, max_size=4), st.integers(0, 2**32))
def test_whatever_is_agreed_anew_nothing_is_lost(
    story: list[Move], seen: list[tuple[int, str, str, int]], changes: list[tuple[int, Contract]], seed: int
) -> None:
    chance = Random(seed)
    events = mixed(World().play(story).events, seen)
    at_events = {place % (len(events) + 1): by_devices(agreed, chance) for place, agreed in changes}
    floor = Floor(DEVICE, T0)
    before = floor.counters.frozen()
    for index, event in enumerate([*events, None]):
        if index in at_events:
            floor.change(at_events[index], floor.now)
            before = look(floor, floor.now, before)
        if event is None or event.pbx not in floor.sides or not seen_now(floor, event):
            continue
        floor.apply(event)
        before = look(floor, event.at, before)
        for agent in floor.staff.agents.values():
            assert not agent.devices or (agent.group is not None and agent.group.presence is Presence.DEVICE)
            assert agent.state is None or agent.has_place() or agent.talks
            assert {pbx for pbx, _ in agent.devices} <= set(floor.contract.pbxs)
