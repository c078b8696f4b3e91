"""The simulated outsourcer: its clients, their lines, queues and dialplans, and the shape of each one's day.

Owns what is the same on every day and for every seed, as one table. Refuses chance (`demand`), people (`roster`) and happenings
(`events`). Rates are contacts per hour at hours of the local day, straight lines between them. Next: `demand` and `papers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from monitor.demo.switch.specs import QueueSpec, Step

ZONE: Final = ZoneInfo("Europe/Kyiv")
SITE: Final = "demo"
PBX: Final = "pbx1"
SERVICE_CV: Final = 1.5  # of talk times: most calls are short, a few are very long
LONGEST_TALK_S: Final = 2700.0
SHORTEST_TALK_S: Final = 6.0
DAY_CV: Final = 0.06  # how much days differ in volume


@dataclass(frozen=True, slots=True)
class Way:
    """How some callers of a project go through the dialplan."""

    share: float
    did: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A client's project: who calls when, for how long, and what was agreed. `rates` are (hour, contacts per hour)."""

    project: str
    client: str
    group: str
    trunk: str
    hours: str
    queues: tuple[str, ...]
    ways: tuple[Way, ...]
    rates: tuple[tuple[float, float], ...]
    talk_s: float
    aht_s: int  # as planned: talk with its holds and transfers, and wrap-up
    wrapup_s: int
    patience_s: float
    target: str
    threshold_s: int
    key: str = ""  # what some callers press who are tired of waiting
    storm: float = 1.0  # how a thunderstorm changes its volume

    def rate(self, hour: float) -> float:
        """Contacts per hour expected at an hour of the local day; nothing outside opening hours."""
        for (left, low), (right, high) in zip(self.rates, self.rates[1:], strict=False):
            if left <= hour < right:
                return low + (high - low) * (hour - left) / (right - left)
        return 0.0

    def peak(self) -> float:
        """The highest rate of the day."""
        return max(rate for _, rate in self.rates)


def talk(random: Random, mean_s: float) -> float:
    """A lognormal duration in seconds."""
    variance = log(1 + SERVICE_CV**2)
    seconds = exp(random.gauss(log(mean_s) - variance / 2, sqrt(variance)))
    return min(max(seconds, SHORTEST_TALK_S), LONGEST_TALK_S)


def _queue(name: str, longest: str = "", options: str = "t") -> Step:
    return ("queue", name, options, longest)


_ANSWER: Final[tuple[Step, ...]] = (("answer",), ("wait", "2"))
_BYE: Final[Step] = ("hangup",)

BANK: Final = Line(
    project="bank-line",
    client="Bank",
    group="floor",
    trunk="trunk-bank",
    hours="Mon-Sun 09:00-20:00",
    queues=("bank", "bank-vip", "bank-2nd"),
    ways=(
        Way(0.92, "0800500101", (*_ANSWER, _queue("bank", "75"), _queue("bank-2nd", "240"), _BYE)),
        Way(0.08, "0800500102", (*_ANSWER, _queue("bank-vip", "45"), _queue("bank"), _BYE)),
    ),
    rates=((9, 78), (10, 112), (11, 130), (12, 114), (13, 114), (14, 180), (14.5, 246), (15.5, 236), (16, 95), (17, 70), (18, 58), (19, 46), (20, 28)),
    talk_s=185,
    aht_s=218,
    wrapup_s=20,
    patience_s=190,
    target="0.80",
    threshold_s=20,
)
SHOP: Final = Line(
    project="shop-line",
    client="Shop",
    group="floor",
    trunk="trunk-shop",
    hours="Mon-Sun 08:00-22:00",
    queues=("shop",),
    ways=(Way(1.0, "0800500201", (*_ANSWER, _queue("shop", "300"), _BYE)),),
    rates=((8, 24), (9, 38), (11, 58), (13, 54), (14, 82), (15.5, 92), (16, 60), (18, 64), (19.5, 76), (20, 98), (21, 86), (22, 34)),
    talk_s=160,
    aht_s=181,
    wrapup_s=15,
    patience_s=140,
    target="0.80",
    threshold_s=30,
    key="1",
    storm=1.3,
)
TAXI: Final = Line(
    project="taxi-line",
    client="Taxi",
    group="floor",
    trunk="trunk-taxi",
    hours="Mon-Sun 00:00-24:00",
    queues=("taxi",),
    ways=(Way(1.0, "0445000777", (("answer",), _queue("taxi", "120"), _BYE)),),
    rates=((0, 24), (2, 9), (5, 10), (7, 58), (8.5, 90), (10, 58), (13, 50), (16, 60), (18, 64), (20, 54), (22, 42), (24, 24)),
    talk_s=48,
    aht_s=57,
    wrapup_s=5,
    patience_s=70,
    target="0.85",
    threshold_s=15,
    storm=2.2,
)
COLLECT: Final = Line(
    project="collect-line",
    client="Credit",
    group="collectors",
    trunk="trunk-collect",
    hours="Mon-Sun 09:00-20:00",
    queues=("collect",),
    ways=(Way(1.0, "0800500301", (*_ANSWER, _queue("collect", "180"), _BYE)),),
    rates=((9, 8), (11, 14), (13, 10), (16, 12), (20, 6)),
    talk_s=140,
    aht_s=163,
    wrapup_s=20,
    patience_s=90,
    target="0.70",
    threshold_s=30,
)
LINES: Final = (BANK, SHOP, TAXI, COLLECT)
TRUNKS: Final = (*(line.trunk for line in LINES), "trunk-out")

QUEUES: Final = (
    QueueSpec("bank", ring_s=15, retry_s=2, wrapup_s=20),
    QueueSpec("bank-vip", strategy="leastrecent", ring_s=15, retry_s=2, wrapup_s=20),
    QueueSpec("bank-2nd", ring_s=20, retry_s=3, wrapup_s=20),
    QueueSpec("shop", ring_s=15, retry_s=2, wrapup_s=15, service_level_s=30, leave_when_empty=True, key_context=True),
    QueueSpec("taxi", strategy="ringall", ring_s=15, retry_s=1, wrapup_s=5, service_level_s=15),
    QueueSpec("collect", ring_s=15, retry_s=3, wrapup_s=20, service_level_s=30),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """The outbound work of the collectors: they dial one number after the other."""

    line: Line
    trunk: str
    first_hour: float
    last_hour: float
    pause_s: float  # between two calls
    talk_s: float
    dialling_s: float  # of an attempt, until somebody answers or nobody does
    attempts_per_hour: float  # of one agent, as planned
    reached: float  # share of attempts that a person answers


CAMPAIGN: Final = Campaign(COLLECT, "trunk-out", 9, 20, pause_s=14, talk_s=105, dialling_s=15, attempts_per_hour=34, reached=0.38)


def line_of(queue: str) -> Line:
    """Whose queue it is."""
    return next(line for line in LINES if queue in line.queues)
