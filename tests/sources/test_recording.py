"""A recorded session, replayed: the snapshot comes first, then what was raised; and a recording of ours, to the letter."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from pathlib import Path

from monitor.core import events as ev
from monitor.core.contract import Contract, Group, Project, QueueId
from monitor.core.results import Result, ResultsTold
from monitor.sources import recording
from monitor.sources.pseudonyms import Pseudonyms
from monitor.sources.recording import Ended, Reading, Stepped, Ticked
from monitor.sources.taping import Taping
from tests.sources.fake_ami import Headers, Pbx, channel_headers, event, member
from tests.sources.recordings import CAPTURES
from tests.sources.watching import now, until, watching

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


def test_what_was_sold_is_in_no_recording() -> None:
    written: list[bytes] = []
    taping = Taping(Contract(), Pseudonyms(b"k" * 32), written.append)
    heard = {"Event": "UserEvent", "UserEvent": "FloorwatchResult", "Project": "shop-line", "Disposition": "sale", "Key": "0501234567"}
    taping.told(ResultsTold("p", BASE, (Result("shop-line", "sale", "0501234567"),)), [heard])
    assert (written, taping.counts) == ([], {})


# --- recordings ---------------------------------------------------------------------------------------------------------------------


class Plain(Pseudonyms):
    """Every text is its own pseudonym."""

    def name(self, text: str) -> str:
        return text

    def serial(self, text: str) -> str:
        return text


CONTRACT = Contract(pbxs=("p",), groups=(Group("floor", ("PJSIP/*",)),), projects=(Project("line", "Bank", "floor", (QueueId("p", "bank"),)),))


class Tape:
    """What a tap wrote, and what is read of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.taping = Taping(CONTRACT, Plain(b""), self.written.append)
        self.begun_at = now()
        self.taping.begin(self.begun_at, "0")

    def facts(self, file: Path) -> list[recording.Fact]:
        file.write_bytes(b"".join(self.written))
        return list(Reading(file, "p", self.begun_at).facts())

    async def events(self, file: Path) -> list[recording.Fact]:
        return await asyncio.to_thread(self.facts, file)


def row(call: str, channel: str, application: str, data: str = "", bridge: str = "") -> Headers:
    more = {"Application": application, "ApplicationData": data, "BridgeId": bridge, "Duration": "00:01:40"}
    return channel_headers(call, channel, **more)


def without_options(event: ev.Event) -> ev.Event:
    """Of an application's data a recording keeps the queue's name."""
    if not isinstance(event, ev.SnapshotTaken):
        return event
    rows = (replace(row, data=row.data.split(",", 1)[0] if row.application == "Queue" else "") for row in event.channels)
    return replace(event, channels=tuple(rows))


BRIDGE = "16860877-9c54-427b-840d-719171d167ed"
CALLER, AGENT = "1795448467.1", "1795448467.2"


def busy() -> Pbx:
    """A caller talks, another waits; a pause of the PBX's past; a clock that is not ours."""
    paused = member("bank", "PJSIP/2", Paused="1", PausedReason="lunch", LastPause="1795448500", LastCall="1795448400", Wrapuptime="7")
    pbx = Pbx({"bank": [member("bank", "PJSIP/1"), paused]})
    pbx.channels = [row(CALLER, "PJSIP/trunk-00000001", "Queue", "bank,tT,,,40", BRIDGE), row(AGENT, "PJSIP/1-00000002", "AppQueue", "(Outgoing Line)", BRIDGE)]
    pbx.channels.append(row("1795448467.3", "PJSIP/trunk-00000003", "Queue", "bank"))
    pbx.waiting = {"bank": [{"Queue": "bank", "Position": "1", "Channel": "PJSIP/trunk-00000003", "Uniqueid": "1795448467.3", "Wait": "90"}]}
    pbx.variables = {("PJSIP/1-00000002", "CDR(answer,u)"): "1795448470.5", ("PJSIP/trunk-00000003", "QUEUESTATUS"): "TIMEOUT"}
    return pbx


