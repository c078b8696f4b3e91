"""What the ten recordings do not show, held against `mixed-22` and what is known of app_queue: one small PBX, one thing at a time."""

from __future__ import annotations

from monitor.core.contract import SECOND
from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec, Step
from monitor.demo.switch.switch import Switch
from tests.demo.afternoon import Script

START = 1_795_446_000 * SECOND
BANK: Step = ("queue", "bank", "rt", "60")


class Bench:
    """A queue of two, a queue of one, and what came out since last looked."""

    def __init__(self, **spec: object) -> None:
        self.people = Script()
        self.events: list[Message] = []
        self.rows: list[str] = []
        queues = [QueueSpec("bank", **spec), QueueSpec("shop", "leastrecent")]  # type: ignore[arg-type]
        members = [MemberSpec("bank", "PJSIP/1", "One"), MemberSpec("bank", "PJSIP/2", "Two"), MemberSpec("shop", "PJSIP/3", "Three")]
        phones = [f"PJSIP/{n}" for n in range(1, 5)]
        self.switch = Switch(queues, members, phones, ["trunk"], START, self.people, lambda _, message: self.events.append(message), self.rows.append)

    def call(self, at: float, *steps: Step) -> str:
        return self.switch.incoming(t(at), "380501234567", "c", "700", steps or (BANK,))

    def rings(self, number: int) -> str:
        return self.people.ringing[f"PJSIP/{number}"]

    def talk(self) -> tuple[str, str]:
        """A caller and an agent in a call since second 2; nothing of it is looked at."""
        caller = self.call(1)
        leg = self.rings(1)
        self.switch.answer(t(2), leg)
        self.said()
        self.rows.clear()
        return caller, leg

    def said(self) -> list[str]:
        """The names of the events since last asked, those of the device-state thread left out."""
        events, self.events[:] = [*self.events], []
        return [each["Event"] for each in events if each["Event"] not in {"DeviceStateChange", "QueueMemberStatus"}]

    def status(self, row: int, name: str) -> str:
        return [each for each in self.switch.queue_status(self.switch._exchange.at) if each["Event"] == "QueueMember"][row][name]


def t(seconds: float) -> int:
    return START + round(seconds * SECOND)


def test_nobody_answers_and_the_next_is_rung_after_the_retry() -> None:
    it = Bench(ring_s=10, retry_s=3)
    it.call(1)
    it.said()
    it.switch.advance(t(11))
    assert it.said() == ["DialEnd", "AgentRingNoAnswer", "Hangup"]  # as at 6576.628 of mixed-22
    assert it.rows[-1].endswith("|bank|One|RINGNOANSWER|10000")
    it.switch.advance(t(13.9))
    assert it.said() == []
    it.switch.advance(t(14))
    assert "AgentCalled" in it.said()
    assert it.rings(2)


def test_a_longest_wait_ends_the_ringing() -> None:
    it = Bench(ring_s=10)
    caller = it.call(1, ("queue", "bank", "rt", "4"), ("wait", "1"), ("hangup",))
    it.said()
    it.switch.advance(t(5))
    assert it.said() == ["DialEnd", "AgentRingNoAnswer", "Hangup", "QueueCallerAbandon", "QueueCallerLeave"]
    assert [row.split("|", 2)[2] for row in it.rows[-2:]] == ["bank|One|RINGNOANSWER|4000", "bank|NONE|EXITWITHTIMEOUT|1|1|4"]
    assert it.switch.variable(t(5), "PJSIP/trunk-00000000", "QUEUESTATUS") == "TIMEOUT"
    it.switch.advance(t(6))
    assert it.said() == ["SoftHangupRequest", "Hangup"]
    assert it.switch.variable(t(6), caller, "QUEUESTATUS") is None


def test_wrap_up_keeps_an_agent_from_the_next_caller() -> None:
    it = Bench(wrapup_s=20)
    it.switch.pause(t(0.5), "PJSIP/2", "lunch")
    caller, _ = it.talk()
    it.switch.caller_hangs_up(t(10.5), caller)
    it.call(11)
    assert "AgentCalled" not in it.said()
    it.switch.advance(t(29.9))
    assert "AgentCalled" not in it.said()
    it.switch.advance(t(31))
    assert "AgentCalled" in it.said()


