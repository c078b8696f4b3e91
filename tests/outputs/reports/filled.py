"""A small store that a test fills by hand, through the writer: minutes, spans, contacts, corrections. Nothing is asserted in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.core.amendment import HOURS, Amendment
from monitor.core.book import GROUP_WIDTH, STATE_INDEX, MinuteTold, minutes_of
from monitor.core.chronicle import AgentSpan, AttemptEnded, ContactEnded, Corrected, RingNoAnswer
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Language, PauseClass, PauseReason, Person, Project, QueueId
from monitor.core.pay import Multipliers, Pay, Wage
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import PerMinute, Tariff
from monitor.outputs.reports.asked import Asked
from monitor.state.store import migrations
from monitor.state.store.amending import add
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally
from monitor.state.store.writer import Batch, write

KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = date(2026, 11, 2)
TARIFF = Tariff(date(2026, 1, 1), per_minute=PerMinute(Decimal("4.50")))
PEOPLE = (Person("1042", "Olena", ("PJSIP/42",), "floor"), Person("1043", "=Petro", ("PJSIP/43",), "floor"))
REASONS = (PauseReason("lunch", PauseClass.UNPAID), PauseReason("break", PauseClass.PAID))


def site(*, language: Language = Language.ENGLISH, interval: int = 30, tariffs: tuple[Tariff, ...] = (TARIFF,)) -> Contract:
    """Two projects in one group."""
    projects = (
        Project("bank-line", "Bank", "floor", (QueueId("pbx1", "bank"),), KYIV, tariffs=tariffs),
        Project("shop-line", "Shop", "floor", (QueueId("pbx1", "shop"),), KYIV),
    )
    pay = Pay((Wage(Decimal(180), group="floor"),), Multipliers(night=Decimal("1.2")))
    return Contract("kyiv-1", KYIV, language, interval * MINUTE, groups=(Group("floor", pause_reasons=REASONS),), projects=projects, people=PEOPLE, pay=pay)


def at(clock: str, day: date = MONDAY, fold: int = 0) -> int:
    """An instant by Kyiv's clock."""
    return int(datetime.combine(day, time.fromisoformat(clock), tzinfo=KYIV).replace(fold=fold).timestamp()) * SECOND


@dataclass
class Filled:
    """What goes into the store."""

    contract: Contract
    projects: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    groups: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    details: list[AgentSpan | AttemptEnded | ContactEnded | Corrected | RingNoAnswer] = field(default_factory=list)

    def observe(self, start: int, end: int) -> Filled:
        """Everything is seen, and nothing happens."""
        for minute in range(start, end, MINUTE):
            for project in self.contract.projects:
                self.count(project.name, minute, {Cell.OBSERVED_US: MINUTE})
        return self

    def count(self, project: str, when: int, cells: Mapping[Cell, int]) -> Filled:
        """Add to the cells of a minute."""
        row = self.projects.setdefault((project, when - when % MINUTE), [0] * len(Cell))
        for cell, amount in cells.items():
            row[cell] += amount
        return self

    def plan(self, project: str, start: int, end: int, calls: int, aht_s: int) -> Filled:
        """So many contacts planned, evenly."""
        minutes = (end - start) // MINUTE
        each = calls * 1_000_000 // minutes
        for minute in range(start, end, MINUTE):
            cells = {Cell.PLAN_CALLS: each, Cell.PLAN_HANDLE: each * aht_s, Cell.PLAN_OBSERVED_CALLS: each, Cell.PLAN_OBSERVED_HANDLE: each * aht_s}
            self.count(project, minute, cells)
        return self

    def span(self, person: str, start: int, end: int, state: State, project: str | None = None, reason: str = "") -> Filled:
        """Somebody's time, in the group's book too."""
        self.details.append(AgentSpan(person, start, end, "floor", state.value, project, reason))
        cell = {State.TALK: Cell.TALK_US, State.HOLD: Cell.HOLD_US, State.WRAPUP: Cell.WRAPUP_US}.get(state)
        for minute, us in minutes_of(start, end):
            row = self.groups.setdefault(("floor", minute), [0] * GROUP_WIDTH)
            row[STATE_INDEX[state]] += us
            row[len(State) + 1 + STATE_INDEX[state]] += us
            if cell is not None and project is not None:
                self.count(project, minute, {cell: us, Cell.CARRIED_SEEN_US: us})
        return self

    def call(self, project: str, joined: int, wait_s: int, talk_s: int, wrapup_s: int = 0, person: str = "1042") -> Filled:
        """A contact that was answered and finished, and the time of whoever did it."""
        answered, talked = joined + wait_s * SECOND, joined + (wait_s + talk_s) * SECOND
        ended = talked + wrapup_s * SECOND
        if wait_s:
            self.span(person, joined, answered, State.RING, project)
        self.span(person, answered, talked, State.TALK, project)
        if wrapup_s:
            self.span(person, talked, ended, State.WRAPUP, project)
        self.count(project, joined, {Cell.CONTACTS: 1, Cell.CONTACTS_SEEN: 1, Cell.ANSWERED: 1, Cell.IN_THRESHOLD: int(wait_s <= 20)})
        self.count(project, ended, {Cell.HANDLED: 1, Cell.HANDLED_US: ended - answered})
        told = ContactEnded(project, "pbx1", f"{joined // SECOND}.1", joined, wait_s * SECOND, 1, "answered", ended, ended - answered)
        self.details.append(told._replace(agent=person, talk_us=talk_s * SECOND, connected_us=talk_s * SECOND))
        return self

    def let_pass(self, person: str, when: int) -> Filled:
        """Somebody let a caller ring in vain."""
        self.details.append(RingNoAnswer(person, when, "pbx1", "1.1", "bank", "bank-line", "floor"))
        return self

    def lose(self, project: str, joined: int, cell: Cell = Cell.ABANDONED) -> Filled:
        """A contact that was not answered."""
        return self.count(project, joined, {Cell.CONTACTS: 1, Cell.CONTACTS_SEEN: 1, cell: 1})

    def write(self, place: Place) -> None:
        """All of it, as the clerk does."""
        with place.open(alone=True) as opened:
            with opened.connection.begin():
                migrations.migrate(opened.connection, place.shown)
            clock = {one.name: one for one in self.contract.projects}
            told = [
                MinuteTold(of, name, minute, clock.get(name, self.contract.projects[0]).interval_start(minute, self.contract.interval_us), tuple(sums), 0)
                for of, shelf in (("project", self.projects), ("group", self.groups))
                for (name, minute), sums in shelf.items()
            ]
            assert write(opened.connection, Batch(1, minutes=told, details=self.details)) == 0


