"""Times and lengths as a PBX writes them, and which of them can be.

Owns the bounds: a clock between 2000 and 2100, nothing longer than ten years. Refuses deciding what a figure that cannot be stands for:
it is a ValueError. Next: `translate`, which counts it and does without.
"""

from __future__ import annotations

from monitor.core.contract import SECOND

EARLIEST_S = 946_684_800  # 2000: no clock of a PBX that is set says less
LATEST_S = 4_102_444_800  # 2100
LONGEST_S = 10 * 366 * 86_400  # nothing on a PBX lasts ten years


def clock(stamp: str) -> int:
    """`sec.usec` in microseconds, without passing through a float; ValueError for a time no PBX can mean."""
    seconds, _, fraction = stamp.partition(".")
    at = whole(seconds, LATEST_S)
    if at < EARLIEST_S:
        raise ValueError(stamp)
    return at * SECOND + whole(fraction[:6].ljust(6, "0"), SECOND)


def whole(text: str, most: int) -> int:
    """Digits and nothing else, and not too many of them; int() would also take blanks, signs, underscores and other scripts."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and (number := int(text)) <= most):
        raise ValueError(text[:20])
    return number
