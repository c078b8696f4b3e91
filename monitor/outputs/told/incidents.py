"""An incident as a program writes it: `{"kind", "scope"?, "since"?, "recovery_minutes"?, "note"?}`.

Owns its keys and the line that says what is wrong with them. Refuses deciding what is accepted (`core.incident_log`). Next: `web.incidents` and
`mqtt.commands` tell a desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final

from monitor.core.contract import MINUTE
from monitor.core.incidents import NOTE, Incident, IncidentKind, Scope
from monitor.outputs.told.reading import WrongError, instant, known_keys, shown

LIKE: Final = 'send {"kind": "air_raid"}'
LONGEST_RECOVERY_MINUTES: Final = 24 * 60
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the site's time"


def read(sent: object, now: int, zone: tzinfo, who: str) -> Incident:
    """The incident that an object tells of; it has no number yet."""
    if not isinstance(sent, dict):
        raise WrongError(f"the body is not an object; {LIKE}")
    known_keys(sent, ("kind", *_KEYS))
    if "kind" not in sent:
        raise WrongError(f"kind is missing; say one of {', '.join(IncidentKind)}")
    kind = _kind(sent["kind"])
    given = {key: _KEYS[key](value, zone) for key, value in sent.items() if key != "kind" and value is not None}
    recovery = {"recovery_us": given["recovery_minutes"]} if "recovery_minutes" in given else {}
    return Incident("", kind, given.get("scope", Scope()), given.get("since", now), note=given.get("note", ""), who=who, **recovery)


def _kind(value: object) -> IncidentKind:
    try:
        return IncidentKind(value)  # type: ignore[arg-type]  # anything may be sent
    except ValueError:
        raise WrongError(f"kind {shown(value)} is not one of {', '.join(IncidentKind)}") from None


def _scope(value: object, _: tzinfo) -> Scope:
    try:
        return Scope.of(value if isinstance(value, str) and len(value) <= NOTE and value.isprintable() else "")
    except ValueError as error:
        raise WrongError(f"scope {shown(value)} {error}") from None


def _since(value: object, zone: tzinfo) -> int:
    at = instant(value, zone)
    if at is None:
        raise WrongError(f"since {shown(value)} is not a time; {_MOMENT}")
    return at


def _recovery_us(value: object, _: tzinfo) -> int:
    number = value if isinstance(value, int | Decimal) and not isinstance(value, bool) else -1
    if not 0 <= number <= LONGEST_RECOVERY_MINUTES:
        raise WrongError(f"recovery_minutes {shown(value)} is not a number of minutes; write one from 0 to {LONGEST_RECOVERY_MINUTES}, without quotes")
    return int(number * MINUTE)


def _note(value: object, _: tzinfo) -> str:
    if not isinstance(value, str) or len(value) > NOTE or not value.isprintable():
        raise WrongError(f"note {shown(value)} is not a remark on one line of at most {NOTE} letters; shorten it")
    return value


_KEYS: Final[Mapping[str, Callable[[object, tzinfo], Any]]] = {"scope": _scope, "since": _since, "recovery_minutes": _recovery_us, "note": _note}
