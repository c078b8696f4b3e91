"""A plan that a program sends: brought in by a process of its own, then put in force by a reload.

Owns one plan at a time, how long that may take, and what is answered. Refuses reading and writing it (`planning.brought`, in that process) and the reload
(`reloading`). Next: `broker` hands it what came by MQTT.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.errors import FloorwatchError
from monitor.outputs.daemon import Reloaded
from monitor.sources import apart

CHILD: Final = "from monitor.planning.brought import main; main()"
PATIENCE_S: Final = 120.0  # for half a million rows beside a busy PBX


@dataclass(frozen=True, slots=True)
class Question:
    """What the process is to do: bring this into the plan of this configuration."""

    config: Path
    sent: bytes
    who: str
    now: int


@dataclass(frozen=True, slots=True)
class Brought:
    """How it went: what is to be said, or the one line of what is wrong."""

    said: tuple[str, ...] = ()
    problem: str = ""


class Bringing:
    """`reload` puts in force what lies in the files."""

    def __init__(self, config: Path, reload: Callable[[], Coroutine[None, None, Reloaded]], now: Callable[[], int]) -> None:
        self._config = config
        self._reload = reload
        self._now = now
        self._turn = asyncio.Lock()

    async def bring(self, sent: bytes, who: str) -> tuple[bool, list[str]]:
        """Whether it is in force; and what was done, or what is wrong."""
        async with self._turn:
            answer = await apart.ask(CHILD, Question(self._config.absolute(), sent, who, self._now()), PATIENCE_S)
            if isinstance(answer, str):
                return False, [f"the plan {answer}"]
            brought: Brought = pickle.loads(answer)  # noqa: S301 - our own process wrote it
            if brought.problem:
                return False, [brought.problem]
            reloading = asyncio.create_task(self._reload(), name="reload of a plan")
            try:
                done = await asyncio.shield(reloading)  # it may end whoever waits for it, and has to go on
            except FloorwatchError as error:
                return False, [f"the plan is written, and not in force: {str(error).splitlines()[0]}; mend that and reload"]
            return True, [*brought.said, *done.changes]
