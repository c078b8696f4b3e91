"""The agents at their phones: they pick up or let it ring, talk, put on hold, send callers on, hang up, and collectors dial.

Owns what one agent does about one call; all reactions are planned, none happens inside a call of the switch. Refuses shifts and pauses
(`duty` keeps them, and is told whenever somebody is free). Next: `duty`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import log
from random import Random
from typing import Final

from monitor.core.contract import SECOND
from monitor.demo.agenda import Agenda
from monitor.demo.callers import Callers
from monitor.demo.roster import WORKERS, Skill, Worker
from monitor.demo.switch.specs import Step
from monitor.demo.switch.switch import Switch
from monitor.demo.world import CAMPAIGN, talk

SECOND_LEVEL: Final[tuple[Step, ...]] = (("queue", "bank-2nd", "t", "300"), ("hangup",))
SECOND_LEVEL_EXTEN: Final = "2002"
BLIND: Final = 0.03  # of the bank's calls go on to the second level
ATTENDED: Final = 0.02
HOLDS: Final = 0.25
CALLER_ENDS: Final = 0.72
IGNORES: Final = 0.02  # of rings nobody picks up; more where somebody is slow
SLOW_IGNORES: Final = 0.14
CONSULT_PATIENCE: Final = 6  # times an agent waits for the second level before he gives up


@dataclass(slots=True)
class Agent:
    """A worker as he is now. `leg` is the call he talks in or dials; `pause` the reason he is paused for."""

    worker: Worker
    random: Random
    on_duty: bool = False
    leaving: bool = False
    reachable: bool = False
    leg: str = ""
    own: bool = False
    pause: str = ""
    paused_times: int = 0
    ringing: set[str] = field(default_factory=set)
    wants: deque[tuple[str, int]] = field(default_factory=deque)

    @property
    def interface(self) -> str:
        """His phone."""
        return self.worker.interface


class Agents:
    """Everybody's calls. `free` is told when somebody has put the phone down; `reach` is how many answer the collectors, against usual."""

    def __init__(self, seed: str, agenda: Agenda, switch: Switch, callers: Callers) -> None:
        self._agenda = agenda
        self._switch = switch
        self._callers = callers
        self.everybody = {worker.interface: Agent(worker, Random(f"{seed}/{worker.interface}")) for worker in WORKERS}
        self.free: Callable[[int, Agent, bool], None] = lambda *_: None
        self.reach: Callable[[int], float] = lambda _: 1.0

    # --- a queue's call -------------------------------------------------------------------------------------------------------------

    def phone_rings(self, at: int, interface: str, leg: str) -> None:
        """Pick up after some seconds, or be away from the desk for a moment."""
        agent = self.everybody[interface]
        agent.ringing.add(leg)
        slow = agent.worker.slow
        if agent.random.random() >= (SLOW_IGNORES if slow else IGNORES):
            seconds = agent.random.lognormvariate(log(5.5 if slow else 2.8), 0.45)
            self._agenda.plan(at + int(seconds * SECOND), partial(self._pick_up, agent, leg))

    def phone_stops(self, interface: str, leg: str) -> None:
        """It rang in vain."""
        self.everybody[interface].ringing.discard(leg)

    def talk_begins(self, at: int, interface: str, leg: str, uid: str) -> None:
        """Talk; what will come of the call is decided now."""
        agent = self.everybody[interface]
        agent.ringing.discard(leg)
        agent.leg, agent.own = leg, False
        caller = self._callers.answered(uid)
        random = agent.random
        length = caller.talk_us if caller else int(talk(random, 120.0) * SECOND)
        if length > 40 * SECOND and random.random() < HOLDS:
            begin = at + int(length * random.uniform(0.2, 0.7))
            held = int(random.uniform(15, 75) * SECOND)
            self._agenda.plan(begin, partial(self._hold, agent, leg))
            self._agenda.plan(begin + held, partial(self._unhold, agent, leg))
            length += held
        self._agenda.plan(at + length, partial(self._conclude, agent, leg, uid))

    def leg_ends(self, at: int, interface: str, leg: str) -> None:
        """The phone is down."""
        agent = self.everybody[interface]
        if agent.leg == leg:
            agent.leg = ""
            self._agenda.plan(at + SECOND // 2, partial(self._after, agent, agent.own))

    def _after(self, agent: Agent, own: bool, at: int) -> None:
        if not agent.leg:
            self.free(at, agent, own)

    def _pick_up(self, agent: Agent, leg: str, at: int) -> None:
        if leg in agent.ringing and not agent.leg:
            self._switch.answer(at, leg)

    def _hold(self, agent: Agent, leg: str, at: int) -> None:
        if agent.leg == leg:
            self._switch.hold(at, leg)

    def _unhold(self, agent: Agent, leg: str, at: int) -> None:
        if agent.leg == leg:
            self._switch.unhold(at, leg)

    def _conclude(self, agent: Agent, leg: str, uid: str, at: int) -> None:
        """The matter is settled, or a matter for the second level."""
        if agent.leg != leg:
            return
        caller = self._callers.on_line.get(uid)
        first_level = caller is not None and caller.line.project == "bank-line" and agent.worker.skill is not Skill.SENIOR
        drawn = agent.random.random()
        if first_level and drawn < BLIND:
            self._callers.sent_on(uid)
            self._switch.blind_transfer(at, leg, SECOND_LEVEL_EXTEN, SECOND_LEVEL)
        elif first_level and drawn < BLIND + ATTENDED:
            self._callers.sent_on(uid)
            self._switch.attended_transfer(at, leg, SECOND_LEVEL_EXTEN, SECOND_LEVEL)
            self._agenda.plan(at + int(agent.random.uniform(25, 50) * SECOND), partial(self._hand_over, agent, leg, CONSULT_PATIENCE))
        elif agent.random.random() < CALLER_ENDS and caller is not None:
            self._switch.caller_hangs_up(at, uid)
        else:
            self._switch.agent_hangs_up(at, leg)

    def _hand_over(self, agent: Agent, leg: str, tries: int, at: int) -> None:
        """Leave caller and second level to each other, once they can talk."""
        if agent.leg != leg:
            return
        if tries:
            self._switch.complete_transfer(at, leg)
            self._agenda.plan(at + 10 * SECOND, partial(self._hand_over, agent, leg, tries - 1))
        else:
            self._switch.agent_hangs_up(at, leg)

    # --- a collector's own call -----------------------------------------------------------------------------------------------------

    def dial(self, agent: Agent, at: int) -> None:
        """Call the next debtor."""
        number = f"38000{agent.random.randrange(10**7):07}"
        leg = self._switch.dial(at, agent.interface, number, CAMPAIGN.trunk, "outbound", CAMPAIGN.line.project)
        if leg:
            agent.leg, agent.own = leg, True

    def far_end_rings(self, at: int, interface: str, call: str) -> None:
        """The debtor answers, or does not."""
        random = self.everybody[interface].random
        reached = CAMPAIGN.reached * self.reach(at)
        drawn, wait = random.random(), int(random.uniform(3, 16) * SECOND)
        if drawn < reached:
            length = int(talk(random, CAMPAIGN.talk_s) * SECOND)
            self._agenda.plan(at + wait, partial(self._far_answers, call))
            self._agenda.plan(at + wait + length, partial(self._far_over, self.everybody[interface], call, random.random() < 0.5))
        elif drawn < reached + (1 - reached) * 0.7:
            self._agenda.plan(at + int(random.uniform(20, 32) * SECOND), partial(self._far_fails, call, "NOANSWER"))
        else:
            self._agenda.plan(at + wait // 4, partial(self._far_fails, call, random.choice(("BUSY", "BUSY", "CONGESTION"))))

    def _far_answers(self, call: str, at: int) -> None:
        self._switch.far_answers(at, call)

    def _far_fails(self, call: str, status: str, at: int) -> None:
        self._switch.far_fails(at, call, status)

    def _far_over(self, agent: Agent, call: str, far: bool, at: int) -> None:
        if agent.leg == call:
            (self._switch.far_hangs_up if far else self._switch.agent_hangs_up)(at, call)
