"""Agents' time: every person on the floor is in exactly one state at every moment, so the seconds sum to the wall's.

Pure. The static members are on the floor all the time; dynamic ones from QueueMemberAdded to QueueMemberRemoved. Talk is
held against the bridges, overlapping legs of one person counted once. Next to `judge.py`, which counts calls.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection

from tests.lab import world
from tests.lab.judge import EXITS, LEG_TOLERANCE_US, Figures, Rows, Scrape, Verdict
from tests.lab.truth import Leg

EDGE_SECONDS = 0.15  # how late a scrape can notice the end of a tick
NAME = "callcenter_agent_seconds_total"
ENDS = {"CONNECT", "ABANDON", *EXITS}
Spans = list[tuple[float, float]]


def person(interface: str) -> str:
    """`PJSIP/agent8` and `Local/agent8@localagents/n` are one person here."""
    found = re.search(r"agent\d+", interface)
    return found[0] if found else interface


def named(member: str) -> str:
    """The person of a member's name, which may be all that queue_log told of them."""
    names = {each.split(",")[2]: person(each) for queue in world.QUEUES for each in queue.members}
    return names.get(member) or person(member.replace(f"{world.GUEST} ", "agent"))


def union(spans: Spans) -> float:
    """Seconds covered by at least one span."""
    total, reach = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reach))
        reach = max(reach, end)
    return total


def seconds(first: Scrape, last: Scrape, **labels: str) -> float:
    return last.total(NAME, **labels) - first.total(NAME, **labels)


def on_the_floor(start: float, end: float, members: list[tuple[float, str, str]]) -> dict[str, Spans]:
    """By person: when he was a member of any queue, clipped to the watched time."""
    spans: dict[str, Spans] = {person(member): [(start, end)] for queue in world.QUEUES for member in queue.members}
    inside: dict[str, list[float]] = defaultdict(list)  # a person may be a member of several queues at once
    for at, what, interface in sorted(members):
        who = person(interface)
        if what == "Added":
            inside[who].append(at)
        elif inside[who]:
            spans.setdefault(who, []).append((max(start, inside[who].pop(0)), min(end, at)))
    for who, since in inside.items():
        spans.setdefault(who, []).extend((max(start, at), end) for at in since)
    return spans


def floor_time(first: Scrape, last: Scrape, start: float, end: float, members: list[tuple[float, str, str]], legs: list[Leg]) -> Verdict:
    """All states together against the wall; a removed member still talking may be counted until he is done."""
    verdict = Verdict()
    spans = on_the_floor(start, end, members)
    expected = sum(union(each) for each in spans.values())
    talks = _talks(legs)
    overtime = sum(union(spans.get(who, []) + talks[who]) - union(spans.get(who, [])) for who in talks)
    slack = EDGE_SECONDS * len(spans)
    got = seconds(first, last)
    if not expected - slack <= got <= expected + overtime + slack:
        verdict.problems.append(f"agents' seconds: the daemon says {got:.2f}, {len(spans)} people were {expected:.2f} s on the floor")
    if overtime > 0.05:
        verdict.allowances.append(f"{overtime:.2f} s talked by people who were no members any more")
    return verdict


def talk_time(first: Scrape, last: Scrape, legs: list[Leg]) -> Verdict:
    verdict = Verdict()
    expected = sum(union(spans) for spans in _talks(legs).values())
    got = seconds(first, last, state="talk") + seconds(first, last, state="hold")
    if abs(got - expected) > LEG_TOLERANCE_US / 1e6 * max(1, len(legs)):
        verdict.problems.append(f"agents' talk + hold: the daemon says {got:.3f} s, the bridges {expected:.3f} s")
    return verdict


def no_answers(scrape: Scrape, counted: dict[str, Figures]) -> Verdict:
    """Ring-no-answers of the group; under ring-all only rounds that nobody answered count."""
    verdict = Verdict()
    sure = sum(each.no_answers for queue, each in counted.items() if world.queue(queue).strategy != "ringall")
    ringall = sum(each.no_answers for each in counted.values()) - sure
    verdict.between("ring no answer", scrape.total("callcenter_agent_ring_no_answer_total"), sure, sure + ringall, f"{ringall} rows of ring-all queues")
    return verdict


def no_answers_of(rows: Rows, but: Collection[int] = ()) -> Counter[str]:
    """By person, `but` those of these seconds; under ring-all only those of callers whom nobody answered then."""
    found: Counter[str] = Counter()
    for index, (at, callid, queue, member, verb, *_) in enumerate(rows):
        if verb != "RINGNOANSWER" or int(at) in but:
            continue
        end = next((row[4] for row in rows[index:] if row[1:3] == [callid, queue] and row[4] in ENDS), "")
        if end != "CONNECT" or world.queue(queue).strategy != "ringall":
            found[named(member)] += 1
    return found


def _talks(legs: list[Leg]) -> dict[str, Spans]:
    talks: dict[str, Spans] = defaultdict(list)
    for leg in legs:
        talks[person(leg.agent)].append((leg.start_us / 1e6, leg.end_us / 1e6))
    return talks
