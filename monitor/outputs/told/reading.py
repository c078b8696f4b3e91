"""What everything that is told has in common: JSON that can be read, an instant, and a refusal in one line.

Owns the error of a payload that nobody can mean, and times of which one without an offset is of a zone. Refuses knowing what is told. Next: `results`,
`incidents`, `signals` and `contacts` read theirs.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

from monitor.core.contract import SECOND

MOST: Final = 1_000  # things in one list


class WrongError(ValueError):
    """What was sent cannot be meant: `problem; remedy`."""


def loaded(body: bytes, like: str) -> object:
    """What a body says, numbers exactly; `like` is what it may look like."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise WrongError(f"the body is not JSON; {like}") from None


def known_keys(sent: dict[str, object], known: Collection[str]) -> None:
    """WrongError where there is another."""
    if stray := [name for name in sent if name not in known]:
        raise WrongError(f"unknown key {stray[0][:40]!r}; known: {', '.join(known)}")


def instant(value: object, zone: tzinfo) -> int | None:
    """An instant written as ISO 8601, one without an offset by the clock of the zone; None: it is none."""
    try:
        when = datetime.fromisoformat(value if isinstance(value, str) else "")
        local = when if when.tzinfo is not None else when.replace(tzinfo=zone)
        return int(local.timestamp()) * SECOND
    except (ValueError, OverflowError, OSError):
        return None


def shown(value: object) -> str:
    """A value as it was sent, cut to a line's length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
