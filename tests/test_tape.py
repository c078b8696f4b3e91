"""Record and replay: what the live engine counted is what its recording gives, to the last microsecond; and what is no recording is refused."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import random
import re
import signal
import socket
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import Clock
from monitor.config import PbxSettings, Secret
from monitor.core.contract import SECOND, Contract, Group, PauseClass, PauseReason, Person, Presence, Project, QueueId
from monitor.core.events import Event
from monitor.core.floor import Floor
from monitor.core.ledger import Ledger
from monitor.errors import FloorwatchError, RecordingFailed, RecordingUnusable
from monitor.sources import recording, terms
from monitor.sources.ami.decoder import Decoder, Message
from monitor.sources.ami.teller import AT, OFFSET
from monitor.sources.ami.translate import LIST_ITEMS, WANTED, Translator
from monitor.sources.pseudonyms import Pseudonyms
from monitor.sources.taping import Taping
from monitor.tape.record import Deck, Recorder
from monitor.tape.reel import Reel, key
from monitor.tape.replay import Playback, Tape
from monitor.tape.summary import summary
from tests.scenarios.world import MIXED, PBX, RECORDINGS, Recording, contract_of
from tests.sources.fake_ami import SECRET, Pbx, channel_headers, event, member
from tests.sources.watching import HURRY, until
from tests.test_cli import free_port, get

NAMES = Pseudonyms(b"k" * 32)


def ledger(book: Ledger) -> dict[str, dict[int, list[int]]]:
    """Every minute of everybody, by kind and name."""
    kinds = {"project": {name: book.minutes for name, book in book.projects.items()}, "group": {name: book.minutes for name, book in book.groups.items()}}
    return {f"{kind} {name}": {at: list(sums) for at, sums in minutes.items()} for kind, books in kinds.items() for name, minutes in books.items()}


def people(floor: Floor) -> list[dict[int, list[int]]]:
    """Everybody's minutes, whoever it is."""
    return sorted(({at: list(sums) for at, sums in minutes.items()} for minutes in floor.ledger.people.values()), key=str)


def veiled(found: dict[str, dict[int, list[int]]]) -> dict[str, dict[int, list[int]]]:
    return {f"{kind} {NAMES.name(name)}": minutes for (kind, _, name), minutes in ((text.partition(" "), minutes) for text, minutes in found.items())}


def same_floor(live: Floor, again: Floor) -> None:
    """All that was counted, name for name; the figures of people in any order."""
    assert ledger(again.ledger) == veiled(ledger(live.ledger))
    assert people(again) == people(live)
    mine, theirs = again.counters, live.counters
    assert mine.anomalies == theirs.anomalies
    assert mine.handle_us == {(NAMES.name(project), part): us for (project, part), us in theirs.handle_us.items()}
    assert {key: (wait.counts, wait.sum_us) for key, wait in mine.waits.items()} == {
        (NAMES.name(project), QueueId(NAMES.name(queue.pbx), NAMES.name(queue.name)), outcome): (wait.counts, wait.sum_us)
        for (project, queue, outcome), wait in theirs.waits.items()
    }
    assert sorted(mine.talk_disagreement_us.values()) == sorted(theirs.talk_disagreement_us.values())


# --- recorded worlds, recorded again ------------------------------------------------------------------------------------------------------


