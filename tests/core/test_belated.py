"""A gap whose rows are found after it was given up: what was counted of it is put right, as if they had been there."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from random import Random

import pytest

from monitor.core import events as ev
from monitor.core.belated import difference
from monitor.core.book import LABOUR, OBSERVED
from monitor.core.contract import SECOND
from monitor.core.correction import Difference, GapFound
from monitor.core.events import CallerJoined, GapTold, LinkLost
from monitor.core.snapshot import Cell, State
from monitor.sources import queue_log
from tests.core.test_gaps import SEEDS, cut, seen_whole
from tests.core.test_heal import calls_of, kept
from tests.core.test_properties import CONTACT_FATES, rings_are_told
from tests.scenarios.world import MIXED, PBX, Recording, Replay


@dataclass(frozen=True)
class Late:
    """A session with a gap whose rows were found when the day was over."""

    replay: Replay
    found: Difference
    lost_at: int
    until: int
    here: frozenset[str]  # callers who were there at the end of the gap, as far as anybody saw
    events: tuple[ev.Event, ...]

    def others(self, project: str) -> set[str]:
        """Whose contact may count twice: only the wire tells that a call belongs to another (a transfer), or that who comes again was in the gap."""
        joins = [event for event in self.events if isinstance(event, CallerJoined) and f"{event.queue}-line" == project]
        before = [event for event in joins if self.lost_at < event.at <= self.until + SECOND]
        transferred = {event.call for event in before if event.linked != event.call}
        return transferred | {event.call for event in joins if event.at > self.until and event.linked in {one.linked for one in before if one is not event}}


def found_late(world: Recording, seed: int) -> Late:
    """The session with a gap of some seconds to a minute in it, whose rows are found when the day is over."""
    seen, lost, taken, rest = cut(world, Random(f"{world.name} {seed}"))
    log = tuple(queue_log.read(world.queue_log, 0))
    gapped = Replay([*seen, lost, taken, *rest], strict=False, agreed=seen_whole(world).contract, judged=False)
    gapped.floor.keep()
    aside = b""
    for step in gapped.steps():
        if isinstance(step, LinkLost):
            gapped._pass(taken.at)
            aside = pickle.dumps(gapped.floor)
    found = difference(pickle.loads(aside), pickle.loads(aside), GapTold(PBX, taken.at, log, taken, 0))
    assert found is not None
    gapped.tell(GapFound(PBX, gapped.now, found))
    here = frozenset({row.call for row in taken.waiting} | {row.call for row in taken.channels})
    return Late(gapped, found, lost.at, taken.at, here, tuple(world.events()))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_found_late_the_books_are_those_of_who_saw_it_all(world: Recording, seed: int) -> None:
    whole = seen_whole(world).floor
    late = found_late(world, seed)
    found, corrected, counters = late.found, late.replay.floor, late.replay.floor.counters
    blurred = sum(counters.anomalies.values()) - counters.anomalies["wait_near_threshold"]  # what was seen wrong right after the gap stays so
    counted = calls_of(counters)
    for (_, queue, family), count in counters.corrected.items():
        counted[queue, {"abandoned": "lost", "short_abandoned": "lost", "flowed_out": "flowed out"}.get(family, family)] -= count
    for key, count in calls_of(whole.counters).items():
        if key != "in vain" and key[1] != "handled":  # how long a talk took that went on past the end nobody knows
            assert abs(counted[key] - count) <= blurred, key
    assert {key for key in kept(corrected) if key[0] not in late.here} == {key for key in kept(whole) if key[0] not in late.here}
    rings_are_told(corrected)
    assert counters.planned == whole.counters.planned
    assert counters.unobserved_us[PBX] - counters.corrected_us["unobserved"] == whole.counters.unobserved_us[PBX]
    for name, book in whole.ledger.projects.items():
        told, seen = corrected.ledger.projects[name].total(0, None), book.total(0, None)
        assert told[Cell.OBSERVED_US] == seen[Cell.OBSERVED_US]
        assert told[Cell.CONTACTS_SEEN] == told[Cell.CONTACTS]
        assert told[Cell.VISITS] == seen[Cell.VISITS]
        for kind, (cell, family) in CONTACT_FATES.items():
            assert counters.contacts[name][kind] - counters.corrected_contacts.get((name, family), 0) == told[cell], kind
        assert told[Cell.VISITS_UNRESOLVED] == seen[Cell.VISITS_UNRESOLVED]
        assert abs(told[Cell.VISITS_ANSWERED] - seen[Cell.VISITS_ANSWERED]) <= blurred
        assert seen[Cell.CONTACTS] <= told[Cell.CONTACTS] <= seen[Cell.CONTACTS] + len(late.others(name))
        assert min(told) >= 0
    for name, book in whole.ledger.groups.items():
        told, seen = corrected.ledger.groups[name].total(0, None), book.total(0, None)
        assert told[OBSERVED] == seen[OBSERVED]
        assert told[: len(State)] == told[OBSERVED + 1 : LABOUR]
        assert min(told) >= 0
        assert abs(sum(told[: len(State)]) - sum(seen[: len(State)])) < 3 * SECOND, "time is moved, not made: but people come and go at whole seconds"
    assert found.unseen_from == late.lost_at
