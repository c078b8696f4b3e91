"""A day told by a log: rows of queue_log in, a `Past` out, made by a floor of its own.

Owns the frame of the day around its rows (`story` reads each): the same state machines as in live use count its events, so a told minute
and a seen one are counted alike. What the log does not know is taken from the PBX's first snapshot: who is behind a member's name,
how queues ring, and which calls still go on. Rows are whole seconds, so waits and talks of this time are exact to a second.

Theory of operation
-------------------
* The verb decides an exit. A contact is told by the callid alone.
* The end of a talk whose row is missing is made up for by the agent's next CONNECT, by the caller's next ENTERQUEUE (taken out of a talk, he
  is logged as gone from it only when all is over), by QUEUESTART (a new process: every call of before is void) or by the snapshot.
* Whom the log adds and removes is on the floor in between. Whom it does not add is there from the first sign of the day to the snapshot, or
  to the last sign if the snapshot does not show him within reach: that a phone was on all night is no sign of a person.
* A call the snapshot shows waiting or talking has not ended, whatever second the row says; one that entered in the snapshot's own second
  and is not in it came after, and is told live.
* Lists take their time, and what is raised meanwhile is told after them: of a call whose coming or answer is known to come live no row from
  that on is told (`coming`).

Refuses files, plans and gauges. Next: `past.TakingOver` adds it to the live floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import add

from monitor.core import events as ev
from monitor.core.agents import UNREACHABLE_STATUS
from monitor.core.book import MinuteTold
from monitor.core.calls import Stage
from monitor.core.contract import SECOND, Contract
from monitor.core.events import Event, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.ledger import Ledger
from monitor.core.logrow import LogRow
from monitor.core.past import COUNTED, SEEN, SEEN_STATES, STATES, Past
from monitor.core.story import PLACES, TALK_ENDS, Story

SIGNS = TALK_ENDS | {"CONNECT", "RINGNOANSWER", "PAUSE", "UNPAUSE"}  # of life, of the agent they name
SECONDS = 3 * SECOND  # a row may be a moment late, a list knows whole seconds
NO_LIMIT = 1 << 62
REMARKS = 20  # anomalies told in words; all are counted


def knows(rows: Iterable[LogRow], snapshot: SnapshotTaken, since: int) -> bool:
    """Whether the rows are this PBX's and still written: who waits for some seconds now has entered in them."""
    waiting = {(row.call, row.queue) for row in snapshot.waiting if SECONDS < row.waited_us < snapshot.at - since}
    return not waiting or any((row.call, row.queue) in waiting for row in rows if row.verb == "ENTERQUEUE")


def retell(
    contract: Contract,
    pbx: str,
    rows: Iterable[LogRow],
    snapshot: SnapshotTaken,
    since: int,
    offset_us: int = 0,
    *,
    coming: tuple[Event, ...] | None = None,
    keep: bool = False,
) -> Past:
    """The past of one PBX from `since`, when its log begins or the day, to its first snapshot; `offset_us` is its clock minus ours, `keep`: details too.

    `coming` is what is kept back to be told after the snapshot, each event at the time it was raised; None if nobody knows.
    """
    story = Story(_alone(contract, pbx), pbx, tuple(rows), snapshot, since, offset_us, coming)
    floor = Floor(story.contract, since)
    if keep:
        floor.keep()
        floor.chronicle.details.limit = floor.ledger.unwritten.limit = NO_LIMIT  # nobody comes for any of it before the end
    for call in sorted(story.undecidable):
        floor.anomaly("log_without_did", f"call {call} came into a queue of several projects, and the log does not say what was dialled")
    floor.queueing.logbook.retelling = True
    floor.lost.told = []
    for event in _events(story):
        floor.apply(event)
    floor.advance(snapshot.at)
    return _harvest(floor, story)


def _alone(contract: Contract, pbx: str) -> Contract:
    """The contract as far as it is about this PBX: then its projects are seen while it is."""
    projects = (replace(project, queues=tuple(queue for queue in project.queues if queue.pbx == pbx)) for project in contract.projects)
    return replace(contract, pbxs=(pbx,), projects=tuple(project for project in projects if project.queues))


@dataclass(slots=True)
class _Stay:
    """A membership from `start`, or for one who was there already from his first sign, to `end`."""

    queue: str
    interface: str
    start: int
    end: int
    paused: bool = False


def _events(story: Story) -> Iterator[Event]:
    """Everything from `since` on in order of time: people come before the rows of their second, and go after them."""
    pbx = story.pbx
    yield SnapshotTaken(pbx, story.since, dict(story.snapshot.strategies), (), (), ())
    told = story.told()
    story.last_of = {story.rows[index].call: index for index in told}
    order: list[tuple[int, int, int, _Stay | None]] = [(story.times[index], 1, index, None) for index in told]
    for number, one in enumerate(_stays(story)):
        order.append((one.start, 0, number, one))
        if one.end < story.snapshot.at:
            order.append((one.end, 2, number, one))
    for at, when, index, stay in sorted(order, key=lambda entry: entry[:3]):
        if stay is None:
            yield from story.row(index, at)
            if story.rows[index].verb == "QUEUESTART":
                yield _restarted(story, at)
        elif when == 0:
            yield story.seen(stay.queue, stay.interface, at, paused=stay.paused)
        else:
            story.present.pop((stay.queue, stay.interface), None)
            yield ev.MemberRemoved(pbx, at, stay.queue, stay.interface)


