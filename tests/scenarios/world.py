"""A recording replayed through the whole pipeline, and what comes out of it as text: the exposition and the ledger.

Time is the recording's: the engine's clock stands at each event's own instant and ticks every second of it, then for as long after
the last event as anything is still undecided. Nothing here depends on the machine, so the golden files are compared to the letter.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import __version__
from monitor.assess.outlook import Outlook
from monitor.clock import Clock
from monitor.core.agents import Talk
from monitor.core.book import OBSERVED
from monitor.core.contract import MINUTE, SECOND, Contract, Group, PauseClass, PauseReason, Project, QueueId, ServiceLevel
from monitor.core.events import CallerJoined, Event, LinkLost, MemberSeen, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, State
from monitor.engine import Engine
from monitor.outputs.daemon import DaemonFacts, PbxFacts
from monitor.outputs.metrics import Exposition, Format
from monitor.plan.plan import Plan, PlanRow
from monitor.sources import recording
from monitor.sources.ami.decoder import Decoder
from monitor.sources.ami.translate import WANTED

HERE = Path(__file__).parent
CAPTURES = HERE / "captures"
PBX = "pbx1"
AFTERMATH = 90  # seconds: an exit is decided within one, a gap committed after sixty
# Lines of the exposition that differ from one version or machine to another, by the start of the line.
VOLATILE = ("floorwatch_build_info",)


@dataclass(frozen=True)
class Recording:
    """One session of one PBX; `cut` when the PBX hung up at its end: a restart."""

    name: str
    cut: bool = False

    @cached_property
    def path(self) -> Path:
        plain = CAPTURES / f"{self.name}.ami"
        return plain if plain.exists() else CAPTURES / self.name / "ami.raw.gz"

    @property
    def data(self) -> bytes:
        """The bytes of the wire."""
        data = self.path.read_bytes()
        return gzip.decompress(data) if self.path.suffix == ".gz" else data

    @property
    def queue_log(self) -> Path:
        """What the PBX itself wrote."""
        beside = self.path.with_suffix(".queue_log")
        return beside if beside.exists() else self.path.parent / "queue_log"

    def events(self) -> list[Event]:
        """The events of the session, read at once."""
        return list(recording.events(self.data, PBX))

    def events_of(self, pieces: Iterable[bytes]) -> list[Event]:
        """The events of the session, read in these pieces."""
        decoder = Decoder(WANTED)
        return list(recording.meant((message for piece in pieces for message in decoder.feed(piece)), PBX))


SINGLE_20 = tuple(
    Recording(f"single-20/{name}", cut=name == "pause-and-restart")
    for name in (
        *("agent-hung-up-by-ami", "basic", "blind-transfer", "feature-disconnect", "filtered-user", "local-n", "local-optimised", "originate"),
        *("pause-and-restart", "plain-dial", "redirect-while-talking", "reload-in-mid-call", "timeout-local-member"),
    )
)
SINGLE_22 = tuple(
    Recording(f"single-22/{name}")
    for name in (
        *("abandon", "agent-hangs-up", "attended-transfer-to-queue", "exit-key", "hold", "leave-empty", "overflow-to-second-queue", "ring-all"),
        *("snapshot-in-mid-call", "timeout"),
    )
)
MIXED = (Recording("mixed-16"), Recording("mixed-22"))
RECORDINGS = (*SINGLE_20, *SINGLE_22, *MIXED)


def contract_of(events: Iterable[Event]) -> Contract:
    """One project per queue that has a caller in the session (or, without any, a member), one group for their members."""
    callers: set[str] = set()
    members: set[str] = set()
    for event in events:
        if isinstance(event, SnapshotTaken):
            callers.update(row.queue for row in event.waiting)
            callers.update(row.data.split(",")[0] for row in event.channels if row.application == "Queue")
        elif isinstance(event, CallerJoined):
            callers.add(event.queue)
        elif isinstance(event, MemberSeen):
            members.add(event.queue)
    queues = callers or members
    zone = ZoneInfo("Europe/Kyiv")
    return Contract(
        zone=zone,
        agent_metrics=True,
        groups=(Group("floor", pause_reasons=(PauseReason("lunch", PauseClass.UNPAID), PauseReason("break", PauseClass.PAID))),),
        projects=tuple(
            Project(f"{queue}-line", queue.title(), "floor", (QueueId(PBX, queue),), zone=zone, service_level=ServiceLevel(20 * SECOND))
            for queue in sorted(queues)
        ),
    )


def plan_of(contract: Contract, at: int) -> Plan:
    """Sixty calls of 30 s an hour and two agents for every project, over the hours around `at`."""
    hour = at - at % (60 * MINUTE)
    rows = ((p, hour + n * 60 * MINUTE) for p in contract.projects for n in (-1, 0, 1))
    return Plan.of(PlanRow(p.name, start, start + 60 * MINUTE, 60_000_000, 1800 * SECOND, 30 * SECOND, scheduled_u=2_000_000) for p, start in rows)


@dataclass
class Replay:
    """A session being replayed, an instant at a time; `talks` are the talks that ended, in order.

    A long day replayed for its counts need not be `judged`, which a replay does each second as the daemon does.
    """

    events: list[Event]
    cut: bool = False
    strict: bool = True
    judged: bool = True
    agreed: Contract | None = None
    talks: dict[Talk, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contract = self.agreed or contract_of(self.events)
        self.now = self.events[0].at - SECOND
        self.engine = Engine(self.contract, plan_of(self.contract, self.now), Clock(lambda: self.now * 1000, lambda: self.now * 1000), strict=self.strict)
        self._next_tick = self.now + SECOND

    @property
    def floor(self) -> Floor:
        """The floor under the engine."""
        return self.engine.floor

    def _pass(self, at: int) -> None:
        while self._next_tick <= at:
            self.now = self._next_tick
            self._next_tick += SECOND
            self.engine.tick()
            if self.judged:
                self.engine.judge()
        self.now = at

    def steps(self) -> Iterator[Event]:
        """Each event once it is applied."""
        for event in self.events:
            self._pass(event.at)
            self.tell(event)
            yield event
        if self.cut:
            self.tell(LinkLost(PBX, self.now))
        self._pass(self.now + AFTERMATH * SECOND)
        self._collect()

    def tell(self, event: Event) -> None:
        """One event, now."""
        self.engine.put(event)
        self.engine.catch_up()
        self._collect()

    def _collect(self) -> None:
        for agent in self.floor.staff.agents.values():
            self.talks.update(dict.fromkeys(agent.ended))

    def whole(self) -> Replay:
        """The session to its end."""
        for _ in self.steps():
            pass
        return self

    def outlook(self) -> Outlook:
        """Everything as of now."""
        return self.engine.outlook()

    def metrics(self) -> str:
        """The exposition, volatile lines left out."""
        daemon = DaemonFacts(__version__, "3", (PbxFacts(PBX, ami_up=not self.cut),))
        text = "".join(Exposition().scrape(self.outlook(), self.contract, daemon, Format.TEXT))
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(VOLATILE))

    def ledger(self) -> str:
        """Every minute that holds anything: of projects, groups and people; instants in whole seconds, time in microseconds."""
        ledger = self.floor.ledger
        cells, states = list(Cell), list(State)
        lines = []
        for name, book in sorted(ledger.projects.items()):
            for minute, sums in sorted(book.minutes.items()):
                lines.append(_line("project", name, minute, {cells[i].name.lower(): sums[i] for i in range(len(cells)) if not _planned(cells[i])}))
        for name, book in sorted(ledger.groups.items()):
            for minute, sums in sorted(book.minutes.items()):
                lines.append(_line("group", name, minute, {**{s.value: sums[i] for i, s in enumerate(states)}, "observed": sums[OBSERVED]}))
        for name, minutes in sorted(ledger.people.items()):
            for minute, sums in sorted(minutes.items()):
                lines.append(_line("person", name, minute, {s.value: sums[i] for i, s in enumerate(states)}))
        return "".join(lines)


def _planned(cell: Cell) -> bool:
    return cell.name.startswith("PLAN")


def _line(kind: str, name: str, minute: int, sums: dict[str, int]) -> str:
    shown = " ".join(f"{key}={value}" for key, value in sums.items() if value)
    return f"{kind} {name} {minute // SECOND} {shown}\n" if shown else ""
