"""What Asterisk's manager says to one client: framing, login, rights, masks, and the answer to each action.

Owns the words of AMI 11.0.0 as Asterisk 22 sends them. Refuses sockets and clocks: bytes and instants enter, bytes leave; `pbx` carries them.
Whatever the client sends is answered or ignored, never raised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from monitor.core.contract import SECOND
from monitor.demo.switch.specs import Message

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
LONGEST_LINE = 1024
MOST_LINES = 128
CLASSES = frozenset({"system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting", "cdr", "dialplan", "originate", "all"})
# Actions a real PBX has and this one never runs: asked for, they are denied, as they are to a user who may only read.
DENIED = frozenset({"agi", "atxfer", "blindtransfer", "command", "dbput", "getconfig", "hangup", "originate", "queueadd", "queuepause", "redirect", "setvar"})


class Asked(Protocol):
    """What of the switch is asked: see `Switch`."""

    booted_at: int

    def queue_status(self, at: int, queue: str | None = None) -> list[Message]:
        """A queue, or all."""

    def channels(self, at: int) -> list[Message]:
        """Every channel."""

    def variable(self, at: int, channel: str, name: str) -> str | None:
        """One variable of a channel."""

    def core_status(self, at: int) -> Message:
        """Since when it runs."""

    def core_settings(self) -> Message:
        """Its version."""


@dataclass(frozen=True, slots=True)
class Account:
    """A section of manager.conf."""

    username: str
    secret: str = field(repr=False)
    read: frozenset[str] = frozenset({"system", "call", "agent"})
    write: frozenset[str] = frozenset({"reporting"})


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send; `slow` after a second, as a refused login; `closes` hangs up afterwards."""

    data: bytes
    slow: bool = False
    closes: bool = False


def stanza(headers: Message) -> bytes:
    """One message in AMI's framing. A line end inside a value would begin a header, so it is taken out."""
    lines = (f"{name}: {value}".replace("\r", " ").replace("\n", " ") for name, value in headers.items())
    return ("\r\n".join(lines) + "\r\n\r\n").encode(errors="backslashreplace")


def stamped(at: int, event: Message) -> bytes:
    """An event on the wire: with `timestampevents`, the time stands after the privilege."""
    first = {name: event[name] for name in ("Event", "Privilege")}
    return stanza({**first, "Timestamp": clock(at), **event})


def clock(at: int) -> str:
    """An instant as AMI writes it."""
    return f"{at // SECOND}.{at % SECOND:06d}"


class Framer:
    """Bytes into actions: header dicts, or the sentence that says why one is none. Keeps at most one message's worth."""

    def __init__(self) -> None:
        self._line = b""
        self._headers: Message = {}
        self._lines = 0
        self._long = False

    def feed(self, data: bytes) -> Iterator[Message | str]:
        """Every action that is complete now."""
        *whole, rest = (self._line + data).split(b"\n")
        for line in whole:
            yield from self._take(line.rstrip(b"\r"))
        if len(rest) > LONGEST_LINE:
            self._long, rest = True, rest[:1]
        self._line = rest

    def _take(self, line: bytes) -> Iterator[Message | str]:
        if line:
            self._lines += 1
            self._long |= len(line) > LONGEST_LINE
            if self._lines <= MOST_LINES and not self._long:
                name, found, value = line.decode(errors="replace").partition(":")
                if found:
                    self._headers.setdefault(name.strip().lower(), value.strip())
            return
        headers, lines, long = self._headers, self._lines, self._long
        self._headers, self._lines, self._long = {}, 0, False
        if long:
            yield "Failed to parse message: line too long"
        elif lines > MOST_LINES:
            yield "Too many lines in message or allocation failure"
        elif headers:
            yield headers


