"""Every event and list row, from its words to ours: by hand, and over every recording of a real PBX."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.devices import DeviceSeen
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Position
from monitor.core.results import Result, ResultsTold
from monitor.core.trunks import EndpointSeen
from monitor.sources import recording
from monitor.sources.ami import translate
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.figures import clock
from monitor.sources.ami.listing import Rows, answered_legs
from monitor.sources.ami.translate import EVENTS, Translator
from tests.sources.recordings import ALL, CAPTURES, name, wire

AT = 1_795_446_700 * SECOND
CALLER = {
    "Channel": "PJSIP/trunk-00000008",
    "ChannelState": "4",
    "Linkedid": "pbx1-1795446668.9",
    "Uniqueid": "pbx1-1795446668.10",
    "AccountCode": "acc",
    "Context": "inbound",
    "Exten": "queue-shop",
    "Priority": "3",
}
AGENT = {"DestChannel": "PJSIP/agent8-00000009", "DestUniqueid": "pbx1-1795446668.11", "Interface": "PJSIP/agent8", "MemberName": "Agent 8"}
WHO = "pbx1-1795446668.10"
LEG = "pbx1-1795446668.11"
HERE = Position("inbound", "queue-shop", "3")
QUEUE = {"Queue": "shop"}


def test_a_dial_says_where_it_goes_by_the_variable_that_is_asked_for() -> None:
    dial = {"Event": "DialBegin", "Privilege": "call,all", **CALLER, **AGENT, "ChanVariable REGION": "Kyiv", "ChanVariable NAME": "Olena"}

    def region(variable: str, **more: str) -> str:
        event = Translator("p", variable=variable).event(dial | more, AT)
        assert isinstance(event, LegDialled)
        return event.region

    assert (region("REGION"), region("OTHER"), region("")) == ("Kyiv", "", "")
    leg = {"DestChanVariable REGION": "Lviv"}
    assert (region("REGION", **leg), region("REGION", **{"DestChanVariable REGION": ""})) == ("Lviv", "Kyiv")


def say(event: str, *parts: Message, **more: str) -> ev.Event | None:
    message = {"Event": event, "Privilege": "call,all"}
    for part in parts:
        message |= part
    return Translator("p").event(message | more, AT)


MEANINGS = {
    "Newchannel": ev.ChannelStarted,
    "Newstate": ev.ChannelSeen,
    "Rename": ev.ChannelRenamed,
    "HangupRequest": ev.HangupRequested,
    "SoftHangupRequest": ev.HangupRequested,
    "Hangup": ev.ChannelEnded,
    "DialBegin": LegDialled,
    "DialEnd": LegResolved,
    "PeerStatus": EndpointSeen,
    "ContactStatus": EndpointSeen,
    "BridgeEnter": ev.BridgeEntered,
    "BridgeLeave": ev.BridgeLeft,
    "Hold": ev.HoldPressed,
    "Unhold": ev.HoldReleased,
    "QueueCallerJoin": ev.CallerJoined,
    "QueueCallerLeave": ev.CallerLeft,
    "QueueCallerAbandon": ev.CallerAbandoned,
    "AgentCalled": ev.AgentRung,
    "AgentRingNoAnswer": ev.AgentDidNotAnswer,
    "AgentConnect": ev.AgentConnected,
    "AgentComplete": ev.AgentCompleted,
    "AgentDump": ev.AgentDumped,
    "QueueMemberStatus": ev.MemberSeen,
    "QueueMemberAdded": ev.MemberSeen,
    "QueueMemberPause": ev.MemberSeen,
    "QueueMemberPenalty": ev.MemberSeen,
    "QueueMemberRinginuse": ev.MemberSeen,
    "QueueMemberRemoved": ev.MemberRemoved,
}
RESULT = {"UserEvent": "FloorwatchResult", "Project": "shop-line", "Disposition": "sale", "Key": WHO}


# --- by hand ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [{"Key": ""}, {"Key": "x" * 121}, {"Project": "a\x00b"}, {"Disposition": " "}])
def test_a_result_without_what_it_must_have_is_counted_and_dropped(broken: Message) -> None:
    translator = Translator("p")
    assert translator.event({"Event": "UserEvent"} | RESULT | broken, AT) is None
    for lacking in ("Project", "Disposition", "Key"):
        assert translator.event({"Event": "UserEvent"} | {name: text for name, text in RESULT.items() if name != lacking}, AT) is None
    assert translator.tally.malformed == 4


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (say("Newchannel", CALLER), ev.ChannelStarted("p", AT, WHO, "pbx1-1795446668.9", "PJSIP/trunk-00000008", HERE, "acc", dialing=True)),
        (say("Newchannel", CALLER, ChannelState="0"), ev.ChannelStarted("p", AT, WHO, "pbx1-1795446668.9", "PJSIP/trunk-00000008", HERE, "acc")),
        (say("Newstate", CALLER, ChannelState="6"), ev.ChannelSeen("p", AT, WHO, "PJSIP/trunk-00000008", HERE, up=True)),
        (say("Newstate", CALLER), ev.ChannelSeen("p", AT, WHO, "PJSIP/trunk-00000008", HERE, dialing=True)),
        (say("Rename", Channel="PJSIP/a", Newname="PJSIP/a<MASQ>", Uniqueid=WHO), ev.ChannelRenamed("p", AT, WHO, "PJSIP/a<MASQ>")),
        (say("HangupRequest", CALLER, Cause="16"), ev.HangupRequested("p", AT, WHO, HERE, soft=False)),
        (say("SoftHangupRequest", CALLER, Cause="32"), ev.HangupRequested("p", AT, WHO, HERE, soft=True)),
        (say("Hangup", CALLER, Cause="16"), ev.ChannelEnded("p", AT, WHO, HERE)),
        (say("UserEvent", CALLER, RESULT), ResultsTold("p", AT, (Result("shop-line", "sale", WHO),))),
        (say("UserEvent", CALLER, RESULT, Disposition=" lead "), ResultsTold("p", AT, (Result("shop-line", "lead", WHO),))),
        (say("UserEvent", CALLER, RESULT, UserEvent="Voicemail"), None),
        (say("UserEvent", CALLER, Key="x"), None),
        (say("DialBegin", CALLER, AGENT), LegDialled("p", AT, WHO, LEG, "PJSIP/agent8-00000009", HERE, "", "acc")),
        (say("DialBegin", AGENT), LegDialled("p", AT, None, LEG, "PJSIP/agent8-00000009")),
        (say("DialEnd", CALLER, AGENT, DialStatus="ANSWER"), LegResolved("p", AT, WHO, LEG, True, HERE, "answer")),
        (say("DialEnd", CALLER, AGENT, DialStatus="CANCEL"), LegResolved("p", AT, WHO, LEG, False, HERE, "cancel")),
        (say("DialEnd", AGENT, DialStatus="NOANSWER"), LegResolved("p", AT, None, LEG, False, None, "noanswer")),
        (say("DialEnd", CALLER, AGENT, DialStatus="RINGING"), None),  # 13 reports every change of the status so
        (say("BridgeEnter", CALLER, BridgeUniqueid="b4"), ev.BridgeEntered("p", AT, WHO, "PJSIP/trunk-00000008", "b4", HERE)),
        (say("BridgeLeave", CALLER, BridgeUniqueid="b4"), ev.BridgeLeft("p", AT, WHO, "b4", HERE)),
        (say("Hold", CALLER), ev.HoldPressed("p", AT, WHO)),
        (say("Unhold", CALLER), ev.HoldReleased("p", AT, WHO)),
        (
            say("QueueCallerJoin", CALLER, QUEUE, Position="1", Count="1"),
            ev.CallerJoined("p", AT, WHO, "pbx1-1795446668.9", "PJSIP/trunk-00000008", "shop", HERE),
        ),
        (say("QueueCallerLeave", CALLER, QUEUE), ev.CallerLeft("p", AT, WHO, "shop", "PJSIP/trunk-00000008", HERE)),
        (say("QueueCallerAbandon", CALLER, QUEUE, HoldTime="8"), ev.CallerAbandoned("p", AT, WHO, "shop", HERE, 8)),
        (say("QueueCallerAbandon", CALLER, QUEUE), ev.CallerAbandoned("p", AT, WHO, "shop", HERE)),
        (say("AgentCalled", CALLER, AGENT, QUEUE), ev.AgentRung("p", AT, WHO, "shop", "PJSIP/agent8", "Agent 8", LEG, "PJSIP/agent8-00000009", HERE)),
        (
            say("AgentRingNoAnswer", CALLER, AGENT, QUEUE, RingTime="2000"),
            ev.AgentDidNotAnswer("p", AT, WHO, "shop", "PJSIP/agent8", "Agent 8", LEG, HERE),
        ),
        (
            say("AgentConnect", CALLER, AGENT, QUEUE),
            ev.AgentConnected("p", AT, WHO, "shop", "PJSIP/agent8", "Agent 8", LEG, "PJSIP/agent8-00000009", HERE),
        ),
        (
            say("AgentComplete", CALLER, AGENT, QUEUE, TalkTime="12", Reason="agent"),
            ev.AgentCompleted("p", AT, WHO, "shop", "PJSIP/agent8", LEG, 12, "agent"),
        ),
        (
            say("AgentComplete", QUEUE, Interface="PJSIP/agent8", TalkTime="12", Reason="caller"),
            ev.AgentCompleted("p", AT, None, "shop", "PJSIP/agent8", None, 12, "caller"),
        ),
        (say("AgentDump", CALLER, AGENT, QUEUE), ev.AgentDumped("p", AT, WHO, "shop", "PJSIP/agent8", LEG)),
        (say("QueueMemberRemoved", QUEUE, Interface="PJSIP/agent8"), ev.MemberRemoved("p", AT, "shop", "PJSIP/agent8")),
        (
            say("QueueCallerLeave", CALLER, QUEUE, Exten="5", Priority="0"),  # how 22 tells of an exit by key
            ev.CallerLeft("p", AT, WHO, "shop", "PJSIP/trunk-00000008", Position("inbound", "5", "0")),
        ),
        (say("DeviceStateChange", Device="PJSIP/1", State="INUSE"), DeviceSeen("p", AT, "PJSIP/1", 2)),
        (say("DeviceStateChange", Device="PJSIP/1", State="ASLEEP"), None),  # that no version says
    ],
)
def test_an_event(said: ev.Event | None, meant: ev.Event | None) -> None:
    assert said == meant


MEMBER = {
    "Queue": "bank",
    "MemberName": "Олена",
    "Interface": "Local/7@agents/n",
    "StateInterface": "PJSIP/7",
    "Membership": "static",
    "Penalty": "0",
    "CallsTaken": "3",
    "LastCall": "1795446600",
    "LastPause": "1795446500",
    "InCall": "0",
    "Status": "6",
    "Paused": "1",
    "PausedReason": "lunch",
    "Ringinuse": "0",
    "Wrapuptime": "20",
}
SEEN = ev.MemberSeen("p", AT, "bank", "Local/7@agents/n", "PJSIP/7", "Олена", 6, True, "lunch", 20 * SECOND, 1_795_446_500 * SECOND, 1_795_446_600 * SECOND)


@pytest.mark.parametrize("kind", ["QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause", "QueueMemberPenalty", "QueueMemberRinginuse"])
def test_a_member_is_seen(kind: str) -> None:
    assert say(kind, MEMBER) == SEEN


def test_a_member_as_13_tells_it() -> None:
    old = {header: MEMBER[header] for header in ("Queue", "MemberName", "Interface", "StateInterface", "Status", "Paused")}
    assert say("QueueMemberStatus", old, LastCall="0") == ev.MemberSeen("p", AT, "bank", "Local/7@agents/n", "PJSIP/7", "Олена", 6, True, "")


def test_a_list_says_name_and_location() -> None:
    row = {header: value for header, value in MEMBER.items() if header not in ("MemberName", "Interface", "Ringinuse")}
    rows = Rows()
    rows.add(Translator("p"), [{"Event": "QueueMember", **row, "Name": "Олена", "Location": "Local/7@agents/n"}], AT)
    assert rows.members == [SEEN]


@pytest.mark.parametrize(("status", "number"), [("0", 0), ("8", 8), ("9", 0), ("-1", 0), ("", 0), ("talking", 0), ("12", 0)])
def test_an_unknown_device_state_is_unknown(status: str, number: int) -> None:
    seen = say("QueueMemberStatus", MEMBER, Status=status)
    assert isinstance(seen, ev.MemberSeen)
    assert seen.status == number


def test_times_of_the_pbx_are_moved_to_ours() -> None:
    seen = Translator("p", 2 * SECOND).event({"Event": "QueueMemberStatus", **MEMBER}, AT)
    assert isinstance(seen, ev.MemberSeen)
    assert (seen.last_pause_at, seen.last_call_at) == (1_795_446_498 * SECOND, 1_795_446_598 * SECOND)
    assert Translator("p", 2 * SECOND).sent_at({"Timestamp": "1795446600.000007"}) == 1_795_446_598 * SECOND + 7


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1795446600.163474", 1_795_446_600_163_474),
        ("1795446607", 1_795_446_607 * SECOND),
        ("1795446607.", 1_795_446_607 * SECOND),
        ("1795446607.5", 1_795_446_607_500_000),
        ("1795446607.1234567", 1_795_446_607_123_456),
    ],
)
def test_a_clock_is_read_exactly(text: str, time: int) -> None:
    assert clock(text) == time


@pytest.mark.parametrize(
    ("event", "headers"),
    [(kind, headers) for kind in MEANINGS for headers in ({}, {"Uniqueid": WHO}, {"Queue": "shop"}, {"Interface": "x"})],
)
def test_what_lacks_its_facts_is_counted_and_dropped(event: str, headers: Message) -> None:
    translator = Translator("p")
    meant = translator.event({"Event": event, **headers}, AT)
    if event in ("Hold", "Unhold") and "Uniqueid" in headers:
        assert meant is not None
    else:
        assert meant is None
        assert translator.tally.malformed == 1


NO_TIMES = [
    "yesterday",
    "-5",
    "1",
    "946684799",
    "946684799.999999",
    "4102444801",
    "99999999999999",
    "9" * 5000,
    "1_795_446_600",
    " 1795446600",
    "٣",
    "1e9",
    "nan",
]


@pytest.mark.parametrize("stamp", [*NO_TIMES, "1795446600.x", "1795446600.-1", "", ".5"])
def test_a_bad_timestamp_is_counted_and_does_without(stamp: str) -> None:
    translator = Translator("p")
    assert translator.sent_at({"Timestamp": stamp}) is None
    assert translator.tally.malformed == 1
    assert translator.sent_at({}) is None
    assert translator.tally.malformed == 1
    assert translate.pong_at({"Timestamp": stamp}) is None


@pytest.mark.parametrize("header", ["LastPause", "LastCall"])
@pytest.mark.parametrize("time", NO_TIMES)
def test_a_member_whose_times_cannot_be_is_a_member_without_them(header: str, time: str) -> None:
    translator = Translator("p", 2 * SECOND)
    seen = translator.event({"Event": "QueueMemberStatus", **MEMBER, header: time}, AT)
    assert isinstance(seen, ev.MemberSeen)
    assert (seen.last_pause_at if header == "LastPause" else seen.last_call_at) is None
    assert translator.tally.malformed == 1
    assert translator.answered_at({"Value": time}) is None
    assert translator.tally.malformed == 2


@pytest.mark.parametrize(("ahead_s", "known"), [(-1, -1), (0, 0), (30, 0), (86_400, 0), (86_401, None), (700_000_000, None)])
def test_what_is_remembered_is_not_of_the_future(ahead_s: int, known: int | None) -> None:
    translator = Translator("p")
    seen = translator.event({"Event": "QueueMemberStatus", **MEMBER, "LastPause": str(AT // SECOND + ahead_s)}, AT // SECOND * SECOND)
    assert isinstance(seen, ev.MemberSeen)
    assert seen.last_pause_at == (None if known is None else (AT // SECOND + known) * SECOND)
    assert translator.tally.malformed == (known is None)


NO_LENGTHS = ["soon", "-5", "316224001", "99999999999999", "9" * 5000, "1_000", " 7", "٣", "1e9", "7.5"]


@pytest.mark.parametrize("length", NO_LENGTHS)
def test_what_nothing_can_last_is_counted_and_unknown(length: str) -> None:
    translator = Translator("p")
    seen = translator.event({"Event": "QueueMemberStatus", **MEMBER, "Wrapuptime": length}, AT)
    assert isinstance(seen, ev.MemberSeen)
    assert seen.wrapup_us == 0
    done = translator.event({"Event": "AgentComplete", **CALLER, **AGENT, **QUEUE, "TalkTime": length}, AT)
    assert isinstance(done, ev.AgentCompleted)
    assert done.talk_seconds is None
    gone = translator.event({"Event": "QueueCallerAbandon", **CALLER, **QUEUE, "HoldTime": length}, AT)
    assert isinstance(gone, ev.CallerAbandoned)
    assert gone.held_seconds is None
    assert translator.uptime_us({"Uptime": length}) is None
    assert translator.tally.malformed == 4
    rows = Rows()
    entry = {"Event": "QueueEntry", "Queue": "q", "Uniqueid": "1.1", "Channel": "c", "Wait": length}
    rows.add(translator, [entry, {"Event": "CoreShowChannel", **CALLER, "Duration": f"{length}:00:00"}], AT)
    assert [row.waited_us for row in rows.waiting] == [0]  # he is there, and waits at least from now on
    assert [row.duration_us for row in rows.channels] == [0]
    assert translator.tally.malformed == 6


@pytest.mark.parametrize("nasty", ["<unknown>", 'a"b\\c', "{x}", "%s", "../../etc/passwd", "Іван\\nEvent: Hangup", "\x00", "−1", "=1+1"])
def test_strangers_text_stays_text(nasty: str) -> None:
    started = say("Newchannel", CALLER, AccountCode=nasty, Channel=nasty, Exten=nasty, CallerIDName=nasty)
    assert isinstance(started, ev.ChannelStarted)
    assert (started.account, started.channel, started.position.exten) == (nasty, nasty, nasty)
    paused = say("QueueMemberPause", MEMBER, PausedReason=nasty, MemberName=nasty)
    assert isinstance(paused, ev.MemberSeen)
    assert (paused.reason, paused.member) == (nasty, nasty)


# --- snapshots --------------------------------------------------------------------------------------------------------------------


def test_a_snapshot_in_mid_call() -> None:
    snapshot, *later = recording.events((CAPTURES / "single-22" / "snapshot-in-mid-call.ami").read_bytes(), "p")
    assert isinstance(snapshot, ev.SnapshotTaken)
    assert snapshot.at == 1_795_448_567_479_279  # the Ping's
    assert snapshot.strategies["qtalk"] == "leastrecent"
    assert snapshot.strategies["ringall"] == "ringall"
    assert len(snapshot.strategies) == 11
    assert len(snapshot.members) == 13
    assert snapshot.waiting == (ev.WaitingRow("1795448561.28", "qwait", "PJSIP/trunk-00000016", 6 * SECOND),)
    caller, waiting, agent = snapshot.channels
    bridge = "f18536a4-13f6-4c87-940b-2477619c1be7"
    assert caller == ev.ChannelRow(
        "1795448561.26", "1795448561.26", "PJSIP/trunk-00000014", Position("inbound", "talk", "1"), True, "Queue", "qtalk,rt,,,60", bridge, 5 * SECOND
    )
    assert (waiting.up, waiting.bridge, waiting.application) == (False, "", "Queue")
    assert answered_legs(snapshot.channels) == [agent]
    assert all(event.at >= snapshot.at for event in later)
    assert {type(event) for event in later} > {ev.MemberSeen, ev.CallerAbandoned, ev.AgentCompleted, ev.ChannelEnded}


def test_rows_that_are_late_are_set_back_and_broken_ones_are_counted() -> None:
    rows, translator = Rows(), Translator("p")
    entry = {"Event": "QueueEntry", "Queue": "q", "Uniqueid": "1.1", "Channel": "c", "Wait": "2"}
    channel = {"Event": "CoreShowChannel", **CALLER, "Duration": "100:00:01"}
    broken = [{"Event": "QueueEntry", "Wait": "2"}, {"Event": "CoreShowChannel", "Duration": "00:00:01"}, {"Event": "QueueMember", "Queue": "q"}]
    rows.add(translator, [entry, channel, *broken, {"Event": "QueueStatusComplete"}], AT, 500_000)
    rows.add(translator, [{**entry, "Wait": "0"}, {**channel, "Duration": ""}], AT, 500_000)
    assert [row.waited_us for row in rows.waiting] == [1_500_000, 0]
    assert [row.duration_us for row in rows.channels] == [360_001 * SECOND - 500_000, 0]
    assert translator.tally.malformed == 3


@pytest.mark.parametrize(
    ("got", "at"),
    [
        ({"Value": "1795448916.404535"}, 1_795_448_914_404_535),
        ({"Value": ""}, None),
        ({"Value": "0.000000"}, None),
        ({"Value": "(null)"}, None),
        ({"Message": "No such channel"}, None),
    ],
)
def test_the_answer_time_of_a_leg(got: Message, at: int | None) -> None:
    assert Translator("p", 2 * SECOND).answered_at(got) == at


@pytest.mark.parametrize(("headers", "uptime"), [({"Uptime": "118"}, 118 * SECOND), ({}, None), ({"Uptime": "soon"}, None), ({"Uptime": "٣"}, None)])
def test_uptime(headers: Message, uptime: int | None) -> None:
    assert Translator("p").uptime_us(headers) == uptime


# --- every recording --------------------------------------------------------------------------------------------------------------


def test_every_event_has_a_meaning_here() -> None:
    asked_for = {"UserEvent", "DeviceStateChange"}  # where somebody wants them
    assert set(MEANINGS) == EVENTS.keys() - asked_for
    assert translate.WANTED & asked_for == {"UserEvent"}


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_recording_is_understood_to_the_last_event(path: Path) -> None:
    """As many events of each kind as the wire has lines that name one, times in order, nothing broken, nothing without a place."""
    raw = wire(path)
    named = Counter(line.removeprefix(b"Event: ").decode() for line in raw.split(b"\r\n") if line.startswith(b"Event: "))
    named["ContactStatus"] = raw.count(b"\r\nContactStatus: Reachable\r\n")  # of the others an endpoint may have another address
    expected: Counter[type] = Counter()
    for kind, count in (+named).items():
        if kind in MEANINGS:
            expected[MEANINGS[kind]] += count
    events = list(recording.events(path.read_bytes(), "p"))
    meant = Counter(type(event) for event in events)
    assert meant.pop(ev.SnapshotTaken, 0) == bool(expected)
    assert meant == expected
    assert all(before.at <= after.at for before, after in pairwise(events))
    assert {event.pbx for event in events} <= {"p"}
    for event in events:
        for part in fields(event):
            assert getattr(event, part.name) is not None or part.name in OPTIONAL, event


OPTIONAL = {"caller", "position", "leg", "call", "talk_seconds", "last_pause_at", "last_call_at"}
