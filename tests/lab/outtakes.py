"""Records one outbound call of each kind on a real Asterisk, as the daemon would see it: `python -m tests.lab.outtakes 22 [names]`.

Owns the list of kinds (`TAKES`) and where a take goes: `tests/scenarios/captures/out-22/<name>.ami` with the lines of queue_log and Master.csv that the
PBX wrote meanwhile. What a take holds stands in that folder's README.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.lab import carrier, outbound, records, traffic
from tests.lab.campaign import CONTACT_SECONDS, Campaign, attended, blind
from tests.lab.canvass import master, prepared
from tests.lab.phones import HELD, RESUMED, Caller
from tests.lab.record import Tap

CAPTURES = Path(__file__).parent.parent / "scenarios" / "captures"
Take = Callable[[Campaign], Awaitable[None]]


def _dials(phone: int, fate: str = carrier.ANSWERS, stay: str = carrier.LONG, *, patience: float = 30.0, talks: float = 30.0) -> Take:
    async def take(campaign: Campaign) -> None:
        campaign.dials("", phone, campaign.person(fate, stay), patience=patience, talks=talks)

    return take


async def _click(campaign: Campaign) -> None:
    await campaign.clicks("", 1, campaign.person())


async def _click_synchronous(campaign: Campaign) -> None:
    await campaign.clicks("", 4, campaign.person(), Async="false", Account="clicked")


async def _click_unanswered(campaign: Campaign) -> None:
    """The agent's own phone rings and nobody picks it up: nobody was called out."""
    await campaign.clicks("", 1, campaign.person(ring="4"))


async def _application(campaign: Campaign) -> None:
    await campaign.applies("", 2, campaign.person())


async def _call_file(campaign: Campaign) -> None:
    campaign.call_file("", 3, campaign.person())


async def _call_file_queue(campaign: Campaign) -> None:
    campaign.call_file("", 0, campaign.person())


async def _dialer(campaign: Campaign) -> None:
    await campaign.dialer("", campaign.person(stay=carrier.LONGER))


async def _dialer_busy(campaign: Campaign) -> None:
    await campaign.dialer("", campaign.person(carrier.BUSY))
    await asyncio.sleep(1)
    await campaign.dialer("", campaign.person(carrier.RINGS_OUT))
    await asyncio.sleep(outbound.RING_SECONDS + 1)
    await campaign.dialer("", campaign.person(carrier.CONGESTED), local=True)


async def _local(campaign: Campaign) -> None:
    await campaign.dialer("", campaign.person(stay=carrier.LONGER), local=True)


async def _dialer_abandon(campaign: Campaign) -> None:
    for phone in outbound.QUEUES["sales"]:
        await campaign.act("QueuePause", Interface=f"PJSIP/agent{phone}", Paused="true", Reason="break")
    await campaign.dialer("", campaign.person(stay=carrier.SHORT))
    await asyncio.sleep(7)
    for phone in outbound.QUEUES["sales"]:
        await campaign.act("QueuePause", Interface=f"PJSIP/agent{phone}", Paused="false")


async def _dialer_transfer(campaign: Campaign) -> None:
    await campaign.dialer("", campaign.person(stay=carrier.LONGER), in_queue=((3.0, blind("804")),))


async def _click_local(campaign: Campaign) -> None:
    """As panels of FreePBX do it: the agent is rung through a Local channel that stays."""
    await campaign.clicks("", 1, campaign.person(), Channel="Local/801@floor/n")


async def _click_local_optimised(campaign: Campaign) -> None:
    await campaign.clicks("", 1, campaign.person(carrier.HEARD), Channel="Local/801@floor")


async def _blind(campaign: Campaign) -> None:
    campaign.dials("", 1, campaign.person(stay=carrier.LONGER, ring="0"), steps=((3.0, blind("810")),))


async def _refer(campaign: Campaign) -> None:
    campaign.dials("", 1, campaign.person(stay=carrier.LONGER, ring="0"), keys=((3000, "802"),))


async def _attended(campaign: Campaign) -> None:
    campaign.dials("", 1, campaign.person(stay=carrier.LONGER, ring="0"), talks=7.0, steps=((2.0, attended("802")),))


async def _into_queue(campaign: Campaign) -> None:
    campaign.dials("", 1, campaign.person(stay=carrier.LONGER, ring="0"), steps=((3.0, blind(outbound.EXTENSIONS["bank"])),))


async def _hold(campaign: Campaign) -> None:
    campaign.dials("", 1, campaign.person(stay=carrier.LONGER), keys=((2000, HELD), (3000, RESUMED)))


async def _callback(campaign: Campaign) -> None:
    """Who gave up waiting is rung back by another agent, from the same desks."""
    number = campaign.person(ring="4")
    campaign.calls_in("plain-shop", number, patience=6.0)
    await asyncio.sleep(9)
    campaign.dials("", 2, number)


async def _colleague(campaign: Campaign) -> None:
    """A call within the house, to a phone of which no queue knows."""
    campaign.phones.call(Caller("810", "agent4", "Agent 4", 10000, 4000))


