"""When a row begins, out of the text of a plan file: as an instant, or as the day or month that a total is of.

Owns the forms a time is written in (ISO 8601, or a `datefmt` of %Y %m %d …) and local time over clock changes: an hour that autumn repeats is
told apart by `fold` (0 the first, 1 the second), else by the order in the file; an hour that spring leaves out is an error. Local time is the
project's unless the file's own zone is known. Refuses intervals and everything else of a row. Next: `rows`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from monitor.core.contract import Project

ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = "write ISO 8601, such as 2026-11-24T09:00:00+02:00, or 2026-11-24T09:00 in the project's local time"
_DATES = "write it as 2026-11-24"
_DIGITS: Final = {"Y": (4, 4), "y": (2, 2), "m": (1, 2), "d": (1, 2), "H": (1, 2), "I": (1, 2), "M": (2, 2), "S": (2, 2)}
_TOKENS = re.compile(r"%(?P<sign>.?)|(?P<text>[^%]+)", re.DOTALL)


_MIDNIGHT = re.compile(r"(?<![\d:])24:00(?=(:00)?$)", re.ASCII)
_TWO_CELLS = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00)?)? (\d{1,2})(:\d\d(?::\d\d)?)", re.ASCII)  # of a sheet: a day, and a time


class RowError(ValueError):
    """What is wrong with one field or row."""


@dataclass(frozen=True)
class TimeForm:
    """A way to write a time, as strftime's: `%d.%m.%Y %H:%M`, `%m%d%Y`. ValueError names what of it means nothing, or is missing."""

    text: str
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """One digit will do for two only where something else than a digit stands on both sides."""
        tokens = [(match["sign"], match["text"]) for match in _TOKENS.finditer(self.text)]
        pattern = ""
        for number, (sign, text) in enumerate(tokens):
            if text is not None:
                pattern += re.escape(text)
            elif sign == "p":
                pattern += "(?P<p>[AaPp][Mm])"
            elif sign in _DIGITS and f"(?P<{sign}>" not in pattern:
                least, most = _DIGITS[sign]
                glued = any(0 <= beside < len(tokens) and tokens[beside][1] is None for beside in (number - 1, number + 1))
                pattern += rf"(?P<{sign}>\d{{{most if glued else least},{most}}})"
            else:
                raise ValueError(f"%{sign}")
        missing = [f"%{sign}" for sign in "Ymd" if not re.search(rf"\(\?P<[{sign if sign != 'Y' else 'Yy'}]>", pattern)]
        if missing:
            raise ValueError(" ".join(missing))
        object.__setattr__(self, "_pattern", re.compile(pattern, re.ASCII))

    def read(self, text: str) -> datetime | None:
        """The time a text tells in this form, None if it is not in it; ValueError where there is no such time."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        number = {name: int(digits) for name, digits in match.groupdict().items() if name != "p"}
        hour = number.get("H", number.get("I", 0))
        if half := match.groupdict().get("p"):
            if not 1 <= hour <= 12:
                raise ValueError("hour must be in 1..12")
            hour = hour % 12 + (12 if half.lower() == "pm" else 0)
        year = number["Y"] if "Y" in number else 2000 + number["y"]
        return datetime(year, number["m"], number["d"], hour, number.get("M", 0), number.get("S", 0))  # noqa: DTZ001 - local time, of a zone told elsewhere


@dataclass(slots=True)
class Clock:
    """The times of one file. `zone` is the file's own where it is not the projects'; local times are told apart by who they are of."""

    zone: tzinfo | None = None
    form: TimeForm | None = None
    _seen: Counter[tuple[str, datetime]] = field(default_factory=Counter)

    def instant(self, project: Project, label: str, text: str, fold: str, whose: str) -> int:
        """The instant a row begins, in microseconds."""
        if fold not in ("", "0", "1"):
            raise RowError(f"fold {fold!r} is not 0 or 1")
        moment = self._moment(label, text)
        if moment.tzinfo is None:
            if len(text) == 10 and ISO.fullmatch(text):
                raise RowError(f"{label} {text!r} is not a time; {self._written()}")
            moment = self._local(project, moment, fold, whose)
        return (moment - _EPOCH) // timedelta(microseconds=1)

    def end(self, project: Project, label: str, text: str, start: int, lengths: frozenset[int]) -> int | None:
        """How long a row is that ends then; None if in no reading of a repeated hour it is as long as a row may be."""
        late = _MIDNIGHT.sub("00:00", text)  # the day's end is the next one's beginning
        moment = self._moment(label, late) + timedelta(days=late != text)
        zone = self.zone or project.zone
        first = _EPOCH + timedelta(microseconds=start)
        if moment.tzinfo:
            found = [moment - first]
        else:  # in either reading of a repeated hour, or by the clock on the wall, as who adds half an hour to it writes
            wall = first.astimezone(zone).replace(tzinfo=None)
            found = [*(moment.replace(tzinfo=zone, fold=fold) - first for fold in (0, 1)), moment - wall]
        return next((length for one in found if (length := one // timedelta(microseconds=1)) in lengths), None)

    def day(self, project: Project, label: str, text: str) -> date:
        """The date a total is of, as it is written: its time may only be midnight, there or by the project's clock."""
        moment = self._moment(label, text)
        zone = moment.tzinfo or self.zone
        if zone is not None and moment.time() != datetime.min.time():
            moment = moment.replace(tzinfo=zone).astimezone(project.zone)
        if moment.time().replace(tzinfo=None) != datetime.min.time():
            raise RowError(f"{label} {text!r} is in the middle of a day, and the row is the total of a whole one; {_DATES}")
        return moment.date()

    def _moment(self, label: str, text: str) -> datetime:
        """The time a text tells, with its offset if it has one."""
        if cells := _TWO_CELLS.fullmatch(text):
            text = f"{cells[1]}T{cells[2]:>02}{cells[3]}"
        try:
            moment = self.form.read(text) if self.form else None
            if moment is None and ISO.fullmatch(text):
                moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise RowError(f"{label} {text!r} is not a time: {error}; {self._written()}") from None
        if moment is None:
            raise RowError(f"{label} {text!r} is not a time; {self._written()}")
        if not 1970 < moment.year < 3000:
            raise RowError(f"{label} {text!r} is not in a year anybody plans for; {self._written()}")
        return moment

    def _written(self) -> str:
        return _TIMES if self.form is None else f"write it as {self.form.text} says"

    def _local(self, project: Project, naive: datetime, fold: str, whose: str) -> datetime:
        """Local time as an instant: once, twice (fold or file order tells) or, in the spring gap, never."""
        zone = self.zone or project.zone
        first = naive.replace(tzinfo=zone, fold=0)
        second = naive.replace(tzinfo=zone, fold=1)
        first_offset, second_offset = first.utcoffset(), second.utcoffset()
        if first_offset == second_offset:
            if fold == "1":
                raise RowError(f"fold 1, but {naive.isoformat(timespec='minutes')} comes only once in {zone}")
            return first
        if first_offset is not None and second_offset is not None and first_offset < second_offset:
            raise RowError(f"{naive.isoformat(timespec='minutes')} does not exist in {zone}: the clock jumps over it; leave the row out")
        if fold:
            return second if fold == "1" else first
        self._seen[whose, naive] += 1
        return first if self._seen[whose, naive] == 1 else second
