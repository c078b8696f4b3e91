"""Eight weeks of a queue_log whose rates are known: what a plan made of it is held against.

Three lines with different days: a bank by day, whose Saturdays are short; a taxi line open over midnight; and a notary with ten calls a day. Each
day has one gamma factor (k), each interval a Poisson count of it, as the theory of a plan has it. Into that come what real weeks bring: a holiday,
an outage (no rows), an alarm evening in which half the callers stay away, lost callers who dial again, withheld numbers, a second queue
behind the first, clock changes. Owns chance, by a seed, and the text. What the plan should have found is `Line.rate` and `Line.aht`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
HALF_HOUR = 1800


@dataclass(frozen=True)
class Line:
    """A project's calls: by local date of the day and half-hour of the clock, contacts and mean talk; how much its days vary."""

    project: str
    queues: tuple[str, ...]
    k: float
    day_starts: int  # minutes
    rate: Callable[[int, int], float]  # weekday of its day, half-hour of the clock
    talk: Callable[[int], float]  # half-hour of the clock
    hours: str
    answered: float = 0.75

    def day_of(self, local: datetime) -> date:
        return local.date() if local.hour * 60 + local.minute >= self.day_starts else local.date() - timedelta(days=1)


def _bump(half: int, middle: float, width: float) -> float:
    return math.exp(-(((half - middle) / width) ** 2) / 2)


def _bank(weekday: int, half: int) -> float:
    if weekday == 6:
        return 0.0
    if weekday == 5:
        return 25 + 10 * _bump(half, 22, 3) if 18 <= half < 30 else 0.0
    busy = (1.2, 1.05, 1.0, 0.95, 1.1)[weekday]
    return busy * (10 + 30 * _bump(half, 21, 2.5) + 18 * _bump(half, 31, 4)) if 16 <= half < 40 else 0.0


def _taxi(weekday: int, half: int) -> float:
    if not (half >= 36 or half < 12):
        return 0.0
    late = half if half >= 36 else half + 48
    if weekday in (4, 5):
        return 6 + 22 * _bump(late, 53, 4)
    return 4 + 14 * _bump(late, 42, 4)


def _notary(weekday: int, half: int) -> float:
    return (0.35 + 0.4 * _bump(half, 22, 3)) if weekday < 5 and 18 <= half < 36 else 0.0


BANK = Line("bank-line", ("bank", "bank-2"), 300.0, 0, _bank, lambda half: 150 + 40 * (half >= 32), "Mon-Fri 08:00-20:00, Sat 09:00-15:00")
TAXI = Line("taxi-night", ("taxi",), 20.0, 720, _taxi, lambda half: 60.0, "Mon-Sun 18:00-06:00")
NOTARY = Line("notary", ("notary",), 20.0, 0, _notary, lambda half: 240.0, "Mon-Fri 09:00-18:00")
LINES = (BANK, TAXI, NOTARY)


@dataclass(frozen=True)
class Weeks:
    """Eight weeks up to a Monday, and what happened in them."""

    past: date
    seed: int = 1
    lines: tuple[Line, ...] = LINES
    number: int = 8
    holiday: date | None = None
    outage: tuple[datetime, datetime] | None = None
    alarm: tuple[datetime, datetime] | None = None
    redial: float = 0.6  # of lost callers
    month: float = 0.0  # growth in 28 days

    @property
    def first(self) -> date:
        return self.past - timedelta(weeks=self.number)


@dataclass
class Log:
    """Rows being written, and each line's demands as they were."""

    rows: list[tuple[int, int, str]] = field(default_factory=list)
    calls: int = 0

    def add(self, at: float, *fields: object) -> None:
        self.rows.append((int(at), len(self.rows), "|".join(map(str, (int(at), *fields)))))

    def text(self) -> str:
        return "".join(f"{row}\n" for _, _, row in sorted(self.rows))


