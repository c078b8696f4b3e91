"""What is answered to a command: accepted, and as what, or in one line why not.

Owns, for each kind of command, the limits of its payload, reading it and telling a desk. Refuses deciding what is accepted (`core`, `planning`), and
topics, sessions and pace (`client`). What is said never repeats a payload's key: it may be a caller's number. Next: `client` sends the answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from monitor.core.channel_contacts import ChannelContact, TakenOrNot
from monitor.core.incident_log import Refusal
from monitor.core.incidents import Incident, IncidentView
from monitor.core.results import Answer, Result
from monitor.core.signals import SignalView
from monitor.outputs.mqtt.topics import Command, Kind
from monitor.outputs.told import contacts, incidents, results, signals
from monitor.outputs.told.reading import MOST, WrongError, known_keys, loaded
from monitor.outputs.view import View
from monitor.outputs.web import api

WHO: Final = "mqtt"
LONGEST: Final = {Kind.PLAN: 8 << 20}  # bytes
LONGEST_OTHER: Final = 256 << 10


class Desk(Protocol):
    """Who takes what is told, and answers once it is accepted or not."""

    async def open_incident(self, incident: Incident) -> Incident | Refusal:
        """One has begun."""

    async def close_incident(self, number: str, who: str) -> Incident | Refusal:
        """One is over."""

    async def tell_signal(
        self, name: str, who: str, *, on: bool, region: str | None = None, since: int | None = None, until: int | None = None
    ) -> tuple[SignalView, ...] | Refusal:
        """One is on, or off."""

    async def tell_results(self, results: Sequence[Result], who: str) -> list[Answer]:
        """What each counts for, or why it does not."""

    async def tell_contacts(self, contacts: Sequence[ChannelContact], who: str) -> list[TakenOrNot]:
        """What each counts as, or why it does not."""


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to one payload: accepted as a whole, or not; `refused` counts what of a list was not."""

    accepted: bool
    row: dict[str, object] = field(default_factory=dict)
    refused: int = 0


def refused(problem: str) -> Said:
    """No, because."""
    return Said(False, {"error": problem}, 1)


Bring = Callable[[bytes, str], Awaitable[tuple[bool, list[str]]]]


class Commands:
    """`bring` puts a plan in force, and says what came of it."""

    def __init__(self, view: View, desk: Desk, bring: Bring, *, money: bool) -> None:
        self._view = view
        self._desk = desk
        self._bring = bring
        self._money = money

    async def answer(self, command: Command, payload: bytes) -> Said:
        """Whatever was sent."""
        most = LONGEST.get(command.kind, LONGEST_OTHER)
        if len(payload) > most:
            return refused(f"{len(payload)} bytes are more than the {most} that are read at once; send it in parts")
        try:
            match command.kind:
                case Kind.PLAN:
                    done, lines = await self._bring(payload, WHO)
                    return Said(True, {"said": lines}) if done else refused(lines[0])
                case Kind.INCIDENT:
                    return await self._incident(payload)
                case Kind.RESULT:
                    return await self._results(command.name, payload)
                case Kind.CONTACTS:
                    return await self._contacts(command.name, payload)
                case Kind.SIGNAL:
                    return await self._signal(command.name, payload)
        except WrongError as error:
            return refused(str(error))

    async def _incident(self, payload: bytes) -> Said:
        sent = loaded(payload, incidents.LIKE)
        outlook = self._view.outlook()
        if outlook is None:
            return refused("nothing is known of the floor yet; tell it again in a moment")
        if isinstance(sent, dict) and "close" in sent:
            known_keys(sent, ("close",))
            number = sent["close"]
            if not isinstance(number, str) or not number or len(number) > 100:
                raise WrongError('close is not the id of an incident; send {"close": "7"}, as it was answered when it was opened')
            told = await self._desk.close_incident(number, WHO)
        else:
            told = await self._desk.open_incident(incidents.read(sent, outlook.at, self._view.contract.zone, WHO))
        if isinstance(told, Refusal):
            return Said(False, {"error": told.problem, **({"incident": told.number} if told.number else {})}, 1)
        now = self._view.outlook() or outlook
        shown = next((one for one in now.incidents if one.incident.id == told.id), None)  # one that was called off before it began is not there
        return Said(True, {"incident": api.incident(shown or IncidentView(told, told.stage(now.at), announced=False))})

    async def _signal(self, name: str, payload: bytes) -> Said:
        told = signals.read(payload, self._view.contract.zone, name)
        found = await self._desk.tell_signal(told.name, WHO, on=told.on, region=told.region, since=told.since, until=told.until)
        if isinstance(found, Refusal):
            return refused(found.problem)
        return Said(True, {"signals": [api.signal(one) for one in found]})

    async def _results(self, project: str, payload: bytes) -> Said:
        sent, contract, given = _many(loaded(payload, results.LIKE)), self._view.contract, {"project": (project, "the topic")}
        heard = [results.read_or_refuse(one, contract, given) for one in sent]
        told = await self._desk.tell_results([one for one in heard if isinstance(one, Result)], WHO)
        rows = [_row(one, "duplicate", **(results.worth(one) if self._money else {})) for one in results.in_place(heard, told)]
        return _said(rows)

    async def _contacts(self, project: str, payload: bytes) -> Said:
        sent, contract = _many(loaded(payload, contacts.LIKE)), self._view.contract
        heard = [contacts.read_or_refuse(one, project, contract) for one in sent]
        told = iter(await self._desk.tell_contacts([one for one in heard if isinstance(one, ChannelContact)], WHO))
        taken = [one if isinstance(one, Refusal) else next(told) for one in heard]
        return _said([_row(one, "duplicate", "channel") for one in taken])


def _many(sent: object) -> list[object]:
    """What is told, one by one: a list, or one thing."""
    if not isinstance(sent, list):
        return [sent]
    if not sent or len(sent) > MOST:
        raise WrongError(f"a list of {len(sent)} is not read; send 1 to {MOST} in one payload")
    return sent


def _row(one: Answer | TakenOrNot, *shown: str, **more: object) -> dict[str, object]:
    if isinstance(one, Refusal):
        return {"accepted": False, "error": one.problem}
    return {"accepted": True, **{name: getattr(one, name) for name in shown}, **more}


def _said(rows: list[dict[str, object]]) -> Said:
    """One answer for one thing; of a list, which is accepted where any of it is, an answer for each in its place."""
    no = sum(not row["accepted"] for row in rows)
    if len(rows) == 1:
        return Said(not no, {key: value for key, value in rows[0].items() if key != "accepted"}, no)
    return Said(no < len(rows), {"answers": rows} | ({"error": f"{no} of {len(rows)} are refused; answers say why"} if no else {}), no)
