"""Steps and objects as bytes: what is read is what was written, and never anything but ours."""

from __future__ import annotations

import os
import pickle
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core import events
from monitor.core.contract import Language
from monitor.core.dials import LegDialled
from monitor.core.events import CallerJoined, ExitTold, LinkLost, MemberSeen, PastTold, Position, SnapshotTaken
from monitor.core.heal import retell
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import PLAIN, Step, Unreadable, decoded, encoded, freeze, thaw
from tests.clockwork import seen
from tests.core.scene import IN_QUEUE, T0, contract

STEPS: list[Step] = [
    T0,
    CallerJoined("pbx1", T0, "c", "c", "PJSIP/trunk-c", "bank", IN_QUEUE),
    LegDialled("pbx1", T0, None, "leg", "PJSIP/ann-1", None),
    LegDialled("pbx1", T0, "c", "leg", "PJSIP/ann-1", Position("a", "b", "3")),
    ExitTold("pbx1", T0, "c", "bank", None),
    MemberSeen("pbx1", T0, "bank", "PJSIP/ann", "PJSIP/ann", "Анна", 1, True, "обід", 5, T0, None),
    LinkLost("pbx1", T0),
    seen(T0, "ann", "bob"),
    ("shift", -5),
    ("tell",),
    ("learn", {("ami", "pbx1", "connects"): 2}),
]


def test_steps_come_back_as_they_were() -> None:
    assert list(decoded(encoded(STEPS))) == STEPS
    assert [type(row) for row in decoded(encoded(STEPS))] == [type(step) for step in STEPS]


def test_the_frequent_events_are_the_plain_ones() -> None:
    composed = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.Event)} - set(PLAIN.values())
    assert composed == {SnapshotTaken, PastTold, events.GapTold, events.AgentStrayed, events.RecallEnded}


def test_an_event_that_was_frozen_before_comes_back() -> None:
    told = PastTold("pbx1", T0, retell(contract(), "pbx1", (), seen(T0), T0 - 60_000_000))
    (again,) = decoded(encoded([freeze(told)]))
    assert isinstance(again, PastTold)
    assert again.past.since == told.past.since


class Stranger:
    """Nothing a floor is made of."""


@pytest.mark.parametrize("thing", [os.system, Stranger(), print, eval], ids=["os", "class", "print", "eval"])
def test_nothing_else_is_ever_made(thing: object) -> None:
    with pytest.raises(Unreadable, match="is nothing we write"):
        thaw(pickle.dumps(thing))


def test_no_method_but_those_of_ours_is_ever_had() -> None:
    class Way:
        def __reduce__(self) -> tuple[object, ...]:
            return getattr, ({}.__class__, "__subclasses__")

    with pytest.raises(Unreadable, match="is nothing we write"):
        thaw(pickle.dumps(Way()))


def named(module: str, name: str) -> bytes:
    """The bytes that ask for something by its name."""
    words = [word.encode() for word in (module, name)]
    return b"\x80\x05" + b"".join(b"\x8c" + bytes([len(word)]) + word for word in words) + b"\x93."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("monitor.core.contract", "dataclass.__builtins__.get"),
        ("monitor.core.contract", "dataclass"),
        ("monitor.core.contract", "ZoneInfo"),
        ("monitor.core.contract", "Contract.__init__"),
        ("monitor.core.gaps", "bridge"),
        ("monitor.plan.formats", "Path"),
        ("monitor.keeping", "CHANGES_OF_SIGHT"),
        ("monitor.core.contract", "NoSuchThing"),
        ("collections", "deque.__init__"),
    ],
)
def test_of_our_modules_only_their_own_classes_are_had(module: str, name: str) -> None:
    with pytest.raises(Unreadable):
        thaw(named(module, name))


def test_of_our_objects_only_their_methods_are_had() -> None:
    class Way:
        def __reduce__(self) -> tuple[object, ...]:
            return getattr, (contract(), "projects")

    with pytest.raises(Unreadable, match="is nothing we write"):
        thaw(pickle.dumps(Way()))


class Asked:
    """An attribute of an enum, as Python up to 3.11.3 asks for its members."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        return getattr, (Language, self.name)


def test_of_our_enums_the_members_are_had() -> None:
    assert thaw(pickle.dumps(Asked("UKRAINIAN"))) is Language.UKRAINIAN
    for name in ("mro", "__members__", "upper", "NONE"):
        with pytest.raises(Unreadable, match=f"{name} is nothing we write"):
            thaw(pickle.dumps(Asked(name)))


def test_what_a_floor_is_made_of_comes_back() -> None:
    keeping = thaw(freeze(Keeping(contract(), EMPTY, T0)))
    assert isinstance(keeping, Keeping)
    assert keeping.contract == contract()
    assert thaw(freeze((ZoneInfo("Europe/Kyiv"), timedelta(1), frozenset({1})))) == (ZoneInfo("Europe/Kyiv"), timedelta(1), frozenset({1}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"not a pickle",
        pickle.dumps(["CallerJoined", (1, 2)]),
        pickle.dumps(["CallerJoined"]),
        pickle.dumps(["NoEvent", ()]),
        pickle.dumps([freeze(5)]),
        pickle.dumps(5),
    ],
)
def test_bytes_that_are_no_steps(data: bytes) -> None:
    with pytest.raises((Unreadable, ValueError, TypeError)):
        list(decoded(data))
