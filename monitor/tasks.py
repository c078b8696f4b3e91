"""What runs beside each other in a daemon, by name.

Owns the rule that none of it ever ends by itself: half a daemon would show half the truth. Refuses knowing what runs. Next: `app`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Work that goes on until somebody ends it."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._regrouped = asyncio.Event()

    @property
    def names(self) -> tuple[str, ...]:
        """What runs."""
        return tuple(self._tasks)

    def start(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Let it run from now on."""
        self._tasks[name] = asyncio.create_task(work, name=name)
        self._regrouped.set()

    async def end(self, name: str) -> None:
        """It runs no more."""
        task = self._tasks.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def until(self, stop: asyncio.Event) -> None:
        """Return when `stop` is set, and all has ended then; an error of any of them is raised here, and so is its mere end."""
        end = asyncio.create_task(stop.wait(), name="stop")
        try:
            while not end.done():
                await self._until_something_ends(end)
        finally:
            tasks = list(self._tasks.values())
            for task in (end, *reversed(tasks)):
                task.cancel()
            await asyncio.gather(end, *tasks, return_exceptions=True)

    async def _until_something_ends(self, end: asyncio.Task[object]) -> None:
        """Or until there are other tasks to look after."""
        self._regrouped.clear()
        regrouped = asyncio.create_task(self._regrouped.wait(), name="regrouped")
        try:
            await asyncio.wait([end, regrouped, *self._tasks.values()], return_when=asyncio.FIRST_COMPLETED)
        finally:
            regrouped.cancel()
        for name, task in self._tasks.items():
            if task.done():
                if not task.cancelled():
                    task.result()
                raise RuntimeError(f"the task {name!r} has ended")
