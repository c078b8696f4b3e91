"""The simulated centre in motion: people and switch on one line of time.

Owns the course of events: a discrete-event simulation whose every step is a function of the seed, on whatever date and however it is watched. It begins
at a local midnight and goes on for as many days as it is asked for. Refuses clocks, sockets and files: time enters with `advance`, what
happens leaves through `listener` (AMI), `log` (queue_log) and `tell` (happenings). Next: `pbx` serves it, the rehearsal runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from monitor.demo.agenda import Agenda
from monitor.demo.agents import Agents
from monitor.demo.callers import Callers
from monitor.demo.demand import calls
from monitor.demo.duty import Duty, members
from monitor.demo.events import STORM_REACHED, Happening, Kind, instant, schedule
from monitor.demo.roster import WORKERS
from monitor.demo.switch.specs import Message
from monitor.demo.switch.switch import Switch
from monitor.demo.world import QUEUES, TRUNKS

Schedule = Callable[[str, date, bool], tuple[Happening, ...]]


def _drawn(seed: str, day: date, first: bool) -> tuple[Happening, ...]:
    return schedule(seed, day, first=first)


class Day:
    """The centre from the midnight that begins `day`; `happenings` draws what a day brings."""

    def __init__(self, seed: int, day: date, happenings: Schedule = _drawn) -> None:
        self.seed = seed
        self.date = day
        self.start = self.now = instant(day, 0)
        self.listener: Callable[[int, Message], None] = lambda *_: None
        self.log: Callable[[str], None] = lambda _: None
        self.tell: Callable[[int, Happening, bool], None] = lambda *_: None
        self._happenings = happenings
        self._agenda = Agenda()
        static = [spec for worker in WORKERS if worker.static for spec in members(worker)]
        self.switch = Switch(
            QUEUES, static, [worker.interface for worker in WORKERS], TRUNKS, self.start, self, self._publish, self._write, booted_at=self.start
        )  # fmt: skip
        self.callers = Callers(self._agenda, self.switch)
        self.agents = Agents(f"{seed}", self._agenda, self.switch, self.callers)
        self.duty = Duty(self._agenda, self.switch, self.agents)
        self._today: tuple[Happening, ...] = ()
        self.agents.reach = self._reach
        self._agenda.plan(self.start, partial(self._begin, day))

    # --- time -----------------------------------------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        """When something happens next."""
        due = [at for at in (self._agenda.next_due(), self.switch.next_due()) if at is not None]
        return min(due) if due else None

    def advance(self, at: int) -> None:
        """Let everything happen that is due until `at`, in order of time; what the switch does by itself comes first."""
        while (due := self.next_due()) is not None and due <= at:
            self.now = max(self.now, due)
            alone = self.switch.next_due()
            if alone is not None and alone <= due:
                self.switch.advance(self.now)
            else:
                self._agenda.run_next()
        self.now = max(self.now, at)

    def _begin(self, day: date, at: int) -> None:
        first = day == self.date
        seed = f"{self.seed}/{(day - self.date).days}"  # whatever the date is: the first day of a seed is always the same, and so is the second
        self._today = self._happenings(seed, day, first)
        self.duty.begin_day(seed, day, at, first=first)
        for call in calls(seed, day, self._today):
            self._agenda.plan(call.at, partial(self.callers.come, call))
        for happening in self._today:
            self._agenda.plan(happening.start, partial(self._happens, happening))
            self._agenda.plan(happening.end, partial(self._is_over, happening))
        tomorrow = day + timedelta(days=1)
        self._agenda.plan(instant(tomorrow, 0), partial(self._begin, tomorrow))

    def _happens(self, happening: Happening, at: int) -> None:
        if happening.kind is Kind.ALARM:
            self.duty.alarm(happening, at)
        elif happening.kind is Kind.TRUNK_DOWN and happening.line is not None:
            self.switch.trunk_down(at, happening.line.trunk)
        self.tell(at, happening, True)

    def _is_over(self, happening: Happening, at: int) -> None:
        if happening.kind is Kind.ALARM:
            self.duty.all_clear(at)
        elif happening.kind is Kind.TRUNK_DOWN and happening.line is not None:
            self.switch.device(at, f"PJSIP/{happening.line.trunk}", True)
        self.tell(at, happening, False)

    def _reach(self, at: int) -> float:
        return STORM_REACHED if any(each.kind is Kind.STORM and each.on(at) for each in self._today) else 1.0

    def _publish(self, at: int, message: Message) -> None:
        self.listener(at, message)

    def _write(self, line: str) -> None:
        self.log(line)

    # --- what the switch tells the people -------------------------------------------------------------------------------------------

    def phone_rings(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:  # noqa: ARG002 - the switch's words
        """A queue call rings at an agent's phone."""
        self.agents.phone_rings(at, interface, leg)

    def phone_stops(self, at: int, interface: str, leg: str) -> None:  # noqa: ARG002 - the switch's words
        """It rang in vain."""
        self.agents.phone_stops(interface, leg)

    def talk_begins(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:  # noqa: ARG002 - the switch's words
        """Agent and caller are bridged."""
        self.agents.talk_begins(at, interface, leg, caller)

    def leg_ends(self, at: int, interface: str, leg: str) -> None:
        """The agent is out of the call."""
        self.agents.leg_ends(at, interface, leg)

    def caller_waits(self, at: int, caller: str, queue: str) -> None:  # noqa: ARG002 - the switch's words
        """The caller joined a queue."""
        self.callers.waits(at, caller)

    def caller_gone(self, at: int, caller: str) -> None:
        """The caller's channel ended."""
        self.callers.gone(caller, at)

    def far_end_rings(self, at: int, interface: str, call: str, number: str) -> None:  # noqa: ARG002 - the switch's words
        """Somebody who is called hears it ring."""
        self.agents.far_end_rings(at, interface, call)
