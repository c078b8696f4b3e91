"""From AMI's words to ours: the one place that knows what Asterisk's events, lists and headers are called.

Owns a table from event name to our event, and the rows of a snapshot. Refuses judgement: whether an abandon was one is decided by
`core.calls`. Values are strangers' text and stay data; a message without what it must have is counted and dropped, never raised.
What 13 to 23 say differently is noted where it is read. Next: `client` hands the events on, `engine` applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Event, Position
from monitor.sources.ami import devices, endpoints, results
from monitor.sources.ami.decoder import Message, Tally
from monitor.sources.ami.dialstring import number_in
from monitor.sources.ami.figures import LONGEST_S, clock, whole
from monitor.sources.ami.headers import variable

AHEAD_US = 86_400 * SECOND  # what a PBX remembers from later than that, it does not remember

Say = Callable[["Translator", Message, int], Event | None]


@dataclass(slots=True)
class Translator:
    """The words of one PBX; `offset_us` is its clock minus ours, `variable` the channel variable that says the region of a called number, empty: none."""

    pbx: str
    offset_us: int = 0
    tally: Tally = field(default_factory=Tally)
    variable: str = ""

    def event(self, message: Message, at: int) -> Event | None:
        """Our event, or None for one that is nothing to us or lacks what it must have."""
        say = EVENTS.get(message["Event"])
        if say is None:
            return None
        try:
            return say(self, message, at)
        except (KeyError, ValueError):
            self.tally.malformed += 1
            return None

    def sent_at(self, message: Message) -> int | None:
        """When the PBX wrote it, in daemon time; None without `timestampevents = yes`."""
        stamp = message.get("Timestamp")
        if stamp is None:
            return None
        return self._moved(stamp)

    def answered_at(self, got: Message) -> int | None:
        """The time in an `ANSWERED` variable; None when it was refused, empty, or never."""
        text = value(got)
        return self._moved(text) if text.strip("0.") and text != "(null)" else None

    def our_time(self, seconds: str | None, at: int) -> int | None:
        """A whole-second time of the PBX, told `at`; 0 is its word for never. Before the first Ping its clock may be off a little."""
        time = self._moved(seconds) if seconds and seconds != "0" else None
        if time is not None and time > at + AHEAD_US:
            self.tally.malformed += 1
            return None
        return time if time is None else min(time, at)

    def _moved(self, stamp: str) -> int | None:
        """A time of the PBX in daemon time; what no clock of a PBX says is counted, and unknown."""
        try:
            return clock(stamp) - self.offset_us
        except ValueError:
            self.tally.malformed += 1
            return None

    def seconds(self, text: str | None) -> int | None:
        """A length in whole seconds; what is not told is unknown, and so is what nothing can last, which is counted."""
        try:
            return whole(text, LONGEST_S) if text else None
        except ValueError:
            self.tally.malformed += 1
            return None

    def duration_us(self, text: str) -> int:
        """`HH:MM:SS`; the hours may have any number of digits. A channel whose age is not told, or cannot be, is as good as new."""
        total = 0
        try:
            for part in text.split(":") if text else ():
                total = total * 60 + whole(part, LONGEST_S)
            return whole(str(total), LONGEST_S) * SECOND
        except ValueError:
            self.tally.malformed += 1
            return 0

    def uptime_us(self, booted: Message) -> int | None:
        """FullyBooted: how long the PBX runs (16 and later)."""
        uptime_s = self.seconds(booted.get("Uptime"))
        return None if uptime_s is None else uptime_s * SECOND


def position(m: Message) -> Position:
    return Position(m["Context"], m["Exten"], m["Priority"])


# --- channels ---------------------------------------------------------------------------------------------------------------------


def _newchannel(t: Translator, m: Message, at: int) -> Event:
    call = m["Uniqueid"]
    return ev.ChannelStarted(t.pbx, at, call, m.get("Linkedid", call), m["Channel"], position(m), m.get("AccountCode", ""), m.get("ChannelState") == "4")


def _seen(t: Translator, m: Message, at: int) -> Event:
    state = m.get("ChannelState")
    return ev.ChannelSeen(t.pbx, at, m["Uniqueid"], m["Channel"], position(m), state == "6", state == "4")


def _rename(t: Translator, m: Message, at: int) -> Event:
    return ev.ChannelRenamed(t.pbx, at, m["Uniqueid"], m["Newname"])


def _hangup_request(t: Translator, m: Message, at: int) -> Event:
    return ev.HangupRequested(t.pbx, at, m["Uniqueid"], position(m), m["Event"] == "SoftHangupRequest")


def _hangup(t: Translator, m: Message, at: int) -> Event:
    return ev.ChannelEnded(t.pbx, at, m["Uniqueid"], position(m))


def _dial_begin(t: Translator, m: Message, at: int) -> Event:
    caller = m.get("Uniqueid")  # originated and local dials have only the Dest* half
    near = "" if caller else "Dest"
    return LegDialled(
        t.pbx,
        at,
        caller,
        m["DestUniqueid"],
        m["DestChannel"],
        position(m) if caller else None,
        number_in(m.get("DialString", "")),
        m.get(near + "AccountCode", ""),
        m.get(near + "CallerIDNum", ""),
        region=variable(m, t.variable),
    )


# What ends a dial. Asterisk 13 says DialEnd at every change of the status, RINGING and PROGRESS too.
_DIAL_ENDS = frozenset({"ANSWER", "BUSY", "CANCEL", "CHANUNAVAIL", "CONGESTION", "NOANSWER", "ABORT", "CONTINUE", "GOTO"})


def _dial_end(t: Translator, m: Message, at: int) -> Event | None:
    status = m["DialStatus"]
    if status not in _DIAL_ENDS:
        return None
    caller = m.get("Uniqueid")
    return LegResolved(t.pbx, at, caller, m["DestUniqueid"], status == "ANSWER", position(m) if caller else None, status.lower())


def _bridge_enter(t: Translator, m: Message, at: int) -> Event:
    return ev.BridgeEntered(t.pbx, at, m["Uniqueid"], m["Channel"], m["BridgeUniqueid"], position(m))


def _bridge_leave(t: Translator, m: Message, at: int) -> Event:
    return ev.BridgeLeft(t.pbx, at, m["Uniqueid"], m["BridgeUniqueid"], position(m))


def _hold(t: Translator, m: Message, at: int) -> Event:
    return ev.HoldPressed(t.pbx, at, m["Uniqueid"])


def _unhold(t: Translator, m: Message, at: int) -> Event:
    return ev.HoldReleased(t.pbx, at, m["Uniqueid"])


# --- callers in queues ------------------------------------------------------------------------------------------------------------


def _join(t: Translator, m: Message, at: int) -> Event:
    call = m["Uniqueid"]
    return ev.CallerJoined(t.pbx, at, call, m.get("Linkedid", call), m["Channel"], m["Queue"], position(m), m.get("CallerIDNum", ""))


def _leave(t: Translator, m: Message, at: int) -> Event:
    return ev.CallerLeft(t.pbx, at, m["Uniqueid"], m["Queue"], m["Channel"], position(m))


def _abandon(t: Translator, m: Message, at: int) -> Event:
    return ev.CallerAbandoned(t.pbx, at, m["Uniqueid"], m["Queue"], position(m), t.seconds(m.get("HoldTime")))


# --- agents on calls --------------------------------------------------------------------------------------------------------------


def _member_name(m: Message) -> str:
    return m.get("MemberName") or m["Interface"]


def _called(t: Translator, m: Message, at: int) -> Event:
    return ev.AgentRung(t.pbx, at, m["Uniqueid"], m["Queue"], m["Interface"], _member_name(m), m["DestUniqueid"], m["DestChannel"], position(m))


def _ring_no_answer(t: Translator, m: Message, at: int) -> Event:
    return ev.AgentDidNotAnswer(t.pbx, at, m["Uniqueid"], m["Queue"], m["Interface"], _member_name(m), m.get("DestUniqueid"), position(m))


def _connect(t: Translator, m: Message, at: int) -> Event:
    return ev.AgentConnected(t.pbx, at, m["Uniqueid"], m["Queue"], m["Interface"], _member_name(m), m["DestUniqueid"], m["DestChannel"], position(m))


def _complete(t: Translator, m: Message, at: int) -> Event:
    return ev.AgentCompleted(
        t.pbx,
        at,
        m.get("Uniqueid"),  # missing when the caller's channel was gone first
        m["Queue"],
        m["Interface"],
        m.get("DestUniqueid"),
        t.seconds(m.get("TalkTime")),
        m.get("Reason", ""),
    )


def _dump(t: Translator, m: Message, at: int) -> Event:
    return ev.AgentDumped(t.pbx, at, m["Uniqueid"], m["Queue"], m["Interface"], m.get("DestUniqueid"))


# --- members ----------------------------------------------------------------------------------------------------------------------


def member(t: Translator, m: Message, at: int) -> ev.MemberSeen:
    """Also a line of QueueStatus, which says Name and Location where events say MemberName and Interface."""
    interface = m.get("Interface") or m["Location"]
    status = m.get("Status", "0")
    return ev.MemberSeen(
        t.pbx,
        at,
        m["Queue"],
        interface,
        m.get("StateInterface") or interface,
        m.get("MemberName") or m.get("Name") or interface,
        int(status) if status in _STATUSES else 0,
        m["Paused"] == "1",
        m.get("PausedReason", ""),  # 13.8 brought it
        (t.seconds(m.get("Wrapuptime")) or 0) * SECOND,  # 16.3
        t.our_time(m.get("LastPause"), at),  # 16
        t.our_time(m.get("LastCall"), at),
    )


_STATUSES = frozenset("012345678")


def _member_removed(t: Translator, m: Message, at: int) -> Event:
    return ev.MemberRemoved(t.pbx, at, m["Queue"], m["Interface"])


EVENTS: dict[str, Say] = {
    "Newchannel": _newchannel,
    "Newstate": _seen,
    "Rename": _rename,
    "HangupRequest": _hangup_request,
    "SoftHangupRequest": _hangup_request,
    "Hangup": _hangup,
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "Hold": _hold,
    "Unhold": _unhold,
    "QueueCallerJoin": _join,
    "QueueCallerLeave": _leave,
    "QueueCallerAbandon": _abandon,
    "AgentCalled": _called,
    "AgentRingNoAnswer": _ring_no_answer,
    "AgentConnect": _connect,
    "AgentComplete": _complete,
    "AgentDump": _dump,
    "QueueMemberStatus": member,
    "QueueMemberAdded": member,
    "QueueMemberPause": member,
    "QueueMemberPenalty": member,
    "QueueMemberRinginuse": member,
    "QueueMemberRemoved": _member_removed,
    "PeerStatus": lambda t, m, at: endpoints.peer(t.pbx, m, at),
    "ContactStatus": lambda t, m, at: endpoints.contact(t.pbx, m, at),
    "UserEvent": lambda t, m, at: results.told(t.pbx, m, at),
    devices.CHANGED: lambda t, m, at: devices.told(t.pbx, m, at),
}
LIST_ITEMS = frozenset({"QueueParams", "QueueMember", "QueueEntry", "CoreShowChannel"})
LIST_ENDS = frozenset({"QueueStatusComplete", "CoreShowChannelsComplete"})
SYSTEM = frozenset({"FullyBooted", "Reload", "Shutdown"})
WANTED = frozenset(EVENTS) - {devices.CHANGED} | LIST_ITEMS | LIST_ENDS | SYSTEM


# --- answers ----------------------------------------------------------------------------------------------------------------------


def version(settings: Message) -> str:
    """CoreSettings: the exact version."""
    return settings.get("AsteriskVersion", "")


def keeps_cdr(settings: Message) -> bool:
    """CoreSettings: whether a channel's CDR can be asked when it was answered."""
    return settings.get("CoreCDRenabled", "Yes") != "No"


