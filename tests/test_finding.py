"""Rows of a gap that was given up, found later: when they are looked for, by whom, and what is said of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from monitor import finding
from monitor.core.chronicle import Corrected, Detail
from monitor.core.contract import MINUTE, SECOND
from monitor.core.correction import GapFound, GapUntold
from monitor.core.counters import Planned, Visits
from monitor.core.events import GapTold, LinkLost, LogSeen, SnapshotTaken, WaitingRow
from monitor.engine import Engine
from monitor.finding import Answer, Finding, Question
from monitor.keeping import Keeping
from monitor.plan.plan import Plan, PlanRow
from monitor.resume import resume
from monitor.state import asides, sealed
from monitor.state.asides import Aside, Asides
from monitor.state.keeper import Keeper
from monitor.state.records import FORMAT
from tests.clockwork import BANK, Time, joined, seen
from tests.core.scene import T0, contract

START_S = T0 // SECOND
CALL = ("60|1.1|bank|NONE|ENTERQUEUE||0|1", "62|1.1|bank|ann|CONNECT|2|1.2|1", "72|1.1|bank|ann|COMPLETECALLER|2|10|1")
QUEUESTART = "0|NONE|NONE|NONE|QUEUESTART|"
PLAN = Plan.of([PlanRow("bank", T0, T0 + 60 * MINUTE, 60_000_000, 3600 * SECOND, 180 * SECOND)])


class Site:
    """An engine that keeps what it does, its folder, the PBX's queue_log, and who looks for rows."""

    def __init__(self, folder: Path, *, keeping: Keeping | None = None, time: Time | None = None) -> None:
        self.folder, self.file = folder / "state", folder / "queue_log"
        self.folder.mkdir(exist_ok=True)
        self.time = time or Time()
        self.up = True
        keeping = keeping or Keeping(contract(), PLAN, T0)
        self.keeper = Keeper(self.folder, "")
        self.keeper.begin(keeping)
        self.engine = Engine(contract(), PLAN, self.time.clock, keeping=keeping, keeper=self.keeper, asides=Asides(self.folder))
        self.finding = Finding(self.engine, self.folder, lambda _pbx: self.file if self.up else None)

    def write(self, *rows: str) -> None:
        lines = ((START_S + int(row.partition("|")[0]), row.partition("|")[2]) for row in rows)
        self.file.write_text("".join(f"{at}|{rest}\n" for at, rest in lines), encoding="utf-8")

    def go(self, seconds: float) -> None:
        self.time.go(seconds)
        self.engine.tick()

    def blind(self, seconds: float = 50) -> None:
        """A gap that begins half a minute after the start."""
        self.engine.put(seen(T0, "ann"))
        self.go(30)
        self.engine.put(LinkLost("pbx1", T0 + 30 * SECOND))
        self.go(seconds)

    def back(self, told: GapTold | GapUntold | None = None) -> None:
        """The link is back, and the log does not tell."""
        taken = seen(self.engine.clock.now(), "ann")
        self.engine.put(told or GapUntold("pbx1", taken.at, taken, 0))
        self.engine.put(taken)
        self.engine.catch_up()
        self.settle()

    def settle(self) -> None:
        """Until what is laid aside is whole."""
        asides_of = self.engine.asides
        assert asides_of is not None
        while asides_of._writing:
            asides_of.tick()

    def laid(self) -> list[Aside]:
        return asides.found(self.folder)

    async def files(self) -> list[Path]:
        """What is laid aside."""
        return [aside.path for aside in await asyncio.to_thread(self.laid)]

    @property
    def counted(self) -> dict[str, int]:
        row = self.engine.floor.counters.visits["bank", BANK]
        return {kind.name.lower(): row[kind] for kind in Visits if row[kind]}

    def end(self) -> None:
        self.settle()
        self.keeper._threads.shutdown()
        if self.keeper._journal is not None:
            self.keeper.close(self.engine.keeping)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    yield one
    with contextlib.suppress(RuntimeError):  # its threads have ended
        one.end()


def said(logs: list[EventDict]) -> list[tuple[str, str]]:
    return [(entry["log_level"], entry["event"]) for entry in logs if entry["log_level"] != "debug"]


# --- laid aside -------------------------------------------------------------------------------------------------------------------------


def test_an_untold_gap_is_laid_aside_and_nothing_happens_on_the_floor(site: Site) -> None:
    site.blind()
    site.back()
    assert [aside.path.name for aside in site.laid()] == [f"gap-{T0 + 30 * SECOND}-pbx1"]
    assert site.engine.floor.sides["pbx1"].gap is None
    assert site.engine.floor.counters.corrected_us == {}


def test_so_is_one_whose_log_is_another_pbxs(site: Site) -> None:
    site.blind()
    taken = SnapshotTaken("pbx1", site.engine.clock.now(), {}, (), (WaitingRow("9.9", "bank", "PJSIP/trunk-9.9", 20 * SECOND),), ())
    with capture_logs() as logs:
        site.back(GapTold("pbx1", taken.at, (), taken, 0))
    assert [aside.path.name for aside in site.laid()] == [f"gap-{T0 + 30 * SECOND}-pbx1"]
    (line,) = logs
    assert (line["problem"], line["effect"]) == ("it does not know a caller who waits now", "the gap is unobserved until its rows are found")


