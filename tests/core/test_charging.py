"""What a call is worth and what an hour costs, as the floor writes it into its minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.core import events as ev
from monitor.core.book import LABOUR, UNPRICED, Book
from monitor.core.chronicle import ContactEnded
from monitor.core.contract import MINUTE, SECOND, Contract, Person, Project
from monitor.core.floor import Floor
from monitor.core.pay import HOUR_US, PAY_US, Multipliers, Pay, Wage
from monitor.core.snapshot import Cell, Window
from monitor.core.tariff import Base, On, PerCall, PerMinute, Tariff
from tests.core.scene import IN_QUEUE, T0, Scene, contract, project

DAY = 24 * 60 * MINUTE
D = Decimal
SINCE = date(2020, 1, 1)
MINUTELY = Tariff(SINCE, per_minute=PerMinute(D("1.50"), increment_s=60, minimum_s=60))
WAGES = Pay((Wage(D("180.00"), group="floor"),))


def of_bank(scene: Scene) -> dict[str, int]:
    """What is billed of the bank, zeros left out."""
    cells = (Cell.BILLED, Cell.BILLED_S, Cell.REVENUE_U, Cell.CONNECTED_US)
    return {cell.name.lower(): amount for cell, amount in scene.minutes().items() if cell in cells}


def bank(*tariffs: Tariff, **more: Any) -> Contract:
    return contract(project("bank", tariffs=tariffs, wrapup_us=0, **more))


def labour(scene: Scene, index: int = LABOUR) -> int:
    return scene.floor.ledger.groups["floor"].total(0, None)[index]


# --- calls ----------------------------------------------------------------------------------------------------------------------------


def test_a_call_is_charged_once_nobody_works_on_it() -> None:
    scene = Scene(contract(project("bank", tariffs=(MINUTELY,), wrapup_us=15 * SECOND))).staffed("ann")
    scene.call(1, "c", "ann", talk=61)
    assert of_bank(scene) == {}
    scene.floor.advance(scene.us(90))
    assert of_bank(scene) == {"billed": 1, "billed_s": 120, "revenue_u": 3_000_000, "connected_us": 61 * SECOND}


def test_it_is_charged_in_the_minute_in_which_it_came() -> None:
    scene = Scene(bank(MINUTELY)).staffed("ann")
    scene.call(59, "c", "ann", talk=130)
    cells = scene.floor.ledger.projects["bank"].cells()
    assert [minute for minute, row in cells.items() if row[Cell.BILLED]] == [T0]
    assert [minute for minute, row in cells.items() if row[Cell.HANDLED]] == [T0 + 3 * MINUTE]


@pytest.mark.parametrize(
    ("base", "seconds"),
    [(Base.TALK, 40), (Base.TALK_HOLD, 60), (Base.HANDLE, 75), (Base.CONNECTED, 60)],
)
def test_each_base_is_a_time_of_its_own(base: Base, seconds: int) -> None:
    scene = Scene(contract(project("bank", tariffs=(Tariff(SINCE, per_minute=PerMinute(D(1), base)),), wrapup_us=15 * SECOND))).staffed("ann")
    scene.call_up(0, "c")
    scene.apply(ev.HoldPressed("pbx1", scene.us(10), "ann-c"))
    scene.apply(ev.HoldReleased("pbx1", scene.us(30), "ann-c"))
    scene.finish(60, "c", "ann", "ann-c")
    scene.floor.advance(scene.us(120))
    assert of_bank(scene)["billed_s"] == seconds


def test_a_call_that_is_worked_on_again_is_charged_the_difference() -> None:
    scene = Scene(contract(project("bank", tariffs=(Tariff(SINCE, per_minute=PerMinute(D(60), Base.HANDLE)),), wrapup_us=10 * SECOND)))
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "bob")])
    scene.call(0, "c", "ann", talk=10)
    scene.floor.advance(scene.us(30))
    assert of_bank(scene)["revenue_u"] == 20 * 1_000_000
    contact = next(iter(scene.floor.queueing.contacts.every()))
    contact.handle_us += 5 * SECOND  # as a log that is found later tells of more work on it
    scene.floor.queueing.review(contact, scene.us(40))
    scene.floor.queueing.review(contact, scene.us(41))
    assert of_bank(scene)["revenue_u"] == 25 * 1_000_000


def test_what_nobody_answered_costs_nothing_and_what_is_answered_costs_by_the_call() -> None:
    tariff = Tariff(SINCE, per_call=PerCall(D("2.50"), On.ANSWERED, min_talk_s=5))
    scene = Scene(bank(tariff)).staffed("ann")
    scene.call(0, "long", "ann", talk=5)
    scene.call(10, "short", "ann", talk=4)
    scene.channel(20, "gone")
    scene.join(20, "gone")
    scene.hang_up(40, "gone")
    scene.floor.advance(scene.us(90))
    assert of_bank(scene) == {"billed": 1, "revenue_u": 2_500_000, "connected_us": 9 * SECOND}


def test_the_prices_are_those_of_the_day_a_call_came() -> None:
    day = datetime.fromtimestamp(T0 // SECOND, UTC).date()
    dear = Tariff(day, per_call=PerCall(D(9)))
    cheap = Tariff(SINCE, until=date.fromordinal(day.toordinal() - 1), per_call=PerCall(D(1)))
    scene = Scene(bank(cheap, dear)).staffed("ann")
    scene.call(0, "c", "ann")
    assert of_bank(scene)["revenue_u"] == 9_000_000
    before = Scene(bank(cheap, dear), start=T0 - DAY).staffed("ann")
    before.call(0, "c", "ann")
    assert of_bank(before)["revenue_u"] == 1_000_000
    assert "revenue_u" not in of_bank(_called(bank(replace(dear, since=date.fromordinal(day.toordinal() + 1)))))  # not agreed yet


def _called(agreed: Contract, number: str = "", who: str = "ann") -> Scene:
    scene = Scene(agreed).staffed(who)
    scene.floor.keep()
    scene.channel(0, "c")
    scene.apply(ev.CallerJoined("pbx1", scene.us(0), "c", "c", "PJSIP/trunk-c", "bank", IN_QUEUE, number))
    scene.ring(0, "c", who, f"{who}-c")
    scene.answer(0, "c", who, f"{who}-c")
    scene.finish(10, "c", who, f"{who}-c")
    scene.floor.advance(scene.us(90))
    return scene


def _record(scene: Scene) -> ContactEnded:
    return [one for one in scene.floor.chronicle.details.records if isinstance(one, ContactEnded)][-1]


@pytest.mark.parametrize(("number", "why"), [("+380441110000", "test"), ("ann", "internal"), ("380501234567", ""), ("", "")])
def test_tests_and_calls_from_the_floor_are_not_billed(number: str, why: str) -> None:
    scene = _called(bank(MINUTELY, test_callers=("+38044111*",)), number)
    assert _record(scene).exempt == why
    assert of_bank(scene).get("billed", 0) == (0 if why else 1)
    assert scene.contacts()["handled"] == 1, "they are calls all the same"


@pytest.mark.parametrize(("kept", "number", "digits"), [(4, "+380501234567", "4567"), (4, "12", "12"), (4, "anonymous", ""), (0, "+380501234567", "")])
def test_of_a_number_its_last_digits_are_kept_where_that_is_agreed(kept: int, number: str, digits: str) -> None:
    assert _record(_called(bank(MINUTELY, caller_digits=kept), number)).digits == digits


def test_the_record_has_what_a_bill_needs() -> None:
    record = _record(_called(bank(MINUTELY)))
    assert (record.queue, record.agent, record.talk_us, record.hold_us, record.connected_us) == ("bank", "pbx1/PJSIP/ann", 10 * SECOND, 0, 10 * SECOND)


# --- people ---------------------------------------------------------------------------------------------------------------------------


def test_paid_time_is_kept_by_its_rate() -> None:
    scene = Scene(replace(contract(), pay=WAGES)).staffed("ann")
    scene.floor.advance(scene.us(60))
    assert labour(scene) == 60 * SECOND // PAY_US * 18_000
    scene.member(60, "bank", "ann", paused=True, reason="break")
    scene.member(120, "bank", "ann", paused=True, reason="lunch")  # unpaid
    scene.floor.advance(scene.us(240))
    assert labour(scene) == 120 * SECOND // PAY_US * 18_000
    assert labour(scene, UNPRICED) == 0


def test_a_person_s_own_wage_goes_before_the_group_s_and_without_any_nothing_is_known() -> None:
    people = (Person("7", "Ann", ("PJSIP/ann",)), Person("8", "Bob", ("PJSIP/bob",)))
    wages = Pay((Wage(D(360), person="7"),))
    scene = Scene(replace(contract(), pay=wages, people=people))
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "bob")])
    scene.floor.advance(scene.us(30))
    assert labour(scene) == 30 * SECOND // PAY_US * 36_000
    assert labour(scene, UNPRICED) == 30 * SECOND


def test_a_night_is_paid_from_its_first_second_to_its_last() -> None:
    zone = ZoneInfo("Europe/Kyiv")
    evening = int(datetime(2025, 11, 24, 21, 45, tzinfo=zone).timestamp()) * SECOND
    pay = replace(WAGES, multipliers=Multipliers(night=D("1.20"), night_from=time(22), night_to=time(6)))
    scene = Scene(replace(contract(), pay=pay, zone=zone), start=evening).staffed("ann")
    scene.floor.advance(evening + 9 * HOUR_US)  # in one step: the time is cut where the rate changes
    assert labour(scene) == (15 * MINUTE * 18_000 + 8 * HOUR_US * 21_600 + 45 * MINUTE * 18_000) // PAY_US


def test_time_that_was_not_unobserved_after_all_is_paid_once() -> None:
    scene = Scene(replace(contract(), pay=WAGES)).staffed("ann")
    scene.lost(10)
    scene.floor.advance(scene.us(300))
    scene.sight(300, members=[scene.row(300, "bank", "ann")])
    scene.floor.advance(scene.us(600))
    assert labour(scene) == 600 * SECOND // PAY_US * 18_000


# --- days -----------------------------------------------------------------------------------------------------------------------------


def a_book(zone: str = "Europe/Kyiv") -> Book:
    return Book(Project("bank", "Bank", "floor", (), zone=ZoneInfo(zone)), 30 * MINUTE, len(Cell))


def test_a_day_that_is_over_keeps_its_sums_and_takes_what_comes_late() -> None:
    book = a_book()
    book.roll(T0)
    today = book.clock.day_of(T0).toordinal()
    book.add(T0, Cell.BILLED, 3)
    assert book.on(today) is book.windows[Window.DAY].sums
    book.roll(T0 + DAY)
    known = book.on(today)
    assert known is not None
    assert known[Cell.BILLED] == 3
    before = book.past_revision
    book.add(T0 + MINUTE, Cell.BILLED, 1)
    book.add_all(T0, [(int(Cell.BILLED), 1), (int(Cell.BILLED_S), 60)])
    assert (known[Cell.BILLED], known[Cell.BILLED_S]) == (5, 60)
    assert book.past_revision > before
    assert book.on(today - 1) is None


def test_days_are_kept_for_two_billing_periods_and_forgotten_then() -> None:
    book = a_book()
    for day in range(100):
        book.roll(T0 + day * DAY)
        book.add(T0 + day * DAY, Cell.BILLED, 1)
    assert 62 <= len(book.days) <= 70
    assert all(row[Cell.BILLED] == 1 for row in book.days.values())


@pytest.mark.parametrize("step", [-3 * 60 * MINUTE, -30 * 60 * MINUTE, 30 * 60 * MINUTE])
def test_a_step_of_the_clock_loses_no_day(step: int) -> None:
    floor = Floor(bank(MINUTELY), T0 - 3 * DAY)
    book = floor.ledger.projects["bank"]
    total = 0
    for day in range(3):
        floor.advance(T0 + (day - 3) * DAY + 60 * MINUTE)
        book.add(floor.now, Cell.BILLED, 1)
        total += 1
    floor.shift(step)
    floor.advance(floor.now + MINUTE)
    kept = [row[Cell.BILLED] for row in book.days.values()] + [book.windows[Window.DAY].sums[Cell.BILLED]]
    assert sum(kept) == total
