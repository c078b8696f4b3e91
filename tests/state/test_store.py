"""What the store says is what the ledger says, minute by minute, whatever was corrected, broken off or told twice in between."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from monitor.core.book import MinuteTold
from monitor.core.chronicle import AgentSpan, Chronicle, Corrected, Detail, RingNoAnswer, TimeRetold, VisitEnded
from monitor.core.contract import MINUTE, SECOND
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, State
from monitor.errors import StoreUnusable
from monitor.state.store import migrations, schema
from monitor.state.store.place import Opened, Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, PlanVersion, write
from tests.core.scene import T0
from tests.core.worlds import CONTRACT, World, long_story
from tests.state.keeping import FAR, books, bring, intervals, made

HOUR = 60 * MINUTE
SEEDS = range(60 if os.environ.get("FLOORWATCH_FULL") else 8)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


@pytest.fixture
def opened(place: Place) -> Iterator[Opened]:
    with made(place) as one:
        yield one


class Truth:
    """Every minute of a floor, however old: taken down at each addition, as no ledger does."""

    def __init__(self, floor: Floor) -> None:
        self.minutes: dict[tuple[str, str, int], list[int]] = {}
        for of, shelf in (("project", floor.ledger.projects), ("group", floor.ledger.groups)):
            for name, book in shelf.items():
                self._listen(of, name, book)

    def _listen(self, of: str, name: str, book: object) -> None:
        cls = type(book)
        truth = self

        class Told(cls):  # type: ignore[misc,valid-type]
            __slots__ = ()

            def add(self, at: int, index: int, amount: int, *, told: bool = False) -> None:
                truth.minutes.setdefault((of, name, at - at % MINUTE), [0] * self.width)[index] += amount
                super().add(at, index, amount, told=told)

            def add_all(self, minute: int, amounts: Sequence[tuple[int, int]], *, told: bool = False) -> None:
                for index, amount in amounts:
                    truth.minutes.setdefault((of, name, minute), [0] * self.width)[index] += amount
                super().add_all(minute, amounts, told=told)

        book.__class__ = Told

    def of(self, of: str, name: str) -> dict[int, tuple[int, ...]]:
        return {minute: tuple(sums) for (kind, whose, minute), sums in self.minutes.items() if (kind, whose) == (of, name)}


@pytest.mark.parametrize("seed", SEEDS)
def test_minute_by_minute_the_store_says_what_the_ledger_said(opened: Opened, seed: int) -> None:
    """A day of random worlds: written at random moments or late, corrected hours afterwards, told twice, the civil clock put back."""
    random = Random(seed)
    floor = Floor(CONTRACT, T0, strict=True)
    floor.keep()
    truth = Truth(floor)
    for event in World().play(long_story(seed)).events:
        floor.apply(event)
        if random.random() < 0.2:
            bring(floor, opened, lost=random.random() < 0.3)
    for _ in range(random.randrange(8)):
        floor.advance(floor.now + random.choice([MINUTE, 20 * MINUTE, 3 * HOUR]))
        if random.random() < 0.2:
            floor.shift(random.choice([-4 * HOUR, -3 * MINUTE, HOUR]))
        if random.random() < 0.7:
            bring(floor, opened, lost=random.random() < 0.3)
        for _ in range(random.randrange(3)):  # a fate that was found out late
            at = random.randrange(T0, max(T0 + MINUTE, floor.now))
            floor.ledger.add("bank", at, Cell.ABANDONED, random.choice([1, -1]))
            floor.ledger.spend_group("floor", 0, at, at + 3 * SECOND)
    floor.advance(floor.now + HOUR)
    bring(floor, opened, until=floor.now + 24 * HOUR)
    stored = books(Reader(opened))
    for (of, name), minutes in stored.items():
        assert minutes == truth.of(of, name)
    clocks = {("project", p.name): floor.ledger.projects[p.name].clock for p in CONTRACT.projects} | {("group", "floor"): floor.ledger.groups["floor"].clock}
    for key, found in intervals(Reader(opened)).items():
        sums: dict[int, list[int]] = {}
        for minute, cells in stored[key].items():
            into = sums.setdefault(clocks[key].interval_start(minute, CONTRACT.interval_us), [0] * len(cells))
            sums[clocks[key].interval_start(minute, CONTRACT.interval_us)] = [a + b for a, b in zip(into, cells, strict=True)]
        assert found == {start: tuple(row) for start, row in sums.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_replay_after_a_crash_changes_nothing(opened: Opened, seed: int) -> None:
    """The floor is told its journal again from the beginning, after everything was written."""
    events = World().play(long_story(seed)).events
    stored = []
    for _ in range(2):
        floor = Floor(CONTRACT, T0, strict=True)
        floor.keep()
        for event in events:
            floor.apply(event)
        for _ in range(4):
            floor.advance(floor.now + HOUR)
        floor.ledger.add("bank", T0, Cell.SHORT)  # of a minute that is folded: an addition
        for _ in range(2):  # a phone that refuses at once is rung again in the same second
            floor.chronicle.rang_in_vain(RingNoAnswer("ann", T0, "pbx1", "1.1", "bank", "bank", "floor"))
        bring(floor, opened)
        reader = Reader(opened)
        details = (reader.spans(0, FAR), reader.ring_no_answers(0, FAR), reader.corrections(0, FAR))
        stored.append((books(Reader(opened)), [reader.visits(p.name, 0, FAR) for p in CONTRACT.projects], details))
    assert stored[0] == stored[1]
    assert stored[0][0]["project", "bank"][T0][Cell.SHORT] >= 1
    assert sum((one.call, one.at) == ("1.1", T0) for one in stored[0][2][1]) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_what_comes_back_is_what_was_told(opened: Opened, seed: int) -> None:
    floor = Floor(CONTRACT, T0, strict=True)
    floor.keep()
    for event in World().play(long_story(seed)).events:
        floor.apply(event)
    floor.advance(floor.now + 20 * MINUTE)
    told = list(floor.chronicle.details.records)
    bring(floor, opened)
    reader = Reader(opened)
    spans = {(one.person, one.start): one for one in told if isinstance(one, AgentSpan)}
    assert reader.spans(0, FAR) == [spans[key] for key in sorted(spans)]
    visits = {(one.pbx, one.call, one.queue, one.number): one for one in told if isinstance(one, VisitEnded)}
    found = [one for project in CONTRACT.projects for one in reader.visits(project.name, 0, FAR)]
    assert {(one.pbx, one.call, one.queue, one.number): one for one in found} == visits
    assert reader.corrections(0, FAR) == [one for one in told if isinstance(one, Corrected)]
    assert len(found) == len(visits)


def test_a_new_floor_takes_the_place_of_an_older_one_and_adds_to_its_own(opened: Opened) -> None:
    """Without its journal a daemon tells today anew, from the log: what an earlier one knew of those minutes is not added to."""
    width = len(Cell)

    def told(amount: int, number: int, *, added: bool) -> MinuteTold:
        return MinuteTold("project", "bank", T0, T0, tuple(amount if cell == Cell.VISITS else 0 for cell in range(width)), number, added)

    def stored() -> int:
        return Reader(opened).minutes("project", "bank", 0, FAR)[0].sums[Cell.VISITS]

    write(opened.connection, Batch(1, minutes=[told(7, 0, added=False)]))
    write(opened.connection, Batch(2, late=[told(3, 1, added=True)]))
    assert stored() == 3
    write(opened.connection, Batch(2, late=[told(2, 2, added=True)]))
    assert stored() == 5
    write(opened.connection, Batch(2, late=[told(2, 2, added=True), told(4, 3, added=True)]))  # the first of them has come before
    assert stored() == 9
    write(opened.connection, Batch(2, late=[told(6, 1, added=False)]))  # told before the last two were added: a crash has it come again
    assert stored() == 9


def test_a_day_told_anew_takes_the_place_of_what_an_older_floor_saw_of_its_people(opened: Opened) -> None:
    """Without its journal a daemon tells today from the log, whose seconds are whole: the same talk under another start."""
    talk = AgentSpan("ann", 100, 200, "floor", "talk", "bank", "")
    before, into = talk._replace(start=10, end=20), talk._replace(start=40, end=60, state="available")
    bob, now = talk._replace(person="bob"), talk._replace(start=310, end=320)
    write(opened.connection, Batch(1, details=[before, into, talk, bob]))
    told = talk._replace(start=99, end=199)
    another = talk._replace(start=100, end=150, state="paused")  # of her other phone, which another PBX told: under a key that is there
    details: list[Detail] = [told, another, TimeRetold("pbx1", 50, 300, ("ann",)), now]
    for _ in range(2):  # a crash has it come again
        write(opened.connection, Batch(2, details=details))
        write(opened.connection, Batch(2, details=[TimeRetold("pbx1", 50, 300, ("ann", "zoe"))]))  # of another PBX: it spares what this floor has told
        assert Reader(opened).spans(0, FAR) == [before, into._replace(end=50), told, another, now, bob]


def test_rings_of_a_day_told_anew_take_the_place_of_those_an_older_floor_saw(opened: Opened) -> None:
    """A log has whole seconds, and two of them in one: each is a ring. What was seen on another PBX, before or after is not told by this one's log."""
    ring = RingNoAnswer("ann", 149, "pbx1", "1.1", "bank", "bank", "floor")
    early, late, other = ring._replace(at=49), ring._replace(at=300), ring._replace(pbx="pbx2", project=None)
    bob, told = ring._replace(person="bob"), ring._replace(at=100)
    write(opened.connection, Batch(1, details=[early, ring, late, other, bob]))
    for _ in range(2):  # a crash has it come again
        write(opened.connection, Batch(2, details=[told, told, TimeRetold("pbx1", 50, 300, ("ann",))]))
        assert Reader(opened).ring_no_answers(0, FAR) == [early, told, told, other, bob, late]


