"""Callers in queues: what a stay in a queue (a visit) is at any moment, and how its end is decided.

Owns the stages of a visit and the one table that moves it. Refuses counting (the floor counts an outcome once, when a visit ends)
and agents. `app_queue` says QueueCallerAbandon for time-outs, empty queues and withdrawals too, and says nothing special when a
caller leaves by a key, so an exit is decided from what came before it and where the caller's channel goes next.

Theory of operation
-------------------
`WAITING`     in the queue.
`DYING`       a hang-up of the caller was requested while waiting: an abandon that follows is certain.
`DECIDING`    the PBX said abandoned without a hang-up before it. The channel's place in the dialplan tells: it moves on (or joins a
              queue, or simply lives for another second) = flowed out; it ends where it stood = abandoned.
`LEFT`        out of the queue without a word of abandon and nobody answered: a key, unless an agent connects within a second.
`ANNOUNCING`  out of the queue with an agent's phone up (announcement, member subroutine): an agent connects, or the caller ends.
`FLOWING`     out, and what is known already is `presumed`: the reason is still being asked for, or the PBX's record still has to speak.
`TALKING`     answered.
`ENDED`       decided and counted; nothing moves it.

An answer or a real hang-up never waits. Where queue_log is read as it is written its verb is the judge: whatever else ends a visit waits for
it, at most two seconds. A sign that has no row for a stage contradicts what we know and is an anomaly; the stage is
then healed to what the sign implies, in `HEALED`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from monitor.core.contract import SECOND, Project, QueueId
from monitor.core.counters import Outcome, Reason
from monitor.core.events import Position

if TYPE_CHECKING:
    from monitor.core.chronicle import RingNoAnswer
    from monitor.core.contacts import Contact

DECIDE_US = 1 * SECOND


class Stage(Enum):
    """Where a visit stands."""

    WAITING = auto()
    DYING = auto()
    DECIDING = auto()
    LEFT = auto()
    ANNOUNCING = auto()
    FLOWING = auto()
    TALKING = auto()
    ENDED = auto()


class Sign(Enum):
    """What can be seen of a caller. `LEFT_ANSWERED`: left while an agent's phone is up for this caller."""

    HANGUP = auto()
    ABANDON = auto()
    LEFT = auto()
    LEFT_ANSWERED = auto()
    CONNECT = auto()
    PHONE_DOWN = auto()
    MOVED = auto()
    REJOINED = auto()
    GONE_IN_PLACE = auto()
    GONE_ELSEWHERE = auto()
    SILENCE = auto()
    TOLD = auto()
    LOST = auto()
    LOGGED_ABANDON = auto()
    LOGGED_EXIT = auto()


S = Stage
Next = Stage | Outcome
LOGGED: dict[Sign, Next] = {Sign.LOGGED_ABANDON: Outcome.ABANDONED, Sign.LOGGED_EXIT: Outcome.FLOWED_OUT}  # the record is the judge

TABLE: dict[Stage, dict[Sign, Next]] = {
    S.WAITING: {
        Sign.CONNECT: S.TALKING,
        Sign.HANGUP: S.DYING,
        Sign.ABANDON: S.DECIDING,
        Sign.LEFT: S.LEFT,
        Sign.LEFT_ANSWERED: S.ANNOUNCING,
        Sign.MOVED: S.WAITING,
        Sign.PHONE_DOWN: S.WAITING,
        Sign.TOLD: S.WAITING,
        Sign.LOST: Outcome.UNRESOLVED,
        **LOGGED,
    },
    S.DYING: {
        Sign.CONNECT: S.TALKING,
        Sign.HANGUP: S.DYING,
        Sign.ABANDON: Outcome.ABANDONED,
        Sign.LEFT: S.LEFT,
        Sign.LEFT_ANSWERED: S.ANNOUNCING,
        Sign.MOVED: S.DYING,
        Sign.PHONE_DOWN: S.DYING,
        Sign.TOLD: S.DYING,
        Sign.LOST: Outcome.UNRESOLVED,
        **LOGGED,
    },
    S.DECIDING: {
        Sign.HANGUP: S.DECIDING,
        Sign.ABANDON: S.DECIDING,
        Sign.LEFT: S.DECIDING,
        Sign.LEFT_ANSWERED: S.DECIDING,
        Sign.PHONE_DOWN: S.DECIDING,
        Sign.TOLD: S.DECIDING,
        Sign.MOVED: S.FLOWING,
        Sign.REJOINED: S.FLOWING,
        Sign.GONE_IN_PLACE: Outcome.ABANDONED,
        Sign.GONE_ELSEWHERE: S.FLOWING,
        Sign.SILENCE: Outcome.FLOWED_OUT,
        Sign.LOST: Outcome.UNRESOLVED,
        **LOGGED,
    },
    S.LEFT: {
        Sign.CONNECT: S.TALKING,
        Sign.HANGUP: S.LEFT,
        Sign.PHONE_DOWN: S.LEFT,
        Sign.TOLD: S.LEFT,
        Sign.MOVED: Outcome.FLOWED_OUT,
        Sign.REJOINED: Outcome.FLOWED_OUT,
        Sign.GONE_IN_PLACE: Outcome.FLOWED_OUT,
        Sign.GONE_ELSEWHERE: Outcome.FLOWED_OUT,
        Sign.SILENCE: Outcome.FLOWED_OUT,
        Sign.LOST: Outcome.UNRESOLVED,
        **LOGGED,
    },
    S.ANNOUNCING: {
        Sign.CONNECT: S.TALKING,
        Sign.HANGUP: S.ANNOUNCING,
        Sign.ABANDON: Outcome.ABANDONED,
        Sign.PHONE_DOWN: S.LEFT,
        Sign.MOVED: S.ANNOUNCING,
        Sign.TOLD: S.ANNOUNCING,
        Sign.REJOINED: Outcome.FLOWED_OUT,
        Sign.GONE_IN_PLACE: Outcome.ABANDONED,
        Sign.GONE_ELSEWHERE: Outcome.ABANDONED,
        Sign.SILENCE: S.ANNOUNCING,
        Sign.LOST: Outcome.UNRESOLVED,
        **LOGGED,
    },
    S.FLOWING: {
        Sign.TOLD: Outcome.FLOWED_OUT,
        Sign.SILENCE: Outcome.FLOWED_OUT,
        Sign.LOST: Outcome.FLOWED_OUT,
        Sign.LEFT: S.FLOWING,
        Sign.LEFT_ANSWERED: S.FLOWING,
        Sign.HANGUP: S.FLOWING,
        Sign.MOVED: S.FLOWING,
        Sign.REJOINED: S.FLOWING,
        Sign.GONE_IN_PLACE: S.FLOWING,
        Sign.GONE_ELSEWHERE: S.FLOWING,
        Sign.PHONE_DOWN: S.FLOWING,
        Sign.ABANDON: S.FLOWING,
        **LOGGED,
    },
    S.TALKING: dict.fromkeys(Sign, S.TALKING),
    S.ENDED: dict.fromkeys(Sign, S.ENDED),
}

