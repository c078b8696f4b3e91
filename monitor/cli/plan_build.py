"""`floorwatch plan build`, as it is typed.

Owns its options and what it says. Refuses the work (`planning`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor import typed
from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.loading import Loading

if TYPE_CHECKING:
    from monitor.planning.pasts import Progress

EXAMPLE = "Example: floorwatch plan build --config /etc/floorwatch/floorwatch.toml --from queue_log --out plan.csv"

_STEPS = 1000


def build(
    config_file: ConfigFile,
    source: Annotated[str, typer.Option("--from", metavar="SOURCE", help="What to make it of: queue_log, cdr or store.", show_default=False)],
    weeks: Annotated[str, typer.Option("--weeks", metavar="N", help="How many weeks back, 1 to 104.")] = "8",
    days: Annotated[str, typer.Option("--days", metavar="N", help="For how many days, 1 to 92.")] = "14",
    start: Annotated[str | None, typer.Option("--start", metavar="DATE", help="From which day on; by default tomorrow.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The plan to write; without it nothing is written.", show_default=False, readable=False)] = None,
    holiday: Annotated[list[str] | None, typer.Option("--holiday", metavar="DATE", help="A day to leave out; may be given often.", show_default=False)] = None,
    no_redials: Annotated[bool, typer.Option("--no-redials", help="Count every call: for trunks that show one number for all.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there already.")] = False,
) -> None:
    """Make a plan of the past, and say how good it would have been on the last two weeks."""
    with Loading():
        from monitor import config
        from monitor.planning import building, telling

    wishes = building.Wishes(
        source,
        typed.whole("--weeks", weeks, 1, 104, 8),
        typed.whole("--days", days, 1, 92, 14),
        None if start is None else typed.day("--start", start),
        out,
        frozenset(typed.day("--holiday", each) for each in holiday or ()),
        not no_redials,
        force,
    )
    loaded = config.load(config_file, new_plan=True, needed=config.Needed.NONE)
    with _progress() as progress:
        built = building.build(loaded, wishes, Clock().now(), progress)
    for line in telling.lines(built):
        say(line)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=_STEPS, label="reading", file=sys.stderr) as bar:
        yield lambda part: bar.update(round(part * _STEPS) - bar.pos)
