"""One look at a PBX for `check --live`: does the login work, what may it do, what would the daemon see.

Owns a single short session that reads and leaves. Refuses judging: it reports, `inspection` words the findings. It sends one action more
than the daemon ever does, ListCommands, which says what this user may run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from monitor.errors import AmiError
from monitor.sources.ami import listing, translate
from monitor.sources.ami.clock import PbxClock
from monitor.sources.ami.decoder import Decoder, Message
from monitor.sources.ami.devices import ask
from monitor.sources.ami.link import AmiSettings, Pace, connect, login
from monitor.sources.ami.protocol import ALLOWED, AmiProtocol

# What nobody needs who only watches: calls, files, commands and configuration of the PBX.
# fmt: off
TOO_WIDE = frozenset({
    "AGI", "Atxfer", "BlindTransfer", "Bridge", "ChangeMonitor", "Command", "CreateConfig", "DBDel", "DBDelTree", "DBPut", "Filter", "GetConfig",
    "GetConfigJSON", "Hangup", "MixMonitor", "ModuleLoad", "Monitor", "Originate", "Park", "QueueAdd", "QueuePause", "QueuePenalty", "QueueRemove",
    "Redirect", "SendText", "Setvar", "UpdateConfig", "UserEvent",
})
# fmt: on
REPLY_CAP = 256 << 20  # it asks for all queues at once, and is soon over
NEEDED = ("CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar", "QueueStatus")


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What one look found. `timestamps` is None when no event came to tell; without `system` restarts are seen late."""

    ami_version: str
    version: str
    offset_us: int | None
    timestamps: bool | None
    system: bool
    keeps_cdr: bool
    missing: tuple[str, ...]  # actions the daemon needs and may not run
    too_wide: tuple[str, ...]  # actions it may run and never needs
    queues_told: bool  # QueueStatus was answered: only then are no rows no queues
    static: frozenset[tuple[str, str]]  # queue and interface of members who stand in queues.conf
    seen: listing.Rows  # every queue of the PBX with its strategy, members and callers; living channels
    devices: Mapping[str, int] = field(default_factory=dict)  # what those that were asked for are, in a member's numbers


async def probe(settings: AmiSettings, now: Callable[[], int], *, devices: Sequence[str] = (), pace: Pace | None = None, listen_s: float = 3.0) -> ProbeReport:
    """Log in, look, listen until an event told about timestamps or for `listen_s`, log off. Raises an AmiError when there is no login."""
    pace = pace or Pace()
    told, booted, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
    stamped: list[bool] = []

    def hear(message: Message, _: int) -> None:
        if message["Event"] == "FullyBooted":  # has no time of its own at the login, whatever the setting
            booted.set()
        else:
            stamped.append(translate.stamped(message))
            told.set()

    protocol = await connect(settings, pace, lambda: AmiProtocol(Decoder(), now, hear, gone.set, ALLOWED | {"ListCommands"}, REPLY_CAP))
    try:
        ami_version = await login(protocol, settings, pace)
        answers = {action: await protocol.ask(action, pace.list_s) for action in ("CoreSettings", "CoreStatus", "CoreShowChannels", "QueueStatus")}
        rights = translate.commands((await protocol.ask("ListCommands", pace.list_s)).messages[0])
        clock = await _clock(protocol, pace)
        states: dict[str, int] = {}
        await ask(protocol, devices, pace.list_s, lambda device, state, _: states.update({device: state}))
        with suppress(TimeoutError):
            async with asyncio.timeout(listen_s):
                await told.wait()
        with suppress(AmiError):
            await protocol.ask("Logoff", pace.logoff_s)
    finally:
        protocol.abort()
    seen, translator = listing.Rows(), translate.Translator(settings.name, clock.offset_us or 0)
    for action in ("QueueStatus", "CoreShowChannels"):
        seen.add(translator, answers[action].messages[1:], answers[action].arrived_at)
    core = answers["CoreSettings"].messages[0]
    refused = {action for action, reply in answers.items() if not reply.ok}
    return ProbeReport(
        ami_version=ami_version,
        version=translate.version(core),
        offset_us=clock.offset_us,
        timestamps=stamped[0] if stamped else None,
        system=booted.is_set(),
        keeps_cdr=translate.keeps_cdr(core),
        missing=tuple(action for action in NEEDED if action in refused or action not in rights),
        too_wide=tuple(sorted(TOO_WIDE & rights)),
        queues_told=answers["QueueStatus"].ok,
        static=frozenset(translate.static_members(answers["QueueStatus"].messages)),
        seen=seen,
        devices=states,
    )


async def _clock(protocol: AmiProtocol, pace: Pace) -> PbxClock:
    clock = PbxClock()
    for _ in range(3):
        reply = await protocol.ask("Ping", pace.action_s)
        pbx_at = translate.pong_at(reply.messages[0])
        if pbx_at is not None:
            clock.measured(reply.sent_at, reply.arrived_at, pbx_at, clock.epoch)
    return clock
