"""Who waits and who works, as a snapshot shows it.

Owns the rows of callers and people in a `Snapshot`, made from whatever is under way. Refuses figures and changing anything.
Next: `floor.snapshot` freezes them with the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from monitor.core.calls import Stage
from monitor.core.contract import Contract, QueueId
from monitor.core.queueing import Queueing
from monitor.core.sides import Side
from monitor.core.snapshot import AgentView, QueueView, State
from monitor.core.staff import Staff


def queues_seen(contract: Contract, sides: Mapping[str, Side], queueing: Queueing) -> tuple[QueueView, ...]:
    """Every claimed queue that is there, with its callers; one who was lost from sight waits no more, his end is to be decided."""
    waiting: dict[tuple[str, QueueId], list[int]] = {(p.name, queue): [] for p in contract.projects for queue in p.queues}
    deciding = dict.fromkeys(waiting, 0)
    for visit in queueing.undecided():
        key = (visit.project.name, visit.queue)
        if key not in waiting:  # no longer agreed; it runs to its end
            continue
        if visit.stage in (Stage.WAITING, Stage.DYING) and visit not in queueing.parked:
            waiting[key].append(visit.joined_at)
        else:
            deciding[key] += 1
    return tuple(QueueView(key[0], key[1], len(row), deciding[key], min(row, default=None)) for key, row in waiting.items() if _is_there(sides, key[1]))


def _is_there(sides: Mapping[str, Side], queue: QueueId) -> bool:
    """False if the PBX was asked and has no such queue, or will be asked anon: its callers are not known."""
    side = sides[queue.pbx]
    return side.strategies.get(queue.name, "" if side.observed else None) != ""


def serving(staff: Staff) -> Mapping[tuple[frozenset[QueueId], State], int]:
    """How many people serve the same queues in the same state; in state paused those whose calls would come."""
    return Counter([(a.belongs if a.state is State.PAUSED else a.serves, a.state) for a in staff.agents.values() if a.state is not None])


def agents_seen(staff: Staff) -> tuple[AgentView, ...]:
    """Everybody who is on the floor."""
    return tuple(
        AgentView(
            a.id,
            a.name,
            None if a.group is None else a.group.name,
            a.state,
            a.shown_since(),
            a.charge.project,
            a.charge.reason,
            a.belongs if a.state is State.PAUSED else a.serves,
            a.unreachable_since,
        )
        for a in staff.agents.values()
        if a.state is not None
    )