def _stays(story: Story) -> list[_Stay]:
    """Who was in which queue from when to when."""
    signs: dict[str, list[int]] = {}
    queues: dict[str, set[str]] = {}
    moves: dict[tuple[str, str], list[tuple[int, LogRow]]] = {}
    for row, at in zip(story.rows, story.times, strict=True):
        interface = story.interface(row.queue, row.agent)
        if row.verb in SIGNS and row.queue != "NONE":
            signs.setdefault(interface, []).append(at)
            queues.setdefault(interface, set()).add(row.queue)
        elif row.verb in PLACES:
            moves.setdefault((row.queue, interface), []).append((at, row))
    for queue, interface in story.members:
        queues.setdefault(interface, set()).add(queue)
    stays: list[_Stay] = []
    for interface, times in signs.items():
        for queue in sorted(queues[interface]):
            stays += _stays_of(story, queue, interface, moves.get((queue, interface), []), times)
    for (queue, interface), own in moves.items():  # who only came, and sits there since
        if interface not in signs and (queue, interface) in story.members:
            stays += _stays_of(story, queue, interface, own, [own[0][0]])
    return stays


def _stays_of(story: Story, queue: str, interface: str, moves: Sequence[tuple[int, LogRow]], signs: Sequence[int]) -> Iterator[_Stay]:
    now = story.members.get((queue, interface))
    start, paused = (None if moves and moves[0][1].verb == "ADDMEMBER" else signs[0]), False
    for at, row in moves:
        if row.verb == "ADDMEMBER" and start is None:
            start, paused = at, row.data[:1] == ("PAUSED",)
        elif row.verb == "REMOVEMEMBER" and start is not None:
            yield _Stay(queue, interface, min(start, at), at, paused)
            start, paused = None, False
    if start is not None:
        reachable = now is not None and (bool(moves) or now.status not in UNREACHABLE_STATUS)
        yield _Stay(queue, interface, start, story.snapshot.at if reachable else max(signs[-1], start), paused)


def _restarted(story: Story, at: int) -> SnapshotTaken:
    """A new process: its calls are void, its members are those it had, as far as the log knows."""
    story.void()
    members = tuple(replace(seen, at=at) for seen in story.present.values())
    return SnapshotTaken(story.pbx, at, dict(story.snapshot.strategies), members, (), (), restarted=True)


def _harvest(floor: Floor, story: Story) -> Past:
    """What the floor has counted, and the calls that are not over."""
    at, pbx = story.snapshot.at, story.pbx
    staff, queueing = floor.staff, floor.queueing
    for talk in list(staff.talks.values()):
        if talk.visit is None or (talk.visit.call, talk.visit.queue.name) not in story.talking.keys() | story.connecting:
            staff.end_talk(talk, at)
    for visit in list(queueing.undecided()):
        if visit.stage in (Stage.DECIDING, Stage.LEFT, Stage.FLOWING):
            queueing.silence(visit, at)
        elif visit.call not in story.alive:
            queueing.lose(visit, at)
    for pbx_name, call in list(queueing.contacts.by_caller):
        if call not in story.alive:
            queueing.vanished(pbx_name, call, at)
    wrapups = {interface: agent.wrapup for (_, interface), agent in staff.by_device.items() if agent.wrapup is not None and agent.wrapup.visit is not None}
    visits = [talk.visit for talk in staff.talks.values() if talk.visit is not None]
    visits += queueing.undecided()
    contacts = {contact for listed in queueing.contacts.by_caller.values() for contact in listed}
    contacts |= {visit.contact for visit in visits}
    contacts |= {wrapup.contact for wrapup in wrapups.values() if wrapup.contact is not None}
    floor.counters.lost = {}  # the living floor counts them, for it may know more of them
    return Past(
        pbx=pbx,
        since=story.since,
        until=at,
        calls=story.calls,
        counters=floor.counters,
        projects={name: book.cells() for name, book in floor.ledger.projects.items()},
        groups={name: book.cells() for name, book in floor.ledger.groups.items()},
        remarks=tuple(floor.remarks[:REMARKS]),
        people=floor.ledger.people,
        contacts=tuple(contacts),
        visits=tuple(visits),
        numbers={call: number for (_, call), number in queueing.numbers.items()},
        wrapups=wrapups,
        echoes=story.echoes,
        shadows=story.shadows,
        listed_at=story.snapshot.listed_at,
        folded=max((book.folded for book in floor.ledger.groups.values()), default=-1),
        early=_early(floor.ledger),
        details=(*floor.chronicle.details.records, *floor.chronicle.under_way()),
        lost=floor.lost.turns(),
    )


def _early(ledger: Ledger) -> tuple[MinuteTold, ...]:
    """Of every folded minute in which there was something one record: what it was told with and what came to it after that."""
    ledger.tell_late()
    counts = {"project": (*COUNTED, *SEEN), "group": (*STATES, *SEEN_STATES)}
    minutes: dict[tuple[str, str, int], MinuteTold] = {}
    for told in ledger.unwritten.records:
        key = told.of, told.name, told.minute
        before = minutes.get(key)
        minutes[key] = told if before is None else replace(before, sums=tuple(map(add, before.sums, told.sums)))
    return tuple(told for told in minutes.values() if any(told.sums[index] for index in counts[told.of]))
