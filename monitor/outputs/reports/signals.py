"""The report of signals: contact rates with each of them and without, of each project, and whether the difference is more than chance.

Owns its columns, and what an hour is: a clock hour of a local day by the project's clock. A row is a signal and a project that made attempts while it was
on. Attempts of which nobody knows how they ended are in no rate. Those of a signal that is on in regions are held against others of the same region, and
those of which nobody knows where they went say nothing of it: neither that it was on for them nor that it was off. Refuses the judgement
(`assess.signals`), and causes: its last line says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from monitor.assess.contact_rate import Rate
from monitor.assess.signals import EFFECT, POWER, Association, Hour, Q, Verdict, association, verdicts
from monitor.core.contract import SECOND, Project
from monitor.outputs.reports import quality
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Cell, Column, Kind, Report, Row, Section, ratio
from monitor.outputs.reports.words import Words
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally, Tried

ALL = 100  # points
_RATE = (("attempts", Kind.COUNT), ("contacts", Kind.COUNT), ("rate", Kind.RATIO))


@dataclass(frozen=True, slots=True)
class _Tried:
    """A project's attempts, by hour and signals."""

    project: Project
    hours: Sequence[Tried]

    @property
    def attempts(self) -> int:
        return sum(hour.attempts for hour in self.hours)

    @property
    def contacts(self) -> int:
        return sum(hour.contacts for hour in self.hours)

    @property
    def unresolved(self) -> int:
        """Of which nobody knows how they ended."""
        return sum(hour.unresolved for hour in self.hours)

    @property
    def nowhere(self) -> int:
        """Of which nobody knows where they went."""
        return sum(hour.attempts for hour in self.hours if hour.region is None)

    def signals(self) -> frozenset[str]:
        return frozenset(name for hour in self.hours for name in _names(hour))


@dataclass(frozen=True, slots=True)
class _Test:
    """A signal and a project."""

    signal: str
    project: str
    seen: Association
    nowhere: int  # attempts that say nothing of it

    @property
    def left_out(self) -> int:
        return self.seen.left_out + self.nowhere


def report(asked: Asked, reader: Reader, progress: Progress) -> Report:
    """All of it."""
    words, tally = asked.words, Tally(reader)
    found = []
    for done, project in enumerate(asked.projects):
        progress(done, len(asked.projects))
        found.append(_Tried(project, tally.attempts(project.name, *asked.bounds(project))))
    agreed = frozenset(one.name for one in asked.contract.signals if not one.regions)
    tests = [_test(signal, one, everywhere=signal in agreed) for signal, one in _pairs(found)]
    said = verdicts([test.seen for test in tests])
    rows = tuple(_row(words, test, verdict) for test, verdict in zip(tests, said, strict=True))
    sections = (
        Section("signals", words("signals_tests"), _columns(words), rows),
        Section("projects", words("signals_projects"), _project_columns(words), tuple(_project(one) for one in found if one.hours)),
    )
    notes = (*_notes(words, found, tests), *quality.notes(asked, tally), words("signals_no_cause"))
    return Report("signals", words("signals"), asked.contract.site, asked.contract.language, asked.first, asked.last, sections, notes)


def _names(hour: Tried) -> list[str]:
    return hour.signals.split(",") if hour.signals else []


def _pairs(found: Sequence[_Tried]) -> Iterator[tuple[str, _Tried]]:
    """Each signal with each project that made attempts while it was on."""
    for signal in sorted({name for one in found for name in one.signals()}):
        yield from ((signal, one) for one in found if signal in one.signals())


def _test(signal: str, tried: _Tried, *, everywhere: bool) -> _Test:
    """A signal that was on for an attempt of which nobody knows where it went is on everywhere, whatever is configured now."""
    everywhere = everywhere or any(signal in _names(hour) for hour in tried.hours if hour.region is None)
    told = [hour for hour in tried.hours if hour.region is not None or everywhere]
    seen = association(_hours(tried.project, signal, told, apart=not everywhere))
    return _Test(signal, tried.project.name, seen, 0 if everywhere else tried.nowhere)


