"""A month of a large site in a store, made without a floor: 500 people in 10 groups, 50 projects, 22 working days, the same whenever it is made.

Some 300,000 contacts, 1.5 million spans and 1.5 million attempts, and intervals that are the sums of just the contacts and spans. Each report is then made
in a process of its own, as a command is, from SQLite and from PostgreSQL: seconds on the clock from its start to its end, and its own of the processor, to
which a server adds its own. A table, never an assertion.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table

from monitor.core.contract import MINUTE, SECOND, Contract, Group, PauseClass, PauseReason, Person, Project, QueueId
from monitor.core.pay import Multipliers, Pay, Wage
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import PerCall, PerMinute, Tariff
from monitor.outputs.reports import agents, day, payroll, signals
from monitor.outputs.reports.asked import Asked, silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.reporting import making
from monitor.reporting.making import Maker
from monitor.state.store import migrations, schema
from monitor.state.store.place import Place
from monitor.state.store.statements import upsert
from monitor.state.store.tally import Tally
from tests.bench import dialled, statements

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
KYIV = ZoneInfo("Europe/Kyiv")
GROUPS, PEOPLE, PROJECTS, CALLS = 10, 500, 50, 27
HALF = 30 * MINUTE
HEAD = ("report", "seconds", "CPU seconds", "peak MB", "KB of output")
_STATE = {state.value: number for number, state in enumerate(State)}
_SEEN = len(State) + 1
_TARIFF = Tariff(date(2026, 1, 1), per_minute=PerMinute(Decimal("4.50"), increment_s=1))
_CALL_TARIFF = Tariff(date(2026, 1, 1), per_call=PerCall(Decimal("9.00")))


def contract() -> Contract:
    """The site."""
    reasons = (PauseReason("lunch", PauseClass.UNPAID), PauseReason("break", PauseClass.PAID))
    groups = tuple(Group(f"group-{number}", pause_reasons=reasons) for number in range(GROUPS))
    projects = tuple(
        Project(
            f"project-{number:02}",
            f"Client {number}",
            f"group-{number % GROUPS}",
            (QueueId("pbx1", f"queue-{number}"),),
            KYIV,
            tariffs=(_CALL_TARIFF if number % 2 else _TARIFF,),
        )
        for number in range(PROJECTS)
    )
    people = tuple(Person(f"{1000 + number}", f"Agent {number}", (f"PJSIP/{1000 + number}",), f"group-{number % GROUPS}") for number in range(PEOPLE))
    pay = Pay(
        tuple(Wage(Decimal(180), group=one.name) for one in groups), Multipliers(night=Decimal("1.2"), overtime=Decimal(2), overtime_after_us=8 * 60 * MINUTE)
    )
    return Contract("large", KYIV, groups=groups, projects=projects, people=people, pay=pay)


def fill(place: Place, site: Contract) -> dict[str, int]:
    """Write the month; how many rows there are of what."""
    month = _Month(site)
    with place.open(alone=True) as opened:
        with opened.connection.begin():
            migrations.migrate(opened.connection, place.shown)
        indices = [index for table in (schema.agent_spans, schema.contacts, schema.attempts) for index in table.indexes]
        with opened.connection.begin():
            for index in indices:  # quicker made of all rows at once
                index.drop(opened.connection)
        counts = {"spans": 0, "contacts": 0, "attempts": 0}
        for person in site.people:
            spans, contacts = month.person(person)
            attempts = dialled.rows(person, site.projects_of[person.group or ""], month.openings())
            with opened.connection.begin():
                _write(opened.connection, schema.agent_spans, spans)
                _write(opened.connection, schema.contacts, contacts)
                _write(opened.connection, schema.attempts, attempts)
            counts["spans"] += len(spans)
            counts["contacts"] += len(contacts)
            counts["attempts"] += len(attempts)
        with opened.connection.begin():
            for index in indices:
                index.create(opened.connection)
            for table, rows in month.intervals():
                _write(opened.connection, table, rows)
        with opened.connection.begin():
            opened.connection.exec_driver_sql("ANALYZE")  # as a server does by itself
    return counts


def _write(connection: Connection, table: Table, rows: list[tuple[object, ...]]) -> None:
    """In the way that is quickest there."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(upsert(table, "sqlite"), rows)
        return
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


