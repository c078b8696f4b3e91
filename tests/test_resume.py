"""A floor goes on where the last process left it: what was seen is out of sight since then; or all begins at nought, and it is said why."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.counters import Contacts, Planned, Visits
from monitor.core.events import ChannelEnded, ChannelRow, GapTold, HangupRequested, LinkLost, PastTold, WaitingRow
from monitor.core.heal import retell
from monitor.core.logrow import LogRow
from monitor.core.snapshot import State
from monitor.engine import Engine
from monitor.errors import StateInUse
from monitor.plan.plan import EMPTY, Plan, PlanRow
from monitor.resume import LONGEST_US, Resumed, resume, turn
from monitor.state import journal
from monitor.state.checkpoint import CURRENT
from monitor.state.records import FORMAT
from tests.clockwork import BANK, Time, joined, seen
from tests.core.scene import IN_QUEUE, T0, contract, project

PLAN = Plan.of([PlanRow("bank", T0 - MINUTE, T0 + 600 * MINUTE, 60_000_000 * 601 // 60, 60 * 180 * SECOND, 180 * SECOND)])


@dataclass
class Process:
    """One process of the daemon: an engine on a state. It is killed by forgetting it."""

    folder: Path
    time: Time
    boot: str = "this life"
    plan: Plan = field(default=EMPTY)
    agreed: Contract = field(default_factory=contract)

    def __post_init__(self) -> None:
        with capture_logs() as self.logs:
            self.resumed: Resumed = resume(
                self.folder, self.agreed, self.plan, boot=self.boot, wall_ns=lambda: self.time.wall * 1000, steady_ns=lambda: self.time.steady * 1000
            )
        resumed = self.resumed
        self.engine = Engine(self.agreed, self.plan, resumed.clock, keeping=resumed.keeping, keeper=resumed.keeper)

    def see(self, *who: str) -> None:
        self.engine.put(seen(self.engine.clock.now(), *who))
        self.engine.outlook()

    def pass_(self, seconds: float) -> None:
        self.time.go(seconds)
        self.engine.tick()

    @property
    def available_us(self) -> int:
        return self.engine.floor.counters.agent_us["floor", State.AVAILABLE]

    @property
    def problem(self) -> str:
        (line,) = [line for line in self.logs if line["log_level"] == "warning"]
        assert line["event"] == "all counters begin at nought"
        return str(line["problem"])


def killed(folder: Path, time: Time, plan: Plan = EMPTY) -> Process:
    """A process that saw ann for ten seconds and one caller come, and was killed."""
    one = Process(folder, time, plan=plan)
    one.see("ann")
    one.pass_(10)
    for event in joined(one.engine.clock.now(), "c"):
        one.engine.put(event)
    one.engine.outlook()
    return one


def test_everything_that_was_shown_is_there_and_the_time_between_is_a_gap(tmp_path: Path) -> None:
    time = Time()
    before = killed(tmp_path, time)
    shown = before.engine.outlook().snapshot
    time.go(7)
    after = Process(tmp_path, time)
    assert after.resumed.again
    side = after.engine.floor.sides["pbx1"]
    assert (side.observed, side.blind_since) == (False, T0 + 10 * SECOND)
    assert after.engine.floor.counters.visits == shown.counters.visits
    after.pass_(60)
    assert after.available_us == 10 * SECOND
    assert after.engine.floor.counters.unobserved_us["pbx1"] == 67 * SECOND
    assert [line["event"] for line in after.logs] == ["going on from before"]
    assert after.logs[0]["down_seconds"] == 7


def test_it_is_killed_again_before_it_has_seen_anything(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    for _ in range(3):
        time.go(5)
        Process(tmp_path, time).engine.outlook()
    time.go(5)
    last = Process(tmp_path, time)
    last.pass_(60)
    assert last.engine.floor.sides["pbx1"].blind_since == T0 + 10 * SECOND
    assert last.engine.floor.counters.unobserved_us["pbx1"] == 80 * SECOND


def test_the_plan_of_the_time_between_passes_unobserved(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time, PLAN)
    time.go(50)
    after = Process(tmp_path, time, plan=PLAN)
    after.engine.tick()
    row = after.engine.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (1_000_000, 10_000_000 // 60)


def test_another_plan_counts_from_the_end_on(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time, PLAN)
    time.go(50)
    after = Process(tmp_path, time)
    after.engine.tick()
    assert after.engine.floor.counters.planned["bank"][Planned.CALLS] == 10_000_000 // 60


def test_a_clean_end_is_gone_on_from_in_another_life_of_the_machine(tmp_path: Path) -> None:
    time = Time()
    one = killed(tmp_path, time)
    one.resumed.keeper.close(one.resumed.keeping)
    time.steady = 5 * SECOND  # its steady clock begins anew
    time.wall += 60 * SECOND
    after = Process(tmp_path, time, boot="next life")
    assert after.resumed.again
    assert after.engine.clock.now() == T0 + 70 * SECOND


def test_without_a_store_nothing_more_is_remembered_for_one(tmp_path: Path) -> None:
    time = Time()
    one = killed(tmp_path, time)
    one.engine.floor.keep()
    one.see("ann", "bob")
    for _ in range(3):
        one.pass_(60 * 60)
    chronicle, ledger = one.engine.floor.chronicle, one.engine.floor.ledger
    waiting = len(chronicle.details.records)
    assert waiting > 0
    assert ledger.unwritten.records
    one.resumed.keeper.close(one.resumed.keeping)
    floor = Process(tmp_path, time).engine.floor
    assert not floor.chronicle.kept
    assert not floor.chronicle.details.records
    assert not floor.ledger.unwritten.records
    assert floor.ledger.changed(floor.now, 1) == []
    assert floor.chronicle.details.first == waiting  # numbers are never given twice
    floor.keep()
    assert floor.ledger.changed(floor.now, 1) != []


def test_after_a_power_loss_all_begins_at_nought(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    after = Process(tmp_path, time, boot="next life")
    assert not after.resumed.again
    assert "went down" in after.problem
    assert after.available_us == 0
    assert (tmp_path / "aside" / CURRENT).exists()
    assert Process(tmp_path, time, boot="next life").resumed.again


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_civil_clock_that_was_set_meanwhile_changes_no_duration(tmp_path: Path, hours: int) -> None:
    time = Time()
    killed(tmp_path, time)
    time.go(7)
    time.wall += hours * 3600 * SECOND
    after = Process(tmp_path, time)
    after.engine.tick()
    assert after.engine.keeping.clock_steps == 1
    assert after.engine.floor.now == T0 + 17 * SECOND + hours * 3600 * SECOND
    after.pass_(60)
    assert after.engine.floor.counters.unobserved_us["pbx1"] == 67 * SECOND
    assert after.available_us == 10 * SECOND


def test_a_civil_clock_that_is_behind_in_another_life_is_a_step(tmp_path: Path) -> None:
    time = Time()
    one = killed(tmp_path, time)
    one.resumed.keeper.close(one.resumed.keeping)
    time.wall, time.steady = 1000 * SECOND, 5 * SECOND
    after = Process(tmp_path, time, boot="next life")
    assert after.engine.floor.now == 1000 * SECOND
    after.pass_(60)
    assert after.available_us == 10 * SECOND
    assert after.engine.floor.counters.unobserved_us["pbx1"] == 60 * SECOND


def test_a_step_while_it_runs_is_repeated(tmp_path: Path) -> None:
    time = Time()
    one = killed(tmp_path, time)
    time.wall -= 3600 * SECOND
    one.pass_(1)
    time.go(1)
    after = Process(tmp_path, time)
    after.engine.tick()
    assert (after.engine.floor.now, after.engine.keeping.clock_steps) == (T0 - 3600 * SECOND + 12 * SECOND, 1)


def test_what_is_too_old_is_left(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    time.go(LONGEST_US / SECOND + 1)
    assert "50 hours old" in Process(tmp_path, time).problem


def test_a_configuration_that_changed_meanwhile_is_in_force_and_nothing_is_lost(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    time.go(5)
    after = Process(tmp_path, time, agreed=contract(project("bank"), project("taxi")))
    assert after.resumed.again
    view = after.engine.outlook().snapshot
    assert set(view.projects) == {"bank", "taxi"}
    assert view.counters.contacts["bank"][Contacts.CONTACTS] == 1
    assert after.available_us == 10 * SECOND


def test_a_configuration_that_changed_before_is_gone_on_with(tmp_path: Path) -> None:
    """The change is in the journal, with the plan that came with it."""
    time = Time()
    one = killed(tmp_path, time, plan=PLAN)
    one.pass_(60)
    changed = contract(project("bank", zone=ZoneInfo("Europe/Kyiv")), project("taxi", dids=frozenset({"0445550101"})))
    twice = Plan.of([PlanRow("bank", T0 - MINUTE, T0 + 600 * MINUTE, 120_000_000 * 601 // 60, 0, None)])
    one.engine.change(changed, twice)
    one.pass_(60)
    shown = one.engine.outlook().snapshot.counters
    after = Process(tmp_path, time, agreed=changed, plan=twice)
    assert after.resumed.again
    view = after.engine.outlook().snapshot
    assert set(view.projects) == {"bank", "taxi"}
    assert view.counters.planned == shown.planned
    assert view.counters.contacts == shown.contacts
    assert after.engine.keeping.plan.rows() == twice.rows()


def test_a_torn_end_is_left_out(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    path = journal.path_of(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-3])
    assert Process(tmp_path, time).resumed.again


@pytest.mark.parametrize("file", [CURRENT, "journal-0000000001"])
def test_damage_is_found_and_said(tmp_path: Path, file: str) -> None:
    time = Time()
    killed(tmp_path, time)
    data = bytearray((tmp_path / file).read_bytes())
    data[data.index(b"\n") + 40] ^= 1
    (tmp_path / file).write_bytes(data)
    assert "not what" in Process(tmp_path, time).problem


def test_another_version_s_format_is_moved_aside(tmp_path: Path) -> None:
    time = Time()
    killed(tmp_path, time)
    file = tmp_path / CURRENT
    file.write_bytes(file.read_bytes().replace(f'"checkpoint": {FORMAT}'.encode(), b'"checkpoint": 99', 1))
    assert "in another format" in Process(tmp_path, time).problem
    assert b'"checkpoint": 99' in (tmp_path / "aside" / CURRENT).read_bytes()


def test_a_step_that_cannot_be_repeated_ends_nothing(tmp_path: Path) -> None:
    time = Time()
    one = killed(tmp_path, time)
    one.resumed.keeper.note(("missed", "no-such-pbx"))
    one.resumed.keeper.flush()
    assert "cannot be repeated: KeyError" in Process(tmp_path, time).problem


def test_what_cannot_go_on_under_this_contract_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise KeyError("bank")

    time = Time()
    killed(tmp_path, time)
    monkeypatch.setattr("monitor.keeping.Keeping.change", refuse)
    one = Process(tmp_path, time)
    assert "cannot be repeated: KeyError" in one.problem
    assert not one.resumed.again


# --- whose turn it is -------------------------------------------------------------------------------------------------------------------

HOLD = "import sys, time; from pathlib import Path; from monitor.state.lock import Lock; print(Lock(Path(sys.argv[1])).take(), flush=True); sys.stdin.read()"


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


async def test_a_second_daemon_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.resume.PATIENCE_S", 0.1)
    process = await asyncio.to_thread(holder, tmp_path)
    try:
        with pytest.raises(StateInUse, match=rf"{tmp_path}: process {process.pid} keeps its state there; .*standby = true"):
            await turn(tmp_path, standby=False, stop=asyncio.Event())
    finally:
        await asyncio.to_thread(end, process)


async def test_a_standby_waits_says_so_once_and_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.resume.STANDBY_S", 0.01)
    process = await asyncio.to_thread(holder, tmp_path)
    with capture_logs() as logs:
        waiting = asyncio.create_task(turn(tmp_path, standby=True, stop=asyncio.Event()))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await asyncio.to_thread(end, process)
        lock = await waiting
    assert lock is not None
    lock.release()
    assert [(line["event"], line["holder"]) for line in logs] == [("standing by", str(process.pid))]


async def test_a_standby_that_is_told_to_stop(tmp_path: Path) -> None:
    process = await asyncio.to_thread(holder, tmp_path)
    try:
        stop = asyncio.Event()
        waiting = asyncio.create_task(turn(tmp_path, standby=True, stop=stop))
        await asyncio.sleep(0)
        stop.set()
        assert await waiting is None
    finally:
        await asyncio.to_thread(end, process)


async def test_a_lock_goes_with_its_process(tmp_path: Path) -> None:
    process = await asyncio.to_thread(holder, tmp_path)
    await asyncio.to_thread(end, process)
    lock = await turn(tmp_path, standby=False, stop=asyncio.Event())
    assert lock is not None
    lock.release()


def test_what_a_past_brings_is_written_down_before_the_floor_goes_on_with_it(tmp_path: Path) -> None:
    """A caller of before waits, and gives up before anything is written: the journal has him waiting, and then his end."""
    time = Time()
    one = Process(tmp_path, time)
    rows = [LogRow(T0 // SECOND - 30, "w", "bank", "NONE", "ENTERQUEUE", ("", "", "1"))]
    lives = ChannelRow("w", "w", "PJSIP/trunk-w", IN_QUEUE, True, "Queue", "bank", "", 30 * SECOND)
    taken = replace(seen(T0, "ann"), waiting=(WaitingRow("w", "bank", "PJSIP/trunk-w", 30 * SECOND),), channels=(lives,))
    end = ChannelEnded("pbx1", T0, "w", IN_QUEUE)
    for event in (PastTold("pbx1", T0, retell(contract(), "pbx1", rows, taken, T0 - MINUTE)), taken, HangupRequested("pbx1", T0, "w", IN_QUEUE, False), end):
        one.engine.put(event)
    one.engine.catch_up()
    shown = one.engine.outlook().snapshot.counters
    assert shown.visits["bank", BANK][Visits.ABANDONED] == 1
    after = Process(tmp_path, time)
    assert after.resumed.again
    assert after.engine.floor.counters.visits == shown.visits
    assert after.engine.floor.counters.contacts == shown.contacts


PARTS = 12  # with the event itself, and with the look that finds no more


@pytest.mark.parametrize("parts", range(1, PARTS + 1))
def test_it_is_killed_while_a_log_tells_a_day(tmp_path: Path, parts: int) -> None:
    """However much of it was told: all of it is, once."""
    time = Time(T0 + 6 * 60 * MINUTE)
    one, start = Process(tmp_path, time, plan=PLAN), time.steady
    rows = [LogRow(T0 // SECOND + 60 * n, f"g{n}", "bank", "NONE", verb, ("1", "1", "0")) for n in range(300) for verb in ("ENTERQUEUE", "ABANDON")]
    one.engine.put(PastTold("pbx1", start, retell(contract(), "pbx1", rows, seen(start, "ann"), T0)))
    one.engine.put(seen(start, "ann"))
    for _ in range(parts):
        one.engine._drain(1)
    one.engine.write_down()
    assert one.engine.keeping.half_told is (parts < PARTS)
    one.engine.catch_up()
    after = Process(tmp_path, time, plan=PLAN)
    assert after.resumed.again
    wanted = one.engine.floor.counters
    assert (after.engine.floor.counters.visits, after.engine.floor.counters.planned["bank"][Planned.CALLS]) == (
        wanted.visits,
        wanted.planned["bank"][Planned.CALLS],
    )
    assert wanted.visits["bank", BANK][Visits.ENTERED] == 300


# --- a gap that a log tells -------------------------------------------------------------------------------------------------------------


def gap_told(start: int, end: int) -> GapTold:
    """The log of a gap in which twenty callers came and gave up."""
    rows = [LogRow((start + n * SECOND) // SECOND + 1, f"g{n}", "bank", "NONE", "ENTERQUEUE", ("", "", "1")) for n in range(20)]
    rows += [LogRow(row.at_s + 15, row.call, "bank", "NONE", "ABANDON", ("1", "1", "15")) for row in rows]
    return GapTold("pbx1", end, tuple(sorted(rows, key=lambda row: row.at_s)), seen(end, "ann"), 0)


@pytest.mark.parametrize("told", [0, 1, 7, 30, 1000])
def test_it_is_killed_while_a_log_tells_a_gap(tmp_path: Path, told: int) -> None:
    """However much of it was told and shown: all of it is, once."""
    time = Time()
    before = killed(tmp_path, time)
    start = before.engine.clock.now()
    before.engine.put(LinkLost("pbx1", start))
    before.engine.catch_up()
    before.pass_(50)
    before.engine.put(gap_told(start, before.engine.clock.now()))
    before.engine._drain(1 + told)
    assert before.engine.keeping.telling is (told < 1000)
    with patch("monitor.engine.SLICE", 0):
        shown = before.engine.outlook().snapshot.counters
    time.go(1)
    after = Process(tmp_path, time)
    after.see("ann")
    healed = after.engine.outlook().snapshot.counters
    assert healed.healed["pbx1"] == 20
    assert healed.visits["bank", BANK][Visits.ENTERED] == 21
    assert healed.visits["bank", BANK][Visits.ABANDONED] == 20
    for key, row in shown.visits.items():
        assert all(was <= now for was, now in zip(row, healed.visits[key], strict=True))
    assert after.engine.floor.sides["pbx1"].observed
    assert healed.anomalies == shown.anomalies
