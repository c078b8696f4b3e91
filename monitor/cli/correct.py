"""`floorwatch report correct` and `corrections`, as they are typed.

Owns their options and what they say. Refuses the work (`reporting`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.report import First, Force, Form, Last, Month, Out, made
from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.loading import Loading

correct = typer.Typer(help="Put right what the floor saw: hours, or whether a call is to be paid for.", no_args_is_help=True, rich_markup_mode=None)

Why = Annotated[str, typer.Option("--why", help="Why, in a line: it is kept, and stands in reports, so name nobody.", show_default=False)]
Who = Annotated[str, typer.Option("--who", help="Who corrects it; else who is logged in.", show_default=False)]

CORRECTIONS_EXAMPLE = "Example: floorwatch report corrections --config F --month 2026-11 --out corrections-2026-11.xlsx"


@correct.command(
    "hours", epilog='Example: floorwatch report correct hours --config F --employee 1042 --date 2026-11-05 --class regular --seconds -3600 --why "…"'
)
def hours(
    config_file: ConfigFile,
    employee: Annotated[str, typer.Option("--employee", metavar="ID", help="Whose, as report payroll names the person.", show_default=False)],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Of which local day.", show_default=False)],
    kind: Annotated[str, typer.Option("--class", metavar="CLASS", help="Which row of it: regular, night and so on, as in report payroll.", show_default=False)],
    seconds: Annotated[str, typer.Option("--seconds", metavar="±N", help="So many more, or with a minus less.", show_default=False)],
    project: Annotated[str, typer.Option("--project", help="The row's project; else time that belongs to none.", show_default=False)] = "",
    why: Why = "",
    who: Who = "",
) -> None:
    """Add hours to a row of payroll, or take them away; the contrary undoes it, and both stay listed."""
    with Loading():
        from monitor import config, logs
        from monitor.planning.words import login
        from monitor.reporting import amending

    logs.set_up("error", "logfmt")
    loaded = config.load(config_file, needed=config.Needed.NONE)
    amending.correct_hours(loaded, amending.HoursWish(employee, date, kind, project, seconds, why, who or login()), Clock().now(), say)


@correct.command("call", epilog='Example: floorwatch report correct call --config F --project bank-line --call 1764579600.17 --exempt test --why "…"')
def call(
    config_file: ConfigFile,
    project: Annotated[str, typer.Option("--project", help="Whose it is.", show_default=False)],
    call_: Annotated[str, typer.Option("--call", metavar="ID", help="Its id in queue_log.", show_default=False)],
    pbx: Annotated[str, typer.Option("--pbx", help="On which PBX, where several have such a call.", show_default=False)] = "",
    exempt: Annotated[str, typer.Option("--exempt", metavar="REASON", help="It is not to be paid for: internal or test.", show_default=False)] = "",
    bill: Annotated[bool, typer.Option("--bill", help="It is to be paid for after all.")] = False,
    why: Why = "",
    who: Who = "",
) -> None:
    """Have a call paid for, or not; the contrary undoes it, and both stay listed."""
    with Loading():
        from monitor import config, logs
        from monitor.planning.words import login
        from monitor.reporting import amending

    logs.set_up("error", "logfmt")
    loaded = config.load(config_file, needed=config.Needed.NONE)
    amending.correct_call(loaded, amending.CallWish(project, call_, pbx, exempt, bill, why, who or login()), Clock().now(), say)


def corrections(
    config_file: ConfigFile,
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
) -> None:
    """What was corrected in these days or of them, by hand and by the logs: what it was and is, by whom and why."""
    with Loading():
        from monitor.outputs.reports.corrections import report as listed
        from monitor.reporting import wish

    made(config_file, wish.Wish(first, last, month, format_, out, force), listed)
