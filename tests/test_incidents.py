"""What is told of an incident goes through the engine's inbox in its turn, is answered once it is kept, said once, and survives kill -9."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from monitor.core.contract import MINUTE, SECOND
from monitor.core.events import LinkLost, MemberRemoved
from monitor.core.incident_log import SAID, Moment, Refusal, Why
from monitor.core.incidents import Incident, IncidentKind, Scope, Stage
from monitor.desk import Desk
from monitor.engine import Engine
from tests.clockwork import Time, engine, joined, seen
from tests.core.scene import T0, contract
from tests.test_resume import Process

Answer = TypeVar("Answer")
RAID = Incident("", IncidentKind.AIR_RAID, Scope(), T0, recovery_us=MINUTE, who="ops")


async def answered(one: Engine, told: Coroutine[Any, Any, Answer]) -> Answer:
    """What an engine that nobody runs answers once its inbox is applied."""
    answer = asyncio.ensure_future(told)
    await asyncio.sleep(0)
    one.catch_up()
    return await answer


def told(one: Process, said: Coroutine[Any, Any, Answer]) -> Answer:
    """The same of a process that is not in a loop."""
    return asyncio.run(answered(one.engine, said))


def said(logs: list[Any]) -> list[str]:
    moments = {text: moment.value for moment, text in SAID.items()}
    return [moments[line["event"]] for line in logs if line["event"] in moments]


async def test_it_is_answered_in_its_turn() -> None:
    """Everything that came before it is applied first; what comes after it is not."""
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann", "bob"))
    one.put(MemberRemoved("pbx1", T0, "bank", "PJSIP/bob"))
    answer = asyncio.ensure_future(Desk(one).open_incident(RAID))
    await asyncio.sleep(0)
    one.put(MemberRemoved("pbx1", T0, "bank", "PJSIP/ann"))
    assert not answer.done()
    with capture_logs() as logs:
        one.catch_up()
    opened = await answer
    assert isinstance(opened, Incident)
    assert opened.id == "1"
    (line,) = logs
    assert line == {
        "event": "an incident has begun", "log_level": "info", "id": "1", "kind": "air_raid", "scope": "site", "since": "2025-11-24T16:00:00+00:00",
        "who": "ops",
        "people": 2, "away": 1, "talking": 0, "pausing": 0, "unseen": 0, "back": 0, "waiting": 0, "late": False,
    }  # fmt: skip
    (view,) = one.outlook().incidents
    assert view.figures is not None
    assert (view.stage, view.announced, view.figures.away) == (Stage.ACTIVE, False, 2)


async def test_what_is_refused_is_answered_too_and_changes_nothing() -> None:
    one = engine(Time())
    one.put(seen(T0, "ann"))
    await answered(one, Desk(one).open_incident(RAID))
    refused = await answered(one, Desk(one).open_incident(RAID))
    assert isinstance(refused, Refusal)
    assert (refused.why, refused.number) == (Why.CONFLICT, "1")
    assert await answered(one, Desk(one).close_incident("2", "boss")) == Refusal("there is no incident 2", Why.UNKNOWN)
    assert len(one.outlook().incidents) == 1


async def test_a_full_inbox_takes_none() -> None:
    one = engine(Time(), inbox=1)
    one.put(seen(T0, "ann"))
    refused = await Desk(one).open_incident(RAID)
    assert refused == Refusal("too much happens to take it now; try again", Why.BUSY)


async def test_who_asked_and_left_is_not_answered_and_it_counts() -> None:
    one = engine(Time())
    one.put(seen(T0, "ann"))
    asked = asyncio.ensure_future(Desk(one).open_incident(RAID))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    one.catch_up()
    assert [view.incident.id for view in one.outlook().incidents] == ["1"]


async def test_an_engine_that_runs_answers_by_itself() -> None:
    time = Time()
    one = engine(time)
    running = asyncio.create_task(one.run())
    one.put(seen(T0, "ann"))
    opened = await asyncio.wait_for(Desk(one).open_incident(RAID), 5)
    closed = await asyncio.wait_for(Desk(one).close_incident("1", "boss"), 5)
    assert isinstance(opened, Incident)
    assert isinstance(closed, Incident)
    assert (opened.until, closed.until, closed.closed_by) == (None, T0, "boss")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_three_lines_from_the_siren_to_the_last_who_is_back() -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann", "bob"))
    with capture_logs() as logs:
        await answered(one, Desk(one).open_incident(RAID))
        one.put(MemberRemoved("pbx1", T0, "bank", "PJSIP/bob"))
        for event in joined(T0, "c"):
            one.put(event)
        time.go(300)
        one.tick()
        await answered(one, Desk(one).close_incident("1", "boss"))
        time.go(59)
        one.tick()
        one.put(seen(one.clock.now(), "ann", "bob"))
        one.catch_up()
        time.go(1)
        one.tick()
        time.go(60)
        one.tick()
    assert said(logs) == ["opened", "closed", "recovered"]
    lines = [line for line in logs if line["event"] in SAID.values()]
    assert [(line["people"], line["away"], line["back"], line["who"]) for line in lines] == [(2, 0, 0, "ops"), (2, 1, 0, "boss"), (2, 0, 1, "boss")]
    assert lines[1]["waiting"] == 1


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_civil_step_moves_it(hours: int) -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    await answered(one, Desk(one).open_incident(RAID))
    time.go(10)
    time.wall += hours * 3600 * SECOND
    one.tick()
    (view,) = one.outlook().incidents
    assert (view.incident.since, view.stage) == (T0 + hours * 3600 * SECOND, Stage.ACTIVE)


async def test_another_contract_announces_others() -> None:
    time = Time()
    one = engine(time)
    one.put(seen(T0, "ann"))
    await answered(one, Desk(one).open_incident(RAID))
    fair = Incident("fair", IncidentKind.ANNOUNCED, Scope.of("project:bank"), T0 - MINUTE, T0 + MINUTE)
    with capture_logs() as logs:
        one.change(contract(incidents=(fair,)), one.keeping.plan)
        one.tick()
    assert [(line["id"], line["scope"]) for line in logs if line["event"] == SAID[Moment.OPENED]] == [("fair", "project:bank")]
    assert [(view.incident.id, view.announced) for view in one.outlook().incidents] == [("fair", True), ("1", False)]


async def test_a_lost_link_makes_nobody_away() -> None:
    one = engine(Time())
    one.put(seen(T0, "ann", "bob"))
    await answered(one, Desk(one).open_incident(RAID))
    one.put(LinkLost("pbx1", T0))
    (view,) = one.outlook().incidents
    assert view.figures is not None
    assert (view.figures.away, view.figures.unseen, view.figures.waiting) == (0, 2, None)


# --- kill -9 ----------------------------------------------------------------------------------------------------------------------------


def test_it_is_there_after_a_kill_the_moment_it_was_answered(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time)
    before.see("ann", "bob")
    opened = told(before, Desk(before.engine).open_incident(RAID))
    after = Process(tmp_path, time)
    (view,) = after.engine.outlook().incidents
    assert view.incident == opened
    assert view.figures is not None
    assert (view.figures.people, view.figures.unseen) == (2, 2)  # the PBX is out of sight


def test_nothing_is_said_twice_and_what_ended_meanwhile_is_said(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time)
    before.see("ann", "bob")
    with capture_logs() as first:
        told(before, Desk(before.engine).open_incident(RAID))
        before.engine.put(MemberRemoved("pbx1", T0, "bank", "PJSIP/bob"))
        before.pass_(10)
        told(before, Desk(before.engine).close_incident("1", "boss"))
        before.pass_(1)
    assert said(first) == ["opened", "closed"]
    time.go(30)
    after = Process(tmp_path, time)
    with capture_logs() as second:
        after.see("ann", "bob")
        after.pass_(10)
        after.pass_(30)
    assert said(second) == ["recovered"]
    (line,) = [line for line in second if line["event"] == SAID[Moment.RECOVERED]]
    assert (line["people"], line["away"], line["back"]) == (2, 0, 1)
    time.go(10)
    with capture_logs() as third:
        Process(tmp_path, time).pass_(1)
    assert said(third) == []


def test_a_recovery_that_was_over_while_nobody_ran_is_said_by_the_next(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time)
    before.see("ann")
    told(before, Desk(before.engine).open_incident(RAID))
    told(before, Desk(before.engine).close_incident("1", "boss"))
    time.go(3600)
    with capture_logs() as logs:
        Process(tmp_path, time).pass_(1)
    assert said(logs) == ["recovered"]


def test_numbers_go_on_after_a_clean_end(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time)
    before.see("ann")
    told(before, Desk(before.engine).open_incident(RAID))
    told(before, Desk(before.engine).close_incident("1", "boss"))
    before.resumed.keeper.close(before.resumed.keeping)
    time.go(5)
    after = Process(tmp_path, time)
    again = told(after, Desk(after.engine).open_incident(RAID))
    assert isinstance(again, Incident)
    assert again.id == "2"
    assert [view.stage for view in after.engine.outlook().incidents] == [Stage.RECOVERY, Stage.ACTIVE]
