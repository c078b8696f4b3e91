"""The chronicle tells what the books count: every visit, every contact, every second; and loses nothing between two readings."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.chronicle import DAY, AgentSpan, Chronicle, ContactEnded, Corrected, RingNoAnswer, Roll, TimeRetold, VisitEnded
from monitor.core.contract import MINUTE, SECOND
from monitor.core.events import Event
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, State
from tests.core.scene import NEXT, T0, Scene
from tests.core.test_gaps import tell
from tests.core.test_properties import rings_are_told
from tests.core.worlds import CONTRACT, Move, World, long_story, moves

VISITS = {
    "answered": Cell.VISITS_ANSWERED,
    "abandoned": Cell.VISITS_ABANDONED,
    "short_abandoned": Cell.VISITS_SHORT,
    "flowed_out": Cell.VISITS_FLOWED_OUT,
    "unresolved": Cell.VISITS_UNRESOLVED,
}
CONTACTS = {
    "answered": Cell.ANSWERED,
    "abandoned": Cell.ABANDONED,
    "short_abandoned": Cell.SHORT,
    "flowed_out": Cell.FLOWED_OUT,
    "unresolved": Cell.UNRESOLVED,
}


def kept(events: list[Event]) -> Floor:
    floor = Floor(CONTRACT, T0, strict=True)
    floor.keep()
    for event in events:
        floor.apply(event)
    floor.advance(events[-1].at + 70 * MINUTE)
    return floor


@given(moves)
@example(long_story(1316))  # worked on since the last minute began
def test_what_it_tells_is_what_is_counted(story: list[Move]) -> None:
    floor = kept(World().play(story).events)
    rings_are_told(floor)
    visits: dict[object, VisitEnded] = {}
    contacts: dict[object, ContactEnded] = {}
    spans: dict[object, AgentSpan] = {}
    for one in (*floor.chronicle.details.records, *floor.chronicle.under_way()):
        if isinstance(one, VisitEnded):
            visits[one.pbx, one.call, one.queue, one.number] = one
        elif isinstance(one, ContactEnded):
            contacts[one.project, one.pbx, one.call] = one
        elif isinstance(one, AgentSpan):
            spans[one.person, one.start] = one
    for name, book in floor.ledger.projects.items():
        total = book.total(0, None)
        ended = Counter(one.outcome for one in visits.values() if one.project == name)
        assert {word: ended[word] for word in VISITS} == {word: total[cell] for word, cell in VISITS.items()}
        decided = Counter(one.outcome for one in contacts.values() if one.project == name)
        assert {word: decided[word] for word in CONTACTS} == {word: total[cell] for word, cell in CONTACTS.items()}
        handled = [one for one in contacts.values() if one.project == name and one.handled_at is not None]
        assert (len(handled), sum(one.handle_us for one in handled)) == (total[Cell.HANDLED], total[Cell.HANDLED_US])
    spent = Counter[tuple[str, str]]()
    for one in spans.values():
        spent[one.person, one.state] += one.end - one.start
        assert one.start < one.end
    for person, minutes in floor.ledger.people.items():
        for index, state in enumerate(State):
            counted = sum(cell[index] for minute, cell in minutes.items())
            assert counted <= spent[person, state]  # the last quarter of an hour only is known by person
    group = floor.ledger.groups["floor"].total(0, None)
    assert [sum(us for (_, word), us in spent.items() if word == state) for state in State] == group[: len(State)]


@given(moves)
def test_a_persons_spans_do_not_overlap(story: list[Move]) -> None:
    floor = kept(World().play(story).events)
    spans = {(one.person, one.start): one for one in floor.chronicle.details.records if isinstance(one, AgentSpan)}
    ends: dict[str, int] = {}
    for (person, start), span in sorted(spans.items()):
        assert start >= ends.get(person, 0)
        ends[person] = span.end


def test_nothing_is_noted_until_somebody_wants_it() -> None:
    scene = Scene().staffed("ann")
    scene.call(1, "c1", "ann")
    scene.floor.advance(scene.us(3600))
    assert not scene.floor.chronicle.details.records
    assert scene.floor.ledger.changed(scene.us(3600), 100) == []


def test_a_visit_is_told_with_its_wait_and_its_reason() -> None:
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.call(10, "c1", "ann", ring=4, talk=30)
    scene.channel(60, "c2")
    scene.join(60, "c2")
    scene.abandon(75, "c2")
    scene.leave(75, "c2")
    scene.told(75, "c2", status="TIMEOUT")
    scene.seen(75.1, "c2", NEXT)
    scene.end(80, "c2", position=NEXT)
    ended = [one for one in scene.floor.chronicle.details.records if isinstance(one, VisitEnded)]
    assert [(one.call, one.number, one.joined_at, one.wait_us, one.outcome, one.reason) for one in ended] == [
        ("c1", 1, scene.us(10), 4 * SECOND, "answered", None),
        ("c2", 1, scene.us(60), 15 * SECOND, "flowed_out", "timeout"),
    ]


def test_a_visit_found_again_is_told_as_waiting_and_as_a_correction() -> None:
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.channel(5, "c1")
    scene.join(5, "c1")
    visit = scene.open_visit("c1")
    scene.floor.queueing.lose(visit, scene.us(30))
    scene.floor.queueing.readopt(visit)
    told = list(scene.floor.chronicle.details.records)
    assert [(type(one).__name__, one.outcome) for one in told if isinstance(one, VisitEnded)] == [("VisitEnded", "unresolved"), ("VisitEnded", "waiting")]
    (said,) = [one for one in told if isinstance(one, Corrected)]
    assert (said.what, said.which, said.was, said.now, said.about, said.who) == ("visit", "c1", "unresolved", "waiting", scene.us(5), "PBX")


def spans_of(chronicle: Chronicle) -> list[tuple[str, int, int]]:
    return [(one.state, one.start, one.end) for one in chronicle.details.records if isinstance(one, AgentSpan)]


def test_equal_time_is_one_span_and_another_state_another() -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    for second in range(3):
        chronicle.spent("ann", "floor", State.AVAILABLE, None, "", second, second + 1)
    chronicle.spent("ann", "floor", State.TALK, "bank", "", 3, 9)
    chronicle.spent("ann", "floor", State.TALK, "shop", "", 9, 10)
    chronicle.spent("ann", "floor", State.TALK, "shop", "", 12, 13)  # away in between
    assert spans_of(chronicle) == [("available", 0, 3), ("talk", 3, 9), ("talk", 9, 10)]
    assert [(one.start, one.end) for one in chronicle.under_way() if isinstance(one, AgentSpan)] == [(12, 13)]
    assert chronicle.under_way() == []


def test_a_long_span_is_told_each_quarter_of_an_hour_as_it_grows() -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    for minute in range(40):
        chronicle.roll(minute * MINUTE)
        chronicle.spent("ann", "floor", State.PAUSED, None, "lunch", minute * MINUTE, (minute + 1) * MINUTE)
    assert spans_of(chronicle) == [("paused", 0, 15 * MINUTE), ("paused", 0, 30 * MINUTE)]


def test_a_span_is_of_one_day() -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    for hour in range(50):
        chronicle.spent("ann", "floor", State.AVAILABLE, None, "", hour * 60 * MINUTE, (hour + 1) * 60 * MINUTE)
    days = [(start // DAY, end // DAY) for _, start, end in spans_of(chronicle)]
    assert days == [(0, 1), (1, 2)]
    assert [(span.start, span.end) for span in chronicle.under_way() if isinstance(span, AgentSpan)] == [(2 * DAY, 50 * 60 * MINUTE)]


def latest(chronicle: Chronicle) -> list[tuple[int, int, str]]:
    """What a store has of it: of what was told twice under a start the later one, and nothing of what is empty."""
    spans = {(one.person, one.start): one for one in (*chronicle.details.records, *chronicle.under_way()) if isinstance(one, AgentSpan)}
    return sorted((one.start, one.end, one.state) for one in spans.values() if one.start < one.end)


@pytest.mark.parametrize("told", [False, True])
def test_unobserved_time_that_a_log_knows_after_all_is_told_again_as_what_is_left_of_it(told: bool) -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    midnight = DAY
    chronicle.spent("ann", "floor", State.AVAILABLE, None, "", midnight - 90, midnight - 60)
    chronicle.spent("ann", "floor", State.UNOBSERVED, None, "", midnight - 60, midnight + 10)
    chronicle.spent("ann", "floor", State.UNOBSERVED, None, "", midnight + 10, midnight + 100)
    if told:
        chronicle.under_way()
        chronicle.roll(midnight)
    for start, end, state in ((-60, 0, State.TALK), (0, 20, State.WRAPUP), (40, 50, State.TALK), (90, 100, State.AVAILABLE)):
        chronicle.take_back("ann", midnight + start, midnight + end)
        chronicle.spent("ann", "floor", state, None, "", midnight + start, midnight + end)
    chronicle.spent("ann", "floor", State.AVAILABLE, None, "", midnight + 100, midnight + 120)
    assert [(start - midnight, end - midnight, state) for start, end, state in latest(chronicle)] == [
        *((-90, -60, "available"), (-60, 0, "talk"), (0, 20, "wrapup"), (20, 40, "unobserved")),
        *((40, 50, "talk"), (50, 90, "unobserved"), (90, 120, "available")),
    ]


def test_a_gap_over_midnight_that_was_given_up_and_is_told_leaves_each_second_once() -> None:
    before = (DAY - T0 % DAY) // SECOND - 100
    scene = Scene(strict=False, start=T0 + before * SECOND).staffed("ann")
    scene.floor.keep()
    scene.lost(50)
    scene.snap(299)  # the gap is committed, half of it after midnight
    tell(scene, 300, f"{before + 90}|NONE|bank|ann|PAUSE|lunch\n{before + 190}|NONE|bank|ann|UNPAUSE|")
    scene.snap(1000)
    spans = latest(scene.floor.chronicle)
    assert [(one, other) for one, other in pairwise(spans) if one[1] != other[0]] == []
    assert (spans[0][0], spans[-1][1]) == (scene.us(0), scene.us(1000))
    assert [(end - start) // SECOND for start, end, state in spans if state == "paused"] == [100]
    assert "unobserved" not in {state for _, _, state in spans}


def test_a_past_says_whose_time_it_tells() -> None:
    chronicle = Chronicle(0)
    span = AgentSpan("ann", 10, 20, "floor", "talk", None, "")
    ring = RingNoAnswer("cat", 15, "pbx1", "1.1", "bank", "bank", "floor")
    chronicle.retold("pbx1", (span, span._replace(person="bob"), ring, span._replace(start=30)), 5, 50)
    assert list(chronicle.details.records)[4:] == [TimeRetold("pbx1", 5, 50, ("ann", "bob", "cat"))]
    chronicle.retold("pbx1", (), 50, 60)
    assert len(chronicle.details.records) == 5


def test_a_contact_is_told_by_its_callers_own_channel_as_a_log_tells_it() -> None:
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.channel(5, "c1", linked="first")
    scene.join(5, "c1", linked="first")
    scene.hang_up(20, "c1")
    assert [one.call for one in scene.floor.chronicle.details.records if isinstance(one, ContactEnded)] == ["c1"]


def test_who_has_left_is_not_told_for_ever() -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    chronicle.spent("ann", "floor", State.AVAILABLE, None, "", 0, MINUTE)
    for minute in range(120):
        chronicle.roll(minute * MINUTE)
    assert spans_of(chronicle) == [("available", 0, MINUTE)]
    assert chronicle.under_way() == []


@given(st.lists(st.tuples(st.sampled_from(["append", "extend", "read", "written"]), st.integers(0, 12)), max_size=60))
def test_a_roll_keeps_the_newest_and_numbers_them(steps: list[tuple[str, int]]) -> None:
    roll: Roll[int] = Roll(limit=10)
    told = done = came = 0  # `came`: at once, and waits
    for what, amount in steps:
        if what == "append":
            roll.append(told)
            told += 1
        elif what == "extend":
            dropped = roll.dropped
            roll.extend(range(told, told + amount))
            told += amount
            came += amount
            assert roll.dropped == dropped
        elif what == "read":
            first, records = roll.read(amount)
            assert records == list(range(first, first + len(records)))
            done = max(done, first + len(records))
        else:
            roll.written(done)
            came = min(came, len(roll.records))
        assert list(roll.records) == list(range(roll.first, told))
        assert len(roll.records) <= 10 + came
        assert roll.first >= roll.dropped
