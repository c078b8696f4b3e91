"""What the PBX wrote into its queue_log is what the replay counted: calls to the call, talk within a second."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Component, Contacts, Outcome, Visits
from monitor.core.events import CallerJoined
from tests.scenarios.truth import Truth, read
from tests.scenarios.world import MIXED, PBX, SINGLE_22, Recording, Replay

# Talks of which the agent's leg says otherwise than the log, in seconds: (leg, log). The leg is right.
LEG_KNOWS_BETTER = {
    # The caller hung up while the agent consulted a colleague; she talked on with him.
    ("1795446667.0", "bank"): (11.332602, 9),
    # The caller hung up while he was held; the agent's phone stayed in its bridge (a Local/…/n member) for seconds.
    ("1795446511.18", "taxi"): (16.054821, 11),
    ("1795446530.72", "taxi"): (13.950382, 10),
    ("1795446551.134", "taxi"): (9.543912, 4),
    # A Local/…/n member transferred the caller away; app_queue never notices (FreePBX/issue-tracker#124).
    ("1795446569.189", "taxi"): (5.881613, 9),
}
CONTACTS = {"mixed-22": {"bank": 55, "shop": 50, "taxi": 35}, "mixed-16": {"bank": 41, "shop": 37, "taxi": 23}}

MID_CALL = next(world for world in SINGLE_22 if world.name.endswith("snapshot-in-mid-call"))


def counted(replay: Replay, queue: str) -> Counter[str]:
    """The visits of a queue in the judge's words; zeros are left out."""
    name, place = f"{queue}-line", QueueId(PBX, queue)
    row = replay.floor.counters.visits[name, place]
    mine = Counter({word: row[Visits[word.upper()]] for word in ("entered", "answered", "in_threshold", "abandoned", "short")})
    mine["flowed_out"] = sum(n for (p, q, _), n in replay.floor.counters.flowed_out.items() if (p, q) == (name, place))
    return +mine


def compare_calls(replay: Replay, truth: Truth) -> None:
    queues = [queue for queue, counts in truth.counts.items() if counts["entered"]]
    assert sorted(f"{queue}-line" for queue in queues) == sorted(project.name for project in replay.contract.projects)
    for queue in queues:
        theirs = Counter({word: n for word, n in truth.counts[queue].items() if word != "ringnoanswer"})
        mine = counted(replay, queue)
        for side in (mine, theirs):  # whole seconds there: a wait of 4.6 s is logged as 5
            side["short + abandoned"] = side.pop("short", 0) + side.pop("abandoned", 0)
        assert +mine == +theirs, queue
    assert replay.floor.counters.ring_no_answer["floor"] == sum(counts["ringnoanswer"] for counts in truth.counts.values())


def compare_talks(replay: Replay, truth: Truth) -> None:
    """Every answered visit's talk against the log's: within a second, or known to be logged wrongly."""
    ours: dict[tuple[str, str], list[float]] = {}
    for talk in replay.talks:
        if talk.visit is not None and talk.ended_at is not None:
            ours.setdefault((talk.visit.call, talk.visit.queue.name), []).append((talk.ended_at - talk.started_at) / SECOND)
    assert {key: len(row) for key, row in ours.items()} == {key: len(row) for key, row in truth.talks.items()}
    apart = {key: (mine, theirs) for key, row in truth.talks.items() for mine, theirs in zip(ours[key], row, strict=True) if abs(mine - theirs) > 1}
    assert apart == {key: pair for key, pair in LEG_KNOWS_BETTER.items() if key in truth.talks}


@pytest.mark.parametrize("world", [world for world in SINGLE_22 if world is not MID_CALL], ids=lambda world: world.name)
def test_single_recordings_equal_their_queue_log(world: Recording) -> None:
    replay, truth = Replay(world.events()).whole(), read(world.queue_log)
    compare_calls(replay, truth)
    compare_talks(replay, truth)


def test_what_the_first_snapshot_shows_is_taken_over() -> None:
    """One caller waits: he is counted from his wait. One talks: her answer was before our time, her talk is the project's from now on."""
    replay, truth = Replay(MID_CALL.events()).whole(), read(MID_CALL.queue_log)
    assert counted(replay, "qwait") == {"entered": 1, "abandoned": 1}
    assert truth.counts["qwait"] == {"entered": 1, "abandoned": 1}
    assert counted(replay, "qtalk") == {}
    assert truth.counts["qtalk"] == {"entered": 1, "answered": 1, "in_threshold": 1}
    seconds = replay.floor.counters.handle_us["qtalk-line", Component.TALK] / SECOND
    since = MID_CALL.events()[0].at / SECOND
    assert seconds == pytest.approx(1795448572 - since, abs=1)  # the log's second of COMPLETECALLER


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_mixed_recordings_equal_their_queue_log(world: Recording) -> None:
    replay, truth = Replay(world.events()).whole(), read(world.queue_log)
    compare_calls(replay, truth)
    assert replay.floor.counters.anomalies == {}
    compare_talks(replay, truth)


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_the_reader_of_queue_log_agrees_with_the_counts_that_came_with_it(world: Recording) -> None:
    """A judge who reads wrongly would find everything right."""
    truth = read(world.queue_log)
    for queue, told in json.loads((world.path.parent / "truth.json").read_text(encoding="utf-8")).items():
        words = ("entered", "answered", "in_threshold", "abandoned", "short", "flowed_out", "ringnoanswer")
        assert {word: truth.counts[queue][word] for word in words} == {word: told[word] for word in words}
        assert sum(sum(row) for (_, name), row in truth.talks.items() if name == queue) == told["talk"]


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_contacts_of_the_mixed_recordings(world: Recording) -> None:
    counters = Replay(world.events()).whole().floor.counters
    expected = CONTACTS[world.name]
    assert {queue: counters.contacts[f"{queue}-line"][Contacts.CONTACTS] for queue in expected} == expected
    for row in counters.contacts.values():
        fates = row[Contacts.ANSWERED] + row[Contacts.ABANDONED] + row[Contacts.SHORT] + row[Contacts.FLOWED_OUT]
        assert fates == row[Contacts.CONTACTS]
        assert row[Contacts.HANDLED] == row[Contacts.ANSWERED]


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_one_caller_of_each_mixed_recording_passes_the_same_queue_twice(world: Recording) -> None:
    joins = Counter((event.call, event.queue) for event in world.events() if isinstance(event, CallerJoined))
    assert list(joins.values()).count(2) == 1
    waits = Replay(world.events()).whole().floor.counters.waits
    assert sum(sum(wait.counts) for wait in waits.values()) == sum(joins.values())
    assert {outcome for _, _, outcome in waits} == {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SHORT, Outcome.FLOWED_OUT}
