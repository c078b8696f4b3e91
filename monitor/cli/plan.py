"""`floorwatch plan`: show, import and scale, as they are typed.

Owns their options and what they say. Refuses the work (`planning`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor import typed
from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.errors import BadOption
from monitor.loading import Loading

plan = typer.Typer(help="Look at the plan, bring one in, scale it to what was agreed since.", no_args_is_help=True, rich_markup_mode=None)


@plan.command("show", epilog="Example: floorwatch plan show --config /etc/floorwatch/floorwatch.toml --project bank-line --week")
def look(
    config_file: ConfigFile,
    project: Annotated[str, typer.Option("--project", help="Of one project only.", show_default=False)] = "",
    date: Annotated[str | None, typer.Option("--date", metavar="DATE", help="Which day; else today.", show_default=False)] = None,
    week: Annotated[bool, typer.Option("--week", help="Seven days from then on, a line each.")] = False,
) -> None:
    """Print the plan of a day, interval by interval, or of a week, with what is signed beside it."""
    with Loading():
        from monitor import config, logs
        from monitor.planning import show

    logs.set_up("error", "logfmt")
    day = None if date is None else typed.day("--date", date)
    for line in show.show(config.load(config_file, needed=config.Needed.NONE), show.Wish(project, day, week), Clock().now()):
        say(line)


@plan.command("import", epilog="Example: floorwatch plan import --config /etc/floorwatch/floorwatch.toml --note 'December' --write december.xlsx")
def take(
    config_file: ConfigFile,
    file: Annotated[Path, typer.Argument(help="The file of a client or a planning product: CSV or XLSX.", show_default=False, readable=False)],
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="A preset, instead of [plan] format.", show_default=False)] = "",
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="THEIRS=OURS", help="Whose project their queue is; nothing after = leaves it out.", show_default=False)
    ] = None,
    profile_from: Annotated[
        str, typer.Option("--profile-from", metavar="queue_log|FILE", help="How totals spread over the day: as so far, or as a file says.", show_default=False)
    ] = "",
    save_profile: Annotated[
        Path | None, typer.Option("--save-profile", help="Write that profile to a file, for [plan] profile.", show_default=False, readable=False)
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why; it is kept with the plan.", show_default=False)] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Keep nothing of the plan, not even what FILE does not tell of.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Do it; else it is only said what would change.")] = False,
) -> None:
    """Read any plan file, say what would change, and with --write put it in the place of the plan, as native CSV."""
    with Loading():
        from monitor import config, logs
        from monitor.config.plan_format import typed_format
        from monitor.planning import bring
        from monitor.planning.words import login

    logs.set_up("error", "logfmt")
    loaded = config.load(config_file, new_plan=True, needed=config.Needed.NONE)
    how = typed_format(loaded, format_, map_ or [])
    for line in bring.bring(loaded, bring.Wish(file, how, profile_from, save_profile, note, replace, write), login(), Clock().now()):
        say(line)


@plan.command("scale", epilog="Example: floorwatch plan scale --config F --project bank-line --from 2026-12-01 --factor 0.6 --note 'mail of Olena'")
def rescale(
    config_file: ConfigFile,
    project: Annotated[str, typer.Option("--project", help="Whose plan.", show_default=False)] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day it holds.", show_default=False)] = "",
    last: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day; else for good.", show_default=False)] = "",
    factor: Annotated[str, typer.Option("--factor", metavar="X", help="0.6 is six tenths of the plan.", show_default=False)] = "",
    note: Annotated[str, typer.Option("--note", help="Who agreed to what.", show_default=False)] = "",
    force: Annotated[bool, typer.Option("--force", help="Days that are past, and factors below 0.1 or above 3.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Print all scales.")] = False,
    remove: Annotated[str | None, typer.Option("--remove", metavar="N", help="Take one back, by its number in the list.", show_default=False)] = None,
) -> None:
    """Scale a project's plan from a day on; its detectors begin anew there. The plan's file stays as it is."""
    with Loading():
        from monitor import config, logs
        from monitor.planning import scale
        from monitor.planning.words import login

    logs.set_up("error", "logfmt")
    loaded, now = config.load(config_file, needed=config.Needed.NONE), Clock().now()
    if list_:
        lines = scale.listed(loaded)
    elif remove is not None:
        lines = scale.remove(loaded, _number(remove), login(), now)
    else:
        for option, text in (("--project", project), ("--from", first), ("--factor", factor), ("--note", note)):
            if not text:
                raise BadOption(f"{option}: is missing; give --project, --from, --factor and --note, or --list, or --remove")
        until = typed.day("--until", last) if last else None
        wish = scale.Wish(project, typed.day("--from", first), until, factor, note, force)
        lines = scale.add(loaded, wish, login(), now)
    for line in lines:
        say(line)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise BadOption(f"--remove {text}: is no number of a scale; --list says which there are")
    return int(text)
