"""A whole centre in motion, judged every half minute or at a pace of its own: callers, agents and outages go in, what people would have heard comes out.

Callers are answered by whoever is longest free, wait while nobody is, and give up after their patience; all of it as events on a real floor.
Chance is seeded, so a story is the same each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil
from random import Random

from monitor.assess.accruals import PART
from monitor.assess.conditions import Holding
from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.events import Event, Position
from monitor.keeping import Keeping
from monitor.plan.plan import Plan, PlanRow

STEP = 30 * SECOND
HALF = 30 * MINUTE
HERE, ON = Position("trunk", "600", "2"), Position("agents", "", "1")


@dataclass(frozen=True, slots=True)
class Heard:
    """What began (`+`) or ended (`-`) to be said."""

    at: int
    sign: str
    what: Holding

    def __str__(self) -> str:
        return f"{self.sign} {self.what.condition} {self.what.subject.name}"


def judge(keeping: Keeping, at: int, offsets: Mapping[str, int]) -> None:
    """All at once for what a second each is taken: until every interval that ended is looked through, and what is found of all of them said."""
    count = len(keeping.contract.projects)
    around = once_more = ceil(count / PART)
    for _ in range(count + around):
        once_more -= keeping.accruals._followed(keeping.contract) >= at
        keeping.judge_projects(at)
        if not once_more:
            break
    keeping.judge_people(at, offsets)


class Centre:
    """One PBX. `agents` serve the queues of every project."""

    def __init__(self, contract: Contract, plan: Plan, at: int, agents: Iterable[str], *, seed: int = 1, aht_s: float = 180.0) -> None:
        self.contract = contract
        self.keeping = Keeping(contract, plan, at, strict=True)
        self.heard: list[Heard] = []
        self.read: list[tuple[int, str, str]] = []  # when a project's loss was read as another's than before: at, project, whose
        self.step = STEP
        self._now = at
        self._chance = Random(seed)
        self._aht_s = aht_s
        self._events: list[tuple[int, int, Event]] = []
        self._order = 0
        self._free: dict[str, int] = {}
        self._away: set[str] = set()
        self._waiting: list[tuple[int, str, str]] = []  # since when, who, in which queue
        self._calls = 0
        self._speaking: dict[object, Holding] = {}
        self._reading: dict[str, str] = {}
        self._queues = [queue.name for queue in contract.queues]
        self._everybody = list(agents)
        self.come_to_work(self._everybody)

    # --- what happens -----------------------------------------------------------------------------------------------------------------

    def come_to_work(self, who: Iterable[str]) -> None:
        """They are members of every queue, their phones ready."""
        self._free |= dict.fromkeys(who, self._now)
        members = tuple(
            ev.MemberSeen("pbx1", self._now, queue, f"PJSIP/{name}", f"PJSIP/{name}", name, 1, False, "") for queue in self._queues for name in self._free
        )
        self._apply(ev.SnapshotTaken("pbx1", self._now, dict.fromkeys(self._queues, "rrmemory"), members, (), ()))

    def log_in(self, who: Iterable[str]) -> None:
        """They join every queue, as it is."""
        for name in who:
            for queue in self._queues:
                self._apply(ev.MemberSeen("pbx1", self._now, queue, f"PJSIP/{name}", f"PJSIP/{name}", name, 1, False, ""))
            self._away.discard(name)
            self._free[name] = self._now

    def log_off(self, who: Iterable[str]) -> None:
        """They leave every queue, and finish the call they are in."""
        for name in who:
            for queue in self._queues:
                self._apply(ev.MemberRemoved("pbx1", self._now, queue, f"PJSIP/{name}"))
            self._may_answer(name, False)

    @property
    def free(self) -> list[str]:
        """Who waits for a call, the longest free first."""
        return sorted(self._free, key=lambda name: (self._free[name], name))

    def phones(self, who: Iterable[str], *, ready: bool) -> None:
        """Their devices go away, or come back."""
        for name in who:
            for queue in self._queues:
                interface = f"PJSIP/{name}"
                self._apply(ev.MemberSeen("pbx1", self._now, queue, interface, interface, name, 1 if ready else 5, False, ""))
            self._may_answer(name, ready)

    def pause(self, who: Iterable[str], reason: str | None) -> None:
        """They pause in every queue, or (None) end it."""
        for name in who:
            for queue in self._queues:
                interface = f"PJSIP/{name}"
                paused = reason is not None
                self._apply(ev.MemberSeen("pbx1", self._now, queue, interface, interface, name, 1, paused, reason or ""))
            self._may_answer(name, reason is None)

    def _may_answer(self, name: str, may: bool) -> None:
        if not may:
            self._away.add(name)
            self._free.pop(name, None)
        elif name in self._away:
            self._away.remove(name)
            self._free[name] = self._now

    def lose_sight(self) -> None:
        """The link is gone."""
        self._apply(ev.LinkLost("pbx1", self._now))

    def until(self, at: int, arrivals: Iterable[tuple[int, str]] = ()) -> None:
        """Time passes, and these callers come: (when, to which queue), in order."""
        coming = iter(arrivals)
        following = next(coming, None)
        while self._now < at:
            then = min(at, self._now + self.step)
            while True:
                due = self._events[0][0] if self._events else then
                if following is not None and following[0] < min(due, then):
                    self._arrive(*following)
                    following = next(coming, None)
                elif due < then:
                    _, _, event = heappop(self._events)
                    self._happen(event)
                else:
                    break
            self._now = then
            self.keeping.advance(then)
            judge(self.keeping, then, {"pbx1": 0})
            self._listen()

    # --- callers ------------------------------------------------------------------------------------------------------------------------

    def _later(self, event: Event) -> None:
        self._order += 1
        heappush(self._events, (event.at, self._order, event))

    def _apply(self, event: Event) -> None:
        self.keeping.apply(event)

    def _arrive(self, at: int, queue: str) -> None:
        self._calls += 1
        call = f"c{self._calls}"
        self._apply(ev.ChannelStarted("pbx1", at, call, call, f"PJSIP/trunk-{call}", HERE))
        self._apply(ev.CallerJoined("pbx1", at, call, call, f"PJSIP/trunk-{call}", queue, HERE))
        self._waiting.append((at, call, queue))
        self._later(ev.HangupRequested("pbx1", at + round(self._chance.expovariate(1 / 180) * SECOND), call, HERE, False))
        self._serve(at)

    def _serve(self, at: int) -> None:
        while self._waiting and self._free:
            _, call, queue = self._waiting.pop(0)
            who = min(self._free, key=lambda name: (self._free[name], name))
            del self._free[who]
            leg, interface = f"{call}-{who}", f"PJSIP/{who}"
            answered = at + 3 * SECOND
            self._apply(ev.ChannelStarted("pbx1", at, leg, call, f"{interface}-{call}", ON))
            self._later(ev.CallerLeft("pbx1", answered, call, queue, f"PJSIP/trunk-{call}", HERE))
            self._later(ev.AgentConnected("pbx1", answered, call, queue, interface, who, leg, f"{interface}-{call}", HERE))
            end = answered + round(max(10.0, self._chance.expovariate(1 / (self._aht_s - 15))) * SECOND)
            self._later(ev.AgentCompleted("pbx1", end, call, queue, interface, leg, (end - answered) // SECOND, "caller"))
            self._later(ev.ChannelEnded("pbx1", end, leg, ON))
            self._later(ev.ChannelEnded("pbx1", end, call, HERE))

    def _happen(self, event: Event) -> None:
        if isinstance(event, ev.HangupRequested):
            found = next((one for one in self._waiting if one[1] == event.call), None)
            if found is None:  # answered before
                return
            self._waiting.remove(found)
            queue, channel = found[2], f"PJSIP/trunk-{event.call}"
            self._apply(event)
            self._apply(ev.CallerAbandoned("pbx1", event.at, event.call, queue, HERE))
            self._apply(ev.CallerLeft("pbx1", event.at, event.call, queue, channel, HERE))
            self._apply(ev.ChannelEnded("pbx1", event.at, event.call, HERE))
            return
        self._apply(event)
        if isinstance(event, ev.ChannelEnded) and "-" in event.call:
            who = event.call.partition("-")[2]
            if who not in self._away:
                self._free[who] = event.at
            self._serve(event.at)

    def _listen(self) -> None:
        for name, project in self.keeping.accruals.judgement.projects.items():
            whose = "" if project.cause is None or project.cause.reading is None else project.cause.reading.value
            if whose != self._reading.get(name, ""):
                self._reading[name] = whose
                self.read.append((self._now, name, whose))
        speaking: dict[object, Holding] = {one.key: one for one in self.keeping.accruals.judgement.holding}
        gone = [one for key, one in self._speaking.items() if key not in speaking]
        new = [one for key, one in speaking.items() if key not in self._speaking]
        self.heard += [*(Heard(self._now, "-", one) for one in gone), *(Heard(self._now, "+", one) for one in new)]
        self._speaking = speaking


def arrivals(chance: Random, rates: Iterable[tuple[int, int, dict[str, float]]]) -> Iterator[tuple[int, str]]:
    """Callers in order: of every span (start, end, contacts expected by queue) a Poisson number at even chances."""
    for start, end, expected in rates:
        found = [(start + int(chance.random() * (end - start)), queue) for queue, mean in expected.items() for _ in range(_poisson(chance, mean))]
        yield from sorted(found)


def _poisson(chance: Random, mean: float) -> int:
    count, left = 0, mean
    while (left := left - chance.expovariate(1)) > 0:
        count += 1
    return count


def plan_of(rates: Iterable[tuple[int, int, dict[str, float]]], aht_s: int = 180) -> Plan:
    """The plan that expects exactly this."""
    return Plan.of(
        PlanRow(queue, start, end, round(mean * 1e6), round(mean * aht_s * 1e6), aht_s * SECOND)
        for start, end, expected in rates
        for queue, mean in expected.items()
    )
