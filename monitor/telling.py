"""Telling a running daemon something, and hearing what it says: incidents, signals.

Owns the way to it (its own HTTP, at the address its configuration names, with the first token that may write) and the sentence about an
incident or a signal. Refuses deciding anything: the daemon accepts or rejects. Next: `cli` prints what came of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from monitor.config import Config
from monitor.core.contract import SECOND
from monitor.errors import BadOption, DaemonAway, ToldInVain
from monitor.plural import counted

PATIENCE_S = 30.0  # a daemon that takes a gap from a log answers after it
INCIDENTS = "/api/v1/incidents"
SIGNALS = "/api/v1/signals"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the address to ask at, where it listens on all
MEANT = frozenset({401, 403, 409, 413, 429, 500, 503})  # what was said could be meant, and still it is not so


def open_incident(config: Config, told: Mapping[str, object]) -> str:
    """Say that an incident has begun; the sentence about it."""
    return sentence(_ask(config, "POST", INCIDENTS, told), config.contract.zone)


def close_incident(config: Config, number: str) -> str:
    """Say that one is over; the sentence about it."""
    return sentence(_ask(config, "POST", f"{INCIDENTS}/{quote(number, safe='')}/close", {}), config.contract.zone)


def incidents(config: Config) -> list[str]:
    """A sentence for each that matters still."""
    return [sentence(one, config.contract.zone) for one in _ask(config, "GET", INCIDENTS)["incidents"]]


def tell_signal(config: Config, told: Mapping[str, object]) -> list[str]:
    """Say that a signal is on or off; a sentence about it for each region meant."""
    return [reading(one, config.contract.zone) for one in _ask(config, "POST", SIGNALS, told)["signals"]]


def signals(config: Config) -> list[str]:
    """A sentence for each signal and region."""
    return [reading(one, config.contract.zone) for one in _ask(config, "GET", SIGNALS)["signals"]]


def since(text: str, zone: tzinfo, now: int) -> str:
    """--since: a time as the daemon reads it; a time of day alone is the last one that was."""
    try:
        of_day = time.fromisoformat(text)
    except ValueError:
        return text
    local = datetime.fromtimestamp(now / SECOND, zone)
    when = datetime.combine(local.date(), of_day)
    if when > local.replace(tzinfo=None):
        when -= timedelta(days=1)
    return when.isoformat()


# --- the way ----------------------------------------------------------------------------------------------------------------------------


def _ask(config: Config, method: str, path: str, told: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
    host, port = EVERYWHERE.get(config.web.host, config.web.host), config.web.port
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if not port:
        raise BadOption(f"--config {config.file}: [web] listen has port 0, which is any free one; name a port to be found at")
    headers, body = {"Connection": "close"}, None
    if told is not None:
        headers |= {"Content-Type": "application/json", "Authorization": f"Bearer {_secret(config)}".encode("utf-8", "surrogateescape").decode("latin-1")}
        body = json.dumps(told).encode()
    connection = HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        status, text = response.status, response.read().decode(errors="replace")
    except TimeoutError:
        raise DaemonAway(address, f"no answer within {PATIENCE_S:.0f} s", "look into the daemon's log") from None
    except ConnectionRefusedError:
        raise DaemonAway(address, "no daemon listens there", "start it, or give its own configuration") from None
    except HTTPException:
        raise DaemonAway(address, "what listens there is no Floorwatch", "give the configuration of the daemon that runs") from None
    except OSError as error:
        raise DaemonAway(address, error.strerror or "it cannot be reached", "look whether [web] listen is where it runs") from None
    finally:
        connection.close()
    try:
        answer = json.loads(text)
        problem = answer.get("error")
    except (ValueError, AttributeError):
        raise DaemonAway(address, f"what listens there is no Floorwatch of this version (status {status})", "restart the daemon") from None
    if status >= 400:
        raise ToldInVain(problem or f"{address}: status {status}", meant=status in MEANT)
    return answer


def _secret(config: Config) -> str:
    token = next((token for token in config.tokens if "write" in token.scopes), None)
    if token is None:
        make = 'openssl rand -hex 32 > /etc/floorwatch/incident-token, name it in a [[token]] with scopes = ["write"], send SIGHUP'
        raise BadOption(f"--config {config.file}: no [[token]] may write, and the daemon takes this from nobody else; {make}")
    return token.secret.reveal()


# --- words ------------------------------------------------------------------------------------------------------------------------------


def sentence(incident: Mapping[str, Any], zone: tzinfo) -> str:
    """`incident 7: air_raid of site since 2026-11-30 10:42, lasts; 3 of 10 people away, 2 talking, 4 callers waiting`."""
    begun = _local(incident["since"], zone)
    until = _local(incident["until"], zone) if incident["until"] else ""
    match incident["stage"]:
        case "ahead":
            when = f"begins {begun}" + (f", until {until}" if until else "")
        case "active":
            when = f"since {begun}, " + (f"until {until}" if until else "lasts")
        case "recovery":
            when = f"{begun} to {until}, recovers until {_local(incident['recovery_until'], zone)}"
        case _:
            when = f"{begun} to {until}"
    people = f"; {_people(incident['people'])}" if incident["people"] else ""
    note = f"; {incident['note']}" if incident["note"] else ""
    name = incident["id"] if incident["announced"] else f"incident {incident['id']}"
    return f"{name}: {incident['kind']} of {incident['scope']} {when}{people}{note}"


def reading(signal: Mapping[str, Any], zone: tzinfo) -> str:
    """`storm: thunderstorm in Kyiv, on since 2026-11-30 10:42; told by met, assumed to be over at 2026-12-01 10:42`."""
    where = f"in {signal['region']}" if signal["region"] else "everywhere"
    whose = f" for {', '.join(signal['projects'])}" if signal["projects"] else ""
    head = f"{signal['name']}: {signal['kind']} {where}{whose}"
    if not signal["on"]:
        return f"{head}, off"
    until = _local(signal["until"], zone)
    end = {"calendar": f"by its calendar, until {until}", "agreed": f"until {until}"}.get(signal["end"], f"assumed to be over at {until}")
    who = f"told by {signal['who']}, " if signal["who"] else ""
    return f"{head}, on since {_local(signal['since'], zone)}; {who}{end}"


def _people(figures: Mapping[str, Any]) -> str:
    """What is known of them; nothing that is none, but that nobody is away."""
    said = [f"{figures['away']} of {counted(figures['people'], 'agent')} away"]
    said += [f"{figures[key]} {key}" for key in ("back", "talking", "pausing", "unseen") if figures[key]]
    if figures["waiting"] is not None:
        said.append(f"{counted(figures['waiting'], 'caller')} waiting")
    return ", ".join(said)


def _local(text: str, zone: tzinfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"
