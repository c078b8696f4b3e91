"""Which signals are on, as people, brokers and calendars tell of them: since when, until when, and which held for a call.

Owns what is accepted and why the rest is refused, and what was on during the last 40 days. What is told is kept as it was said, each at the instant it
was said of, so that it means the same in whatever order it comes; said twice it changes nothing. What is told late changes the answer for calls that are
still to be stored; a call that is stored keeps the signals it was stored with. Each operation is a function of what is kept and of its arguments, as
`keeping` needs it. Refuses what a signal does (`assess`). Next: `keeping` applies what is told, `engine` answers and says the news, `chronicle` keeps it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from operator import attrgetter, itemgetter
from typing import Final, TypeAlias

from monitor.core.chronicle import Chronicle
from monitor.core.contract import MINUTE
from monitor.core.events import Event
from monitor.core.incident_log import Refusal, Why
from monitor.core.signals import HOUR_US, End, Saying, Signal, SignalSpell, SignalView, Spell, border, holding, spells

KEEP_US: Final = 40 * 24 * HOUR_US  # a call of a day that a record tells late is asked about
LATE_US: Final = 24 * HOUR_US
AHEAD_US: Final = 5 * MINUTE  # of clocks that differ
LONGEST_US: Final = 366 * 24 * HOUR_US  # that an end may be away
MOST: Final = 500  # sayings of one signal in one place: who repeats itself for ever must not slow anything down
NAMED: Final = 8  # of those there are, in a refusal
NEVER: Final = 1 << 62
SAID: Final = {True: "a signal is on", False: "a signal is off"}

TOLD, CALENDAR = "told", "calendar"
Place: TypeAlias = tuple[str, str]  # a signal's name, and where it is on or off
Key: TypeAlias = tuple[str, str, int, str]  # of a spell: signal, place, since, by whom


@dataclass(frozen=True, slots=True)
class SignalTold(Event):
    """Somebody says that a signal is on or off, in one of its regions or in all; `since`, None: just now. `until` is when it will be over."""

    name: str
    on: bool
    region: str | None = None
    since: int | None = None
    until: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """What is to be said of a signal, once: in a place it went on or off."""

    view: SignalView
    on: bool

    def row(self) -> dict[str, object]:
        """What a line of the log has of it."""
        one = self.view
        who, end = ("", "") if one.spell is None else (one.spell.who if self.on else one.spell.ended_by, "" if self.on else one.spell.end.value)
        head = {"signal": one.signal.name, "kind": one.signal.kind, "region": one.place, "who": CALENDAR if one.announced else who, "end": end}
        return {key: value for key, value in head.items() if value}


class Signals:
    """All that are `configured`, in all of their places."""

    def __init__(self, configured: tuple[Signal, ...] = ()) -> None:
        self.configured = configured
        self.said: dict[Place, dict[int, Saying]] = {}
        self.told: dict[Place, tuple[Spell, ...]] = {}  # what that amounts to
        self.shown: tuple[SignalView, ...] = ()
        self.news: list[Turned] = []  # since somebody took them away to say them
        self.due = 0  # nothing changes by itself before
        self.reached = 0
        self.kept = False  # somebody writes down what is told the chronicle
        self._kept: dict[Key, SignalSpell] = {}  # as the chronicle has them

    def at(self, project: str, region: str | None, at: int) -> tuple[str, ...]:
        """The names of those that held for a call of a project to a region at an instant. Region None: nobody knows it, so only what holds everywhere."""
        return tuple(sorted(one.name for one in self.configured if one.concerns(project) and self._on(one, region, at)))

    def _on(self, one: Signal, region: str | None, at: int) -> bool:
        place = one.place_of(region)
        return place is not None and (holding(one.periods[place], at) is not None or self._told_at((one.name, place), at) is not None)

    def _told_at(self, place: Place, at: int) -> Spell | None:
        known = self.told.get(place, ())
        number = bisect_right(known, at, key=attrgetter("since")) - 1
        return known[number] if number >= 0 and at < known[number].until else None

    # --- what is told -----------------------------------------------------------------------------------------------------------------

    def hear(self, event: SignalTold, chronicle: Chronicle) -> tuple[SignalView, ...] | Refusal:
        """Take what somebody tells: the signal as it is now in the places meant; or why it is not accepted."""
        signal = next((one for one in self.configured if one.name == event.name), None)
        if signal is None:
            return Refusal(f"unknown signal {event.name!r}; {_instead(event.name, tuple(one.name for one in self.configured))}", Why.UNKNOWN)
        places = _places(signal, event.region)
        if isinstance(places, Refusal):
            return places
        refusal = _no_time(event) or self._announced(signal, places, event)
        if refusal is not None:
            return refusal
        since = event.at if event.since is None else min(event.since, event.at)
        for place in places:
            said = self.said.setdefault((signal.name, place), {})
            before = said.get(since)
            if before is None or before[:2] != (event.on, event.until):
                said[since] = Saying(event.on, event.until, event.who)
                self.said[signal.name, place] = _fewer(said, signal.longest_us)
                self.told[signal.name, place] = spells(self.said[signal.name, place], signal.longest_us)
        self.settle(event.at, chronicle)
        return tuple(view for view in self.shown if view.signal.name == signal.name and view.place in places)

    def _announced(self, signal: Signal, places: tuple[str, ...], event: SignalTold) -> Refusal | None:
        """Nobody can say that what only the calendar has on is over."""
        since = event.at if event.since is None else event.since
        if event.on or any(self._told_at((signal.name, place), since) for place in places):
            return None
        if any(holding(signal.periods[place], since) for place in places):
            return Refusal(f"{signal.name} is on by its calendar; change that and reload", Why.CONFLICT)
        return None

    # --- time -------------------------------------------------------------------------------------------------------------------------

    def advance(self, at: int, chronicle: Chronicle) -> None:
        """Time has passed: what goes on or off by itself has done so."""
        if at >= self.due or chronicle.kept is not self.kept:
            self.settle(at, chronicle)

    def change(self, at: int, configured: tuple[Signal, ...], chronicle: Chronicle) -> None:
        """Other signals are configured from now on; what is taken out was on until now, and what was assumed to be over stays so."""
        for place, known in self.told.items():
            for spell in known:
                if spell.end is End.ASSUMED and spell.until <= at:
                    self.said[place][spell.since] = self.said[place][spell.since]._replace(lasted_us=spell.until - spell.since)
        self.configured = configured
        places = {(one.name, place): one for one in configured for place in one.places}
        self.said = {place: said for place, said in self.said.items() if place in places}
        self.told = {place: spells(said, places[place].longest_us) for place, said in self.said.items()}
        self.settle(at, chronicle, cut=True)

    def settle(self, at: int, chronicle: Chronicle, *, cut: bool = False) -> None:
        """Look at all of them as they are now: what is shown, what is said of it, what is kept, and when the next one changes by itself."""
        self.reached = at = max(at, self.reached)
        self._forget(at - KEEP_US)
        self._keep(at, chronicle, cut=cut)
        before = {(view.signal.name, view.place): view for view in self.shown}
        self.shown = tuple(self._view(one, place, at) for one in self.configured for place in one.places)
        self.news += (turned for view in self.shown if (turned := self._turned(before.get((view.signal.name, view.place)), view)) is not None)
        self.due = min(self._borders(at), default=NEVER)

    def _view(self, one: Signal, place: str, at: int) -> SignalView:
        spell = self._told_at((one.name, place), at)
        if spell is None and (period := holding(one.periods[place], at)) is not None:
            return SignalView(one, place, Spell(*period, End.CALENDAR), announced=True)
        return SignalView(one, place, spell)

    def _turned(self, before: SignalView | None, now: SignalView) -> Turned | None:
        """What is new of it since it was shown."""
        was = None if before is None else before.spell
        if (was is None) is (now.spell is None):
            return None
        if was is None:
            return Turned(now, on=True)
        known = self.told.get((now.signal.name, now.place), ())
        ended = next((spell for spell in known if spell.since == was.since), was)
        return Turned(replace(before or now, spell=ended), on=False)

    def _borders(self, at: int) -> Iterator[int]:
        for one in self.configured:
            for place in one.places:
                if (spell := self._told_at((one.name, place), at)) is not None:
                    yield spell.until
                if (next_ := border(one.periods[place], at)) is not None:
                    yield next_

    def _forget(self, before: int) -> None:
        """What was over before then is asked about no more; what began before and lasts is known whole."""
        longest = {one.name: one.longest_us for one in self.configured}
        for (name, place), known in list(self.told.items()):
            if min(self.said[name, place], default=before) >= before:
                continue
            first = min((spell.since for spell in known if spell.until > before), default=before)
            said = {at: one for at, one in self.said[name, place].items() if at >= min(first, before)}
            if said:
                self.said[name, place], self.told[name, place] = said, spells(said, longest[name])
            else:
                del self.said[name, place], self.told[name, place]

    def _keep(self, at: int, chronicle: Chronicle, *, cut: bool) -> None:
        """Tell the chronicle what is new, or otherwise than it was told: what was never on is told again as no time at all."""
        self.kept = chronicle.kept
        if not self.kept:
            self._kept.clear()
            return
        now = {record.key: record for record in self._begun(at)}
        for key, record in list(self._kept.items()):
            if key in now:
                continue
            del self._kept[key]
            until = min(record.until, max(at, record.since)) if cut else record.since
            if record.until > at - KEEP_US and until != record.until:
                chronicle.signal(record._replace(until=until))
        for key, record in now.items():
            if self._kept.get(key) != record:
                self._kept[key] = record
                chronicle.signal(record)

    def _begun(self, at: int) -> Iterator[SignalSpell]:
        for one in self.configured:
            for place in one.places:
                for spell in self.told.get((one.name, place), ()):
                    yield SignalSpell(one.name, place, spell.since, TOLD, one.kind, spell.until, spell.end.value, spell.who, spell.ended_by)
                periods = one.periods[place]
                for start, end in reversed(periods[: bisect_right(periods, at, key=itemgetter(0))]):
                    if end <= at - KEEP_US:
                        break
                    yield SignalSpell(one.name, place, start, CALENDAR, one.kind, end, End.CALENDAR.value)

    def shift(self, step: int) -> None:
        """Civil time stepped. What the calendar says stands: it is of the clock on the wall."""
        self.reached += step
        self.due = 0
        self.said = {
            place: {at + step: one._replace(until=None if one.until is None else one.until + step) for at, one in said.items()}
            for place, said in self.said.items()
        }
        self.told = {place: tuple(one._replace(since=one.since + step, until=one.until + step) for one in known) for place, known in self.told.items()}


def _places(signal: Signal, region: str | None) -> tuple[str, ...] | Refusal:
    """The places meant."""
    if region is None:
        return signal.places
    if not signal.regions:
        return Refusal(f"{signal.name} is on everywhere or nowhere; tell it without a region, or name its regions in the configuration")
    meant = next((one for one in signal.regions if one.casefold() == region.casefold()), None)
    if meant is None:
        return Refusal(f"{signal.name} has no region {region!r}; {_instead(region, signal.regions)}", Why.UNKNOWN)
    return (meant,)


def _no_time(event: SignalTold) -> Refusal | None:
    since = event.at if event.since is None else event.since
    if since < event.at - LATE_US:
        return Refusal("is told of a time more than 24 hours ago; what was called then is stored as it was known")
    if since > event.at + AHEAD_US:
        return Refusal("is told of a time to come; tell it then, or write it into the signal's calendar")
    if event.until is None:
        return None
    if not event.on:
        return Refusal("goes off at once; until belongs to a signal that is on")
    if event.until <= since:
        return Refusal("is over before it begins; until has to be after at")
    if event.until > since + LONGEST_US:
        return Refusal("ends in more than a year; look at the year of until")
    return None


def _instead(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return f"known: {', '.join(known[:NAMED])}{more}" if known else "the configuration has no [[signal]]"


def _fewer(said: dict[int, Saying], longest_us: int) -> dict[int, Saying]:
    """Where there are too many, the older half is kept as what it amounts to: who says every minute that it is on still has said once since when. Then the
    oldest go."""
    if len(said) <= MOST:
        return said
    ordered = sorted(said.items())
    kept = dict(_once(spells(dict(ordered[: MOST // 2]), longest_us)))
    return dict([*kept.items(), *ordered[MOST // 2 :]][-MOST:])


def _once(known: Iterable[Spell]) -> Iterator[tuple[int, Saying]]:
    """The fewest sayings that amount to these spells."""
    for spell in known:
        if spell.end is End.TOLD:
            yield spell.since, Saying(True, spell.until + 1, spell.who)
            yield spell.until, Saying(False, None, spell.ended_by)
        elif spell.end is End.ASSUMED:
            yield spell.since, Saying(True, None, spell.who, spell.until - spell.since)
        else:
            yield spell.since, Saying(True, spell.until, spell.who)
