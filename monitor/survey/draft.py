"""A first configuration and plan, worded from what was seen.

Owns the texts: a TOML file whose comments say what was seen, what was assumed and what people have to decide; the plan's CSV. What is
only a guess stands in a comment, and so does a queue that nobody uses. Refuses looking and writing. Next: `writing` puts them in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from monitor.core.contract import SECOND
from monitor.plan.formats import REQUIRED
from monitor.plan.plan import MICRO, PlanRow
from monitor.plural import counted
from monitor.survey.logbook import Logbook
from monitor.survey.sight import PBX, QueueSeen, Sight
from monitor.survey.words import plain, quoted

CONFIG, AGENTS, PLAN, SECRET = "floorwatch.toml", "agents.csv", "plan.csv", "ami-secret"

_DEVICE = re.compile(r"[A-Za-z0-9]+/[\w.:+-]+")
_FEW = 6  # how many of a kind a comment names
_COLUMN = 34  # where comments behind values begin
_WRAPUP = "assumed: AMI does not show a queue's wrapuptime; write what queues.conf or the panel says"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the draft has to say that the PBX did not."""

    host: str
    port: int
    username: str
    site: str
    zone: str
    zone_from: str
    secret_file: str
    queue_log: str
    state: str
    today: str
    plan: str  # what the first plan is made of; empty: there is none


def config_text(around: Surroundings, sight: Sight, book: Logbook | None, aht: dict[str, int | None]) -> str:
    """The configuration. `aht`: by queue, the mean handle time of the log where it tells."""
    return "".join(f"{line}\n" for line in _lines(around, sight, book, aht))


def _lines(around: Surroundings, sight: Sight, book: Logbook | None, aht: dict[str, int | None]) -> Iterator[str]:
    yield f"# A first configuration, drafted on {around.today} from one look at {plain(around.host)}:{around.port}. What that could not tell is assumed:"
    yield "# read it once from top to bottom. A key left out has its default; unknown keys are errors; docs/configuration.md explains them all."
    yield ""
    yield "[site]"
    yield _set("name", around.site)
    yield _set("timezone", around.zone, f"{around.zone_from}; plans and opening hours are local time")
    yield ""
    yield "[[pbx]]"
    yield _set("name", PBX, f"Asterisk {plain(sight.report.version) or 'of unknown version'}")
    yield _set("host", around.host)
    yield f"port = {around.port}"
    yield _set("username", around.username)
    yield _set("secret_file", around.secret_file)
    yield _set("queue_log", around.queue_log, "" if around.queue_log else "the file was not found here; name it if it is readable from this machine")
    yield ""
    yield from _group(sight, book)
    yield ""
    yield "[agents]"
    yield _set("file", AGENTS, f"{len(sight.people)} people; several interfaces of a row are one person")
    yield ""
    yield "[plan]"
    if around.plan:
        yield f"# ROUGH: {around.plan}. Replace it by the plan that was agreed."
        yield _set("file", PLAN)
    else:
        yield "# there is no plan yet: without one, workload and occupancy are shown, deviations are not"
        yield f'# file = "{PLAN}"'
        yield 'file = ""'
    yield ""
    yield "[state]"
    yield _set("directory", around.state, "what outlives the daemon is kept there; its user has to be able to write to it")
    yield ""
    yield "[store]"
    yield _set("url", f"sqlite:///{around.state}/floorwatch.db", "what reports are made of; PostgreSQL: postgresql+psycopg://user@host/database")
    used = sight.used
    for queue in sorted(sight.queues, key=lambda queue: queue not in used):
        yield ""
        yield from _project(queue, sight, aht, claimed=queue in used)
    yield from _trunks(sight.trunks)
    if sight.missing:
        yield ""
        lost = [f"{queue} ({counted(count, 'call')})" for queue, count in sight.missing]
        yield f"# in queue_log, but not on this PBX: {_some(lost)}"


def _trunks(devices: Sequence[str]) -> Iterator[str]:
    """A table for each that can be named; a phone in a call is easily taken for one."""
    taken: set[str] = set()
    for device in devices:
        if not _DEVICE.fullmatch(device):
            continue
        wanted = device.partition("/")[2].replace(":", "-")
        name = next(each for each in (wanted, *(f"{wanted}-{number}" for number in range(2, len(devices) + 2))) if each not in taken)
        taken.add(name)
        yield ""
        if len(taken) == 1:
            yield "# The lines to the carriers, as far as calls showed them; one that is a phone or another PBX of yours is none: take it out."
        yield "[[trunk]]"
        yield _set("name", name)
        yield f"channels = [{quoted(device)}]"
        yield f"{'# capacity = 30':<{_COLUMN}}# calls at once, by the carrier's contract: without it nothing is said of a full trunk"


