"""`python -m tests.lab.probed run --config F`: the daemon with a stop-watch on every step of its loop.

Owns one figure: the longest step, as time on the wall and as time on the processor, written beside the configuration whenever it grows. A process
that the machine lets wait has long steps on the wall; on the processor it has not.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from monitor.__main__ import main

NAME = "longest-step.json"
FIRST = "Task-1"  # starts the daemon and puts everything away at its end; nobody waits for it in between
STARTED_SECONDS = 5.0  # reading the configuration and the state is no step of a living daemon


def longest(folder: Path) -> dict[str, Any]:
    """What a daemon with this folder has measured; over all its lives."""
    file = folder / NAME
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {"cpu_ms": 0.0, "wall_ms": 0.0, "step": "none"}


def probe(folder: Path) -> None:
    usual = asyncio.events.Handle._run
    worst = longest(folder)
    begun = time.monotonic()

    def run(handle: asyncio.Handle) -> None:
        wall, cpu = time.monotonic(), time.thread_time()
        usual(handle)
        cpu_ms, wall_ms = (time.thread_time() - cpu) * 1e3, (time.monotonic() - wall) * 1e3
        if cpu_ms <= worst["cpu_ms"] or wall - begun < STARTED_SECONDS:
            return
        task = getattr(getattr(handle, "_callback", None), "__self__", None)
        step = task.get_name() if isinstance(task, asyncio.Task) else repr(handle)[:200]
        if step != FIRST:
            worst.update(cpu_ms=round(cpu_ms, 2), wall_ms=round(wall_ms, 2), step=step)
            (folder / NAME).write_text(json.dumps(worst), encoding="utf-8")

    asyncio.events.Handle._run = run  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    probe(Path(sys.argv[sys.argv.index("--config") + 1]).parent)
    sys.argv[0] = "floorwatch"
    main()
