"""`floorwatch store`: backup, restore and forget-agent, as they are typed.

Owns their options and what they say. Refuses the work (`state.store`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.terms import ConfigFile, say
from monitor.errors import BadOption
from monitor.loading import Loading
from monitor.plural import counted

if TYPE_CHECKING:
    from monitor.state.store.place import Place

store = typer.Typer(help="Save, restore and clean what is kept for reports.", no_args_is_help=True, rich_markup_mode=None)


def _place(config_file: Path) -> Place:
    with Loading():
        from monitor import config
        from monitor.state.store.place import Place

    loaded = config.load(config_file, needed=config.Needed.NONE)
    if not loaded.store.url:
        raise BadOption(f'--config {config_file}: [store] url = "" keeps nothing; name a store there')
    return Place(loaded.store.url)


@store.command("backup", epilog="Example: floorwatch store backup --config /etc/floorwatch/floorwatch.toml store-2026-11.gz")
def save(
    config_file: ConfigFile,
    out: Annotated[Path, typer.Argument(help="The file to write: packed, for SQLite and PostgreSQL alike.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
) -> None:
    """Write everything in the store to one file, as of now; the daemon may run."""
    with Loading():
        from monitor.state.store import backup

    say(f"{out}: {counted(backup.backup(_place(config_file), out, force=force), 'row')}")


@store.command("restore", epilog="Example: floorwatch store restore --config /etc/floorwatch/floorwatch.toml store-2026-11.gz")
def refill(
    config_file: ConfigFile,
    file: Annotated[Path, typer.Argument(help="What floorwatch store backup wrote.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace everything that is in the store.")] = False,
) -> None:
    """Fill the store from a backup, all or nothing; the daemon must be stopped."""
    with Loading():
        from monitor.state.store import backup

    place = _place(config_file)
    say(f"{place.shown}: {counted(backup.restore(place, file, force=force), 'row')} restored")


@store.command("forget-agent", epilog="Example: floorwatch store forget-agent --config /etc/floorwatch/floorwatch.toml 1042 --yes")
def forget(
    config_file: ConfigFile,
    agent: Annotated[str, typer.Argument(help="The employee_id of the agents file, PBX/interface, or as in queue_log PBX/name.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else it is only said what would be done.")] = False,
) -> None:
    """Put a pseudonym in the place of a person, for good. Backups made before still name the person."""
    with Loading():
        from monitor.state.store import forgetting

    place = _place(config_file)
    found = forgetting.find(place, agent)
    if yes:
        found = forgetting.forget(place, agent)
    for table, rows in found.items():
        say(f"{table}: {counted(rows, 'row')} {'no longer name' if yes else 'would no longer name'} {agent}")
    if yes:
        if "/" not in agent:
            say(f"what {agent} did before standing in the agents file, and what only queue_log told, is under PBX/interface or PBX/name: forget those too")
        say("a daemon writes the name again until half an hour after the person was last on the floor: then do this once more")
    else:
        say("nothing was changed; --yes does it, for good")
