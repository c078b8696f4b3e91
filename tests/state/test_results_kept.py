"""A result that was answered is counted, and its key known, whatever becomes of the process; in the store it is one row, its minute worth it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from monitor.core.chronicle import ResultTold
from monitor.core.contract import MINUTE
from monitor.core.incident_log import NO_PBX, Refusal
from monitor.core.keys import DAY_US
from monitor.core.results import Answer, Counted, Result, ResultsTold
from monitor.core.snapshot import Cell
from monitor.core.tariff import Tariff
from monitor.desk import Desk
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.clockwork import Time
from tests.core.scene import T0, contract, project
from tests.state.keeping import FAR, bring, made
from tests.test_resume import Process

AGREED = contract(project("bank", tariffs=(Tariff(date(2025, 1, 1), per_result=(("sale", Decimal(90)),)),)), project("shop"))
MANY = [Result("bank", "sale", f"order {number}") for number in range(250)]


async def tell(process: Process, results: Sequence[Result]) -> list[Answer]:
    """As who posts them, to an engine whose loop runs."""
    running = asyncio.create_task(process.engine.run())
    await asyncio.sleep(0)
    try:
        return await Desk(process.engine).tell_results(results, "crm")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def told(process: Process, results: Sequence[Result]) -> list[Answer]:
    return asyncio.run(tell(process, results))


def test_killed_after_the_answer_nothing_is_counted_twice(tmp_path: Path) -> None:
    time = Time()
    first = Process(tmp_path, time, agreed=AGREED)
    assert told(first, MANY) == [Counted(False, 90_000_000, "UAH")] * 250
    for _ in range(3):  # each is killed too
        time.go(5)
        again = Process(tmp_path, time, agreed=AGREED)
        assert told(again, MANY[::-1]) == [Counted(True, 90_000_000, "UAH")] * 250
        assert isinstance(told(again, [Result("bank", "lead", "order 7")])[0], Refusal)
        assert again.engine.floor.counters.results["bank", "sale"] == 250
        assert sum(row[Cell.REVENUE_U] for row in again.engine.floor.ledger.projects["bank"].cells().values()) == 250 * 90_000_000


def test_ended_and_begun_anew_its_keys_are_known(tmp_path: Path) -> None:
    time = Time()
    first = Process(tmp_path, time, agreed=AGREED)
    told(first, MANY[:3])
    assert first.engine.keeper is not None
    first.engine.keeper.close(first.engine.keeping)
    time.go(60)
    assert told(Process(tmp_path, time, agreed=AGREED), MANY[:4]) == [Counted(True, 90_000_000, "UAH")] * 3 + [Counted(False, 90_000_000, "UAH")]


def test_what_a_dialplan_tells_is_counted_like_an_event(tmp_path: Path) -> None:
    time = Time()
    first = Process(tmp_path, time, agreed=AGREED)
    first.engine.put(ResultsTold("pbx1", T0, (MANY[0],)))
    assert first.engine.outlook().snapshot.counters.results["bank", "sale"] == 1  # shown, so it is written down
    assert told(Process(tmp_path, time, agreed=AGREED), MANY[:2]) == [Counted(True, 90_000_000, "UAH"), Counted(False, 90_000_000, "UAH")]


def test_in_the_store_it_is_one_row_and_its_minute_is_worth_it(tmp_path: Path) -> None:
    one = Keeping(AGREED, EMPTY, T0)
    one.floor.keep()
    old = T0 - 30 * DAY_US
    one.count(ResultsTold(NO_PBX, T0, (Result("bank", "sale", "a"), Result("bank", "sale", "b", old), Result("shop", "lead", "a")), "crm"))
    one.count(ResultsTold("pbx1", T0, (Result("bank", "sale", "a"), Result("bank", "lead", "a"))))
    one.advance(T0 + 2 * MINUTE)
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        reader = Reader(opened)
        bring(one.floor, opened, lost=True)  # written, and nobody heard of it
        bring(one.floor, opened)
        rows = [ResultTold("bank", "b", old, "sale", 90_000_000, "crm"), ResultTold("bank", "a", T0, "sale", 90_000_000, "crm")]
        assert reader.results("bank", 0, FAR) == rows
        assert reader.results("bank", old, T0) == rows[:1]
        assert reader.results("shop", T0, T0 + 1) == [ResultTold("shop", "a", T0, "lead", 0, "crm")]
        minutes = {row.start: (row.sums[Cell.RESULTS], row.sums[Cell.REVENUE_U]) for row in reader.minutes("project", "bank", 0, FAR)}
        assert {at: sums for at, sums in minutes.items() if any(sums)} == {old: (1, 90_000_000), T0: (1, 90_000_000)}