def test_since_when_it_is_kept_who_let_a_ring_pass(opened: Opened, place: Place) -> None:
    assert Reader(opened).no_answers_since() == 0, "since ever: nothing is older"
    last = MinuteTold("project", "bank", T0, T0, (0,) * len(Cell), 0)
    write(opened.connection, Batch(1, minutes=[last, replace(last, minute=T0 - MINUTE)]))
    with opened.connection.begin():
        schema.ring_no_answers.drop(opened.connection)
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value="4"))
    with opened.connection.begin():
        assert migrations.migrate(opened.connection, place.shown)
    assert Reader(opened).no_answers_since() == T0 + MINUTE
    assert Reader(opened).ring_no_answers(0, FAR) == []


def test_a_span_of_which_nothing_is_left_is_none(opened: Opened) -> None:
    span = AgentSpan("ann", 10, 20, "floor", "unobserved", None, "")
    write(opened.connection, Batch(1, details=[span]))
    write(opened.connection, Batch(1, details=[span._replace(end=10)]))
    assert Reader(opened).spans(0, FAR) == []


def test_spans_of_a_store_of_the_first_schema_give_way_too(opened: Opened, place: Place) -> None:
    with opened.connection.begin():
        opened.connection.exec_driver_sql("ALTER TABLE agent_spans DROP COLUMN epoch_at")
        opened.connection.exec_driver_sql("INSERT INTO agent_spans VALUES ('ann', 10, 20, 'floor', 'talk', NULL, '')")
        opened.connection.execute(schema.meta.update().values(value="1"))
    with opened.connection.begin():
        assert migrations.migrate(opened.connection, place.shown)
    assert [one.start for one in Reader(opened).spans(0, FAR)] == [10]
    write(opened.connection, Batch(1, details=[TimeRetold("pbx1", 0, 30, ("ann",))]))
    assert Reader(opened).spans(0, FAR) == []


