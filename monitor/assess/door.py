"""Our own door: could callers come in at all?

Owns the three ways in which a loss is nobody's but ours: for a considerable part of the judged window nobody was there for the calls, calls that
were turned away explain a considerable part of what is missing, or most of it came to our trunks and not to the queues. Refuses finding losses
(`detect`) and reading them (`reading`). Next: `kept` puts it into a project's `Standing`.
"""

from __future__ import annotations

from typing import Final

from monitor.assess.detect import Evidence
from monitor.assess.passage import ON_THE_WAY_US, Passage, Strayed
from monitor.assess.today import Today
from monitor.core.refusals import Refusals
from monitor.core.trunks import Trunks

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


def arrived(trunks: Trunks | None, project: str, today: Today) -> int | None:
    """How many dialled the project's numbers in the closed intervals; None where nobody counts them."""
    spans = [step.closed.interval for step in today.steps]
    counts = [None if trunks is None else trunks.since(project, span.start, span.end) for span in spans]
    return sum(count for count in counts if count is not None) if counts and None not in counts else None


def strayed(trunks: Trunks | None, passage: Passage, project: str, today: Today, quiet: Evidence | None, quiet_since: int, at: int) -> Strayed | None:
    """Whom the closed intervals, or a silence that lasts, lost between our trunks and the queues."""
    came = arrived(trunks, project, today)
    lost = None if came is None else passage.strayed(came, today.total.n, today.total.f - today.total.n)
    if lost is None and quiet is not None and trunks is not None:
        came = trunks.since(project, quiet_since, at - ON_THE_WAY_US)
        lost = None if came is None else passage.strayed(came, 0, quiet.f)
    return lost
