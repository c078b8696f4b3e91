"""Waiting for a real server, as long as one may take."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float, say: Callable[[], object] = str) -> None:
    """Return once it is so; after so many seconds it fails, with what `say` has to say."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, say()
        time.sleep(0.1)