def test_spans_are_found_by_what_they_touch(opened: Opened) -> None:
    chronicle = Chronicle(0)
    chronicle.kept = True
    for person, group in (("ann", "floor"), ("bob", None)):
        chronicle.spent(person, group, State.TALK, "bank", "", 10, 20)
        chronicle.spent(person, group, State.PAUSED, None, "lunch", 20, 30)
    write(opened.connection, Batch(1, details=[*chronicle.details.records, *chronicle.under_way()]))
    reader = Reader(opened)
    assert [(one.person, one.state, one.group) for one in reader.spans(15, 20)] == [("ann", "talk", "floor"), ("bob", "talk", None)]
    assert [one.state for one in reader.spans(19, 21, person="bob")] == ["talk", "paused"]
    assert [one.person for one in reader.spans(0, 100, group="floor")] == ["ann", "ann"]
    assert reader.spans(30, 40) == []


def test_a_plan_is_kept_once_until_it_changes(opened: Opened) -> None:
    def plan(since: int, text: str) -> PlanVersion:
        return PlanVersion("working", since, "plan.csv", "start", "floorwatch", str(hash(text)), zlib.compress(text.encode()))

    for since, text in ((1, "a"), (2, "a"), (3, "b"), (4, "a")):
        write(opened.connection, Batch(0, plans=[plan(since, text)]))
    assert [(one.since, one.who, one.why, one.text) for one in Reader(opened).plans()] == [
        (1, "plan.csv", "start", "a"),
        (3, "plan.csv", "start", "b"),
        (4, "plan.csv", "start", "a"),
    ]


