"""From rows to a bill: hours of agents, guarantees by the plan that was signed, service level without excused incidents."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.assess.charges import Kind
from monitor.core.contract import MINUTE, SECOND, Language
from monitor.core.direction import Direction
from monitor.errors import PlanError
from monitor.outputs.reports import bills
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.dialled import Dialled
from monitor.outputs.reports.words import Words
from monitor.reporting import ask, making
from monitor.reporting.account import Books, account
from monitor.reporting.wish import Wish
from monitor.state.store.writer import PlanVersion
from tests.reporting.centre import Centre, at, call, group_minute, incident, lost, minute, seen

HOUR = 60 * MINUTE
NOW = at("2026-12-02 10:00:00")
GUARANTEED = """
[[project.tariff]]
from = 2026-01-01
per_call = "0.90"
minimum = { share_of_contract_plan = "0.9" }
"""
BONUS = """
[[project.tariff]]
from = 2026-01-01
per_call = "100.00"
[project.tariff.sl_adjust]
formula = "sl_abandon_negative"
threshold_seconds = 20
exclude = ["air_raid"]
bands = [{ at_least = 0.90, percent = 3 }, { at_least = 0, percent = -5 }]
"""


def hours(more: str) -> str:
    return f'[[project.tariff]]\nfrom = 2026-01-01\nper_agent_hour = {{ price = "200.00", {more} }}\n'


def of(centre: Centre, now: int = NOW, project: str = "bank-line") -> Account:
    config = centre.config
    with making.reading(config) as reader:
        return account(Books(config, reader, now), config.contract.project[project], date(2026, 11, 1), date(2026, 12, 1))


def plan(since: str, calls: int, file: str = "/contract.csv") -> PlanVersion:
    rows = "".join(f"bank-line,2026-11-{day:02} 09:00,{calls},180\n" for day in range(1, 31))
    return PlanVersion.of("contract", at(since), file, "start", "floorwatch", f"project,interval_start,volume,aht_s\n{rows}".encode())


def amounts(found: Account) -> dict[Kind, Decimal]:
    (bill,) = found.bills
    return {line.kind: line.amount for line in bill.lines}


def test_what_is_short_of_the_plan_that_was_signed(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([call("bank-line", "2026-11-03 09:00:00")], plans=[plan("2026-11-15 00:00:00", 10)])
    assert amounts(of(centre)) == {Kind.PER_CALL: Decimal("0.90"), Kind.GUARANTEE: Decimal("242.10")}


def test_another_content_of_the_same_file_is_not_what_was_signed(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([], plans=[plan("2026-10-15 00:00:00", 10)])
    centre.store([], plans=[plan("2026-11-10 00:00:00", 1000)])
    assert amounts(of(centre))[Kind.GUARANTEE] == Decimal("243.00")


def test_a_plan_signed_anew_holds_from_the_day_its_file_is_there(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([], plans=[plan("2026-10-15 00:00:00", 10)])
    centre.store([], plans=[plan("2026-11-16 00:00:00", 20, "/anew.csv")])
    assert amounts(of(centre))[Kind.GUARANTEE] == Decimal("364.50")


@pytest.mark.parametrize(
    ("now", "working", "days"),
    [
        ("2026-11-03 12:00:00", {"15:00": 4}, "2.6"),
        ("2026-11-03 12:00:00", {"11:00": 14}, "3"),
        ("2026-11-03 12:00:00", {"15:00": 2, "18:00": 12}, "2.3"),
        ("2026-11-04 00:00:00", {"15:00": 4}, "3"),
    ],
)
def test_of_a_running_day_as_much_is_guaranteed_as_was_due_by_now(tmp_path: Path, now: str, working: dict[str, int], days: str) -> None:
    """As the working plan has it, like live; what is over is due as a whole."""
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([], [minute("bank-line", at("2026-11-03 09:00:00"), plan_calls=6_000_000)], [plan("2026-10-15 00:00:00", 10)])
    rows = "".join(f"bank-line,2026-11-03 {when},{calls},180\n" for when, calls in working.items())
    (tmp_path / "plan.csv").write_text(f"project,interval_start,volume,aht_s\n{rows}")
    centre.file.write_text(centre.file.read_text().replace('[plan]\nfile = ""', '[plan]\nfile = "plan.csv"'))
    (found,) = of(centre, at(now)).bills
    assert found.shortfall_calls == Decimal(days) * 9


def test_without_a_working_plan_a_running_day_is_due_as_time_passes(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([], plans=[plan("2026-10-15 00:00:00", 10)])
    (found,) = of(centre, at("2026-11-03 12:00:00")).bills
    assert found.shortfall_calls == Decimal("22.5")


def test_without_the_plan_there_is_no_total(tmp_path: Path) -> None:
    (bill,) = of(Centre(tmp_path, bank=GUARANTEED)).bills
    assert (bill.guarantee, bill.total) == (None, None)


def test_a_plan_that_cannot_be_read_any_more_is_said_where_it_matters_only(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=GUARANTEED)
    centre.store([], plans=[PlanVersion.of("contract", at("2026-10-15 00:00:00"), "/contract.csv", "start", "floorwatch", b"project\nshop\n")])
    with pytest.raises(PlanError, match=r"^/contract\.csv"):
        of(centre)
    assert of(centre, project="shop-line").bills


def test_hours_of_agents(tmp_path: Path) -> None:
    told = [
        group_minute(at("2026-11-02 09:00:00"), talk=2 * HOUR, available=HOUR, paused=HOUR),
        minute("bank-line", at("2026-11-02 09:00:00"), talk_us=HOUR, plan_agent_us=5 * HOUR),
        minute("shop-line", at("2026-11-02 09:00:00"), talk_us=2 * HOUR, wrapup_us=HOUR),
    ]
    for number, (more, expected) in enumerate(
        (
            ('base = "logged_in", allocation = "handle"', "200.00"),
            ('base = "logged_in", allocation = "0.4"', "320.00"),
            ('base = "available+handle", allocation = "handle"', "150.00"),
            ('base = "scheduled"', "1000.00"),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        centre = Centre(folder, bank=hours(more))
        centre.store([], told)
        assert amounts(of(centre)) == {Kind.PER_AGENT_HOUR: Decimal(expected)}, more


def test_hours_of_agents_who_call_out(tmp_path: Path) -> None:
    """As live: of their own and of planned time both directions, dialling in it."""
    told = [
        group_minute(at("2026-11-02 09:00:00"), talk=3 * HOUR, dialing=HOUR),
        minute(
            "bank-line", at("2026-11-02 09:00:00"), out_dialing_us=HOUR, out_talk_us=HOUR, callback_talk_us=HOUR, plan_agent_us=HOUR, plan_out_agent_us=5 * HOUR
        ),
        minute("shop-line", at("2026-11-02 09:00:00"), talk_us=HOUR),
    ]
    for number, (more, expected) in enumerate((('base = "logged_in", allocation = "handle"', "600.00"), ('base = "scheduled"', "1200.00"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        centre = Centre(folder, bank=hours(more))
        centre.store([], told)
        assert amounts(of(centre)) == {Kind.PER_AGENT_HOUR: Decimal(expected)}, more


def test_whom_a_client_had_called(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='outbound = { contexts = ["from-bank"] }')
    morning, night = at("2026-11-02 09:00:00"), at("2026-11-02 23:59:00")
    rows = [minute("bank-line", morning, out_attempts=5, out_taken=3, out_contacts=2), minute("bank-line", night, out_attempts=1, callback_attempts=1)]
    centre.store([], rows)
    found = of(centre)
    assert found.dialled[date(2026, 11, 2)] == {Direction.OUTBOUND: Dialled(6, 3, 2), Direction.CALLBACK: Dialled(1)}
    assert not found.dialled[date(2026, 11, 3)][Direction.OUTBOUND].alive
    assert of(centre, project="shop-line").dialled == {}


def test_hours_of_agents_are_those_of_the_site_s_day(tmp_path: Path) -> None:
    """As the group's book has them live; what divides them are each project's own days."""
    early = at("2026-11-02 00:30:00")
    told = [
        group_minute(at("2026-11-01 23:30:00"), talk=50 * HOUR),
        group_minute(early, talk=3 * HOUR),
        group_minute(at("2026-11-02 23:30:00"), talk=HOUR),
        group_minute(at("2026-11-03 00:00:00"), talk=50 * HOUR),
        minute("bank-line", at("2026-11-02 12:00:00"), talk_us=HOUR),
        minute("bank-line", at("2026-11-03 04:00:00"), talk_us=2 * HOUR),
        minute("shop-line", early, talk_us=HOUR),
        minute("shop-line", at("2026-11-03 00:00:00"), talk_us=HOUR),
    ]
    own_day = 'timezone = "Europe/London"\nday_starts = "05:00"\n'
    centre = Centre(tmp_path, bank=own_day + hours('allocation = "handle"'))
    centre.store([], told)
    found = of(centre)
    assert {day.day: day.agent_us for day in found.days if day.agent_us} == {date(2026, 11, 2): 3 * HOUR}
    assert found.hours_zone == "Europe/Kyiv"
    said = "bank-line: hours of agents are those of the group from midnight to midnight of each date by the site's clock (Europe/Kyiv)."
    assert said in list(bills.notes(Words(Language.ENGLISH), found))


@pytest.mark.parametrize(("own_day", "more"), [("", 'allocation = "handle"'), ('day_starts = "05:00"\n', 'base = "scheduled"')])
def test_hours_of_the_project_s_own_day_need_no_note(tmp_path: Path, own_day: str, more: str) -> None:
    assert of(Centre(tmp_path, bank=own_day + hours(more))).hours_zone == ""


def test_an_answer_that_a_log_left_open_is_counted_as_the_report_of_days_has_it(tmp_path: Path) -> None:
    """A log's whole seconds: of two answered after "20 s" the ledger has one that was surely in time, and that one alone is shown and judged."""
    centre = Centre(tmp_path, bank=BONUS)
    when = [f"2026-11-02 {hour}:00:00" for hour in ("09", "10", "11")]
    cells = [minute("bank-line", at(time), contacts=1, answered=1, in_threshold=int(number != 1)) for number, time in enumerate(when)]
    centre.store([call("bank-line", time, wait_us=(20 if number else 5) * SECOND) for number, time in enumerate(when)], cells)
    found, day = of(centre), date(2026, 11, 2)
    assert (found.came[day].answered, found.came[day].in_threshold) == (3, 2)
    assert [one.answers.in_threshold for one in found.days if one.answers is not None and one.day == day] == [2]
    asked = Wish("2026-11-02", format="json", project="bank-line")
    days = json.loads(making.make(centre.config, asked, NOW, ask.of_days("day", "true-to-interval"), silent).content)
    assert days["sections"][0]["rows"][0]["in_threshold"] == 2


def test_who_came_in_an_excused_incident_costs_no_malus(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank=BONUS)
    centre.store([call("bank-line", "2026-11-02 09:00:00"), lost("bank-line", "2026-11-02 12:05:00", 90)])
    assert amounts(of(centre))[Kind.SL_ADJUST] == Decimal("-5.00")
    centre.store([incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:10:00", "client:Shop")])
    assert amounts(of(centre))[Kind.SL_ADJUST] == Decimal("-5.00")
    centre.store([incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:10:00")])
    found = of(centre)
    assert amounts(found)[Kind.SL_ADJUST] == Decimal("3.00")
    assert found.came[date(2026, 11, 2)].contacts == 2


def test_a_part_of_a_period_and_of_a_day(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nflat_month = "3000.00"\n')
    centre.store([], seen("bank-line", "2026-11-01", 1))
    found = of(centre, at("2026-11-02 12:00:00"))
    assert amounts(found) == {Kind.FLAT_MONTH: Decimal("150.00")}
    assert (found.over, found.unseen_us, found.span_us) == (False, 12 * HOUR, 36 * HOUR)
