"""What a program may send of a signal, in JSON, by whichever way it comes: `{"name", "state": "on" | "off", "region"?, "at"?, "until"?}`.

Owns the keys and the line that says what is wrong with one. Refuses deciding what is accepted (`core.signal_log`). Next: `web.signals` takes it over HTTP;
where it comes by a topic, which has the name, `mqtt.commands` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from monitor.core import regions
from monitor.outputs.told.reading import WrongError, instant, known_keys, loaded, shown

LONGEST_NAME: Final = 60
STATES: Final = {"on": True, "off": False}
_KEYS: Final = ("name", "state", "region", "at", "until")
_LIKE: Final = 'send {"name": "storm", "state": "on"}'
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the site's time"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a signal; `since` None: just now."""

    name: str
    on: bool
    region: str | None = None
    since: int | None = None
    until: int | None = None


def read(body: bytes, zone: tzinfo, name: str | None = None) -> Told:
    """What a body tells of a signal; `name` is that of the topic it came by. WrongError says what is wrong with it."""
    sent = loaded(body, _LIKE)
    if not isinstance(sent, dict):
        raise WrongError(f"the body is not an object; {_LIKE}")
    known_keys(sent, _KEYS)
    if name is not None and sent.setdefault("name", name) != name:
        raise WrongError("name is not that of the topic; leave it out")
    state = sent.get("state")
    if not isinstance(state, str) or state not in STATES:
        raise WrongError(f"state {shown(state)} is not one of on, off" if "state" in sent else "state is missing; say on or off")
    region = sent.get("region")
    if region is not None and (not isinstance(region, str) or regions.flaw(region) is not None):
        raise WrongError(f"region {shown(region)} {regions.flaw('')}")
    return Told(_name(sent.get("name")), STATES[state], region, _moment("at", sent.get("at"), zone), _moment("until", sent.get("until"), zone))


def _name(value: object) -> str:
    if value is None:
        raise WrongError(f"name is missing; {_LIKE}")
    if not isinstance(value, str) or not value or len(value) > LONGEST_NAME or not value.isprintable():
        raise WrongError(f"name {shown(value)} is not a signal's name; send one that the configuration has")
    return value


def _moment(key: str, value: object, zone: tzinfo) -> int | None:
    if value is None:
        return None
    at = instant(value, zone)
    if at is None:
        raise WrongError(f"{key} {shown(value)} is not a time; {_MOMENT}")
    return at
