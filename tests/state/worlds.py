"""Recorded worlds as the steps that a daemon would have written down, and everything a floor knows as plain values to compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum

from monitor.core.contract import SECOND
from monitor.core.events import Event, LinkLost
from monitor.keeping import Keeping
from monitor.state.records import Step
from tests.scenarios.world import PBX, Recording, contract_of, plan_of


def begun(world: Recording) -> Keeping:
    """What is kept before anything of this world has happened."""
    events = world.events()
    contract = contract_of(events)
    return Keeping(contract, plan_of(contract, events[0].at), events[0].at - SECOND)


def steps(world: Recording) -> Iterator[Step]:
    """Every event and a tick each second, with a lost link late in the day, and the time until all is decided."""
    events: list[Event] = world.events()
    at = events[0].at - SECOND
    late = len(events) * 9 // 10
    for number, event in enumerate(events):
        while at + SECOND <= event.at:
            at += SECOND
            yield at
            yield from (("reckon_projects", at), ("reckon_site", at))
        yield event
        if number == late and len(events) > 50:
            yield LinkLost(PBX, event.at)
            yield ("learn", {("ami", PBX, "connects"): 2})
    at = max(at, events[-1].at)
    for _ in range(90):
        at += SECOND
        yield at


def told(keeping: Keeping) -> str:
    """Everything that is shown of a floor, and its books."""
    floor = keeping.floor
    books = {**floor.ledger.projects, **floor.ledger.groups}
    parts = [floor.snapshot(floor.now), {name: book.cells() for name, book in books.items()}, floor.ledger.people, keeping.facts, keeping.clock_steps]
    parts += [vars(keeping.incidents), vars(keeping.results), vars(floor.signals), keeping.takings.money, keeping.floor.chronicle.details.records]
    return "\n".join(_plain(part) for part in parts)


def _plain(thing: object) -> str:
    """Text in an order of its own: sets and tables have none that lasts."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return f"{type(thing).__name__}({', '.join(f'{one.name}={_plain(getattr(thing, one.name))}' for one in fields(thing))})"
    if isinstance(thing, dict):
        return "{" + ", ".join(sorted(f"{_plain(key)}: {_plain(value)}" for key, value in thing.items())) + "}"
    if isinstance(thing, set | frozenset):
        return "{" + ", ".join(sorted(map(_plain, thing))) + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(map(_plain, thing)) + "]"
    return str(thing.value) if isinstance(thing, Enum) else repr(thing)
