"""November 2008, told again: a week with everything that empties a centre for a day, and then three clients who pull half of their volume.

Eight projects of seven clients. Monday is as planned; Tuesday an announced holiday; on Wednesday an air-raid alarm, told of when it begins and
ends; on Thursday noon a trunk fails that five projects come by, which nobody announces; Friday is as planned. Of the week after, a client with
two projects leaves on Monday morning, a second at noon, a third on Tuesday morning. Every day of every project has a factor of its own, drawn
from the dispersion it is judged by, so that the detectors meet the days they are made for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from zoneinfo import ZoneInfo

from monitor.assess.judgement import Judgement
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Hours, Project, QueueId
from monitor.core.incident_log import NO_PBX, IncidentClosed, IncidentOpened, News
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.limits import Limits
from monitor.plan.plan import Plan
from tests.assess.centre import HALF, Centre, Heard, arrivals, plan_of

KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = datetime(2008, 11, 3, tzinfo=KYIV)
DISPERSION = 38.0  # as one bank's days varied
AHT_S = 120.0
COURSE = (0.9, 1.0, 1.1, 1.1, 1.1, 1.0, 0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 0.9, 0.9)  # of the half-hours from nine to six
WEEK, ALL_DAYS = 5, 7


@dataclass(frozen=True, slots=True)
class Line:
    """A project: so many callers on every open day, from this hour to that one (past 24: after midnight)."""

    name: str
    client: str
    daily: float
    opens: int = 9
    closes: int = 18
    days: int = WEEK

    @property
    def project(self) -> Project:
        """Its contract."""
        late = max(0, self.closes - 24) * 3600
        spans = (((0, late),) if late else ()), ((self.opens * 3600, min(24, self.closes) * 3600),)
        opened = [number < self.days for number in range(7)]
        week = tuple((spans[0] if opened[number - 1] else ()) + (spans[1] if opened[number] else ()) for number in range(7))
        return Project(
            *(self.name, self.client, "floor", (QueueId("pbx1", self.name),)),
            zone=KYIV,
            hours=Hours(week),
            aht_us=round(AHT_S) * SECOND,
            dispersion=DISPERSION,
            day_starts=6 * 60 if late else 0,
        )

    def expected(self, day: int) -> Iterator[tuple[int, int, float]]:
        """The half-hours of a day and what the plan expects of each."""
        if day % 7 >= self.days:
            return
        count = 2 * (self.closes - self.opens)
        course = [COURSE[number % len(COURSE)] for number in range(count)]
        for number, weight in enumerate(course):
            start = moment(day, self.opens, 30 * number)
            yield start, start + HALF, self.daily * weight / sum(course)


LINES = (
    Line("bank", "Bank", 480),
    Line("cards", "Bank", 180),
    Line("clinic", "Clinic", 150),
    Line("insurance", "Insurance", 300),
    Line("parcels", "Parcels", 220, closes=20, days=ALL_DAYS),
    Line("pizza", "Pizza", 150, opens=18, closes=26),
    Line("shop", "Shop", 360),
    Line("telecom", "Telecom", 640),
)
CREW = [f"d{number:02}" for number in range(1, 17)]
SHIFTS = [CREW[number::4][:3] for number in range(4)]  # who has lunch together
LATE_CREW, WEEKEND_CREW = [f"e{number}" for number in range(1, 5)], [f"w{number}" for number in range(1, 4)]


def moment(day: int, hour: int, minute: int = 0) -> int:
    """Local time on a day of the story, 0 being its first Monday."""
    at = MONDAY + timedelta(days=day, hours=hour, minutes=minute)  # no clock is changed in this November
    return int(at.timestamp()) * SECOND


HOLIDAY = Incident("holiday", IncidentKind.HOLIDAY, Scope(), moment(1, 0), moment(2, 0), 0)
ALARM = moment(2, 10, 40), moment(2, 12, 20)
TRUNK = moment(3, 12), moment(3, 13, 10)
TRUNKLESS = ("bank", "clinic", "parcels", "shop", "telecom")
LOST = {"Bank": moment(7, 9), "Shop": moment(7, 12), "Insurance": moment(8, 9)}
END = moment(9, 13)
CONTRACT = Contract(
    zone=KYIV,
    groups=(Group("floor", members=("PJSIP/*",), min_occupancy=0.2),),
    projects=tuple(line.project for line in LINES),
    limits=Limits(surplus_agents=6),
    incidents=(HOLIDAY,),
)
TEN = 10 * MINUTE
LOOKS = (moment(1, 15), moment(2, 11, 30), moment(3, 17, 50))  # in the holiday, the alarm, and the evening after the trunk's failure


def share(line: Line, at: int) -> float:
    """Of a normal day's volume, what comes in the ten minutes that begin then."""
    if HOLIDAY.since <= at < moment(2, 0):
        return 0.3
    if ALARM[0] <= at < ALARM[1]:
        return 0.15
    if TRUNK[0] <= at < TRUNK[1] and line.name in TRUNKLESS:
        return 0.0
    return 0.5 if at >= LOST.get(line.client, END) else 1.0


