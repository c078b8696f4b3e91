"""How late we hear: the time from a PBX's stamp on an event to our reading it, counted in buckets.

Owns the counts, and going on with those of an earlier process. Refuses reading clocks: whoever has both stamps tells. Next: `daemon` holds
what was counted, for a scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

from monitor.outputs.daemon import LAG_BOUNDS_US, Distribution


class Lag:
    """How long events were under way from the PBX's stamp to our reading them."""

    def __init__(self) -> None:
        self._counts = [0] * (len(LAG_BOUNDS_US) + 1)
        self._sum_us = 0

    def observe(self, lag_us: int) -> None:
        """Count one event."""
        self._counts[bisect_left(LAG_BOUNDS_US, lag_us)] += 1
        self._sum_us += max(0, lag_us)

    def frozen(self) -> Distribution:
        """What was counted so far."""
        return Distribution(counts=tuple(self._counts), sum_us=self._sum_us)

    def counted(self) -> dict[tuple[str, ...], int]:
        """What was counted so far, by name."""
        return {("sum",): self._sum_us, **{(str(index),): count for index, count in enumerate(self._counts)}}

    def go_on(self, counted: Mapping[tuple[str, ...], int]) -> None:
        """Count on from there."""
        self._sum_us = counted.get(("sum",), 0)
        self._counts = [counted.get((str(index),), 0) for index in range(len(self._counts))]
