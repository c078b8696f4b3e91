"""What is told of a signal goes through the engine's inbox in its turn, is answered once it is kept, said once, and survives kill -9."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from monitor.core.contract import SECOND, Contract
from monitor.core.incident_log import Refusal, Why
from monitor.core.signal_log import SAID
from monitor.core.signals import HOUR_US, Row, Signal, SignalView
from monitor.desk import Desk
from monitor.engine import Engine
from tests.clockwork import Time, engine, seen
from tests.core.scene import T0, contract
from tests.test_incidents import answered, told
from tests.test_resume import Process

STORM = Signal("storm", "thunderstorm", ("Kyiv", "Lviv"), longest_us=2 * HOUR_US)
FAIR = Signal("fair", "holiday", calendar=(Row(T0 + HOUR_US, T0 + 3 * HOUR_US),))


def agreed() -> Contract:
    return contract(signals=(STORM, FAIR))


def on(one: Engine) -> list[tuple[str, str | None]]:
    return [(view.signal.name, view.region) for view in one.outlook().signals if view.spell is not None]


def said(logs: list[Any]) -> list[tuple[bool, str, str | None]]:
    words = {text: turned for turned, text in SAID.items()}
    return [(words[line["event"]], line["signal"], line.get("region")) for line in logs if line["event"] in words]


def of_a_call(one: Engine, region: str, at: int) -> tuple[str, ...]:
    """What a call that began then is stored with."""
    return one.floor.signals.at("bank", region, at)


async def test_it_is_answered_with_what_it_is_now() -> None:
    one = Engine(agreed(), engine(Time()).keeping.plan, Time().clock)
    one.put(seen(T0, "ann"))
    with capture_logs() as logs:
        views = await answered(one, Desk(one).tell_signal("storm", "met", on=True, region="kyiv"))
    assert isinstance(views, tuple)
    (view,) = views
    assert isinstance(view, SignalView)
    assert view.spell is not None
    assert (view.region, view.spell.since, view.spell.until, view.spell.who) == ("Kyiv", T0, T0 + 2 * HOUR_US, "met")
    assert logs == [{"event": SAID[True], "log_level": "info", "signal": "storm", "kind": "thunderstorm", "region": "Kyiv", "who": "met"}]
    assert on(one) == [("storm", "Kyiv")]


async def test_what_is_refused_is_answered_too_and_changes_nothing() -> None:
    one = Engine(agreed(), engine(Time()).keeping.plan, Time().clock)
    refused = await answered(one, Desk(one).tell_signal("strom", "met", on=True))
    assert refused == Refusal("unknown signal 'strom'; did you mean 'storm'?", Why.UNKNOWN)
    assert on(one) == []


async def test_a_full_inbox_takes_none() -> None:
    one = engine(Time(), inbox=1)
    one.put(seen(T0, "ann"))
    assert await Desk(one).tell_signal("storm", "met", on=True) == Refusal("too much happens to take it now; try again", Why.BUSY)


async def test_calendar_and_patience_turn_by_themselves() -> None:
    time = Time()
    one = Engine(agreed(), engine(Time()).keeping.plan, time.clock)
    running = asyncio.create_task(one.run())
    with capture_logs() as logs:
        await asyncio.wait_for(Desk(one).tell_signal("storm", "met", on=True, region="Kyiv"), 5)
        seen_on = []
        for _ in range(4):
            time.go(3600)
            one.tick()
            seen_on.append([name for name, _ in on(one)])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert seen_on == [["storm", "fair"], ["fair"], [], []]
    assert said(logs) == [(True, "storm", "Kyiv"), (True, "fair", None), (False, "storm", "Kyiv"), (False, "fair", None)]
    assert [line["end"] for line in logs if line["event"] == SAID[False]] == ["assumed", "calendar"]


# --- kill -9 ----------------------------------------------------------------------------------------------------------------------------


def test_it_is_there_after_a_kill_the_moment_it_was_answered(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time, agreed=agreed())
    views = told(before, Desk(before.engine).tell_signal("storm", "met", on=True, region="Kyiv"))
    with capture_logs() as logs:
        after = Process(tmp_path, time, agreed=agreed())
        assert on(after.engine) == [("storm", "Kyiv")]
        assert [view for view in after.engine.outlook().signals if view.spell is not None] == list(views if isinstance(views, tuple) else ())
        time.go(1800)
        told(after, Desk(after.engine).tell_signal("storm", "met", on=True))  # the broker's retained word, again
    assert said(logs) == [(True, "storm", "Lviv")]
    assert of_a_call(after.engine, "Kyiv", T0) == ("storm",)
    told(after, Desk(after.engine).tell_signal("storm", "boss", on=False))
    last = Process(tmp_path, time, agreed=agreed())
    assert on(last.engine) == []
    assert [of_a_call(last.engine, "Kyiv", at) for at in (T0 - 1, T0, T0 + 1800 * SECOND - 1, T0 + 1800 * SECOND)] == [(), ("storm",), ("storm",), ()]


def test_what_went_off_while_nobody_ran_is_said_by_the_next_and_was_on_until_then(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time, agreed=agreed())
    told(before, Desk(before.engine).tell_signal("storm", "met", on=True, region="Kyiv"))
    time.go(2 * 3600 + 60)
    with capture_logs() as logs:
        after = Process(tmp_path, time, agreed=agreed())
        after.pass_(1)
    assert said(logs) == [(False, "storm", "Kyiv"), (True, "fair", None)]
    assert of_a_call(after.engine, "Kyiv", T0 + 2 * HOUR_US - 1) == ("fair", "storm")
    assert of_a_call(after.engine, "Kyiv", T0 + 2 * HOUR_US) == ("fair",)


def test_a_configuration_without_it_ends_it_and_one_that_has_it_again_begins_anew(tmp_path: Path) -> None:
    time = Time()
    before = Process(tmp_path, time, agreed=agreed())
    told(before, Desk(before.engine).tell_signal("storm", "met", on=True))
    after = Process(tmp_path, time, agreed=contract(signals=(replace(FAIR, kind="market"),)))
    after.pass_(1)
    assert [view.signal.name for view in after.engine.outlook().signals] == ["fair"]
    last = Process(tmp_path, time, agreed=agreed())
    assert on(last.engine) == []


async def test_a_civil_step_moves_it() -> None:
    time = Time()
    one = Engine(agreed(), engine(Time()).keeping.plan, time.clock)
    await answered(one, Desk(one).tell_signal("storm", "met", on=True, region="Kyiv"))
    time.go(10)
    time.wall += 2 * 3600 * SECOND
    one.tick()
    assert on(one) == [("storm", "Kyiv"), ("fair", None)]  # the calendar is of the clock on the wall
    assert of_a_call(one, "Kyiv", T0 + 2 * HOUR_US) == ("fair", "storm")
