"""The files a PBX leaves on this machine: can queue_log be read, is it this PBX's, is it fresh, and what does its last day tell of habits.

Owns reading one day of it and judging it against what the PBX showed at the same time. Callers who are in a queue now have their rows in
the log, or it is not this log: that proves both whose it is and that it is written. Refuses counting calls (`core.heal`). It waits for a
disk: not for the event loop.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitor.config import PbxSettings
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.logrow import LogRow
from monitor.errors import LogUnreadable
from monitor.hosts import is_loopback
from monitor.inspection.finding import Weight, some
from monitor.plural import counted
from monitor.sources import cdr, cdr_base, queue_log
from monitor.sources.ami.probe import ProbeReport
from monitor.sources.cdr_base import Base

DAY_US = 24 * 60 * MINUTE

_PEOPLE = frozenset({"CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "RINGNOANSWER", "PAUSE", "UNPAUSE"})  # agent is a member's name there

Said = Iterator[tuple[Weight, str]]


def look(pbx: PbxSettings, report: ProbeReport, contract: Contract, now: int) -> list[tuple[Weight, str]]:
    """What its files say of this PBX, as far as they are on this machine."""
    return [*_queue_log(pbx, report, contract, now), *_cdr(pbx)]


def _cdr(pbx: PbxSettings) -> Said:
    """Whether it can be read."""
    file = pbx.cdr_file
    if file is None:
        if pbx.cdr:
            yield from _base(Base(pbx.cdr, pbx.cdr_secret.reveal()))
    elif os.access(file, os.R_OK):
        try:
            cdr.check(file)
        except LogUnreadable as error:
            yield Weight.WARNING, f"cdr {error}"
    elif os.path.lexists(file):
        yield Weight.WARNING, f"cdr {file} may not be read; give the daemon's user the right to, or leave it empty"
    elif is_loopback(pbx.host):
        yield Weight.WARNING, f"cdr {file} is not there; correct the path, or leave it empty"


def _base(base: Base) -> Said:
    """Whether it answers, and is a database of records."""
    try:
        cdr_base.check(base)
    except LogUnreadable as error:
        yield Weight.WARNING, f"cdr {error}"
    else:
        yield Weight.OK, f"cdr {base.shown}: readable, table {base.table}"


def _queue_log(pbx: PbxSettings, report: ProbeReport, contract: Contract, now: int) -> Said:
    if not pbx.queue_log:
        return
    if not is_loopback(pbx.host) and not os.path.lexists(pbx.queue_log):
        yield Weight.OK, f"queue_log {pbx.queue_log} is not on this machine, so what the link misses stays unknown; mount it here, or leave it empty"
        return
    pbx_now = now + (report.offset_us or 0)
    try:
        rows = list(queue_log.read(Path(pbx.queue_log), (pbx_now - DAY_US) // SECOND))
    except LogUnreadable as error:
        yield Weight.WARNING, f"queue_log {error}"
        return
    yield from judge(pbx.queue_log, rows, report, pbx_now)
    yield from habits(pbx.name, rows, report, contract)


def judge(file: str, rows: Sequence[LogRow], report: ProbeReport, pbx_now: int) -> Said:
    """Whose log it is, and whether it is written: `rows` are its last day's."""
    told = {row.call for row in rows}
    queues = {row.queue for row in rows if row.verb == "ENTERQUEUE"}
    there = set(report.seen.strategies)
    waiting = {row.call for row in report.seen.waiting}
    talking = {row.call for row in report.seen.channels if row.application == "Queue" and row.data.partition(",")[0] in there}
    callers = waiting | talking
    age = f"the last one {_age(pbx_now - rows[-1].at_s * SECOND)} old" if rows else ""
    if report.queues_told and queues and not queues & there:
        yield Weight.BAD, f"queue_log {file} tells of {some(queues)}, and this PBX has no such queue: it is another's; correct the path"
    elif callers and not callers & told:  # one of several may have had another id when he entered, a transferred one
        who = f"{counted(len(callers), 'caller')} in queues now {'has' if len(callers) == 1 else 'have'}"
        what = f"{who} no row in it, {age or 'nor has anybody of the last 24 hours'}"
        remedy = "correct the path, or see to queue_log = yes and queue_log_to_file = yes in logger.conf"
        yield Weight.WARNING, f"queue_log {file}: {what}; it is another PBX's or is not written: {remedy}"
    elif rows:
        yield Weight.OK, f"queue_log {file}: {counted(len(rows), 'row')} in the last 24 hours, {age}"
    else:
        yield Weight.OK, f"queue_log {file}: readable, no row in the last 24 hours"


def _age(age_us: int) -> str:
    seconds = max(0, age_us) // SECOND
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def habits(pbx: str, rows: Sequence[LogRow], report: ProbeReport, contract: Contract) -> Said:
    """What the last day tells of pauses, people and queues."""
    claimed = {queue.name for queue in contract.queues if queue.pbx == pbx}
    calls = Counter(row.queue for row in rows if row.verb == "ENTERQUEUE" and row.queue not in claimed)
    if calls:
        names = some(f"{queue} ({counted(count, 'call')})" for queue, count in calls.items())
        yield Weight.WARNING, f"called in the last 24 hours, and nobody's: queue {names}; name it in queues of a [[project]]"
    mute = {(row.agent, row.at_s) for row in rows if row.verb == "PAUSE" and row.queue in claimed and not any(row.data[:1])}
    if mute:
        people = some({agent for agent, _ in mute})
        remedy = "send a reason with the pause (QueuePause Reason, PauseQueueMember's fourth argument), or all pauses are one"
        yield Weight.WARNING, f"paused without a reason in the last 24 hours: {counted(len(mute), 'time')}, by {people}; {remedy}"
    if report.queues_told:
        known = {word for member in report.seen.members for word in (member.member, member.interface)} | {person.name for person in contract.people}
        gone = {row.agent for row in rows if row.verb in _PEOPLE and row.queue in claimed} - known - {"NONE", ""}
        if gone:
            remedy = "their hours of before belong to no interface; look again while they are logged in, or list them in the agents file"
            yield Weight.WARNING, f"in queue_log of the last 24 hours, but in no queue now: {some(gone)}; {remedy}"