def two_days(contract: Contract | None = None) -> Filled:
    """A Monday with work, over whose midnight somebody talks, and a Tuesday with little."""
    tuesday = date(2026, 11, 3)
    filled = Filled(contract or site()).observe(at("09:00"), at("12:00")).observe(at("23:30"), at("00:30", tuesday))
    filled.plan("bank-line", at("09:00"), at("11:00"), 6, 180)
    filled.span("1042", at("09:00"), at("09:10"), State.AVAILABLE)
    filled.call("bank-line", at("09:10"), 10, 180, 15)
    filled.call("bank-line", at("09:28"), 30, 240, 15)
    filled.span("1042", at("09:33"), at("10:00"), State.AVAILABLE)
    filled.span("1042", at("10:00"), at("10:30"), State.PAUSED, reason="lunch")
    filled.lose("bank-line", at("10:05")).lose("bank-line", at("10:06"), Cell.SHORT)
    filled.let_pass("1042", at("10:05")).let_pass("1042", at("10:05")).let_pass("1043", at("00:10", tuesday))
    filled.call("shop-line", at("10:40"), 5, 60, 10, "1043")
    filled.call("shop-line", at("23:50"), 0, 1_200, 0, "1043")
    filled.details.append(Corrected(at("11:00"), "pbx1", "bank-line", "visit", "1.1", "unresolved", "abandoned", "queue_log says so", at("10:30"), "queue_log"))
    return filled


def put_right(place: Place, person: str, day: date, project: str, kind: str, seconds: int, *, made_at: int = 0, was: int = 0) -> None:
    """Somebody's hours, by hand."""
    at_midnight = at("00:00", day)
    draft = Amendment(0, made_at or at_midnight, at_midnight, "olha", "forgot to log in", HOURS, project, f"{was}", f"{was + seconds}")
    done = draft._replace(person=person, day=day.isoformat(), kind=kind, time_us=seconds * SECOND)
    add(place, done, lambda _: done)


@contextmanager
def asked(place: Place, contract: Contract, first: date = MONDAY, last: date | None = None, project: str = "") -> Iterator[tuple[Asked, Reader]]:
    """The store, open, and what is asked of it."""
    reader = Reader.of(place, current=True)
    try:
        whose = tuple(one for one in contract.projects if project in ("", one.name))
        yield Asked(contract, first, last or first, whose, Tally(reader).written_until(), whole=not project), reader
    finally:
        reader.close()
