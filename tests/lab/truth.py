"""What a raw AMI recording says about waits, contacts and talk: the judge's own reader, simple on purpose.

Shares no line with the daemon. It knows the whole recording, so it may look ahead where the daemon must decide live: a leg
has ended when its channels entered no bridge for a while after leaving. Where queue_log's talk time is wrong (the caller
was taken away while his agent was let go), the bridge is right, and this is where it is read. Pure: bytes in, facts out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.lab.ami import Message, parse

AGAIN_US = 250_000  # consultations and optimisations re-enter within milliseconds


@dataclass
class Visit:
    """One stay of a caller in a queue, from Join to Leave, and when an agent had him."""

    queue: str
    uniqueid: str
    linkedid: str
    joined_us: int
    left_us: int = 0
    answered_us: int = 0
    gone_us: int = 0  # when the caller's channel hung up; 0: it had not when the recording ended

    @property
    def lived_us(self) -> int:
        """How long the channel lived after it had left the queue; for ever if its end was not seen."""
        return self.gone_us - self.left_us if self.gone_us else 2**62

    @property
    def wait_us(self) -> int:
        return (self.answered_us or self.left_us) - self.joined_us


@dataclass
class Leg:
    """One agent's part in a call: from AgentConnect, or from meeting an answered caller, until he is out of bridges."""

    queue: str
    agent: str
    member: str  # his name, as queue_log writes it
    caller: str
    start_us: int
    channels: set[str]
    by_queue: bool
    end_us: int = 0
    gone: set[str] = field(default_factory=set)
    in_bridge: set[str] = field(default_factory=set)
    quiet_end: bool = False  # nobody hung up and nobody transferred: queue_log will be wrong
    outlived: bool = False  # he stayed in the bridge when his caller was gone (dialling a transfer): queue_log is short

    @property
    def seconds(self) -> float:
        return (self.end_us - self.start_us) / 1e6


@dataclass
class Truth:
    visits: list[Visit]
    legs: list[Leg]
    last_us: int

    def open(self) -> list[str]:
        """What the recording does not see the end of: a judge must not judge while there is any."""
        return [f"{visit.uniqueid} waits in {visit.queue}" for visit in self.visits if not visit.left_us] + [
            f"{leg.agent} talks to {leg.caller}" for leg in self.legs if not leg.end_us
        ]


def messages(raw: bytes) -> list[Message]:
    """The events of a recording: the banner and the responses are left out."""
    return [message for stanza in raw.split(b"\r\n\r\n") if "Event" in (message := parse(stanza))]


def microseconds(stamp: str) -> int:
    seconds, _, fraction = stamp.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)


def base(channel: str) -> str:
    """`PJSIP/agent7-0000002a` -> `PJSIP/agent7`."""
    return channel.rpartition("-")[0]


def read(raw: bytes) -> Truth:
    reader = _Reader()
    for message in messages(raw):
        if "Timestamp" in message:
            reader.take(message, microseconds(message["Timestamp"]))
    for visit in reader.visits:
        visit.gone_us = reader.gone.get(visit.uniqueid, 0)
    return Truth(reader.visits, reader.legs, reader.now)


