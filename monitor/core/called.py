"""What call detail records know of attempts in a time that nobody saw: before us, or while the link was down.

Owns the shape of what they tell, whole seconds included. Refuses reading them (`sources.cdr_called`) and counting (`attempts`): a channel that was seen is
counted already, and one whose end was not known has one now. Nobody's time is told by a record, only who was called and what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from monitor.core.events import Event


class CalledRow(NamedTuple):
    """One attempt. `call` is the id of whoever dialled, of a dialer's the channel's own; `dialler` his channel, `channel` that of whoever was called;
    `linked` the id of the first channel of it all, which a dialer behind a Local channel puts into its queue.

    `status` is the PBX's word in small letters, `answer` if the call was taken; he was up from `taken_at` to `ended_at`. `whom` is by what he is known who
    was called.
    """

    project: str
    call: str
    dialler: str
    channel: str
    at: int
    status: str
    taken_at: int | None
    ended_at: int
    region: str = ""
    linked: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class CalledTold(Event):
    """Records have told who was called on a PBX in `[since, at)`, of calls that ended in it; nobody had seen it until `until`."""

    since: int
    rows: tuple[CalledRow, ...]
    until: int = 0
