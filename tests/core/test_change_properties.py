"""Whatever is agreed anew, and whenever: nothing is lost, nobody's second is spent twice, no counter steps back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import accumulate, islice
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Person, Presence, QueueId, ServiceLevel
from monitor.core.counters import Counters, Visits, Waits
from monitor.core.events import Event
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, Snapshot, State
from monitor.plan.plan import EMPTY
from monitor.sources import queue_log
from tests.core.looking import shown
from tests.core.scene import REASONS, T0, project
from tests.core.test_properties import AFTERMATH, COUNTED, FATES, WORK_CELLS, contacts_are_conserved, outcome, replay
from tests.core.worlds import CONTRACT, Move, World, arbitrary, moves
from tests.scenarios.world import MIXED, PBX, Recording, Replay, contract_of

QUEUES = ("bank", "shop", "attic", "pbx2/bank", "pbx2/shop")
PEOPLE = (
    (),
    (Person("1", "ann", ("PJSIP/ann",)),),
    (Person("1", "ann", ("PJSIP/ann", "PJSIP/bob")),),
    (Person("1", "ann", ("pbx1:PJSIP/ann",)), Person("2", "eve", ("pbx2:PJSIP/ann", "PJSIP/eve"), "other")),
    (Person("2", "ann", ("PJSIP/ann",)), Person("1", "bob", ("PJSIP/bob",))),
)
GROUPS = (
    (Group("floor", pause_reasons=REASONS),),
    (Group("floor"), Group("other", ("PJSIP/b*",), pause_reasons=REASONS[:2])),
    (Group("other", presence=Presence.UNPAUSED, unreachable_grace_us=0, pause_reasons=REASONS[2:3]),),
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """Any contract over the PBXs, queues and people of the worlds."""
    pbxs = draw(st.sampled_from([("pbx1", "pbx2"), ("pbx1", "pbx2"), ("pbx1",), ("pbx2",)]))
    names = draw(st.lists(st.sampled_from(["bank", "shop", "taxi"]), min_size=1, unique=True))
    groups = tuple(  # nobody may work in a pause for a project that is not agreed
        replace(group, pause_reasons=tuple(reason for reason in group.pause_reasons if reason.project in (None, *names)))
        for group in draw(st.sampled_from(GROUPS))
    )
    claims: dict[str, list[str]] = {name: [] for name in names}
    for queue in QUEUES:
        owner = draw(st.sampled_from([*names, ""]))
        if owner and (queue.partition("/")[0] in pbxs if "/" in queue else "pbx1" in pbxs):
            claims[owner].append(queue)
    agreed = (
        replace(
            project(name, *(queues or [f"{pbxs[0]}/nowhere"]), group=draw(st.sampled_from([group.name for group in groups]))),
            service_level=ServiceLevel(draw(st.sampled_from([1, 7, 20, 1000])) * SECOND),
            short_us=draw(st.sampled_from([0, 5])) * SECOND,
            wrapup_us=draw(st.sampled_from([0, 15])) * SECOND,
            zone=ZoneInfo(draw(st.sampled_from(["UTC", "Asia/Kathmandu"]))),
        )
        for name, queues in claims.items()
    )
    interval = draw(st.sampled_from([15, 30])) * MINUTE
    return Contract(pbxs=pbxs, groups=groups, projects=tuple(agreed), people=draw(st.sampled_from(PEOPLE)), interval_us=interval)


changes = st.lists(st.tuples(st.integers(0, 120), contracts() | st.just(CONTRACT)), min_size=1, max_size=5)


def everything_is_conserved(floor: Floor, view: Snapshot) -> None:
    """Over all that was ever agreed."""
    contacts_are_conserved(floor, view)
    undecided = list(floor.queueing.undecided())
    for name, book in floor.ledger.projects.items():
        sums = book.total(0, None)
        assert sums[Cell.VISITS] == sum(sums[fate] for fate in FATES) + sum(visit.project.name == name for visit in undecided)
        assert sums[Cell.HANDLED] <= sums[Cell.ANSWERED]
    counters = view.counters
    for place in {queue for _, queue in counters.visits}:
        rows = [row for (_, queue), row in counters.visits.items() if queue == place]
        flowed = sum(n for (_, queue, _), n in counters.flowed_out.items() if queue == place)
        here = sum(visit.queue == place for visit in undecided)
        taken_back = counters.corrected.get((place.pbx, place.name, "unresolved"), 0)
        assert sum(row[Visits.ENTERED] for row in rows) == sum(row[fate] for row in rows for fate in COUNTED) + flowed + here - taken_back
    for name, book in floor.ledger.groups.items():
        assert book.total(0, None)[: len(State)] == [counters.agent_us[name, state] for state in State]
        assert sum(us for (group, _), us in counters.pause_us.items() if group == name) == counters.agent_us[name, State.PAUSED]
    spent = Counter[int]()  # under whichever name: what a gap owes is spent under the one its phone has then
    for minutes in floor.ledger.people.values():
        assert all(sum(cell) >= 0 for cell in minutes.values())
        spent.update({minute: sum(cell) for minute, cell in minutes.items()})
    assert all(us <= MINUTE * len(floor.ledger.people) for us in spent.values())
    assert sum(book.total(0, None)[cell] for book in floor.ledger.projects.values() for cell in WORK_CELLS) == sum(counters.handle_us.values())
    assert {agent.id for agent in floor.staff.agents.values()} == set(floor.staff.agents)
    assert set(map(id, floor.staff.by_device.values())) <= set(map(id, floor.staff.agents.values()))
    for agent in floor.staff.agents.values():
        assert {place.queue for place in agent.places()} <= floor.contract.claimed
        assert agent.group is None or floor.contract.group[agent.group.name] is agent.group
    assert set(floor.sides) == set(floor.contract.pbxs)


def running(counters: Counters) -> Iterator[tuple[object, int]]:
    """Every number as it is exposed: buckets are running counts by their bound."""
    for one in fields(Counters):
        for key, value in getattr(counters, one.name).items():
            if isinstance(value, Waits):
                yield (one.name, key, "sum"), value.sum_us
                yield from (((one.name, key, bound), n) for bound, n in zip((*value.bounds_us, None), accumulate(value.counts), strict=True))
            elif isinstance(value, list):
                yield from (((one.name, key, i), n) for i, n in enumerate(value))
            else:
                yield (one.name, key), value


def nothing_stepped_back(before: Counters, after: Counters) -> None:
    now = dict(running(after))
    assert {key: (n, now.get(key)) for key, n in running(before) if now.get(key, -1) < n} == {}


def look(floor: Floor, at: int, before: Counters) -> Counters:
    view = floor.snapshot(at)
    everything_is_conserved(floor, view)
    nothing_stepped_back(before, view.counters)
    return view.counters


@given(moves, changes)
def test_whatever_is_agreed_anew_nothing_is_lost(story: list[Move], agreed: list[tuple[int, Contract]]) -> None:
    events = World().play(story).events
    floor = Floor(CONTRACT, T0)
    before = floor.counters.frozen()
    for number, event in enumerate(events):
        for place, contract in agreed:
            if place == number:
                floor.change(contract, event.at)
                before = look(floor, event.at, before)
        if event.pbx in floor.sides:
            floor.apply(event)
            before = look(floor, event.at, before)
    look(floor, events[-1].at + AFTERMATH * SECOND, before)


@given(arbitrary, changes)
def test_whatever_arrives_and_is_agreed_nothing_is_lost(stream: list[tuple[Event, float, float]], agreed: list[tuple[int, Contract]]) -> None:
    floor = Floor(CONTRACT, T0)
    now, before = T0, floor.counters.frozen()
    for number, (event, after, _) in enumerate(stream):
        now += round(after * SECOND)
        for place, contract in agreed:
            if place % 50 == number:
                floor.change(contract, now)
                before = look(floor, now, before)
        if event.pbx in floor.sides:
            floor.apply(replace(event, at=now))
            before = look(floor, now, before)
    look(floor, now + AFTERMATH * SECOND, before)


@given(moves, st.lists(st.integers(0, 120), max_size=5))
def test_the_same_contract_again_changes_nothing(story: list[Move], places: list[int]) -> None:
    events = World().play(story).events
    floor = Floor(CONTRACT, T0, strict=True)
    for number, event in enumerate(events):
        if number in places:
            floor.change(replace(CONTRACT), event.at)
        floor.apply(event)
    floor.advance(events[-1].at + AFTERMATH * SECOND)
    assert outcome(floor) == outcome(replay(events))


@given(moves, st.integers(0, 120))
def test_what_changes_no_rule_of_counting_changes_no_count(story: list[Move], place: int) -> None:
    """Another interval and another target are for those who read the figures."""
    other = replace(
        CONTRACT, interval_us=15 * MINUTE, projects=tuple(replace(p, service_level=replace(p.service_level, target=0.9)) for p in CONTRACT.projects)
    )
    events = World().play(story).events
    floor = Floor(CONTRACT, T0, strict=True)
    for number, event in enumerate(events):
        if number == place:
            floor.change(other, event.at)
        floor.apply(event)
    floor.advance(events[-1].at + AFTERMATH * SECOND)
    assert outcome(floor) == outcome(replay(events))


# --- recorded worlds ------------------------------------------------------------------------------------------------------------------


def variants(agreed: Contract) -> list[Contract]:
    """What a centre might agree on for an hour: without each project, all in one, another threshold, other people, other groups."""
    first, *rest = agreed.projects
    return [
        *(replace(agreed, projects=tuple(each for each in agreed.projects if each is not gone)) for gone in agreed.projects),
        replace(agreed, projects=(replace(first, queues=agreed.queues),)),
        replace(agreed, projects=(replace(first, service_level=ServiceLevel(3 * SECOND), wrapup_us=0), *rest)),
        replace(agreed, people=(Person("1", "everybody", tuple(f"PJSIP/agent{number}" for number in range(1, 9))),)),
        replace(agreed, groups=(Group("day", ("*[13579]",)), Group("night", ("*",))), projects=tuple(replace(each, group="day") for each in agreed.projects)),
        agreed,
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("recording", MIXED, ids=lambda recording: recording.name)
def test_a_real_pbxs_hour_is_counted_whatever_is_agreed_meanwhile(recording: Recording, seed: int) -> None:
    random = Random(seed)
    events = recording.events()
    agreed = contract_of(events)
    floor = Floor(agreed, events[0].at)
    before = floor.counters.frozen()
    places = {*random.sample(range(1, len(events)), 12)}
    for number, event in enumerate(events):
        if number in places:
            floor.change(random.choice(variants(agreed)), event.at)
            before = look(floor, event.at, before)
        floor.apply(event)
    floor.change(agreed, events[-1].at)
    look(floor, events[-1].at + AFTERMATH * SECOND, before)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("recording", MIXED, ids=lambda recording: recording.name)
def test_a_gap_in_which_something_else_was_agreed_is_told_all_the_same(recording: Recording, seed: int) -> None:
    """The link is lost, the contract changes, and changes again once the log has told the gap."""
    random = Random(seed)
    events, log = recording.events(), tuple(queue_log.read(recording.queue_log, 0))
    first = random.randrange(len(events) // 20, len(events) - 200)
    last = max(index for index, event in enumerate(events) if event.at <= events[first].at + random.randrange(1, 50) * SECOND)
    seen = Replay(events, judged=False)
    rung = {event.leg for event in islice(seen.steps(), last + 1) if isinstance(event, ev.AgentRung)}
    taken = shown(seen.floor, PBX, max(seen.now, events[last].at), rung=rung)
    lost = ev.LinkLost(PBX, events[first].at)
    story = [*events[: first + 1], lost, ev.GapTold(PBX, taken.at, log, taken, 0), taken, *events[last + 1 :]]
    gapped = Replay(story, strict=False, agreed=seen.contract, judged=False)
    gapped.floor.apply(ev.LogSeen(PBX, gapped.now, True))
    before = gapped.floor.counters.frozen()
    for event in gapped.steps():
        if event in (lost, taken):
            gapped.engine.change(random.choice(variants(seen.contract)), EMPTY)
            before = look(gapped.floor, gapped.now, before)
    assert gapped.floor.gaps == []
    assert gapped.floor.counters.unobserved_us == seen.floor.counters.unobserved_us
    gapped.engine.change(seen.contract, EMPTY)
    look(gapped.floor, gapped.now, before)


@pytest.mark.parametrize("recording", MIXED, ids=lambda recording: recording.name)
def test_what_is_agreed_of_one_client_is_nothing_to_another(recording: Recording) -> None:
    """One project comes and goes in the midst of it: to the call the others are what they were."""
    events = recording.events()
    agreed = contract_of(events)
    plain, changed = Floor(agreed, events[0].at), Floor(agreed, events[0].at)
    gone, *others = agreed.projects
    for number, event in enumerate(events):
        if number % 400 == 200:
            changed.change(agreed if number % 800 == 600 else replace(agreed, projects=tuple(others)), event.at)
        for floor in (plain, changed):
            floor.apply(event)
    for floor in (plain, changed):
        floor.advance(events[-1].at + AFTERMATH * SECOND)
    for project_now in others:
        for place in project_now.queues:
            key = (project_now.name, place)
            assert changed.counters.visits[key] == plain.counters.visits[key]
        assert changed.counters.contacts[project_now.name] == plain.counters.contacts[project_now.name]
    assert sum(map(sum, changed.counters.visits.values())) < sum(map(sum, plain.counters.visits.values())), gone.name


@pytest.mark.parametrize("pbx", ["pbx1", "pbx2"])
def test_events_of_a_pbx_that_came_back_are_its_own(pbx: str) -> None:
    floor = Floor(CONTRACT, T0)
    alone = replace(CONTRACT, pbxs=(pbx,), projects=tuple(replace(p, queues=tuple(q for q in p.queues if q.pbx == pbx)) for p in CONTRACT.projects))
    floor.change(alone, T0)
    floor.change(CONTRACT, T0 + SECOND)
    other = next(name for name in CONTRACT.pbxs if name != pbx)
    floor.apply(ev.SnapshotTaken(other, T0 + SECOND, {"bank": "rrmemory"}, (), (ev.WaitingRow("c", "bank", "PJSIP/trunk-c", 0),), ()))
    assert floor.queueing.open[other, "c"].queue == QueueId(other, "bank")
