"""The commands: `floorwatch run`, `floorwatch check` and `floorwatch demo`.

Owns what is typed and what is printed. Refuses everything else: `app` wires and runs the daemon. Bad input ends with one line per
problem on standard error and exit code 2, a failure with 1.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__, app, config, inspection, logs, rehearsal
from monitor.clock import Clock
from monitor.errors import FloorwatchError

commands = typer.Typer(
    name="floorwatch",
    help="Watches the floor of an Asterisk contact centre: workload, occupancy, service level, against the plan.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# readable=False: what cannot be read is `config`'s to say, in one line.
ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The configuration, a TOML file.", show_default=False, readable=False)]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"floorwatch {__version__}")
        raise typer.Exit


@commands.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Watches the floor of an Asterisk contact centre: workload, occupancy, service level, against the plan."""


@commands.command(epilog="Example: floorwatch run --config /etc/floorwatch/floorwatch.toml")
def run(config_file: ConfigFile) -> None:
    """Run the daemon until SIGTERM or Ctrl-C. A PBX that is away does not end it."""
    loaded = config.load(config_file)
    plan = config.read_plan(loaded)
    logs.set_up(loaded.log.level, loaded.log.format)
    asyncio.run(app.run(loaded, plan))


@commands.command(epilog="Example: floorwatch check --config /etc/floorwatch/floorwatch.toml --live")
def check(
    config_file: ConfigFile,
    live: Annotated[bool, typer.Option("--live", help="Log in to every PBX and look at rights, clock and queues.")] = False,
) -> None:
    """Say everything that is wrong with a configuration and its plan; with --live, with the PBXs too. Exit 0: nothing is."""
    loaded = config.load(config_file)
    plan = config.read_plan(loaded)
    logs.set_up("error", "logfmt")
    clock = Clock()
    findings = inspection.inspect(loaded, plan, clock.now())
    if live:
        findings += asyncio.run(inspection.look(loaded, clock.now))
    for finding in findings:
        print(finding)
    if any(finding.weight is inspection.Weight.BAD for finding in findings):
        raise typer.Exit(1)


@commands.command(epilog="Example: floorwatch demo --speed 10")
def demo(
    port: Annotated[str, typer.Option(help="Where to serve page and metrics; 0: any free port.", metavar="PORT")] = "9877",
    seed: Annotated[str, typer.Option(help="Which day it is: the same seed gives the same day.", metavar="N")] = "1",
    speed: Annotated[str, typer.Option(help="How many times as fast as real time, 0.1 to 60.", metavar="X")] = "1",
    write_stack: Annotated[Path | None, typer.Option(help="Folder to write a prometheus.yml for the demo to.", metavar="DIR", readable=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
) -> None:
    """Run the daemon on a simulated outsourcer until Ctrl-C: no PBX, no configuration, no root. Nothing is left behind."""
    logs.set_up("error", "logfmt")
    wishes = rehearsal.Wishes(rehearsal.port(port), rehearsal.seed(seed), rehearsal.speed(speed), write_stack, force)
    asyncio.run(rehearsal.run(wishes, partial(print, flush=True)))


def main() -> None:
    """The command `floorwatch`."""
    try:
        commands(standalone_mode=True)
    except FloorwatchError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
