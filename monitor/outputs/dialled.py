"""Samples of outbound work: attempts, those called, and the time agents spend on them, callbacks apart where there is a direction.

Owns which project has any: one that dials out has all of them from the start. Refuses names and definitions (`families`). Next: `families`, `rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.core.counters import OUTBOUND_WORK, Attempts, Contacts, Failure
from monitor.core.direction import DIALLED
from monitor.outputs.lines import Floor, seconds

Rows = Callable[[str, Floor], Iterator[str]]


def of_those_called(name: str, labels: str, project: str, floor: Floor, position: Contacts) -> Iterator[str]:
    """One count of contacts per direction."""
    for direction in DIALLED:
        if (row := floor.counters.reached.get((project, direction))) is not None:
            yield f'{name}{{{labels},direction="{direction}"}} {row[position]}\n'


def work(name: str, labels: str, project: str, floor: Floor) -> Iterator[str]:
    """Seconds per direction and component."""
    for direction in DIALLED:
        for component in OUTBOUND_WORK:
            if (us := floor.counters.dialled_us.get((project, direction, component))) is not None:
                yield f'{name}{{{labels},direction="{direction}",component="{component}"}} {seconds(us)}\n'


def attempts(position: Attempts) -> Rows:
    """One count per project that dials out, callbacks included."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        table = floor.counters.attempts
        for project, labels in floor.labels.projects:
            if found := [row[position] for direction in DIALLED if (row := table.get((project.name, direction))) is not None]:
                yield f"{name}{{{labels}}} {sum(found)}\n"

    return rows


def called_contacts(name: str, floor: Floor) -> Iterator[str]:
    """The same of those who were there long enough."""
    table = floor.counters.reached
    for project, labels in floor.labels.projects:
        if found := [row[Contacts.CONTACTS] for direction in DIALLED if (row := table.get((project.name, direction))) is not None]:
            yield f"{name}{{{labels}}} {sum(found)}\n"


def failures(name: str, floor: Floor) -> Iterator[str]:
    """One count per project that dials out and reason."""
    table = floor.counters.failures
    for project, labels in floor.labels.projects:
        for failure in Failure:
            if (count := table.get((project.name, failure))) is not None:
                yield f'{name}{{{labels},status="{failure}"}} {count}\n'
