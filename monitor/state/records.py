"""Operations and objects as bytes, and back.

Owns what is written down: a step is an event, an instant to which time advanced, or an operation by name with its arguments. Most are
events of a few texts and numbers, some thousand a second in a bad minute, so those are written as plain tuples, which takes a third of
the time. Reading makes objects of our own classes and a few of Python's, and nothing else, whatever the bytes say. Refuses files.
`FORMAT` names the layout of everything that is written: a test knows the layout and says when it has to be raised.
Next: `journal` frames it, `checkpoint` holds one object.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import EnumType
from operator import attrgetter
from types import MethodType
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from monitor.core import events
from monitor.core.events import Event, Position

FORMAT: Final = 5
PROTOCOL: Final = 5

Step: TypeAlias = Event | int | tuple[Any, ...]  # an event; time; an operation's name and arguments
Draft: TypeAlias = Step | bytes

OURS: Final = ("monitor.core.", "monitor.plan.", "monitor.assess.", "monitor.keeping")
THEIRS: Final = frozenset(
    {
        *(("builtins", name) for name in ("set", "frozenset", "bytearray", "complex")),
        *(("collections", name) for name in ("Counter", "deque", "OrderedDict", "defaultdict")),
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *(("array", name) for name in ("array", "_array_reconstructor")),
        *(("copyreg", name) for name in ("_reconstructor", "__newobj__")),
        ("decimal", "Decimal"),
        ("fractions", "Fraction"),
        ("zoneinfo", "ZoneInfo"),
    }
)


class Unreadable(Exception):  # noqa: N818 - a state of the bytes, answered by `recovery`
    """The bytes are not what we write."""


# --- steps ----------------------------------------------------------------------------------------------------------------------------


def _plain(kind: type[Event]) -> bool:
    return {str(one.type).removesuffix(" | None") for one in fields(kind)} <= {"str", "int", "bool", "Position"}


PLAIN: Final = {kind.__name__: kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and _plain(kind)}
_NAMES: Final = {name: tuple(one.name for one in fields(kind) if one.name != "position") for name, kind in PLAIN.items()}
_ENCODED: Final[dict[type, tuple[str, attrgetter[tuple[Any, ...]], bool]]] = {
    kind: (name, attrgetter(*_NAMES[name]), any(one.name == "position" for one in fields(kind))) for name, kind in PLAIN.items()
}
_NO_PLACE: Final = (None,)


def encoded(drafts: Iterable[Draft]) -> bytes:
    """Steps, in order: of a plain event its name, then its values, its position last and laid open. Bytes are an event frozen before."""
    rows: list[object] = []
    add, known = rows.append, _ENCODED.get
    for step in drafts:
        how = known(type(step))
        if how is None:
            add(step)
            continue
        name, values, placed = how
        add(name)
        add(values(step) + (step.position or _NO_PLACE) if placed else values(step))  # type: ignore[union-attr]  # so it has one
    return pickle.dumps(rows, PROTOCOL)


def decoded(data: bytes) -> Iterator[Step]:
    """The steps again; Unreadable where they are none of ours."""
    rows = thaw(data)
    if not isinstance(rows, list):
        raise Unreadable("not a list of steps")
    coming = iter(rows)
    for row in coming:
        if isinstance(row, str):
            yield _event(row, next(coming, None))
        elif isinstance(row, bytes):
            event = thaw(row)
            if not isinstance(event, Event):
                raise Unreadable("not an event")
            yield event
        elif isinstance(row, Event | int | tuple):
            yield row
        else:
            raise Unreadable("not a step")


def _event(name: str, values: object) -> Event:
    names = _NAMES.get(name)
    if names is None or not isinstance(values, tuple):
        raise Unreadable(f"{name} is no event")
    plain, place = values[: len(names)], values[len(names) :]
    arguments = dict(zip(names, plain, strict=False))
    if place:
        arguments["position"] = None if place == _NO_PLACE else Position(*place)
    try:
        return PLAIN[name](**arguments)
    except TypeError as error:
        raise Unreadable(f"{name}: {error}") from None


# --- objects --------------------------------------------------------------------------------------------------------------------------


def freeze(thing: object) -> bytes:
    """An object with everything it refers to."""
    return pickle.dumps(thing, PROTOCOL)


def thaw(data: bytes) -> object:
    """The object again."""
    try:
        return _Reader(io.BytesIO(data)).load()
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - damaged bytes may raise anything
        raise Unreadable(f"{type(error).__name__}: {error}") from None


class _Reader(pickle.Unpickler):
    """Knows our own classes and a few of Python's."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("builtins", "getattr"):
            return _method
        ours = module.startswith(OURS) and "." not in name  # else it would be looked for inside of what a module has
        if (module, name) not in THEIRS and not ours:
            raise Unreadable(f"{module}.{name} is nothing we write")
        found: object = super().find_class(module, name)
        if ours and not (isinstance(found, type) and found.__module__ == module):
            raise Unreadable(f"{module}.{name} is nothing we write")
        return found


def _method(owner: object, name: str) -> object:
    """A method of one of our objects: how the rooms of a floor call each other; or, as Python up to 3.11.3 has it, a member of an enum."""
    if (owner, name) == (ZoneInfo, "_unpickle"):
        return ZoneInfo._unpickle  # type: ignore[attr-defined]  # noqa: SLF001 - how zones are pickled
    if isinstance(owner, EnumType) and owner.__module__.startswith(OURS) and name in owner.__members__:
        return owner[name]
    if not type(owner).__module__.startswith(OURS) or name.startswith("__"):
        raise Unreadable(f"{type(owner).__name__}.{name} is nothing we write")
    method: object = getattr(owner, name)
    if not isinstance(method, MethodType):
        raise Unreadable(f"{type(owner).__name__}.{name} is nothing we write")
    return method
