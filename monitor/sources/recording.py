"""A recorded AMI session, as messages or as the events the core would have been told.

Owns reading, plain or gzipped, of two kinds of file. What one session received (a capture): the lists at its beginning become one
snapshot, everything after it live events on the PBX's own clock. And what `taping` wrote (a recording): what the core was told and when
its time passed, to the letter. The end of either may be torn off. Refuses asking anything. Next: whoever replays, tests first of all.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.core.contract import SECOND, Contract
from monitor.core.events import Event, ExitTold, LinkLost
from monitor.errors import RecordingUnusable
from monitor.sources import taping, terms
from monitor.sources.ami.decoder import GREETING, Decoder, Message
from monitor.sources.ami.devices import CHANGED
from monitor.sources.ami.figures import LATEST_S, LONGEST_S
from monitor.sources.ami.listing import Rows
from monitor.sources.ami.teller import AT, LATE, OFFSET
from monitor.sources.ami.translate import LIST_ITEMS, WANTED, Translator
from monitor.sources.taping import END, EXIT, LINK_LOST, MEMBER, MISSED, RECORDING, SNAPSHOT, STEP, TICK

# What the daemon's login mask lets through; a session with more rights recorded more.
CLASSES = frozenset({"system", "call", "agent"})

_FIGURE = re.compile(r"[+-]?[0-9]{1,16}")
_PROGRAM = re.compile(r"[0-9A-Za-z.+-]{1,40}")


def messages(data: bytes) -> Iterator[Message]:
    """Every message of a session, in order."""
    yield from Decoder().feed(_plain(data))


def events(data: bytes, pbx: str) -> Iterator[Event]:
    """What the session meant: a SnapshotTaken from the lists at its beginning, then each event at its own Timestamp.

    The snapshot stands at the Ping's time, or at the first event's. Time never steps back, as in the client.
    """
    return meant(Decoder(WANTED).feed(_plain(data)), pbx)


def meant(session: Iterable[Message], pbx: str) -> Iterator[Event]:
    """The same from messages, however they were framed."""
    translator = Translator(pbx)
    lists: list[Message] = []
    last: int | None = None
    begun = False
    for message in session:
        if not begun:
            if message.get("Event") in LIST_ITEMS:
                lists.append(message)
            elif "Ping" in message:
                last = translator.sent_at(message)
        sent_at = translator.sent_at(message) if _live(message) else None
        if sent_at is None:
            continue
        if not begun:
            begun = True
            yield _snapshot(translator, lists, sent_at if last is None else min(last, sent_at))
        last = sent_at if last is None else max(last, sent_at)
        event = translator.event(message, last)
        if event is not None:
            yield event
    if not begun and last is not None:
        yield _snapshot(translator, lists, last)


def _live(message: Message) -> bool:
    return "Event" in message and not CLASSES.isdisjoint(message.get("Privilege", "").split(","))


def _snapshot(translator: Translator, lists: list[Message], at: int) -> Event:
    rows = Rows()
    rows.add(translator, lists, at)
    return rows.taken(translator.pbx, at)


def _plain(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


# --- recordings ---------------------------------------------------------------------------------------------------------------------

PIECE = 1 << 18
PACKED = 1 << 14  # may unpack to a thousand times that
SILENCE_US = 86_400 * SECOND  # time passes in a recording every second; a tick that is later than that is none
LONGEST_US = 31 * SILENCE_US
EARLY_US = 60 * SECOND  # what a PBX wrote just before
LATEST_US = LATEST_S * SECOND
MAGIC = b"\x1f\x8b"
OWN = frozenset({SNAPSHOT, EXIT, LINK_LOST, MISSED, STEP, TICK, END})


@dataclass(frozen=True, slots=True)
class Opening:
    """The head of a recording: the contract under pseudonyms, when it begins, which Floorwatch wrote it."""

    contract: Contract
    at: int
    program: str


@dataclass(frozen=True, slots=True)
class Ticked:
    """The engine let time pass up to `at`."""

    at: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """Daemon time says so much more from now on."""

    moved_us: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The figures of the recording are those of `at`."""

    at: int


