"""The past of every project, as a source has it: queue_log of each PBX, Master.csv of each PBX, or the store.

Owns the way from rows to counts: whose call a row is, several PBXs in one order of time, how long nobody called, and what has to be said of
the source. Callers' numbers are compared in memory and go nowhere. Refuses arithmetic on the counts (`plan`). Next: `building`.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from monitor.config import Config
from monitor.core.contract import MINUTE, SECOND, Contract, Project, QueueId
from monitor.core.incidents import Incident
from monitor.core.snapshot import Cell
from monitor.core.story import TALK_ENDS
from monitor.errors import BadOption, LogUnreadable
from monitor.plan.demand import LONGEST_CALL_US, Demand, Lately
from monitor.plan.history import DAY_US, SILENCE_US, talk_of
from monitor.plan.seen import Counted
from monitor.plan.silence import SHORTEST_US
from monitor.plural import counted
from monitor.sources import cdr, queue_log
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader

SOURCES = ("queue_log", "cdr", "store")
BEFORE_US = 4 * DAY_US  # rows before the first whole day prove that it is one, over a long weekend too
Progress = Callable[[float], None]

_WANTED = re.compile(rb"\|(?:ENTERQUEUE|COMPLETECALLER|COMPLETEAGENT|BLINDTRANSFER|ATTENDEDTRANSFER|DID)\|")
_OFTEN = 4096  # rows between two looks at how far it is
_SAME, _FEW = 0.4, 10  # of calls that are redials: more is a trunk that shows one number for all


class Row(NamedTuple):
    """What one row says: when, on which PBX, and of which call."""

    at: int
    pbx: str
    verb: str
    call: str
    queue: str
    text: str = ""  # of an entry the caller's number, of a DID what was dialled
    talk_s: int | None = None


@dataclass(slots=True)
class Past:
    """What a source knows: counts by project, spans without a caller and unread ones by PBX, each PBX's part of a project, and sentences on the source."""

    counted: dict[str, Counted] = field(default_factory=dict)
    quiet: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    holes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # by PBX, from the row before a part that cannot be read to the first after it
    without: dict[str, str] = field(default_factory=dict)  # by project, why nothing is made of what is known of it
    parts: Counter[tuple[str, str]] = field(default_factory=Counter)  # contacts by project and PBX
    redials: dict[str, tuple[int, int]] = field(default_factory=dict)  # by project: how many, of how many calls
    tells_aht: bool = True
    incidents: tuple[Incident, ...] = ()  # announced ones and those that were told
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Taking:
    """Rows being taken in, in order of time."""

    contract: Contract
    now: int
    once: bool
    source: str
    sources: frozenset[str]  # PBXs that have one
    demands: dict[str, Demand]
    past: Past = field(default_factory=Past)
    first: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    called: dict[str, int] = field(default_factory=dict)  # when somebody entered a queue last, by PBX
    dids: Lately[str] = field(default_factory=lambda: Lately(LONGEST_CALL_US))  # what was dialled, by call
    undecided: int = 0
    shared: frozenset[tuple[str, str]] = frozenset()
    owners: dict[tuple[str, str], Project | None] = field(default_factory=dict)  # of queues that are not

    @classmethod
    def of(cls, contract: Contract, now: int, source: str, sources: Iterable[str], *, once: bool) -> _Taking:
        demands = {project.name: Demand(project, contract.interval_us, once=once) for project in contract.projects}
        shared = frozenset((queue.pbx, queue.name) for project in contract.projects if project.dids for queue in project.queues)
        return cls(contract, now, once, source, frozenset(sources), demands, shared=shared)

    def take(self, rows: Iterator[Row], since: int, progress: Progress) -> None:
        for number, row in enumerate(rows):
            if not number % _OFTEN:
                progress(min(1.0, max(0.0, (row.at - since) / (self.now - since))))
            if row.at > self.last.get(row.pbx, -1):
                self.first.setdefault(row.pbx, row.at)
                self.last[row.pbx] = row.at
            if row.verb == "DID":
                if self.shared:
                    self.dids.put(f"{row.pbx}/{row.call}", row.text, row.at)
            elif row.verb == "ENTERQUEUE":
                self._entered(row)
            elif row.talk_s is not None and (project := self._project(row)) is not None:
                self.demands[project.name].talked(row.at, f"{row.pbx}/{row.call}", row.talk_s)
        progress(1.0)

    def _project(self, row: Row) -> Project | None:
        key = row.pbx, row.queue
        if key in self.shared:
            return self.contract.project_for(QueueId(*key), self._did(row) or "")
        if key not in self.owners:
            self.owners[key] = self.contract.project_for(QueueId(*key))
        return self.owners[key]

    def _did(self, row: Row) -> str | None:
        return self.dids.get(f"{row.pbx}/{row.call}", row.at)

    def _entered(self, row: Row) -> None:
        self._quiet(row.pbx, row.at)
        self.called[row.pbx] = row.at
        if (row.pbx, row.queue) in self.shared and self._did(row) is None:
            self.undecided += 1
            return
        if (project := self._project(row)) is not None:
            self.past.parts[project.name, row.pbx] += 1
            self.demands[project.name].entered(row.at, f"{row.pbx}/{row.call}", row.text)

    def _quiet(self, pbx: str, at: int) -> None:
        before = self.called.get(pbx, self.first.get(pbx, at))
        if at - before >= SHORTEST_US:
            self.past.quiet.setdefault(pbx, []).append((before, at))

    def done(self) -> Past:
        """What came of it. A source that ends long before now has ended; one that is merely quiet goes on."""
        past = self.past
        until = {pbx: self.now if self.now - last <= SILENCE_US else last for pbx, last in self.last.items()}
        for pbx, end in until.items():
            self._quiet(pbx, end)
        for name, demand in self.demands.items():
            pbxs = self.contract.pbxs_of[name] & self.first.keys()
            if blank := self.contract.pbxs_of[name] - self.sources:
                past.without[name] = (
                    f"its queues are on {', '.join(sorted(self.contract.pbxs_of[name]))}, and {', '.join(sorted(blank))} has no {self.source}: "
                    f"a plan of the rest would be too small; set {self.source} there, or build from another source"
                )
            elif pbxs and demand.contacts:
                since, end = max(self.first[pbx] for pbx in pbxs), min(until[pbx] for pbx in pbxs)
                past.counted[name] = Counted(since, end, demand.contacts, demand.handled, demand.handle_us)
                past.redials[name] = demand.redials, demand.calls
                if demand.redials > max(_FEW, _SAME * demand.calls):
                    past.remarks.append(
                        f"{name}: {demand.redials} of {counted(demand.calls, 'call')} are by a number that called within ten minutes before; "
                        "if the trunk shows one number for all callers, give --no-redials"
                    )
        for pbx in sorted(self.sources - self.first.keys()):
            past.remarks.append(f"{pbx}: its {self.source} has no row of these weeks, so nobody called there")
        if self.undecided:
            past.remarks.append(f"{counted(self.undecided, 'call')} entered a queue that projects share and no DID row tells them apart: left out")
        return past


