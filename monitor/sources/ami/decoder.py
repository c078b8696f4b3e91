"""AMI's framing: bytes in, messages out, whatever the cuts.

Owns framing (on bytes, at the blank line), decoding (after framing, so that a letter cut by a read survives), the bounds of both, and what is
dropped before it is decoded: events that nobody wants. Refuses meaning: it knows the names `Event` and `Response` and no other header.
Next: `protocol` speaks over a connection, `recording` reads files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from monitor.sources.ami.headers import parse

Message = dict[str, str]
Sieve = Callable[[bytes], bool]  # whether a frame is wanted

GREETING = "Asterisk Call Manager/"
FRAME_CAP = 1 << 20  # Asterisk's own longest messages are a few kilobytes
MAX_NAMES = 256  # event names counted one by one; Asterisk has about 180

_END = re.compile(rb"\n\r?\n")
_EVENT = re.compile(rb"(?:^|\n)Event: ?([^\r\n]*)")
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(slots=True)
class Tally:
    """What was counted on the way in; outlives the decoders of single sessions. At most 256 event names, the rest is `other`."""

    counts: dict[bytes, int] = field(default_factory=dict)
    others: int = 0
    malformed: int = 0
    last_byte_at: int | None = None

    @property
    def events(self) -> dict[str, int]:
        """How often each event came, by name."""
        counts = {name.decode(): count for name, count in self.counts.items()}
        if self.others:
            counts["other"] = counts.get("other", 0) + self.others
        return counts


class Decoder:
    """Bytes to messages, whatever the cuts: `feed(a + b)` says what `feed(a)` and `feed(b)` say.

    A message is the headers up to a blank line; lines may end in a bare LF, the space after the colon may be missing, a header
    without a colon has the value "" (`headers`). A message longer than `cap` is skipped to its end without being held. Events whose
    name is not `wanted` are counted and dropped before they are decoded, but of those that have a sieve only what it lets drop.
    """

    def __init__(
        self,
        wanted: Iterable[str] | None = None,
        cap: int = FRAME_CAP,
        tally: Tally | None = None,
        sieves: Mapping[str, Sieve] = MappingProxyType({}),
    ) -> None:
        self.greeting: str | None = None  # the first line, once it is complete
        self.tally = Tally() if tally is None else tally
        self._wanted = None if wanted is None else frozenset(name.encode() for name in wanted)
        self._sieves = {name.encode(): sieve for name, sieve in sieves.items()}
        self._cap = cap
        self._held = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with `data`."""
        messages: list[Message] = []
        counts, wanted, sieves = self.tally.counts, self._wanted, self._sieves
        for frame in self._frames(data):
            if frame[:7] == b"Event: ":
                end = frame.find(b"\r", 7)
                name = frame[7:end] if end > 0 else frame[7:]
                count = counts.get(name)
                if count is not None:
                    counts[name] = count + 1
                    if wanted is None or name in wanted or (name in sieves and sieves[name](frame)):
                        messages.append(parse(frame))
                    continue
            message = self._unusual(frame)
            if message is not None:
                messages.append(message)
        return messages

    def _unusual(self, frame: bytes) -> Message | None:
        """A response, the first event of its name, or a frame that is not as it should be."""
        named = _EVENT.search(frame)
        if named is not None and not frame.startswith(b"Response:"):
            name = named[1].strip()
            counts = self.tally.counts
            if name in counts or (len(counts) < MAX_NAMES and _NAME.fullmatch(name)):
                counts[name] = counts.get(name, 0) + 1
            else:
                self.tally.others += 1
            if self._wanted is not None and name not in self._wanted and not (name in self._sieves and self._sieves[name](frame)):
                return None
        message = parse(frame)
        if "Event" in message or "Response" in message:
            return message
        self.tally.malformed += 1
        return None

    def _frames(self, data: bytes) -> Iterable[bytes]:
        if self.greeting is None:
            data = self._greet(data)
            if self.greeting is None:
                return ()
        held = self._held
        if held or self._skipping:
            begin = max(0, len(held) - 2)
            held += data
            end = _END.search(held, begin)
            if end is None:
                self._bound()
                return ()
            if self._skipping:
                del held[: end.end()]
                self._skipping = False
            data = bytes(held)
            held.clear()
        parts = data.split(b"\n\r\n")
        if b"\n\n" in data:
            parts = [piece for part in parts for piece in part.split(b"\n\n")]
        held += parts.pop().lstrip(b"\r\n")
        self._bound()
        return self._sound(parts)

    def _sound(self, parts: list[bytes]) -> Iterable[bytes]:
        for part in parts:
            frame = part.lstrip(b"\r\n")
            if len(frame) > self._cap:
                self.tally.malformed += 1
            elif frame := frame.rstrip(b"\r\n"):
                yield frame

    def _bound(self) -> None:
        """Hold no more than a message may be long; two bytes more may be the start of the blank line."""
        if self._skipping:
            del self._held[:-2]
        elif len(self._held) > self._cap + 2:
            self.tally.malformed += 1
            self._skipping = True
            del self._held[:-2]

    def _greet(self, data: bytes) -> bytes:
        """Take off the greeting, a line without a blank line behind it; another first line stays part of its message."""
        self._held += data
        line, ended, rest = self._held.partition(b"\n")
        if not ended and len(self._held) <= 256:
            return b""
        self.greeting = line[:256].decode("utf-8", "backslashreplace").rstrip("\r")
        usual = ended and len(line) <= 256 and self.greeting.startswith(GREETING)
        data = bytes(rest if usual else self._held)
        self._held.clear()
        return data
