"""Into a long log at an instant: it is in order of time, so by halves.

Owns the search. Refuses knowing what a line is: whoever asks says of when the next one is. Next: `queue_log`, `cdr_called`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, Final

NEAR: Final = 1 << 16  # a search ends when this much is left to read anyway


def seek(stream: IO[bytes], since: int, next_at: Callable[[], int | None], longest: int) -> None:
    """Go near the first line of `since`, to the beginning of a line; `next_at` reads on and says when the next one that tells was written, None: none does.
    A line has `longest` bytes at most."""
    low, high = 0, os.fstat(stream.fileno()).st_size
    while high - low > NEAR:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline(longest)
        at = next_at()
        if at is not None and at < since:
            low = middle
        else:
            high = middle
    stream.seek(low)
    if low:
        stream.readline(longest)
