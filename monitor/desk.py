"""Where people and their programs say what no PBX can: incidents, results, signals, contacts of other channels.

Owns how what is told becomes an event in the inbox and how it is answered. Refuses judging it (`core`) and who may speak (`outputs`). Whoever
speaks waits: the answer comes once everything before it is applied, and what was said is written down. Next: `engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from monitor.core.channel_contacts import ChannelContact, ChannelContactsTold, TakenOrNot
from monitor.core.incident_log import NO_PBX, IncidentClosed, IncidentOpened, Refusal
from monitor.core.incidents import Incident
from monitor.core.results import Answer, Result, ResultsTold
from monitor.core.signal_log import SignalTold
from monitor.core.signals import SignalView

if TYPE_CHECKING:
    from monitor.engine import Engine

PART: Final = 100  # results that are counted at once


class Desk:
    """Everything that can be told to an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def open_incident(self, incident: Incident) -> Incident | Refusal:
        """An incident that somebody tells of, as it was accepted, or why it was not."""
        return cast("Incident | Refusal", await self._engine.heard(IncidentOpened(NO_PBX, self._engine.clock.now(), incident)))

    async def close_incident(self, number: str, who: str) -> Incident | Refusal:
        """The same when somebody says that it is over."""
        return cast("Incident | Refusal", await self._engine.heard(IncidentClosed(NO_PBX, self._engine.clock.now(), number, who)))

    async def tell_results(self, results: Sequence[Result], who: str) -> list[Answer]:
        """Results that somebody tells of, each as it is counted, or why it is not."""
        answers: list[Answer] = []
        for first in range(0, len(results), PART):
            part = tuple(results[first : first + PART])
            heard = cast("Refusal | tuple[Answer, ...]", await self._engine.heard(ResultsTold(NO_PBX, self._engine.clock.now(), part, who)))
            answers += [heard] * len(part) if isinstance(heard, Refusal) else heard
        return answers

    async def tell_signal(
        self, name: str, who: str, *, on: bool, region: str | None = None, since: int | None = None, until: int | None = None
    ) -> tuple[SignalView, ...] | Refusal:
        """A signal that somebody says is on or off, as it is now in the places meant, or why that is not accepted."""
        told = SignalTold(NO_PBX, self._engine.clock.now(), name, on, region, since, until, who)
        return cast("tuple[SignalView, ...] | Refusal", await self._engine.heard(told))

    async def tell_contacts(self, contacts: Sequence[ChannelContact], who: str) -> list[TakenOrNot]:
        """Contacts of other channels that somebody tells of, each as it is counted, or why it is not."""
        answers: list[TakenOrNot] = []
        for first in range(0, len(contacts), PART):
            part = tuple(contacts[first : first + PART])
            heard = cast("Refusal | tuple[TakenOrNot, ...]", await self._engine.heard(ChannelContactsTold(NO_PBX, self._engine.clock.now(), part, who)))
            answers += [heard] * len(part) if isinstance(heard, Refusal) else heard
        return answers
