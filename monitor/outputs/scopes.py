"""Samples of what lasts for a scope: incidents and signals.

Owns what becomes of several of one kind and scope: 1 while any of them lasts. Refuses names and definitions. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.incidents import Stage
from monitor.outputs.lines import Floor, label


def incident_active(name: str, floor: Floor) -> Iterator[str]:
    """1 or 0 per kind and scope, for every incident that matters still."""
    active: dict[tuple[str, str], bool] = {}
    for view in floor.outlook.incidents:
        key = view.incident.kind.value, str(view.incident.scope)
        active[key] = active.get(key, False) or view.stage is Stage.ACTIVE
    for (kind, scope), value in sorted(active.items()):
        yield f"{name}{{{label('kind', kind)},{label('scope', scope)}}} {int(value)}\n"


def signal_active(name: str, floor: Floor) -> Iterator[str]:
    """1 or 0 per kind and scope, for every signal that is configured."""
    active: dict[tuple[str, str], bool] = {}
    for view in floor.outlook.signals:
        for scope in view.signal.scopes(view.place):
            key = view.signal.kind, scope
            active[key] = active.get(key, False) or view.spell is not None
    for (kind, scope), value in sorted(active.items()):
        yield f"{name}{{{label('kind', kind)},{label('scope', scope)}}} {int(value)}\n"
