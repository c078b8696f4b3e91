"""`floorwatch demo` as its user starts it, for whoever looks at its page: a process, its address, and an end that leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator

PATIENCE_S = 30


@contextlib.asynccontextmanager
async def running(*words: str) -> AsyncIterator[str]:
    """The address of a demo on any free port."""
    command = [sys.executable, "-m", "monitor", "demo", "--port", "0", *words]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (found := re.search(r"http://127\.0\.0\.1:\d+", (await process.stdout.readline()).decode())) is None:
                assert process.returncode is None
        reading = asyncio.create_task(process.stdout.read())
        yield found[0]
        assert process.returncode is None, "the demo has ended by itself"
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()
            await reading
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
