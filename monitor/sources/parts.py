"""Where the parts of a rotated log belong whose content does not tell: those of which not even the first line can be read.

Owns the order by name: by date or second, or by number (the higher the older, as logrotate has it, unless the readable ones say otherwise); a part
that is alone of its kind is placed by when it was written last. Refuses contents. Next: `queue_log` and `cdr` read the parts in this order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

_NAME = re.compile(r"(?:\.(?P<number>\d{1,3})|[.-](?P<day>\d{8}(?:-?\d{2,6})?)|\.(?P<second>\d{9,11}))(?:\.gz|\.bz2|\.xz)?\Z", re.ASCII)


def placed(parts: Sequence[Path], unread: Collection[Path]) -> list[Path]:
    """The parts, oldest first as they are, with the unreadable ones among them."""
    numbers = [place for kind, place in map(_place, parts) if kind == "number"]
    sign = 1 if len(numbers) > 1 and numbers == sorted(numbers) else -1
    order = [*parts]
    for part in sorted(unread, key=lambda one: _age(one, sign)):
        alike = [one for one in order if _place(one)[0] == _place(part)[0]]
        before = [one for one in alike if _age(one, sign) < _age(part, sign)] if alike else [one for one in order if _written(one) <= _written(part)]
        if before:
            order.insert(order.index(before[-1]) + 1, part)
        else:
            order.insert(order.index(alike[0]) if alike else 0, part)
    return order


def _place(part: Path) -> tuple[str, int]:
    """How a part is counted, and its place then."""
    match = _NAME.search(part.name)
    kind, text = next(((kind, text) for kind, text in match.groupdict().items() if text), ("", "")) if match else ("", "")
    return kind, int(text.replace("-", "").ljust(14, "0") if kind == "day" else text or 0)


def _age(part: Path, sign: int) -> int:
    kind, place = _place(part)
    return sign * place if kind == "number" else place


def _written(part: Path) -> float:
    try:
        return part.stat().st_mtime
    except OSError:
        return 0.0
