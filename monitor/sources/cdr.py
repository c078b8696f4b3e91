"""Master.csv, Asterisk's file of call detail records, read from disk: which calls entered which queue, and when they came.

    accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,disposition,amaflags[,uniqueid]
    [,userfield][,peeraccount,linkedid,sequence]

Texts are quoted, a quote in them is doubled; a record is one line. Which of the last columns are there is decided by cdr.conf, so the
ids are known by their looks. A record whose last application is Queue is a call that was in that queue; there may be many of one call, one for each
phone that rang. They are written when a call ends: here they are put back in the order of arrival, as far as calls last six
hours at most. When a call came is told by its id (a uniqueid begins with the second, whatever the clock of the file), else by `start` in
a zone that is given. When it entered the queue no record tells.

A call that Queue() turned away at the door (full, joinempty, no such queue), as measured on Asterisk 16.28 and 22.10 with SIP callers:

    Queue() is the last step          lastapp Queue, lastdata the queue, no dstchannel; written when the caller is hung up, which is at once
    anything follows, Hangup() too    lastapp is what follows (Hangup, Playback, Return, Set, Busy): nothing tells of the queue
    VoiceMail() follows               the same where it begins; where it cannot (16.28 had no mailbox), lastapp is still Queue
    not answered before Queue()       no record at all, but with unanswered = yes in cdr.conf: then as above, disposition FAILED; else ANSWERED
    an `h` extension runs             changes nothing: lastapp stays Queue
    called through a Local channel    uniqueid is that of its ;2, as in AMI, linkedid that of the outer caller, who has a record of Dial
    ForkCDR() before it               two records of one uniqueid
    refused by two queues             one record, of the second
    was in a queue, is refused next   one record for each phone that rang, of the first queue; only where none rang, one of the second

Inside a queue where nobody's phone rings the record is the same: whether the call was in one has to be known from elsewhere.

Owns reading, rotated files included, and the record of one line; a line that is no record is counted. Refuses meaning. It waits for a disk.
Next: `plan build`, and for the living `cdrwatch`.
"""

from __future__ import annotations

import csv
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from monitor.core.contract import SECOND
from monitor.errors import LogUnreadable
from monitor.sources.parts import placed
from monitor.sources.queue_log import BROKEN, LONGEST_LINE, opened, reason, siblings

