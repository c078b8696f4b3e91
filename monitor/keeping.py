"""What must not be forgotten: the floor, the plan that passes over it, and what is counted beside them.

Owns the few operations that change any of it: an event, what people tell (of incidents, results, signals, contacts), one more event that a log tells of a
gap or part of a day, time, a judgement, a step of the civil clock, another contract and plan, figures of the daemon's own. Each is a function of what is
kept and of its arguments alone, so the same operations in the same order give the same state to the last digit, in another process too: that is what
`state` relies on. Refuses a clock, an inbox, files and outlooks.
Next: `engine` performs each operation, and has it written down before anybody is shown what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from monitor.assess.accounts import Accounts
from monitor.assess.accruals import Accruals
from monitor.assess.second import Second
from monitor.assess.takings import Takings
from monitor.core.called import CalledTold
from monitor.core.channel_contacts import ChannelContacts, ChannelContactsTold, TakenOrNot
from monitor.core.contract import Contract
from monitor.core.correction import GapFound
from monitor.core.direction import Direction
from monitor.core.events import Event, GapTold, LinkLost, PastTold, RecallEnded, SnapshotTaken
from monitor.core.expected import Outgoing
from monitor.core.floor import Floor
from monitor.core.gaps import bridge
from monitor.core.incident_log import IncidentClosed, IncidentOpened, Incidents, Refusal
from monitor.core.incidents import Incident
from monitor.core.past import Past
from monitor.core.results import Answer, Results, ResultsTold
from monitor.core.signal_log import SignalTold
from monitor.core.signals import SignalView
from monitor.core.snapshot import Snapshot
from monitor.core.view import serving
from monitor.plan.meter import PlanMeter
from monitor.plan.plan import Plan, Planned

CHANGES_OF_SIGHT = frozenset({LinkLost, SnapshotTaken, PastTold, RecallEnded})  # what passed of the plan before them was seen, or not, as it was then

PART = 200  # minutes of a plan that pass in a part of a told day: some milliseconds
LATE = 200  # minutes that are told as late in a step: a millisecond or two

TELL = ("tell",)  # the step that lets a log tell one more event of a gap
CLOSE = ("close_books",)  # the step that hands the store all that waits
PEOPLE = "judge_people"  # the step that is told of the PBXs' clocks
JUDGING = ("judge_projects", PEOPLE, "reckon_projects", "reckon_site")  # steps of a second, in order
ANCHOR = ("anchor",)  # the fact by which a clock is gone on with

Told: TypeAlias = IncidentOpened | IncidentClosed | ResultsTold | SignalTold | ChannelContactsTold
Heard: TypeAlias = Incident | Refusal | tuple[Answer, ...] | tuple[SignalView, ...] | tuple[TakenOrNot, ...]
Question: TypeAlias = tuple[str, str, str]  # an exit to ask a PBX about: (pbx, caller's channel id, queue)
Fact: TypeAlias = int | str
Facts: TypeAlias = Mapping[tuple[str, ...], Fact]


class Keeping:
    """One floor and its plan, from the first start on, however often the daemon begins anew."""

    def __init__(self, contract: Contract, plan: Plan, at: int, *, strict: bool = False) -> None:
        self.floor = Floor(contract, at, strict=strict)
        self.started_at = at  # what was before, a log has to tell
        self.reached = at  # no event and no tick was later
        self.clock_steps = 0
        self.incidents = Incidents()
        self.results = Results()
        self.channel_contacts = ChannelContacts()
        self.facts: dict[tuple[str, ...], Fact] = {}  # of the daemon itself; whoever brings them knows what they mean
        self._plan_told: set[str] = set()  # projects whose plan from midnight to the start has passed
        self._planned_from: dict[str, int] = {}  # since when the plan of a project passes that was not there at the start
        self._meter, self._outbound = PlanMeter(plan, at), PlanMeter(plan, at, Direction.OUTBOUND)
        self.accruals = Accruals()
        self.takings = Takings()
        self._told: Iterator[Event | None] | None = None  # what a log tells, of a day in parts: it has happened before all that is still to be applied
        self._of_day = False
        self._ends: dict[str, SnapshotTaken] = {}  # by PBX, what ends the gap that a log has told, or tells

    @property
    def telling(self) -> bool:
        """Whether a log tells a gap or a day: `tell` comes next. Until it has told all there can be no checkpoint: it goes on from where it is."""
        return self._told is not None

    @property
    def half_told(self) -> bool:
        """Whether it is a day: until all of it is told its calls and its plan do not belong together."""
        return self._told is not None and self._of_day

    @property
    def contract(self) -> Contract:
        """The contract in force."""
        return self.floor.contract

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._meter.plan

    # --- operations -----------------------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> list[Question]:
        """Apply one event; the exits to ask a PBX about."""
        if isinstance(event, GapTold):
            self._told, self._of_day = bridge(self.floor, event), False
            if self._told is not None:
                self._ends[event.pbx] = event.snapshot
            return []
        if isinstance(event, Told):
            self.take_note(event)
            return []
        self.reached = max(self.reached, event.at)
        if type(event) in CHANGES_OF_SIGHT:
            self._pass_plan(max(event.at, self.floor.now))
        if isinstance(event, PastTold):
            if not self.floor.pasts.told(event.pbx):  # else the link was lost before its snapshot could follow
                self._told, self._of_day = self._take(event), True
            return []
        questions = self.floor.apply(event)
        if isinstance(event, RecallEnded | GapFound):
            self._observe_plan()
        elif isinstance(event, CalledTold):
            for told in self.floor.hindsight.dialling_told(event.pbx, event.since, event.until):
                self.floor.expected.outbound_observed(*told)
        elif isinstance(event, SnapshotTaken) and event.whole:
            self._ends.pop(event.pbx, None)
        return questions

    def take_note(self, event: Told) -> Heard:
        """Apply what people and their programs tell; what they are answered."""
        if isinstance(event, ResultsTold):
            return self.count(event)
        if isinstance(event, ChannelContactsTold):
            return self.count_contacts(event)
        return self.signal(event) if isinstance(event, SignalTold) else self.hear(event)

    def hear(self, event: IncidentOpened | IncidentClosed) -> Incident | Refusal:
        """Apply what people tell of an incident; the incident as it is now, or why it is not accepted. Nobody of the floor is told."""
        self.reached = max(self.reached, event.at)
        answer = self.incidents.hear(event, self.contract)
        if isinstance(answer, Incident):
            self.floor.chronicle.incident(answer)
        self.incidents.advance(max(event.at, self.floor.now), self.contract, self.floor)
        return answer

    def count(self, event: ResultsTold) -> tuple[Answer, ...]:
        """Apply what people or a dialplan tell of results; what each counts for, or why it is not accepted."""
        self.reached = max(self.reached, event.at)
        return self.results.hear(event, self.contract, self.floor)

    def signal(self, event: SignalTold) -> tuple[SignalView, ...] | Refusal:
        """Apply what people tell of a signal; what it is now where they mean it, or why it is not accepted."""
        self.reached = max(self.reached, event.at)
        return self.floor.signals.hear(event, self.floor.chronicle)

    def count_contacts(self, event: ChannelContactsTold) -> tuple[TakenOrNot, ...]:
        """Apply what somebody tells of contacts of other channels; what each counts as, or why it does not."""
        self.reached = max(self.reached, event.at)
        return self.channel_contacts.hear(event, self.contract, self.floor.counters)

    def tell(self) -> list[Question]:
        """Apply the next event that a log tells of a gap, or the next part of a day, if there is one."""
        if self._told is None:
            return []
        try:
            event = next(self._told)
        except StopIteration:
            self._told = None
            return []
        return [] if event is None else self.apply(event)

    def finish(self) -> None:
        """Whoever told a gap is gone: all of it is told, and ended by the snapshot it was told for, so that nobody tells it again."""
        while self.telling:
            self.tell()
        for snapshot in list(self._ends.values()):
            self.apply(snapshot)

    def advance(self, at: int) -> None:
        """Let time pass: the plan, due timers and open spans."""
        self.reached = max(self.reached, at)
        self._pass_plan(at)
        self.floor.advance(at)
        self.floor.signals.advance(at, self.floor.chronicle)
        if not self.telling:
            self.floor.ledger.tell_late(LATE)
            self.incidents.advance(self.floor.now, self.contract, self.floor)

    def judge_projects(self, at: int) -> None:
        """Judge the projects whose turn it is, as they are now."""
        if self.telling:
            return
        part = self.accruals.turn(self.contract)
        second = self._second(self.floor.glimpse(at, [project.name for project in part], people=False), {})
        self.accruals.judge_projects(replace(second, serving=serving(self.floor.staff)), part)

    def judge_people(self, at: int, offsets: Mapping[str, int]) -> None:
        """Judge the groups as they are now, and the PBXs' clocks, which are `offsets` from ours."""
        if not self.telling:
            self.accruals.judge_people(self._second(self.floor.glimpse(at, (), people=True), offsets))

    def reckon_projects(self, at: int) -> None:
        """Reckon the money of the projects whose turn it is."""
        if not self.telling:
            self.takings.reckon_projects(self._accounts(at))

    def reckon_site(self, at: int) -> None:
        """Sum the money up, and judge it."""
        if not self.telling:
            self.takings.reckon_site(self._accounts(at))
            self.accruals.judge_money(self.takings.money, self.contract, max(at, self.floor.now))

    def _accounts(self, at: int) -> Accounts:
        ledger = self.floor.ledger
        return Accounts(max(at, self.floor.now), self.contract, ledger.projects, ledger.groups, self.plan, self.incidents.all(self.contract))

    def _second(self, snapshot: Snapshot, offsets: Mapping[str, int]) -> Second:
        floor = self.floor
        return Second(snapshot, floor.ledger, self.contract, self.plan, self.incidents.all(self.contract), offsets, floor.refusals, floor.trunks)

    def close_books(self) -> None:
        """Hand the store all that waits to be added to its minutes: it is about to be closed."""
        self.floor.ledger.tell_late()

    def shift(self, moved: int) -> None:
        """Civil time stepped: instants move with it, durations stay."""
        self.clock_steps += 1
        self.started_at += moved
        self.reached += moved
        self.floor.shift(moved)
        self.floor.signals.shift(moved)
        self.incidents.shift(moved)
        self.results.shift(moved)
        self.channel_contacts.shift(moved)
        self._planned_from = {project: at + moved for project, at in self._planned_from.items()}
        self._meter = PlanMeter(self.plan, self._meter.at + moved)
        self._outbound = PlanMeter(self.plan, self._outbound.at + moved, Direction.OUTBOUND)
        self._ends = {pbx: _moved(snapshot, moved) for pbx, snapshot in self._ends.items()}
        self.accruals.shift(moved)

    def change(self, contract: Contract, plan: Plan, at: int) -> None:
        """Another contract and plan are in force from `at` on; what passed of the plan until then was the old one's."""
        self.advance(at)
        at = self.floor.now
        self._planned_from.update(dict.fromkeys(contract.project.keys() - self.contract.project.keys(), at))
        self._plan_told |= self.contract.project.keys() - contract.project.keys()  # one that returns has passed its morning
        self.floor.change(contract, at)
        self.floor.attempts.note_signals()
        self.floor.signals.change(at, contract.signals, self.floor.chronicle)
        self._ends = {pbx: snapshot for pbx, snapshot in self._ends.items() if pbx in contract.pbxs}
        for meter in (self._meter, self._outbound):
            meter.replace(plan, at)
        self.accruals.agree(contract)
        self.takings.agree(contract)

    def learn(self, facts: Facts) -> None:
        """What the daemon says of itself has changed."""
        self.facts.update(facts)

    def remember(self, days: Mapping[tuple[str, str], Mapping[int, Sequence[int]]]) -> None:
        """What a store knows of days before this floor's first, by project or group; what the books know themselves they know better."""
        for (of, name), sums in days.items():
            book = (self.floor.ledger.projects if of == "project" else self.floor.ledger.groups).get(name)
            if book is not None:
                book.remember(sums)
                self.takings.remember(book.date)

    def redo(self, step: Event | int | tuple[Any, ...]) -> None:
        """Repeat an operation: an event, an instant, or the operation's name and arguments."""
        if isinstance(step, int):
            self.advance(step)
        elif isinstance(step, Event):
            self.apply(step)
        else:
            name, *arguments = step
            REPEATED[name](self, *arguments)

    # --- the plan -------------------------------------------------------------------------------------------------------------------

    def _pass_plan(self, at: int) -> None:
        for project, minute, planned in self._meter.advance(at):
            self._passed(project, minute, planned)
        for project, minute, planned in self._outbound.advance(at):
            self._outbound_passed(project, minute, planned)

    def _observe_plan(self) -> None:
        """The plan of minutes that a log has told is observed after all."""
        told, self.floor.hindsight.told = self.floor.hindsight.told, []
        for project, minute, calls_u, handle_us in told:
            self.floor.expected.observed(project, minute, calls_u, handle_us)

    def _take(self, event: PastTold) -> Iterator[None]:
        """A told day and its plan, in parts."""
        yield from self.floor.take(event)
        for number, (tell, project, minute, planned) in enumerate(self._plan_of(event.past)):
            tell(project, minute, planned)
            if number % PART == 0:
                yield

    def _plan_of(self, past: Past) -> Iterator[tuple[Callable[[str, int, Planned], None], str, int, Planned]]:
        """The plan of a time that a log has told: what no tick has passed, and what is observed now that all PBXs of a project have told it."""
        plan = self._meter.plan
        for project in self.contract.projects:
            if past.pbx not in self.contract.pbxs_of[project.name]:
                continue
            if project.name not in self._plan_told:
                self._plan_told.add(project.name)
                until = self._planned_from.get(project.name, self.started_at)
                for minute, planned in plan.minutes(project.name, past.since, until):  # not observed yet: its snapshot comes next
                    yield self._passed, project.name, minute, planned
                for minute, planned in plan.minutes(project.name, past.since, until, Direction.OUTBOUND):
                    yield self._outbound_passed, project.name, minute, planned
            for minute, planned in plan.minutes(project.name, *(self.floor.pasts.observed((project,)) or (0, 0))):
                yield self._observed, project.name, minute, planned

    def _passed(self, project: str, minute: int, planned: Planned) -> None:
        self.floor.expected.passed(project, minute, planned.calls_u, planned.handle_us, planned.agent_us or 0)

    def _outbound_passed(self, project: str, minute: int, planned: Planned) -> None:
        contacts_u, results_u, agents_us = (one or 0 for one in (planned.contacts_u, planned.results_u, planned.agent_us))
        self.floor.expected.outbound_passed(project, minute, Outgoing(planned.calls_u, contacts_u, planned.handle_us, results_u, agents_us))

    def _observed(self, project: str, minute: int, planned: Planned) -> None:
        self.floor.expected.observed(project, minute, planned.calls_u, planned.handle_us)


def _moved(snapshot: SnapshotTaken, us: int) -> SnapshotTaken:
    """The same on a clock that has stepped by so much."""

    def later(at: int | None) -> int | None:
        return None if at is None else at + us

    members = (replace(one, at=one.at + us, last_pause_at=later(one.last_pause_at), last_call_at=later(one.last_call_at)) for one in snapshot.members)
    channels = (replace(one, answered_at=later(one.answered_at)) for one in snapshot.channels)
    listed_at = snapshot.listed_at + us if snapshot.listed_at else 0
    return replace(snapshot, at=snapshot.at + us, members=tuple(members), channels=tuple(channels), listed_at=listed_at)


REPEATED: Mapping[str, Callable[..., object]] = {
    "tell": Keeping.tell,
    "judge_projects": Keeping.judge_projects,
    "judge_people": Keeping.judge_people,
    "reckon_projects": Keeping.reckon_projects,
    "reckon_site": Keeping.reckon_site,
    "shift": Keeping.shift,
    "change": Keeping.change,
    "close_books": Keeping.close_books,
    "learn": Keeping.learn,
    "remember": Keeping.remember,
}
