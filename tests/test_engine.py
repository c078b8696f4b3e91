"""The one writer: order, a bounded inbox, the tick, the plan's meter, clock steps, and an outlook that holds everything received."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest

from monitor.core import heal
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Contacts, Outcome, Planned
from monitor.core.events import CallerAbandoned, CallerJoined, CallerLeft, GapTold, HangupRequested, LinkLost, LogSeen, PastTold, SnapshotTaken
from monitor.core.floor import Anomaly
from monitor.core.logrow import LogRow
from monitor.core.snapshot import State, Window
from monitor.engine import FRESH_US, SLICE, TOLD, Engine
from monitor.plan.plan import Plan, PlanRow
from tests.clockwork import BANK, Time, engine, entered, joined, left, seen
from tests.core.scene import IN_QUEUE, T0


def hour_of(calls: int, start: int = T0) -> Plan:
    return Plan.of([PlanRow("bank", start, start + 60 * MINUTE, calls * 1_000_000, calls * 180 * SECOND, 180 * SECOND, scheduled_u=2_000_000)])


# --- events ---------------------------------------------------------------------------------------------------------------------------


def test_an_outlook_holds_every_event_received() -> None:
    time = Time()
    one = engine(time)
    for event in (seen(T0, "ann"), *joined(T0, "c")):
        assert one.put(event)
    assert entered(one) == 0
    view = one.outlook()
    assert (entered(one), view.snapshot.queues[0].waiting, view.at) == (1, 1, T0)


def test_a_full_inbox_refuses_everything_but_the_loss_of_sight() -> None:
    one = engine(Time(), inbox=3)
    assert [one.put(event) for event in [seen(T0), *joined(T0, "c"), *joined(T0, "d")]] == [True] * 3 + [False] * 2
    assert one.put(LinkLost("pbx1", T0))
    one.outlook()
    assert not one.floor.sides["pbx1"].observed
    assert one.put(joined(T0, "e")[0])


def test_readers_within_a_moment_share_an_outlook_until_something_happens() -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    first = one.outlook()
    time.go((FRESH_US - 1) / SECOND)
    assert one.outlook() is first
    one.put(joined(T0, "c")[0])
    second = one.outlook()
    assert second is not first
    time.go(FRESH_US / SECOND)
    assert one.outlook() is not second


def test_an_exit_is_asked_about_with_the_callers_channel() -> None:
    time = Time()
    one = engine(time)
    asked: list[tuple[str, str, str]] = []
    one.askers = {"pbx1": lambda *question: asked.append(question)}
    for event in (seen(T0), *joined(T0, "c"), CallerAbandoned("pbx1", T0, "c", "bank", IN_QUEUE), CallerLeft("pbx1", T0, "c", "bank", "x", IN_QUEUE)):
        one.put(event)
    one.outlook()
    assert asked == [("c", "bank", "PJSIP/trunk-c")]


def test_an_exit_on_a_pbx_that_nobody_asks_is_decided_without() -> None:
    time = Time()
    one = engine(time)
    for event in (seen(T0), *joined(T0, "c"), CallerAbandoned("pbx1", T0, "c", "bank", IN_QUEUE), CallerLeft("pbx1", T0, "c", "bank", "x", IN_QUEUE)):
        one.put(event)
    one.outlook()
    time.go(1)
    assert sum(one.outlook().snapshot.counters.flowed_out.values()) == 1


# --- the loop -------------------------------------------------------------------------------------------------------------------------


async def until(one: Engine, goal: int) -> None:
    while entered(one) < goal:
        await asyncio.sleep(0)


async def test_events_are_applied_as_they_come_and_others_have_their_turn() -> None:
    one = engine(Time())
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    one.put(seen(T0))
    turns, last, steps = 0, 0, []
    for number in range(5 * SLICE):
        for event in joined(T0, str(number)):
            one.put(event)
    while entered(one) < 5 * SLICE:
        await asyncio.sleep(0)
        turns += 1
        steps.append(entered(one) - last)
        last = entered(one)
    assert turns >= 10
    assert max(steps) <= SLICE
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_tick_comes_each_second_whatever_the_civil_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    one = engine(time)
    ticks: list[int] = []
    whole = one.tick

    def tick() -> None:
        time.go(1)
        if len(ticks) == 1:
            time.wall -= 3600 * SECOND
        whole()
        ticks.append(one.floor.now)

    monkeypatch.setattr(one, "tick", tick)
    loop = asyncio.get_running_loop()
    shift = 0.0
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + shift)
    running = asyncio.create_task(one.run())
    for _ in range(2000):
        await asyncio.sleep(0)
        shift += 0.01  # twenty seconds of the loop's time
    assert 18 <= len(ticks) <= 22
    assert one.keeping.clock_steps == 1
    assert ticks[-1] == T0 - 3600 * SECOND + len(ticks) * SECOND
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_while_applying_ends_the_run() -> None:
    one = engine(Time(), strict=True)
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    for event in (seen(T0), *joined(T0, "c"), CallerJoined("pbx1", T0, "c", "c", "x", "shop", IN_QUEUE)):
        one.put(event)
    with pytest.raises(Anomaly, match="visit_rejoined"):
        await asyncio.wait_for(running, 5)


async def test_an_error_that_a_reader_meets_first_ends_the_run_too() -> None:
    one = engine(Time(), strict=True)
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    for event in (seen(T0), *joined(T0, "c"), CallerJoined("pbx1", T0, "c", "c", "x", "shop", IN_QUEUE)):
        one.put(event)
    with pytest.raises(Anomaly):
        one.outlook()
    with pytest.raises(Anomaly, match="visit_rejoined"):
        await asyncio.wait_for(running, 5)


# --- time -----------------------------------------------------------------------------------------------------------------------------


def test_a_tick_spends_open_spans_and_fires_what_is_due() -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    one.outlook()
    time.go(7)
    one.tick()
    assert one.floor.counters.agent_us["floor", State.AVAILABLE] == 7 * SECOND


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_civil_step_moves_borders_and_no_duration(hours: int) -> None:
    time = Time()
    one = engine(time)
    told: list[int] = []
    one.on_step = (told.append,)
    for event in (seen(T0, "ann"), *joined(T0, "c")):
        one.put(event)
    one.outlook()
    time.go(10)
    time.wall += hours * 3600 * SECOND
    one.tick()
    time.go(5)
    view = one.outlook()
    step = hours * 3600 * SECOND
    assert (one.keeping.clock_steps, told) == (1, [step])
    assert view.at == T0 + step + 15 * SECOND
    (queue, _) = view.snapshot.queues
    assert queue.oldest_joined_at == T0 + step
    assert view.snapshot.counters.agent_us["floor", State.AVAILABLE] == 15 * SECOND
    assert view.snapshot.projects["bank"][Window.INTERVAL].start == T0 + step


def test_after_a_step_back_nobody_gets_the_outlook_of_before() -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    one.outlook()
    time.go(1)
    time.wall -= 3600 * SECOND
    one.tick()
    assert one.outlook().at == T0 - 3599 * SECOND


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_civil_step_with_events_in_the_inbox_changes_no_duration(hours: int) -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    one.outlook()
    time.go(1)
    for event in joined(T0 + 1 * SECOND, "c"):
        one.put(event)
    time.go(1)
    time.wall += hours * 3600 * SECOND
    one.tick()
    time.go(5)
    at = T0 + hours * 3600 * SECOND + 7 * SECOND
    for event in (HangupRequested("pbx1", at, "c", IN_QUEUE, False), CallerAbandoned("pbx1", at, "c", "bank", IN_QUEUE), left(at)):
        one.put(event)
    view = one.outlook()
    waits = view.snapshot.counters.waits["bank", BANK, Outcome.ABANDONED]
    assert (sum(waits.counts), waits.sum_us) == (1, 6 * SECOND)
    assert view.snapshot.counters.agent_us["floor", State.AVAILABLE] == 7 * SECOND


# --- a gap that a log tells -----------------------------------------------------------------------------------------------------------


def gap_told(start: int, end: int, calls: int) -> GapTold:
    """So many callers who gave up in that time, and ann who sits there still."""
    rows = []
    for number in range(calls):
        at = start // SECOND + 1 + number % ((end - start) // SECOND - 2)
        rows += [LogRow(at, f"g{number}", "bank", "NONE", verb, data) for verb, data in (("ENTERQUEUE", ("", "0", "1")), ("ABANDON", ("1", "1", "0")))]
    return GapTold("pbx1", end, tuple(sorted(rows, key=lambda row: row.at_s)), seen(end, "ann"), 0)


def lost(time: Time, calls: int) -> Engine:
    """An engine that was out of sight for a minute, of which a log has so much to tell."""
    one = engine(time)
    for event in (seen(T0, "ann"), LogSeen("pbx1", T0, up=True), LinkLost("pbx1", T0 + 10 * SECOND)):
        one.put(event)
    one.catch_up()
    time.go(70)
    told = gap_told(T0 + 10 * SECOND, T0 + 70 * SECOND, calls)
    one.put(told)
    one.put(told.snapshot)
    return one


async def test_whoever_waits_for_a_gap_to_be_told_does_not_hold_up_the_loop() -> None:
    one = lost(Time(), 300)
    told: list[int] = []
    waiting = asyncio.create_task(one.caught_up())
    while not waiting.done():
        told.append(entered(one))
        await asyncio.sleep(0)
    steps = [after - before for before, after in itertools.pairwise(told)]
    assert (entered(one), one.keeping.telling, one.floor.sides["pbx1"].observed) == (300, False, True)
    assert max(steps) <= SLICE / TOLD
    await waiting


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_civil_step_waits_until_a_gap_is_told(hours: int) -> None:
    time = Time()
    one = lost(time, 300)
    time.wall += hours * 3600 * SECOND
    one.tick()
    time.go(1)
    one.outlook()
    assert one.keeping.telling
    one.tick()
    assert (one.keeping.telling, one.keeping.clock_steps, entered(one) < 300) == (True, 0, True)
    await one.caught_up()
    one.tick()
    assert (one.keeping.clock_steps, one.floor.now) == (1, T0 + hours * 3600 * SECOND + 71 * SECOND)
    assert one.floor.counters.agent_us["floor", State.AVAILABLE] == 71 * SECOND
    assert one.floor.counters.contacts["bank"][Contacts.ABANDONED] + one.floor.counters.contacts["bank"][Contacts.SHORT] == 300


# --- the plan -------------------------------------------------------------------------------------------------------------------------


def planned(one: Engine) -> list[int]:
    return one.floor.counters.planned["bank"]


def test_the_plan_is_counted_once_and_its_twins_only_while_observed() -> None:
    time = Time()
    one = engine(time, hour_of(60))
    time.go(60)
    one.tick()  # not seen yet
    one.put(seen(T0 + 60 * SECOND))
    time.go(60)
    one.tick()
    one.outlook()
    time.go(60)
    one.outlook()
    row = planned(one)
    assert (row[Planned.CALLS], row[Planned.HANDLE], row[Planned.AGENTS]) == (3_000_000, 540 * SECOND, 360 * SECOND)
    assert (row[Planned.OBSERVED_CALLS], row[Planned.OBSERVED_HANDLE]) == (2_000_000, 360 * SECOND)


def test_a_lost_link_splits_the_plan_at_its_instant() -> None:
    time = Time()
    one = engine(time, hour_of(3600))
    one.put(seen(T0))
    one.outlook()
    time.go(10)
    one.put(LinkLost("pbx1", T0 + 10 * SECOND))
    one.outlook()
    time.go(10)
    one.put(seen(T0 + 20 * SECOND))
    one.outlook()
    time.go(10)
    one.tick()
    row = planned(one)
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (30_000_000, 20_000_000)


@pytest.mark.parametrize("step", [0.1, 1, 7, 600])
def test_however_time_is_cut_the_plan_adds_up(step: float) -> None:
    time = Time()
    one = engine(time, hour_of(61))
    one.put(seen(T0))
    one.outlook()
    for _ in range(int(600 / step)):
        time.go(step)
        one.tick()
    time.go(600 - int(600 / step) * step)
    one.tick()
    assert planned(one)[Planned.CALLS] == 61_000_000 * 600 // 3600


def test_a_civil_step_counts_no_plan_twice() -> None:
    time = Time()
    one = engine(time, hour_of(60, T0 - 60 * MINUTE))
    time.wall -= 1800 * SECOND
    one.tick()
    time.go(60)
    one.tick()
    assert planned(one)[Planned.CALLS] == 1_000_000


# --- a past that a log tells ------------------------------------------------------------------------------------------------------------


def test_a_told_past_moves_actual_plan_and_observed_plan_together() -> None:
    """The daemon starts at :30 of an hour that plans 60 calls; the log tells ten calls of the first half."""
    plan, start = hour_of(60), T0 + 30 * MINUTE
    time = Time(start)
    one = engine(time, plan)
    time.go(2)
    one.tick()
    until = start + 2 * SECOND
    rows = [LogRow(at, f"{at}.1", "bank", "NONE", "ENTERQUEUE", ("", "", "1")) for at in range(T0 // SECOND, start // SECOND, 180)]
    rows = [row for enter in rows for row in (enter, LogRow(enter.at_s + 60, enter.call, "bank", "NONE", "ABANDON", ("1", "1", "60")))]
    taken = SnapshotTaken("pbx1", until, {"bank": "rrmemory"}, (), (), ())
    one.put(PastTold("pbx1", until, heal.retell(one.contract, "pbx1", rows, taken, T0)))
    one.put(taken)
    one.catch_up()
    time.go(28)
    one.tick()
    planned = one.floor.counters.planned["bank"]
    assert planned[Planned.CALLS] == planned[Planned.OBSERVED_CALLS] == 30_500_000
    assert planned[Planned.HANDLE] == planned[Planned.OBSERVED_HANDLE] == 30.5 * 180 * SECOND
    assert planned[Planned.AGENTS] == 2 * (30 * MINUTE + 30 * SECOND)
    view = one.outlook()
    hour = view.projects["bank"][Window.HOUR]
    assert hour.contacts == 10
    assert view.projects["bank"][Window.DAY].observed == pytest.approx(30.5 / 30.5)
    assert view.projects["bank"][Window.DAY].volume_deviation == pytest.approx(10 / 30.5 - 1)


@pytest.mark.parametrize("looked", [True, False])
def test_a_day_that_is_half_told_is_shown_to_nobody(looked: bool) -> None:
    """Its calls and its plan come in parts, and are there for a reader together or not at all."""
    until = T0 + 12 * 60 * MINUTE
    time = Time(until)
    one = engine(time, Plan.of([PlanRow("bank", T0, until + 60 * MINUTE, 780_000_000, 0, 0)]))
    if looked:
        assert entered(one) == sum(one.outlook().snapshot.counters.planned["bank"]) == 0
    rows = [LogRow(at, f"{at}.1", "bank", "NONE", "ENTERQUEUE", ("", "", "1")) for at in range(T0 // SECOND, until // SECOND - 100, 180)]
    rows = [row for enter in rows for row in (enter, LogRow(enter.at_s + 60, enter.call, "bank", "NONE", "ABANDON", ("1", "1", "60")))]
    taken = SnapshotTaken("pbx1", until, {"bank": "rrmemory"}, (), (), ())
    one.put(PastTold("pbx1", until, heal.retell(one.contract, "pbx1", rows, taken, T0)))
    one.put(taken)
    shown = []
    for _ in range(30):
        counters = one.outlook().snapshot.counters
        shown.append((counters.contacts["bank"][Contacts.CONTACTS], counters.planned["bank"][Planned.CALLS], counters.planned["bank"][Planned.OBSERVED_CALLS]))
        one.tick()
    whole = (len(rows) // 2, 720_000_000, 720_000_000)
    assert shown[-1] == whole
    assert set(shown) == ({(0, 0, 0), whole} if looked else {whole})
    assert shown.count((0, 0, 0)) >= (5 if looked else 0)


def test_a_past_is_told_of_no_project_of_another_pbx() -> None:
    one = engine(Time(T0 + 30 * MINUTE), hour_of(60))
    taken = SnapshotTaken("pbx1", T0 + 30 * MINUTE, {}, (), (), ())
    one.put(PastTold("pbx1", taken.at, heal.retell(one.contract, "pbx1", (), taken, T0)))
    one.catch_up()
    assert one.floor.counters.planned["shop"] == [0] * len(Planned)
    assert one.floor.counters.planned["bank"][Planned.CALLS] == 30_000_000


# --- another contract -------------------------------------------------------------------------------------------------------------------


def test_what_was_received_before_a_change_happened_under_the_old_contract() -> None:
    time = Time()
    one = engine(time)
    before = one.outlook()
    one.put(seen(T0, "ann"))
    time.go(1)
    for event in joined(T0 + SECOND, "c"):
        one.put(event)
    one.change(replace(one.contract, projects=one.contract.projects[1:]), hour_of(60))
    assert entered(one) == 1
    after = one.outlook()
    assert after is not before
    assert set(after.projects) == {project.name for project in one.contract.projects}
    assert "bank" not in after.projects
