"""The incidents that matter now, as people tell of them: opened, closed, and when it is time to say how many are away or back.

Owns what is accepted and why the rest is refused, the numbers, the musters, and the three moments at which something is said. Each of its
operations is a function of what is kept and of its arguments, as `keeping` needs it. Refuses what an incident means (`incidents`) and
counting people (`muster`). Next: `keeping` applies what is told, `engine` answers and says the news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.events import Event
from monitor.core.incidents import Incident, IncidentView, Stage
from monitor.core.muster import Figures, Muster

if TYPE_CHECKING:
    from monitor.core.floor import Floor

NO_PBX: Final = ""  # of an event that people tell: no PBX says it
REMEMBER_US: Final = 50 * 60 * MINUTE  # as long as the ledger keeps anything
AHEAD_US: Final = 24 * 60 * MINUTE
PATIENCE_US: Final = MINUTE  # with a PBX that has not been seen since the start
MOST: Final = 500  # told ones that are remembered: a script that opens and closes for ever must not slow every outlook down
NAMED: Final = 8  # of those there are, in a refusal


@dataclass(frozen=True, slots=True)
class IncidentOpened(Event):
    """Somebody says that an incident has begun, or will today. Accepted, it gets a number for its `id`."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class IncidentClosed(Event):
    """Somebody says that the incident of this number is over."""

    number: str
    who: str = ""


