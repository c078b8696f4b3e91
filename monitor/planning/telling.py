"""What `floorwatch plan build` says: of each project its past, what was left out and why, what to expect, and how good that would have been.

Owns these sentences. Refuses deciding anything. Next: `cli` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from monitor.core.contract import SECOND, Project
from monitor.plan.dispersion import LEAST_DAYS as K_DAYS
from monitor.plan.fit import FEW_DAYS, Fitted
from monitor.plan.hindsight import Hindsight, Wape
from monitor.plan.profile import WEEKDAYS
from monitor.plan.seen import Day, Held, Interval, Seen
from monitor.planning.building import Built, Outcome, too_short, weeks_used
from monitor.plural import counted

_SHOWN = 8  # of things left out
_CLOSED = 0.02  # of contacts: a few call before opening, many do where the hours are wrong


def lines(built: Built) -> Iterator[str]:
    """All of it."""
    for outcome in built.outcomes:
        yield outcome.project.name
        yield from (f"  {label:<10} {text}" for label, text in _project(built, outcome))
        yield ""
    yield from built.past.remarks
    last = built.start + timedelta(days=built.wishes.days - 1)
    yield f"{counted(len(built.rows), 'row')} for {built.start.isoformat()} to {last.isoformat()}; closed hours and closed dates have none"
    left = {day for outcome in built.outcomes if outcome.forecast is not None for day in outcome.forecast.holidays}
    if skipped := sorted(left | {day for day in built.wishes.holidays if built.start <= day <= last}):
        yield f"no plan for the holidays among them: {', '.join(day.isoformat() for day in skipped)}"
    yield from built.scaled
    before = "" if built.kept is None else f"; the file before it is {built.kept}"
    yield f"wrote {built.wishes.out}{before}" if built.wishes.out is not None else "nothing was written; --out names the file"


def _project(built: Built, outcome: Outcome) -> Iterator[tuple[str, str]]:
    seen, known = outcome.seen, outcome.known
    if seen is None or known is None:
        yield "no rows", too_short(outcome, built.wishes)
        return
    yield "past", _past(built, outcome, seen, known)
    yield from zip(("left out", *[""] * len(seen.days)), _left_out(outcome, seen, known), strict=False)
    if seen.closed > _CLOSED * seen.came:
        yield "closed", f"{seen.closed} of {counted(seen.came, 'contact')} came while it was closed; are hours and timezone right?"
    if outcome.redials and built.wishes.redials:
        again, calls = outcome.redials
        yield "redials", f"{again} of {counted(calls, 'call')} came within ten minutes of the same number and are no contacts of their own"
    week = ", ".join(f"{WEEKDAYS[day.weekday()]} {known_day(known, day):.4g}" for day in (seen.past + timedelta(days=number) for number in _week(seen)))
    yield "a day now", f"{week} contacts"
    yield "trend", _trend(known)
    yield "alike", "; ".join(_weekdays(group) for group in known.groups)
    told = (
        "from handled contacts"
        if known.aht_known
        else f"the project's aht_seconds: {'the source does not tell' if not built.past.tells_aht else 'fewer than 20 contacts tell'}"
    )
    yield "AHT", f"{known.aht_us / SECOND:.0f} s, {told}"
    yield "k", _k(outcome.project, known)
    if outcome.forecast is not None and outcome.forecast.unknown:
        yield "no rows", f"for {counted(outcome.forecast.unknown, 'open interval')} whose like was never seen: nobody knows what is due in them"
    yield from _quality(outcome.trial)


def known_day(known: Fitted, day: date) -> float:
    """Contacts of a day."""
    return known.level.at(day.weekday(), (day - known.past).days) * sum(known.shares.get(day.weekday(), {}).values())


def _week(seen: Seen) -> list[int]:
    """The coming seven days, Monday first, those that were ever open."""
    was_open = {day.date.weekday() for day in seen.days}
    return sorted((number for number in range(7) if (seen.past.weekday() + number) % 7 in was_open), key=lambda number: (seen.past.weekday() + number) % 7)


def _past(built: Built, outcome: Outcome, seen: Seen, known: Fitted) -> str:
    first, last = seen.days[0].date, seen.past - timedelta(days=1)
    weeks = weeks_used(outcome, built.wishes)
    few = "" if known.used >= FEW_DAYS else "; that is LITTLE: under three weeks nobody knows how a weekday varies, so take this plan for a first guess"
    short = f" of {built.wishes.weeks}" if weeks < built.wishes.weeks else ""
    return f"{first.isoformat()} to {last.isoformat()}: {counted(weeks, 'week')}{short}, {counted(known.used, 'day')} counted of {len(seen.days)}{few}"


def _trend(known: Fitted) -> str:
    step = known.level.step
    if step is not None:
        day = known.past - timedelta(days=step.ago)
        return f"the level changed for good on {day.isoformat()}: {step.ratio - 1:+.0%}; what came before is brought to the level after"
    return f"{known.level.month:+.1%} a month, give or take {known.level.month_doubt:.1%}"


def _k(project: Project, known: Fitted) -> str:
    if known.k is None:
        return f"unknown: fewer than {K_DAYS} days; dispersion = 20 stands"
    return f"dispersion = {known.k:.1f}" + ("" if abs(project.dispersion - known.k) < 0.05 else f"      (the configuration has {project.dispersion:g})")


def _quality(trial: Hindsight | None) -> Iterator[tuple[str, str]]:
    if trial is None:
        yield "trial", "none: the last two weeks can be tried only where two weeks lie before them"
        return
    yield "trial", f"the last two weeks ({counted(trial.tried, 'day')}), predicted from the {counted(trial.trained, 'day')} before: {trial.bias:+.1%} came"
    yield "", f"by interval  WAPE {_wape(trial.intervals)}"
    yield "", f"by day       WAPE {_wape(trial.days)}; {trial.days_due:.1%} with k"


def _wape(wape: Wape) -> str:
    return f"{wape.error:6.1%}, Poisson floor {wape.floor:5.1%}"


def _weekdays(group: Sequence[int]) -> str:
    """Mon-Fri, or Mon Wed."""
    if len(group) > 2 and all(after - before == 1 for before, after in pairwise(group)):
        return f"{WEEKDAYS[group[0]]}-{WEEKDAYS[group[-1]]}"
    return " ".join(WEEKDAYS[weekday] for weekday in group)


# --- what was left out --------------------------------------------------------------------------------------------------------------


def _left_out(outcome: Outcome, seen: Seen, known: Fitted) -> Iterator[str]:
    told = [*_held(outcome, seen), *_odd(known)]
    yield from told[:_SHOWN] or ["nothing"]
    if len(told) > _SHOWN:
        yield f"and {len(told) - _SHOWN} more"


def _held(outcome: Outcome, seen: Seen) -> Iterator[str]:
    """Open intervals that follow each other and are held by the same, over nights and weekends."""
    every = ((day, one) for day in seen.days for one in day.intervals)
    for held, run in groupby(every, key=lambda each: each[1].held):
        if held is not None:
            yield _run(outcome, seen, held, list(run))


def _run(outcome: Outcome, seen: Seen, held: Held, run: Sequence[tuple[Day, Interval]]) -> str:
    (first, opening), (last, closing) = run[0], run[-1]
    start, end = opening.start, closing.start + seen.length_us
    whole = opening is first.intervals[0] and closing is last.intervals[-1]
    if first is last:
        when = f"{_date(first.date)} {'whole day' if whole else f'{_clock(outcome.project, start)}-{_clock(outcome.project, end)}'}"
    elif whole:
        when = f"{_date(first.date)} to {_date(last.date)}"
    else:
        when = f"{_date(first.date)} {_clock(outcome.project, start)} to {_date(last.date)} {_clock(outcome.project, end)}"
    silent = [one for one in outcome.silences if one.start < end and start < one.end]
    if held is Held.BLIND and silent:
        due = sum(one.due for one in silent)
        return (
            f"{when}: {held}: {due:.0f} callers were due and none came, {_clock(outcome.project, silent[0].start)} to {_clock(outcome.project, silent[-1].end)}"
        )
    return f"{when}: {held}"


def _odd(known: Fitted) -> Iterator[str]:
    for one in known.odd:
        looks = "looks like a holiday" if one.holiday else "unlike any other"
        came = f"{one.came} came, {one.due:.0f} were due; give --holiday {one.date.isoformat()} if it was one"
        yield f"{_date(one.date)}: {looks}: {came}"


def _date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _clock(project: Project, at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, project.zone).strftime("%H:%M")
