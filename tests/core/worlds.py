"""Random floors: a plausible one, played by rules a PBX keeps, and an arbitrary one, that keeps none.

A plausible world is a list of moves; what a move means depends on who is free, who waits and what can be seen, so every list is a
story, and hypothesis shortens it move by move. Everything happens at whole seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.contract import SECOND, Contract, Person, QueueId
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Event, Position
from monitor.core.pay import Pay, Wage
from monitor.core.tariff import Base, PerCall, PerMinute, Tariff
from tests.core.looking import shown
from tests.core.scene import AT_PHONE, ELSEWHERE, IN_QUEUE, NEXT, Scene, contract, project

PBXS = ("pbx1", "pbx2")
QUEUES = ("bank", "shop", "attic")  # attic is nobody's
AGENTS = ("ann", "bob", "eve")
BY_THE_MINUTE = Tariff(date(2020, 1, 1), per_minute=PerMinute(Decimal("1.50"), Base.HANDLE))
BY_THE_CALL = Tariff(date(2020, 1, 1), per_call=PerCall(Decimal("2.50")))
CONTRACT: Contract = contract(
    project("bank", "bank", "pbx2/bank", tariffs=(BY_THE_MINUTE,)),
    project("shop", "shop", "pbx2/shop", wrapup_us=0, tariffs=(BY_THE_CALL,)),
    pay=Pay((Wage(Decimal("180.00"), group="floor"),)),
    pbxs=PBXS,
    people=(Person("1", "ann", ("PJSIP/ann",)),),  # one person on both PBXs; the others are two each
)

MOVES = (
    *("arrive", "arrive", "arrive", "ring", "ring", "ring", "ring", "answer", "answer", "answer", "answer", "refuse", "finish", "finish"),
    *("hang_up", "time_out", "time_out_on", "time_out_again", "key", "killed", "hold", "release", "agent_ends", "transfer_back"),
    *("pause", "unpause", "unpause", "unreachable", "reachable", "leave_queue", "join_queue", "join_queue", "own_call", "own_end", "in_use"),
    *("lose", "see", "see", "restart", "wait"),
)
RARE = ("lose", "restart", "leave_queue", "unreachable")


@dataclass(frozen=True)
class Move:
    """What is tried, by whom, after how many seconds."""

    what: str
    caller: int
    agent: int
    pbx: int
    queue: int
    after: int


short_stories = st.lists(
    st.builds(
        Move,
        st.sampled_from(MOVES),
        st.integers(0, 3),
        st.integers(0, len(AGENTS) - 1),
        st.sampled_from([0, 0, 0, 1]),
        st.sampled_from([0, 0, 0, 1, 1, 2]),
        st.sampled_from([0, 0, 1, 2, 5, 14, 16, 61]),
    ),
    min_size=5,
    max_size=60,
)


def long_story(seed: int, length: int = 80) -> list[Move]:
    """A story told by chance alone: eventful, where hypothesis likes to be brief."""
    random = Random(seed)
    pick = random.choice
    pauses = (0, 0, 0, 0, 1, 1, 2, 5, 16, pick([1, 61]))
    story = [Move(pick(MOVES), pick([0, 0, 1]), pick([0, 0, 1, 2]), pick([0, 0, 0, 1]), pick([0, 0, 0, 1, 2]), pick(pauses)) for _ in range(length)]
    return [move for move in story if move.what not in RARE or random.random() < 0.15]


moves = short_stories | st.integers(0, 2**32).map(long_story)


@dataclass(eq=False)
class Caller:
    """A living caller: in a queue, rung for, talking, or gone on."""

    call: str
    queue: str = ""
    ringing: str = ""
    legs: int = 0
    talking: str = ""
    bridged: str = ""


class World:
    """Plays moves on a strict floor and writes down the events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        scene = Scene(CONTRACT)
        scene.apply = self._note(scene, scene.apply)  # type: ignore[assignment,method-assign]
        self.scenes = [scene, scene.on("pbx2")]
        self.callers: list[list[Caller]] = [[], []]
        self.blind = [False, False]
        self.busy: set[tuple[int, str]] = set()
        self.own: dict[tuple[int, str], str] = {}
        self.at = 0
        self.serial = 0
        for one in self.scenes:
            one.sight(members=[one.row(0, queue, who) for who in AGENTS for queue in QUEUES[:2]])

    def _note(self, scene: Scene, apply: Callable[[Event], None]) -> Callable[[Event], None]:
        def noted(event: Event) -> None:
            self.events.append(event)
            apply(event)

        return noted

    def play(self, story: list[Move]) -> World:
        for move in story:
            self.at += move.after
            if not self.blind[move.pbx] or move.what in ("see", "wait"):
                getattr(self, "_" + move.what)(move, self.scenes[move.pbx], AGENTS[move.agent])
        return self

    def _one(self, move: Move, fits: Callable[[Caller], bool]) -> Caller | None:
        """The caller the move is about: of those it can be about, the one its number falls on."""
        able = [caller for caller in self.callers[move.pbx] if fits(caller)]
        return able[move.caller % len(able)] if able else None

    def _waiting(self, move: Move) -> Caller | None:
        return self._one(move, lambda caller: bool(caller.queue) and not caller.talking)

    def _talking(self, move: Move) -> Caller | None:
        return self._one(move, lambda caller: bool(caller.talking))

    # --- callers --------------------------------------------------------------------------------------------------------------

    def _arrive(self, move: Move, scene: Scene, _who: str) -> None:
        gone_on = self._one(move, lambda caller: not caller.queue and not caller.talking)
        if gone_on is None and len(self.callers[move.pbx]) > 4:
            return
        self.serial += 1
        caller = gone_on or Caller(f"c{self.serial}")
        if gone_on is None:
            self.callers[move.pbx].append(caller)
            scene.channel(self.at, caller.call)
        caller.queue = QUEUES[move.queue]
        scene.join(self.at, caller.call, caller.queue, linked=caller.call)

    def _stop_ringing(self, move: Move, scene: Scene, caller: Caller) -> None:
        if caller.ringing:
            leg = f"{caller.ringing}-{caller.call}-{caller.legs}"
            scene.apply(LegResolved(scene.pbx, scene.us(self.at), caller.call, leg, False, IN_QUEUE))
            scene.end(self.at, leg, position=AT_PHONE)
            self.busy.discard((move.pbx, caller.ringing))
            caller.ringing = ""

    def _out(self, move: Move, scene: Scene, caller: Caller, *, abandon: bool) -> None:
        if abandon:
            scene.abandon(self.at, caller.call, caller.queue)
        self._stop_ringing(move, scene, caller)
        scene.leave(self.at, caller.call, caller.queue)
        caller.queue = ""

    def _end_caller(self, move: Move, scene: Scene, caller: Caller, position: Position = IN_QUEUE) -> None:
        scene.end(self.at, caller.call, position=position)
        self.callers[move.pbx].remove(caller)

    def _hang_up(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            scene.request(self.at, caller.call)
            self._out(move, scene, caller, abandon=True)
            scene.request(self.at, caller.call, soft=True)
            self._end_caller(move, scene, caller)

    def _killed(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            self._out(move, scene, caller, abandon=True)
            self._end_caller(move, scene, caller)

    def _time_out(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            self._out(move, scene, caller, abandon=True)
            self._end_caller(move, scene, caller, NEXT)

    def _time_out_on(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            self._out(move, scene, caller, abandon=True)
            scene.seen(self.at, caller.call, ELSEWHERE)

    def _time_out_again(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            self._out(move, scene, caller, abandon=True)
            caller.queue = QUEUES[move.queue]
            scene.join(self.at, caller.call, caller.queue, linked=caller.call)

    def _key(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._waiting(move)
        if caller is not None:
            self._out(move, scene, caller, abandon=False)

    # --- agents on calls ------------------------------------------------------------------------------------------------------

    def _ring(self, move: Move, scene: Scene, who: str) -> None:
        caller = self._one(move, lambda caller: bool(caller.queue) and not caller.talking and not caller.ringing)
        if caller is not None and (move.pbx, who) not in self.busy:
            caller.legs += 1
            caller.ringing = who
            self.busy.add((move.pbx, who))
            scene.ring(self.at, caller.call, who, f"{who}-{caller.call}-{caller.legs}", caller.queue)

    def _refuse(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._one(move, lambda caller: bool(caller.ringing))
        if caller is not None:
            leg, interface = f"{caller.ringing}-{caller.call}-{caller.legs}", f"PJSIP/{caller.ringing}"
            scene.apply(ev.AgentDidNotAnswer(scene.pbx, scene.us(self.at), caller.call, caller.queue, interface, caller.ringing, leg, IN_QUEUE))
            self._stop_ringing(move, scene, caller)

    def _answer(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._one(move, lambda caller: bool(caller.ringing))
        if caller is not None:
            scene.answer(self.at, caller.call, caller.ringing, f"{caller.ringing}-{caller.call}-{caller.legs}", caller.queue)
            caller.talking, caller.ringing = caller.ringing, ""

    def _hang_leg(self, move: Move, scene: Scene, caller: Caller, reason: str) -> None:
        leg = f"{caller.talking}-{caller.call}-{caller.legs}"
        scene.unbridge(self.at, leg, f"b-{caller.call}")
        scene.unbridge(self.at, caller.call, f"b-{caller.call}", position=IN_QUEUE)
        scene.complete(self.at, caller.call, caller.talking, caller.queue, reason=reason)
        scene.end(self.at, leg, position=AT_PHONE)
        self.busy.discard((move.pbx, caller.talking))
        caller.talking = caller.queue = ""

    def _finish(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._talking(move)
        if caller is not None:
            scene.request(self.at, caller.call)
            self._hang_leg(move, scene, caller, "caller")
            self._end_caller(move, scene, caller)

    def _agent_ends(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._talking(move)
        if caller is not None:
            self._hang_leg(move, scene, caller, "agent")
            self._end_caller(move, scene, caller, AFTER_QUEUE)

    def _transfer_back(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._talking(move)
        if caller is not None:
            self._hang_leg(move, scene, caller, "transfer")
            caller.queue = QUEUES[move.queue]
            scene.join(self.at, caller.call, caller.queue, linked=caller.call)

    def _hold(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._talking(move)
        if caller is not None:
            scene.apply(ev.HoldPressed(scene.pbx, scene.us(self.at), f"{caller.talking}-{caller.call}-{caller.legs}"))

    def _release(self, move: Move, scene: Scene, _who: str) -> None:
        caller = self._talking(move)
        if caller is not None:
            scene.apply(ev.HoldReleased(scene.pbx, scene.us(self.at), f"{caller.talking}-{caller.call}-{caller.legs}"))

    def _own_call(self, move: Move, scene: Scene, who: str) -> None:
        if (move.pbx, who) not in self.busy and (move.pbx, who) not in self.own:
            self.serial += 1
            self.own[move.pbx, who] = f"own{self.serial}"
            scene.channel(self.at, f"own{self.serial}", f"PJSIP/{who}-0000beef", position=ELSEWHERE, dialing=True)

    def _own_end(self, move: Move, scene: Scene, who: str) -> None:
        if (move.pbx, who) in self.own:
            scene.end(self.at, self.own.pop((move.pbx, who)), position=ELSEWHERE)

    # --- members --------------------------------------------------------------------------------------------------------------

    def _place(self, move: Move, scene: Scene, who: str, **facts: object) -> None:
        queue = QUEUES[move.queue % 2]
        agent = scene.floor.staff.by_device.get((scene.pbx, f"PJSIP/{who}"))
        place = None if agent is None else agent.memberships.get(QueueId(scene.pbx, queue), {}).get(f"PJSIP/{who}")
        if place is not None:
            now = {"status": place.status, "paused": place.paused, "reason": place.reason, **facts}
            scene.member(self.at, queue, who, **now)  # type: ignore[arg-type]

    def _pause(self, move: Move, scene: Scene, who: str) -> None:
        reason = ("lunch", "wrap", "chat", "", "doctor")[move.caller + move.queue % 2]
        for queue in (0, 1):
            self._place(Move(move.what, move.caller, move.agent, move.pbx, queue, 0), scene, who, paused=True, reason=reason)

    def _unpause(self, move: Move, scene: Scene, who: str) -> None:
        self._place(move, scene, who, paused=False, reason="")

    def _unreachable(self, move: Move, scene: Scene, who: str) -> None:
        self._place(move, scene, who, status=5)

    def _reachable(self, move: Move, scene: Scene, who: str) -> None:
        self._place(move, scene, who, status=1)

    def _in_use(self, move: Move, scene: Scene, who: str) -> None:
        self._place(move, scene, who, status=3)

    def _leave_queue(self, move: Move, scene: Scene, who: str) -> None:
        if (move.pbx, who) not in self.busy:
            scene.removed(self.at, QUEUES[move.queue % 2], who)

    def _join_queue(self, move: Move, scene: Scene, who: str) -> None:
        scene.member(self.at, QUEUES[move.queue % 2], who)

    # --- the link -------------------------------------------------------------------------------------------------------------

    def _lose(self, move: Move, scene: Scene, _who: str) -> None:
        self.blind[move.pbx] = True
        scene.lost(self.at)

    def _see(self, move: Move, scene: Scene, _who: str) -> None:
        self.blind[move.pbx] = False
        rung = {f"{who}-{c.call}-{n}" for c in self.callers[move.pbx] for who in AGENTS for n in range(c.legs + 1)}
        scene.apply(shown(scene.floor, scene.pbx, scene.us(self.at), rung=rung))
        known = scene.floor.sides[scene.pbx].channels.by_id
        for caller in list(self.callers[move.pbx]):
            if caller.call not in known:  # the gap was given up: the PBX says he is no more
                self.busy -= {(move.pbx, caller.talking), (move.pbx, caller.ringing)}
                self.callers[move.pbx].remove(caller)
        self.own = {key: call for key, call in self.own.items() if key[0] != move.pbx or call in known}

    def _restart(self, move: Move, scene: Scene, _who: str) -> None:
        scene.lost(self.at)
        scene.sight(self.at, members=[scene.row(self.at, queue, who) for who in AGENTS for queue in QUEUES[:2]], restarted=True)
        self.callers[move.pbx].clear()
        self.busy -= {(move.pbx, who) for who in AGENTS}
        self.own = {key: call for key, call in self.own.items() if key[0] != move.pbx}

    def _wait(self, _move: Move, scene: Scene, _who: str) -> None:
        scene.floor.advance(scene.us(self.at))


AFTER_QUEUE = Position("trunk", "600", "3")

# --- an arbitrary world ---------------------------------------------------------------------------------------------------------------

calls = st.sampled_from(["a", "b", "c", "ann-1", "bob-1"])
names = st.sampled_from(["PJSIP/ann-00000001", "PJSIP/bob-00000002", "PJSIP/trunk-00000003", "Local/x@y-00000004;1", "Local/x@y-00000004;2"])
places = st.sampled_from([IN_QUEUE, NEXT, ELSEWHERE, AT_PHONE, Position("trunk", "h", "1")])
queues = st.sampled_from(QUEUES)
interfaces = st.sampled_from(["PJSIP/ann", "PJSIP/bob", "Local/x@y/n"])
bridges = st.sampled_from(["x", "y"])
pbxs = st.sampled_from(PBXS)
seconds = st.integers(0, 40)
optional_calls = st.none() | calls

members = st.builds(
    ev.MemberSeen,
    *(pbxs, st.just(0), queues, interfaces, interfaces, st.just("m"), st.integers(0, 8), st.booleans(), st.sampled_from(["", "lunch", "wrap", "chat"])),
    wrapup_us=st.sampled_from([0, 7 * SECOND]),
)
channel_rows = st.builds(
    ev.ChannelRow,
    *(calls, calls, names, places, st.booleans(), st.sampled_from(["", "Queue", "AppQueue", "Dial"]), queues, st.sampled_from(["", "x", "y"]), st.just(0)),
)


@st.composite
def snapshots(draw: st.DrawFn) -> ev.SnapshotTaken:
    """Lists that contradict everything."""
    rows = draw(st.lists(channel_rows, max_size=4, unique_by=lambda row: row.call))
    waiting = draw(st.lists(st.builds(ev.WaitingRow, calls, queues, names, st.integers(0, 60 * SECOND)), max_size=3, unique_by=lambda row: row.call))
    known = draw(st.lists(members, max_size=4, unique_by=lambda row: (row.queue, row.interface)))
    strategies = dict.fromkeys(QUEUES, draw(st.sampled_from(["ringall", "rrmemory"])))
    return ev.SnapshotTaken(draw(pbxs), 0, strategies, tuple(known), tuple(waiting), tuple(rows), draw(st.booleans()), draw(st.booleans()))


arbitrary_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(ev.ChannelStarted, pbxs, st.just(0), calls, calls, names, places, st.just(""), st.booleans()),
    st.builds(ev.ChannelSeen, pbxs, st.just(0), calls, names, places, st.booleans(), st.booleans()),
    st.builds(ev.ChannelRenamed, pbxs, st.just(0), calls, names),
    st.builds(ev.HangupRequested, pbxs, st.just(0), calls, places, st.booleans()),
    st.builds(ev.ChannelEnded, pbxs, st.just(0), calls, places),
    st.builds(LegDialled, pbxs, st.just(0), optional_calls, calls, names, st.none() | places),
    st.builds(LegResolved, pbxs, st.just(0), optional_calls, calls, st.booleans(), st.none() | places),
    st.builds(ev.BridgeEntered, pbxs, st.just(0), calls, names, bridges, places),
    st.builds(ev.BridgeLeft, pbxs, st.just(0), calls, bridges, places),
    st.builds(ev.HoldPressed, pbxs, st.just(0), calls),
    st.builds(ev.HoldReleased, pbxs, st.just(0), calls),
    st.builds(ev.CallerJoined, pbxs, st.just(0), calls, calls, names, queues, places),
    st.builds(ev.CallerLeft, pbxs, st.just(0), calls, queues, names, places),
    st.builds(ev.CallerAbandoned, pbxs, st.just(0), calls, queues, places, st.none() | seconds),
    st.builds(ev.ExitTold, pbxs, st.just(0), calls, queues, st.sampled_from([None, "", "TIMEOUT", "LEAVEEMPTY", "WITHDRAW", "?"])),
    st.builds(ev.AgentRung, pbxs, st.just(0), calls, queues, interfaces, st.just("m"), calls, names, places),
    st.builds(ev.AgentDidNotAnswer, pbxs, st.just(0), calls, queues, interfaces, st.just("m"), optional_calls, places),
    st.builds(ev.AgentConnected, pbxs, st.just(0), calls, queues, interfaces, st.just("m"), calls, names, places),
    st.builds(ev.AgentCompleted, pbxs, st.just(0), optional_calls, queues, interfaces, optional_calls, st.none() | seconds, st.just("caller")),
    st.builds(ev.AgentDumped, pbxs, st.just(0), calls, queues, interfaces, optional_calls),
    members,
    st.builds(ev.MemberRemoved, pbxs, st.just(0), queues, interfaces),
    st.builds(ev.LinkLost, pbxs, st.just(0)),
    snapshots(),
)
# Seconds that pass before the event, and how late it is told (never before what its PBX told last).
arbitrary = st.lists(st.tuples(arbitrary_events, st.sampled_from([0, 0, 0.05, 0.2, 1, 3, 20, 61]), st.sampled_from([0, 0, 0, 0.1, 2])), min_size=1, max_size=50)
