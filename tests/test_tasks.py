"""What runs beside each other: until somebody ends it, and no longer."""

from __future__ import annotations

import asyncio

import pytest

from monitor.tasks import Tasks


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _at_once() -> None:
    return


async def _fails() -> None:
    raise ValueError("wrong numbers")


async def test_all_has_ended_when_it_is_stopped() -> None:
    tasks, stop = Tasks(), asyncio.Event()
    tasks.start("one", _for_ever())
    asyncio.get_running_loop().call_later(0.01, stop.set)
    await asyncio.wait_for(tasks.until(stop), 5)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_ends_by_itself_ends_the_daemon_with_its_name() -> None:
    tasks = Tasks()
    tasks.start("one", _for_ever())
    tasks.start("engine", _at_once())
    with pytest.raises(RuntimeError, match="the task 'engine' has ended"):
        await asyncio.wait_for(tasks.until(asyncio.Event()), 5)


async def test_an_error_of_one_is_the_daemons() -> None:
    tasks = Tasks()
    tasks.start("engine", _fails())
    with pytest.raises(ValueError, match="wrong numbers"):
        await asyncio.wait_for(tasks.until(asyncio.Event()), 5)


async def test_what_is_started_later_is_looked_after_too_and_what_was_ended_is_not() -> None:
    tasks = Tasks()
    tasks.start("one", _for_ever())
    watching = asyncio.create_task(tasks.until(asyncio.Event()))
    await asyncio.sleep(0)
    await tasks.end("one")
    tasks.start("two", _fails())
    with pytest.raises(ValueError, match="wrong numbers"):
        await asyncio.wait_for(watching, 5)