class _Month:
    """Everybody's days, and the half-hours they add up to."""

    def __init__(self, site: Contract) -> None:
        self._site = site
        self._random = Random(1)
        self._days = [day for number in range(31) if (day := FIRST + timedelta(days=number)).weekday() < 5]
        self._projects: dict[tuple[str, int], list[int]] = {}
        self._groups: dict[tuple[str, int], list[int]] = {}
        self._calls = 0

    def openings(self) -> list[int]:
        """When each working day begins."""
        return [self._site.projects[0].starts_on(day_) + 9 * 60 * MINUTE for day_ in self._days]

    def person(self, person: Person) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        spans: list[tuple[object, ...]] = []
        contacts: list[tuple[object, ...]] = []
        for opening in self.openings():
            self._day(person, opening + self._random.randrange(10 * MINUTE), spans, contacts)
        return spans, contacts

    def _day(self, person: Person, at: int, spans: list[tuple[object, ...]], contacts: list[tuple[object, ...]]) -> None:
        group, chance = person.group or "", self._random
        pool = self._site.projects_of[group]

        def spend(state: State, project: str | None, us: int, reason: str = "") -> None:
            nonlocal at
            spans.append((person.id, at, at + us, group, state.value, project, reason, 0))
            self._spend(group, state, project, at, at + us)
            at += us

        for number in range(CALLS):
            whose = chance.choice(pool)
            spend(State.AVAILABLE, None, chance.randrange(120 * SECOND, 1_100 * SECOND))
            joined = at
            wait, talk, hold, wrapup = (chance.randrange(low * SECOND, high * SECOND) for low, high in ((2, 30), (30, 400), (1, 20), (5, 40)))
            spend(State.RING, whose.name, wait)
            spend(State.TALK, whose.name, talk)
            spend(State.HOLD, whose.name, hold)
            spend(State.WRAPUP, whose.name, wrapup)
            self._calls += 1
            handle = talk + hold + wrapup
            told = ("answered", at, handle, whose.queues[0].name, person.id, talk, hold, talk + hold, "", "")
            contacts.append((whose.name, "pbx1", f"{joined // SECOND}.{self._calls}", joined, wait, 1, *told))
            self._count(whose.name, joined, ((Cell.CONTACTS, 1), (Cell.CONTACTS_SEEN, 1), (Cell.ANSWERED, 1), (Cell.IN_THRESHOLD, int(wait <= 20 * SECOND))))
            self._count(whose.name, at, ((Cell.HANDLED, 1), (Cell.HANDLED_US, handle)))
            if number == CALLS // 2:
                spend(State.PAUSED, None, 30 * MINUTE, "lunch")
            elif number % 9 == 5:
                spend(State.PAUSED, None, 10 * MINUTE, "break")

    def _spend(self, group: str, state: State, project: str | None, start: int, end: int) -> None:
        cell = {State.TALK: Cell.TALK_US, State.HOLD: Cell.HOLD_US, State.WRAPUP: Cell.WRAPUP_US}.get(state)
        while start < end:
            stop = min(end, start - start % HALF + HALF)
            key = group, start - start % HALF
            row = self._groups.get(key) or self._groups.setdefault(key, [0] * len(schema.GROUP_SUMS))
            row[_STATE[state]] += stop - start
            row[_SEEN + _STATE[state]] += stop - start
            if cell is not None and project is not None:
                self._count(project, start, ((cell, stop - start), (Cell.CARRIED_SEEN_US, stop - start)))
            start = stop

    def _count(self, project: str, at: int, amounts: tuple[tuple[Cell, int], ...]) -> None:
        key = project, at - at % HALF
        row = self._projects.get(key) or self._projects.setdefault(key, [0] * len(Cell))
        for cell, amount in amounts:
            row[cell] += amount

    def intervals(self) -> Iterator[tuple[Table, list[tuple[object, ...]]]]:
        edges = [self._site.projects[0].starts_on(FIRST), self._site.projects[0].starts_on(LAST + timedelta(days=1))]
        starts = range(edges[0], edges[1], HALF)
        rows: list[tuple[object, ...]] = []
        for project in self._site.projects:
            for at in starts:
                sums = self._projects.get((project.name, at), [0] * len(Cell))
                sums[Cell.OBSERVED_US] = HALF
                calls = sums[Cell.CONTACTS] * 1_000_000
                for cell, amount in (
                    (Cell.PLAN_CALLS, calls),
                    (Cell.PLAN_HANDLE, calls * 180),
                    (Cell.PLAN_OBSERVED_CALLS, calls),
                    (Cell.PLAN_OBSERVED_HANDLE, calls * 180),
                ):
                    sums[cell] = amount
                rows.append((project.name, at, 30, *sums))
        yield schema.project_intervals, rows
        yield schema.group_intervals, [(group, at, 30, *sums) for (group, at), sums in sorted(self._groups.items())]
        yield schema.project_minutes, [(one.name, edges[1] - MINUTE, edges[1] - HALF, 0, 0, *([0] * len(Cell))) for one in self._site.projects]