class Conversation:
    """One client. `mask` is empty until it has logged in."""

    def __init__(self, account: Account, asked: Asked, challenge: str) -> None:
        self.mask: frozenset[str] = frozenset()
        self.authenticated = False
        self._account = account
        self._asked = asked
        self._challenge = challenge
        self._challenged = False
        # name: (any of these rights is enough, how it is answered, what ListCommands says of it)
        reporting = frozenset({"reporting"})
        self._actions: dict[str, tuple[frozenset[str], Callable[[Message, int], bytes], str]] = {
            "Challenge": (frozenset(), self._challenges, "Generate Challenge for MD5 Auth."),
            "CoreSettings": (reporting | {"system"}, self._core_settings, "Show PBX core settings (version etc)."),
            "CoreShowChannels": (reporting | {"system"}, self._channels, "List currently active channels."),
            "CoreStatus": (reporting | {"system"}, self._core_status, "Show PBX core status variables."),
            "Events": (frozenset(), self._events, "Control Event Flow."),
            "Getvar": (reporting | {"call"}, self._getvar, "Gets a channel variable or function value."),
            "ListCommands": (frozenset(), self._list_commands, "List available manager commands."),
            "Login": (frozenset(), self._again, "Login Manager."),
            "Logoff": (frozenset(), self._again, "Logoff Manager."),
            "Ping": (frozenset(), self._ping, "Keepalive command."),
            "QueueStatus": (frozenset(), self._queue_status, "Show queue status."),
        }

    def wants(self, event: Message) -> bool:
        """Whether this client gets an event of its class."""
        return event["Privilege"].partition(",")[0] in self.mask

    def answer(self, action: Message | str, at: int, *, refuse: bool = False) -> Reply:
        """The answer to one action, asked at that instant; `refuse` makes every login fail."""
        if isinstance(action, str):
            return Reply(stanza({"Response": "Error", "Message": action}))
        name = action.get("action", "").lower()
        if not name:
            return Reply(_error(action, "Missing action in request"))
        if name == "logoff":
            return Reply(stanza({"Response": "Goodbye", **_id(action), "Message": "Thanks for all the fish."}), closes=True)
        if not self.authenticated:
            if name == "login":
                return self._login(action, at, refuse=refuse)
            if name == "challenge":
                return Reply(self._challenges(action, at))
            return Reply(_error(action, "Permission denied"))
        for known, (rights, act, _) in self._actions.items():
            if known.lower() == name:
                return Reply(act(action, at) if self._may(rights) else _error(action, "Permission denied"))
        if name in DENIED:
            return Reply(_error(action, "Permission denied"))
        return Reply(_error(action, f"Invalid/unknown command: {action['action']}. Use Action: ListCommands to show available commands."))

    def _may(self, rights: frozenset[str]) -> bool:
        return not rights or bool(rights & self._account.write)

    # --- coming and going ---

    def _challenges(self, action: Message, _: int) -> bytes:
        if action.get("authtype", "").upper() != "MD5":
            return _error(action, "Must specify AuthType")
        self._challenged = True
        return stanza({"Response": "Success", **_id(action), "Challenge": self._challenge})

    def _login(self, action: Message, at: int, *, refuse: bool) -> Reply:
        if refuse or action.get("username") != self._account.username or not self._proved(action):
            return Reply(_error(action, "Authentication failed"), slow=True, closes=True)
        self.authenticated = True
        self._set_mask(action.get("events", "on"))
        data = stanza({"Response": "Success", **_id(action), "Message": "Authentication accepted"})
        if "system" in self.mask:
            up = str((at - self._asked.booted_at) // SECOND)
            data += stanza({"Event": "FullyBooted", "Privilege": "system,all", "Uptime": up, "LastReload": up, "Status": "Fully Booted"})
        return Reply(data)

    def _proved(self, action: Message) -> bool:
        secret = self._account.secret
        if action.get("authtype", "").upper() == "MD5":
            key = hashlib.md5((self._challenge + secret).encode(), usedforsecurity=False).hexdigest()
            return self._challenged and action.get("key", "").lower() == key
        return action.get("secret") == secret

    def _set_mask(self, wanted: str) -> None:
        """`on`, `off`, or a list of classes; a word that is none turns everything off, silently, as Asterisk does."""
        words = {each.strip().lower() for each in wanted.split(",")}
        if words <= {"on", "yes", "true", "1", "all"}:
            self.mask = self._account.read
        elif words <= CLASSES:
            self.mask = frozenset(words) & self._account.read
        else:
            self.mask = frozenset()

    def _events(self, action: Message, _: int) -> bytes:
        if "eventmask" not in action:
            return _error(action, "Missing EventMask")
        self._set_mask(action["eventmask"])
        return stanza({"Response": "Success", **_id(action), "Events": "On" if self.mask else "Off"})

    def _again(self, action: Message, _: int) -> bytes:
        return stanza({"Response": "Success", **_id(action), "Message": "Already logged in"})

    # --- answers ---

    def _ping(self, action: Message, at: int) -> bytes:
        return stanza({"Response": "Success", **_id(action), "Ping": "Pong", "Timestamp": clock(at)})

    def _core_settings(self, action: Message, _: int) -> bytes:
        return stanza({"Response": "Success", **_id(action), **self._asked.core_settings()})

    def _core_status(self, action: Message, at: int) -> bytes:
        return stanza({"Response": "Success", **_id(action), **self._asked.core_status(at)})

    def _getvar(self, action: Message, at: int) -> bytes:
        name = action.get("variable", "")
        if not name:
            return _error(action, "No variable specified")
        value = self._asked.variable(at, action.get("channel", ""), name)
        if value is None:
            return _error(action, "No such channel")
        return stanza({"Response": "Success", **_id(action), "Variable": name, "Value": value})

    def _queue_status(self, action: Message, at: int) -> bytes:
        rows = self._asked.queue_status(at, action.get("queue") or None)
        return _list(action, "Queue status will follow", "QueueStatusComplete", ({**row, **_id(action)} for row in rows))

    def _channels(self, action: Message, at: int) -> bytes:
        rows = self._asked.channels(at)
        return _list(action, "Channels will follow", "CoreShowChannelsComplete", ({"Event": row["Event"], **_id(action), **row} for row in rows))

    def _list_commands(self, action: Message, _: int) -> bytes:
        named = {}
        for name, (rights, _act, text) in self._actions.items():
            if self._may(rights):
                named[name] = f"{text}  (Priv: {','.join(sorted(rights)) or '<none>'})"
        return stanza({"Response": "Success", **_id(action), **named})


def _id(action: Message) -> Message:
    return {"ActionID": action["actionid"]} if action.get("actionid") else {}


def _error(action: Message, why: str) -> bytes:
    return stanza({"Response": "Error", **_id(action), "Message": why})


def _list(action: Message, opening: str, closing: str, rows: Iterable[Message]) -> bytes:
    sent = [stanza(row) for row in rows]
    first = stanza({"Response": "Success", **_id(action), "EventList": "start", "Message": opening})
    last = stanza({"Event": closing, **_id(action), "EventList": "Complete", "ListItems": str(len(sent))})
    return b"".join((first, *sent, last))
