"""Who may do more than look, or see more: tokens, and patience with those who guess.

Owns the check of an `Authorization: Bearer` header against the configured tokens, in a time that tells nothing of them, and the count of
wrong ones by address. Behind a proxy everybody has one address, so whoever has a right token never waits for those who guess: what keeps
them out is its length. A token is kept as its digest. Refuses answering (`server` does) and reading secrets. Next: `server` asks before it
does anything but show.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import sha256

READ = "read"
WRITE = "write"  # whoever may write may read
FAILURES = 5
WITHIN_S = 60.0
ADDRESSES = 1_000  # remembered at most; beyond that the oldest is forgotten


@dataclass(frozen=True, slots=True)
class Token:
    """One `[[token]]`: whoever knows the text of this digest has these rights."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[str] = frozenset({WRITE})

    @classmethod
    def of(cls, name: str, secret: str, scopes: Iterable[str]) -> Token:
        """The token of a secret."""
        return cls(name, _digest(secret), frozenset(scopes))


class Refused(Enum):
    """Why somebody may not."""

    UNCONFIGURED = auto()  # there is no token with this right
    IMPATIENT = auto()  # too many wrong ones from this address
    ANONYMOUS = auto()  # no token was shown
    WRONG = auto()  # nobody's token
    FORBIDDEN = auto()  # somebody's, without this right


class Gate:
    """Lets through who shows a token with the right asked for; `steady` is a clock that never steps."""

    def __init__(self, tokens: Iterable[Token], steady: Callable[[], float]) -> None:
        self.tokens = tuple(tokens)
        self._steady = steady
        self._wrong: dict[str, deque[float]] = {}

    def enter(self, header: str | None, address: str, scope: str = WRITE) -> Token | Refused:
        """The token shown, or why it does not do."""
        if not self.knows(scope):
            return Refused.UNCONFIGURED
        scheme, _, text = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            return Refused.IMPATIENT if self._is_impatient(address) else Refused.ANONYMOUS
        shown = _digest(text.strip())
        found = [token for token in self.tokens if hmac.compare_digest(token.digest, shown)]  # all are compared, whichever it is
        if not found:
            if self._is_impatient(address):
                return Refused.IMPATIENT
            self._note(address)
            return Refused.WRONG
        return next((token for token in found if _may(token, scope)), Refused.FORBIDDEN)

    def knows(self, scope: str) -> bool:
        """Whether any token has this right."""
        return any(_may(token, scope) for token in self.tokens)

    def _is_impatient(self, address: str) -> bool:
        times = self._wrong.get(address)
        if times is None:
            return False
        while times and times[0] <= self._steady() - WITHIN_S:
            times.popleft()
        if not times:
            del self._wrong[address]
        return len(times) >= FAILURES

    def _note(self, address: str) -> None:
        self._wrong.setdefault(address, deque(maxlen=FAILURES)).append(self._steady())
        if len(self._wrong) > ADDRESSES:
            del self._wrong[next(iter(self._wrong))]


def _may(token: Token, scope: str) -> bool:
    return not token.scopes.isdisjoint((scope, WRITE))


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
