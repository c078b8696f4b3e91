"""Who was called, as Master.csv has it: attempts of a time that nobody saw.

    agent dials          lastapp Dial, dstchannel the carrier's channel; one line for each Dial, so one for each trunk that was tried
    dialer, taken        lastapp Queue, channel the carrier's; dcontext is the target's
    dialer, not taken    lastapp AppDial2, channel the carrier's; NO ANSWER on 22 is FAILED on 16, CONGESTION is FAILED. What was dialled stands nowhere,
                         and an agent's phone that was rung for a click and not taken up has the same line: only a trunk of its own tells them apart
    passed on            one line more for each who talked, with the carrier's channel on either side: he was up from the first answer to the last end
    click-to-call        `answer` is the agent's own: a busy one has an answer time too

Times are whole seconds in the file's own zone, which is UTC or local: a uniqueid begins with the second, so it tells. Owns reading the end of the file,
from where calls ended at an instant, and which line is an attempt, of a file or of a database (`cdr_base` makes lines of its rows). Refuses whose attempt
it is: it hands out what it was dialled with, `monitor.cdrs` asks the contract. It waits for a disk. Next: `core.called`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from pathlib import Path
from typing import IO, Final, NamedTuple

from monitor.core.channels import device_of
from monitor.core.contract import SECOND
from monitor.core.outgoing import Dialled
from monitor.errors import LogUnreadable
from monitor.sources import halves
from monitor.sources.ami.dialstring import number_in
from monitor.sources.cdr import CALL, FIELDS, fields_of, instant
from monitor.sources.queue_log import BROKEN, LONGEST_LINE, opened, reason, siblings

LATE_US: Final = 3600 * SECOND  # a batch is written so late at most
ONWARDS_US: Final = 2 * SECOND  # after its line before, the next one of a channel that has come into another call begins
_ACCOUNT, _SRC, _DST, _CONTEXT, _CHANNEL, _DSTCHANNEL, _LASTAPP, _LASTDATA, _START, _ANSWER, _END, _DISPOSITION = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 14)
STATUS: Final = {"ANSWERED": "answer", "NO ANSWER": "noanswer", "BUSY": "busy", "FAILED": "congestion", "CONGESTION": "congestion"}
TAKEN: Final = "answer"


class CalledRecord(NamedTuple):
    """An attempt as records tell it; `dial` is what it was dialled with, `queue` the dialer's queue it went into, if it did."""

    dial: Dialled
    queue: str
    call: str
    dialler: str
    channel: str
    at: int
    status: str
    taken_at: int | None
    ended_at: int
    linked: str


class Line(NamedTuple):
    """A record whose times are known; `fields` as they stand in Master.csv."""

    fields: list[str]
    call: str
    linked: str
    start: int
    answer: int | None
    end: int


def called(file: Path, pbx: str, zone: tzinfo, since: int, until: int) -> list[CalledRecord]:
    """Every attempt whose last line ended in `[since, until]`, in the order of their beginnings; LogUnreadable when the file cannot be had."""
    return attempts(pbx, sorted(_lines(file, zone, since, until), key=in_order), since, until)


def in_order(line: Line) -> tuple[int, int]:
    """Lines are told by their beginnings."""
    return line.start, line.end


def attempts(pbx: str, lines: Iterable[Line], since: int, until: int) -> list[CalledRecord]:
    """Every attempt of these lines, which are in order, whose last one ended in `[since, until]`."""
    found: dict[str, CalledRecord] = {}
    over: list[CalledRecord] = []  # a PBX that was started anew names its channels from the beginning
    for line in lines:
        known = [name for name in (line.fields[_DSTCHANNEL], line.fields[_CHANNEL]) if name in found]
        for name in known:
            if line.linked != found[name].linked and line.start > found[name].ended_at + ONWARDS_US:
                over.append(found.pop(name))
            else:
                found[name] = _longer(found[name], line)
        if not any(name in found for name in known) and (record := _attempt(pbx, line)) is not None:
            found[record.channel] = record
    return [record for record in sorted((*over, *found.values()), key=lambda record: record.at) if since <= record.ended_at <= until]


def _attempt(pbx: str, line: Line) -> CalledRecord | None:
    """The attempt that a line begins, if it does."""
    fields = line.fields
    near, far, application, data = fields[_CHANNEL], fields[_DSTCHANNEL], fields[_LASTAPP], fields[_LASTDATA]
    queue = ""
    if application == "Dial" and far and not far.startswith("Local/"):
        channel, dialler, number = far, near, number_in(data.partition(",")[0].partition("/")[2])
    elif application in ("AppDial2", "Queue") and not near.startswith("Local/"):
        channel, dialler, number = near, "", fields[_SRC] if application == "Queue" else ""
        queue = data.partition(",")[0] if application == "Queue" else ""
    else:
        return None
    status = STATUS.get(fields[_DISPOSITION], "other")
    taken_at = line.answer if status == TAKEN or (queue and line.answer is not None) else None
    dial = Dialled(pbx, device_of(channel), fields[_ACCOUNT], fields[_CONTEXT] if dialler else "", number, fields[_SRC], fields[_DST])
    return CalledRecord(dial, queue, line.call, dialler, channel, line.start, TAKEN if taken_at is not None else status, taken_at, line.end, line.linked)


def _longer(record: CalledRecord, line: Line) -> CalledRecord:
    """Another line of the same channel: he was passed on."""
    if record.taken_at is None:
        return record
    return record._replace(ended_at=max(record.ended_at, line.end))


def _lines(file: Path, zone: tzinfo, since: int, until: int) -> Iterator[Line]:
    rotated = [path for path in siblings(file) if _age(path) >= since // SECOND]
    for part in [*sorted(rotated, key=_age), file]:
        try:
            with opened(part) as stream:
                if part.suffix not in (".gz", ".bz2", ".xz"):
                    _seek(stream, zone, since - LATE_US)
                while text := stream.readline(LONGEST_LINE):
                    line = _line(text, zone)
                    if line is not None and since - LATE_US <= line.end <= until:
                        yield line
        except BROKEN as error:
            raise LogUnreadable(str(part), reason(error, "cdr")) from None


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _line(text: bytes, zone: tzinfo) -> Line | None:
    fields = fields_of(text.decode("utf-8", "backslashreplace"))
    return None if fields is None else dated(fields, zone)


def dated(fields: list[str], zone: tzinfo) -> Line | None:
    """The line of these fields, written in this zone or in UTC; None where it has no times."""
    ids = [one for one in fields[FIELDS:] if CALL.fullmatch(one)] or [""]
    call = ids[0]
    named = CALL.fullmatch(call)
    where = zone if named is None else min((zone, UTC), key=lambda one: abs((instant(fields[_START], one) or 0) - int(named[1]) * SECOND))
    start, end = instant(fields[_START], where), instant(fields[_END], where)
    if start is None or end is None:
        return None
    return Line(fields, call, ids[-1], start, instant(fields[_ANSWER], where) if fields[_ANSWER] else None, end)


def _seek(stream: IO[bytes], zone: tzinfo, since: int) -> None:
    """Go near the first line that was written at `since`; lines are in the order of their ends but for a batch."""

    def next_at() -> int | None:
        line = next((one for _ in range(20) if (one := _line(stream.readline(LONGEST_LINE), zone)) is not None), None)
        return None if line is None else line.end

    halves.seek(stream, since, next_at, LONGEST_LINE)
