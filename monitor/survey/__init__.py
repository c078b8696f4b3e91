"""`floorwatch init`: one look at a strange PBX, and a first configuration, agents file and plan of it.

Owns the order: what was typed is checked, nothing that is there is in the way, one short session that only reads, the log, the drafts,
a trial load of them, and only then the writing, all or nothing. Refuses deciding what only people know: it assumes, and says so in the
files. Next: `cli` prints what was found.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from monitor import config
from monitor.config.files import UnreadableError, check_readable
from monitor.core.contract import SECOND, Project, QueueId
from monitor.errors import AmiError, BadOption
from monitor.hosts import is_loopback
from monitor.plan.history import Cover, cover, rough_plan
from monitor.plan.plan import PlanRow
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.sources.ami.probe import ProbeReport, probe
from monitor.survey import logbook
from monitor.survey.draft import AGENTS, CONFIG, PLAN, SECRET, Surroundings, config_text, plan_text
from monitor.survey.logbook import Logbook
from monitor.survey.people import agents_csv
from monitor.survey.secret import secret_of, terminal
from monitor.survey.sight import PBX, Sight, projects_of, sight
from monitor.survey.summary import found_lines, made_of, next_lines, plan_line
from monitor.survey.words import plain
from monitor.survey.writing import Draft, refuse_existing, refuse_unwritable, write_all
from monitor.survey.zone import site_zone

QUEUE_LOG = Path("/var/log/asterisk/queue_log")
STATE = "/var/lib/floorwatch"  # for root; other users keep it beside the configuration


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was typed."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str = "floorwatch"
    secret_file: Path | None = None
    secret_env: str | None = None
    queue_log: Path | None = None
    out: Path = Path()
    site: str | None = None
    timezone: str | None = None
    force: bool = False


def survey(wishes: Wishes, now: Callable[[], int], *, ask: Callable[[str], str] | None = None, pace: Pace | None = None, listen_s: float = 3.0) -> list[str]:
    """Look, draft, write; what to print. `ask` is the terminal's question unless given."""
    site = _checked(wishes)
    zone, zone_from = site_zone(wishes.timezone, os.environ)
    planned = (PLAN,) if wishes.queue_log else ()
    hidden = () if wishes.secret_file else (SECRET,)
    refuse_unwritable(wishes.out)
    if not wishes.force:
        refuse_existing(wishes.out, (CONFIG, AGENTS, *planned, *hidden))
    given = secret_of(f"{wishes.username} on {wishes.host}:{wishes.port}", wishes.secret_file, wishes.secret_env, os.environ, ask=ask or terminal())
    settings = AmiSettings(PBX, wishes.host, wishes.username, given.secret.reveal(), wishes.port)
    seen = _look(settings, now, pace, listen_s)
    projects = [Project(name, name, "floor", (QueueId(PBX, queue),), zone) for queue, name in projects_of(list(seen.seen.strategies)).items()]
    at = now()
    book = logbook.read(wishes.queue_log, projects, at, seen.offset_us or 0) if wishes.queue_log else None
    found = sight(seen, book)
    covered = None if book is None or book.first_at is None or book.last_at is None else cover(book.first_at, book.last_at, at, zone)
    today = datetime.fromtimestamp(at // SECOND, zone).date()
    rows = _plan(found, book, covered, today)
    around = Surroundings(
        host=wishes.host,
        port=wishes.port,
        username=wishes.username,
        site=site,
        zone=zone.key,
        zone_from=zone_from,
        secret_file=SECRET if given.file is None else str(given.file),
        queue_log=_queue_log(wishes),
        state=STATE if os.geteuid() == 0 else str(wishes.out.absolute() / "state"),
        today=today.isoformat(),
        plan=made_of(book, covered) if rows else "",
    )
    aht = {} if book is None else {queue: tally.aht_s() for queue, tally in book.tallies.items()}
    drafts = [Draft(CONFIG, config_text(around, found, book, aht)), Draft(AGENTS, agents_csv(found.people))]
    drafts += [Draft(PLAN, plan_text(rows, zone))] if rows else []
    drafts += [Draft(SECRET, f"{given.secret.reveal()}\n", private=True)] if given.file is None else []
    written = write_all(wishes.out, drafts, force=wishes.force, trial=_try)
    return [*found_lines(around, found), plan_line(around, book), *next_lines(wishes.out, written)]


def _checked(wishes: Wishes) -> str:
    """The site's name; BadOption for what a configuration could not hold."""
    site = wishes.site if wishes.site is not None else plain(socket.gethostname()) or "site"
    for option, value in (("--site", site), ("--username", wishes.username), ("--host", wishes.host)):
        if not value or value != value.strip() or not value.isprintable():
            raise BadOption(f"{option} {value!r}: is not a name; it may not be empty, begin or end with a blank, or have control characters in it")
    if wishes.queue_log is not None:
        try:
            check_readable(wishes.queue_log)
        except UnreadableError as error:
            problem, _, remedy = str(error).partition("; ")
            way = "correct the path, or leave the option out" if "no such file" in problem else remedy.replace("the daemon's user", "your user")
            raise BadOption(f"--queue-log {wishes.queue_log}: {problem}; {way}") from None
    return site


def _look(settings: AmiSettings, now: Callable[[], int], pace: Pace | None, listen_s: float) -> ProbeReport:
    where = f"{settings.host}:{settings.port}"
    try:
        report = asyncio.run(probe(settings, now, pace=pace, listen_s=listen_s))
    except AmiError as error:
        raise type(error)(error.problem if where in error.problem else f"{where}: {error.problem}") from None
    if not report.queues_told:
        raise AmiError(f"{where}: user {settings.username!r} may not run QueueStatus; give it write = reporting in manager.conf")
    if not report.seen.strategies:
        raise AmiError(f"{where}: there are no queues on this PBX; make one in queues.conf or in the panel, then look again")
    return report


def _plan(found: Sight, book: Logbook | None, covered: Cover | None, today: date) -> list[PlanRow]:
    if book is None or covered is None or not any(tally.contacts for tally in book.tallies.values()):
        return []
    return [row for queue in found.used if queue.name in book.tallies for row in rough_plan(book.tallies[queue.name], covered, today)]


def _queue_log(wishes: Wishes) -> str:
    """The log as the configuration names it: what was typed, or where Asterisk puts it if that is this machine."""
    if wishes.queue_log is not None:
        return str(wishes.queue_log.absolute())
    return str(QUEUE_LOG) if is_loopback(wishes.host) and os.access(QUEUE_LOG, os.R_OK) else ""


def _try(folder: Path) -> None:
    """What is to be written loads."""
    config.read_plan(config.load(folder / CONFIG, {}))