def _group(sight: Sight, book: Logbook | None) -> Iterator[str]:
    yield "[[group]]"
    yield _set("name", "floor", "everybody who takes calls; people who do not share idle time are groups of their own")
    static = {
        member.interface: plain(member.member) for queue in sight.used for member in queue.members if (queue.name, member.interface) in sight.report.static
    }
    if static:
        names = _some(sorted(static.values()))
        yield f"# {counted(len(static), 'member')} by queues.conf, who never log out ({names}): present while their phone is reachable."
        yield '# presence = "unpaused"           # if who goes home pauses'
    yield "# People who dial out and are in no queue are a group of their own, known by their phones: a [[group]] with"
    yield '# presence = "device" and members = ["PJSIP/7*"], or rows of the agents file with its name in the column group.'
    reasons = {plain(member.reason) for member in sight.report.seen.members if member.paused} | (
        set() if book is None else {plain(reason) for reason in book.reasons}
    )
    if named := sorted(reasons - {""}):
        yield "[group.pause_reasons]            # classes: acw, work, paid, unpaid; a reason that is not listed is paid"
        yield from (f'# {quoted(reason)} = "paid"' for reason in named)


def _project(queue: QueueSeen, sight: Sight, aht: dict[str, int | None], *, claimed: bool) -> Iterator[str]:
    off = "" if claimed else "# "
    if not queue.nameable:
        yield f"# queue {plain(queue.name)!r} has a name that a configuration cannot hold; rename it in the PBX"
        return
    if not claimed:
        yield f"# Nobody is in queue {plain(queue.name)} and nobody called it; if it is somebody's, take one # off each line."
    yield f"{off}[[project]]"
    yield off + _set("name", queue.project, "a number is all the PBX shows: rename it" if queue.name.isdecimal() else "")
    yield off + _set("client", "", "whose contract it is; empty: the project's own name")
    yield f"{off}queues = [{quoted(queue.claim)}]"
    yield from (f"{off}# {remark}" for remark in _remarks(queue, sight))
    yield f"{off}{'wrapup_seconds = 15':<{_COLUMN}}# {_WRAPUP}"
    known = aht.get(queue.name)
    if known is not None:
        yield f"{off}{f'aht_seconds = {known}':<{_COLUMN}}# mean talk of queue_log and the wrap-up above"
    yield f"{off}{'short_abandon_seconds = 5':<{_COLUMN}}# assumed; so is the service level: 80 % within 20 s"
    yield f'{off}service_level = {{ threshold_seconds = 20, target = 0.80, formula = "sl_short_excluded" }}'


def _remarks(queue: QueueSeen, sight: Sight) -> Iterator[str]:
    strategy = plain(queue.strategy) or "strategy unknown"
    rings = " (every free phone rings, so ringing reserves nobody and counts as available)" if queue.strategy == "ringall" else ""
    yield f"{strategy}{rings}; {counted(len(queue.members), 'member')} now" + (f", {counted(queue.logged, 'call')} in queue_log" if queue.logged else "")
    if queue.members:
        yield f"members: {_some([_member(member.member, member.interface, member.wrapup_us) for member in queue.members])}"
    if queue.dialled:
        several = "; if they are several clients', each is a project with this queue and its dids" if len(queue.dialled) > 1 else ""
        yield f"dialled: {_some([f'{plain(did)} ({count})' for did, count in queue.dialled])}{several}"
        yield f"dids = [{plain(', '.join(quoted(did) for did, _ in queue.dialled[:_FEW]))}]   # counts who dials them before any queue; others are not its then"
    if others := [second if first == queue.name else first for first, second in sight.alike if queue.name in (first, second)]:
        claims = ", ".join(quoted(each.claim) for each in sight.queues if each.name == queue.name or (each.name in others and each.nameable))
        yield f"looks like {_some(others)}; if they are one client's: queues = [{plain(claims)}] here, and no project of their own"


def _member(name: str, interface: str, wrapup_us: int) -> str:
    shown = plain(interface) if name == interface else f"{plain(name)} ({plain(interface)})"
    return f"{shown}, own wrap-up {wrapup_us // SECOND} s" if wrapup_us else shown


def _some(things: Sequence[str]) -> str:
    few = "; ".join(plain(thing) for thing in things[:_FEW])
    return f"{few} and {len(things) - _FEW} more" if len(things) > _FEW else few


def _set(key: str, value: str, remark: str = "") -> str:
    line = f"{key} = {quoted(value)}"
    return f"{line:<{_COLUMN - 1}} # {remark}" if remark else line


# --- the plan ---------------------------------------------------------------------------------------------------------------------


def plan_text(rows: Iterable[PlanRow], zone: tzinfo) -> str:
    """The plan as CSV; its times carry their offset, so that a clock change leaves no doubt."""
    lines = [",".join(REQUIRED)]
    for row in rows:
        start = datetime.fromtimestamp(row.start // SECOND, zone).isoformat(timespec="minutes")
        name = row.project if row.project.replace("-", "").replace("_", "").isalnum() else '"' + row.project.replace('"', '""') + '"'
        lines.append(f"{name},{start},{_number(Decimal(row.calls_u) / MICRO)},{(row.aht_us or 0) // SECOND}")
    return "\n".join(lines) + "\n"


def _number(volume: Decimal) -> str:
    return f"{volume:.2f}".rstrip("0").rstrip(".")
