"""A recorded session, replayed: the snapshot comes first, then what was raised."""

from __future__ import annotations

import gzip

from monitor.core import events as ev
from monitor.sources import recording
from tests.sources.recordings import CAPTURES

LIVE = b"Event: Hold\r\nPrivilege: %b\r\nTimestamp: 179544660%d.000000\r\nUniqueid: 1.%d\r\n\r\n"
BASE = 1_795_446_600_000_000
HEAD = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: login\r\n\r\n"


def test_gzipped_or_not_is_the_same() -> None:
    data = (CAPTURES / "single-22" / "hold.ami").read_bytes()
    assert list(recording.events(gzip.compress(data), "p")) == list(recording.events(data, "p"))
    assert list(recording.messages(gzip.compress(data))) == list(recording.messages(data))
    assert next(recording.messages(data))["ActionID"] == "login"


def test_only_the_classes_the_daemon_asks_for_are_replayed() -> None:
    data = HEAD + LIVE % (b"call,all", 5, 1) + LIVE % (b"dialplan,all", 6, 2) + LIVE % (b"agent,all", 7, 3) + LIVE % (b"security,all", 8, 4)
    assert [event.call for event in recording.events(data, "p") if isinstance(event, ev.HoldPressed)] == ["1.1", "1.3"]


def test_without_lists_an_empty_snapshot_opens_the_view() -> None:
    snapshot, pressed = recording.events(HEAD + LIVE % (b"call,all", 5, 1), "p")
    assert snapshot == ev.SnapshotTaken("p", BASE + 5_000_000, {}, (), (), ())
    assert pressed == ev.HoldPressed("p", BASE + 5_000_000, "1.1")


def test_an_idle_session_is_its_snapshot() -> None:
    lists = b"Event: QueueParams\r\nQueue: a\r\nStrategy: ringall\r\nActionID: q\r\n\r\nResponse: Success\r\nPing: Pong\r\nTimestamp: 1795446609.5\r\n\r\n"
    assert list(recording.events(HEAD + lists, "p")) == [ev.SnapshotTaken("p", BASE + 9_500_000, {"a": "ringall"}, (), (), ())]


def test_time_does_not_step_back() -> None:
    data = HEAD + LIVE % (b"call,all", 5, 1) + LIVE % (b"call,all", 3, 2) + LIVE % (b"call,all", 6, 3)
    assert [event.at - BASE for event in recording.events(data, "p")] == [5_000_000, 5_000_000, 5_000_000, 6_000_000]


def test_lists_asked_for_later_are_not_a_second_snapshot() -> None:
    late = b"Event: QueueParams\r\nQueue: a\r\nStrategy: ringall\r\nActionID: q\r\n\r\n"
    events = list(recording.events(HEAD + LIVE % (b"call,all", 5, 1) + late + LIVE % (b"call,all", 6, 2), "p"))
    assert [type(event) for event in events] == [ev.SnapshotTaken, ev.HoldPressed, ev.HoldPressed]