def test_what_belongs_to_a_plan_is_kept_by_kind_and_found_by_instant(opened: Opened) -> None:
    for since, kind, content in ((1, "working", b"a"), (2, "scales", b"s"), (3, "working", b"PK\x03\xff"), (4, "contract", b"c"), (5, "contract", b"d")):
        write(opened.connection, Batch(0, plans=[PlanVersion.of(kind, since, f"{kind}.csv", "start", "calabrio", content)]))
    reader = Reader(opened)
    assert [one.content for one in reader.plans()] == [b"a", b"PK\x03\xff"]
    assert [(at, found and found.content) for at in (0, 1, 2, 3) for found in [reader.plan(at)]] == [(0, None), (1, b"a"), (2, b"a"), (3, b"PK\x03\xff")]
    assert [one.text for one in reader.plans("scales")] == ["s"]
    first = reader.first_stored("contract", "contract.csv")
    assert first is not None
    assert (first[0], first[1]) == (4, PlanVersion.of("contract", 4, "", "", "", b"c").digest)
    assert reader.first_stored("contract", "other.csv") is None


def test_what_no_database_takes_is_left_out_and_the_rest_is_kept(opened: Opened) -> None:
    good = AgentSpan("ann", 1, 2, "floor", "talk", None, "")
    bad = good._replace(person="b", reason="\ud800")
    assert write(opened.connection, Batch(0, details=[good, bad, good._replace(start=3, end=4)])) == 1
    assert [one.start for one in Reader(opened).spans(0, FAR)] == [1, 3]


# --- the place ------------------------------------------------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone(opened: Opened, tmp_path: Path) -> None:
    write(opened.connection, Batch(0, details=[AgentSpan("ann", 1, 2, "floor", "talk", None, "")]))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert set(modes) == {"floorwatch.db", "floorwatch.db-wal", "floorwatch.db-shm", "floorwatch.db.lock"}
    assert set(modes.values()) == {0o600}


def test_two_daemons_do_not_write_to_one_store(opened: Opened, place: Place) -> None:
    with pytest.raises(StoreUnusable, match=r"floorwatch\.db: another floorwatch writes to it; stop that one first"):
        place.open(alone=True)
    Reader.of(place).close()


