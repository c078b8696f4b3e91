"""So many of a thing, in English.

Owns the plural. Refuses words that do not take an s. Next: the sentences of `check`, `init` and a reload.
"""

from __future__ import annotations


def counted(count: int, name: str) -> str:
    """`1 call`, `3 calls`."""
    return f"{count} {name}{'' if count == 1 else 's'}"