MAKERS: dict[str, tuple[Maker, Format]] = {
    "day, by day, table": (partial(day.report, wanted=day.Wanted()), Format.TABLE),
    "day, by interval, CSV": (partial(day.report, wanted=day.Wanted(day.By.INTERVAL)), Format.CSV),
    "day, by interval, XLSX": (partial(day.report, wanted=day.Wanted(day.By.INTERVAL)), Format.XLSX),
    "agents, table": (partial(agents.report, by=agents.By.SPAN), Format.TABLE),
    "payroll, CSV": (partial(payroll.report, layout=payroll.Layout.ROWS), Format.CSV),
    "payroll, P-5, XLSX": (partial(payroll.report, layout=payroll.Layout.P5), Format.XLSX),
    "signals, JSON": (signals.report, Format.JSON),
    "agents, by day, XLSX": (partial(agents.report, by=agents.By.DAY), Format.XLSX),
}


def one(name: str, url: str) -> None:
    """Make one report and say what it took: in a process that does nothing else."""
    import resource

    content = statements.done(name, url, contract()) if name in statements.DEEDS else _made(name, url)
    sys.stdout.write(json.dumps([process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(content) / 1024]))


def _made(name: str, url: str) -> bytes:
    maker, how = MAKERS[name]
    config = statements.configured(url, contract())
    with making.reading(config) as reader:
        asked = Asked(config.contract, FIRST, LAST, config.contract.projects, Tally(reader).written_until())
        report = maker(asked, reader, silent)
    return drawn(report, how)


def table() -> list[tuple[str, ...]]:
    """A row per report, from SQLite and then from PostgreSQL."""
    import pytest

    from tests.lab.postgresql import postgresql

    rows: list[tuple[str, ...]] = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        rows += _reports("SQLite", f"sqlite:///{folder}/month.db")
    try:
        with postgresql() as server:
            rows += _reports("PostgreSQL", server.url)
    except pytest.skip.Exception as missing:
        rows.append((str(missing), "", "", "", ""))
    return rows


def _reports(where: str, url: str) -> Iterator[tuple[str, ...]]:
    began = perf_counter()
    counts = fill(Place(url), contract())
    yield f"{where}, {counts['spans']:,} spans, {counts['attempts']:,} attempts", f"{perf_counter() - began:.1f}", "", "", ""
    for name in (*MAKERS, *statements.DEEDS):
        began = perf_counter()
        done = subprocess.run([sys.executable, "-m", "tests.bench.month", name, url], check=True, capture_output=True, text=True)
        took, peak, size = json.loads(done.stdout)
        yield name, f"{perf_counter() - began:.2f}", f"{took:.2f}", f"{peak:.0f}", f"{size:.0f}"


if __name__ == "__main__":
    one(sys.argv[1], sys.argv[2])
