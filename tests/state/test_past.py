"""What a log told of the day before the daemon came is kept like what was seen: every minute, every call, however long ago."""

from __future__ import annotations

import asyncio
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.core.chronicle import AgentSpan, RingNoAnswer, VisitEnded
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project, QueueId
from monitor.core.events import PastTold, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell
from monitor.demo.day import Day
from monitor.demo.events import instant
from monitor.demo.world import LINES
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY, Plan, PlanRow
from monitor.sources import told
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, write
from tests.state.keeping import FAR, bring, made

DAY = date(2026, 11, 25)
SINCE, UNTIL = instant(DAY, 0), instant(DAY, 13)
CONTRACT = Contract(
    groups=(Group("floor"),),
    projects=tuple(Project(line.project, line.client, "floor", tuple(QueueId("pbx1", queue) for queue in line.queues)) for line in LINES),
)


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> told.Question:
    day = Day(1, DAY)
    rows: list[str] = []
    day.log = rows.append
    day.advance(UNTIL)
    file = tmp_path_factory.mktemp("log") / "queue_log"
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    taken = SnapshotTaken("pbx1", UNTIL, {queue.name: "rrmemory" for queue in CONTRACT.queues}, (), (), ())
    return told.Question(str(file), CONTRACT, "pbx1", taken, SINCE, 0, keep=True)


def test_a_day_that_is_told_is_kept_minute_by_minute(question: told.Question, tmp_path: Path) -> None:
    past = told.tell(question).past
    assert past is not None
    floor = Floor(CONTRACT, UNTIL - MINUTE)
    floor.keep()
    floor.apply(PastTold("pbx1", UNTIL, past))
    floor.expected.passed("bank-line", instant(DAY, 8), 5, 7, 0)  # the plan of that time
    floor.apply(question.snapshot)
    floor.advance(UNTIL + 5 * MINUTE)
    with made(Place(f"sqlite:///{tmp_path}/floorwatch.db")) as opened:
        rings = [one for one in past.details if isinstance(one, RingNoAnswer)]
        seen = [one._replace(start=one.start + 1) for one in past.details if isinstance(one, AgentSpan) and one.end - one.start > 1]
        write(opened.connection, Batch(UNTIL - 60 * MINUTE, details=[*seen, *(one._replace(at=one.at + 1) for one in rings)]))  # by a floor that was lost
        bring(floor, opened, until=floor.now + MINUTE)
        bring(floor, opened, until=floor.now + MINUTE)
        reader = Reader(opened)
        for of, shelf in (("project", floor.ledger.projects), ("group", floor.ledger.groups)):
            for name, book in shelf.items():
                minutes = reader.minutes(of, name, 0, FAR)
                assert [sum(column) for column in zip(*(minute.sums for minute in minutes), strict=True)] == book.total(0, None)
        for project in CONTRACT.projects:
            minutes = reader.minutes("project", project.name, 0, FAR)
            visits = reader.visits(project.name, 0, FAR)
            arrived = {visit.joined_at - visit.joined_at % MINUTE for visit in visits}
            assert len(visits) > 20
            assert arrived <= {minute.start for minute in minutes if minute.sums[Cell.VISITS]}
        spans = reader.spans(0, FAR)
        assert [one for one, other in pairwise(spans) if one.person == other.person and one.end > other.start] == []
        assert min(span.start for span in reader.spans(0, FAR)) < instant(DAY, 10)
        assert sorted(map(repr, reader.ring_no_answers(0, FAR))) == sorted(map(repr, rings))
        assert len(rings) == floor.counters.ring_no_answer["floor"] > 0


def test_without_being_asked_to_no_detail_is_told(question: told.Question) -> None:
    past = told.tell(told.Question(question.file, CONTRACT, "pbx1", question.snapshot, SINCE, 0)).past
    assert past is not None
    assert (past.details, past.early) == ((), ())


async def test_details_come_page_by_page_and_all_of_them(question: told.Question) -> None:
    there, here = (await told.ask(question)).past, (await asyncio.to_thread(told.tell, question)).past
    assert there is not None
    assert here is not None
    assert len(there.details) > 2 * told.PAGE
    for one, other in ((there.details, here.details), (there.early, here.early)):
        assert sorted(map(repr, one)) == sorted(map(repr, other))
    assert {type(one) for one in there.details} >= {VisitEnded, AgentSpan}


def test_a_first_start_in_the_evening_tells_the_store_all_of_the_day(question: told.Question, tmp_path: Path) -> None:
    """The plan of the day comes at once too; nothing is dropped, however small the rolls, and a minute is one record."""
    past = told.tell(question).past
    assert past is not None
    rows = [
        PlanRow(project.name, SINCE + half * 30 * MINUTE, SINCE + (half + 1) * 30 * MINUTE, 10_000_000, 1800 * MINUTE, None)
        for project in CONTRACT.projects
        for half in range(48)
    ]
    one = Keeping(CONTRACT, Plan.of(rows), UNTIL - MINUTE)
    floor = one.floor
    floor.keep()
    floor.chronicle.details.limit = floor.ledger.unwritten.limit = 200
    one.apply(PastTold("pbx1", UNTIL, past))
    while one.telling:
        one.tell()
    one.apply(question.snapshot)
    most = len(CONTRACT.projects) * (UNTIL - SINCE) // MINUTE + len(CONTRACT.groups) * (UNTIL - SINCE) // MINUTE
    assert sum(len(book.late) for book in (*floor.ledger.projects.values(), *floor.ledger.groups.values())) <= most
    with made(Place(f"sqlite:///{tmp_path}/floorwatch.db")) as opened:
        for second in range(1, 60):
            one.advance(UNTIL + second * SECOND)
            bring(floor, opened, all_of_it=False)
        one.close_books()
        bring(floor, opened, until=floor.now + MINUTE)
        reader = Reader(opened)
        assert floor.ledger.unwritten.dropped == floor.chronicle.details.dropped == 0
        for project in CONTRACT.projects:
            minutes = reader.minutes("project", project.name, 0, FAR)
            assert [sum(column) for column in zip(*(minute.sums for minute in minutes), strict=True)] == floor.ledger.projects[project.name].total(0, None)
            assert sum(minute.sums[Cell.VISITS] for minute in minutes) == len(reader.visits(project.name, 0, FAR))


def test_what_is_told_has_the_same_numbers_whoever_comes_for_it_and_when(question: told.Question) -> None:
    """After kill -9 the journal is told again: what had been written already must be found as what it was."""
    taken = []
    for often in (1, 7, 1000):
        past = told.tell(question).past
        assert past is not None
        one = Keeping(CONTRACT, EMPTY, UNTIL - MINUTE)
        one.floor.keep()
        one.apply(PastTold("pbx1", UNTIL, past))
        one.finish()
        one.apply(question.snapshot)
        records = []
        for second in range(1, 200):
            one.advance(UNTIL + second * SECOND)
            if second % 50 == 0:
                one.floor.ledger.add("bank-line", SINCE + 9 * 60 * MINUTE, Cell.ABANDONED)
            if second % often == 0 or second == 199:
                first, found = one.floor.ledger.unwritten.read(10**6)
                records += found
                one.floor.ledger.unwritten.written(first + len(found))
        taken.append(records)
    assert taken[0] == taken[1] == taken[2]
    assert len(taken[0]) > 100
