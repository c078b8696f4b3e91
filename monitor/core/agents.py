"""A person on the floor: the facts known about them, and the one state these amount to.

Owns the facts and the table that ranks them. Refuses time (the timesheet spends it) and deciding what an event means (`staff`).

Theory of operation
-------------------
An agent is rarely one thing: a phone rings in one queue while wrap-up of another call runs and the pause key is pressed. Facts are
kept side by side, each set and cleared by its own events; the state is the first row of `PRECEDENCE` that holds. So no event can
leave an agent in a state its facts do not support, and a repeated or stale event changes nothing.

* Seen busy on any connected PBX wins over another PBX being out of sight.
* While a log tells of a time nobody saw, only facts of its PBX count, and whoever is astray in it is unobserved until his next sign,
  whoever is in no queue of it to its end.
* A call of a queue nobody claimed, or an own call, is `other`; only while unpaused.
* A talk ends wrap-up (`staff` drops it); a ring covers it, and it goes on afterwards.
* A pause of class acw is wrap-up of the last call's project, one of class work is `offline` work of the reason's project.
* Under ring-all a ring reserves nobody and is no fact at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.core.calls import Visit
from monitor.core.contacts import Attempt, Contact
from monitor.core.contract import Group, PauseClass, PauseReason, Presence, Project, QueueId
from monitor.core.direction import Direction
from monitor.core.snapshot import State

UNREACHABLE_STATUS = frozenset({4, 5})
IN_USE_STATUS = frozenset({2, 3, 7, 8})


@dataclass(slots=True)
class Membership:
    """A person's place in one queue; `status` is the device's. `wrapup_us` is the member's own wrap-up, 0 = the project's."""

    queue: QueueId
    interface: str
    state_interface: str
    member: str
    status: int = 0
    paused: bool = False
    reason: str = ""
    paused_at: int | None = None
    wrapup_us: int = 0


@dataclass(slots=True, eq=False)
class Talk:
    """An agent's leg of a call, from the answer until the leg is out of its bridge for good.

    `call` is the caller's channel, `leg` the agent's. Without a visit it is a call transferred past the queues, or one that was
    already up when we came. `gone_at` is the moment the leg left its bridge, while it is not yet sure that it stays out.
    """

    agent: Agent
    pbx: str
    leg: str
    call: str | None
    project: Project | None
    contact: Contact | None
    visit: Visit | None
    started_at: int
    wrapup_us: int = 0
    held: bool = False
    gone_at: int | None = None
    home: str | None = None
    bridged: bool = False
    ended_at: int | None = None
    claimed_us: int | None = None  # the PBX's own talk time


@dataclass(slots=True)
class Ring:
    """A queue call ringing at an agent."""

    project: Project | None
    reserving: bool
    call: str


@dataclass(slots=True, eq=False)
class Wrapup:
    """Work on a call after its talk, until `until` or the next talk."""

    project: Project
    contact: Contact | None
    visit: Visit | None
    until: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """Whose time a state is: a project's, a contact's; and under which pause reason."""

    project: str | None = None
    contact: Contact | None = None
    reason: str = ""
    direction: Direction = Direction.INBOUND


NOBODY = Charge()


@dataclass(slots=True, eq=False)
class Agent:
    """A person: memberships, calls, pause; and what the timesheet needs: the state in force and up to when it is spent."""

    id: str
    name: str
    group: Group | None = None
    pool: frozenset[QueueId] = frozenset()  # the queues of the group's projects
    memberships: dict[QueueId, dict[str, Membership]] = field(default_factory=dict)
    devices: dict[tuple[str, str], int] = field(default_factory=dict)  # by PBX and name, in a group by device: the state of each
    talks: list[Talk] = field(default_factory=list)
    ended: list[Talk] = field(default_factory=list)  # the last two, for the PBX's late account of them
    rings: dict[tuple[str, str], Ring] = field(default_factory=dict)
    own_calls: set[tuple[str, str]] = field(default_factory=set)
    dialling: dict[tuple[str, str], Attempt] = field(default_factory=dict)  # by the leg of whom they call over a call of their own
    unexplained: bool = False
    wrapup: Wrapup | None = None
    pause: Membership | None = None  # the pause in force
    belongs: frozenset[QueueId] = frozenset()  # the queues of all memberships
    serves: frozenset[QueueId] = frozenset()  # and those in which they are not paused
    last_project: Project | None = None
    last_contact: Contact | None = None
    pause_started_at: int | None = None
    unreachable_since: int | None = None
    blind: set[str] = field(default_factory=set)
    recalled: str | None = None  # the PBX of which a log tells just now: for that time nothing else is known
    astray: bool = False  # and it does not tell what this person did
    unsure_from: int | None = None  # from here on another PBX is out of sight in that time

    state: State | None = None
    charge: Charge = NOBODY
    state_since: int = 0
    spent_to: int = 0
    uncommitted: bool = False
    owed: list[tuple[int, int]] = field(default_factory=list)
    repaid: bool = False  # what is owed was spent as unobserved before: a log that tells it corrects that

    def shift(self, step: int) -> None:
        """Civil time stepped: move every instant by the same step."""

        def moved(at: int | None) -> int | None:
            return None if at is None else at + step

        self.state_since += step
        self.spent_to += step
        self.owed = [(start + step, end + step) for start, end in self.owed]
        self.pause_started_at, self.unreachable_since = moved(self.pause_started_at), moved(self.unreachable_since)
        if self.wrapup is not None:
            self.wrapup.until += step
        for talk in (*self.talks, *self.ended):
            talk.started_at += step
            talk.gone_at, talk.ended_at = moved(talk.gone_at), moved(talk.ended_at)
        for place in self.places():
            place.paused_at = moved(place.paused_at)

    def shown_since(self) -> int:
        """Since when the state lasts, for people: a pause from its beginning, a talk from its answer, whatever came between."""
        state = self.state
        if state is State.TALK:
            talk = self.talk()
            return self.state_since if talk is None else min(self.state_since, talk.started_at)
        in_pause = state is State.PAUSED or state is State.OFFLINE
        return self.pause_started_at or self.state_since if in_pause else self.state_since

    def sees(self, pbx: str) -> bool:
        """Whether facts of this PBX count: it is in sight, or it is the one a log tells of."""
        return pbx not in self.blind if self.recalled is None else pbx == self.recalled

    def places(self) -> list[Membership]:
        """All memberships."""
        return [place for interfaces in self.memberships.values() for place in interfaces.values()]

    def weigh_pauses(self) -> None:
        """Find the pause that counts: the latest, when the person is paused in every queue of the group; to be called at every change."""
        everywhere = self.places()
        places = [place for place in everywhere if place.queue in self.pool] or everywhere
        paused = bool(places) and all(place.paused for place in places)
        self.pause = max(places, key=lambda place: place.paused_at or 0) if paused else None
        self.belongs = frozenset(place.queue for place in everywhere)
        self.serves = self.belongs if not any(place.paused for place in everywhere) else frozenset(place.queue for place in everywhere if not place.paused)

    def pause_reason(self) -> PauseReason | None:
        """The configured reason of the pause in force, None without a pause or for an unlisted reason."""
        pause = self.pause
        return None if pause is None or self.group is None else self.group.pause_reason(pause.reason)

    def talk(self) -> Talk | None:
        """The talk that can be seen and has the agent's attention: the latest not on hold, else the latest."""
        latest = None
        for talk in reversed(self.talks):
            if talk.project is not None and self.sees(talk.pbx):
                if not talk.held:
                    return talk
                latest = latest or talk
        return latest

    def with_caller(self) -> bool:
        """True while they talk with somebody who called us, parked or not."""
        return any(talk.gone_at is None and talk.contact is not None and talk.contact.attempt is None for talk in self.talks)

    def attempt(self) -> Attempt | None:
        """Whom they call for a project, as far as that can be seen."""
        return next((attempt for (pbx, _), attempt in self.dialling.items() if self.sees(pbx)), None)

    def ringing(self) -> list[Ring]:
        """The rings that can be seen and reserve the agent."""
        return [ring for (pbx, _), ring in self.rings.items() if ring.reserving and self.sees(pbx)]

    def has_place(self) -> bool:
        """True for a member of a queue, and for one who is known by a device."""
        return bool(self.memberships or self.devices)

    def is_on(self, pbx: str) -> bool:
        """True when the person has a place or a talk on this PBX."""
        places = (*self.memberships, *self.devices)
        return any(where == pbx for where, _ in places) or any(talk.pbx == pbx for talk in self.talks)

    def untold(self) -> bool:
        """True while a log tells of the queues of a PBX, and the person is in none of them."""
        return self.recalled is not None and bool(self.devices) and all(queue.pbx != self.recalled for queue in self.memberships)

    def reachable(self) -> bool:
        """True while any device of the person can be reached."""
        return any(status not in UNREACHABLE_STATUS for _, status in self._statuses())

    def in_use(self, pbx: str | None = None) -> bool:
        """True while any device of the person is in use, on this PBX or on any."""
        return any(status in IN_USE_STATUS and pbx in (None, where) for where, status in self._statuses())

    def _statuses(self) -> list[tuple[str, int]]:
        places = [(place.queue.pbx, place.status) for place in self.places()]
        return [*places, *((pbx, status) for (pbx, _), status in self.devices.items())] if self.devices else places

    def explained(self, pbx: str) -> bool:
        """True while a known call says why a device of this PBX is in use."""
        return any(t.pbx == pbx for t in self.talks) or any(p == pbx for p, _ in self.rings) or any(p == pbx for p, _ in self.own_calls)

    def at_work(self, grace_us: int, open_now: bool, at: int) -> bool:
        """True when the person is on the floor: by the group's presence rule, or because they are in a call."""
        if self.talks:
            return True
        if not self.has_place():
            return False
        if not self.reachable() and (self.unreachable_since is None or at - self.unreachable_since >= grace_us):
            return False
        presence = Presence.MEMBER if self.group is None else self.group.presence
        if presence is Presence.UNPAUSED:
            return self.pause is None
        return open_now if presence is Presence.HOURS else True


