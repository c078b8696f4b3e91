"""Samples of other channels than the telephone, read off one frozen Floor.

Owns what is absent: a project that names no channel and of which nobody told a contact. Refuses counting, names and definitions. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.contract import SECOND
from monitor.outputs.lines import Floor, label


def contacts(name: str, floor: Floor) -> Iterator[str]:
    """One count per project, channel and outcome."""
    counts = sorted(floor.counters.channel_contacts.items())
    for project, labels in floor.labels.projects:
        for (of, channel, outcome), count in counts:
            if of == project.name:
                yield f"{name}{{{labels},{label('channel', channel)},{label('outcome', outcome)}}} {count}\n"


def handle_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per project and channel."""
    times = sorted(floor.counters.channel_handle_us.items())
    for project, labels in floor.labels.projects:
        for (of, channel), us in times:
            if of == project.name:
                yield f"{name}{{{labels},{label('channel', channel)}}} {us / SECOND}\n"