Fact = Event | Ticked | Stepped | Ended


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked; what a torn end cannot give is left out."""
    try:
        with path.open("rb") as file:
            data = file.read(PACKED)
            if not data.startswith(MAGIC):
                while data:
                    yield data
                    data = file.read(PIECE)
                return
            unpacker = zlib.decompressobj(wbits=31)
            while data:
                yield unpacker.decompress(data)
                data = unpacker.unused_data or file.read(PACKED)
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
    except OSError as error:
        raise RecordingUnusable(str(path), f"cannot be read: {error.strerror or error}; name a file that floorwatch record wrote") from None
    except zlib.error:
        raise RecordingUnusable(str(path), "is damaged: its gzip does not unpack; bring the file as it was written") from None


def opening(path: Path) -> Opening | None:
    """The head of a recording, with every claim of its groups; None for a capture."""
    decoder = Decoder({RECORDING, MEMBER})
    head: Message | None = None
    claims: dict[str, list[str]] = {}
    for piece in pieces(path):
        for message in decoder.feed(piece):
            if message.get("Event") == MEMBER:
                claims.setdefault(message.get("Group", ""), []).append(message.get("Member", ""))
            elif message.get("Event") == RECORDING:
                head = head or message
        if decoder.greeting is not None and not decoder.greeting.startswith(GREETING):
            break
    if decoder.greeting is None or not decoder.greeting.startswith(GREETING):
        raise RecordingUnusable(str(path), f"is not a recording: it does not begin with {GREETING!r}; name a file that floorwatch record wrote")
    if head is None:
        return None
    program = head.get("Program", "")
    program = program if _PROGRAM.fullmatch(program) else "another version"
    if head.get("Version") != taping.VERSION:
        problem = f"has format {head.get('Version', 'unknown')[:20]!r} of Floorwatch {program}, this one reads {taping.VERSION!r}; replay it with that version"
        raise RecordingUnusable(str(path), problem)
    try:
        return Opening(terms.claimed(terms.load(head["Contract"]), claims), _within(_figure(head[AT]), 0, LATEST_US), program)
    except (KeyError, ValueError, TypeError):
        raise RecordingUnusable(str(path), f"has a broken {RECORDING} message; bring the file as it was written") from None


class Reading:
    """A recording's facts in order. `counts` are the events told so far, by AMI's names; `complete` once its end was read."""

    def __init__(self, path: Path, pbx: str, begun_at: int) -> None:
        self.counts: Counter[str] = Counter()
        self.complete = False
        self._path = path
        self._pbx = pbx
        self._begun = self._last = begun_at
        self._translator = Translator(pbx)
        self._rows = Rows()
        self._own: dict[str, Callable[[Message], Fact]] = {
            SNAPSHOT: self._snapshot,
            EXIT: lambda m: ExitTold(pbx, self._at(m), m["Uniqueid"], m["Queue"], m.get(taping.STATUS)),
            LINK_LOST: lambda m: LinkLost(pbx, self._at(m)),
            MISSED: lambda _: LinkLost(pbx, self._last),
            STEP: self._step,
            TICK: lambda m: Ticked(self._at(m)),
            END: lambda m: Ended(self._at(m)),
        }

    def facts(self) -> Iterator[Fact]:
        """Everything the core was told, and when its time passed."""
        decoder = Decoder(WANTED | OWN | {CHANGED})
        for piece in pieces(self._path):
            for message in decoder.feed(piece):
                name = message.get("Event", "")
                try:
                    fact = self._fact(name, message)
                except (KeyError, ValueError):
                    raise RecordingUnusable(str(self._path), f"has a broken {name} message: {_shown(message)}; mend it or take it out") from None
                if fact is not None:
                    yield fact

    def _fact(self, name: str, message: Message) -> Fact | None:
        own = self._own.get(name)
        if own is not None:
            self.complete = name == END
            return own(message)
        if name in LIST_ITEMS:
            self._row(message)
            return None
        if AT not in message:
            return None
        self.counts[name] += 1
        self._translator.offset_us = _offset(message[OFFSET])
        return self._translator.event(message, self._at(message))

    def _at(self, message: Message) -> int:
        """When it was told: not before the recording began, and not long after what was told before it."""
        at = _within(_figure(message[AT]), self._begun - EARLY_US, min(self._last + SILENCE_US, self._begun + LONGEST_US))
        self._last = max(self._last, at)
        return at

    def _step(self, m: Message) -> Fact:
        moved_us = _figure(m[taping.MOVED])
        _within(self._begun + moved_us, 0, LATEST_US)
        self._begun += moved_us
        self._last += moved_us
        return Stepped(moved_us)

    def _row(self, item: Message) -> None:
        rows = self._rows
        if item["Event"] == "QueueParams":  # has no time in it
            rows.add(self._translator, (item,), 0)
            return
        self._translator.offset_us = _offset(item.get(OFFSET, "0"))
        known, at = len(rows.channels), self._at(item)
        rows.add(self._translator, (item,), at, _within(_figure(item.get(LATE, "0")), -SILENCE_US, SILENCE_US))
        if taping.ANSWERED in item and len(rows.channels) > known:
            answered_at = _within(_figure(item[taping.ANSWERED]), at - LONGEST_S * SECOND, at + SILENCE_US)
            rows.channels[-1] = replace(rows.channels[-1], answered_at=answered_at)

    def _snapshot(self, m: Message) -> Event:
        rows, self._rows = self._rows, Rows()
        whole, restarted = (_within(_figure(m[name]), 0, 1) == 1 for name in (taping.WHOLE, taping.RESTARTED))
        at = self._at(m)
        listed_at = _within(_figure(m[taping.LISTED]), 0, at + SILENCE_US)
        return rows.taken(self._pbx, at, restarted=restarted, whole=whole, listed_at=listed_at)


def _figure(text: str) -> int:
    """A figure of ours; int() would take blanks, underscores, other scripts and thousands of digits too."""
    if not _FIGURE.fullmatch(text):
        raise ValueError(text[:20])
    return int(text)


def _offset(text: str) -> int:
    return _within(_figure(text), -LATEST_US, LATEST_US)


def _within(figure: int, least: int, most: int) -> int:
    if not least <= figure <= most:
        raise ValueError(figure)
    return figure


def _shown(message: Message) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in reversed(message.items()))[:80]
    return "".join(letter if letter.isprintable() else "?" for letter in text)
