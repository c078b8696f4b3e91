"""How long to wait before a thing is tried again.

Owns the arithmetic of pauses. Refuses waiting. Next: `sources.ami.client` and `outputs.mqtt.client` wait so long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator


def backoff(first_s: float, longest_s: float, chance: Callable[[], float], factor: float = 2.0) -> Iterator[float]:
    """Pauses between attempts: growing up to `longest_s`, each between half and all of its length as `chance` (0 to 1) has it."""
    pause = first_s
    while True:
        yield pause * (0.5 + chance() / 2)
        pause = min(pause * factor, longest_s)
