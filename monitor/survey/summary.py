"""What `floorwatch init` prints: what it found in a dozen lines, what its plan is worth, what to do next.

Owns these sentences. Refuses printing. Next: `cli` does.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from monitor.clock import OFFSET_US
from monitor.core.contract import SECOND
from monitor.plan.history import Cover
from monitor.plural import counted
from monitor.survey.draft import CONFIG, Surroundings
from monitor.survey.logbook import Logbook
from monitor.survey.sight import Sight
from monitor.survey.words import plain


def made_of(book: Logbook | None, covered: Cover | None) -> str:
    """What a first plan is worth, in words."""
    if book is None or covered is None:
        return ""
    contacts = sum(tally.contacts.total() for tally in {id(tally): tally for tally in book.tallies.values()}.values())
    of = f"{plain(str(book.file))} ({counted(contacts, 'contact')})"
    if covered.days == 0:
        minutes = (covered.end - covered.start) // (60 * SECOND)
        span = f"{minutes // 60} h {minutes % 60:02} min" if minutes else "less than a minute"
        return (
            f"14 days from {of}, which has not one whole day but {span}: counts are scaled to whole half-hours, and times of day it never saw are not planned"
        )
    mean = f"14 days of the mean per weekday and half-hour over {covered.days} whole day{'s' if covered.days > 1 else ''} of {of}"
    return mean if covered.days >= 7 else f"{mean}; that is less than a week, and weekdays never seen have the mean of all days"


def found_lines(around: Surroundings, found: Sight) -> Iterator[str]:
    """The PBX, its queues and people."""
    report, used = found.report, found.used
    offset = report.offset_us
    clock = "" if offset is None or abs(offset) <= OFFSET_US else f", its clock {offset / SECOND:+.1f} s off"
    kind = ", FreePBX by its looks" if found.freepbx else ""
    yield f"PBX      {plain(around.host)}:{around.port}: Asterisk {plain(report.version) or 'of unknown version'}{kind}{clock}"
    yield f"site     {around.site}, time zone {around.zone} ({around.zone_from})"
    yield f"queues   {len(used)} of {len(found.queues)} in use, a project each:"
    for queue in used:
        calls = f", {counted(queue.logged, 'call')} in queue_log" if queue.logged else ""
        yield f"         {plain(queue.name)} -> {queue.project}: {plain(queue.strategy) or 'strategy unknown'}, {counted(len(queue.members), 'member')}{calls}"
    if found.alike:
        yield f"         look alike: {', '.join(f'{plain(first)} and {plain(second)}' for first, second in found.alike[:5])}; the file says how to join them"
    several = sum(len(person.interfaces) > 1 for person in found.people)
    yield f"people   {len(found.people)}, {several} of them with several interfaces"
    yield f"trunks   {', '.join(map(plain, found.trunks)) or 'none seen in calls now'}"
    dids = sorted({plain(did) for queue in found.queues for did, _ in queue.dialled})
    yield f"dialled  {', '.join(dids[:12]) or 'no number seen'}{f' and {len(dids) - 12} more' if len(dids) > 12 else ''}"
    if report.missing:
        yield f"rights   may not run {', '.join(report.missing)}: give its user write = reporting in manager.conf"


def plan_line(around: Surroundings, book: Logbook | None) -> str:
    """The plan, or why there is none."""
    if around.plan:
        return f"plan     rough: {around.plan}"
    if book is None:
        return f"plan     none: give --queue-log {around.queue_log or 'F'} to draft one from the past"
    return f"plan     none: {plain(str(book.file))} has no calls of the last eight weeks to make one of"


def next_lines(folder: Path, written: list[Path]) -> Iterator[str]:
    """Where everything is, and the next two commands."""
    yield f"wrote    {', '.join(map(str, written))}"
    yield ""
    if os.geteuid() == 0:
        yield "The daemon's own user has to be able to read these files; they are root's now."
    yield "Read the comments in the configuration, then:"
    name = shlex.quote(str(folder / CONFIG))
    yield f"  floorwatch check --config {name} --live"
    yield f"  floorwatch run --config {name}"
