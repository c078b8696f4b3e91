"""A recording being made: what the core was told, as AMI text under pseudonyms.

Owns the file's grammar, version 1. It is AMI's own framing, so that it can be read, searched and cut by hand, and each message carries
the daemon time it was told at. What Asterisk never says has an event of ours: the contract (FloorwatchRecording), the end of a list
(FloorwatchSnapshot), the reason of an exit, the lost link, dropped events, each tick of the engine, a step of the clock, the texts that
a group's patterns match (FloorwatchMember), the end. Refuses files (`write` takes bytes) and every text that has no pseudonym.
Next: `recording` reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from monitor.core.contract import Contract
from monitor.core.devices import DeviceSeen
from monitor.core.events import Event, ExitTold, LinkLost, SnapshotTaken
from monitor.core.results import ResultsTold
from monitor.sources import terms
from monitor.sources.ami import devices
from monitor.sources.ami.decoder import GREETING, Message
from monitor.sources.ami.teller import AT, OFFSET, figure
from monitor.sources.pseudonyms import Pseudonyms

VERSION = "1"
RECORDING, MEMBER, SNAPSHOT, EXIT, LINK_LOST, TICK, STEP, END = (
    f"Floorwatch{name}" for name in ("Recording", "Member", "Snapshot", "Exit", "LinkLost", "Tick", "Step", "End")
)
MISSED = "FloorwatchMissed"  # what 0.2.0 wrote where an event found no room: the loss of sight without its time
ANSWERED, LISTED, RESTARTED, WHOLE, STATUS, MOVED = (f"Floorwatch{name}" for name in ("Answered", "Listed", "Restarted", "Whole", "Status", "Moved"))


def stanza(message: Message) -> bytes:
    """One message as it stands on the wire."""
    return ("".join(f"{name}: {value}\r\n" for name, value in message.items()) + "\r\n").encode("utf-8", "backslashreplace")


def made_of(event: Event, heard: Sequence[Message]) -> Iterable[Message]:
    """What an event is written down as: the messages it was made of, and for one of our own its facts."""
    at = {AT: str(event.at)}
    if isinstance(event, SnapshotTaken):
        return _snapshot(event, heard)
    if isinstance(event, ExitTold):
        told = {} if event.status is None else {STATUS: event.status}
        return ({"Event": EXIT, **at, "Uniqueid": event.call, "Queue": event.queue, **told},)
    if isinstance(event, LinkLost):
        return ({"Event": LINK_LOST, **at},)
    if isinstance(event, DeviceSeen) and not heard:  # it was asked for
        return ({"Event": devices.CHANGED, "Device": event.device, "State": devices.STATES[event.status], OFFSET: figure(0), **at},)
    return [_in_order({**message, **at}) for message in heard]


def _in_order(message: Message) -> Message:
    """As it came: a parsed message has its last header first."""
    return {"Event": message.get("Event", ""), **dict(reversed(message.items()))}


def _snapshot(event: SnapshotTaken, heard: Sequence[Message]) -> Iterable[Message]:
    answered = {row.call: row.answered_at for row in event.channels if row.answered_at is not None}
    listed = set()
    for item in heard:
        answered_at = answered.get(item.get("Uniqueid", "")) if item.get("Event") == "CoreShowChannel" else None
        yield _in_order(item if answered_at is None else {**item, ANSWERED: str(answered_at)})
        if item.get("Event") == "QueueParams":
            listed.add(item.get("Queue"))
    for queue in event.strategies:
        if queue not in listed:  # asked for, and not there
            yield {"Event": "QueueParams", "Queue": queue, "Strategy": ""}
    yield {
        "Event": SNAPSHOT,
        AT: str(event.at),
        LISTED: str(event.listed_at),
        RESTARTED: str(int(event.restarted)),
        WHOLE: str(int(event.whole)),
    }


class Taping:
    """One recording of one PBX. `counts` are the events told, by AMI's names."""

    def __init__(self, contract: Contract, names: Pseudonyms, write: Callable[[bytes], None]) -> None:
        """`contract` is the one in force, for the one PBX alone."""
        self.counts: Counter[str] = Counter()
        self._contract = contract
        self._names = names
        self._write = write
        self._claims = terms.Claims(contract)

    def begin(self, at: int, program: str) -> None:
        """The head: whose floor this is, when it begins, and what wrote it."""
        self._write(f"{GREETING}Floorwatch\r\n".encode())
        contract = terms.renamed(self._contract, self._names)
        self._write(stanza({"Event": RECORDING, "Version": VERSION, "Program": program, AT: str(at), "Contract": terms.dump(contract)}))

    def told(self, event: Event, heard: Sequence[Message]) -> None:
        """An event the engine took. What was sold is left out: prices are not in a recording, and a key may be a caller's number."""
        if isinstance(event, ResultsTold):
            return
        for group, text in self._claims.of(event):
            self._write(stanza({"Event": MEMBER, "Group": self._names.name(group), "Member": self._names.device(text)}))
        made = list(made_of(event, heard))
        for message in made:
            self._write(stanza(self._names.message(message)))
        if not isinstance(event, SnapshotTaken | ExitTold | LinkLost):
            self.counts.update(message["Event"] for message in made)

    def ticked(self, at: int) -> None:
        """The engine let time pass up to `at`."""
        self._write(stanza({"Event": TICK, AT: str(at)}))

    def stepped(self, moved_us: int) -> None:
        """Civil time stepped: from now on daemon time says so much more."""
        self._write(stanza({"Event": STEP, MOVED: str(moved_us)}))

    def ended(self, at: int) -> None:
        """Nothing more comes; the figures are those of `at`."""
        self._write(stanza({"Event": END, AT: str(at)}))
