"""The kinds of call and deed that the lab plays, and how often at least.

Owns one table, `KINDS`: a name, the number of times in 120 calls, and how one of it is built from the seeded random. A
kind says what the caller, the agent's phone and the driver do; what Asterisk makes of it is read by `coverage.py`, which
refuses a run in which a kind did not come about.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.lab import world
from tests.lab.deeds import Plan, action, agent, channel, interface, pause, redirect_waiting
from tests.lab.phones import BUSY, DISCONNECT, HOLD, NEVER, ODD_BUSY, ODD_NEVER, REFER, Caller, caller_number

FIRST_NAMES = ("Тарас", "Оксана", "Ївга", "Ґеник", "John", "Zoë", "Анастасія-Марія")
LAST_NAMES = ("Шевченко", "Їжакевич", "Щур", "O'Neill", "Müller", "Ковальчук")
PAUSE_REASONS = ("lunch", "break", "обід", "coaching")


@dataclass(frozen=True)
class Kind:
    name: str
    times: int
    build: Callable[[random.Random], Plan]
    filler: bool = False


_serials = itertools.count(1)


def plan_for(name: str, rng: random.Random) -> Plan:
    return KINDS[name].build(rng)


def _caller(
    rng: random.Random,
    way: str,
    queue: str,
    *,
    ring: str = "",
    talk: str = "0",
    deed: str = "0",
    patience: float = 40.0,
    talks: float = 2.0,
    keys: tuple[tuple[int, str], ...] = (),
    media: bool | None = None,
) -> Caller:
    number = caller_number(ring or rng.choice("0011123"), talk, deed, next(_serials))
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    return Caller(f"{way}-{queue}", number, name, round(patience * 1000), round(talks * 1000), keys, queue == "taxi" if media is None else media)


def _talks(rng: random.Random) -> float:
    return round(rng.uniform(1.0, 5.0), 2)


def _any(rng: random.Random) -> str:
    return rng.choice(world.BUSY_QUEUES)


def _desk(rng: random.Random) -> str:
    """A queue whose members are plain phones: deeds on an agent's channel need the real one."""
    return rng.choice(("bank", "shop", "alarm"))


# -- kinds: answered --------------------------------------------------------------------------------------------------


def _plain(rng: random.Random, kind: str, queue: str, way: str = "plain", ring: str = "") -> Plan:
    return Plan(kind, _caller(rng, way, queue, ring=ring, talks=_talks(rng)))


def _agent_hangs_up(rng: random.Random) -> Plan:
    return Plan("agent_hangs_up", _caller(rng, "plain", _any(rng), talk=rng.choice("1234"), talks=15))


def _hold(rng: random.Random) -> Plan:
    return Plan("hold", _caller(rng, "plain", _desk(rng), talk="1", deed=HOLD, talks=15))


def _disconnect(rng: random.Random) -> Plan:
    return Plan("feature_disconnect", _caller(rng, "cont", _desk(rng), deed=DISCONNECT, talks=15))


def _killed(rng: random.Random) -> Plan:
    return Plan("agent_killed", _caller(rng, "plain", _desk(rng), talks=15), on_connect=((_talks(rng), action("Hangup", Channel=agent)),))


def _reload(rng: random.Random) -> Plan:
    return Plan("reload_in_call", _caller(rng, "plain", _any(rng), talks=3), on_connect=((0.8, action("Command", Command="queue reload all")),))


def _pause_in_call(rng: random.Random) -> Plan:
    return Plan(
        "pause_in_call",
        _caller(rng, "plain", _any(rng), talks=3),
        on_connect=(
            (0.8, action("QueuePause", Interface=interface, Paused="true", Reason="after call")),
            (rng.uniform(4.0, 6.0), action("QueuePause", Interface=interface, Paused="false")),
        ),
    )


# -- kinds: transfers and redirects -----------------------------------------------------------------------------------


