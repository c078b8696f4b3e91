"""The layout of what is kept: every class that a checkpoint can hold, its fields, and every enumeration with its values.

`python -m tests.state.layout` writes it to `layout.txt`, under the number of the format it belongs to. When the layout has changed since
a release, `FORMAT` has to be raised first: an older checkpoint would be read as what it is not.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType

import monitor.assess
import monitor.core
import monitor.plan
from monitor import keeping
from monitor.keeping import Keeping
from monitor.state.records import FORMAT
from tests.scenarios.world import MIXED
from tests.state.worlds import begun, steps

NEVER_KEPT = (  # they make what is kept, or look at it
    *("monitor.core.amendment", "monitor.core.belated", "monitor.core.heal"),
    *(
        "monitor.plan.formats",
        "monitor.plan.history",
        "monitor.plan.mapping",
        "monitor.plan.numbers",
        "monitor.plan.presets",
        "monitor.plan.profile",
    ),
    *(
        f"monitor.assess.{name}"
        for name in (
            *("amended", "annex", "arrivals", "counts", "erlang", "group_rules", "incomplete", "occupancy", "outlook"),
            *("pbx_rules", "project_rules", "second"),
            "service_level",
        )
    ),
    *("monitor.plan.aims", "monitor.plan.records", "monitor.plan.rows", "monitor.plan.scales", "monitor.plan.spread", "monitor.plan.times"),
)
VIEWS = "monitor.core.snapshot"  # made anew for every outlook; but its enumerations count the columns of the books
FILE = Path(__file__).with_name("layout.txt")


def modules() -> Iterator[ModuleType]:
    """Every module whose objects a checkpoint may hold."""
    yield keeping
    for package in (monitor.core, monitor.plan, monitor.assess):
        for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            if found.name not in NEVER_KEPT:
                yield importlib.import_module(found.name)


def lived() -> Keeping:
    """A floor in the middle of a day."""
    one = begun(MIXED[1])
    for number, step in enumerate(steps(MIXED[1])):
        one.redo(step)
        if number > 2000:
            break
    return one


def attributes(thing: object) -> dict[type, set[str]]:
    """The attributes of every object of a class of ours that has them in a table of its own, as far as `thing` refers to it."""
    found: dict[type, set[str]] = {}
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif type(one).__module__.startswith("monitor."):
            parts = [getattr(one, name, None) for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            own = getattr(one, "__dict__", {})
            waiting += [*parts, *own.values()]
            if own and not is_dataclass(one) and not isinstance(one, Enum):
                found.setdefault(type(one), set()).update(own)
    return found


def _told(annotation: object) -> object:
    return getattr(annotation, "__forward_arg__", annotation)


def layout() -> str:
    """All of it, a line for each class."""
    lines = []
    for module in modules():
        for name, kind in sorted(vars(module).items()):
            if not isinstance(kind, type) or kind.__module__ != module.__name__:
                continue
            if issubclass(kind, Enum):
                lines.append(f"{module.__name__}.{name}: " + ", ".join(f"{one.name}={one.value!r}" for one in kind))
            elif module.__name__ == VIEWS:
                continue
            elif is_dataclass(kind):
                lines.append(f"{module.__name__}.{name}: " + ", ".join(f"{one.name}: {one.type}" for one in fields(kind)))
            elif parts := getattr(kind, "_fields", None):  # a NamedTuple: kept by position
                lines.append(f"{module.__name__}.{name}: " + ", ".join(f"{part}: {_told(kind.__annotations__[part])}" for part in parts))
            elif slots := [*getattr(kind, "__slots__", ())]:
                lines.append(f"{module.__name__}.{name}: " + ", ".join(slots))
    lines += [f"{kind.__module__}.{kind.__name__}: " + ", ".join(sorted(names)) for kind, names in attributes(lived()).items()]
    return f"format {FORMAT}\n" + "".join(f"{line}\n" for line in sorted(lines))


if __name__ == "__main__":
    FILE.write_text(layout(), encoding="utf-8")
