"""Which way a contact goes.

Owns the three words. A callback is outbound work for a caller who was lost inbound, so it is neither demand nor a campaign's.
Refuses deciding which it is (`attempts`). Next: plans, counters and the ledger keep them apart.
"""

from __future__ import annotations

from monitor.core.word import Word


class Direction(Word):
    """Which way a contact goes, or the contacts of a plan's row."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    CALLBACK = "callback"


DIALLED = (Direction.OUTBOUND, Direction.CALLBACK)