def _hours(project: Project, signal: str, told: Iterable[Tried], *, apart: bool) -> Iterator[Hour]:
    """The tallies of one signal, with regions `apart` or together: an hour whose attempts differ in other signals is one hour."""
    sums: defaultdict[tuple[int, bool, str], list[int]] = defaultdict(lambda: [0, 0])
    for hour in told:
        sum_ = sums[hour.hour, signal in _names(hour), (hour.region or "") if apart else ""]
        sum_[0] += hour.attempts - hour.unresolved
        sum_[1] += hour.contacts
    for (begin, on, region), (attempts, contacts) in sums.items():
        local = datetime.fromtimestamp(begin // SECOND, project.zone)
        yield Hour(project.name, local.toordinal(), local.hour, on, attempts, contacts, region)


def _columns(words: Words) -> tuple[Column, ...]:
    column = words.column
    return (
        column("signal", Kind.TEXT),
        column("project", Kind.TEXT),
        *(column(f"{what}_{side}", kind) for side in ("on", "off") for what, kind in _RATE),
        *(column(f"{which}_points", Kind.NUMBER) for which in ("difference", "low", "high")),
        column("z", Kind.NUMBER),
        column("p", Kind.CHANCE),
        column("verdict", Kind.TEXT),
        column("needed", Kind.COUNT),
        column("left_out_attempts", Kind.COUNT),
        column("dispersion", Kind.NUMBER),
    )


def _row(words: Words, test: _Test, verdict: Verdict) -> Row:
    seen = test.seen
    low, high = seen.interval() or (None, None)
    return (
        *(test.signal, test.project, *_rate(seen.on), *_rate(seen.off)),
        *(_points(each) for each in (seen.difference, low, high)),
        *(_exact(seen.z), _exact(seen.p), words(f"signal_{verdict.value}")),
        *(seen.needed, test.left_out, _exact(seen.dispersion.phi)),
    )


def _rate(rate: Rate) -> tuple[Cell, ...]:
    return rate.attempts, rate.contacts, ratio(rate.contacts, rate.attempts)


def _exact(value: float | None) -> Decimal | None:
    """The shortest decimal that is this number and no other."""
    return None if value is None else Decimal(repr(value))


def _points(value: float | None) -> Decimal | None:
    exact = _exact(value)
    return None if exact is None else ALL * exact


def _project_columns(words: Words) -> tuple[Column, ...]:
    counts = [words.column(key, Kind.COUNT) for key in ("attempts", "unresolved_attempts", "contacts_reached")]
    rate, unknown = words.column("contact_rate", Kind.RATIO), words.column("region_unknown", Kind.COUNT)
    return words.column("project", Kind.TEXT), *counts, rate, unknown, words.column("region_unknown_share", Kind.RATIO)


def _project(one: _Tried) -> Row:
    rate = ratio(one.contacts, one.attempts - one.unresolved)
    return one.project.name, one.attempts, one.unresolved, one.contacts, rate, one.nowhere, ratio(one.nowhere, one.attempts)


def _notes(words: Words, found: Sequence[_Tried], tests: Sequence[_Test]) -> Iterator[str]:
    attempts, nowhere = sum(one.attempts for one in found), sum(one.nowhere for one in found)
    unknown = ratio(nowhere, attempts)
    if unknown is None:
        yield words("signals_no_attempts")
        return
    if not tests:
        yield words("signals_none")
    yield words("signals_are")
    yield words("signals_difference")
    yield words("signals_dispersion")
    yield words("signals_found", judged=sum(test.seen.judged for test in tests), of=len(tests), q=words.share(Decimal(str(Q))))
    yield words("signals_not_enough", effect=words.share(Decimal(str(EFFECT))), power=words.share(Decimal(str(POWER))))
    yield words("signals_left_out", attempts=sum(test.left_out for test in tests))
    yield words("signals_region_unknown", share=words.percent(unknown, 2), attempts=nowhere)
    yield words("signals_unresolved", attempts=sum(one.unresolved for one in found))