def test_a_store_of_a_later_version_is_left_alone(opened: Opened, place: Place) -> None:
    with opened.connection.begin():
        opened.connection.execute(schema.meta.update().values(value="99"))
    for attempt in (lambda: Reader.of(place), lambda: migrations.migrate(opened.connection, place.shown)):
        with pytest.raises(StoreUnusable, match=rf"has schema 99, this version knows {len(migrations.STEPS)}; run the newer floorwatch, or name another store"):
            attempt()
        opened.connection.rollback()


def test_an_interrupted_migration_has_not_happened(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(connection: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, breaks))
    with place.open() as opened, pytest.raises(OSError, match="Input"), opened.connection.begin():
        migrations.migrate(opened.connection, place.shown)
    with place.open() as opened, opened.connection.begin():
        assert migrations.version(opened.connection) == 0


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("sqlite:///{0}/no/such/floorwatch.db", "{0}/no/such/floorwatch.db: no such file or directory; name another place in [store] url"),
        ("sqlite:///{0}/text", "{0}/text: file is not a database; name another file in [store] url"),
        ("sqlite:///{0}", "{0}: is a directory; name another place in [store] url"),
        (
            "postgresql+psycopg://floorwatch:geheim@127.0.0.1:1/floor",
            (
                'postgresql://127.0.0.1:1/floor: connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused; '
                "start the server, or correct [store] url"
            ),
        ),
    ],
)
def test_a_place_that_cannot_be_had_is_one_line(tmp_path: Path, url: str, line: str) -> None:
    (tmp_path / "text").write_text("this is no database at all, and long enough to see that\n" * 20)
    with pytest.raises(StoreUnusable) as caught:
        Place(url.format(tmp_path)).open(alone=True)
    assert str(caught.value) == line.format(tmp_path)
    assert "geheim" not in repr(Place(url)) + str(caught.value)


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:geheim@db:5432x/floor", "geheim"])
def test_what_is_no_address_is_no_place_and_not_shown(url: str) -> None:
    with pytest.raises(StoreUnusable, match=r"^\[store\] url: is not an address; write it as") as caught:
        Place(url)
    assert "geheim" not in str(caught.value)


def test_the_columns_of_the_first_schema_stay_what_they_are() -> None:
    """A figure that comes, goes or moves is a step of `migrations`: stores out there have these columns."""
    assert len(migrations.STEPS) == 10
    assert (
        *("visits", "visits_answered", "visits_abandoned", "visits_short", "visits_flowed_out", "visits_unresolved", "contacts", "answered", "in_threshold"),
        *("abandoned", "abandoned_in_threshold", "short", "flowed_out", "unresolved", "handled", "handled_us", "talk_us", "hold_us", "wrapup_us", "offline_us"),
        *("plan_calls", "plan_handle", "plan_observed_calls", "plan_observed_handle", "observed_us", "contacts_seen", "carried_seen_us"),
        *("billed", "billed_s", "revenue_u", "connected_us", "plan_agent_us", "results", "results_u"),
        *("out_attempts", "out_taken", "out_contacts", "out_dialing_us", "out_talk_us", "out_hold_us", "out_wrapup_us"),
        *("callback_attempts", "callback_taken", "callback_contacts", "callback_dialing_us", "callback_talk_us", "callback_hold_us", "callback_wrapup_us"),
        *("plan_out_attempts_u", "plan_out_contacts_u", "plan_out_handle_us", "plan_out_results_u"),
        *("plan_out_observed_attempts_u", "plan_out_observed_contacts_u", "plan_out_observed_handle_us", "plan_out_agent_us"),
    ) == schema.CELLS
    states = ("unobserved", "talk", "hold", "dialing", "offline", "other", "ring", "wrapup", "paused", "unreachable", "available")
    assert (*(f"{state}_us" for state in states), "observed_us", *(f"seen_{state}_us" for state in states), "labour", "unpriced_us") == schema.GROUP_SUMS
