"""A contact of another channel as a program writes it:
`{"key", "channel", "arrived_at", "answered_at"?, "ended_at"?, "outcome", "handle_seconds"?}`, one or a list.

Owns its keys and the line that says what is wrong with them. A key may be a caller's number, so no line repeats it. Refuses deciding what is accepted
(`core.channel_contacts`). Next: `mqtt.commands` tells a desk.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Final

from monitor.core.channel_contacts import ChannelContact, flaw
from monitor.core.contract import SECOND, Contract
from monitor.core.counters import Outcome
from monitor.core.incident_log import Refusal
from monitor.outputs.told.reading import WrongError, instant, known_keys

LIKE: Final = 'send {"key": "chat 4711", "channel": "chat", "arrived_at": "2026-12-25T14:00:00+02:00", "outcome": "abandoned"}'
LONGEST_S: Final = 7 * 86_400
_OUTCOMES: Final = (Outcome.ANSWERED, Outcome.ABANDONED)
_KEYS: Final = ("key", "channel", "arrived_at", "answered_at", "ended_at", "outcome", "handle_seconds")
_MOMENT: Final = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the project's time"


def read(sent: object, project: str, contract: Contract) -> ChannelContact:
    """The contact of a project that an object tells of."""
    if not isinstance(sent, dict):
        raise WrongError(f"the body is not an object, nor a list of them; {LIKE}")
    known_keys(sent, _KEYS)
    for name, said in (("project", project), ("key", sent.get("key")), ("channel", sent.get("channel"))):
        if (problem := flaw(name, said)) is not None:
            raise WrongError(problem)
    agreed = contract.project.get(project)
    zone = UTC if agreed is None else agreed.zone
    arrived = _at(sent, "arrived_at", zone)
    if arrived is None:
        raise WrongError(f"arrived_at is missing; {_MOMENT}")
    return ChannelContact(
        project=project,
        channel=sent["channel"],
        key=sent["key"],
        arrived_at=arrived,
        outcome=_outcome(sent.get("outcome")),
        answered_at=_at(sent, "answered_at", zone),
        ended_at=_at(sent, "ended_at", zone),
        handle_us=_handle_us(sent.get("handle_seconds")),
    )


def read_or_refuse(sent: object, project: str, contract: Contract) -> ChannelContact | Refusal:
    """The same of one in a list: what nobody can mean is answered in its place."""
    try:
        return read(sent, project, contract)
    except WrongError as error:
        return Refusal(str(error))


def _at(sent: dict[str, object], name: str, zone: tzinfo) -> int | None:
    value = sent.get(name)
    if value is None:
        return None
    at = instant(value, zone)
    if at is None:
        raise WrongError(f"{name} is not a time; {_MOMENT}")
    return at


def _outcome(value: object) -> Outcome:
    found = next((one for one in _OUTCOMES if one.value == value), None)
    if found is None:
        raise WrongError(f"outcome is not one of {', '.join(_OUTCOMES)}; say how the contact ended")
    return found


def _handle_us(value: object) -> int:
    number = 0 if value is None else value if isinstance(value, int | Decimal) and not isinstance(value, bool) else -1
    if not 0 <= number <= LONGEST_S:
        raise WrongError(f"handle_seconds is not a number of seconds; write one from 0 to {LONGEST_S}, without quotes")
    return int(number * SECOND)
