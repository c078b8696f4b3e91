"""The total of a day or a month, spread over the intervals of the project's opening hours.

Each interval gets by what it weighs in the profile, times how much of it is open; outgoing calls need no profile and are spread evenly over open
time: the centre dials when it likes. By prefix sums, so that the parts sum to the whole to the last micro-call. A day of 23 or 25 hours has as many
intervals as it has: the hour that comes twice weighs twice. A day is the project's own, from `day_starts` on, so that one night is one total. What is
closed gets nothing and has no plan; an open interval in which the profile saw nobody is planned with 0.

Owns that arithmetic. Refuses to guess a profile: without one a total is an error. Next: `formats` puts the rows among the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.direction import DIALLED
from monitor.plan import days
from monitor.plan.plan import MICRO, PlanRow
from monitor.plan.profile import Profile
from monitor.plan.rows import Total
from monitor.plan.times import RowError


def spread(total: Total, project: Project, length_us: int, profile: Profile | None) -> list[PlanRow]:
    """The rows of a total; RowError where it cannot be spread."""
    what = total.first.isoformat() if (total.past - total.first).days == 1 else f"{total.first:%Y-%m}"
    if total.direction in DIALLED:
        return _evenly(total, project, length_us, what)
    if profile is None:
        raise RowError(f"{what} is a total, and how it spreads over the day is not known; give a profile: [plan] profile, or plan import --profile-from")
    if not profile.knows(project.name):
        raise RowError(f"{what} is a total, and the profile has nothing for {project.name}; add it there")
    slots: list[tuple[int, int]] = []
    weights: list[int] = []
    for start, end, open_s in _open(total, project, length_us):
        local = datetime.fromtimestamp(start // SECOND, project.zone)
        slots.append((start, end))
        weights.append(profile.weight(project.name, local.weekday(), local.hour * 60 + local.minute) * open_s)
    if not slots:
        if total.calls_u:
            raise RowError(_closed(what, project))
        return []
    whole = sum(weights)
    if not whole and total.calls_u:
        raise RowError(f"{what} cannot be spread: the profile of {project.name} saw nobody in the opening hours of {what}; look at its hours and zone")
    calls = [*_parts(total.calls_u, weights, whole or 1)]
    handles = _parts(total.handle_us, calls, total.calls_u or 1)  # by the calls: nobody is handled where nobody calls
    rows = zip(slots, calls, handles, strict=True)
    return [PlanRow(project.name, start, end, own, handle, total.aht_us, total.direction) for (start, end), own, handle in rows]


def _evenly(total: Total, project: Project, length_us: int, what: str) -> list[PlanRow]:
    """A total of outgoing calls over the open time; contacts and results by the attempts, work by the contacts or else by the agents' time."""
    slots = [*_open(total, project, length_us)]
    whole = sum(open_s for _, _, open_s in slots)
    if not whole:
        if total.calls_u:
            raise RowError(_closed(what, project))
        return []
    weights = [open_s for _, _, open_s in slots]
    calls = [*_parts(total.calls_u, weights, whole)]
    contacts = _aimed(total.contacts_u, calls, total.calls_u)
    results = _aimed(total.results_u, calls, total.calls_u)
    times = _aimed(total.agent_us, weights, whole)
    agents = [None if time is None else time * MICRO // (end - start) for time, (start, end, _) in zip(times, slots, strict=True)]
    if total.aht_us is None and total.calls_u:
        handles = [0 if each is None else each * (end - start) // MICRO for each, (start, end, _) in zip(agents, slots, strict=True)]
    else:
        handles = [*_parts(total.handle_us, [each or 0 for each in contacts], total.contacts_u or 1)]
    return [
        PlanRow(project.name, start, end, own, handle, total.aht_us, total.direction, scheduled_u=people, contacts_u=reached, results_u=achieved)
        for (start, end, _), own, handle, people, reached, achieved in zip(slots, calls, handles, agents, contacts, results, strict=True)
    ]


def _aimed(quantity: int | None, weights: list[int], whole: int) -> list[int | None]:
    """The parts of what a total says, or does not."""
    return [None] * len(weights) if quantity is None else [*_parts(quantity, weights, whole or 1)]


def _closed(what: str, project: Project) -> str:
    return f"{what} has a volume, but {project.name} is closed then; correct hours or closed of the project, or leave the row out"


def _parts(quantity: int, weights: list[int], whole: int) -> Iterator[int]:
    due = (quantity * before // whole for before in accumulate(weights, initial=0))
    return (after - before for before, after in pairwise(due))


def _open(total: Total, project: Project, length_us: int) -> Iterator[tuple[int, int, int]]:
    """The intervals of these days in which the project is open, and for how many seconds each."""
    day = total.first
    while day < total.past:
        following = day + timedelta(days=1)
        at, over = days.begins(project, day), days.begins(project, following)
        while at < over:
            end = min(over, max(project.interval_start(at + length_us, length_us), at + MINUTE))
            open_s = days.open_us(project, at, end - at) // SECOND
            if open_s:
                yield at, end, open_s
            at = end
        day = following
