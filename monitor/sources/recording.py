"""A recorded AMI session, as messages or as the events the core would have been told.

Owns reading what one session received, plain or gzipped: the lists at its beginning become one snapshot, everything after it live
events on the PBX's own clock. Refuses asking anything. Next: whoever replays, tests first of all.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator

from monitor.core.events import Event
from monitor.sources.ami.protocol import Decoder, Message
from monitor.sources.ami.translate import LIST_ITEMS, WANTED, Rows, Translator

# What the daemon's login mask lets through; a session with more rights recorded more.
CLASSES = frozenset({"system", "call", "agent"})


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
