"""`floorwatch incident`: open, close and list, as they are typed.

Owns their options and what they say. Refuses the work (`telling`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor import typed
from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.loading import Loading

LONGEST_MINUTES = 24 * 60

incident = typer.Typer(
    help="Tell the running daemon what everybody knows is wrong: an air raid, no power, a dead trunk.", no_args_is_help=True, rich_markup_mode=None
)


@incident.command("open", epilog="Example: floorwatch incident open --config /etc/floorwatch/floorwatch.toml --kind air_raid --since 10:42")
def begin(
    config_file: ConfigFile,
    kind: Annotated[str, typer.Option("--kind", help="air_raid, power, pbx, trunk, holiday, announced or other.", show_default=False)],
    scope: Annotated[str, typer.Option("--scope", help="site, or client:, project:, group: or pbx: and a name.")] = "site",
    recovery_minutes: Annotated[str, typer.Option("--recovery-minutes", metavar="N", help="How long after its end the floor is not yet as it was.")] = "15",
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="10:42 (the last one there was), or 2026-11-30T10:42, of the site's clock; else now.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="A remark on one line.", show_default=False)] = "",
) -> None:
    """An incident has begun: until it is closed, and until its recovery is over, nobody is judged by the plan. Says who is away."""
    with Loading():
        from monitor import config, telling

    loaded = config.load(config_file, new_plan=True, needed=config.Needed.WRITER)
    minutes = typed.minutes("--recovery-minutes", recovery_minutes, LONGEST_MINUTES)
    told: dict[str, object] = {"kind": kind, "scope": scope, "recovery_minutes": minutes, "note": note}
    if since is not None:
        told["since"] = telling.since(since, loaded.contract.zone, Clock().now())
    say(telling.open_incident(loaded, told))


@incident.command("close", epilog="Example: floorwatch incident close --config /etc/floorwatch/floorwatch.toml 7")
def end(config_file: ConfigFile, number: Annotated[str, typer.Argument(metavar="ID", help="Its number, as list shows it.", show_default=False)]) -> None:
    """It is over: its recovery begins."""
    with Loading():
        from monitor import config, telling

    say(telling.close_incident(config.load(config_file, new_plan=True, needed=config.Needed.WRITER), number))


@incident.command("list", epilog="Example: floorwatch incident list --config /etc/floorwatch/floorwatch.toml")
def show(config_file: ConfigFile) -> None:
    """Every incident of the last 50 hours, what lasts now, and what is announced. Needs no token."""
    with Loading():
        from monitor import config, telling

    for line in telling.incidents(config.load(config_file, new_plan=True, needed=config.Needed.NONE)) or ["no incidents"]:
        say(line)