def _blind(rng: random.Random, kind: str, start: str, exten: str) -> Plan:
    return Plan(
        kind,
        _caller(rng, "plain", start, ring=rng.choice("01"), talks=4),
        on_connect=((rng.uniform(1.0, 2.0), action("BlindTransfer", Channel=agent, Context="inbound", Exten=exten)),),
    )


def _blind_other(rng: random.Random) -> Plan:
    start = _desk(rng)
    return _blind(rng, "blind_other", start, world.extension(world.NEXT_QUEUE[start]))


def _blind_same(rng: random.Random) -> Plan:
    start = _desk(rng)
    return _blind(rng, "blind_same", start, world.extension(start))


def _blind_agent(rng: random.Random) -> Plan:
    return _blind(rng, "blind_agent", _desk(rng), str(800 + world.EXPERT))


def _refer(rng: random.Random) -> Plan:
    start = _desk(rng)
    target = world.extension(rng.choice((start, world.NEXT_QUEUE[start])))
    return Plan(
        "refer",
        _caller(rng, "plain", start, ring="0", deed=REFER, talks=5),
        on_connect=((0.2, action("Setvar", Channel=channel, Variable="REFERRED", Value=target)),),
    )


def _attended(rng: random.Random, kind: str, target: Callable[[str], str], *, early: bool) -> Plan:
    """The agent consults a queue; his own hang-up completes it, before the second agent answers if `early`."""
    start = _desk(rng)
    consult = caller_number("3" if early else "0", "0", "0", next(_serials))
    return Plan(
        kind,
        _caller(rng, "plain", start, ring="0", talk="3" if early else "5", talks=10),
        on_connect=(
            (0.3, action("Setvar", Channel=agent, Variable="CALLERID(num)", Value=consult)),
            (0.6, action("Atxfer", Channel=agent, Context="inbound", Exten=world.extension(target(start)))),
        ),
    )


def _redirect_talking(rng: random.Random) -> Plan:
    exten = rng.choice(("s", world.extension(_desk(rng))))
    return Plan(
        "redirect_talking",
        _caller(rng, "plain", _any(rng), talks=6),
        on_connect=((rng.uniform(1.0, 2.5), action("Redirect", Channel=channel, Context="moved", Exten=exten, Priority="1")),),
    )


def _redirect_waiting_plan(rng: random.Random) -> Plan:
    queue = _any(rng)
    exten = rng.choice(("s", world.extension(world.NEXT_QUEUE[queue])))
    return Plan("redirect_waiting", _caller(rng, "plain", queue, ring=NEVER, patience=6), on_join=((rng.uniform(0.5, 2.5), redirect_waiting(exten)),))


# -- kinds: not answered ----------------------------------------------------------------------------------------------


def _abandon(rng: random.Random, kind: str, low: float, high: float) -> Plan:
    return Plan(kind, _caller(rng, "plain", _any(rng), ring=NEVER, patience=rng.uniform(low, high)))


def _abandon_answered(rng: random.Random) -> Plan:
    return Plan("abandon_after_ivr", _caller(rng, "answered", _any(rng), ring=NEVER, talks=rng.uniform(2.5, 5.0)))


def _hung_up_by_ami(rng: random.Random) -> Plan:
    return Plan("waiting_killed", _caller(rng, "plain", _any(rng), ring=NEVER), on_join=((rng.uniform(1.0, 4.0), action("Hangup", Channel=channel)),))


def _ring_no_answer(rng: random.Random) -> Plan:
    return Plan("ring_no_answer", _caller(rng, "plain", rng.choice(("bank", "shop")), ring=rng.choice((ODD_NEVER, ODD_BUSY)), talks=2, patience=15))


def _refused(rng: random.Random) -> Plan:
    """Every phone refuses: the queue goes round them until the caller has enough."""
    return Plan("refused", _caller(rng, "plain", _desk(rng), ring=BUSY, patience=rng.uniform(2.5, 4.0)))


def _timeout(rng: random.Random, kind: str, way: str, ring: str) -> Plan:
    queue = "alarm" if way == "round" else rng.choice(("bank", "shop", "taxi"))  # one round is over soonest there
    return Plan(kind, _caller(rng, way, queue, ring=ring, talks=2, patience=9))