async def test_what_is_read_is_what_the_inbox_was_told(tmp_path: Path) -> None:
    """Class by class, field by field, at the same instants: snapshots, events, reconciliations, exits, a lost link."""
    pbx, tape = busy(), Tape()
    async with watching(pbx, "bank", "nowhere") as one:
        one.client._watch.tap = tape.taping.told
        await one.live()
        waiting = channel_headers("1795448467.3", "PJSIP/trunk-00000003")
        pbx.live.send(event("QueueCallerLeave", **waiting, Queue="bank", Count="0", Position="1"))
        pbx.live.send(event("QueueMemberPause", **{k: v for k, v in member("bank", "PJSIP/1").items() if k != "Name"}))
        await one.heard(ev.CallerLeft)
        one.client.ask_exit("1795448467.3", "bank", "PJSIP/trunk-00000003")
        one.client.ask_exit("1795448467.9", "bank", "PJSIP/gone-00000009")
        await one.heard(ev.ExitTold, 2)
        pbx.live.send(event("QueueMemberAdded", **{k: v for k, v in member("bank", "PJSIP/3").items() if k != "Name"}, MemberName="Ганна"))
        await until(lambda: [True for snapshot in one.inbox.of(ev.SnapshotTaken) if not snapshot.whole])
        pbx.live.hang_up()
        await one.live(2)
        told = [without_options(event) for event in one.inbox.events]
    assert await tape.events(tmp_path / "a.ami") == told
    first = next(event for event in told if isinstance(event, ev.SnapshotTaken))
    assert first.strategies == {"bank": "leastrecent", "nowhere": ""}
    assert [row.answered_at is None for row in first.channels] == [True, False, True]
    assert first.members[1].last_pause_at is not None
    assert {status.status for status in one.inbox.of(ev.ExitTold)} == {"TIMEOUT", None}
    assert one.inbox.losses


async def test_what_was_kept_back_or_dropped_is_read_as_it_was_told(tmp_path: Path) -> None:
    pbx, tape = busy(), Tape()
    async with watching(pbx) as one:
        one.client._watch.tap = tape.taping.told
        await one.live()
        one.inbox.room = 3
        pbx.live.send(event("Hold", **channel_headers(CALLER, "PJSIP/1-00000002")) * 9)
        await until(lambda: one.inbox.refusals)
        one.inbox.room = None
        await one.live(2)
        await one.heard(ev.HoldPressed, 4)
        told = [without_options(event) for event in one.inbox.events]
    assert await tape.events(tmp_path / "a.ami") == told


async def test_without_a_tap_nothing_is_kept_for_one() -> None:
    async with watching(busy()) as one:
        await one.live()
        assert one.client._session is not None
        assert one.client._session._teller._heard({"Event": "Hold"}) == ()


def test_time_drops_and_the_end(tmp_path: Path) -> None:
    tape = Tape()
    at = tape.begun_at
    tape.taping.ticked(at + 5)
    tape.taping.told(ev.LinkLost("p", at + 6), ())
    tape.written.append(b"Event: FloorwatchMissed\r\n\r\n")  # as 0.2.0 wrote
    tape.taping.stepped(-3_600_000_000)
    tape.taping.ended(at + 7 - 3_600_000_000)
    assert tape.facts(tmp_path / "a.ami") == [Ticked(at + 5), *[ev.LinkLost("p", at + 6)] * 2, Stepped(-3_600_000_000), Ended(at + 7 - 3_600_000_000)]


def test_the_head_says_whose_floor_it_is_and_who_is_in_which_group(tmp_path: Path) -> None:
    tape, file = Tape(), tmp_path / "a.ami.gz"
    for interface in ("PJSIP/1", "SIP/2", "PJSIP/1"):
        tape.taping.told(ev.MemberSeen("p", now(), "bank", interface, interface, "Ганна", 1, False, ""), ())
    file.write_bytes(gzip.compress(b"".join(tape.written)[:400]) + gzip.compress(b"".join(tape.written)[400:]))  # a packer may begin anew
    opening = recording.opening(file)
    assert opening is not None
    assert (opening.at, opening.program) == (tape.begun_at, "0")
    assert opening.contract.group_for("PJSIP/1", "Ганна", frozenset()) is not None
    assert opening.contract.group_for("SIP/2", "Ганна", frozenset({QueueId("p", "bank")})) is None


def test_a_capture_has_no_head() -> None:
    assert recording.opening(CAPTURES / "single-22" / "hold.ami") is None