def test_without_a_folder_nothing_is_laid_aside() -> None:
    engine = Engine(contract(), PLAN, Time().clock)
    assert engine.effect == "the gap stays unobserved"
    engine.put(seen(T0, "ann"))
    engine.put(LinkLost("pbx1", T0))
    engine.put(GapUntold("pbx1", T0, seen(T0, "ann"), 0))
    engine.catch_up()


# --- found ------------------------------------------------------------------------------------------------------------------------------


async def test_the_rows_correct_the_counters_once(site: Site) -> None:
    site.blind()
    site.back()
    site.go(60)
    planned = site.engine.floor.counters.planned["bank"]
    assert planned[Planned.CALLS] - planned[Planned.OBSERVED_CALLS] == pytest.approx(50 * 60 / 3600 * 1e6, abs=2)
    site.write(QUEUESTART, *CALL)
    with capture_logs() as logs:
        await site.finding.look()
        await site.finding.look()
    assert site.counted == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert site.engine.floor.counters.corrected_us == {"unobserved": 50 * SECOND, "agent": 50 * SECOND}
    assert planned[Planned.OBSERVED_CALLS] == planned[Planned.CALLS]
    assert [(entry["event"], entry["pbx"], entry["seconds"], entry["calls"]) for entry in logs] == [("gap found in queue_log", "pbx1", 50.0, 1)]
    assert await site.files() == []


async def test_a_process_of_its_own_answers_like_this_one(site: Site) -> None:
    site.blind()
    site.back()
    site.write(QUEUESTART, *CALL)
    question = Question((await site.files())[0], site.file)
    there, here = await finding.ask(question), await asyncio.to_thread(finding.tell, question)
    assert there == here
    assert there.difference is not None
    assert there.difference.counters.healed == {"pbx1": 1}


async def test_what_the_store_gets_comes_page_by_page_and_all_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)  # here; the process has pages of its own
    site.engine.floor.keep()
    site.blind()
    site.back()
    site.go(60)
    site.write(QUEUESTART, *CALL)
    (file,) = await site.files()
    whole = (await asyncio.to_thread(finding.tell, Question(file, site.file))).difference
    assert whole is not None
    known = len(site.engine.floor.chronicle.details.records)
    told: list[GapFound] = []
    put = site.engine.put

    def noted(event: GapFound) -> bool:
        told.append(event)
        return put(event)

    monkeypatch.setattr(site.engine, "put", noted)
    await site.finding.look()
    assert [one.more for one in told] == [True] * (len(told) - 1) + [False]
    assert len(told) > 2
    assert told[-1].difference.details == ()
    assert all(len(one.difference.details) <= 2 for one in told)
    new = list(site.engine.floor.chronicle.details.records)[known:]
    assert sorted(map(repr, new)) == sorted(repr(one._replace(at=one_at(new)) if isinstance(one, Corrected) else one) for one in whole.details)
    assert site.counted == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def one_at(details: list[Detail]) -> int:
    """The minute in which it became known."""
    (at,) = {one.at for one in details if isinstance(one, Corrected)}
    return at


async def test_nobody_looks_while_the_gap_may_still_be_told_or_its_log_is_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write(QUEUESTART, *CALL)
    site.blind(5)
    site.back()
    monkeypatch.setattr(finding, "ask", None)
    await site.finding.look()  # it is pending still
    site.go(60)
    site.up = False
    await site.finding.look()
    assert await site.files()
    assert site.counted == {}


async def test_nobody_looks_for_the_beginning_of_a_gap_that_goes_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write(QUEUESTART, *CALL)
    site.blind()
    taken = seen(site.engine.clock.now(), "ann")
    site.engine.put(GapUntold("pbx1", taken.at, taken, 0))  # and the link is lost before its snapshot is told
    site.engine.catch_up()
    site.settle()
    site.go(60)
    assert site.engine.floor.sides["pbx1"].unseen
    monkeypatch.setattr(finding, "ask", None)
    await site.finding.look()
    assert await site.files()


async def test_a_gap_that_was_told_after_all_is_looked_for_no_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.blind(20)
    taken = seen(site.engine.clock.now(), "ann")
    site.engine.put(LogSeen("pbx1", taken.at, up=True))
    site.engine.put(GapUntold("pbx1", taken.at, taken, 0))
    site.engine.put(LinkLost("pbx1", taken.at))
    site.engine.put(GapTold("pbx1", taken.at, (), taken, 0))
    site.engine.put(taken)
    site.engine.catch_up()
    site.settle()
    assert await site.files()
    monkeypatch.setattr(finding, "ask", None)
    await site.finding.look()
    assert await site.files() == []