def weeks_of(past: date, **more: object) -> Weeks:
    """With everything in them: a holiday on the third Monday, an outage on the sixth Saturday, an alarm on the fifth Friday evening."""
    first = past - timedelta(weeks=8)
    saturday, friday = first + timedelta(days=5 * 7 + 5), first + timedelta(days=4 * 7 + 4)
    return Weeks(
        past,
        holiday=first + timedelta(days=14),
        outage=(datetime.combine(saturday, time(9, 10), KYIV), datetime.combine(saturday, time(14, 50), KYIV)),
        alarm=(datetime.combine(friday, time(18, 0), KYIV), datetime.combine(friday, time(23, 0), KYIV)),
        **more,  # type: ignore[arg-type]
    )


def queue_log(weeks: Weeks) -> str:
    """The text."""
    chance = random.Random(weeks.seed)
    log = Log()
    start = int(datetime.combine(weeks.first, time(), KYIV).timestamp())
    log.add(start, "NONE", "NONE", "NONE", "QUEUESTART", "")
    for line in weeks.lines:
        for at, mean in _intervals(weeks, line, chance):
            for _ in range(_poisson(chance, mean)):
                _contact(log, line, chance, at + HALF_HOUR * chance.random(), weeks)
    if weeks.outage is not None:
        since, until = (one.timestamp() for one in weeks.outage)
        log.rows = [row for row in log.rows if not since <= row[0] < until]
    return log.text()


def _intervals(weeks: Weeks, line: Line, chance: random.Random) -> Iterator[tuple[int, float]]:
    """Every half-hour that elapses and what comes in it on such a day as this is."""
    at = int(datetime.combine(weeks.first, time(), KYIV).timestamp())
    end = int(datetime.combine(weeks.past, time(), KYIV).timestamp())
    factors: dict[date, float] = {}
    while at < end:
        local = datetime.fromtimestamp(at, KYIV)
        day = line.day_of(local)
        factor = factors.setdefault(day, chance.gammavariate(line.k, 1 / line.k))
        mean = line.rate(day.weekday(), local.hour * 2 + local.minute // 30) * factor * (1 + weeks.month) ** ((at - end) / (28 * 86_400))
        if local.date() == weeks.holiday:
            mean *= 0.15
        if weeks.alarm is not None and weeks.alarm[0].timestamp() <= at < weeks.alarm[1].timestamp():
            mean *= 0.5
        yield at, mean
        at += HALF_HOUR


def _contact(log: Log, line: Line, chance: random.Random, at: float, weeks: Weeks) -> None:
    """A customer, with every call he makes until he is served or gives up."""
    number = "anonymous" if chance.random() < 0.08 else f"380{chance.randrange(10**9):09}"
    for _ in range(4):
        log.calls += 1
        call = f"{int(at)}.{log.calls}"
        queue = line.queues[0]
        log.add(at, call, queue, "NONE", "ENTERQUEUE", "", number, 1)
        waited = 1 + chance.expovariate(1 / 15)
        if len(line.queues) > 1 and chance.random() < 0.1:
            log.add(at + 20, call, queue, "NONE", "EXITWITHTIMEOUT", 1, 1, 20)
            at, queue = at + 20, line.queues[1]
            log.add(at, call, queue, "NONE", "ENTERQUEUE", "", number, 1)
        half = datetime.fromtimestamp(at, KYIV)
        if chance.random() < line.answered:
            talk = max(1, round(chance.gammavariate(1.5, line.talk(half.hour * 2 + half.minute // 30) / 1.5)))
            log.add(at + waited, call, queue, "Agent 1", "CONNECT", int(waited), f"{call}9", 2)
            log.add(at + waited + talk, call, queue, "Agent 1", "COMPLETECALLER", int(waited), talk, 1)
            return
        log.add(at + waited, call, queue, "NONE", "ABANDON", 1, 1, int(waited))
        if number == "anonymous" or chance.random() >= weeks.redial:
            return
        at += waited + 30 + 270 * chance.random()


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's product, by halves where the mean is large."""
    if mean <= 0:
        return 0
    if mean > 30:
        return _poisson(chance, mean / 2) + _poisson(chance, mean / 2)
    limit, number, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number