def test_a_refused_ring_comes_back_to_the_queue() -> None:
    it = Bench(retry_s=2)
    it.call(1)
    it.said()
    it.switch.agent_hangs_up(t(2), it.rings(1))
    assert it.said() == ["DialEnd", "AgentRingNoAnswer", "Hangup"]
    it.switch.advance(t(5))
    assert it.rings(2)


def test_two_waiting_are_served_at_once_by_two() -> None:
    it = Bench()
    it.call(1)
    it.call(1)
    assert it.people.heard.count("rings PJSIP/1 bank") == it.people.heard.count("rings PJSIP/2 bank") == 1


def test_a_blind_transfer_frees_the_agent_and_the_caller_goes_on() -> None:
    it = Bench()
    caller, leg = it.talk()
    it.switch.blind_transfer(t(5), leg, "702", [("goto", "shopline"), ("queue", "shop", "rt", "60")])
    said = it.said()
    # As at 6513.105 of mixed-22, AgentComplete being the other thread's.
    assert said[:7] == ["BlindTransfer", "AgentComplete", "BridgeLeave", "BridgeLeave", "BridgeDestroy", "Hangup", "QueueCallerJoin"]
    assert [row.split("|", 1)[1] for row in it.rows] == [f"{caller}|bank|One|BLINDTRANSFER|702|inbound|1|3|1", f"{caller}|shop|NONE|ENTERQUEUE||380501234567|1"]
    assert it.people.heard[-3:] == ["ends PJSIP/1", "waits shop", "rings PJSIP/3 shop"]


def test_a_consultation_that_nobody_answers_brings_the_agent_back() -> None:
    it = Bench()
    caller, leg = it.talk()
    it.switch.attended_transfer(t(5), leg, "703", [("queue", "shop", "rt", "6"), ("hangup",)])
    it.switch.advance(t(6))
    it.switch.complete_transfer(t(7), leg)  # too early: does nothing
    it.switch.advance(t(12))
    assert "AttendedTransfer" not in it.said()
    it.switch.caller_hangs_up(t(20), caller)
    assert it.said()[:2] == ["HangupRequest", "AgentComplete"]
    assert it.rows[-1].endswith("|bank|One|COMPLETECALLER|1|18|1")
    assert it.switch.channels(t(20)) == []


def test_an_agents_own_call() -> None:
    it = Bench()
    call = it.switch.dial(t(1), "PJSIP/1", "380671112233", account="collect")
    first = it.events[0]
    assert (first["Channel"], first["Exten"], first["AccountCode"], first["Context"]) == ("PJSIP/1-00000000", "380671112233", "collect", "outbound")
    assert it.said() == ["Newchannel", "Newchannel", "NewCallerid", "NewConnectedLine", "DialBegin", "NewConnectedLine", "Newstate", "DialState"]
    assert it.status(0, "Status") == "3"
    assert it.switch.dial(t(1), "PJSIP/1", "380671112233") == ""
    it.switch.far_answers(t(9), call)
    assert it.said() == ["Newstate", "DialEnd", "Newstate", "BridgeCreate", "BridgeEnter", "BridgeEnter"]
    it.switch.far_hangs_up(t(20), call)
    assert it.said() == ["HangupRequest", "BridgeLeave", "Hangup", "BridgeLeave", "BridgeDestroy", "SoftHangupRequest", "Hangup"]
    assert it.status(0, "Status") == "1"
    assert it.people.heard == ["far 380671112233", "ends PJSIP/1"]


def test_a_call_out_that_fails() -> None:
    it = Bench()
    call = it.switch.dial(t(1), "PJSIP/1", "380671112233")
    it.said()
    it.switch.far_fails(t(9), call, "BUSY")
    end = next(each for each in it.events if each["Event"] == "DialEnd")
    assert end["DialStatus"] == "BUSY"
    assert it.said() == ["DialEnd", "Hangup", "SoftHangupRequest", "Hangup"]


def test_members_come_and_go() -> None:
    it = Bench()
    it.switch.add_member(t(1), MemberSpec("shop", "PJSIP/4", "Four", dynamic=True))
    assert it.said() == ["QueueMemberAdded"]
    it.switch.add_member(t(2), MemberSpec("shop", "PJSIP/4", "Four", dynamic=True))
    assert it.said() == []
    it.switch.remove_member(t(3), "shop", "PJSIP/3")  # static: stays
    it.switch.remove_member(t(3), "shop", "PJSIP/4")
    assert it.said() == ["QueueMemberRemoved"]
    assert [row.split("|", 1)[1] for row in it.rows] == ["MANAGER|shop|Four|ADDMEMBER|", "MANAGER|shop|Four|REMOVEMEMBER|"]