@dataclass
class Studio:
    """An engine that is told a recorded session at its own times, and the recording made of it."""

    world: Recording
    contract: Contract
    file: Path
    now: int = 0

    def play(self) -> Deck:
        """The session to its end."""
        translator = Translator(PBX)
        events = self.world.events()
        self.now = events[0].at - SECOND
        written: list[bytes] = []
        taping = Taping(self.contract, NAMES, written.append)
        deck = Deck(self.contract, Clock(lambda: self.now * 1000, lambda: self.now * 1000), taping.ticked, taping.stepped)
        taping.begin(self.now, "0")
        lists = Decoder(LIST_ITEMS).feed(self.world.data)
        tick = self.now + SECOND
        for told, heard in [(events[0], [{**item, AT: str(events[0].at), OFFSET: "+0"} for item in lists]), *self._live(translator)]:
            while tick <= told.at:
                self.now = tick
                tick += SECOND
                deck.tick()
            self.now = told.at
            assert deck.put(told)
            taping.told(told, heard)
        self.now += 90 * SECOND
        deck.tick()
        outlook = deck.outlook()
        taping.ended(outlook.at)
        self.file.write_bytes(b"".join(written))
        self.summary = summary(deck, outlook, events[0].at - SECOND, taping.counts, 0, NAMES.name)
        return deck

    def _live(self, translator: Translator) -> Iterator[tuple[Event, list[Message]]]:
        last = 0
        for message in Decoder(WANTED).feed(self.world.data):
            sent_at = translator.sent_at(message) if "Privilege" in message else None
            if sent_at is None or recording.CLASSES.isdisjoint(message["Privilege"].split(",")):
                continue
            last = max(last, sent_at)
            told = translator.event(message, last)
            if told is not None:
                yield told, [{**message, OFFSET: "+0"}]


def patterned(contract: Contract) -> Contract:
    """The same floor, whose groups are told by patterns and by an agents file."""
    reasons = (*contract.groups[0].pause_reasons, PauseReason("lunch", PauseClass.UNPAID))
    known = Person("007", "Олена", ("PJSIP/agent1", f"{PBX}:PJSIP/agent2"), "locals")
    groups = (Group("locals", ("Local/*",), pause_reasons=reasons), Group(contract.groups[0].name, ("Agent *", "PJSIP/*"), pause_reasons=reasons))
    return replace(contract, groups=groups, people=(known,))


@pytest.mark.parametrize("shape", [lambda contract: contract, patterned], ids=["queues", "patterns"])
@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_a_recorded_world_replays_to_the_same_floor(world: Recording, shape: object, tmp_path: Path) -> None:
    assert callable(shape)
    studio = Studio(world, shape(contract_of(world.events())), tmp_path / "world.ami")
    deck = studio.play()
    playback = Playback(Tape(studio.file))
    playback.play()
    assert playback.summary() == studio.summary
    same_floor(deck.floor, playback.engine.floor)
    live_groups = {NAMES.name(agent.group.name) if agent.group else None for agent in deck.floor.staff.agents.values()}
    assert {agent.group.name if agent.group else None for agent in playback.engine.floor.staff.agents.values()} == live_groups


def test_in_its_own_rhythm_it_is_the_same(tmp_path: Path) -> None:
    studio = Studio(MIXED[0], contract_of(MIXED[0].events()), tmp_path / "world.ami")
    deck = studio.play()
    playback = Playback(Tape(studio.file))
    asyncio.run(playback.keep_time(100_000))
    assert playback.summary() == studio.summary
    same_floor(deck.floor, playback.engine.floor)


