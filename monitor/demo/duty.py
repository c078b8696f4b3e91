"""Duty: who comes and goes when, breaks and pauses, the collectors' rhythm, and what an alarm does to people.

Owns each agent's day away from the phone. A pause begins when the call is over, or now and then during it. Refuses calls (`agents`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from random import Random
from typing import Final

from monitor.core.contract import MINUTE, SECOND
from monitor.demo.agenda import Agenda
from monitor.demo.agents import Agent, Agents
from monitor.demo.events import Happening, hour_of, instant
from monitor.demo.roster import Shift, Skill, Worker
from monitor.demo.switch.specs import MemberSpec
from monitor.demo.switch.switch import Switch
from monitor.demo.world import CAMPAIGN

SHELTER: Final = "shelter"
UNTIL_TOLD: Final = -1
NOTES_AFTER_OWN: Final = 0.7  # a wrap-up would count as the last queue call's
WRAPUP_AFTER_QUEUE: Final = 0.05
PAUSES_DURING_CALL: Final = 0.25
TO_SHELTER: Final = 0.55
BLACKOUT_HOME: Final = 0.7
BLACKOUT: Final = 0.3
OUTAGE_EVERY_US: Final = 45 * MINUTE  # a phone at home; one at a desk has a quarter of that
CHATS: Final = frozenset({Skill.SHOP, Skill.BANK_SHOP, Skill.SHOP_TAXI})


def members(worker: Worker) -> Iterator[MemberSpec]:
    """Somebody's places in the queues."""
    for queue, penalty in worker.skill.value:
        yield MemberSpec(queue, worker.interface, worker.name, penalty=penalty, dynamic=not worker.static)


