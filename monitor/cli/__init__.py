"""The commands: `floorwatch demo`, `init`, `check`, `run`, `plan`, `report`, `incident`, `signal`, `record`, `replay` and `store`.

Owns what is typed and what is printed. Refuses everything else: `app` wires and runs the daemon. Bad input ends with one line per
problem on standard error and exit code 2, a failure with 1. A command loads what it needs once it is called: help and a slip of the
keyboard are answered at once.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__, typed
from monitor.cli import correct, plan_build, statements
from monitor.cli.incident import incident
from monitor.cli.plan import plan
from monitor.cli.report import report
from monitor.cli.store import store
from monitor.cli.terms import ConfigFile, complain, say
from monitor.cli.weather import weather
from monitor.clock import Clock
from monitor.errors import FloorwatchError
from monitor.loading import Loading

commands = typer.Typer(
    name="floorwatch",
    help="Watches the floor of an Asterisk contact centre: workload, occupancy, service level, against the plan.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"floorwatch {__version__}")
        raise typer.Exit


@commands.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Watches the floor of an Asterisk contact centre: workload, occupancy, service level, against the plan."""


@commands.command(epilog="Example: floorwatch run --config /etc/floorwatch/floorwatch.toml")
def run(config_file: ConfigFile) -> None:
    """Run the daemon until SIGTERM or Ctrl-C. A PBX that is away does not end it."""
    with Loading():
        from monitor import config, logs

    again = asyncio.Event()
    signal.signal(signal.SIGHUP, lambda *_: again.set())  # from now on files are read
    loaded = config.load(config_file)
    planned = config.read_plan(loaded)
    with Loading():
        from monitor import service  # files that are wrong are said before the rest is loaded

    logs.set_up(loaded.log.level, loaded.log.format)
    asyncio.run(service.run(loaded, planned, again))


@commands.command(epilog="Example: floorwatch check --config /etc/floorwatch/floorwatch.toml --live")
def check(
    config_file: ConfigFile,
    live: Annotated[bool, typer.Option("--live", help="Log in to every PBX and look at rights, clock and queues.")] = False,
) -> None:
    """Say everything that is wrong with a configuration and its plan; with --live, with the PBXs too. Exit 0: nothing is."""
    with Loading():
        from monitor import config, inspection, logs
        from monitor.config.plan_files import read_working
        from monitor.plan.plan import EMPTY
        from monitor.state import place

    loaded = config.load(config_file)
    working, signed = read_working(loaded), config.read_contract_plan(loaded)
    logs.set_up("error", "logfmt")
    clock = Clock()
    if loaded.state.directory is not None:
        place.look(loaded.file, loaded.state.directory)
    findings = inspection.inspect(loaded, EMPTY if working is None else working.plan, clock.now(), working, signed)
    if live:
        findings += asyncio.run(inspection.look(loaded, clock.now))
    for finding in findings:
        say(str(finding))
    if any(finding.weight is inspection.Weight.BAD for finding in findings):
        raise typer.Exit(1)


@commands.command(epilog="Example: floorwatch record --config /etc/floorwatch/floorwatch.toml --seconds 600 bug.ami.gz")
def record(
    config_file: ConfigFile,
    out: Annotated[Path, typer.Argument(help="The file to write; packed when its name ends in .gz.", show_default=False)],
    pbx: Annotated[str | None, typer.Option("--pbx", help="Which PBX, where there are several.", show_default=False)] = None,
    seconds: Annotated[str | None, typer.Option("--seconds", metavar="N", help="End after so long; else with Ctrl-C.", show_default=False)] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="Key of the pseudonyms, made when missing: recordings under one key can be compared.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
) -> None:
    """Record what a PBX says, with a pseudonym for every number and name: the way to send us a bug."""
    with Loading():
        from monitor import config, logs
        from monitor.sources.pseudonyms import Pseudonyms
        from monitor.tape import record as recording
        from monitor.tape.reel import key

    length = None if seconds is None else typed.seconds(seconds, recording.SHORTEST_S, recording.LONGEST_S)
    loaded = config.load(config_file, needed=config.Needed.PBX)
    chosen = recording.chosen(loaded, pbx)
    names = Pseudonyms(key(key_file))
    logs.set_up(loaded.log.level, loaded.log.format)
    say(asyncio.run(recording.record(loaded, chosen, names, out, length, force=force)), end="")


