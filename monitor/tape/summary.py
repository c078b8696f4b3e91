"""What a recording amounts to, in lines for people: the same for the live run and for its replay.

Owns the wording. The figures are those of the snapshot that metrics are made of; nothing is counted here. `name` turns the names of a
live floor into the recording's pseudonyms, so that both texts can be held against each other and may be shown to anybody. Next: `cli`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from monitor.assess.outlook import Outlook
from monitor.core.contract import SECOND, Contract, Project, QueueId
from monitor.core.counters import Component, Contacts, Reason, Visits
from monitor.core.counters import Counters as Figures
from monitor.engine import Engine

VISITS = (
    ("entered", Visits.ENTERED),
    ("answered", Visits.ANSWERED),
    ("in threshold", Visits.IN_THRESHOLD),
    ("abandoned", Visits.ABANDONED),
    ("short", Visits.SHORT),
    ("unresolved", Visits.UNRESOLVED),
    ("handled", Visits.HANDLED),
)
CONTACTS = (
    ("contacts", Contacts.CONTACTS),
    ("answered", Contacts.ANSWERED),
    ("in threshold", Contacts.IN_THRESHOLD),
    ("abandoned", Contacts.ABANDONED),
    ("short", Contacts.SHORT),
    ("flowed out", Contacts.FLOWED_OUT),
    ("handled", Contacts.HANDLED),
)


def same(text: str) -> str:
    """A name as it is."""
    return text


def summary(engine: Engine, outlook: Outlook, begun_at: int, counts: Counter[str], losses: int, name: Callable[[str], str] = same) -> str:
    """Everything; an anomaly's detail only where names stand for themselves."""
    lines = [*_head(outlook.at, begun_at, counts), *_floor(engine.contract, outlook, name)]
    lines += [*_agents(engine, outlook, name), *_flaws(engine, outlook, losses, name is same)]
    return "\n".join(lines) + "\n"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _head(at: int, begun_at: int, counts: Counter[str]) -> Iterator[str]:
    yield f"span       {_moment(begun_at)} to {_moment(at)} UTC, {(at - begun_at) / SECOND:.1f} s"
    told = ", ".join(f"{event} {count}" for event, count in sorted(counts.items()))
    yield f"events     {counts.total()}: {told}" if told else "events     none"


def _floor(contract: Contract, outlook: Outlook, name: Callable[[str], str]) -> Iterator[str]:
    figures, now = outlook.snapshot.counters, {(view.project, view.queue): view for view in outlook.snapshot.queues}
    for project in contract.projects:
        row = figures.contacts[project.name]
        spent = ((part, figures.handle_us.get((project.name, part))) for part in Component)
        handle = ", ".join(f"{part.value} {us / SECOND:.3f} s" for part, us in spent if us is not None)
        yield f"project    {name(project.name)}: {', '.join(f'{word} {row[place]}' for word, place in CONTACTS)}; {handle}"
        for queue in project.queues:
            view = now.get((project.name, queue))
            open_now = "not on the PBX" if view is None else f"waiting {view.waiting}, deciding {view.deciding}"
            yield f"queue      {name(queue.name)}: {_visits(figures, project, queue)}; {open_now}"
    strangers = sorted((name(queue.name), count) for queue, count in figures.unclaimed.items())
    yield from (f"queue      {queue}: of no project, entered {count}" for queue, count in strangers)


def _visits(figures: Figures, project: Project, queue: QueueId) -> str:
    row = figures.visits[project.name, queue]
    reasons = {reason.value: count for reason in Reason if (count := figures.flowed_out.get((project.name, queue, reason)))}
    out = f" ({', '.join(f'{reason} {count}' for reason, count in reasons.items())})" if reasons else ""
    return f"{', '.join(f'{word} {row[place]}' for word, place in VISITS)}, flowed out {sum(reasons.values())}{out}"


def _agents(engine: Engine, outlook: Outlook, name: Callable[[str], str]) -> Iterator[str]:
    yield f"agents     {len(engine.floor.staff.agents)} seen, {len(outlook.snapshot.agents)} on the floor"
    figures = outlook.snapshot.counters
    for group in engine.contract.groups:
        spent = {str(state): us for (of, state), us in figures.agent_us.items() if of == group.name and us}
        if spent:
            states = ", ".join(f"{state} {us / SECOND:.3f} s" for state, us in sorted(spent.items()))
            yield f"group      {name(group.name)}: {states}; rung in vain {figures.ring_no_answer[group.name]}"


def _flaws(engine: Engine, outlook: Outlook, losses: int, detailed: bool) -> Iterator[str]:
    figures = outlook.snapshot.counters
    for kind, count in sorted(figures.anomalies.items()):
        detail = f"; first: {engine.remarked[kind]}" if detailed and kind in engine.remarked else ""
        yield f"anomaly    {kind} {count}{detail}"
    if not figures.anomalies:
        yield "anomalies  none"
    yield f"gaps       {losses}, out of sight {sum(figures.unobserved_us.values()) / SECOND:.3f} s in all"
