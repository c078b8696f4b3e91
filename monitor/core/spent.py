"""Time that a person spent alike, added up.

Owns the record, between the store that adds up (`state.store.tally`) and who reckons with it (`assess.payroll`, `outputs.reports`).
Refuses what is alike: whoever asks says that.
"""

from __future__ import annotations

from typing import NamedTuple


class Spent(NamedTuple):
    """What a person did between two edges, the earlier of which has the number `since`: a state under a pause reason, in a group, for a project.

    `start` is when the first of it began, `end` when the last of it ended.
    """

    since: int
    group: str | None
    state: str
    reason: str
    project: str | None
    us: int
    start: int
    end: int