class Why(StrEnum):
    """What kind of refusal it is."""

    BAD = "bad"  # nobody could mean it
    UNKNOWN = "unknown"  # there is no such incident
    CONFLICT = "conflict"  # it is so already, or somebody else's to say
    BUSY = "busy"  # too much is to be done before it


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why what was told is not accepted, in one line; `number` is the incident that stands in its way."""

    problem: str
    why: Why = Why.BAD
    number: str = ""


class Moment(StrEnum):
    """When something is said of an incident."""

    OPENED = "opened"
    CLOSED = "closed"
    RECOVERED = "recovered"


SAID: Final = {Moment.OPENED: "an incident has begun", Moment.CLOSED: "an incident is over", Moment.RECOVERED: "the recovery of an incident is over"}


@dataclass(frozen=True, slots=True)
class News:
    """What is to be said of an incident, once. No figures: nobody whom it is about has been seen."""

    moment: Moment
    incident: Incident
    figures: Figures | None

    def row(self, zone: tzinfo) -> dict[str, object]:
        """What a line of the log has of it; what is not known is left out."""
        one = self.incident
        since = datetime.fromtimestamp(one.since // SECOND, zone).isoformat()
        who = one.closed_by or one.who
        head = {"id": one.id, "kind": one.kind.value, "scope": str(one.scope), "since": since, "note": one.note, "who": who}
        return {key: value for key, value in head.items() if value} | ({} if self.figures is None else asdict(self.figures))


def _has_been_seen(floor: Floor, at: int) -> bool:
    """Whether every PBX has told who is there, or is not waited for any more: a daemon that starts on a holiday knows nobody yet."""
    return all(side.sighted or at - side.begun >= PATIENCE_US for side in floor.sides.values())


class Incidents:
    """The incidents that matter still: those of the configuration, and those opened and closed while the daemon runs."""

    def __init__(self) -> None:
        self.opened: dict[str, Incident] = {}
        self.number = 0
        self.reached = 0  # what was looked at before is not looked at again: an answer may be ahead of the floor
        self.musters: dict[str, Muster] = {}
        self.news: list[News] = []  # since somebody took them away to say them

    def hear(self, event: IncidentOpened | IncidentClosed, contract: Contract) -> Incident | Refusal:
        """Take what somebody tells, or say why not."""
        if isinstance(event, IncidentClosed):
            return self._close(event, contract)
        refusal = self._refusal(event, contract)
        return self.open(event.incident) if refusal is None else refusal

    def open(self, incident: Incident) -> Incident:
        """It begins; it gets a number of its own."""
        self.number += 1
        numbered = replace(incident, id=str(self.number))
        self.opened[numbered.id] = numbered
        return numbered

    def _refusal(self, event: IncidentOpened, contract: Contract) -> Refusal | None:
        wanted, at = event.incident, event.at
        scope, since = wanted.scope, wanted.since
        if not scope.known(contract):
            names = [f"{scope.kind}:{name}" for name in scope.names(contract)]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            return Refusal(f"there is no {scope}; known: {', '.join(names[:NAMED])}{more}")
        if since > at + AHEAD_US:
            return Refusal("begins in more than 24 hours; announce it with an [[incident]] of the configuration")
        if since < at - REMEMBER_US:
            return Refusal("began more than 50 hours ago; nothing of that time is judged any more")
        for one in self.all(contract):
            if (one.kind, one.scope) != (wanted.kind, scope) or (one.until is not None and one.until <= max(at, since)):
                continue
            if one.id in self.opened:
                return Refusal(f"{one.kind} of {scope} is open already, as incident {one.id}; close that first", Why.CONFLICT, one.id)
            if one.since <= max(at, since):
                return Refusal(f"{one.kind} of {scope} is announced by the configuration, as {one.id}", Why.CONFLICT, one.id)
        if len(self.opened) >= MOST:
            return Refusal(f"{MOST} incidents of the last 50 hours are remembered already; whatever opens them had better stop", Why.CONFLICT)
        return None

    def _close(self, event: IncidentClosed, contract: Contract) -> Incident | Refusal:
        incident = self.opened.get(event.number)
        if incident is None:
            if any(one.id == event.number for one in contract.incidents):
                return Refusal(f"incident {event.number} is announced by the configuration; change it there and reload", Why.CONFLICT, event.number)
            return Refusal(f"there is no incident {event.number}", Why.UNKNOWN)
        if incident.until is not None:
            return Refusal(f"incident {event.number} is closed already", Why.CONFLICT, event.number)
        closed = replace(incident, until=max(event.at, incident.since), closed_by=event.who)
        if event.at < incident.since:  # it will not come
            del self.opened[event.number]
        else:
            self.opened[event.number] = closed
        return closed

    # --- time -------------------------------------------------------------------------------------------------------------------------

    def advance(self, at: int, contract: Contract, floor: Floor) -> None:
        """Time has passed on the floor: who is away now, what has begun and ended, and what matters no more."""
        if not self.opened and not contract.incidents and not self.musters:
            return
        self.reached = at = max(at, self.reached)
        self.forget(at - REMEMBER_US)
        known = {one.id: one for one in (*contract.incidents, *self.opened.values())}
        self.musters = {name: muster for name, muster in self.musters.items() if name in known}
        for one in known.values():
            self._look(one, at, contract, floor)

    def _look(self, one: Incident, at: int, contract: Contract, floor: Floor) -> None:
        stage, muster, concern = one.stage(at), self.musters.get(one.id), one.scope.concern(contract)
        if muster is None:
            if stage is Stage.ACTIVE and (one.id in self.opened or _has_been_seen(floor, at)):
                muster = self.musters[one.id] = Muster()
                muster.look(floor, concern, one.since)
                self._say(Moment.OPENED, one, muster, contract, floor)
            return
        muster.look(floor, concern, one.since)
        if stage is Stage.ACTIVE:
            muster.ended = False  # announced anew, for longer
        elif stage is Stage.RECOVERY and not muster.ended:
            muster.ended = True
            self._say(Moment.CLOSED, one, muster, contract, floor)
        elif stage is Stage.OVER:
            self._say(Moment.RECOVERED if muster.ended or one.recovery_us else Moment.CLOSED, one, muster, contract, floor)
        if stage in (Stage.AHEAD, Stage.OVER):
            del self.musters[one.id]

    def _say(self, moment: Moment, one: Incident, muster: Muster, contract: Contract, floor: Floor) -> None:
        self.news.append(News(moment, one, muster.figures(floor, one.scope.concern(contract))))

    def forget(self, before: int) -> None:
        """What was over before then matters no more."""
        if any(one.over_at is not None and one.over_at <= before for one in self.opened.values()):
            self.opened = {name: one for name, one in self.opened.items() if one.over_at is None or one.over_at > before}

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self.reached += step
        moved = {name: replace(one, since=one.since + step, until=None if one.until is None else one.until + step) for name, one in self.opened.items()}
        self.opened = moved

    # --- to look at -------------------------------------------------------------------------------------------------------------------

    def all(self, contract: Contract) -> tuple[Incident, ...]:
        """Announced ones and told ones, by their beginning."""
        return tuple(sorted((*contract.incidents, *self.opened.values()), key=lambda one: (one.since, one.id)))

    def views(self, at: int, contract: Contract, floor: Floor) -> tuple[IncidentView, ...]:
        """All that matter still, as they are shown."""
        return tuple(self._views(at, contract, floor))

    def _views(self, at: int, contract: Contract, floor: Floor) -> Iterator[IncidentView]:
        for one in self.all(contract):
            if one.over_at is not None and one.over_at <= at - REMEMBER_US:
                continue
            muster = self.musters.get(one.id)
            figures = None if muster is None else muster.figures(floor, one.scope.concern(contract))
            yield IncidentView(one, one.stage(at), one.id not in self.opened, figures)