async def test_a_failure_is_said_once_and_tried_again_ever_more_seldom(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Question] = []

    async def ask(question: Question) -> Answer:
        asked.append(question)
        return Answer(None, "no")

    monkeypatch.setattr(finding, "ask", ask)
    loop, now = asyncio.get_running_loop(), [0.0]
    began = loop.time()
    monkeypatch.setattr(loop, "time", lambda: began + now[0])
    site.blind()
    site.back()
    site.go(60)
    tried = []
    with capture_logs() as logs:
        for second in range(0, 1300, 10):
            now[0] = float(second)
            before = len(asked)
            await site.finding.look()
            if len(asked) > before:
                tried.append(second)
    assert tried == [0, 10, 30, 70, 150, 310, 610, 910, 1210]
    assert said(logs) == [("warning", "queue_log does not tell the gap")]
    assert await site.files()


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ((), "begins after the gap did"),
        (("100|1.1|bank|NONE|ENTERQUEUE||0|1",), "begins after the gap did"),
    ],
)
async def test_rows_that_are_not_all_there_tell_nothing(site: Site, rows: tuple[str, ...], problem: str) -> None:
    site.blind()
    site.back()
    site.write(*rows)
    assert await asyncio.to_thread(finding.tell, Question((await site.files())[0], site.file)) == Answer(None, f"{site.file}: {problem}")


async def test_a_file_that_is_no_more_or_a_process_that_fails_is_a_sentence(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(site.folder / "gap-1-pbx1", site.file)
    assert await finding.ask(question) == Answer(None, f"{question.aside}: cannot be read: No such file or directory")
    monkeypatch.setattr(finding, "CHILD", "raise RuntimeError('broken')")
    assert await finding.ask(question) == Answer(None, f"{site.file}: could not be told: RuntimeError: broken")


async def test_another_versions_floor_goes_with_a_line(site: Site) -> None:
    site.write(QUEUESTART, *CALL)
    site.blind()
    site.back()
    site.go(60)
    await asyncio.to_thread(sealed.write, (await site.files())[0], {"gap": FORMAT + 1, "monitor": "9.9"}, b"")
    with capture_logs() as logs:
        await site.finding.look()
    (line,) = logs
    assert (line["log_level"], line["event"], line["effect"]) == ("warning", "a gap can never be told", "it stays unobserved")
    assert line["problem"] == f"floorwatch 9.9 wrote it in another format than this version's {FORMAT}"
    assert await site.files() == []


@pytest.mark.parametrize("pbx", ["pbx1", "gone"])
async def test_a_gap_that_nobody_has_goes(site: Site, pbx: str) -> None:
    (site.folder / f"gap-{T0}-{pbx}").write_bytes(b"")
    await site.finding.look()
    assert await site.files() == []


async def test_what_was_found_is_written_down_before_its_file_goes(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in between: the next process has counted it, and does not count it again."""
    site.write(QUEUESTART, *CALL)
    site.blind()
    site.back()
    site.go(60)

    async def killed(_aside: asides.Aside) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(site.finding, "_drop", killed)
    with pytest.raises(asyncio.CancelledError):
        await site.finding.look()
    resumed = await asyncio.to_thread(
        resume, site.folder, contract(), PLAN, boot="", wall_ns=lambda: site.time.wall * 1000, steady_ns=lambda: site.time.steady * 1000
    )
    again = Finding(Engine(contract(), PLAN, resumed.clock, keeping=resumed.keeping), site.folder, lambda _pbx: site.file)
    row = resumed.keeping.floor.counters.visits["bank", BANK]
    assert row[Visits.ENTERED] == 1
    assert await site.files()
    await again.look()
    assert await site.files() == []
    assert row[Visits.ENTERED] == 1
    await asyncio.to_thread(resumed.keeper.close, resumed.keeping)


async def test_what_is_laid_aside_is_good_for_the_next_process(site: Site) -> None:
    site.blind()
    site.back()
    site.go(60)
    site.engine.put(joined(site.engine.clock.now(), "2.2")[0])
    site.go(1)
    resumed = await asyncio.to_thread(
        resume, site.folder, contract(), PLAN, boot="", wall_ns=lambda: site.time.wall * 1000, steady_ns=lambda: site.time.steady * 1000
    )
    engine = Engine(contract(), PLAN, resumed.clock, keeping=resumed.keeping, keeper=resumed.keeper, asides=resumed.asides)
    site.write(QUEUESTART, *CALL)
    await Finding(engine, site.folder, lambda _pbx: site.file).look()
    assert engine.floor.counters.visits["bank", BANK][Visits.ENTERED] == 1
    assert engine.floor.counters.corrected_us["unobserved"] == 50 * SECOND
    assert await site.files() == []
    await asyncio.to_thread(resumed.keeper.close, resumed.keeping)


async def test_it_looks_every_ten_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "EVERY_S", 0.01)
    site.write(QUEUESTART, *CALL)
    site.blind()
    site.back()
    site.go(60)
    task = asyncio.create_task(site.finding.run())
    async with asyncio.timeout(20):
        while await site.files():
            await asyncio.sleep(0.02)
    task.cancel()
    assert site.counted["entered"] == 1
