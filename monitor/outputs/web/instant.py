"""Instants as text for other programs.

Owns the one form they have in every answer: ISO 8601 in UTC, to the microsecond. Refuses clocks and local time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)  # who listens asks every second, and most instants are those of the last second
def iso(at: int | None) -> str | None:
    """An instant as ISO 8601 in UTC, to the microsecond."""
    return None if at is None else (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
