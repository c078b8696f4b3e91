"""Who is in which queue now, as far as it may be said.

Owns the callers' part of a snapshot: those who wait and those whose exit is being decided, by project and queue. A queue that its PBX has
not, or has not told of since it was agreed, is left out: nobody waiting would be a claim. Refuses everything that is counted.
Next: `floor.snapshot`.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.calls import Stage
from monitor.core.contract import Contract, QueueId
from monitor.core.queueing import Queueing
from monitor.core.sides import Side
from monitor.core.snapshot import QueueView


def callers(contract: Contract, sides: Mapping[str, Side], queueing: Queueing) -> tuple[QueueView, ...]:
    """Every queue of every project; visits of what is agreed no more run to their end unseen."""
    waiting: dict[tuple[str, QueueId], list[int]] = {(p.name, queue): [] for p in contract.projects for queue in p.queues}
    deciding = dict.fromkeys(waiting, 0)
    for visit in queueing.undecided():
        key = (visit.project.name, visit.queue)
        if key not in waiting:
            continue
        if visit.stage in (Stage.WAITING, Stage.DYING) and visit not in queueing.parked:
            waiting[key].append(visit.joined_at)
        else:
            deciding[key] += 1
    return tuple(
        QueueView(key[0], key[1], len(row), deciding[key], min(row, default=None)) for key, row in waiting.items() if _is_there(sides[key[1].pbx], key[1].name)
    )


def _is_there(side: Side, queue: str) -> bool:
    """False if the PBX was asked and has no such queue, or will be asked anon."""
    return side.strategies.get(queue, "" if side.observed else None) != ""