def test_a_torn_end_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    studio = Studio(MIXED[0], contract_of(MIXED[0].events()), tmp_path / "world.ami")
    studio.play()
    whole = studio.file.read_bytes()
    for torn in (whole[: len(whole) // 2], gzip.compress(whole)[: len(gzip.compress(whole)) // 2]):
        studio.file.write_bytes(torn)
        playback = Playback(Tape(studio.file))
        playback.play()
        assert playback.summary().endswith(f"cut off    {studio.file} has no end: the figures are those of its last message\n")
        assert playback.tape.counts["QueueCallerJoin"] > 0


# --- a PBX that is recorded ---------------------------------------------------------------------------------------------------------------

CONTRACT = Contract(
    groups=(Group("floor", ("PJSIP/*",), pause_reasons=(PauseReason("обід", PauseClass.UNPAID),)),),
    projects=(Project("bank-line", "Bank", "floor", (QueueId("pbx1", "bank"), QueueId("pbx1", "nowhere"))),),
)


@dataclass
class Recorded:
    """A recorder at work."""

    recorder: Recorder
    pbx: Pbx
    file: Path
    stop: asyncio.Event
    text: str = ""
    said: str = ""

    @property
    def floor(self) -> Floor:
        return self.recorder.engine.floor

    async def live(self, snapshots: int = 1) -> None:
        stats = self.recorder.client.stats
        await until(lambda: stats.up and stats.snapshots >= snapshots)


@contextlib.asynccontextmanager
async def recorded(pbx: Pbx, file: Path, reconcile_seconds: float = 1000, *, force: bool = False, contract: Contract | None = None) -> AsyncIterator[Recorded]:
    """A recording of `pbx`, whole and read back once the block is left."""
    async with pbx.listening() as port:
        where = PbxSettings("pbx1", "127.0.0.1", port, "floorwatch", Secret(SECRET), ping_seconds=1000, reconcile_seconds=reconcile_seconds)
        reel = await asyncio.to_thread(Reel, file, force=force)
        one = Recorded(Recorder(contract or CONTRACT, where, NAMES, reel, HURRY), pbx, file, asyncio.Event())
        task = asyncio.create_task(one.recorder.run(one.stop))
        try:
            yield one
        finally:
            one.stop.set()
            one.said = await task
    one.text = await asyncio.to_thread(lambda: b"".join(recording.pieces(file)).decode())


def played(file: Path) -> Playback:
    playback = Playback(Tape(file))
    playback.play()
    return playback


async def replayed(one: Recorded) -> Playback:
    playback = await asyncio.to_thread(played, one.file)
    assert playback.summary().replace(detail(playback), "") == one.said
    same_floor(one.floor, playback.engine.floor)
    return playback


async def test_people_who_are_in_no_queue_are_recorded_by_their_devices(tmp_path: Path) -> None:
    """Known by a row, by a pattern when asked for, and by a pattern when their phone stirs; of a phone that is nobody's nothing is written."""
    groups = (*CONTRACT.groups, Group("dialers", ("PJSIP/dan*",), Presence.DEVICE))
    agreed = replace(CONTRACT, groups=groups[::-1], people=(Person("7", "Ola", ("PJSIP/ola",), "dialers"),))
    pbx = Pbx(devices={"PJSIP/ola": "NOT_INUSE"}, channels=[channel_headers("8.1", "PJSIP/dan-00000001")])
    async with recorded(pbx, tmp_path / "r.ami", contract=agreed) as one:
        await one.live()
        for device, state in (("PJSIP/daniel", "NOT_INUSE"), ("PJSIP/zoe", "INUSE"), ("Queue:bank", "INUSE"), ("PJSIP/ola", "UNAVAILABLE")):
            pbx.live.send(event("DeviceStateChange", Device=device, State=state))
        await until(lambda: one.floor.staff.agents["7"].unreachable_since is not None)
    playback = await replayed(one)
    assert one.text.count("Event: DeviceStateChange") == 4  # one was asked for, and found to be of nobody
    for secret in ("ola", "Ola", "daniel", "zoe", "Queue:bank"):
        assert secret not in one.text
    states = Counter(agent.state for agent in one.floor.staff.agents.values() if agent.devices)
    assert states == Counter(agent.state for agent in playback.engine.floor.staff.agents.values() if agent.devices) == {"available": 1, "unreachable": 1}


def detail(playback: Playback) -> str:
    return "".join(f"; first: {text}" for text in playback.engine.remarked.values()) or "\0"


CALLER = channel_headers("kyiv-1795448567.1", "PJSIP/0501234567-00000001", "600", CallerIDNum="0501234567", CallerIDName="Олена Коваль")


def raised(name: str, **more: str) -> bytes:
    return event(name, **{**CALLER, "Queue": "bank", "Position": "1", **more})


async def test_a_call_its_exit_and_a_lost_link(tmp_path: Path) -> None:
    pbx = Pbx({"bank": [member("bank", "PJSIP/1", Name="Ганна", LastPause="1795448000", Paused="1", PausedReason="обід")]})
    pbx.channels.append({**CALLER, "Application": "Queue", "ApplicationData": "bank,tT,,,40", "BridgeId": "", "Duration": "00:00:01"})
    pbx.variables[CALLER["Channel"], "QUEUESTATUS"] = "TIMEOUT"
    async with recorded(pbx, tmp_path / "a.ami.gz") as one:
        await one.live()
        pbx.live.send(raised("QueueCallerJoin") + raised("QueueCallerAbandon", HoldTime="4") + raised("QueueCallerLeave"))
        await until(lambda: "FloorwatchExit" in str(one.recorder.reel._waiting) or sum(one.floor.counters.flowed_out.values()))
        pbx.live.send(event("Newstate", **{**CALLER, "Priority": "2"}))
        await until(lambda: sum(one.floor.counters.flowed_out.values()) == 1)
        pbx.live.send(raised("QueueCallerJoin"))
        await until(lambda: one.recorder.taping.counts["QueueCallerJoin"] == 2)
        pbx.live.hang_up()
        await one.live(2)
    assert "flowed out 1 (timeout 1)" in one.said
    assert "gaps       1," in one.said
    assert "not on the PBX" in one.said
    playback = await replayed(one)
    assert playback.losses == 1
    for text in ("0501234567", "Олена", "Коваль", "Ганна", "bank", "Bank", "nowhere", "kyiv", "600", "inbound", "обід", "floor", SECRET, "pbx1"):
        assert not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", one.text), text
    assert stat.S_IMODE(one.file.stat().st_mode) == 0o600


async def test_members_who_come_go_and_pause_and_a_reconciliation(tmp_path: Path) -> None:
    pbx = Pbx({"bank": [member("bank", "PJSIP/1"), member("bank", "SIP/2")]})
    async with recorded(pbx, tmp_path / "a.ami", reconcile_seconds=0.2) as one:
        await one.live()
        pbx.live.send(event("QueueMemberAdded", Queue="bank", MemberName="Ганна", Interface="PJSIP/3", StateInterface="PJSIP/3", Status="1", Paused="0"))
        await until(lambda: len(one.floor.staff.agents) == 3)
        pbx.queues["bank"].append(member("bank", "PJSIP/4", Paused="1", PausedReason="обід"))
        await until(lambda: len(one.floor.staff.agents) == 4)
    assert (await replayed(one)).engine.floor.counters.reconcile_mismatches == {NAMES.name("pbx1"): one.floor.counters.reconcile_mismatches["pbx1"]}
    assert "anomaly    member_without_group 1\n" in one.said


async def test_a_full_inbox(tmp_path: Path) -> None:
    pbx = Pbx()
    async with recorded(pbx, tmp_path / "a.ami") as one:
        await one.live()
        one.recorder.engine._limit = 2
        pbx.live.send(raised("QueueCallerJoin") + event("Hold", **CALLER) * 40)
        await one.live(2)
    assert one.text.count("Event: FloorwatchLinkLost\r\n") == 1
    await replayed(one)


async def test_a_clock_that_steps(tmp_path: Path) -> None:
    pbx, ahead = Pbx(), 0
    async with recorded(pbx, tmp_path / "a.ami") as one:
        await one.live()
        clock = one.recorder.engine.clock
        before = clock._wall_ns
        clock._wall_ns = lambda: before() + ahead
        pbx.live.send(raised("QueueCallerJoin"))
        await until(lambda: one.recorder.taping.counts["QueueCallerJoin"])
        ahead = 3_600 * 10**9
        await until(lambda: one.recorder.engine.keeping.clock_steps == 1)
    assert one.text.count("Event: FloorwatchStep\r\n") == 1
    assert (await replayed(one)).engine.keeping.clock_steps == 1


async def test_a_pbx_that_was_never_seen_leaves_no_file(tmp_path: Path) -> None:
    pbx = Pbx(password="another")
    with pytest.raises(RecordingFailed, match=r"a\.ami: nothing was recorded: pbx1 was never seen: refused user 'floorwatch'"):
        async with recorded(pbx, tmp_path / "a.ami") as one:
            await until(lambda: one.recorder.client.stats.problem)
    assert not await asyncio.to_thread(one.file.exists)


# --- what is no recording -----------------------------------------------------------------------------------------------------------------

HEAD = "Asterisk Call Manager/Floorwatch\r\nEvent: FloorwatchRecording\r\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not a recording: it does not begin with 'Asterisk Call Manager/'; name a file that floorwatch record wrote"),
        ("hello\r\n\r\n", "is not a recording: it does not begin with 'Asterisk Call Manager/'; name a file that floorwatch record wrote"),
        ("Asterisk Call Manager/11.0.0\r\n", "holds no event; was timestampevents = yes where it was made?"),
        (f"{HEAD}Version: 2\r\nProgram: 9.0\r\n\r\n", "has format '2' of Floorwatch 9.0, this one reads '1'; replay it with that version"),
        (f"{HEAD}Version: 1\r\nProgram: 0\r\nContract: {{}}\r\n\r\n", "has a broken FloorwatchRecording message; bring the file as it was written"),
    ],
)
def test_a_file_that_is_none(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "a.ami"
    file.write_bytes(text.encode())
    with pytest.raises(RecordingUnusable) as refused:
        Tape(file)
    assert (str(refused.value), refused.value.exit_code) == (f"{file}: {problem}", 2)


def test_a_message_that_was_broken_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "a.ami"
    Studio(RECORDINGS[0], contract_of(RECORDINGS[0].events()), file).play()
    file.write_bytes(re.sub(rb"FloorwatchTick\r\nFloorwatchAt: \d+", b"FloorwatchTick\r\nFloorwatchAt: noon", file.read_bytes(), count=1))
    with pytest.raises(
        FloorwatchError, match=r"a\.ami: has a broken FloorwatchTick message: Event: FloorwatchTick, FloorwatchAt: noon; mend it or take it out$"
    ):
        Playback(Tape(file)).play()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording with everything in it, of some seconds."""
    file = tmp_path_factory.mktemp("sound") / "world.ami"
    Studio(MIXED[0], patterned(contract_of(MIXED[0].events())), file).play()
    stanzas = file.read_bytes().split(b"\r\n\r\n")
    ours = [b"Event: FloorwatchMissed", b"Event: FloorwatchStep\r\nFloorwatchMoved: -5000000", b"Event: FloorwatchStep\r\nFloorwatchMoved: 5000000"]
    return b"\r\n\r\n".join([*stanzas[:300], *ours, b""])


END = re.compile(rb"FloorwatchAt: (\d+)\r\n\r\n")


@pytest.mark.parametrize("name", ["Tick", "End", "LinkLost"])
@pytest.mark.parametrize("days", [-1, 1.01, 40, 30_000, 10**9])
def test_a_time_that_cannot_be(name: str, days: float, sound: bytes, tmp_path: Path) -> None:
    """Before its beginning, or so long after all else that hours of nothing would be replayed."""
    file = tmp_path / "a.ami"
    at = int(END.findall(sound)[-1]) + int(days * 86_400) * SECOND
    file.write_bytes(sound + b"Event: Floorwatch%s\r\nFloorwatchAt: %d\r\n\r\n" % (name.encode(), at))
    with pytest.raises(RecordingUnusable, match=rf"a\.ami: has a broken Floorwatch{name} message: .*FloorwatchAt: {at}; mend it or take it out$"):
        played(file)


def test_a_recording_of_more_than_a_month(sound: bytes, tmp_path: Path) -> None:
    file, last = tmp_path / "a.ami", int(END.findall(sound)[-1])
    file.write_bytes(
        sound
        + b"".join(
            b"Event: FloorwatchMissed\r\n\r\nEvent: FloorwatchLinkLost\r\nFloorwatchAt: %d\r\n\r\n" % (last + day * 86_400 * SECOND) for day in range(40)
        )
    )
    with pytest.raises(RecordingUnusable, match="has a broken FloorwatchLinkLost message"):
        list(Tape(file).facts())


def test_a_capture_that_says_nothing_for_days(tmp_path: Path) -> None:
    file = tmp_path / "a.ami"
    held = "Event: Hold\r\nPrivilege: call,all\r\nTimestamp: {}.000000\r\nUniqueid: 1.1\r\n\r\n"
    file.write_text("Asterisk Call Manager/11.0.0\r\n" + held.format(1_795_446_605) + held.format(1_795_446_605 + 20 * 86_400), newline="")
    with pytest.raises(RecordingUnusable) as refused:
        Tape(file)
    problem = "says nothing for 20.0 days after its first 0.0: no more than 1 in silence, and 31 in all, are replayed; cut it there"
    assert str(refused.value) == f"{file}: {problem}"


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some bytes, values or lines of a recording are not what they were."""
    stanzas = data.split(b"\r\n\r\n")
    for _ in range(chance.randint(1, 4)):
        place = 0 if chance.random() < 0.3 else chance.randrange(len(stanzas))
        lines = stanzas[place].split(b"\r\n")
        line, way = chance.randrange(len(lines)), chance.randrange(5)
        header, colon, value = lines[line].partition(b": ")
        if way == 0 and colon:
            lines[line] = header + colon + chance.choice(NONSENSE)
        elif way == 1:
            del lines[line]
        elif way == 2:
            stanzas.insert(chance.randrange(len(stanzas)), stanzas[place])
        elif way == 3 and header == b"Contract":
            with contextlib.suppress(ValueError, AssertionError):
                lines[line] = header + colon + spoilt(json.loads(value), chance)
        elif lines[line]:
            where = chance.randrange(len(lines[line]))
            lines[line] = lines[line][:where] + chance.choice((b"", b"0", b"-", b"9", b'"', b"[", b"}", b"\xff", b"\0", b"\r\n")) + lines[line][where + 1 :]
        stanzas[place] = b"\r\n".join(lines)
    return b"\r\n\r\n".join(stanzas)


NONSENSE = (b"", b"-1", b"0", b"1", b"x", b"1e5", b"noon", b"1_0", b"99999999999999999999", b"9223372036854775807", b"1000000000000000", b"4102444800000000")


def spoilt(contract: object, chance: random.Random) -> bytes:
    """One value somewhere in it is another."""
    values: list[object] = [None, 0, -1, 10**18, 1.5, float("inf"), True, "", "Europe", "\ud800", "x" * 5_000, [], {}, [[]]]
    assert isinstance(contract, dict), "spoilt already"
    here: Any = contract
    while True:
        key = chance.choice(list(here) if isinstance(here, dict) else range(len(here)))
        if not isinstance(here[key], dict | list) or not here[key] or chance.random() < 0.2:
            here[key] = chance.choice(values)
            return json.dumps(contract).encode()
        here = here[key]


def test_whatever_is_in_a_file_it_is_replayed_or_refused(sound: bytes, tmp_path: Path) -> None:
    """Never a traceback, and never a replay without an end: the test's own time limit would say so."""
    file, outcomes = tmp_path / "a.ami", Counter[str]()
    for seed in range(300):
        file.write_bytes(damaged(sound, random.Random(seed)))
        said = ""
        try:
            playback = played(file)
            playback.summary()
            playback.metrics()
        except RecordingUnusable as error:
            said = str(error)
        outcomes["refused" if said else "replayed"] += 1
        assert said.isprintable(), "one line"
    assert min(outcomes["replayed"], outcomes["refused"]) > 50, outcomes


def test_a_packed_file_that_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.ami.gz"
    packed = bytearray(gzip.compress(HEAD.encode() * 1000))
    packed[20:30] = b"\xff" * 10
    file.write_bytes(packed)
    with pytest.raises(RecordingUnusable, match=r"is damaged: its gzip does not unpack; bring the file as it was written$"):
        Tape(file)


def test_a_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "a.ami"
    file.write_text("mine")
    file.chmod(0o644)
    with pytest.raises(RecordingUnusable, match=r"a\.ami: is there already; choose another name, or overwrite it with --force$"):
        Reel(file)
    reel = Reel(file, force=True)
    assert file.read_text() == "mine", "until there is something to put in its place"
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("a.ami.*.part")] == [0o600]
    reel.close()
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("", 0o600)
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(RecordingUnusable, match=r"cannot be written: No such file or directory; choose a place you may write to$"):
        Reel(tmp_path / "none" / "a.ami")