HEALED: dict[Sign, Next] = {
    Sign.HANGUP: S.DYING,
    Sign.ABANDON: S.DECIDING,
    Sign.LEFT: S.LEFT,
    Sign.LEFT_ANSWERED: S.ANNOUNCING,
    Sign.CONNECT: S.TALKING,
    Sign.PHONE_DOWN: S.WAITING,
    Sign.MOVED: S.WAITING,
    Sign.REJOINED: Outcome.FLOWED_OUT,
    Sign.GONE_IN_PLACE: Outcome.ABANDONED,
    Sign.GONE_ELSEWHERE: Outcome.FLOWED_OUT,
    Sign.SILENCE: S.WAITING,
    Sign.TOLD: S.WAITING,
    Sign.LOST: Outcome.UNRESOLVED,
    **LOGGED,
}

REASONS = {"TIMEOUT": Reason.TIMEOUT, "LEAVEEMPTY": Reason.EMPTY, "WITHDRAW": Reason.WITHDRAWN}
VERBS: dict[str, Reason | None] = {  # of queue_log, for a caller who goes out unanswered; an abandon needs no reason
    "ABANDON": None,
    "EXITWITHTIMEOUT": Reason.TIMEOUT,
    "EXITEMPTY": Reason.EMPTY,
    "WITHDRAW": Reason.WITHDRAWN,
    "EXITWITHKEY": Reason.KEY,
}


def step(stage: Stage, sign: Sign) -> tuple[Next, bool]:
    """The next stage or the outcome, and whether the sign was legal; an illegal one is healed."""
    row = TABLE[stage]
    return (row[sign], True) if sign in row else (HEALED[sign], False)


@dataclass(slots=True, eq=False)
class Visit:
    """One stay of a caller in a queue, known as (pbx, call, queue, number). Instants in microseconds."""

    queue: QueueId
    call: str
    number: int
    project: Project
    contact: Contact
    joined_at: int
    position: Position
    counted_at: int  # the join as the ledger knows it: a step of the civil clock moves `joined_at` only
    ordinal: int = 0  # which visit of its contact it is
    stage: Stage = Stage.WAITING
    estimated: bool = False  # known from a list only: the join is exact to a second
    doubted: bool = False  # a list did not show it: looked at again soon, until then its silence says nothing
    left_at: int | None = None
    pending: Position | None = None
    soft: Position | None = None
    held_seconds: int | None = None
    asked: bool = False
    reason: Reason | None = None
    wait_us: int = 0
    outcome: Outcome | None = None
    in_vain: list[RingNoAnswer] = field(default_factory=list)  # of those rung together; they count if nobody answers
    phone: str | None = None  # the agent's channel that answered for this caller and is still up
    verdict: str | None = None  # what queue_log says of the exit
    presumed: Outcome | None = None  # what the events say, while the record has not spoken
    patient: bool = False  # a second more is given to the record
    blur_us: int = 0  # a log tells the join, and it is this much later at most

    def moved_to(self, position: Position) -> bool:
        """True when `position` shows that the dialplan went on after the PBX said abandoned."""
        return self.pending is not None and position.exten != "h" and position != self.pending

    def gone_at(self, position: Position, longest_wait: int | None) -> Sign:
        """How the end of the caller's channel at `position` is to be read while the visit is undecided.

        At extension `h` the last request for a hang-up shows where the caller stood; standing still there is an abandon, unless the
        caller waited the queue's maximum, learned from earlier time-outs (`longest_wait`, whole seconds).
        """
        if position.exten != "h":
            return Sign.GONE_ELSEWHERE if self.moved_to(position) else Sign.GONE_IN_PLACE
        if self.soft is not None and self.moved_to(self.soft):
            return Sign.GONE_ELSEWHERE
        if longest_wait is not None and self.held_seconds is not None and self.held_seconds >= longest_wait:
            return Sign.GONE_ELSEWHERE
        return Sign.GONE_IN_PLACE


def flowed_by(visit: Visit) -> Reason:
    """The reason under which a flowed out visit is counted."""
    return visit.reason or (Reason.OTHER if visit.pending is not None else Reason.KEY)
