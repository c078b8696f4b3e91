"""Keyed, stable pseudonyms: what of an AMI message may be written down, and under which name.

Owns the one list of headers that a recording keeps. It is a list of what may stay, so a header nobody thought of is dropped: figures
and Asterisk's own words stay where they are nothing but that, everything that can hold a number or a name is replaced. One text has one
pseudonym wherever it stands (extension 600 is queue 600), and structure survives: `Local/101@desk-0000002a;1` stays a Local channel of
its interface. Without the key nobody gets back; with another key nothing can be compared. Refuses files. Next: `taping` writes it down.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

from monitor.sources.ami.decoder import Message
from monitor.sources.ami.devices import STATES
from monitor.sources.ami.translate import EVENTS, LIST_ITEMS

KEY_BYTES = 32
LENGTH = 10  # letters of 5 bits: among 100 000 texts two are one once in 200 000 recordings
REMEMBERED = 100_000  # pseudonyms kept at hand

# Asterisk's own words where an extension or a name may stand.
SPECIAL = frozenset({"", "s", "h", "i", "t", "o", "e", "a", "T", "<unknown>"})
WRAPPERS = frozenset({"Surrogate", "AsyncGoto", "Transfered"})  # before the name of another channel
TECHNOLOGIES = WRAPPERS | frozenset(
    (
        *("PJSIP", "SIP", "IAX2", "Local", "DAHDI", "Agent", "Message", "Bridge", "Recorder", "Announcer", "Snoop"),
        *("CBAnn", "CBRec", "SCCP", "Skinny", "Motif", "Console", "Custom"),
    )
)
RIGHTS = frozenset(
    (
        *("system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting", "cdr", "dialplan", "originate", "agi", "cc"),
        *("aoc", "test", "security", "message", "all"),
    )
)
STRATEGIES = frozenset({"ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "linear", "wrandom", "rrordered"})
DIALS = frozenset(
    (
        *("ANSWER", "BUSY", "CANCEL", "CHANUNAVAIL", "CONGESTION", "NOANSWER", "ABORT", "CONTINUE", "GOTO", "RINGING", "PROGRESS", "PROCEEDING"),
        *("DONTCALL", "TORTURE", "INVALIDARGS", "UNKNOWN"),
    )
)
REACHES = frozenset(
    {"Reachable", "Unreachable", "Lagged", "Registered", "Unregistered", "Rejected", "NonQualified", "Unknown", "Created", "Removed", "Updated"}
)
EXITS = frozenset({"TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "CONTINUE", "WITHDRAW", "ABANDON"})
APPLICATIONS = frozenset(
    (
        *("Queue", "AppQueue", "AppDial", "AppDial2", "Dial", "Wait", "WaitExten", "Playback", "BackGround", "Bridge", "Echo", "Park", "MusicOnHold"),
        *("Read", "Stasis", "AGI", "VoiceMail", "ConfBridge", "Hangup", "Answer", "Return", "Gosub", "Macro", "Goto", "Set", "NoOp", "AppBridge"),
    )
)

_SERIAL = re.compile(r"(.*/.*?)(?:-([0-9a-f]{8})(;[12])?)?(<ZOMBIE>|<MASQ>)?", re.DOTALL)
_PARTS = re.compile(r"([/@:&;,])")
_OPTIONS = re.compile(r"[njmbc]{1,3}")
_DIGITS = re.compile(r"[+*#]?[0-9*#]+")
_CALL = re.compile(r"(?:(.+)-)?(1[0-9]{9}\.(?:0|[1-9][0-9]{0,7}))", re.DOTALL)  # seconds of 2001 to 2033, and a count
_FLAG = re.compile(r"[01]")
_STATE = re.compile(r"[0-9]|10")
_CAUSE = re.compile(r"[0-9]{1,3}")
_PLACE = re.compile(r"-?[0-9]{1,4}")
_COUNT = re.compile(r"[0-9]{1,5}")
_OUR_FIGURE = re.compile(r"[+-]?[0-9]{1,17}")
_TIME = re.compile(r"0|1[0-9]{9}(?:\.[0-9]{1,6})?")
_LENGTH = re.compile(r"[0-9]{1,4}(?::[0-5][0-9]){2}")
_RIGHTS = re.compile(rf"(?:{'|'.join(sorted(RIGHTS))})(?:,(?:{'|'.join(sorted(RIGHTS))})){{0,20}}")
_BRIDGE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Replace = Callable[["Pseudonyms", str], str]


class Pseudonyms:
    """The pseudonyms of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def name(self, text: str) -> str:
        """One text as a whole: `n` and ten letters for a number, `w` and ten for words; Asterisk's own words stay."""
        if text in SPECIAL:
            return text
        known = self._known.get(text)
        if known is None:
            known = ("n" if _DIGITS.fullmatch(text) else "w") + b32encode(self._digest(text)).decode().lower()[:LENGTH]
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[text] = known
        return known

    def device(self, text: str) -> str:
        """An interface or a dial string, part by part (`PJSIP/101`, `Local/101@desk/n`); another text as a whole."""
        if "/" not in text:
            return self.name(text)
        parts = _PARTS.split(text)
        last = len(parts) - 1
        leads = True  # a technology may stand here
        for place in range(0, last + 1, 2):
            part = parts[place]
            technology = leads and part in TECHNOLOGIES and place < last and parts[place + 1] == "/"
            option = place == last > 2 and parts[0] == "Local" and parts[place - 1] == "/" and _OPTIONS.fullmatch(part)
            leads = place < last and (parts[place + 1] == "&" or (technology and part in WRAPPERS))
            if part and not technology and not option:
                parts[place] = self.name(part)
        return "".join(parts)

    def channel(self, text: str) -> str:
        """A channel's name: its interface, and the serial number Asterisk adds."""
        found = _SERIAL.fullmatch(text)
        if found is None:
            return self.name(text)
        device, serial, half, mark = found.groups()
        return self.device(device) + ("" if serial is None else f"-{self.serial(serial)}{half or ''}") + (mark or "")

    def serial(self, text: str) -> str:
        """Eight hexadecimal digits as they are, unless they may be a number; then others, higher than any PBX counts."""
        return f"f{self._digest(f'serial {text}').hex()[:7]}" if text.isdecimal() else text

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256)

    def call(self, text: str) -> str:
        """A channel's id: seconds and a number, with the PBX's systemname before them where it has one."""
        found = _CALL.fullmatch(text)
        if found is None:
            return self.name(text)
        system, number = found.groups()
        return number if system is None else f"{self.name(system)}-{number}"

    def message(self, message: Message) -> Message:
        """What of a message may be written down."""
        kept: Message = {}
        for header, value in message.items():
            replace = POLICY.get(header.removeprefix("Dest") if header not in POLICY else header)
            if replace is not None:
                kept[header] = replace(self, value)
        if kept.get("Application") != "Queue":
            kept.pop("ApplicationData", None)
        return kept

    def first_field(self, text: str) -> str:
        """Of `name,option,…` the name."""
        return self.name(text.split(",", 1)[0])