def _held(agent: Agent) -> bool:
    talk = agent.talk()
    return talk is not None and talk.held


def _talking(agent: Agent) -> bool:
    talk = agent.talk()
    return talk is not None and not talk.held


def _offline(agent: Agent) -> bool:
    reason = agent.pause_reason()
    return reason is not None and reason.kind is PauseClass.WORK and reason.project is not None


def _other(agent: Agent) -> bool:
    if agent.pause is not None:
        return False
    strange = any(talk.project is None and agent.sees(talk.pbx) for talk in agent.talks) or any(ring.project is None for ring in agent.ringing())
    return any(agent.sees(pbx) for pbx, _ in agent.own_calls) or (agent.unexplained and agent.recalled is None) or strange


def _ringing(agent: Agent) -> bool:
    return any(ring.project is not None for ring in agent.ringing())


def _wrapping(agent: Agent) -> bool:
    reason = agent.pause_reason()
    return agent.wrapup is not None or (reason is not None and reason.kind is PauseClass.ACW and agent.last_project is not None)


PRECEDENCE: tuple[tuple[State, Callable[[Agent], bool]], ...] = (
    (State.UNOBSERVED, lambda agent: (agent.astray or agent.untold() or bool(agent.blind)) and _unseen(agent) and not _seen_busy(agent)),
    (State.TALK, _talking),
    (State.HOLD, _held),
    (State.DIALING, lambda agent: agent.attempt() is not None),
    (State.OFFLINE, _offline),
    (State.OTHER, _other),
    (State.RING, _ringing),
    (State.WRAPUP, _wrapping),
    (State.PAUSED, lambda agent: agent.pause is not None),
    (State.UNREACHABLE, lambda agent: not agent.reachable() and not agent.talks),
    (State.AVAILABLE, lambda _: True),
)