def test_what_is_overwritten_may_be_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    file, link = tmp_path / "disk" / "a.ami", tmp_path / "link.ami"
    file.write_text("mine")
    link.symlink_to(file)
    Reel(link, force=True).close()
    assert (link.is_symlink(), file.read_text()) == (True, "")


def test_what_was_recorded_before_outlives_a_recording_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(CONFIG.format(first="pbx1", more="") + '[log]\nlevel = "error"\n')
    (tmp_path / "a.ami").write_text("mine")
    done = floorwatch("record", "--config", tmp_path / "f.toml", "--seconds", "0.5", "--force", tmp_path / "a.ami")
    assert done.returncode == 1
    assert (tmp_path / "a.ami").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"f.toml", "a.ami"}


async def test_a_recording_that_is_stopped_while_the_link_is_down_is_one(tmp_path: Path) -> None:
    """Something was recorded: that is success, and it takes the place of what was there."""
    pbx, file = Pbx({"bank": [member("bank", "PJSIP/1")]}), tmp_path / "a.ami"
    await asyncio.to_thread(file.write_text, "mine")
    async with recorded(pbx, file, force=True) as one:
        await one.live()
        pbx.password = "another"
        pbx.live.hang_up()
        await until(lambda: one.recorder.client.stats.problem)
    assert "gaps       1," in one.said
    await replayed(one)
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == [file]


