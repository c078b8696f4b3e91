"""What calls must cost, reckoned from Asterisk's queue_log by arithmetic of its own.

`queue_log` has the length of a call in whole seconds, each end cut off by itself, so a call of d seconds lasted more than d - 1 and less than d + 1:
what is billed lies between what both would cost. Calls that were transferred are left out of that, for a row of theirs does not tell how long the
second agent talked, and sometimes not even that there was one; of those, and of everything, the daemon's money has to be what its own store says the
calls were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal

from monitor.core.chronicle import ContactEnded
from tests.lab import world
from tests.lab.judge import Rows, Verdict, once
from tests.lab.truth import Leg, Truth

COIN = Decimal("0.01")


def billed_seconds(us: int) -> int:
    """Begun seconds, and of those begun increments."""
    seconds = (us + 999_999) // 1_000_000
    return (seconds + world.INCREMENT_SECONDS - 1) // world.INCREMENT_SECONDS * world.INCREMENT_SECONDS


def price_of(seconds: int) -> Decimal:
    return (Decimal(world.MINUTE_PRICE) * seconds / 60).quantize(COIN, ROUND_HALF_UP)


def simple(rows: Rows, queues: tuple[str, ...]) -> dict[str, int]:
    """By callid, how long the call of one agent was, in whole seconds: calls that one agent answered, and that were not transferred."""
    lengths: dict[str, list[int | None]] = defaultdict(list)
    for _, callid, queue, _, verb, *data in once(rows):
        if verb in ("COMPLETECALLER", "COMPLETEAGENT"):
            lengths[callid].append(int(data[1]) if queue in queues else None)
        elif verb in ("BLINDTRANSFER", "ATTENDEDTRANSFER"):
            lengths[callid].append(None)
    answers: dict[str, int] = defaultdict(int)
    for _, callid, _, _, verb, *_ in once(rows):
        answers[callid] += verb == "CONNECT"
    return {callid: own[0] for callid, own in lengths.items() if len(own) == 1 and own[0] is not None and answers[callid] == 1}


def plain(truth: Truth) -> set[str]:
    """The callers whom one agent talked to, from the queue's answer to a hang-up: of others queue_log does not know how long all of it was.

    An agent who consults a queue begins a call of the caller's own; if he hangs up to hand him over, the PBX may log that he only hung up.
    """
    of: dict[str, list[Leg]] = defaultdict(list)
    for leg in truth.legs:
        of[leg.caller].append(leg)
    consulted = {visit.linkedid for visit in truth.visits if visit.linkedid != visit.uniqueid}
    return {caller for caller, own in of.items() if len(own) == 1 and own[0].by_queue and not own[0].quiet_end and not own[0].outlived} - consulted


def minutes(rows: Rows, contacts: Iterable[ContactEnded], queues: tuple[str, ...], callers: Collection[str]) -> Verdict:
    """What is billed of each simple call of these callers lies within what its whole seconds allow; and so does the sum."""
    verdict, lengths = Verdict(), {callid: length for callid, length in simple(rows, queues).items() if callid in callers}
    found = low = high = 0
    for one in contacts:
        if one.outcome != "answered" or one.call not in lengths:
            continue
        length, billed = lengths.pop(one.call), billed_seconds(one.talk_us + one.hold_us)
        least, most = billed_seconds(max(0, length - 1) * 1_000_000), billed_seconds((length + 1) * 1_000_000)
        if not least <= billed <= most:
            verdict.problems.append(f"{one.call}: {billed} s billed, {length} s in queue_log: {least} to {most}")
        found, low, high = found + billed, low + least, high + most
    verdict.equal("simple calls of queue_log that the store does not have", len(lengths), 0)
    verdict.between("billed seconds", found, low, high, "whole seconds")
    return verdict


def by_the_minute(contacts: Iterable[ContactEnded]) -> tuple[int, Decimal]:
    """Seconds and amount of all answered calls, each rounded by itself."""
    seconds = [billed_seconds(one.talk_us + one.hold_us) for one in contacts if one.outcome == "answered" and not one.exempt]
    return sum(seconds), sum((price_of(each) for each in seconds), Decimal(0))