def test_a_phone_that_is_lost_is_not_rung() -> None:
    it = Bench()
    it.switch.device(t(1), "PJSIP/1", reachable=False)
    assert it.status(0, "Status") == "5"
    it.call(2)
    assert "PJSIP/1" not in it.people.ringing
    it.switch.device(t(3), "PJSIP/1", reachable=True)
    assert it.status(0, "Status") == "1"


def test_a_failing_line_ends_everything_on_it_unasked() -> None:
    it = Bench()
    it.talk()
    it.call(3)
    it.call(4)
    it.switch.dial(t(5), "PJSIP/4", "380671112233")
    it.said()
    it.switch.trunk_down(t(6), "trunk")
    said = it.said()
    assert "HangupRequest" not in said
    assert (said.count("AgentComplete"), said.count("QueueCallerAbandon")) == (1, 2)
    assert it.switch.channels(t(6)) == []
    assert it.people.heard.count("gone") == 3
    assert said.count("PeerStatus") == 1
    assert it.switch.variable(t(7), "", "DEVICE_STATE(PJSIP/trunk)") == "UNAVAILABLE"
    it.switch.device(t(8), "PJSIP/trunk", True)
    assert "PeerStatus" in it.said()
    assert it.switch.variable(t(9), "", "DEVICE_STATE(PJSIP/trunk)") == "NOT_INUSE"


def test_a_pause_over_all_queues_and_in_one() -> None:
    it = Bench()
    it.switch.pause(t(1), "PJSIP/1", "lunch")
    it.switch.pause(t(2), "PJSIP/1", "lunch", ["shop"])  # no member there
    it.switch.unpause(t(3), "PJSIP/1", ["bank"])
    assert it.said() == ["QueueMemberPause", "QueueMemberPause"]
    rows = [row.split("|", 1)[1] for row in it.rows]
    assert rows == ["NONE|NONE|One|PAUSEALL|lunch", "NONE|bank|One|PAUSE|lunch", "NONE|bank|One|UNPAUSE|"]
    assert it.status(0, "LastPause") == str(t(1) // SECOND)


def test_what_comes_too_late_does_nothing() -> None:
    it = Bench()
    caller, leg = it.talk()
    it.switch.caller_hangs_up(t(5), caller)
    it.said()
    for act in (it.switch.answer, it.switch.agent_hangs_up, it.switch.hold, it.switch.unhold, it.switch.complete_transfer):
        act(t(6), leg)
    it.switch.caller_hangs_up(t(6), caller)
    it.switch.caller_presses(t(6), caller, "5")
    it.switch.far_answers(t(6), leg)
    assert (it.said(), it.switch.channels(t(6))) == ([], [])


def test_the_last_one_leaves_and_the_queue_is_empty() -> None:
    it = Bench(leave_when_empty=True)
    it.switch.pause(t(1), "PJSIP/1", "lunch")
    it.switch.dial(t(1), "PJSIP/2", "380671112233")
    caller = it.call(2, BANK, ("wait", "1"))
    it.switch.pause(t(5), "PJSIP/2", "lunch")
    it.switch.advance(t(5.5))
    assert it.switch.variable(t(5.5), caller, "QUEUESTATUS") == "LEAVEEMPTY"
    assert it.rows[-1].endswith("|bank|NONE|EXITEMPTY|1|1|3")


def test_ringing_everybody_comes_with_the_rarer_ends() -> None:
    it = Bench(strategy="ringall", key_context=True)
    first = it.call(1)
    assert {"PJSIP/1", "PJSIP/2"} <= it.people.ringing.keys()
    it.switch.caller_presses(t(3), first, "5")
    assert it.rows[-1].endswith(f"|{first}|bank|NONE|EXITWITHKEY|5|1|1|2")
    assert it.people.heard[-2:] == ["stops PJSIP/2", "stops PJSIP/1"]
    second = it.call(4)
    it.switch.agent_hangs_up(t(5), it.rings(1))
    it.switch.caller_hangs_up(t(6), second)
    assert [row.split("|")[3:5] for row in it.rows[-3:]] == [["One", "RINGNOANSWER"], ["Two", "RINGCANCELED"], ["NONE", "ABANDON"]]