@commands.command(epilog="Example: floorwatch replay bug.ami.gz --speed 10 --port 9878")
def replay(
    file: Annotated[Path, typer.Argument(help="What floorwatch record wrote, or a bare capture of AMI.", show_default=False)],
    speed: Annotated[
        str | None, typer.Option("--speed", metavar="X", help="So many times as fast as it was, 0.1 to 1000; else at once.", show_default=False)
    ] = None,
    port: Annotated[str | None, typer.Option("--port", metavar="PORT", help="Serve the pages there until Ctrl-C.", show_default=False)] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", "-c", help="Use this contract instead: for captures under real names.", show_default=False, readable=False)
    ] = None,
    metrics: Annotated[Path | None, typer.Option("--metrics", help="Write the final metrics to this file.", show_default=False)] = None,
) -> None:
    """Replay a recording through the same pipeline and say what came of it."""
    with Loading():
        from monitor import config, logs
        from monitor.tape import replay as replaying

    logs.set_up("error", "logfmt")
    pace = None if speed is None else typed.speed(speed, replaying.SLOWEST, replaying.FASTEST)
    web_port = None if port is None else typed.port(port)
    if metrics is not None:
        replaying.check_place(metrics)
    playback = replaying.Playback(replaying.Tape(file, None if config_file is None else config.load(config_file, needed=config.Needed.NONE)))
    replaying.replay(playback, pace, web_port, partial(say, end=""))
    if metrics is not None:
        replaying.keep(metrics, playback.metrics())


@commands.command(epilog="Example: floorwatch init --out /etc/floorwatch --queue-log /var/log/asterisk/queue_log")
def init(
    host: Annotated[str, typer.Option(help="Where the PBX's AMI listens.")] = "127.0.0.1",
    port: Annotated[str, typer.Option(help="AMI's port.", metavar="PORT")] = "5038",
    username: Annotated[str, typer.Option(help="The user in its manager.conf.")] = "floorwatch",
    secret_file: Annotated[Path | None, typer.Option(help="File with the user's secret on its one line; without it, it is asked for.", readable=False)] = None,
    secret_env: Annotated[str | None, typer.Option(help="Environment variable that holds the secret.")] = None,
    queue_log: Annotated[Path | None, typer.Option(help="Its queue_log, for a first plan.", readable=False)] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.", readable=False)] = Path(),
    site: Annotated[str | None, typer.Option(help="The site's name; by default the machine's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The site's time zone, as Europe/Kyiv; by default the machine's.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
) -> None:
    """Look at a PBX, which only reads, and write a first configuration, agents file and, with queue_log, plan."""
    with Loading():
        from monitor import logs, survey

    logs.set_up("error", "logfmt")
    wishes = survey.Wishes(host, typed.port(port, least=1), username, secret_file, secret_env, queue_log, out, site, timezone, force)
    for line in survey.survey(wishes, Clock().now):
        say(line)


@commands.command(epilog="Example: floorwatch demo --speed 10")
def demo(
    port: Annotated[str, typer.Option(help="Where to serve page and metrics; 0: any free port.", metavar="PORT")] = "9877",
    seed: Annotated[str, typer.Option(help="Which day it is: the same seed gives the same day.", metavar="N")] = "1",
    speed: Annotated[str, typer.Option(help="How many times as fast as real time, 0.1 to 60.", metavar="X")] = "1",
    write_stack: Annotated[Path | None, typer.Option(help="Folder to write a prometheus.yml for the demo to.", metavar="DIR", readable=False)] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Empty folder to keep configuration, papers and store in, to try reports on.", metavar="DIR", readable=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files of --write-stack that are there already.")] = False,
) -> None:
    """Run the daemon on a simulated outsourcer until Ctrl-C: no PBX, no configuration, no root. Nothing is left behind but what --keep asks for."""
    with Loading():
        from monitor import logs, rehearsal

    logs.set_up("error", "logfmt")
    wishes = rehearsal.Wishes(typed.port(port), typed.seed(seed), typed.speed(speed, rehearsal.SLOWEST, rehearsal.FASTEST), write_stack, force, keep)
    asyncio.run(rehearsal.run(wishes, say))


plan.command("build", epilog=plan_build.EXAMPLE)(plan_build.build)
report.command("client", epilog=statements.CLIENT_EXAMPLE)(statements.client)
report.command("billing", epilog=statements.BILLING_EXAMPLE)(statements.billing)
report.command("close", epilog=statements.CLOSE_EXAMPLE)(statements.close)
report.command("corrections", epilog=correct.CORRECTIONS_EXAMPLE)(correct.corrections)
report.add_typer(correct.correct, name="correct")
commands.add_typer(plan, name="plan")
commands.add_typer(report, name="report")
commands.add_typer(incident, name="incident")
commands.add_typer(weather, name="signal")
commands.add_typer(store, name="store")


def main() -> None:
    """Obey what was typed. Who has closed our output, as `| head` does, has seen enough: that ends a command with 1 and without a word."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")  # a terminal that has no arrow gets a question mark
    try:
        try:
            commands(standalone_mode=True)
        except FloorwatchError as error:
            complain(str(error))
            sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