def startup(status: Message) -> str | None:
    """CoreStatus: when the process began, in the PBX's own words; None where that was refused."""
    day, time = status.get("CoreStartupDate"), status.get("CoreStartupTime")
    return f"{day} {time}" if day and time else None


ANSWERED = "CDR(answer,u)"  # on the agent's leg: when it was answered, on the PBX's clock
EXIT = "QUEUESTATUS"  # on the caller: why Queue() ended


def raised(message: Message) -> bool:
    """Whether it is an event that happened, rather than a line of a list."""
    return "Privilege" in message


def stamped(message: Message) -> bool:
    """Whether it carries the time it was written."""
    return "Timestamp" in message


def static_members(items: Iterable[Message]) -> Iterator[tuple[str, str]]:
    """QueueStatus: queue and interface of the members queues.conf names, who never log out."""
    for item in items:
        if item.get("Membership") == "static" and "Queue" in item and "Location" in item:
            yield item["Queue"], item["Location"]


def commands(listed: Message) -> frozenset[str]:
    """ListCommands: the names of the actions this user may run."""
    return frozenset(listed) - {"Response", "ActionID"}


def pong_at(pong: Message) -> int | None:
    """Ping: the PBX's own time."""
    try:
        return clock(pong["Timestamp"])
    except (KeyError, ValueError):
        return None


def forbidden(refusal: Message) -> bool:
    """Whether the user lacks a right, rather than the PBX the command."""
    return refusal.get("Message", "").startswith("Permission denied")


def value(got: Message) -> str:
    """Getvar: what the variable holds."""
    return got.get("Value", "")
