"""Attempts in a store, as the writer leaves them, some of them while signals were on. Nothing is asserted in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

from monitor.core.chronicle import AttemptEnded
from monitor.core.contract import SECOND, Contract
from monitor.state.store.place import Place
from tests.assess.storms import binomial
from tests.outputs.reports.filled import KYIV, MONDAY, Filled, at

STORM, LAW = "storm", "law"
DAYS = 26


@dataclass(frozen=True, slots=True)
class Tries:
    """Attempts at one instant: so many, the first of them contacts."""

    project: str
    when: int
    attempts: int
    contacts: int
    signals: str = ""
    region: str | None = "Kyiv"
    status: str = "noanswer"
    direction: str = "outbound"


def put(place: Place, contract: Contract, tries: Iterable[Tries]) -> None:
    """Through the writer."""
    filled = Filled(contract)
    filled.details += _told(tries)
    filled.write(place)


def _told(tries: Iterable[Tries]) -> Iterator[AttemptEnded]:
    numbers = count()
    for one in tries:
        for nth in range(one.attempts):
            contact = nth < one.contacts
            of = ("pbx1", str(next(numbers)), "PJSIP/carrier-0000000b", one.project, one.direction, one.when, "1042", "answer" if contact else one.status)
            yield AttemptEnded(*of, one.when if contact else None, one.when, contact, 0, 0, 0, one.region, one.signals)


def weeks(contract: Contract, place: Place) -> None:
    """Storms that cost the bank a third, and too few of the shop to tell; a law from one day on, which does nothing to the shop.

    Where the shop calls at eleven nobody knows, so neither whether it storms there."""
    last = at("20:00", MONDAY + timedelta(days=DAYS - 1))
    filled = Filled(contract).observe(last, last + 60 * SECOND)
    filled.details += dialled()
    filled.write(place)


def dialled() -> Iterator[AttemptEnded]:
    """All of these attempts."""
    return _told(_weeks(Random(7)))


def _weeks(random: Random) -> Iterator[Tries]:
    for number in range(DAYS):
        day = MONDAY + timedelta(days=number)
        for hour in range(9, 13):
            when = moment(day, hour)
            stormy = number % 3 == 1 and hour > 9
            names = ",".join(name for name, on in ((LAW, number >= 12), (STORM, stormy and number % 2 == 1 and hour != 11)) if on)
            yield Tries("bank-line", when, 60, binomial(random, 60, 0.2 if stormy else 0.3), STORM if stormy else "")
            yield Tries("shop-line", when, 30, binomial(random, 30, 0.3), names, region=None if hour == 11 else "Lviv")
        yield Tries("bank-line", moment(day, 15), 1, 0, status="unknown")
        yield Tries("bank-line", moment(day, 16), 3, 3, direction="callback")


def moment(day: date, hour: int, minute: int = 20) -> int:
    """By Kyiv's clock."""
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=KYIV).timestamp()) * SECOND