class Duty:
    """Everybody's presence."""

    def __init__(self, agenda: Agenda, switch: Switch, agents: Agents) -> None:
        self._seed = ""  # the day's own
        self._agenda = agenda
        self._switch = switch
        self._agents = agents
        self._alarm = False
        agents.free = self._free

    def _all(self) -> Iterator[Agent]:
        return iter(self._agents.everybody.values())

    # --- a day ----------------------------------------------------------------------------------------------------------------------

    def begin_day(self, seed: str, day: date, at: int, *, first: bool) -> None:
        """Plan the shifts of a local day, whose own seed is `seed`; on the first one the night's pair is at work already."""
        self._seed = seed
        for agent in self._all():
            random = Random(f"{seed}/{agent.interface}")
            start, end = agent.worker.shift.value
            if first:
                self._switch.device(at, agent.interface, reachable=False)
            if first and agent.worker.shift is Shift.NIGHT:
                self._agenda.plan(at + random.randrange(1, 5) * SECOND, partial(self._comes, agent))
                self._agenda.plan(instant(day, end - 24) + random.randrange(120) * SECOND, partial(self._goes, agent))
            self._agenda.plan(instant(day, start) - random.randrange(10, 400) * SECOND, partial(self._comes, agent))
            self._agenda.plan(instant(day, end) + random.randrange(180) * SECOND, partial(self._goes, agent))
            for hour, reason, minutes in self._pauses(agent.worker, random):
                if not first or hour > start:
                    self._agenda.plan(instant(day, hour), partial(self._wants, agent, reason, int(minutes * MINUTE)))
            for outage in self._outages(agent.worker, day, random):
                length = int(random.lognormvariate(5.0, 0.5)) * SECOND  # some two and a half minutes
                self._agenda.plan(outage, partial(self._unplugged, agent))
                self._agenda.plan(outage + length, partial(self._plugged_in, agent))
        random = Random(f"{seed}/chat")
        for half in range(17, 43):
            self._agenda.plan(instant(day, half / 2), partial(self._somebody_chats, random))

    def _pauses(self, worker: Worker, random: Random) -> Iterator[tuple[float, str, float]]:
        """Hour, reason, minutes."""
        start, end = worker.shift.value
        number = int(worker.interface[-2:])
        yield start + 3 + number * 0.37 % 1 * 2.4, "lunch", random.uniform(27, 33)
        yield start + random.uniform(1, 2.8), "break", random.uniform(8, 15)
        yield end - random.uniform(0.7, 2.2), "break", random.uniform(8, 15)
        if worker.skill in {Skill.BANK, Skill.SENIOR} and worker.shift is Shift.MORNING:
            yield start + 0.05, "training", random.uniform(40, 50)  # before the bank opens
        if worker.shift is not Shift.NIGHT and number % 8 == 1:
            yield (10.2 if worker.shift is Shift.MORNING else 14.3) + number * 0.37 % 1, "training", random.uniform(35, 60)

    def _outages(self, worker: Worker, day: date, random: Random) -> Iterator[int]:
        start, end = worker.shift.value
        mean = OUTAGE_EVERY_US * (1 if worker.home else 4)
        at = instant(day, start) + int(random.expovariate(1 / mean))
        while at < instant(day, end):
            yield at
            at += int(random.expovariate(1 / mean))

    def _comes(self, agent: Agent, at: int) -> None:
        """Switch on the phone, then log in."""
        if not agent.on_duty:
            agent.on_duty, agent.leaving = True, False
            self._plugged_in(agent, at)
            self._agenda.plan(at + agent.random.randrange(3, 25) * SECOND, partial(self._logs_in, agent))

    def _logs_in(self, agent: Agent, at: int) -> None:
        if not agent.worker.static:
            for spec in members(agent.worker):
                self._switch.add_member(at, spec)
        self._free(at, agent, False)

    def _goes(self, agent: Agent, at: int) -> None:
        agent.leaving = agent.on_duty
        agent.wants.clear()
        if agent.leaving and not agent.leg:
            self._leave(agent, at)

    def _leave(self, agent: Agent, at: int) -> None:
        agent.on_duty = agent.leaving = False
        if agent.worker.static:
            self._end_pause(agent, at)
        agent.pause = ""
        agent.paused_times += 1
        if not agent.worker.static:
            for spec in members(agent.worker):
                self._switch.remove_member(at, spec.queue, spec.interface)
        self._switch.device(at, agent.interface, reachable=False)
        agent.reachable = False

    # --- pauses ---------------------------------------------------------------------------------------------------------------------

    def _wants(self, agent: Agent, reason: str, length: int, at: int) -> None:
        if agent.on_duty and not agent.leaving:
            agent.wants.append((reason, length))
            if not agent.leg or agent.random.random() < PAUSES_DURING_CALL:
                self._next_pause(agent, at)

    def _next_pause(self, agent: Agent, at: int) -> bool:
        if not agent.wants or agent.pause:
            return bool(agent.pause)
        self._pause(agent, *agent.wants.popleft(), at)
        return True

    def _pause(self, agent: Agent, reason: str, length: int, at: int) -> None:
        agent.pause = reason
        agent.paused_times += 1
        self._switch.pause(at, agent.interface, reason)
        if length != UNTIL_TOLD:
            self._agenda.plan(at + length, partial(self._comes_back, agent, agent.paused_times))

    def _comes_back(self, agent: Agent, time: int, at: int) -> None:
        if agent.paused_times == time and agent.on_duty:
            self._end_pause(agent, at)
            self._free(at, agent, False)

    def _end_pause(self, agent: Agent, at: int) -> None:
        if agent.pause:
            agent.pause = ""
            agent.paused_times += 1
            self._switch.unpause(at, agent.interface)

    def _somebody_chats(self, random: Random, at: int) -> None:
        """One of the shop's people answers its chat for half an hour."""
        there = [agent for agent in self._all() if agent.worker.skill in CHATS and agent.on_duty and not (agent.wants or agent.pause or agent.leaving)]
        if there and not self._alarm:
            self._wants(random.choice(there), "chat", 29 * MINUTE, at)

    # --- free -----------------------------------------------------------------------------------------------------------------------

    def _free(self, at: int, agent: Agent, own: bool) -> None:
        """The phone is down: go home, finish up, have the break, or dial the next number."""
        if not agent.on_duty or agent.leg:
            return
        if agent.leaving:
            self._leave(agent, at)
            return
        if self._next_pause(agent, at):
            return
        if agent.random.random() < (NOTES_AFTER_OWN if own else WRAPUP_AFTER_QUEUE):
            self._pause(agent, "notes" if own else "wrapup", int(agent.random.uniform(8, 40) * SECOND), at)
        elif agent.worker.skill is Skill.COLLECT:
            self._agenda.plan(at + int(agent.random.expovariate(1 / CAMPAIGN.pause_s) * SECOND), partial(self._dials, agent, agent.paused_times))

    def _dials(self, agent: Agent, time: int, at: int) -> None:
        """Dial if nothing came between."""
        if not agent.on_duty or agent.leg or agent.pause or agent.leaving or agent.paused_times != time:
            return  # he is asked again when he is free again
        if agent.ringing or not agent.reachable or not self._campaign_hours(at):
            self._agenda.plan(at + 30 * SECOND, partial(self._dials, agent, time))
        else:
            self._agents.dial(agent, at)
            if not agent.leg:
                self._agenda.plan(at + 30 * SECOND, partial(self._dials, agent, time))

    def _campaign_hours(self, at: int) -> bool:
        return CAMPAIGN.first_hour <= hour_of(at) < CAMPAIGN.last_hour

    # --- phones and alarms ----------------------------------------------------------------------------------------------------------

    def _unplugged(self, agent: Agent, at: int) -> None:
        if agent.on_duty and agent.reachable:
            agent.reachable = False
            self._switch.device(at, agent.interface, reachable=False)

    def _plugged_in(self, agent: Agent, at: int) -> None:
        if agent.on_duty and not agent.reachable:
            agent.reachable = True
            self._switch.device(at, agent.interface, reachable=True)

    def alarm(self, happening: Happening, at: int) -> None:
        """Some go to the shelter after their call; some phones have no power, and calls on them end."""
        self._alarm = True
        random = Random(f"{self._seed}/alarm")
        for agent in self._all():
            goes, loses_power, delay = random.random(), random.random(), random.randrange(4, 70) * SECOND
            if not agent.on_duty:
                continue
            if not agent.pause and loses_power < (BLACKOUT_HOME if agent.worker.home else BLACKOUT):
                self._agenda.plan(at + delay, partial(self._blackout, agent))
                self._agenda.plan(happening.end + delay, partial(self._plugged_in, agent))
            elif goes < TO_SHELTER:
                self._agenda.plan(at + delay, partial(self._wants, agent, SHELTER, UNTIL_TOLD))

    def _blackout(self, agent: Agent, at: int) -> None:
        if agent.leg:
            self._switch.agent_hangs_up(at, agent.leg)
        self._unplugged(agent, at)

    def all_clear(self, at: int) -> None:
        """People come back, one after the other."""
        self._alarm = False
        for agent in self._all():
            agent.wants = type(agent.wants)(want for want in agent.wants if want[0] != SHELTER)
            if agent.pause == SHELTER:
                self._agenda.plan(at + agent.random.randrange(10, 150) * SECOND, partial(self._comes_back, agent, agent.paused_times))
