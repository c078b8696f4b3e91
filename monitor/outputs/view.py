"""What a page or a broker asks of the daemon, whatever else they want.

Owns the shape. Refuses the daemon itself: `app` is one, a test has its own. Next: `web`, `mqtt`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from monitor.assess.outlook import Outlook
    from monitor.core.contract import Contract


class View(Protocol):
    """The contract and the floor, frozen."""

    @property
    def contract(self) -> Contract:
        """The contract in force."""

    def outlook(self) -> Outlook | None:
        """The latest outlook; None before the first."""
