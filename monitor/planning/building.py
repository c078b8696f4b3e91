"""`floorwatch plan build`: a plan for the days to come, made of the past.

Owns the order: what was typed is checked and nothing that is there is in the way; the source is read once; every project is fitted to what is laid
out of it, tried on its last two weeks, and forecast; the text is read back as the daemon would before it is written. Refuses the arithmetic
(`plan`), the source (`pasts`) and leaving out (`laying`). Next: `telling` says what came of it, `cli` prints.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from monitor.config import Config
from monitor.core.contract import SECOND, Project
from monitor.errors import BadOption, NotWritten, PastTooShort
from monitor.plan.fit import LEAST_DAYS, Fitted, fit, since_when
from monitor.plan.forecast import Forecast, forecast
from monitor.plan.formats import read_floorwatch
from monitor.plan.hindsight import Hindsight, hindsight
from monitor.plan.plan import PlanRow
from monitor.plan.seen import Seen
from monitor.plan.silence import Silence
from monitor.planning.laying import READERS, Laying, past_of
from monitor.planning.native import native
from monitor.planning.pasts import SOURCES, Past, Progress
from monitor.planning.scale import in_force
from monitor.planning.writing import draft, keep, old_name
from monitor.plural import counted


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was typed. `start` None: tomorrow; `out` None: write nothing; `redials`: count them once."""

    source: str
    weeks: int = 8
    days: int = 14
    start: date | None = None
    out: Path | None = None
    holidays: frozenset[date] = frozenset()
    redials: bool = True
    force: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one project: its past, and either a fit with its trial or too few days."""

    project: Project
    seen: Seen | None
    known: Fitted | None = None
    trial: Hindsight | None = None
    redials: tuple[int, int] | None = None
    silences: tuple[Silence, ...] = ()
    forecast: Forecast | None = None
    without: str = ""  # why its past is not used


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that is to be told, and the rows."""

    wishes: Wishes
    start: date
    past: Past
    outcomes: tuple[Outcome, ...]
    rows: tuple[PlanRow, ...] = field(repr=False)
    length_us: int = 0
    scaled: tuple[str, ...] = ()  # what scales do to the rows where they were written
    kept: Path | None = None  # the file that was there before


def build(loaded: Config, wishes: Wishes, now: int, progress: Progress = lambda _: None) -> Built:
    """The plan, written where it was to be."""
    if wishes.source not in READERS:
        raise BadOption(f"--from {wishes.source}: is not one of {', '.join(SOURCES)}")
    contract = loaded.contract
    if wishes.out is not None:
        _refuse(wishes.out, force=wishes.force)
    past = past_of(loaded, wishes.source, wishes.weeks, now, progress, once=wishes.redials)
    start = wishes.start or datetime.fromtimestamp(now // SECOND, contract.zone).date() + timedelta(days=1)
    laying = Laying.of(contract, past, wishes.weeks, wishes.holidays)
    outcomes = tuple(_outcome(laying, project, wishes, start) for project in contract.projects)
    if not any(outcome.known for outcome in outcomes):
        raise PastTooShort(_short(outcome, wishes) for outcome in outcomes)
    rows = tuple(row for outcome in outcomes if outcome.forecast is not None for row in outcome.forecast.rows)
    if wishes.out is not None and not rows:
        raise BadOption(f"--start {start}: no project has a row in the {counted(wishes.days, 'day')} from then on: they are closed, holidays, or never seen")
    scaled, kept = _scaled(loaded, wishes.out, rows, start), None
    if wishes.out is not None:
        text = native(rows, contract)
        read_floorwatch(text, contract, str(wishes.out))
        kept = _write(wishes.out, text, now, force=wishes.force)
    return Built(wishes, start, past, outcomes, rows, contract.interval_us, scaled, kept)


def _outcome(laying: Laying, project: Project, wishes: Wishes, start: date) -> Outcome:
    past, contract = laying.past, laying.contract
    if project.name not in past.counted:
        return Outcome(project, None, without=past.without.get(project.name, ""))
    own, seen = laying.silences(project), laying.seen(project)
    usable = sum(bool(day.usable) for day in seen.days)
    if not seen.days or not usable or (seen.past - seen.days[0].date).days < LEAST_DAYS:
        return Outcome(project, seen)
    known = fit(seen)
    ahead = None if known is None else forecast(known, start, wishes.days, contract.interval_us, wishes.holidays, laying.announced(project))
    return Outcome(project, seen, known, hindsight(seen), past.redials.get(project.name), own, ahead)


def _short(outcome: Outcome, wishes: Wishes) -> str:
    """Why a project has no plan."""
    name = outcome.project.name
    if outcome.without:
        return f"{name}: {outcome.without}"
    if outcome.seen is None:
        return f"{name}: nobody called in the last {wishes.weeks} weeks, as far as {wishes.source} goes; are its queues named as on the PBX?"
    number = len(outcome.seen.days)
    if number and not any(day.usable for day in outcome.seen.days):
        return f"{name}: {wishes.source} has {counted(number, 'day')} of it, and all of them are holidays, incidents or not seen; give more --weeks"
    whole = "not one whole day" if not number else counted(number, "whole day")
    way = "a plan needs a week: wait, name an older log, or take the rough plan of init"
    return f"{name}: {wishes.source} has {whole} of it that can be used; {way}"


def too_short(outcome: Outcome, wishes: Wishes) -> str:
    """The same, where others have one."""
    return _short(outcome, wishes).partition(": ")[2]


def weeks_used(outcome: Outcome, wishes: Wishes) -> int:
    """How many weeks of the past there are, the first counted whole."""
    seen = outcome.seen
    if seen is None or not seen.days:
        return 0
    return min(wishes.weeks, -(-(seen.past - max(seen.days[0].date, since_when(seen, wishes.weeks))).days // 7))


# --- the file -----------------------------------------------------------------------------------------------------------------------


def _refuse(out: Path, *, force: bool) -> None:
    """NotWritten if the file could not be written, before hours are read."""
    folder = out.absolute().parent
    if out.is_dir():
        raise NotWritten(f"{out}: is a directory; name the file to write")
    if not force and os.path.lexists(out):
        raise NotWritten(f"{out}: is there already, nothing was written; give --force to replace it, or another --out")
    if not folder.is_dir():
        raise NotWritten(f"{out}: there is no folder {folder}; make it, or name another --out")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotWritten(f"{out}: cannot be written: permission denied; name another --out")


def _write(out: Path, text: str, now: int, *, force: bool) -> Path | None:
    """Whole or not at all; the file that was there before, under its new name."""
    with draft(out, text, out) as beside:
        if not force:
            try:
                os.link(beside, out)  # which never replaces
            except FileExistsError:
                raise NotWritten(f"{out}: is there already, nothing was written; give --force to replace it, or another --out") from None
            return None
        kept = old_name(out, now) if out.exists() else ""
        if kept:
            keep(out, kept)
        beside.replace(out.resolve())
    return out.with_name(kept) if kept else None


def _scaled(loaded: Config, out: Path | None, rows: tuple[PlanRow, ...], start: date) -> tuple[str, ...]:
    """What scales do to rows that are written where they hold: the past shows what was agreed already."""
    if out is None or loaded.plan_file is None or out.resolve() != loaded.plan_file.resolve():
        return ()
    return tuple(in_force(loaded, loaded.plan_file, {row.project for row in rows}, start))
