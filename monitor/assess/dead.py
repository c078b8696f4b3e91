"""Time in which the telephony was silent for a project: it is no client's, if what comes after it says so.

Owns from when to when: from the beginning of a silence that was read as the telephony's, until its next caller, or until the telephony lives
again for others and this one is silent by itself. Such a span is on trial until callers are back: if they are not, the client had gone, and the
time is his. Refuses reading a silence (`reading`). Next: `today` leaves these spans out, and what is silent after one of them is asked about
from its end on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from monitor.assess.reading import Reading
from monitor.core.contract import MINUTE

KEEP_US: Final = 50 * 60 * MINUTE
ENOUGH: Final = 5  # callers that prove the line alive; of twice as many planned that is too few
BACK: Final = 0.5  # of the plan


@dataclass(slots=True)
class DeadTime:
    """Of one project: the spans that are over, and since when one lasts."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    since: int | None = None
    trial: tuple[int, int] | None = None  # the latest, not proven yet

    @property
    def ended(self) -> int:
        """When it was last over; 0: never."""
        return self.trial[1] if self.trial is not None else self.spans[-1][1] if self.spans else 0

    def until(self, at: int) -> list[tuple[int, int]]:
        """All of it, up to now."""
        return [*self.spans, *([] if self.trial is None else [self.trial]), *([] if self.since is None else [(self.since, at)])]

    def look(self, at: int, reading: Reading | None, quiet_since: int | None, latest: int | None, *, others: bool) -> None:
        """Whether it begins or ends now.

        `quiet_since` is of the silence that may be asked about, if there is one; `latest` is its latest caller's minute; `others`: somebody's
        silence is still read as the telephony's.
        """
        if self.since is None:
            if quiet_since is not None and reading is Reading.TELEPHONY:
                self.since, self.trial = quiet_since if self.trial is None else self.trial[0], None
            return
        if latest is not None and latest >= self.since:
            end = latest
        elif quiet_since is not None and not others and reading is not Reading.OWN:
            end = at
        else:
            return
        self.trial, self.since = (self.since, end), None

    def prove(self, at: int, came: int, planned: float) -> None:
        """So many came since it ended where so many were planned: the volume is back, or it is not, or it is too early to say."""
        if self.trial is None:
            return
        if came >= ENOUGH and came >= BACK * planned:
            self.spans = [*(span for span in self.spans if span[1] > at - KEEP_US), self.trial]
            self.trial = None
        elif planned >= 2 * ENOUGH:
            self.trial = None

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self.spans = [(start + step, end + step) for start, end in self.spans]
        self.since = None if self.since is None else self.since + step
        self.trial = None if self.trial is None else (self.trial[0] + step, self.trial[1] + step)
