"""What is remembered of a group."""

from __future__ import annotations

from dataclasses import replace

from monitor.assess.crew import Crew
from monitor.core.contract import MINUTE, SECOND, Contract, Group
from monitor.core.counters import Contacts, Counters
from monitor.core.snapshot import AgentView, Snapshot, State, Window
from tests.assess.looks import AT, BANK, spent

CONTRACT = Contract(groups=(Group("floor"),), projects=(BANK,))


def snapshot(at: int, missed: int = 0, answered: int = 0) -> Snapshot:
    counters = Counters.starting(CONTRACT, ())
    counters.ring_no_answer["floor"] = missed
    counters.contacts["bank"][Contacts.ANSWERED] = answered
    return Snapshot(at, (), (), (), {}, {}, {"floor": {Window.QUARTER: spent()}}, frozenset(), frozenset(), counters)


def people(*away_since: int | None) -> tuple[AgentView, ...]:
    return tuple(AgentView(f"E{n}", "", "floor", State.TALK, AT, None, "", unreachable_since=since) for n, since in enumerate(away_since))


def test_rings_are_those_of_the_last_quarter_of_an_hour() -> None:
    crew = Crew()
    looks = [crew.look(CONTRACT.groups[0], CONTRACT, snapshot(AT + minute * MINUTE, 2 * minute, 3 * minute), ()) for minute in range(31)]
    look = looks[-1]
    assert (look.unanswered, look.answered) == (30, 45)


def test_devices_that_went_away_count_for_two_minutes_whatever_their_people_do() -> None:
    crew = Crew()
    group, ten = CONTRACT.groups[0], [None] * 10
    assert crew.look(group, CONTRACT, snapshot(AT), people(*ten)).lost == 0
    gone = [AT, AT, AT + SECOND, *ten[3:]]
    look = crew.look(group, CONTRACT, snapshot(AT + 2 * SECOND), people(*gone))
    assert (look.lost, look.there) == (3, 10)
    left = crew.look(group, CONTRACT, snapshot(AT + 90 * SECOND), people(*gone)[3:])  # they left the floor after their grace
    assert (left.lost, left.there) == (3, 10)
    back = crew.look(group, CONTRACT, snapshot(AT + 91 * SECOND), people(None, *gone[1:]))
    assert (back.lost, back.there) == (2, 10)
    later = crew.look(group, CONTRACT, snapshot(AT + 200 * SECOND), people(*ten)[3:])
    assert (later.lost, later.away) == (0, 2), "two of the three who went together are not back"
    assert crew.look(group, CONTRACT, snapshot(AT + 201 * SECOND), people(*ten)).away == 0


def test_who_is_not_back_in_an_hour_has_gone_home() -> None:
    crew, group = Crew(), CONTRACT.groups[0]
    gone = [AT, AT, AT, *[None] * 7]
    assert crew.look(group, CONTRACT, snapshot(AT), people(*gone)).away == 3
    assert crew.look(group, CONTRACT, snapshot(AT + 60 * MINUTE), people(*gone)[3:]).away == 3
    assert crew.look(group, CONTRACT, snapshot(AT + 60 * MINUTE + 1), people(*gone)[3:]).away == 0


def test_a_need_is_asked_for_once_a_minute_and_after_a_change() -> None:
    crew = Crew()
    assert crew.due(AT)
    crew.ask(CONTRACT.groups[0], CONTRACT, {}, AT)
    assert crew.need is None
    assert [crew.due(AT + seconds * SECOND) for seconds in (59, 60)] == [False, True]
    crew.forget_need()
    assert crew.due(AT + SECOND)
    crew.ask(replace(CONTRACT.groups[0]), CONTRACT, {}, AT)
    crew.shift(-3600 * SECOND)
    assert crew.due(AT - 3600 * SECOND)
