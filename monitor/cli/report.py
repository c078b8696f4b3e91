"""`floorwatch report`: day, agents, payroll and signals, as they are typed.

Owns their options, what they say, and how far a long one is. Refuses the work (`reporting`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.terms import ConfigFile, complain, say
from monitor.clock import Clock
from monitor.loading import Loading

if TYPE_CHECKING:
    from monitor.outputs.reports.asked import Progress
    from monitor.reporting.making import Made, Maker
    from monitor.reporting.wish import Wish

report = typer.Typer(help="What happened, by day, agent, client and month, from the store.", no_args_is_help=True, rich_markup_mode=None)

First = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day, by the local clock.", show_default=False)]
Last = Annotated[str, typer.Option("--to", metavar="DATE", help="The last day, which is in it; else one day.", show_default=False)]
Month = Annotated[str, typer.Option("--month", metavar="MONTH", help="A whole month instead, as 2026-11.", show_default=False)]
Form = Annotated[
    str,
    typer.Option(
        "--format", metavar="FORMAT", help="table, csv, excel-uk, xlsx or json; else as OUT ends: .txt, .csv, .uk.csv, .xlsx, .json.", show_default=False
    ),
]
Out = Annotated[Path | None, typer.Option("--out", help="Write it to a file.", show_default=False, readable=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there already.")]
Whose = Annotated[str, typer.Option("--project", help="Of one project only.", show_default=False)]

_PAUSE_S = 0.2  # between two words about how far it is, on a terminal
_LONG_PAUSE_S = 5  # and elsewhere


def made(config_file: Path, wish: Wish, maker: Maker) -> None:
    """Make a report and print it, or write it and say so."""
    with Loading():
        from monitor import config, logs
        from monitor.reporting import making

    logs.set_up("error", "logfmt")
    with _progress() as progress:
        done = making.make(config.load(config_file, needed=config.Needed.NONE), wish, Clock().now(), maker, progress)
    hand_over(done)


def hand_over(done: Made) -> None:
    """Print a report, or say where it was written."""
    if done.out is None:
        say(done.content.decode("utf-8"), end="")
    else:
        say(f"{done.out}: written")
    for line in done.beside:
        complain(line)


@contextmanager
def _progress() -> Iterator[Progress]:
    """How far it is, to whoever waits: a line that changes on a terminal, a line every few seconds elsewhere."""
    live = sys.stderr.isatty()
    told = monotonic()
    shown = 0

    def progress(done: int, of: int) -> None:
        nonlocal told, shown
        if monotonic() - told < (_PAUSE_S if live else _LONG_PAUSE_S):
            return
        told = monotonic()
        line = f"{100 * done // max(1, of)} % read"
        if live:
            print(f"\r{line:<{shown}}", end="", file=sys.stderr, flush=True)
            shown = len(line)
        else:
            complain(line)

    try:
        yield progress
    finally:
        if shown:
            print(f"\r{'':<{shown}}\r", end="", file=sys.stderr, flush=True)


@report.command("day", epilog="Example: floorwatch report day --config /etc/floorwatch/floorwatch.toml --month 2026-11 --out november.xlsx")
def day(
    config_file: ConfigFile,
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
    project: Whose = "",
    by: Annotated[str, typer.Option("--by", metavar="WHAT", help="interval or day; else intervals of one day, days of several.", show_default=False)] = "",
    view: Annotated[
        str, typer.Option("--view", metavar="VIEW", help="true-to-interval, or contact-ends: all work where a contact ended.")
    ] = "true-to-interval",
) -> None:
    """Contacts, service level, workload against plan, occupancy and revenue of each project."""
    with Loading():
        from monitor.reporting import wish
        from monitor.reporting.ask import of_days

    made(config_file, wish.Wish(first, last, month, format_, out, force, project), of_days(by, view))


@report.command("agents", epilog="Example: floorwatch report agents --config /etc/floorwatch/floorwatch.toml --month 2026-11 --by day --out agents.csv")
def agents(
    config_file: ConfigFile,
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
    by: Annotated[str, typer.Option("--by", metavar="WHAT", help="span: a row per person; or day.")] = "span",
) -> None:
    """Calls, handle time, pauses by reason, hours on the floor and occupancy of each person."""
    with Loading():
        from monitor.reporting import wish
        from monitor.reporting.ask import of_agents

    made(config_file, wish.Wish(first, last, month, format_, out, force), of_agents(by))


@report.command("payroll", epilog="Example: floorwatch report payroll --config /etc/floorwatch/floorwatch.toml --month 2026-11 --layout p5 --out p5.xlsx")
def payroll(
    config_file: ConfigFile,
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
    paid_by: Annotated[str, typer.Option("--paid-by", metavar="WHOM", help="login: the time on the floor. roster and min come with the roster.")] = "login",
    layout: Annotated[str, typer.Option("--layout", metavar="HOW", help="rows, or p5: a row per person, a column per day of a month.")] = "rows",
) -> None:
    """Hours of each person by day, project and class, for whoever pays them."""
    with Loading():
        from monitor.reporting import wish
        from monitor.reporting.ask import of_payroll

    made(config_file, wish.Wish(first, last, month, format_, out, force), of_payroll(paid_by, layout))


@report.command("signals", epilog="Example: floorwatch report signals --config /etc/floorwatch/floorwatch.toml --month 2026-11 --out signals.xlsx")
def signals(
    config_file: ConfigFile,
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
    project: Whose = "",
) -> None:
    """Contact rates with each signal and without, and whether the difference is more than chance."""
    with Loading():
        from monitor.reporting import wish
        from monitor.reporting.ask import of_signals

    made(config_file, wish.Wish(first, last, month, format_, out, force, project), of_signals())
