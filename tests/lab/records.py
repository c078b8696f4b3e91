"""What Asterisk's own Master.csv says of the calls out: attempts, how they ended, and how long those who answered were up.

Shares no line with the daemon. A call out is a trunk's channel that a record has as who was called, or that somebody originated; its records are as many as
there were people on it. Whole seconds. Callers who come in by the same trunk are told by the name they show (`CALLER`). Pure: lines in, facts out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

CALLER = "Anna"  # whoever calls in
_NUMBER = re.compile(r"9\d{8}$")
COLUMNS = (
    *("account", "src", "dst", "context", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end", "duration", "billsec"),
    *("disposition", "amaflags", "uniqueid", "userfield", "peer", "linkedid", "sequence"),
)


@dataclass
class Call:
    """One trunk's channel that was called out: by which channel (empty: by none), to whom, whether he answered, and how long he was up."""

    far: str
    by: str
    number: str
    account: str
    context: str
    disposition: str
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    records: int = 0

    @property
    def phone(self) -> int:
        """Whose phone called, behind a Local channel too; 0 for a dialer."""
        found = re.match(r"PJSIP/agent(\d+)-|Local/8(\d\d)@floor-", self.by)
        return int(found[1] or found[2]) if found else 0

    @property
    def answered(self) -> bool:
        """Whom a dialer called and nobody took up is NO ANSWER in the file, with an answer; in a click-to-call it is the agent who answered then."""
        return self.disposition == "ANSWERED" or (not self.by and self.answered_at is not None)

    @property
    def up_s(self) -> float:
        """From the answer (of a click-to-call: the agent's) to the end of the last record: a transfer may have time between its records."""
        return 0.0 if not self.answered or self.answered_at is None or self.ended_at is None else (self.ended_at - self.answered_at).total_seconds()


def read(lines: Iterable[str]) -> list[Call]:
    """Every call out, in order of the records' sequence."""
    rows = sorted((dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(lines)), key=lambda row: int(row["sequence"]))
    calls: dict[str, Call] = {}
    for row in rows:
        far = next((name for name in (row["dstchannel"], row["channel"]) if name.startswith("PJSIP/trunk-")), "")
        if not far or f'"{CALLER}"' in row["clid"]:
            continue
        call = calls.get(far)
        if call is None:
            by = row["channel"] if row["dstchannel"] == far else ""
            call = calls[far] = Call(far, by, _called(row), row["account"], row["context"], row["disposition"])
        call.records += 1
        if row["answer"] and call.answered_at is None:
            call.answered_at = datetime.fromisoformat(row["answer"])
        call.ended_at = datetime.fromisoformat(row["end"])
    return list(calls.values())


def _called(row: dict[str, str]) -> str:
    """Whom a record is about: Dial()'s number, or whose caller id an originated call shows."""
    number = row["lastdata"].partition("@")[0] if row["lastapp"] == "Dial" and "@" in row["lastdata"] else row["src"]
    found = _NUMBER.search(number)
    return found[0] if found else ""
