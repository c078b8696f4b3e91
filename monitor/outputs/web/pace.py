"""Turning many small pieces of text into one body without holding the loop.

Owns the pace of everything long that is served. Refuses knowing what it writes. Next: `server` sends the bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import perf_counter

# No step of the loop may take 5 ms, and another scrape or a burst of events may share it: stay far below.
STEP_SECONDS = 0.001


async def paced(pieces: Iterator[str], step_seconds: float = STEP_SECONDS) -> bytes:
    """All pieces as UTF-8; after every `step_seconds` of work the loop gets its turn. What no encoding can say becomes `?`."""
    body: list[bytes] = []
    batch: list[str] = []
    until = perf_counter() + step_seconds
    for piece in pieces:
        batch.append(piece)
        if perf_counter() >= until:
            body.append("".join(batch).encode(errors="replace"))
            batch.clear()
            await asyncio.sleep(0)
            until = perf_counter() + step_seconds
    body.append("".join(batch).encode(errors="replace"))
    return b"".join(body)
