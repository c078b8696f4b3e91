"""What holds of a PBX and its trunks right now: a clock that is off, a trunk that nothing gets through, one that is full.

Owns these questions and what they need to be over again. A trunk is down while the PBX takes all of its endpoints for unreachable, or while it has
refused so many attempts in a row; it is well again once that is so for as long as it took. It is full from its last line on until there is one to spare.
Of what is out of sight nothing is found. Refuses counting (`core.trunks`). Next: `accruals` keeps what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from monitor.assess.conditions import About, Condition, Finding, Subject
from monitor.assess.second import Second
from monitor.core.contract import MINUTE, SECOND
from monitor.core.limits import Limits
from monitor.core.trunk import TrunkView

STALE_US: Final = 30 * MINUTE  # a refusal before that says nothing of now

Holds = Callable[[Condition, Subject], bool]


class Found(NamedTuple):
    """A finding, or None where it cannot be judged, and for how long it has to last."""

    condition: Condition
    subject: Subject
    finding: Finding | None
    wait_us: int = 0


def findings(second: Second, holds: Holds) -> Iterator[Found]:
    """All of them, of every PBX and trunk of the contract."""
    contract, at = second.contract, second.snapshot.at
    for pbx in contract.pbxs:
        yield Found(Condition.CLOCK_SKEW, Subject(About.PBX, pbx), _clock(second.offsets.get(pbx), contract.limits))
    seen = {view.id: view for view in second.snapshot.trunks}
    for trunk in contract.trunks:
        subject, view = Subject(About.TRUNK, str(trunk.id)), seen.get(trunk.id)
        found = None if view is None else down(view, at, contract.limits, holds=holds(Condition.TRUNK_DOWN, subject))
        yield Found(Condition.TRUNK_DOWN, subject, found, contract.limits.trunk_down_us)
        yield Found(Condition.TRUNK_FULL, subject, None if view is None else full(view, trunk.capacity, at, contract.limits))


def _clock(offset: int | None, limits: Limits) -> Finding | None:
    figures = {"seconds": (offset or 0) / SECOND, "limit": limits.clock_skew_us / SECOND}
    return None if offset is None else Finding(abs(offset) > limits.clock_skew_us, figures)


def down(view: TrunkView, at: int, limits: Limits, *, holds: bool) -> Finding | None:
    """Whether nothing gets through; None where nobody has told of its endpoints and nobody has called over it."""
    if view.up is False:
        return Finding(True, {"why": "unreachable"})
    fresh = view.failed_at is not None and at - view.failed_at < STALE_US
    if fresh and view.failed >= limits.trunk_failures and view.failing_since is not None:
        return Finding(True, {"why": "refuses", "failed": view.failed, "seconds": (at - view.failing_since) / SECOND})
    if view.up is None and not view.failed and not view.well_since:
        return None
    return Finding(holds and at - view.well_since < limits.trunk_down_us)


def full(view: TrunkView, capacity: int | None, at: int, limits: Limits) -> Finding | None:
    """Whether it has had no line to spare for so long; None where nobody says how many it has."""
    if capacity is None:
        return None
    lasts = 0 if view.full_since is None else at - view.full_since
    holds = view.full_since is not None and lasts >= limits.trunk_full_us
    return Finding(holds, {"channels": view.channels, "capacity": capacity, "seconds": lasts / SECOND})