class _Reader:
    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.legs: list[Leg] = []
        self.now = 0
        self.waiting: dict[tuple[str, str], Visit] = {}
        self.dialled: dict[str, set[str]] = defaultdict(set)  # by dialling channel's name: the channels rung
        self.bridges: dict[str, dict[str, str]] = defaultdict(dict)  # bridge -> uniqueid -> channel
        self.answered: dict[str, str] = {}  # caller's uniqueid -> the queue that had him last
        self.gone: dict[str, int] = {}  # uniqueid -> when it hung up
        self.ending: dict[str, int] = {}  # uniqueid -> when its end was asked for or explained

    def take(self, message: Message, at: int) -> None:
        self.now = max(self.now, at)
        handler = getattr(self, f"_{message['Event'].lower()}", None)
        if handler is not None:
            handler(message, at)

    # -- visits -------------------------------------------------------------------------------------------------------

    def _queuecallerjoin(self, message: Message, at: int) -> None:
        visit = Visit(message["Queue"], message["Uniqueid"], message["Linkedid"], at)
        self.visits.append(visit)
        self.waiting[visit.uniqueid, visit.queue] = visit

    def _queuecallerleave(self, message: Message, at: int) -> None:
        self.waiting[message["Uniqueid"], message["Queue"]].left_us = at

    # -- legs ---------------------------------------------------------------------------------------------------------

    def _dialbegin(self, message: Message, _: int) -> None:
        self.dialled[message.get("Channel", "")].add(message["DestUniqueid"])

    def _agentconnect(self, message: Message, at: int) -> None:
        visit = self.waiting.pop((message["Uniqueid"], message["Queue"]))
        visit.answered_us = at
        self.answered[message["Uniqueid"]] = message["Queue"]
        channels = {message["DestUniqueid"]}
        if message["DestChannel"].endswith(";1"):  # a Local member: the phone behind it belongs to him
            channels |= self.dialled[message["DestChannel"][:-1] + "2"]
        self.legs.append(Leg(message["Queue"], message["Interface"], message["MemberName"], message["Uniqueid"], at, channels, True))

    def _bridgeenter(self, message: Message, at: int) -> None:
        uniqueid, there = message["Uniqueid"], self.bridges[message["BridgeUniqueid"]]
        there[uniqueid] = message["Channel"]
        for leg in self._legs_of(uniqueid):
            if leg.end_us and at - leg.end_us <= AGAIN_US:
                leg.end_us, leg.quiet_end = 0, False
            leg.in_bridge.add(uniqueid)
        self._meetings(there, at)

    def _meetings(self, there: dict[str, str], at: int) -> None:
        """An agent's phone that no queue called is now with a caller whom a queue answered: talk of that queue too."""
        callers = [uniqueid for uniqueid in there if uniqueid in self.answered]
        for uniqueid, channel in there.items():
            if callers and channel.startswith("PJSIP/agent") and not self._legs_of(uniqueid):
                leg = Leg(self.answered[callers[0]], base(channel), "", callers[0], at, {uniqueid}, False)
                leg.in_bridge.add(uniqueid)
                self.legs.append(leg)

    def _bridgeleave(self, message: Message, at: int) -> None:
        uniqueid = message["Uniqueid"]
        self.bridges[message["BridgeUniqueid"]].pop(uniqueid, None)
        for leg in self._legs_of(uniqueid):
            leg.in_bridge.discard(uniqueid)
            if not leg.in_bridge and not leg.end_us:
                self._end(leg, at)

    def _hangup(self, message: Message, at: int) -> None:
        uniqueid = message["Uniqueid"]
        for leg in self._legs_of(uniqueid):
            leg.in_bridge.discard(uniqueid)
            leg.gone.add(uniqueid)
            if leg.gone >= leg.channels and not leg.end_us:
                self._end(leg, at)
        for leg in self.legs[-60:]:
            if leg.caller == uniqueid and leg.end_us and at - leg.end_us <= AGAIN_US:
                leg.quiet_end = False  # a caller who ended with his agent explains the end
        self.gone[uniqueid] = at

    def _end(self, leg: Leg, at: int) -> None:
        leg.end_us = at
        leg.outlived = at - self.gone.get(leg.caller, at) > AGAIN_US
        leg.quiet_end = not any(uniqueid in self.ending and at - self.ending[uniqueid] <= 1_000_000 for uniqueid in (leg.caller, *leg.channels))

    def _legs_of(self, uniqueid: str) -> list[Leg]:
        """Legs this channel belongs to that are open, or closed so lately that they may open again."""
        return [leg for leg in self.legs[-60:] if uniqueid in leg.channels]

    # -- what explains an end -----------------------------------------------------------------------------------------

    def _hanguprequest(self, message: Message, at: int) -> None:
        self.ending[message["Uniqueid"]] = at

    def _blindtransfer(self, message: Message, at: int) -> None:
        self._transferred(message["TransfererUniqueid"], at)

    def _attendedtransfer(self, message: Message, at: int) -> None:
        self._transferred(message["OrigTransfererUniqueid"], at)

    def _transferred(self, uniqueid: str, at: int) -> None:
        """The event may follow the agent's BridgeLeave."""
        self.ending[uniqueid] = at
        for leg in self._legs_of(uniqueid):
            if leg.end_us and at - leg.end_us <= AGAIN_US:
                leg.quiet_end = False
