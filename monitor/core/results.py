"""What was achieved for a client, as people and dialplans tell of it: a lead, a sale, each counted once under its key.

Owns the keys that are known, what is accepted and why the rest is refused, and what a result is worth by the prices of the day it came about.
Whatever is told again under its key changes nothing and is answered as before, for longer than anybody may tell of a thing of the past: a key
that is forgotten belongs to a result that is too old by then. Told again after that as if it came about just now, it counts anew in here; the store
keeps the first. Each operation is a function of what is kept and of its arguments, as `keeping` needs it. Refuses taking back: a result that fell
through has a disposition and a key of its own. Next: `keeping` applies what is told, `engine` answers, `ledger`, `counters` and `chronicle` have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from monitor.core.contract import MINUTE, Contract, Project
from monitor.core.events import Event
from monitor.core.incident_log import NO_PBX, Refusal, Why
from monitor.core.keys import AHEAD_US, KEEP_US, OLDEST_US, Keys, flaw_in
from monitor.core.snapshot import Cell
from monitor.core.tariff import micros, result_label, rounded

if TYPE_CHECKING:
    from monitor.core.floor import Floor

MOST: Final = 400_000  # keys that are known at once: ten thousand a day, some 130 MB
NAMED: Final = 8  # projects, in a refusal
LONGEST: Final = {"project": 100, "disposition": 60, "key": 120}  # letters
SAID: Final = {
    Why.UNKNOWN: "a UserEvent names a project that the configuration has not",
    Why.CONFLICT: "a UserEvent has a key that was told before with another disposition",
    Why.BAD: "a UserEvent is of another time; look at the PBX's clock",
    Why.BUSY: "too many results are remembered already",
}


class Result(NamedTuple):
    """One that somebody tells of; `at` is when it came about, None: just now."""

    project: str
    disposition: str
    key: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class ResultsTold(Event):
    """Somebody tells of results: on `pbx` the dialplan, else `who` is the token."""

    results: tuple[Result, ...]
    who: str = ""


class Counted(NamedTuple):
    """A result that is counted, now or before (`duplicate`), and what it is worth."""

    duplicate: bool
    amount_u: int
    currency: str


class Heard(NamedTuple):
    """What is remembered under a key."""

    disposition: str
    amount_u: int
    currency: str


Answer: TypeAlias = Counted | Refusal


def flaw(name: str, text: object) -> str | None:
    """What is wrong with a text of a result, in one line that does not repeat it: a key may be a caller's number. None: nothing is."""
    return flaw_in(name, text, LONGEST, "a result has project, disposition and key")


class Results:
    """The results whose keys are known, by project, in the order they were told."""

    def __init__(self) -> None:
        self.heard: Keys[Heard] = Keys()

    def hear(self, event: ResultsTold, contract: Contract, floor: Floor) -> tuple[Answer, ...]:
        """Count what somebody tells, or say why not, one by one."""
        self.heard.forget(event.at - KEEP_US)
        answers = tuple(self._take(one, event, contract, floor) for one in event.results)
        if event.pbx != NO_PBX:  # nobody else is told
            for one in answers:
                if isinstance(one, Refusal):
                    floor.anomaly("result_refused", f"{event.pbx}: {SAID[one.why]}")
        return answers

    def _take(self, result: Result, event: ResultsTold, contract: Contract, floor: Floor) -> Answer:
        project = contract.project.get(result.project)
        if project is None:
            return Refusal(unknown_project(result.project, contract), Why.UNKNOWN)
        known = self.heard.get(project.name, result.key)
        if known is not None:
            if known.disposition != result.disposition:
                problem = f"a result of {project.name} with this key was told before, as {known.disposition!r}; another result needs a key of its own"
                return Refusal(problem, Why.CONFLICT)
            return Counted(True, known.amount_u, known.currency)
        refusal = self._refusal(event.at if result.at is None else result.at, event.at)
        return self._count(result, project, event, contract, floor) if refusal is None else refusal

    def _refusal(self, at: int, now: int) -> Refusal | None:
        if at < now - OLDEST_US:
            return Refusal("came about more than 35 days ago; its key may be forgotten by now, so it could be counted twice")
        if at > now + AHEAD_US:
            return Refusal("comes about in more than 5 minutes; tell it then, and look at the clock of the machine that tells it")
        if len(self.heard) >= MOST:
            return Refusal(f"{MOST} results of the last 40 days are remembered already; whatever tells so many had better stop", Why.BUSY)
        return None

    def _count(self, result: Result, project: Project, event: ResultsTold, contract: Contract, floor: Floor) -> Counted:
        """In the minute it came about; what a clock says that is ahead of the floor's happens now."""
        at = min(event.at if result.at is None else result.at, floor.now)
        tariff = project.tariff_on(project.day_of(at))
        price = None if tariff is None else tariff.price_of_result(result.disposition)
        amount_u = 0 if price is None else micros(rounded(price))
        currency = contract.finances.currency if tariff is None else tariff.currency
        floor.ledger.projects[project.name].add_all(
            at - at % MINUTE, [(int(Cell.RESULTS), 1), (int(Cell.REVENUE_U), amount_u), (int(Cell.RESULTS_U), amount_u)]
        )
        floor.counters.result(project.name, result_label(project.tariffs, result.disposition))
        floor.chronicle.result(project.name, result.key, at, result.disposition, amount_u, event.who or event.pbx)
        self.heard.put(project.name, result.key, Heard(result.disposition, amount_u, currency), event.at)
        return Counted(False, amount_u, currency)

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self.heard.shift(step)


def unknown_project(name: str, contract: Contract) -> str:
    """That there is no such project, and which there are."""
    return _unknown_project(name, tuple(contract.project))


@lru_cache(maxsize=64)
def _unknown_project(name: str, names: tuple[str, ...]) -> str:
    """Of a long list all may be of one, and each comparison with many names takes a while."""
    close = get_close_matches(name, names, n=1)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"unknown project {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names[:NAMED])}{more}")