def _key(rng: random.Random, kind: str, key: str) -> Plan:
    return Plan(kind, _caller(rng, "key", _any(rng), ring=NEVER, talks=5, keys=((rng.randrange(600, 3500), key),)))


def _withdrawn(rng: random.Random) -> Plan:
    return Plan(
        "withdrawn",
        _caller(rng, rng.choice(("plain", "cont")), _any(rng), ring=NEVER, patience=8),
        on_join=((rng.uniform(0.5, 2.5), action("QueueWithdrawCaller", Queue=lambda call: call.queue, Caller=channel)),),
    )


def _greet_abandon(rng: random.Random) -> Plan:
    """Hangs up while the member's gosub or announcement runs: ABANDON with the member's name."""
    return Plan("gosub_abandon", _caller(rng, rng.choice(("greet", "announce")), _desk(rng), ring="0", patience=1.5))


def _agent_dumps(rng: random.Random) -> Plan:
    """The agent hangs up during the announcement: AGENTDUMP, and the caller stays in the queue."""
    return Plan("agent_dumps", _caller(rng, "announce", _desk(rng), ring="0", talk="1", patience=rng.uniform(3.5, 5)))


# -- kinds: no queue, or no caller ------------------------------------------------------------------------------------


def _agent_dials(rng: random.Random) -> Plan:
    number = rng.choice((3, 7, 12))
    return Plan("agent_dials", Caller(f"04{rng.randrange(10**8):08d}", f"agent{number}", f"Agent {number}", 15000, round(_talks(rng) * 1000)))


def _click_to_call(rng: random.Random) -> Plan:
    number = rng.choice((2, 6, 13))
    return Plan(
        "click_to_call",
        at_once=(
            (
                0.0,
                action(
                    "Originate",
                    Channel=f"PJSIP/agent{number}",
                    Context="desk",
                    Exten=f"04{rng.randrange(10**8):08d}",
                    Priority="1",
                    CallerID=f"Click <{caller_number('0', '3', '0', next(_serials))}>",
                    Timeout="8000",
                    Async="true",
                ),
            ),
        ),
    )


def _originated(rng: random.Random) -> Plan:
    caller = _caller(rng, "plain", _desk(rng), ring="0")
    return Plan(
        "originated_caller",
        caller,
        dials=False,
        at_once=(
            (
                0.0,
                action(
                    "Originate",
                    Channel=f"Local/{caller.dialled}@inbound/n",
                    Application="Wait",
                    Data="4",
                    CallerID=f"{caller.name} <{caller.number}>",
                    Timeout="9000",
                    Async="true",
                ),
            ),
        ),
    )


def _pauses(rng: random.Random) -> Plan:
    phone, reason = f"PJSIP/agent{rng.choice((1, 4, 6))}", rng.choice(PAUSE_REASONS)
    return Plan("pause", at_once=((0.0, pause(phone, reason, True)), (rng.uniform(2, 6), pause(phone, "", False))))


def _double_pause(rng: random.Random) -> Plan:
    phone, (first, second) = f"PJSIP/agent{rng.choice((2, 3, 7))}", rng.sample(PAUSE_REASONS, 2)
    return Plan(
        "double_pause",
        at_once=((0.0, pause(phone, first, True)), (1.5, pause(phone, second, True)), (rng.uniform(3, 6), pause(phone, "", False))),
    )


def _pause_one_queue(rng: random.Random) -> Plan:
    queue = rng.choice(("bank", "shop"))
    return Plan("pause_one_queue", at_once=((0.0, pause("PJSIP/agent5", "", True, queue)), (rng.uniform(2, 5), pause("PJSIP/agent5", "", False, queue))))


def _dynamic(rng: random.Random) -> Plan:
    number, queue = world.DYNAMIC[next(_serials) % 2], rng.choice(("bank", "shop", "alarm"))
    phone = f"PJSIP/agent{number}"
    return Plan(
        "dynamic_member",
        at_once=(
            (0.0, action("QueueAdd", Queue=queue, Interface=phone, MemberName=f"{world.GUEST} {number}")),
            (rng.uniform(8, 15), action("QueueRemove", Queue=queue, Interface=phone)),
        ),
    )