def _unseen(agent: Agent) -> bool:
    """Something of this person cannot be seen. While a log tells, the timesheet looks after what else was out of sight."""
    return agent.astray or agent.untold() or agent.recalled is None


def _seen_busy(agent: Agent) -> bool:
    """Busy, as far as it can be seen, with something that is a fact."""
    if any(agent.sees(talk.pbx) for talk in agent.talks) or agent.ringing() or agent.attempt() is not None:
        return True
    return agent.pause is None and any(agent.sees(pbx) for pbx, _ in agent.own_calls)


def state_of(agent: Agent) -> State:
    """The state of a person who is on the floor."""
    return next(state for state, holds in PRECEDENCE if holds(agent))


def _work_on(project: str | None, contact: Contact | None, reason: str = "") -> Charge:
    return Charge(project, contact, reason, Direction.INBOUND if contact is None else contact.direction)


def charge_of(agent: Agent, state: State) -> Charge:
    """Whose time a state is."""
    if state in (State.TALK, State.HOLD):
        talk = agent.talk()
        return NOBODY if talk is None or talk.project is None else _work_on(talk.project.name, talk.contact)
    if state is State.DIALING:
        attempt = agent.attempt()
        return NOBODY if attempt is None else Charge(attempt.project.name, direction=attempt.direction)
    if state is State.RING:
        project = next((ring.project for ring in agent.ringing() if ring.project is not None), None)
        return NOBODY if project is None else Charge(project.name)
    if state is State.WRAPUP and agent.wrapup is not None:
        return _work_on(agent.wrapup.project.name, agent.wrapup.contact)
    pause = agent.pause
    reason = "" if pause is None else pause.reason
    if state is State.WRAPUP:
        return _work_on(None if agent.last_project is None else agent.last_project.name, agent.last_contact, reason)
    if state is State.OFFLINE:
        configured = agent.pause_reason()
        return Charge(None if configured is None else configured.project, None, reason)
    return Charge(reason=reason) if state is State.PAUSED else NOBODY
