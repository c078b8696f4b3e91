"""Every recording gives the golden exposition and ledger, however its bytes arrive. `make golden` writes them anew."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from random import Random

import pytest

from monitor.core.events import AgentRung, CallerJoined, Event
from tests.conftest import Golden
from tests.core.looking import shown
from tests.scenarios.world import HERE, MIXED, PBX, RECORDINGS, VOLATILE, Recording, Replay

CUTS = 50


@pytest.mark.golden
@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_a_recording_gives_the_golden_metrics_and_ledger(world: Recording, golden: Golden) -> None:
    replay = Replay(world.events(), world.cut).whole()
    golden(HERE / "golden" / f"{world.name}.prom", replay.metrics())
    golden(HERE / "golden" / f"{world.name}.ledger", replay.ledger())


def in_pieces(data: bytes, random: Random) -> list[bytes]:
    """The data cut at one to forty places anywhere."""
    places = sorted(random.sample(range(1, len(data)), random.randint(1, 40)))
    return [data[start:end] for start, end in pairwise([0, *places, len(data)])]


@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_cut_at_random_the_bytes_mean_the_same_events(world: Recording) -> None:
    data, whole = world.data, world.events()
    for seed in range(CUTS):
        assert world.events_of(in_pieces(data, Random(seed))) == whole, f"seed {seed}"


@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_byte_by_byte_the_pipeline_gives_the_same_figures(world: Recording) -> None:
    data = world.data
    events = world.events_of(data[at : at + 1] for at in range(len(data)))
    assert events == world.events()
    replay = Replay(events, world.cut).whole()
    assert replay.metrics() == (HERE / "golden" / f"{world.name}.prom").read_text(encoding="utf-8")
    assert replay.ledger() == (HERE / "golden" / f"{world.name}.ledger").read_text(encoding="utf-8")


@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_when_somebody_looks_changes_nothing(world: Recording) -> None:
    """An outlook at every tenth event, and one only at the end: the same figures."""
    looked = Replay(world.events(), world.cut)
    for number, _ in enumerate(looked.steps()):
        if number % 10 == 0:
            looked.outlook()
    unseen = Replay(world.events(), world.cut).whole()
    assert (looked.metrics(), looked.ledger()) == (unseen.metrics(), unseen.ledger())


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_cut_off_anywhere_the_world_adds_up(world: Recording) -> None:
    """The link is lost at some event and stays lost: every visit has an end, and every second somebody's state."""
    for seed in range(5):
        events = world.events()
        part = events[: Random(seed).randrange(10, len(events))]
        replay = Replay(part, cut=True).whole()
        entered = sum(1 for event in part if isinstance(event, CallerJoined))
        counters = replay.floor.counters
        ended = sum(sum(row[i] for i in (1, 3, 4, 6)) for row in counters.visits.values()) + sum(counters.flowed_out.values())
        assert (sum(row[0] for row in counters.visits.values()), ended) == (entered, entered), f"seed {seed}"
        assert all(agent.state is None or agent.state == "unobserved" for agent in replay.floor.staff.agents.values())


def test_volatile_lines_are_what_the_version_changes() -> None:
    world = RECORDINGS[0]
    assert not any(line.startswith(VOLATILE) for line in Replay(world.events()).whole().metrics().splitlines())


@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_promtool_accepts_the_golden_metrics(world: Recording) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: make servers fetches it")
    text = (HERE / "golden" / f"{world.name}.prom").read_bytes()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr.decode()) == (0, "")


def test_a_recording_is_told_in_order_of_time() -> None:
    events: list[Event] = MIXED[0].events()
    assert all(before.at <= after.at for before, after in pairwise(events))
    assert {event.pbx for event in events} == {PBX}


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "reconciliation"])
@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_a_snapshot_that_agrees_changes_nothing(world: Recording, whole: bool) -> None:
    """At fifty places of the session the PBX is asked and says what the model holds; the figures are those of nobody asking."""
    replay = Replay(world.events(), world.cut)
    places = set(Random(world.name).sample(range(len(replay.events)), min(50, len(replay.events))))
    rung: set[str] = set()
    for number, event in enumerate(replay.steps()):
        if isinstance(event, AgentRung):
            rung.add(event.leg)
        if number in places:
            replay.tell(shown(replay.floor, PBX, event.at, whole=whole, rung=rung))
    assert replay.metrics() == (HERE / "golden" / f"{world.name}.prom").read_text(encoding="utf-8")
    assert replay.ledger() == (HERE / "golden" / f"{world.name}.ledger").read_text(encoding="utf-8")
