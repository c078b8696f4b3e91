"""What can go wrong with the link to the simulated PBX, and until when.

Owns three spans of simulated time: nobody listens, logins are refused, nothing is answered. Refuses sockets: `pbx` asks what holds now. A cut
and a restart have no span; they are calls of `pbx` itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Instants until which each fault lasts; a new span never shortens one that runs."""

    away_until: int = 0
    refused_until: int = 0
    frozen_until: int = 0

    def go_away(self, at: int, for_us: int) -> None:
        """Whoever connects is hung up on."""
        self.away_until = max(self.away_until, at + for_us)

    def refuse(self, at: int, for_us: int) -> None:
        """Every login fails, whatever the secret."""
        self.refused_until = max(self.refused_until, at + for_us)

    def freeze(self, at: int, for_us: int) -> None:
        """Connections are accepted and nothing is said, not even the greeting; then everything at once."""
        self.frozen_until = max(self.frozen_until, at + for_us)

    def away(self, at: int) -> bool:
        """Whether nobody listens."""
        return at < self.away_until

    def refuses(self, at: int) -> bool:
        """Whether logins fail."""
        return at < self.refused_until

    def frozen(self, at: int) -> bool:
        """Whether nothing is said."""
        return at < self.frozen_until