TAKES: dict[str, Take] = {
    "answered": _dials(1),
    "answered-media": _dials(2, carrier.HEARD, carrier.LONGER),
    "short": _dials(1, stay=carrier.SHORT),
    "busy": _dials(1, carrier.BUSY),
    "rejected": _dials(1, carrier.DECLINES),
    "forbidden": _dials(1, carrier.FORBIDDEN),
    "ringout": _dials(1, carrier.RINGS_OUT),
    "congestion": _dials(1, carrier.CONGESTED),
    "unallocated": _dials(1, carrier.UNKNOWN),
    "cancelled": _dials(1, carrier.RINGS_OUT, patience=4.0),
    "agent-hangs-up": _dials(1, stay=carrier.UNTIL_BYE, talks=9.0),
    "context": _dials(4),
    "account-code": _dials(6),
    "account-code-of-the-phone": _dials(11),
    "caller-id": _dials(7),
    "prefix": _dials(8),
    "click-to-call": _click,
    "click-synchronous": _click_synchronous,
    "click-unanswered": _click_unanswered,
    "click-local": _click_local,
    "click-local-optimised": _click_local_optimised,
    "originate-application": _application,
    "call-file": _call_file,
    "call-file-queue": _call_file_queue,
    "originate-local": _local,
    "dialer-queue": _dialer,
    "dialer-failures": _dialer_busy,
    "dialer-abandon": _dialer_abandon,
    "dialer-transfer": _dialer_transfer,
    "blind-transfer": _blind,
    "refer": _refer,
    "attended-transfer": _attended,
    "into-queue": _into_queue,
    "hold": _hold,
    "device-only": _dials(10),
    "routes": _dials(12),
    "callback": _callback,
    "colleague": _colleague,
}


@asynccontextmanager
async def running(major: str) -> AsyncIterator[tuple[Path, Campaign, AsyncExitStack]]:
    """The floor of `outbound`, with its folder; what is added to the stack ends before it does."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pbx, phones, called = prepared(major, folder)
        campaign = Campaign(pbx, phones, called)
        async with AsyncExitStack() as ending:
            ending.callback(pbx.stop)
            ending.callback(phones.stop)
            ending.callback(called.stop)
            await asyncio.to_thread(pbx.start)
            phones.agents()
            called.start()
            ending.push_async_callback(campaign.close)
            await campaign.connect()
            yield folder, campaign, ending


async def take(major: str, names: list[str]) -> None:
    into = CAPTURES / f"out-{major}"
    into.mkdir(exist_ok=True)
    async with running(major) as (_, campaign, ending):
        for name in names:
            tap = Tap(into / f"{name}.ami")
            ending.push_async_callback(tap.stop)
            logs = {".queue_log": campaign.pbx.queue_log, ".cdr": master(campaign.pbx)}
            before = {kind: len(log.read_bytes()) for kind, log in logs.items()}
            await tap.start(campaign.pbx.ports.ami)
            await TAKES[name](campaign)
            await asyncio.sleep(1.5)
            await campaign.calm()
            await asyncio.sleep(1.0)
            await tap.stop()
            for kind, log in logs.items():
                if written := log.read_bytes()[before[kind] :]:
                    (into / f"{name}{kind}").write_bytes(written)
            print(major, name, [(each.number, each.statuses) for each in campaign.attempts[-3:]], campaign.lines.calls()[-1:], campaign.failures)
            campaign.attempts.clear()
            campaign.failures.clear()


def told(campaign: Campaign) -> dict[str, object]:
    """What has to be counted of it, by project."""
    projects: dict[str, Counter[str]] = {project.name: Counter() for project in outbound.PROJECTS}
    for each in campaign.placed:
        counted = projects[each.project]
        counted["attempts"] += 1
        counted[each.status.lower()] += 1
        counted["contacts"] += each.up_s >= CONTACT_SECONDS
    phones = Counter(each.phone for each in campaign.placed if each.phone)
    listed = [
        {"kind": each.kind, "project": each.project, "phone": each.phone, "number": each.number, "status": each.status, "up_s": round(each.up_s, 3)}
        for each in campaign.placed
    ]
    return {"projects": projects, "phones": {f"agent{phone}": count for phone, count in sorted(phones.items())}, "attempts": listed}


async def mixed(major: str, seed: int, calls: int) -> None:
    """Two minutes of random life: `mixed-out-22/` with the raw session, both logs and `truth.json`."""
    into = CAPTURES / f"mixed-out-{major}"
    into.mkdir(exist_ok=True)
    async with running(major) as (folder, campaign, ending):
        tap = Tap(folder / "ami.raw")
        ending.push_async_callback(tap.stop)
        await tap.start(campaign.pbx.ports.ami)
        await traffic.play(campaign, random.Random(seed), calls, 0.6)
        await asyncio.sleep(2.0)
        await tap.stop()
        (into / "ami.raw.gz").write_bytes(gzip.compress((folder / "ami.raw").read_bytes(), mtime=0))
        shutil.copy(campaign.pbx.queue_log, into / "queue_log")
        shutil.copy(master(campaign.pbx), into / "Master.csv")
        (into / "truth.json").write_text(json.dumps(told(campaign), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(major, told(campaign)["projects"], campaign.failures, len(campaign.lines.calls()), len(campaign.placed))
        cdr = records.read((into / "Master.csv").read_text(encoding="utf-8").splitlines())
        print(len(cdr), Counter(each.disposition for each in cdr))


if __name__ == "__main__":
    if sys.argv[2:3] == ["mixed"]:
        asyncio.run(mixed(sys.argv[1], int(sys.argv[3]), int(sys.argv[4])))
    else:
        asyncio.run(take(sys.argv[1], sys.argv[2:] or list(TAKES)))
