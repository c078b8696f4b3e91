"""What the simulated PBX is told, and what it tells the people: queues, members, dialplan steps, messages.

Owns the words of the seam. Refuses behaviour: `switch` acts on these, `people` react to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

# One AMI message, headers in Asterisk's order. No header is ever repeated in what the switch sends.
Message = dict[str, str]

# The caller's dialplan, one step per priority: ("answer",), ("wait", "2"), ("queue", "bank", "rt", "60"), ("hangup",),
# and ("goto", "701"): the steps after it are another extension's, counted from 1.
# The queue's last two words are its options and the longest wait in seconds; "" is none. After the last step the call is hung up.
Step = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue of queues.conf; `strategy` is rrmemory, leastrecent or ringall. `key_context`: a waiting caller may press a digit and leave."""

    name: str
    strategy: str = "rrmemory"
    ring_s: int = 15
    retry_s: int = 5
    wrapup_s: int = 0
    service_level_s: int = 20
    leave_when_empty: bool = False
    key_context: bool = False


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """Somebody's place in one queue; `state_interface` defaults to the interface, whose device is then the one that counts."""

    queue: str
    interface: str
    name: str
    state_interface: str = ""
    penalty: int = 0
    dynamic: bool = False


class People(Protocol):
    """What the switch tells the humans. They react by calling the switch: at once, from inside the call, or later.

    `leg` and `caller` and `call` are Uniqueids: of the agent's channel, of the caller's, of the channel of an agent who dials.
    """

    def phone_rings(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """A queue call rings at the agent's phone: `answer(at, leg)`, or let it ring."""

    def phone_stops(self, at: int, interface: str, leg: str) -> None:
        """It rang in vain: time-out, answered elsewhere, caller gone, phone lost."""

    def talk_begins(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """Agent and caller are bridged."""

    def leg_ends(self, at: int, interface: str, leg: str) -> None:
        """The agent is out of a call that he talked in or dialled."""

    def caller_waits(self, at: int, caller: str, queue: str) -> None:
        """The caller joined a queue (again, for each queue and visit)."""

    def caller_gone(self, at: int, caller: str) -> None:
        """The caller's channel ended, for whatever reason."""

    def far_end_rings(self, at: int, interface: str, call: str, number: str) -> None:
        """The person an agent dialled hears it ring: `far_answers`, `far_fails`, or nothing."""