async def test_a_disk_that_is_full() -> None:
    reel = await asyncio.to_thread(Reel, Path("/dev/full"), force=True)
    reel.write(b"x" * 10)
    with pytest.raises(RecordingFailed, match="cannot be written any more: No space left on device; what is in it can be replayed"):
        await reel.flush()
    with contextlib.suppress(RecordingFailed, OSError):
        reel._plain.close()


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = key(file)
    assert (key(file), stat.S_IMODE(file.stat().st_mode)) == (made, 0o600)
    assert key(None) != key(None)
    file.write_text("secret\n")
    with pytest.raises(RecordingUnusable, match=r"is no key, which is 64 hexadecimal digits; name a file that is not there yet, and one is made$"):
        key(file)


# --- as typed -----------------------------------------------------------------------------------------------------------------------------


def floorwatch(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "monitor", *map(str, words)], capture_output=True, text=True, timeout=30, check=False)


CONFIG = """
[[pbx]]
name = "{first}"
host = "127.0.0.1"
port = 1
username = "floorwatch"
secret_env = "HOME"
{more}
[[group]]
name = "floor"
[[project]]
name = "bank-line"
client = "Bank"
group = "floor"
queues = ["{first}/bank"]
"""
SECOND_PBX = '[[pbx]]\nname = "pbx2"\nhost = "127.0.0.1"\nport = 1\nusername = "floorwatch"\nsecret_env = "HOME"'


