"""Lost callers: who came, was not answered, and has to be rung back.

Owns who is open, per project and caller: a contact that ends abandoned (a short one where the project says so) or flowed out opens one, whatever
number of tries follow. By key or withdrawn too: to whoever asked for a callback it is owed most. It closes when the project answers the caller
(redial) or reaches him (callback), or after sixty days (expired): lost = open + recovered + expired + taken back. The same caller of two projects
is two. Whoever shows no number that can be rung back is counted and never open; calls of the floor itself and of tests are none.
The number is kept while its caller is open, and not a moment longer; answers are remembered for as long as a gap may still be told, so that
what is told late falls into its place: a loss of before an answer is recovered by it. Refuses contacts that nobody knows the end of.
Next: `register` says how contacts end, `counters` and `chronicle` have it, `assess` judges who waits too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from heapq import merge
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from monitor.core import opening
from monitor.core.contract import MINUTE, Contract, Project
from monitor.core.counters import Counters, Outcome
from monitor.core.counters import LostCallers as Count
from monitor.core.numbers import caller_key, shortened

if TYPE_CHECKING:
    from monitor.core.chronicle import Chronicle
    from monitor.core.contacts import Contact

DAY_US: Final = 24 * 60 * MINUTE
OPEN_US: Final = 60 * DAY_US  # since the last try
REMEMBER_US: Final = 50 * 60 * MINUTE  # an answer: no gap is told that is older
MOST: Final = 20_000  # open at once in a project; beyond that the oldest expires
PART: Final = 200  # turns that are replayed at once


class By(StrEnum):
    """How a lost caller was recovered."""

    REDIAL = "redial"
    CALLBACK = "callback"


RECOVERED: Final = {By.REDIAL: Count.REDIALLED, By.CALLBACK: Count.CALLED_BACK}


@dataclass(slots=True)
class LostCaller:
    """One who is open: the number to ring back, and when he tried first and last."""

    key: str
    number: str
    first: int
    last: int
    tries: int = 1


class Answered(NamedTuple):
    """When a caller was answered or reached last, how, and since when he had been lost by then."""

    since: int
    at: int
    by: By


class Turn(NamedTuple):
    """A caller was lost, or with `answered` was not; what a floor tells another of a time that was told to it alone."""

    at: int
    project: str
    key: str  # empty: he showed no number
    number: str
    answered: bool


class LostTold(NamedTuple):
    """A caller of `project` who was not answered between `first` and `last`, known by a `key`; told again with every try and when he is closed:
    `closed_by` redial, callback, expired or corrected."""

    project: str
    key: str
    first: int
    last: int
    tries: int
    closed_at: int | None
    closed_by: str


class LostView(NamedTuple):
    """Of a project now: how many are open, since when the first of them, and how many wait longer than is agreed."""

    open: int
    oldest: int | None
    overdue: int


class LostRow(NamedTuple):
    """One of the list of whom to ring back; `due` is when, at the latest."""

    first: int
    last: int
    project: str
    client: str
    tries: int
    number: str
    due: int | None


def loses(project: Project, outcome: Outcome) -> bool:
    """Whether a contact that ends like this was lost."""
    return outcome in (Outcome.ABANDONED, Outcome.FLOWED_OUT) or (outcome is Outcome.SHORT and project.short_is_lost)


class LostCallers:
    """Everybody who is open. With `told` a floor that tells others about a time notes it down, and keeps no chronicle of its own."""

    def __init__(self, contract: Contract, counters: Counters, chronicle: Chronicle) -> None:
        self._contract = contract
        self._counters = counters
        self._chronicle = chronicle
        self._open: dict[str, dict[str, LostCaller]] = {}  # by project and key, who was lost first first
        self._answered: dict[tuple[str, str], Answered] = {}  # in the order they were told
        self.told: list[Turn] | None = None

    # --- what happens ---------------------------------------------------------------------------------------------------------------

    def ended(self, contact: Contact, outcome: Outcome) -> None:
        """A contact that came has this outcome, or has it after all. His number is not needed any more."""
        if contact.exempt:
            return
        name, at = contact.project.name, contact.last_left_at
        lost = loses(contact.project, outcome)
        if outcome is Outcome.ANSWERED:
            self.reached(name, contact.caller, at, By.REDIAL)
        elif lost and not contact.lost:
            self.lose(name, contact.caller, contact.number, at)
        elif contact.lost and not lost:
            self._take_back(name, contact.caller, at)
        contact.lost, contact.number = lost, contact.number if outcome is Outcome.UNRESOLVED else ""

    def lose(self, project: str, key: str, number: str, at: int) -> None:
        """The project did not answer a caller; the empty key is whoever shows no number."""
        self._note(Turn(at, project, key, number, answered=False))
        row = self._counters.lost[project]
        if not key:
            row[Count.WITHHELD] += 1
            return
        answer = self._answered.get((project, key))
        if answer is not None and at < answer.at:  # told late: else a try of those it had recovered
            if at < answer.since:
                row[Count.LOST] += 1
                self._recovered(project, LostCaller(key, "", at, at), answer.at, answer.by)
            return
        people = self._open.setdefault(project, {})
        caller = people.get(key)
        if caller is None:
            row[Count.LOST] += 1
            caller = LostCaller(key, number, at, at)
        else:
            if at < caller.first:
                self._tell(project, caller, at, "corrected")
                del people[key]  # to be put where he belongs
            caller.first, caller.last, caller.tries = min(caller.first, at), max(caller.last, at), caller.tries + 1
            caller.number = number or caller.number
        self._put(project, caller)

    def reached(self, project: str, key: str, at: int, by: By) -> bool:
        """The project has spoken with a caller; whether he was lost until then. Whoever was lost again since then still is."""
        if not key:
            return False
        self._note(Turn(at, project, key, "", answered=True))
        caller = self._open.get(project, {}).get(key)
        if caller is not None and at < caller.first:
            caller = None
        before = self._answered.pop((project, key), None)
        answer = Answered(at if caller is None else caller.first, at, by)
        self._answered[project, key] = answer if before is None or before.at < at else before
        if caller is None:
            return False
        del self._open[project][key]
        number, again = caller.number, caller.last
        if again > at:
            caller.last, caller.tries = at, max(1, caller.tries - 1)
        self._recovered(project, caller, at, by)
        if again > at:
            self._counters.lost[project][Count.LOST] += 1
            self._put(project, LostCaller(key, number, again, again))
        return True

    def is_open(self, project: str, key: str, at: int | None = None) -> bool:
        """Whether this caller is to be rung back; or was then, of those who still are."""
        caller = self._open.get(project, {}).get(key)
        return caller is not None and (at is None or caller.first <= at)

    def turns(self) -> tuple[Turn, ...]:
        """What was noted down, with the numbers of those who are open."""
        return tuple(turn if self.is_open(turn.project, turn.key) else turn._replace(number="") for turn in self.told or ())

    def replay(self, turns: Iterable[Turn]) -> Iterator[None]:
        """What another floor tells of a time that was told to it alone, in parts."""
        known = self._counters.lost
        for number, turn in enumerate(sorted(turns, key=lambda turn: (turn.at, turn.answered))):
            if turn.project not in known:
                continue
            if turn.answered:
                self.reached(turn.project, turn.key, turn.at, By.REDIAL)
            else:
                self.lose(turn.project, turn.key, turn.number, turn.at)
            if number % PART == PART - 1:
                yield

    def _put(self, project: str, caller: LostCaller) -> None:
        """Among the open ones, where he belongs."""
        people = self._open.setdefault(project, {})
        late = caller.key not in people and bool(people) and caller.first < people[next(reversed(people))].first
        people[caller.key] = caller
        if late:
            self._open[project] = people = dict(sorted(people.items(), key=lambda item: item[1].first))
        self._tell(project, caller)
        while len(people) > MOST:
            self._expire(project, next(iter(people.values())), caller.last)

    def _recovered(self, project: str, caller: LostCaller, at: int, by: By) -> None:
        self._counters.lost[project][RECOVERED[by]] += 1
        self._tell(project, caller, at, by.value)

    def _expire(self, project: str, caller: LostCaller, at: int) -> None:
        del self._open[project][caller.key]
        self._counters.lost[project][Count.EXPIRED] += 1
        self._tell(project, caller, at, "expired")

    def _take_back(self, project: str, key: str, at: int) -> None:
        """A loss that was counted was none: whoever is open for nothing else is open no more."""
        caller = self._open.get(project, {}).get(key)
        if caller is not None and caller.tries > 1:
            caller.tries -= 1
        elif caller is not None:
            del self._open[project][key]
            self._tell(project, caller, at, "corrected")
            self._take_away(project, "lost_callers")
        elif not key:
            self._take_away(project, "lost_callers_withheld")

    def _take_away(self, project: str, family: str) -> None:
        """One that was counted was none."""
        corrected = self._counters.corrected_contacts
        corrected[project, family] = corrected.get((project, family), 0) + 1

    def _note(self, turn: Turn) -> None:
        if self.told is not None:
            self.told.append(turn)

    def _tell(self, project: str, caller: LostCaller, closed_at: int | None = None, closed_by: str = "") -> None:
        if self.told is None:
            self._chronicle.lost(LostTold(project, caller.key, caller.first, caller.last, caller.tries, closed_at, closed_by))

    # --- time and contract ----------------------------------------------------------------------------------------------------------

    def forget(self, at: int) -> None:
        """Whoever did not try again for sixty days waits no more; answers of before any gap that may still be told are forgotten."""
        for project, people in self._open.items():
            for caller in [one for one in takewhile(lambda one: one.first < at - OPEN_US, people.values()) if one.last < at - OPEN_US]:
                self._expire(project, caller, at)
        while self._answered and next(iter(self._answered.values())).at < at - REMEMBER_US:
            del self._answered[next(iter(self._answered))]

    def shift(self, step: int) -> None:
        """Civil time stepped: every instant moves with it."""
        for people in self._open.values():
            for caller in people.values():
                caller.first += step
                caller.last += step
        self._answered = {whose: one._replace(since=one.since + step, at=one.at + step) for whose, one in self._answered.items()}

    def agree(self, contract: Contract, at: int) -> None:
        """Another contract is in force: of whoever it does not ring back, or whose number it does not keep, there is no number any more."""
        before, self._contract = self._contract, contract
        if (before.number_key, before.match_digits) != (contract.number_key, contract.match_digits):
            self._know_anew(at)
        for project, people in self._open.items():
            for caller in people.values():
                caller.number = "" if project not in contract.project else caller.number if contract.keep_numbers else shortened(caller.number)

    def _know_anew(self, at: int) -> None:
        """Callers are known by another secret, or by other digits: those whose number is kept, that is; two may turn out to be one."""
        self._answered.clear()
        for project, people in list(self._open.items()):
            anew = self._open[project] = {}
            for caller in people.values():
                key = caller_key(caller.number, self._contract) or caller.key  # of a shortened number there is none
                if key != caller.key:
                    self._tell(project, caller, at, "corrected")
                caller.key, same = key, anew.setdefault(key, caller)
                if same is not caller:
                    same.last, same.tries = max(same.last, caller.last), same.tries + caller.tries
                    self._take_away(project, "lost_callers")
                self._tell(project, same)

    # --- looking --------------------------------------------------------------------------------------------------------------------

    def views(self, projects: Iterable[str], at: int) -> Mapping[str, LostView]:
        """Those projects now."""
        return {name: self._view(self._contract.project[name], at) for name in projects}

    def _view(self, project: Project, at: int) -> LostView:
        people = self._open.get(project.name)
        if not people:
            return LostView(0, None, 0)
        limit = opening.begun(project, at, project.callback_us)
        overdue = 0 if limit is None else sum(1 for _ in takewhile(lambda one: one.first <= limit, people.values()))
        return LostView(len(people), next(iter(people.values())).first, overdue)

    def rows(self) -> Iterator[LostRow]:
        """Everybody who is open, the oldest first."""
        return merge(*(self._rows(project) for project in self._contract.projects))

    def _rows(self, project: Project) -> Iterator[LostRow]:
        for one in self._open.get(project.name, {}).values():
            due = opening.due(project, one.first, project.callback_us)
            yield LostRow(one.first, one.last, project.name, project.client, one.tries, one.number, due)
