"""Of a caller's number, no more than a bill needs: whether it is a test's, its last digits where a client agreed, itself if it is an extension's.

Owns that reduction, which is made before anything is written down. Refuses names, and keeping a number anywhere. Next: `contacts` has what is left.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from monitor.core.contract import Contract, QueueId
from monitor.core.events import CallerJoined

EXTENSION: Final = 6  # digits that a number of the floor itself has at most


def veiled(event: CallerJoined, contract: Contract) -> CallerJoined:
    """The same event without the number; of one that was veiled already, itself."""
    number = event.number
    if not number:
        return event
    claims = contract.claims_on(QueueId(event.pbx, event.queue))
    test = any(fnmatchcase(number, pattern) for project in claims for pattern in project.test_callers)
    kept = max((project.caller_digits for project in claims), default=0)
    digits = number[-kept:] if kept and number.lstrip("+").isdecimal() else ""
    return replace(event, number=number if len(number) <= EXTENSION else "", digits=event.digits or digits, test=event.test or test)