def test_a_capture_without_a_contract_has_a_project_for_each_queue() -> None:
    done = floorwatch("replay", MIXED[0].path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("project")] == [
        ["project", f"{name}:"] for name in ("bank", "shop", "taxi")
    ]
    assert "anomalies  none\ngaps       0," in done.stdout


def test_a_capture_under_its_own_contract_and_its_metrics(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(CONFIG.format(first="mine", more=""))
    done = floorwatch("replay", MIXED[0].path, "--config", tmp_path / "f.toml", "--metrics", tmp_path / "m.prom")
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "m.prom").read_text()
    assert 'callcenter_contacts_total{client="Bank",project="bank-line",direction="inbound"} 41\n' in text
    assert 'callcenter_unclaimed_calls_total{pbx="mine",queue="shop"}' in text


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("replay", "none.ami"), 2, "none.ami: cannot be read: No such file or directory; name a file that floorwatch record wrote"),
        (
            ("replay", MIXED[0].path, "--metrics", "none/m.prom"),
            2,
            "none/m.prom: is in no folder that is there; choose a place you may write to",
        ),
        (("record", "--config", "two.toml", "a.ami"), 2, "two.toml: there are several PBXs, and a recording is of one: pbx1, pbx2; choose it with --pbx NAME"),
        (("record", "--config", "two.toml", "--pbx", "x", "a.ami"), 2, "two.toml: there is no PBX 'x'; --pbx takes one of pbx1, pbx2"),
        (("record", "--config", "two.toml", "--pbx", "pbx2", "a.ami"), 2, "two.toml: no [[project]] has a queue on pbx2; name its queues first"),
        (
            ("record", "--config", "two.toml", "--pbx", "pbx1", "no/a.ami"),
            2,
            "no/a.ami: cannot be written: No such file or directory; choose a place you may write to",
        ),
        (
            ("replay", MIXED[0].path, "--config", "two.toml"),
            2,
            "two.toml: there are several PBXs, and a recording is of one: pbx1, pbx2; leave one [[pbx]] in a copy of it",
        ),
    ],
)
def test_what_is_typed_wrongly_is_one_clear_line(words: tuple[str | Path, ...], code: int, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    (tmp_path / "two.toml").write_text(CONFIG.format(first="pbx1", more=SECOND_PBX))
    done = floorwatch(*words)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (code, line)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "a.ami").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("replay", "a.ami", "--speed", "fast"), "--speed fast: is not a number; write a number from 0.1 to 1000, such as 10"),
        (("replay", "a.ami", "--speed", "nan"), "--speed nan: is not a number; write a number from 0.1 to 1000, such as 10"),
        (("replay", "a.ami", "--speed", "2000"), "--speed 2000: is too fast; write a number from 0.1 to 1000, such as 10"),
        (("replay", "a.ami", "--port", "web"), "--port web: is not a port; write a number from 1 to 65535, or 0 for any free one"),
        (("record", "-c", "f.toml", "a.ami", "--seconds", "long"), "--seconds long: is not a number; write a number from 0.1 to 2678400, such as 600"),
        (("init", "--port", "ami"), "--port ami: is not a port; write a number from 1 to 65535"),
    ],
)
def test_a_number_that_is_none_is_one_line(words: tuple[str, ...], line: str) -> None:
    done = floorwatch(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


def test_the_pages_are_served_while_it_plays_and_until_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    words = [sys.executable, "-m", "monitor", "replay", str(MIXED[0].path), "--speed", "1000", "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"pages      http://127.0.0.1:{port} until Ctrl-C\n"
            status, _ = get(port, "/-/healthy")
            assert status == 200
            assert process.stdout.readline().startswith("span       2026-11-23 15:11:07 to ")
            assert 'callcenter_contacts_total{client="bank",project="bank",direction="inbound"} 41\n' in get(port, "/metrics")[1]
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = floorwatch("replay", MIXED[0].path, "--port", str(port))
    assert (done.returncode, done.stderr) == (1, f"--port {port}: cannot listen on 127.0.0.1:{port}; choose another port\n")


def test_a_pbx_that_is_away_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(CONFIG.format(first="pbx1", more="") + '[log]\nlevel = "error"\n')
    done = floorwatch("record", "--config", tmp_path / "f.toml", "--seconds", "0.5", tmp_path / "a.ami")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path}/a.ami: nothing was recorded: pbx1 was never seen: cannot connect to 127.0.0.1:1: Connection refused")
    assert done.stderr.count("\n") == 1


def test_terms_survive_json() -> None:
    contract = terms.renamed(patterned(contract_of(MIXED[0].events())), NAMES)
    assert terms.load(terms.dump(contract)) == replace(contract, agent_metrics=False)