def from_queue_log(loaded: Config, since: int, now: int, progress: Progress, *, once: bool = True) -> Past:
    """Of every PBX that has a queue_log, rotated files included."""
    files = {pbx.name: Path(pbx.queue_log) for pbx in loaded.pbxs if pbx.queue_log}
    if not files:
        raise BadOption('--from queue_log: no [[pbx]] names one; set queue_log = "/var/log/asterisk/queue_log", or build from cdr or store')
    for file in files.values():
        queue_log.check(file)
    read = [_Log(name, file, since, now) for name, file in files.items()]
    taking = _Taking.of(loaded.contract, now, "queue_log", files, once=once)
    taking.take(_merged([log.rows() for log in read]), since, progress)
    _refuse_empty(taking, files, since, now)
    past = taking.done()
    for log in read:
        past.remarks += _unread(log.problems)
        past.holes[log.pbx] = log.holes
    return past


@dataclass(slots=True)
class _Log:
    """One PBX's queue_log; what of it cannot be read, and when that was, grow while its rows are taken."""

    pbx: str
    file: Path
    since: int
    now: int
    problems: list[str] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Its rows in order."""
        last, told = self.since, 0
        for row in queue_log.read(self.file, self.since // SECOND, _WANTED, self.problems):
            at = row.at_s * SECOND
            if len(self.problems) > told:
                told = len(self.problems)
                self.holes.append((last, at))
            last = at
            if row.verb == "ENTERQUEUE":
                yield Row(at, self.pbx, row.verb, row.call, row.queue, row.data[1] if len(row.data) > 1 else "")
            elif row.verb in TALK_ENDS:
                yield Row(at, self.pbx, row.verb, row.call, row.queue, talk_s=talk_of(row))
            else:
                yield Row(at, self.pbx, row.verb, row.call, row.queue, row.data[0] if row.data else "")
        if len(self.problems) > told:
            self.holes.append((last, self.now))


def from_cdr(loaded: Config, since: int, now: int, progress: Progress, *, once: bool = True) -> Past:
    """Of every PBX that has a Master.csv, rotated files included."""
    named = {pbx.name: pbx.cdr for pbx in loaded.pbxs if pbx.cdr}
    if not named:
        raise BadOption('--from cdr: no [[pbx]] names one; set cdr = "/var/log/asterisk/cdr-csv/Master.csv", or build from queue_log or store')
    for pbx, text in named.items():
        if "://" in text:
            raise BadOption(f"--from cdr: the cdr of {pbx} is a database; plan build reads Master.csv files, or builds from queue_log or store")
        cdr.check(Path(text))
    read = {pbx: cdr.Records(Path(text), loaded.contract.zone, since) for pbx, text in named.items()}
    taking = _Taking.of(loaded.contract, now, "cdr", named, once=once)
    rows = [_cdr_rows(pbx, records) for pbx, records in read.items()]
    taking.take(_merged(rows), since, progress)
    _refuse_empty(taking, {pbx: records.file for pbx, records in read.items()}, since, now)
    past = taking.done()
    past.tells_aht = False
    past.remarks.append("a CDR does not tell talk from waiting: handle times are each project's aht_seconds; a contact counts when its call came")
    for pbx, records in read.items():
        past.holes[pbx] = [(start, now if end is None else end) for start, end in records.holes]
        if records.broken:
            past.remarks.append(f"{records.file}: {records.broken} of {counted(records.read, 'line')} are no records: left out")
        if records.undated:
            past.remarks.append(
                f"{records.file}: {counted(records.undated, 'record')} without a uniqueid: counted by their start in {loaded.contract.zone}, "
                "each by itself; loguniqueid = yes in cdr.conf"
            )
        past.remarks += _unread(records.problems)
    return past


def from_store(loaded: Config, since: int, now: int, progress: Progress, *, once: bool = True) -> Past:
    """What the daemon has seen itself: contacts of observed time."""
    if not loaded.store.url:
        raise BadOption(f'--from store: [store] url = "" in {loaded.file} keeps nothing; name a store there, or build from queue_log or cdr')
    past = Past()
    reader = Reader.of(Place(loaded.store.url))
    length_us = loaded.contract.interval_us
    try:
        for number, project in enumerate(loaded.contract.projects):
            progress(number / len(loaded.contract.projects))
            sums: dict[Cell, Counter[int]] = {cell: Counter() for cell in (Cell.CONTACTS_SEEN, Cell.HANDLED, Cell.HANDLED_US, Cell.OBSERVED_US)}
            for interval in reader.intervals("project", project.name, since, now):
                if interval.minutes * MINUTE <= length_us:  # a longer one is of a time when intervals were longer
                    for cell, counts in sums.items():
                        counts[project.interval_start(interval.start, length_us)] += interval.sums[cell]
            seen = sums[Cell.OBSERVED_US]
            if sums[Cell.CONTACTS_SEEN].total():
                until = max(seen) + length_us
                past.counted[project.name] = Counted(
                    min(seen), until, sums[Cell.CONTACTS_SEEN], sums[Cell.HANDLED], sums[Cell.HANDLED_US], {at: min(us, length_us) for at, us in seen.items()}
                )
    finally:
        reader.close()
    progress(1.0)
    if once:
        past.remarks.append("the store knows no callers' numbers: who called again within ten minutes counts twice, as on the board")
    return past


def _refuse_empty(taking: _Taking, files: dict[str, Path], since: int, now: int) -> None:
    if not taking.called:
        days = (now - since - BEFORE_US) // DAY_US
        raise LogUnreadable(", ".join(map(str, files.values())), f"no caller entered a queue in the last {days} days; name another file, or give more --weeks")


def _merged(streams: Sequence[Iterator[Row]]) -> Iterator[Row]:
    """Several PBXs' rows in one order of time."""
    return streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda row: row.at)


def _cdr_rows(pbx: str, records: cdr.Records) -> Iterator[Row]:
    for call in records.calls():
        yield Row(call.at, pbx, "ENTERQUEUE", call.call, call.queue, call.number)


def _unread(problems: Sequence[str]) -> list[str]:
    return [f"{problem.partition(';')[0]}; what it held counts as not seen" for problem in problems]
