"""`floorwatch report client`, `billing` and `close`, as they are typed.

Owns their options and what they say. Refuses the work (`reporting`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.report import First, Force, Form, Last, Month, Out, hand_over
from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.loading import Loading

Client = Annotated[str, typer.Option("--client", help="All projects of one client.", show_default=False)]
Project = Annotated[str, typer.Option("--project", help="One project.", show_default=False)]
Names = Annotated[bool, typer.Option("--names", help="People by their names, not by an alias, and the ids of calls: a copy for yourselves.")]

CLIENT_EXAMPLE = "Example: floorwatch report client --config F --client Bank --month 2026-11 --out bank-2026-11.xlsx"
BILLING_EXAMPLE = "Example: floorwatch report billing --config F --project bank-line --month 2026-11 --out annex-2026-11.xlsx"
CLOSE_EXAMPLE = "Example: floorwatch report close --config F --month 2026-11 --client Bank"


def client(
    config_file: ConfigFile,
    whose: Client = "",
    project: Project = "",
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
) -> None:
    """What a client is sent: his days, his service level by his own formula, and his bill; nothing of anybody else's."""
    with Loading():
        from monitor import config, logs
        from monitor.reporting import statements
        from monitor.reporting.wish import Wish

    logs.set_up("error", "logfmt")
    typed = Wish(first, last, month, format_, out, force)
    hand_over(statements.client_report(config.load(config_file, needed=config.Needed.NONE), typed, statements.Whose(whose, project), Clock().now()))


def billing(
    config_file: ConfigFile,
    whose: Client = "",
    project: Project = "",
    first: First = "",
    last: Last = "",
    month: Month = "",
    format_: Form = "",
    out: Out = None,
    force: Force = False,
    names: Names = False,
) -> None:
    """The annex to an invoice: every billed call, everything else that is billed, and the total of the billing period."""
    with Loading():
        from monitor import config, logs
        from monitor.reporting import statements
        from monitor.reporting.wish import Wish

    logs.set_up("error", "logfmt")
    typed = Wish(first, last, month, format_, out, force)
    hand_over(statements.billing_report(config.load(config_file, needed=config.Needed.NONE), typed, statements.Whose(whose, project, names), Clock().now()))


def close(
    config_file: ConfigFile,
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="The billing period that begins in it, as 2026-11.")],
    whose: Client = "",
    project: Project = "",
    payroll: Annotated[bool, typer.Option("--payroll", help="Everybody's hours alone.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again; what was closed stays in the archive.")] = False,
    who: Annotated[str, typer.Option("--who", help="Who closes it; else who is logged in.", show_default=False)] = "",
    why: Annotated[str, typer.Option("--why", help="Why it is opened again, or closed although not all of it is known.", show_default=False)] = "",
    force: Annotated[bool, typer.Option("--force", help="Close it although not all of it is known; with --why.")] = False,
) -> None:
    """Freeze what was billed and sent for a month; what is corrected later is listed beside it, and changes none of it."""
    with Loading():
        from monitor import config, logs
        from monitor.planning.words import login
        from monitor.reporting import freezing

    logs.set_up("error", "logfmt")
    loaded = config.load(config_file, needed=config.Needed.NONE)
    freezing.close(loaded, freezing.Wish(month, project, whose, payroll, who or login(), why, force, reopen), Clock().now(), say)
