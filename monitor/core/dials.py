"""Dials: somebody is being called, and how that ended; and of the number no more than may be kept.

Owns these two events and the reduction of the first: whose outbound call it is, and where it goes, is found while the number is there, and
before anything is written down the number goes. Refuses meaning (`attempts`). Next: `switchboard` hears of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.core.channels import device_of
from monitor.core.events import Event, Position
from monitor.core.numbers import caller_key
from monitor.core.outgoing import Dialled

if TYPE_CHECKING:
    from monitor.core.contract import Contract

ANSWERED = "answer"


@dataclass(frozen=True, slots=True)
class LegDialled(Event):
    """A dial began towards `leg`; `caller` is None for originated and local dials. `number`, `account` and `caller_id` are what it was dialled with,
    until it is reduced to the `project` whose outbound call it would be, the `region` he is in, which the dialplan may have said, and by what he is
    known who is called, `whom`."""

    caller: str | None
    leg: str
    leg_channel: str
    position: Position | None = None
    number: str = ""
    account: str = ""
    caller_id: str = ""
    project: str = ""
    region: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class LegResolved(Event):
    """A dial ended; `answered` or not. May come twice for one attempt. `status` is the PBX's word for it, in small letters."""

    caller: str | None
    leg: str
    answered: bool
    position: Position | None = None
    status: str = ""


def reduced(event: LegDialled, contract: Contract) -> LegDialled:
    """The same event without the number; of one that was reduced already, itself."""
    whose = event.project
    if not whose and not event.leg_channel.startswith("Local/"):  # behind a Local channel somebody dials in earnest
        context, keyed = ("", "") if event.position is None else (event.position.context, event.position.exten)
        whose = contract.dialled_for(Dialled(event.pbx, device_of(event.leg_channel), event.account, context, event.number, event.caller_id, keyed))
    project = contract.project.get(whose)
    region = "" if project is None else contract.regions.of(project, event.number, event.region) or ""
    if (whose, region) == (event.project, event.region) and not (event.number or event.account or event.caller_id):
        return event
    whom = event.whom or (caller_key(event.number, contract) if whose else "")
    return replace(event, project=whose, region=region, number="", account="", caller_id="", whom=whom)
