"""Calls that were turned away at the door of a queue: which, how many in which minute, and on which PBXs anybody would know.

Nobody is told of them while they happen, so they come from call detail records (`sources.cdrwatch`). Owns the last look, whether the call
was in a queue after all: seen there, or told there by a log that healed a gap, as long as contacts remember; and that a call counts once.
A caller who left one queue and is refused at the next is a contact already, and no refused call. Refuses contacts and the plan: who never
came in is neither. Next: `assess`, for which the minutes of the last fifty hours are kept, and the counters.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.contacts import Contacts
from monitor.core.contract import MINUTE, Contract, QueueId
from monitor.core.counters import Counters
from monitor.core.events import Event
from monitor.core.minutes import Minutes

ONCE_US = 60 * MINUTE  # a call that is told again within this is the same one


@dataclass(frozen=True, slots=True)
class CdrSeen(Event):
    """From now on the PBX's call detail records are read as they are written (`up`), or cannot be: then nobody knows who is refused."""

    up: bool


@dataclass(frozen=True, slots=True)
class CallRefused(Event):
    """A call detail record says that a call was turned away at the door of a queue: its last application was Queue, and it never was inside.

    `call` and `linked` are the record's ids; the call lived, from its beginning to `at`, where its joining would have been seen. `did` is what it dialled.
    """

    call: str
    queue: str
    linked: str = ""
    did: str = ""


class Refusals:
    """`read`: PBXs whose records are read as they are written; of others nothing is known."""

    def __init__(self, contract: Contract, counters: Counters, contacts: Contacts) -> None:
        self.contract = contract
        self.read: set[str] = set()
        self._counters = counters
        self._contacts = contacts
        self._minutes = Minutes()
        self._known: dict[tuple[str, str], int] = {}  # when each call of the last hour was refused

    def look(self, pbx: str, up: bool) -> None:
        """The records of a PBX are read from now on, or are not."""
        (self.read.add if up else self.read.discard)(pbx)

    def refused(self, event: CallRefused) -> None:
        """Count the call, unless it is counted, was in a queue, or nobody's."""
        pbx, queue = event.pbx, QueueId(event.pbx, event.queue)
        project = self.contract.project_for(queue, event.did)
        if project is None or (pbx, event.call) in self._known or self._contacts.known(self.contract.projects, pbx, (event.call, event.linked)):
            return
        self._known[pbx, event.call] = event.at
        self._minutes.add(project.name, event.at)
        self._counters.refused[project.name, queue] += 1

    def since(self, project: str, start: int, end: int | None = None) -> int | None:
        """How many calls of a project were refused in the minutes that begin in `[start, end)`; None: somewhere nobody would know."""
        if not self.contract.pbxs_of[project] or not self.contract.pbxs_of[project] <= self.read:
            return None
        return self._minutes.since(project, start, end)

    def forget(self, at: int) -> None:
        """Drop what is too old to be asked for."""
        self._known = {call: when for call, when in self._known.items() if when >= at - ONCE_US}
        self._minutes.forget(at)

    def shift(self, step: int) -> None:
        """Civil time stepped: every instant moves with it, a minute to the one it now begins in."""
        self._known = {call: when + step for call, when in self._known.items()}
        self._minutes.shift(step)
