"""Random life on the outbound floor: people call in, agents and dialers call out, calls are held and handed on.

Owns the table of what happens how often (`KINDS`). One thing begins at a time, and only with phones that are free: what is counted then does not hang on
who was rung while he dialled. What has to come of it is in the campaign's list.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable

from tests.lab import carrier, outbound
from tests.lab.campaign import Attempt, Campaign, Deed, attended, blind
from tests.lab.phones import HELD, NEVER, RESUMED

SEEN_SECONDS = 5.0
EVERYBODY = (*range(1, 12), 13, 14)  # phone 12's calls take two trunks
SHOP_DESKS = outbound.DESKS["out-shop"][1]
Kind = Callable[[Campaign, random.Random], Awaitable[bool]]  # False: nobody is free for it


def _chosen(campaign: Campaign, rng: random.Random, phones: Iterable[int] = EVERYBODY) -> int:
    free = campaign.free(phones)
    return campaign.promise(rng.choice(free)) if free else 0


def _dial(kind: str, fate: str = "", stay: str = carrier.LONG, *, phones: Iterable[int] = EVERYBODY, **how: float) -> Kind:
    async def play(campaign: Campaign, rng: random.Random) -> bool:
        phone = _chosen(campaign, rng, phones)
        if phone:
            number = campaign.person(fate or rng.choice((carrier.SLOW, carrier.ANSWERS, carrier.HEARD)), stay)
            campaign.dials(kind, phone, number, patience=how.get("patience", 30.0), talks=how.get("talks", 30.0))
        return bool(phone)

    return play


def _handed_on(kind: str, to: Callable[[str], Deed], talks: float = 30.0) -> Kind:
    """An agent calls and hands the answered one to whoever is free then."""

    async def play(campaign: Campaign, rng: random.Random) -> bool:
        phone = _chosen(campaign, rng, outbound.QUEUES["shop"])

        async def deed(driver: Campaign, attempt: Attempt) -> None:
            other = _chosen(driver, rng, (10, 11, 12))
            if other:
                attempt.kind = f"{kind}, done"
                await to(str(800 + other))(driver, attempt)

        if phone:
            campaign.dials(kind, phone, campaign.person(stay=carrier.LONGER, ring="0"), talks=talks, steps=((2.0, deed),))
        return bool(phone)

    return play


def _into_queue(queue: str) -> Kind:
    async def play(campaign: Campaign, rng: random.Random) -> bool:
        phone = _chosen(campaign, rng, SHOP_DESKS)
        if phone:
            number = campaign.person(stay=carrier.LONGER, ring="0")
            campaign.dials("into_queue", phone, number, steps=((2.5, blind(outbound.EXTENSIONS[queue])),))
        return bool(phone)

    return play


async def _hold(campaign: Campaign, rng: random.Random) -> bool:
    phone = _chosen(campaign, rng)
    if phone:
        campaign.dials("hold", phone, campaign.person(stay=carrier.LONGER), keys=((1500, HELD), (rng.randrange(1500, 4000), RESUMED)))
    return bool(phone)


def _click(kind: str, **person: str) -> Kind:
    async def play(campaign: Campaign, rng: random.Random) -> bool:
        phone = _chosen(campaign, rng)
        if phone:
            await campaign.clicks(kind, phone, campaign.person(**person))
        return bool(phone)

    return play


async def _click_local(campaign: Campaign, rng: random.Random) -> bool:
    phone = _chosen(campaign, rng)
    if phone:
        channel = f"Local/{800 + phone}@floor{rng.choice(('', '/n'))}"
        await campaign.clicks("click_local", phone, campaign.person(carrier.HEARD, carrier.LONGER), Channel=channel)
    return bool(phone)


async def _application(campaign: Campaign, rng: random.Random) -> bool:
    phone = _chosen(campaign, rng, SHOP_DESKS)
    if phone:
        await campaign.applies("application", phone, campaign.person())
    return bool(phone)


async def _call_file(campaign: Campaign, rng: random.Random) -> bool:
    phone = _chosen(campaign, rng)
    if phone:
        campaign.call_file("call_file", phone, campaign.person())
    return bool(phone)


def _dialer(kind: str, fate: str = carrier.ANSWERS, stay: str = carrier.LONGER, *, ring: str = "1", file: bool = False) -> Kind:
    async def play(campaign: Campaign, rng: random.Random) -> bool:
        if not campaign.free(outbound.QUEUES["sales"]):
            return False
        number = campaign.person(fate, stay, ring=ring)
        if file:
            campaign.call_file(kind, 0, number)
        else:
            await campaign.dialer(kind, number, local=rng.random() < 0.5)
        return True

    return play


def _caller(queue: str, *, patience: float = 30.0, ring: str = "1") -> Kind:
    async def play(campaign: Campaign, rng: random.Random) -> bool:
        campaign.calls_in(f"plain-{queue}", campaign.person(ring=ring), patience=patience, talks=rng.uniform(2.0, 5.0))
        return True

    return play


async def _callback(campaign: Campaign, rng: random.Random) -> bool:
    """Somebody gives up waiting for the shop; another agent rings him back, once nobody waits."""
    number = campaign.person(ring=NEVER)
    campaign.calls_in("plain-shop", number, patience=rng.uniform(3.0, 5.0))

    async def later() -> None:
        await asyncio.sleep(6.0)
        while not (phone := _chosen(campaign, rng, outbound.QUEUES["shop"])):
            await asyncio.sleep(0.3)
        campaign.dials("callback", phone, number)

    campaign.meanwhile(later())
    return True


KINDS: dict[str, tuple[int, Kind]] = {
    "call_shop": (6, _caller("shop")),
    "call_bank": (4, _caller("bank")),
    "abandon_bank": (2, _caller("bank", patience=3.0, ring=NEVER)),
    "answered": (8, _dial("answered")),
    "short": (4, _dial("short", "", carrier.SHORT)),
    "agent_ends": (3, _dial("agent_ends", carrier.ANSWERS, carrier.UNTIL_BYE, talks=11.0)),
    "agent_ends_early": (2, _dial("agent_ends_early", carrier.SLOW, carrier.UNTIL_BYE, talks=4.0)),
    "busy": (4, _dial("busy", carrier.BUSY)),
    "declined": (2, _dial("declined", carrier.DECLINES)),
    "forbidden": (1, _dial("forbidden", carrier.FORBIDDEN)),
    "broken": (1, _dial("broken", carrier.BROKEN)),
    "congested": (2, _dial("congested", carrier.CONGESTED)),
    "unknown": (2, _dial("unknown", carrier.UNKNOWN)),
    "ringout": (3, _dial("ringout", carrier.RINGS_OUT)),
    "cancelled": (3, _dial("cancelled", carrier.RINGS_OUT, patience=3.0)),
    "device_only": (2, _dial("device_only", phones=(10, 11))),
    "hold": (3, _hold),
    "click": (3, _click("click")),
    "click_short": (1, _click("click_short", stay=carrier.SHORT)),
    "click_busy": (1, _click("click_busy", fate=carrier.BUSY)),
    "click_unanswered": (1, _click("click_unanswered", ring=NEVER)),
    "click_local": (2, _click_local),
    "application": (2, _application),
    "call_file": (2, _call_file),
    "call_file_queue": (1, _dialer("call_file_queue", file=True)),
    "dialer": (4, _dialer("dialer")),
    "dialer_busy": (2, _dialer("dialer_busy", carrier.BUSY)),
    "dialer_ringout": (2, _dialer("dialer_ringout", carrier.RINGS_OUT)),
    "dialer_abandon": (2, _dialer("dialer_abandon", stay=carrier.SHORT, ring=NEVER)),
    "blind_agent": (2, _handed_on("blind_agent", blind)),
    "attended_agent": (2, _handed_on("attended_agent", attended, talks=6.0)),
    "into_queue": (2, _into_queue("bank")),
    "callback": (2, _callback),
}


async def play(campaign: Campaign, rng: random.Random, calls: int, gap: float) -> None:
    """So many calls, of every kind at least one if they are enough; then until it is calm."""
    names = [name for name, (times, _) in KINDS.items() for _ in range(times)]
    order = [*rng.sample(list(KINDS), len(KINDS)), *(rng.choice(names) for _ in range(calls))][:calls]
    for name in sorted(order, key=lambda name: name != "callback"):  # which takes longest
        before = campaign.met
        while not await KINDS[name][1](campaign, rng):
            await asyncio.sleep(0.2)
        end = time.monotonic() + SEEN_SECONDS
        while campaign.met == before:
            assert time.monotonic() < end, f"{name} never reached the PBX: {campaign.failures}"
            await asyncio.sleep(0.02)
        await asyncio.sleep(min(3.0, rng.expovariate(1 / gap)))
    await campaign.calm()
