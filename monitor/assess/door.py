"""Our own door: could callers come in at all?

Owns the two ways in which a loss is nobody's but ours: for a considerable part of the judged window nobody was there for the calls, or calls
that were turned away explain a considerable part of what is missing. Refuses finding losses (`detect`) and reading them (`reading`).
Next: `accruals` puts it into a project's `Standing`.
"""

from __future__ import annotations

from typing import Final

from monitor.assess.detect import Evidence
from monitor.assess.today import Today
from monitor.core.refusals import Refusals

SHARE: Final = 0.2  # of the window, or of the loss


def unattended(today: Today, unattended_us: int) -> bool:
    """Whether so much of the closed intervals passed without anybody for the calls."""
    return today.length_us > 0 and unattended_us > SHARE * today.length_us


def refuses(refusals: Refusals | None, project: str, today: Today, quiet: Evidence | None, quiet_since: int) -> bool:
    """Whether calls were refused that would make up so much of what is missing in the closed intervals, or in a silence that lasts."""
    if refusals is None:
        return False
    missing = today.total.f - today.total.n
    spans: list[tuple[float, int, int | None]] = [(missing, today.start, today.steps[-1].closed.interval.end)] if today.steps else []
    if quiet is not None:
        spans.append((quiet.f, quiet_since, None))
    return any(lost > 0 and (refusals.since(project, start, end) or 0) >= SHARE * lost for lost, start, end in spans)
