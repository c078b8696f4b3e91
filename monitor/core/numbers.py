"""Of a caller's number, no more than is needed: whether it is a test's, its last digits where a client agreed, itself if it is an extension's;
a key by which the same caller is known again, and the number to ring back in case nobody answers.

Owns that reduction, which is made before anything is written down, and what makes two writings one number: their last digits, whatever stands
before them. The key is an HMAC under a secret of the site, so whoever has the store and not the secret cannot try numbers out. Refuses names, and
keeping a number anywhere. Next: `contacts` has what is left, `lost` forgets the number of whoever is not lost.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Final

from monitor.core.contract import Contract, QueueId
from monitor.core.events import CallerJoined
from monitor.core.logrow import LogRow, Shown

EXTENSION: Final = 6  # digits that a number of the floor itself has at most
KEY: Final = 16  # bytes of the HMAC: two of a billion numbers are never alike
TAIL: Final = 4  # digits that are shown where numbers are not kept
CUT: Final = "\N{HORIZONTAL ELLIPSIS}"
_DIALLED = re.compile(r"[+0-9*# ().,/-]+", re.ASCII)
_PSEUDONYM = re.compile(r"n[a-z2-7]{10}", re.ASCII)  # what a recording has in place of a number


def caller_key(number: str, contract: Contract) -> str:
    """By what a caller of this number is known again; empty where he does not show one that could be rung back."""
    text = number.strip()
    if not _PSEUDONYM.fullmatch(text):
        text = re.sub("[^0-9]", "", text)[-contract.match_digits :] if _DIALLED.fullmatch(text) else ""
        if not text.strip("0"):
            return ""
    return hmac.digest(contract.number_key, text.encode(), sha256)[:KEY].hex()


def shortened(number: str) -> str:
    """No more of a number than tells a caller from the next."""
    return number if number.startswith(CUT) or not number else f"{CUT}{number[-TAIL:]}"


def veiled(event: CallerJoined, contract: Contract) -> CallerJoined:
    """The same event without the number; of one that was veiled already, itself."""
    if not event.number:
        return event
    shown = _shown(event.number, QueueId(event.pbx, event.queue), contract)
    return replace(
        event,
        number=shown.number,
        digits=event.digits or shown.digits,
        test=event.test or shown.test,
        caller=event.caller or shown.caller,
        ring_back=event.ring_back or shown.ring_back,
    )


def veiled_rows(rows: Iterable[LogRow], pbx: str, contract: Contract) -> tuple[LogRow, ...]:
    """The same rows of a log without numbers and names: what is left of a caller stands beside his row."""
    return tuple(_veiled_row(row, pbx, contract) if row.verb == "ENTERQUEUE" and row.shown is None else row for row in rows)


def _veiled_row(row: LogRow, pbx: str, contract: Contract) -> LogRow:
    number = row.data[1] if len(row.data) > 1 else ""
    return row._replace(data=(), shown=_shown(number, QueueId(pbx, row.queue), contract))


def _shown(number: str, queue: QueueId, contract: Contract) -> Shown:
    claims = contract.claims_on(queue)
    own = number if len(number) <= EXTENSION else ""
    key = caller_key(number, contract) if claims else ""
    test = any(fnmatchcase(number, pattern) for project in claims for pattern in project.test_callers)
    kept = max((project.caller_digits for project in claims), default=0)
    digits = number[-kept:] if kept and number.lstrip("+").isdecimal() else ""
    ring_back = "" if test or not key else number if contract.keep_numbers else shortened(number)
    return Shown(own, digits, test, key, ring_back)
