"""What holds of any floor, any gap in it and whatever a log says of that: no visit is made or lost, no second counted twice, no counter falls."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.chronicle import AgentSpan
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Counters
from monitor.core.events import GapTold, LinkLost, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.gaps import bridge
from monitor.core.logrow import LogRow
from monitor.core.snapshot import Cell, State
from tests.core.scene import T0
from tests.core.test_heal_properties import PBX, logs, looks
from tests.core.test_properties import AFTERMATH, rings_are_told, seconds_are_conserved, visits_are_conserved
from tests.core.worlds import CONTRACT


def figures(counters: Counters) -> list[int]:
    """All of them, in an order that stays."""
    rows = [*counters.visits.values(), *counters.contacts.values()]
    single = [*counters.flowed_out.values(), *counters.handle_us.values(), *counters.agent_us.values(), *counters.pause_us.values()]
    return [*(figure for row in rows for figure in row), *single, *counters.ring_no_answer.values(), *counters.unobserved_us.values()]


def nobodys_spans_overlap(floor: Floor) -> None:
    """As a store has them: of what was told twice under a start the later one."""
    told = [one for one in (*floor.chronicle.details.records, *floor.chronicle.under_way()) if isinstance(one, AgentSpan)]
    spans = sorted(one for one in {(one.person, one.start): one for one in told}.values() if one.start < one.end)
    assert [(one, other) for one, other in pairwise(spans) if one.person == other.person and one.end > other.start] == []


LATER = st.sampled_from([2, 120])  # a minute in, what nobody tells is given up


@given(looks(), st.lists(st.tuples(logs(), looks(), LATER, st.booleans(), st.booleans()), min_size=1, max_size=3))
def test_any_gap_and_any_log_add_up(first: SnapshotTaken, gaps: list[tuple[list[LogRow], SnapshotTaken, int, bool, bool]]) -> None:
    floor = Floor(CONTRACT, first.at - SECOND)
    floor.keep()
    floor.apply(first)
    before = figures(floor.counters)
    now = first.at
    for rows, taken, later, up, told in gaps:
        floor.apply(ev.LogSeen(PBX, now, up))
        lost = now + 5 * SECOND
        floor.advance(lost)
        floor.apply(LinkLost(PBX, lost))
        moved = lost - T0
        now = taken.at + moved + later * SECOND
        seen = replace(taken, at=now, listed_at=now + SECOND // 2, members=tuple(replace(one, at=now, last_call_at=now) for one in taken.members))
        floor.advance(now - SECOND)
        shifted = tuple(row._replace(at_s=row.at_s + moved // SECOND) for row in rows)
        story = bridge(floor, GapTold(PBX, now, shifted, seen, 0)) if told else None
        for event in story or ():
            floor.apply(event)
        floor.apply(seen)
        view = floor.snapshot(now)
        visits_are_conserved(floor, view)
        if not floor.counters.corrected_us.get("agent"):  # else a counter holds what the books took back
            seconds_are_conserved(floor, view, strangers=True)
        assert all(0 <= sum(cell) <= MINUTE for minutes in floor.ledger.people.values() for cell in minutes.values())
        assert all(book.cell(minute)[Cell.OBSERVED_US] <= MINUTE for book in floor.ledger.projects.values() for minute in book.minutes)
        after = figures(floor.counters)
        assert all(one <= other for one, other in zip(before, after, strict=True))
        before = after
        assert not floor.queueing.logbook.retelling
        assert not any(agent.recalled or agent.astray or agent.repaid for agent in floor.staff.agents.values())
    floor.apply(SnapshotTaken(PBX, now + 5 * SECOND, taken.strategies, (), (), (), restarted=True))
    view = floor.snapshot(now + 2 * AFTERMATH * SECOND)
    visits_are_conserved(floor, view)
    assert not any(queue.waiting or queue.deciding for queue in view.queues)
    assert not any(agent.state in (State.TALK, State.HOLD) for agent in view.agents)
    rings_are_told(floor)
    nobodys_spans_overlap(floor)
