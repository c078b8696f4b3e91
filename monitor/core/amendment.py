"""What somebody puts right by hand, with who and why: the hours of a row of payroll, or whether a call is billed.

Owns the record. It changes nothing of what it is about: the floor's word and the amendments stand beside each other, and whoever reads adds them up. None is
ever taken away: what was wrong in one is put right by a contrary one. Refuses what they amount to (`assess.amended`). Next: `state.store.amending` keeps them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from monitor.core.contacts import INTERNAL, TEST

HOURS, CALL = "hours", "call"
BILLED: Final = "billed"
EXEMPT: Final = (INTERNAL, TEST)


class Amendment(NamedTuple):
    """One of them, by its `number`: made at an instant, about another (when a person's day began, or a caller came), `what` is hours or a call.

    Of hours it is `time_us` more or less for a person, local day (as 2026-11-30), project ("" is none's) and class; `was` and `now` are the row's seconds. Of a
    call they are `billed`, or why it is not.
    """

    number: int
    made_at: int
    about_at: int
    who: str
    why: str
    what: str
    project: str
    was: str = ""
    now: str = ""
    person: str = ""
    day: str = ""
    kind: str = ""
    time_us: int = 0
    pbx: str = ""
    call: str = ""
