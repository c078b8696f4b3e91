"""The callers: they wait as long as they can stand it, press a key or hang up, and talk as long as they have to say something.

Owns everybody who is on the line. Refuses who calls when (`demand`) and what agents do (`agents`). Patience is drawn before the
call; who is sent on to another agent has new patience and something new to say. Of those nobody answered half call again, some minutes later and more patient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Final

from monitor.core.contract import SECOND
from monitor.demo.agenda import Agenda
from monitor.demo.demand import Call
from monitor.demo.switch.switch import Switch
from monitor.demo.world import Line, talk

AGAIN: Final = 0.5  # of those nobody answered
AGAIN_AFTER_S: Final = (60, 900)


@dataclass(slots=True)
class Caller:
    """Somebody on the line. `visits`: how often he joined a queue."""

    call: Call
    random: Random
    talk_us: int
    patience_us: int
    tired_us: int | None
    gives_up_at: int | None = None
    visits: int = 0
    waits: bool = False
    answered: bool = False

    @property
    def line(self) -> Line:
        """Whom he calls."""
        return self.call.line


class Callers:
    """Everybody who calls in."""

    def __init__(self, agenda: Agenda, switch: Switch) -> None:
        self._agenda = agenda
        self._switch = switch
        self.on_line: dict[str, Caller] = {}
        self.came = 0

    def come(self, call: Call, at: int) -> None:
        """A call arrives."""
        self.came += 1
        uid = self._switch.incoming(at, call.number, call.name, call.way.did, call.way.steps, call.line.trunk)
        caller = Caller(call, Random(f"{call.number}/{call.talk_us}/{call.patience_us}"), call.talk_us, call.patience_us, call.tired_us)
        self.on_line[uid] = caller

    def waits(self, at: int, uid: str) -> None:
        """He joined a queue: patience runs from the first one on."""
        caller = self.on_line.get(uid)
        if caller is None:
            return  # an agent who consults a queue waits as long as it takes
        caller.visits += 1
        caller.waits = True
        if caller.gives_up_at is None:
            caller.gives_up_at = at + caller.patience_us
            if caller.tired_us is not None and caller.line.key:
                self._agenda.plan(at + caller.tired_us, partial(self._presses, uid, caller.visits))
        self._agenda.plan(max(caller.gives_up_at, at + 1), partial(self._gives_up, uid, caller.visits))

    def answered(self, uid: str) -> Caller | None:
        """Somebody talks to him."""
        caller = self.on_line.get(uid)
        if caller is not None:
            caller.waits, caller.answered = False, True
        return caller

    def sent_on(self, uid: str) -> None:
        """The agent sends him to somebody else."""
        caller = self.on_line[uid]
        caller.gives_up_at = None
        caller.tired_us = None
        caller.patience_us = int(caller.random.expovariate(1 / caller.line.patience_s) * SECOND) + SECOND
        caller.talk_us = int(talk(caller.random, caller.line.talk_s) * SECOND)

    def gone(self, uid: str, at: int) -> None:
        """His channel ended."""
        caller = self.on_line.pop(uid, None)
        if caller is not None and caller.visits and not caller.answered and caller.random.random() < AGAIN:
            again = at + int(caller.random.uniform(*AGAIN_AFTER_S) * SECOND)
            self._agenda.plan(again, partial(self._tries, replace(caller.call, at=again, patience_us=3 * caller.patience_us, tired_us=None)))

    def _tries(self, call: Call, at: int) -> None:
        """He calls again, once there is a line."""
        if self._switch.reachable(f"PJSIP/{call.line.trunk}"):
            self.come(call, at)
        else:
            self._agenda.plan(at + AGAIN_AFTER_S[0] * SECOND, partial(self._tries, call))

    def _gives_up(self, uid: str, visit: int, at: int) -> None:
        caller = self.on_line.get(uid)
        if caller is not None and caller.waits and caller.visits == visit:
            self._switch.caller_hangs_up(at, uid)

    def _presses(self, uid: str, visit: int, at: int) -> None:
        caller = self.on_line.get(uid)
        if caller is not None and caller.waits and caller.visits == visit:
            caller.waits = False  # a recorded voice takes his number; then he hears a farewell
            self._switch.caller_presses(at, uid, caller.line.key)