def callers(seed: int, day: int) -> list[tuple[int, str]]:
    """Everybody who calls on a day of the story."""
    found: list[tuple[int, str]] = []
    for line in LINES:
        chance = Random(f"{seed} {line.name} {day}")
        factor = chance.gammavariate(DISPERSION, 1 / DISPERSION)
        tens = ((ten, ten + TEN, mean / 3 * factor * share(line, ten)) for start, end, mean in line.expected(day) for ten in range(start, end, TEN))
        found += arrivals(chance, ((start, end, {line.name: mean}) for start, end, mean in tens))
    return sorted(found)


def the_plan() -> Plan:
    """What was agreed for the story's weeks, and one more."""
    return plan_of(((start, end, {line.name: mean}) for line in LINES for day in range(21) for start, end, mean in line.expected(day)), round(AHT_S))


class November:
    """The story with these days' chances, from its first Monday or a later day on.

    `news` is what was said of incidents, `heard` what was said of the floor, `seen` what was thought of it at `LOOKS`.
    """

    def __init__(self, seed: int, first: int = 0) -> None:
        self.seed = seed
        self.first = first
        self.centre = Centre(CONTRACT, the_plan(), moment(first, 8), (), seed=seed, aht_s=AHT_S)
        self.news: list[tuple[int, News]] = []
        self.seen: dict[int, Judgement] = {}

    @property
    def heard(self) -> list[Heard]:
        """What began and ended to be said."""
        return self.centre.heard

    def tell(self, until: int = END) -> November:
        """Let it happen, up to then."""
        at = moment(self.first, 8)
        days = range(self.first, 10)
        calls = sorted(call for day in days for call in callers(self.seed, day))
        acts = sorted((act for act in chain(*map(self._acts, days), self._happenings(), self._looks()) if act[0] >= at), key=lambda act: act[0])
        taken = done = 0
        for begin in range(at, until, TEN):
            self.centre.step = pace(begin)
            while at < begin + TEN:
                then = min(acts[done][0], begin + TEN) if done < len(acts) else begin + TEN
                first = taken
                while taken < len(calls) and calls[taken][0] < then:
                    taken += 1
                self.centre.until(then, calls[first:taken])
                at = then
                while done < len(acts) and acts[done][0] <= at:
                    acts[done][1](self.centre)
                    done += 1
                self.news += ((at, one) for one in self.centre.keeping.incidents.news)
                self.centre.keeping.incidents.news.clear()
        return self

    def _acts(self, day: int) -> Iterator[tuple[int, Callable[[Centre], None]]]:
        """Who comes, has lunch and goes on a usual day."""
        if day % 7 >= WEEK:
            yield moment(day, 8, 50), lambda centre: centre.log_in(WEEKEND_CREW)
            yield moment(day, 20, 2), lambda centre: centre.log_off(WEEKEND_CREW)
            return
        yield moment(day, 8, 50), lambda centre: centre.log_in(CREW)
        for number, shift in enumerate(SHIFTS):
            if moment(day, 12, 30 * number) < ALARM[1] and day == 2:
                continue  # nobody has lunch in a cellar
            yield moment(day, 12, 30 * number + 1), lambda centre, shift=shift: centre.pause(shift, "lunch")  # type: ignore[misc]
            yield moment(day, 12, 30 * number + 30), lambda centre, shift=shift: centre.pause(shift, None)  # type: ignore[misc]
        yield moment(day, 17, 57), lambda centre: centre.log_in(LATE_CREW)
        yield moment(day, 17, 59), lambda centre: centre.log_off(CREW)
        yield moment(day, 20, 2), lambda centre: centre.log_off(LATE_CREW[3:])
        yield moment(day, 26, 2), lambda centre: centre.log_off(LATE_CREW[:3])

    def _happenings(self) -> Iterator[tuple[int, Callable[[Centre], None]]]:
        """The alarm: it is told of, whoever is free runs, three stay; later all come back, and it is told that it is over."""
        began, ended = ALARM
        ran: list[str] = []

        def run(centre: Centre) -> None:
            now = [name for name in centre.free if name in CREW[3:]]
            centre.phones(now, ready=False)
            ran.extend(now)

        def come_back(centre: Centre) -> None:
            now, ran[:] = ran[:6], ran[6:]
            centre.phones(now, ready=True)

        told = Incident("", IncidentKind.AIR_RAID, Scope(), began, note="siren", who="lead")
        yield began, lambda centre: self._hear(IncidentOpened(NO_PBX, began, told))
        yield from ((began + minute * MINUTE, run) for minute in (1, 2, 3, 5, 8, 12))
        yield ended, lambda centre: self._hear(IncidentClosed(NO_PBX, ended, "1", "lead"))
        yield from ((ended + minute * MINUTE, come_back) for minute in (4, 7, 10))

    def _looks(self) -> Iterator[tuple[int, Callable[[Centre], None]]]:
        for at in LOOKS:
            yield at, lambda centre, at=at: self.seen.update({at: centre.keeping.accruals.judgement})  # type: ignore[misc]

    def _hear(self, told: IncidentOpened | IncidentClosed) -> None:
        assert isinstance(self.centre.keeping.hear(told), Incident)


