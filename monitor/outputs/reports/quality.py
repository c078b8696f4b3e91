"""How good the figures of a report are: what was seen, what is written, what is still open.

Owns these sentences, which stand under every report, so that nobody is accused on hours that nobody saw. What is as it should be is said too,
in one word: a note that is missing is no proof. Refuses mending anything.
"""

from __future__ import annotations

from decimal import Decimal

from monitor.core.contract import MINUTE, SECOND
from monitor.outputs.reports.asked import Asked
from monitor.outputs.reports.report import ratio
from monitor.state.store.tally import Tally

HOUR = 3_600 * SECOND


def notes(asked: Asked, tally: Tally, *, labour: bool = False) -> tuple[str, ...]:
    """A sentence each; `labour`: what people's time costs is in the report, so time without a wage matters."""
    words = asked.words
    length = observed = written = unresolved = open_ = 0
    corrected = tally.corrections(*_widest(asked))
    for project in asked.projects:
        start, end = asked.bounds(project)
        length += max(0, min(end, asked.written_until) - start)
        minutes, seen, lost = tally.total("project", project.name, start, end, ("observed_us", "unresolved"))
        observed, written, unresolved = observed + seen, written + minutes, unresolved + lost
        open_ += tally.unfinished(project.name, start, end)
    said = []
    if asked.written_until < _widest(asked)[1]:
        said.append(words("written_until", at=asked.moment(asked.written_until)) if asked.written_until else words("written_nothing"))
    share = ratio(observed, length)
    if share is not None:
        said.append(words("observed", share=words.percent(min(share, Decimal(1)), 2)))
        missing = length // MINUTE - written
        said.append(words("minutes_missing", minutes=missing, of=length // MINUTE) if missing > 0 else words("minutes_whole"))
    said.append(words("unresolved", calls=unresolved))
    said.append(words("corrections", count=sum(count for name, count in corrected.items() if asked.whole or name in {one.name for one in asked.projects})))
    said.append(words("unfinished", calls=open_))
    if labour:
        said.append(words("unpriced", hours=words.number(Decimal(_unpriced(asked, tally)) / HOUR, 2)))
    return tuple(said)


def _widest(asked: Asked) -> tuple[int, int]:
    bounds = [asked.bounds(one) for one in asked.projects] or [asked.bounds()]
    return min(start for start, _ in bounds), max(end for _, end in bounds)


def _unpriced(asked: Asked, tally: Tally) -> int:
    groups = {one.group for one in asked.projects}
    return sum(tally.total("group", name, *asked.bounds(), ("unpriced_us",))[1] for name in sorted(groups))