LONGESTCALL_S = 6 * 3600
FIELDS, _MOST = 16, 22
_DSTCHANNEL, _LASTAPP, _LASTDATA, _START, _END = 6, 7, 8, 9, 11
CALL = re.compile(r"(?:.*-)?(\d{9,10})\.\d+", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


class QueueCall(NamedTuple):
    """A call that was in a queue: when it came, its id (the call's whole id where the file has it), its queue and the caller's number."""

    at: int
    call: str
    queue: str
    number: str


class QueueRecord(NamedTuple):
    """A record whose last application was Queue, as it was written. `at_s` is its end on the clock of the file, whatever zone that is in.

    `call` is the caller's channel, `linked` the first one of the call; both are empty where cdr.conf leaves ids out. `rang`: a phone was rung.
    """

    at_s: int
    call: str
    linked: str
    queue: str
    rang: bool


def parse(line: str) -> QueueRecord | None:
    """The record of one line, if its last application was Queue."""
    fields = fields_of(line)
    ended = None if fields is None or fields[_LASTAPP] != "Queue" else instant(fields[_END], UTC)
    if fields is None or ended is None or not (queue := fields[_LASTDATA].partition(",")[0].strip()):
        return None
    ids = [text for text in fields[FIELDS:] if CALL.fullmatch(text)] or [""]
    return QueueRecord(ended // SECOND, ids[0], ids[-1], queue, bool(fields[_DSTCHANNEL]))


@dataclass(slots=True)
class Records:
    """The calls of a Master.csv. `broken` lines, `undated` calls whose ids tell no time, and `problems` grow while it is read; so do `holes`, from
    the record before a part that cannot be read to the first after it (None: there is none)."""

    file: Path
    zone: tzinfo
    since: int = 0
    read: int = 0
    broken: int = 0
    undated: int = 0
    problems: list[str] = field(default_factory=list)
    holes: list[tuple[int, int | None]] = field(default_factory=list)

    def calls(self) -> Iterator[QueueCall]:
        """Every record of a queue since then, by time of arrival; LogUnreadable when the file cannot be had."""
        waiting: list[QueueCall] = []
        for written, call in self._records():
            if call is not None and call.at >= self.since:
                heapq.heappush(waiting, call)
            while waiting and waiting[0].at < written - LONGESTCALL_S * SECOND:
                yield heapq.heappop(waiting)
        while waiting:
            yield heapq.heappop(waiting)

    def _records(self) -> Iterator[tuple[int, QueueCall | None]]:
        """When each record was written, and the call it is of, if it was in a queue."""
        last = self.since
        for part in [*self._rotated(), self.file]:
            try:
                with opened(part) as stream:
                    while line := stream.readline(LONGEST_LINE):
                        for written, call in self._record(line.decode("utf-8", "backslashreplace")) if line.strip() else ():
                            if self.holes and self.holes[-1][1] is None:
                                self.holes[-1] = self.holes[-1][0], written
                            last = max(last, written)
                            yield written, call
            except BROKEN as error:
                if part == self.file:
                    raise LogUnreadable(str(self.file), reason(error, "cdr")) from None
                self.problems.append(f"{part}: {reason(error, 'cdr')}")
                if not self.holes or self.holes[-1][1] is not None:
                    self.holes.append((last, None))

    def _record(self, line: str) -> Iterator[tuple[int, QueueCall | None]]:
        self.read += 1
        fields = fields_of(line)
        written = None if fields is None else instant(fields[_END], self.zone)
        if fields is None or written is None:
            self.broken += 1
            return
        if fields[_LASTAPP] != "Queue" or not (queue := fields[_LASTDATA].partition(",")[0].strip()):
            yield written, None
            return
        ids = [text for text in fields[FIELDS:] if CALL.fullmatch(text)]
        found = CALL.fullmatch(ids[0]) if ids else None
        if found is not None:
            at: int | None = int(found[1]) * SECOND
        else:
            at = instant(fields[_START], self.zone)
            self.undated += 1
        if at is None:
            self.broken += 1
            return
        yield max(written, at), QueueCall(at, ids[-1] if ids else f"{fields[5]} {fields[_START]}", queue, fields[1])

    def _rotated(self) -> list[Path]:
        """What was Master.csv before, oldest first, without what ended before then."""
        found, unread = [], []
        paths = siblings(self.file)
        for path in paths:
            if path.with_suffix("") in paths and path.suffix in (".gz", ".bz2", ".xz"):
                continue
            try:
                if path.stat().st_mtime * SECOND < self.since:
                    continue
                with opened(path) as stream:
                    fields = fields_of(stream.readline(LONGEST_LINE).decode("utf-8", "backslashreplace"))
            except BROKEN:
                unread.append(path)  # said where it belongs
                continue
            found.append(("" if fields is None else fields[_END], str(path), path))
        return placed([path for _, _, path in sorted(found)], unread)


def check(file: Path) -> None:
    """LogUnreadable when the file cannot be had, or is something else: it has lines and the first ten are no records."""
    try:
        with opened(file) as stream:
            lines = [line for _ in range(10) if (line := stream.readline(LONGEST_LINE))]
    except BROKEN as error:
        raise LogUnreadable(str(file), reason(error, "cdr")) from None
    if lines and all(fields_of(line.decode("utf-8", "backslashreplace")) is None for line in lines):
        raise LogUnreadable(str(file), "is no Master.csv: no line of it has 16 quoted fields and three times; name the file that cdr_csv writes")


def fields_of(line: str) -> list[str] | None:
    """The fields of a record, or None."""
    try:
        fields = next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None
    return fields if FIELDS <= len(fields) <= _MOST and _TIME.fullmatch(fields[_START]) and _TIME.fullmatch(fields[_END]) else None


def instant(text: str, zone: tzinfo) -> int | None:
    """A time of the file in microseconds; the first of two in the hour that autumn repeats."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((local.replace(tzinfo=zone).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND
