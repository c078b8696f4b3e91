"""The switch: every command people and dialplan give to the simulated PBX, and everything it can be asked.

Owns the clock of the PBX: time enters with each call and never runs backwards. Refuses sockets, files and the wall clock: `pbx` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.demo.switch.specs import MemberSpec, Message, People, QueueSpec, Step


class Switch:
    """An Asterisk. `publish` gets each event as a session with classes system, call and agent would, without Timestamp; `log` each queue_log line.

    Commands name an instant `at` that is not before the last one; what was due until then must have been fired with `advance` before.
    A command for a channel that is gone, or in no state for it, does nothing: people may act on what they saw an instant ago.
    """

    def __init__(
        self, queues: Sequence[QueueSpec], members: Sequence[MemberSpec], devices: Sequence[str], trunks: Sequence[str],
        at: int, people: People, publish: Callable[[int, Message], None], log: Callable[[str], None], *, first_id: int = 0, booted_at: int | None = None,
    ) -> None:  # fmt: skip
        """A PBX booted at `booted_at` (or `at`), idle; `devices` are the interfaces of all phones, `trunks` the names of the lines out ("trunk")."""
        raise NotImplementedError

    def incoming(self, at: int, number: str, name: str, did: str, steps: Sequence[Step], trunk: str = "trunk", context: str = "inbound") -> str:
        """A caller comes in on a line and passes through `steps`; the Uniqueid of his channel."""
        raise NotImplementedError

    def local_caller(
        self, at: int, number: str, did: str, steps: Sequence[Step], context: str = "inbound", application: str = "SendDTMF", data: str = ""
    ) -> str:
        """A caller made by Originate of a Local channel; the Uniqueid of the half that passes through `steps`."""
        raise NotImplementedError

    def caller_hangs_up(self, at: int, caller: str) -> None:
        """The caller gives up, wherever he is."""
        raise NotImplementedError

    def caller_presses(self, at: int, caller: str, key: str, steps: Sequence[Step] = (("wait", "2"), ("hangup",))) -> None:
        """A waiting caller leaves a queue that has a `key_context` and goes through `steps`."""
        raise NotImplementedError

    def answer(self, at: int, leg: str) -> None:
        """The agent picks up a ringing leg."""
        raise NotImplementedError

    def agent_hangs_up(self, at: int, leg: str) -> None:
        """The agent ends his leg: of a queue call, or of a call he dialled himself."""
        raise NotImplementedError

    def hold(self, at: int, leg: str) -> None:
        """The agent puts the other side on hold."""
        raise NotImplementedError

    def unhold(self, at: int, leg: str) -> None:
        """The agent takes the other side back."""
        raise NotImplementedError

    def blind_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], context: str = "inbound") -> None:
        """The agent sends the caller to a number, whose dialplan is `steps`, and is free."""
        raise NotImplementedError

    def attended_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], target: str = "", context: str = "inbound") -> None:
        """The agent consults a queue by feature code; the caller hears music until `complete_transfer`. `target`: the extension `exten` goes to."""
        raise NotImplementedError

    def complete_transfer(self, at: int, leg: str) -> None:
        """The consulting agent hangs up: caller and second agent talk."""
        raise NotImplementedError

    def add_member(self, at: int, spec: MemberSpec) -> None:
        """A dynamic member logs in to a queue."""
        raise NotImplementedError

    def remove_member(self, at: int, queue: str, interface: str) -> None:
        """A dynamic member logs out of a queue."""
        raise NotImplementedError

    def pause(self, at: int, interface: str, reason: str, queues: Sequence[str] | None = None) -> None:
        """Pause in these queues, or in all (PAUSEALL)."""
        raise NotImplementedError

    def unpause(self, at: int, interface: str, queues: Sequence[str] | None = None) -> None:
        """End the pause in these queues, or in all (UNPAUSEALL)."""
        raise NotImplementedError

    def dial(self, at: int, interface: str, number: str, trunk: str = "trunk", context: str = "outbound", account: str = "") -> str:
        """An agent dials out; the Uniqueid of his channel ("" if the phone is not reachable or busy)."""
        raise NotImplementedError

    def far_answers(self, at: int, call: str) -> None:
        """The person called picks up."""
        raise NotImplementedError

    def far_hangs_up(self, at: int, call: str) -> None:
        """The person called ends the talk."""
        raise NotImplementedError

    def far_fails(self, at: int, call: str, status: str) -> None:
        """The call fails: BUSY, NOANSWER, CONGESTION or CHANUNAVAIL."""
        raise NotImplementedError

    def device(self, at: int, interface: str, reachable: bool) -> None:
        """A phone loses or regains its registration: member status 5 or 1. A call on it goes on."""
        raise NotImplementedError

    def trunk_down(self, at: int, trunk: str) -> None:
        """A line fails: every channel on it ends at once, without HangupRequest. New calls may come in as before: the world decides."""
        raise NotImplementedError

    def next_due(self) -> int | None:
        """When something happens by itself next: ring time-outs, retries, longest waits, dialplan waits, ends of wrap-up."""
        raise NotImplementedError

    def advance(self, at: int) -> None:
        """Fire everything due until `at`, in order."""
        raise NotImplementedError

    def queue_status(self, at: int, queue: str | None = None) -> list[Message]:
        """QueueParams, its QueueMembers and QueueEntries, per queue; without ActionID."""
        raise NotImplementedError

    def channels(self, at: int) -> list[Message]:
        """CoreShowChannel for every channel; without ActionID."""
        raise NotImplementedError

    def variable(self, at: int, channel: str, name: str) -> str | None:
        """A variable or function of a channel, by the channel's name: QUEUESTATUS, QUEUEWAIT, CDR(answer,u); None: no such channel."""
        raise NotImplementedError

    def core_status(self, at: int) -> Message:
        """CoreStatus: when it booted, calls now and since; without Response and ActionID."""
        raise NotImplementedError

    def core_settings(self) -> Message:
        """CoreSettings; without Response and ActionID."""
        raise NotImplementedError
