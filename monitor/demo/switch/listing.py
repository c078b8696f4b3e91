"""What the PBX answers when asked: queues, channels, itself.

Owns the shape of list items, without ActionID and the frame around a list, which `pbx` adds. Refuses to change anything.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from monitor.core.contract import SECOND
from monitor.demo.switch.app_queue import AppQueue, Figures
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.roster import Roster
from monitor.demo.switch.specs import Message, QueueSpec

VERSION = "22.10.1"
NOBODY = "unknown"


def queue_status(exchange: Exchange, roster: Roster, app_queue: AppQueue, queue: str | None) -> list[Message]:
    """QueueParams, QueueMember and QueueEntry of one queue or all."""
    rows: list[Message] = []
    for name, spec in roster.queues.items():
        if queue not in (None, name):
            continue
        line = app_queue.waiting[name]
        rows.append(
            {"Event": "QueueParams", "Queue": name, "Max": "0", "Strategy": spec.strategy, "Calls": str(len(line)), **_figures(spec, app_queue.figures[name])}
        )
        rows += [
            {"Event": "QueueMember", "Queue": name, "Name": member.spec.name, "Location": member.spec.interface, **member.figures(), "Wrapuptime": "0"}
            for member in roster.members[name]
        ]
        rows += [
            {
                "Event": "QueueEntry",
                "Queue": name,
                "Position": str(entry.position),
                "Channel": entry.caller.name,
                "Uniqueid": entry.caller.uniqueid,
                "CallerIDNum": entry.caller.number or NOBODY,
                "CallerIDName": entry.caller.caller_name or NOBODY,
                "ConnectedLineNum": entry.caller.connected or NOBODY,
                "ConnectedLineName": entry.caller.connected_name or NOBODY,
                "Wait": str(exchange.second - entry.joined // SECOND),
                "Priority": "0",
            }
            for entry in line
        ]
    return rows


def _figures(spec: QueueSpec, figures: Figures) -> Message:
    done, lost = figures.completed, figures.abandoned
    first = 100 * figures.completed_in_time / done if done else 0.0
    second = 100 * (figures.completed_in_time + figures.abandoned_in_time) / (done + lost) if done + lost else 0.0
    return {
        "Holdtime": str(figures.hold_s),
        "TalkTime": str(figures.talk_s),
        "Completed": str(done),
        "Abandoned": str(lost),
        "ServiceLevel": str(spec.service_level_s),
        "ServicelevelPerf": f"{first:.1f}",
        "ServicelevelPerf2": f"{second:.1f}",
        "Weight": "0",
    }


def channels(exchange: Exchange) -> list[Message]:
    """Every channel, in the order of their making."""
    rows = []
    for channel in exchange.channels.values():
        lived = (exchange.at - channel.created) // SECOND
        rows.append(
            {
                "Event": "CoreShowChannel",
                **channel.headers(),
                "Application": channel.application,
                "ApplicationData": channel.data,
                "Duration": f"{lived // 3600:02d}:{lived // 60 % 60:02d}:{lived % 60:02d}",
                "BridgeId": channel.bridge.uniqueid if channel.bridge else "",
            }
        )
    return rows


def variable(exchange: Exchange, name: str, variable: str) -> str | None:
    """A channel's variable by the channel's name or Uniqueid; None without such a channel, "" where it is not set."""
    for channel in exchange.channels.values():
        if name in (channel.name, channel.uniqueid):
            if variable.lower() == "cdr(answer,u)":
                return f"{channel.answered // SECOND}.{channel.answered % SECOND:06d}" if channel.answered is not None else ""
            return channel.variables.get(variable.upper(), "")
    return None


def core_status(exchange: Exchange, booted_at: int, zone: tzinfo) -> Message:
    """When it started, in its own local time, and how many calls there are and were."""
    booted = datetime.fromtimestamp(booted_at // SECOND, UTC).astimezone(zone)
    return {
        "CoreStartupDate": f"{booted:%Y-%m-%d}",
        "CoreStartupTime": f"{booted:%H:%M:%S}",
        "CoreReloadDate": f"{booted:%Y-%m-%d}",
        "CoreReloadTime": f"{booted:%H:%M:%S}",
        "CoreCurrentCalls": str(len(exchange.channels)),
        "CoreProcessedCalls": str(exchange.processed),
    }


def core_settings() -> Message:
    """Its version and the settings that matter to whoever reads it."""
    return {
        "AMIversion": "11.0.0",
        "AsteriskVersion": VERSION,
        "SystemName": "",
        "CoreMaxCalls": "0",
        "CoreMaxLoadAvg": "0.000000",
        "CoreRunUser": "",
        "CoreRunGroup": "",
        "CoreMaxFilehandles": "0",
        "CoreRealTimeEnabled": "No",
        "CoreCDRenabled": "Yes",
        "CoreHTTPenabled": "No",
        "SoundsSearchCustomDir": "No",
    }
