"""`floorwatch signal`: on, off and list, as they are typed.

Owns their options and what they say. Refuses the work (`telling`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.terms import ConfigFile, say
from monitor.clock import Clock
from monitor.loading import Loading

weather = typer.Typer(
    help="Tell the running daemon what is on outside: a thunderstorm, a power cut, a holiday, a new law.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name in the configuration.", show_default=False)]
Region = Annotated[str | None, typer.Option("--region", help="Of its regions this one, else all of them.", show_default=False)]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="10:42 (the last one there was), or 2026-11-30T10:42, of the site's clock; else now.", show_default=False),
]


@weather.command("on", epilog="Example: floorwatch signal on --config /etc/floorwatch/floorwatch.toml storm --region Kyiv --at 10:42")
def begin(
    config_file: ConfigFile,
    name: Name,
    region: Region = None,
    at: At = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="2026-11-30T18:00, of the site's clock; else until it is off, or max_hours.", show_default=False),
    ] = None,
) -> None:
    """It is on: calls from now on are stored with it. Nothing is judged or excused by it."""
    _tell(config_file, name, "on", region, at, until)


@weather.command("off", epilog="Example: floorwatch signal off --config /etc/floorwatch/floorwatch.toml storm --region Kyiv")
def end(config_file: ConfigFile, name: Name, region: Region = None, at: At = None) -> None:
    """It is over."""
    _tell(config_file, name, "off", region, at, None)


@weather.command("list", epilog="Example: floorwatch signal list --config /etc/floorwatch/floorwatch.toml")
def show(config_file: ConfigFile) -> None:
    """Every signal that is configured, in each of its regions, on or off. Needs no token."""
    with Loading():
        from monitor import config, telling

    for line in telling.signals(config.load(config_file, new_plan=True, needed=config.Needed.NONE)) or ["no signals"]:
        say(line)


def _tell(config_file: ConfigFile, name: str, state: str, region: str | None, at: str | None, until: str | None) -> None:
    with Loading():
        from monitor import config, telling

    loaded = config.load(config_file, new_plan=True, needed=config.Needed.WRITER)
    told = {"name": name, "state": state, "region": region, "at": at and telling.since(at, loaded.contract.zone, Clock().now()), "until": until}
    for line in telling.tell_signal(loaded, {key: value for key, value in told.items() if value is not None}):
        say(line)