KINDS = {
    kind.name: kind
    for kind in (
        Kind("plain_bank", 6, lambda rng: _plain(rng, "plain_bank", "bank"), filler=True),
        Kind("plain_shop", 6, lambda rng: _plain(rng, "plain_shop", "shop"), filler=True),
        Kind("local_member", 10, lambda rng: _plain(rng, "local_member", "taxi"), filler=True),
        Kind("ring_all", 5, lambda rng: _plain(rng, "ring_all", "alarm"), filler=True),
        Kind("after_ivr", 2, lambda rng: _plain(rng, "after_ivr", _any(rng), "answered")),
        Kind("member_gosub", 3, lambda rng: _plain(rng, "member_gosub", _desk(rng), rng.choice(("greet", "announce")), "0")),
        Kind("agent_hangs_up", 5, _agent_hangs_up, filler=True),
        Kind("hold", 3, _hold),
        Kind("feature_disconnect", 2, _disconnect),
        Kind("agent_killed", 2, _killed),
        Kind("reload_in_call", 2, _reload),
        Kind("pause_in_call", 2, _pause_in_call),
        Kind("blind_other", 3, _blind_other),
        Kind("blind_same", 2, _blind_same),
        Kind("blind_agent", 2, _blind_agent),
        Kind("refer", 2, _refer),
        Kind("attended_other", 2, lambda rng: _attended(rng, "attended_other", world.NEXT_QUEUE.__getitem__, early=False)),
        Kind("attended_same", 2, lambda rng: _attended(rng, "attended_same", str, early=False)),
        Kind("attended_early", 2, lambda rng: _attended(rng, "attended_early", world.NEXT_QUEUE.__getitem__, early=True)),
        Kind("redirect_talking", 3, _redirect_talking),
        Kind("redirect_waiting", 3, _redirect_waiting_plan),
        Kind("abandon", 4, lambda rng: _abandon(rng, "abandon", 2.5, 5.5), filler=True),
        Kind("short_abandon", 4, lambda rng: _abandon(rng, "short_abandon", 0.3, 1.6), filler=True),
        Kind("abandon_after_ivr", 2, _abandon_answered),
        Kind("waiting_killed", 2, _hung_up_by_ami),
        Kind("ring_no_answer", 4, _ring_no_answer),
        Kind("refused", 2, _refused),
        Kind("timeout_hangup", 3, lambda rng: _timeout(rng, "timeout_hangup", "hangup", NEVER)),
        Kind("timeout_goodbye", 2, lambda rng: _timeout(rng, "timeout_goodbye", "goodbye", NEVER)),
        Kind("timeout_other", 3, lambda rng: _timeout(rng, "timeout_other", "over", "3")),
        Kind("timeout_again", 3, lambda rng: _timeout(rng, "timeout_again", "again", "3")),
        Kind("option_n", 3, lambda rng: _timeout(rng, "option_n", "round", NEVER)),
        Kind("key_exit", 3, lambda rng: _key(rng, "key_exit", "5")),
        Kind("key_then_hangup", 2, lambda rng: _key(rng, "key_then_hangup", "6")),
        Kind("leave_empty", 4, lambda rng: _plain(rng, "leave_empty", "void", rng.choice(("plain", "cont")))),
        Kind("withdrawn", 3, _withdrawn),
        Kind("gosub_abandon", 4, _greet_abandon),
        Kind("agent_dumps", 3, _agent_dumps),
        Kind("originated_caller", 2, _originated),
        Kind("agent_dials", 3, _agent_dials),
        Kind("click_to_call", 2, _click_to_call),
        Kind("pause", 4, _pauses),
        Kind("double_pause", 3, _double_pause),
        Kind("pause_one_queue", 2, _pause_one_queue),
        Kind("dynamic_member", 4, _dynamic),
    )
}