def _only(pattern: re.Pattern[str]) -> Replace:
    """It stays if it is what it should be, and is a name else."""
    return lambda names, value: value if not value or pattern.fullmatch(value) else names.name(value)


def _word(words: frozenset[str]) -> Replace:
    return lambda names, value: value if not value or value in words else names.name(value)


def _headers(replace: Replace, *names: str) -> dict[str, Replace]:
    return dict.fromkeys(names, replace)


OURS = frozenset({"FloorwatchSnapshot", "FloorwatchExit", "FloorwatchLinkLost"})  # what `taping` makes of events that are our own

POLICY: dict[str, Replace] = {
    **_headers(_word(frozenset(EVENTS) | LIST_ITEMS | OURS), "Event"),
    **_headers(_only(_RIGHTS), "Privilege"),
    **_headers(_only(_TIME), "Timestamp", "LastCall", "LastPause", "LoginTime"),
    **_headers(_only(_LENGTH), "Duration"),
    **_headers(_only(_FLAG), "Paused", "InCall", "Ringinuse"),
    **_headers(_only(_STATE), "ChannelState", "Status"),
    **_headers(_only(_CAUSE), "Cause", "BridgeNumChannels"),
    **_headers(_only(_PLACE), "Priority", "Position", "OriginalPosition", "Count", "Calls"),
    **_headers(
        _only(_COUNT),
        *("Wait", "HoldTime", "TalkTime", "RingTime", "Penalty", "CallsTaken", "Wrapuptime", "Max", "Weight", "ServiceLevel"),
    ),
    **_headers(
        _only(_OUR_FIGURE),
        *("FloorwatchAt", "FloorwatchOffset", "FloorwatchLate", "FloorwatchAnswered", "FloorwatchListed", "FloorwatchRestarted", "FloorwatchWhole"),
    ),
    **_headers(_word(frozenset({"static", "dynamic", "realtime"})), "Membership"),
    **_headers(_word(STRATEGIES), "Strategy"),
    **_headers(_word(DIALS), "DialStatus"),
    **_headers(_word(frozenset(STATES)), "State"),
    **_headers(_word(REACHES), "PeerStatus", "ContactStatus"),
    **_headers(_word(EXITS), "FloorwatchStatus"),
    **_headers(_word(frozenset({"caller", "agent", "transfer"})), "Reason"),
    **_headers(_word(APPLICATIONS), "Application"),
    **_headers(Pseudonyms.first_field, "ApplicationData"),
    **_headers(_only(_BRIDGE), "BridgeUniqueid", "BridgeId"),
    **_headers(Pseudonyms.channel, "Channel", "Newname"),
    **_headers(Pseudonyms.call, "Uniqueid", "Linkedid"),
    **_headers(Pseudonyms.device, "Device", "Peer", "Interface", "Location", "StateInterface", "MemberName", "Name", "DialString"),
    **_headers(
        lambda names, text: names.name(text),
        *("Context", "Exten", "Queue", "PausedReason", "AccountCode", "EndpointName", "CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName"),
    ),
}