def pace(at: int) -> int:
    """How often the floor is judged in the ten minutes that begin then: every minute of a drama, else little but while intervals settle."""
    local = datetime.fromtimestamp(at // SECOND, KYIV)
    if any(start - TEN <= at < end + 4 * TEN for start, end in (ALARM, TRUNK)):
        return MINUTE
    settling = local.minute % 30 < 10 and 9 <= local.hour <= 18 and local.weekday() < WEEK and not HOLIDAY.active(at)
    return 3 * MINUTE if settling else TEN


def table(story: November) -> str:
    """All that was said, a line each; what was said in one instant in order of its words."""
    rows = [(one.at, 1, row_of(one)) for one in story.heard]
    rows += [(at, 0, news_of(at, one)) for at, one in story.news]
    lines = [f"{'when':<13} {'':1} {'':8} {'condition':<20} {'about':<10} {'reading':<10} {'detector':<9} {'N':>4} {'F':>6} {'%':>4}".rstrip()]
    return "\n".join([*lines, *(text for *_, text in sorted(rows))]) + "\n"


def _when(at: int) -> str:
    local = datetime.fromtimestamp(at // SECOND, KYIV)
    return f"{local:%d %a %H:%M}".ljust(13)


def row_of(one: Heard) -> str:
    """What people would have heard."""
    what, figures = one.what, one.what.figures
    line = f"{_when(one.at)} {one.sign} {what.severity:<8} {what.condition:<20} {what.subject.name:<10} "
    line += f"{figures.get('reading', '-'):<10} {figures.get('detector', '-'):<9}"
    if "came" in figures:
        came, planned = float(figures["came"]), float(figures.get("planned", 0))
        line += f" {came:4.0f} {planned:6.1f} {100 * (came / planned - 1):+4.0f}"
    return line.rstrip()


def news_of(at: int, news: News) -> str:
    """What is said of an incident."""
    figures = news.figures
    assert figures is not None
    counted = f"of {figures.people}: {figures.away} away, {figures.talking} talking, {figures.back} back, {figures.waiting} waiting"
    return f"{_when(at)} ! {news.incident.kind} {news.moment}, {counted}"
