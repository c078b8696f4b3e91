"""One row of a PBX's own record of its queues (queue_log), as a value.

Owns the shape only: whole seconds on the PBX's clock, the callers' and members' own words. Refuses files (`sources.queue_log` reads
them) and meaning (`heal` gives it). Next: `heal`.
"""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """What is left of how a caller shows himself: `number` if it is an extension's, the last `digits` where they may be kept, whether it is a
    `test`, by what the `caller` is known again, and the number to `ring_back`."""

    number: str = ""
    digits: str = ""
    test: bool = False
    caller: str = ""
    ring_back: str = ""


class LogRow(NamedTuple):
    """What queue_log says in one line. `call` is the caller's channel id, or NONE, MANAGER, REALTIME or CLI; `agent` a member's name,
    for ADDMEMBER, REMOVEMEMBER, PENALTY and RINGINUSE usually the interface, or NONE; `data` what follows the verb.

    `shown` takes the place of an ENTERQUEUE's data, caller's number and name among them, before the row is written down (`numbers`)."""

    at_s: int
    call: str
    queue: str
    agent: str
    verb: str
    data: tuple[str, ...] = ()
    shown: Shown | None = None

    def number(self, index: int) -> int | None:
        """A whole number of the data, counted from the end where `index` is negative; None where there is none."""
        try:
            text = self.data[index]
        except IndexError:
            return None
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None
