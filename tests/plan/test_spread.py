"""Totals of days and months, spread: exact whatever the profile, on days of 23 and 25 hours too, over open hours only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.hours import parse_hours
from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import PlanError
from monitor.plan.formats import read_floorwatch, read_text
from monitor.plan.plan import PlanRow
from monitor.plan.profile import Profile, read_profile, written
from monitor.plan.rows import Total
from monitor.plan.spread import spread
from monitor.plan.times import RowError

KYIV = ZoneInfo("Europe/Kyiv")
HALF = 30 * MINUTE
BANK = Project("bank", "Bank", "floor", (), KYIV)
OFFICE = Project("bank", "Bank", "floor", (), KYIV, hours=parse_hours("Mon-Fri 09:15-18:00", frozenset({"2026-12-25"})))
FLAT = Profile({"bank": {(weekday, minute): 1 for weekday in range(7) for minute in range(0, 1440, 30)}})
HEAD = "project,interval_start,volume,aht_s,interval_s"
TIMES = "write ISO 8601, such as 2026-11-24T09:00:00+02:00, or 2026-11-24T09:00 in the project's local time"


def total(first: date, days: int = 1, calls_u: int = 480_000_000, aht_s: int = 200) -> Total:
    return Total("bank", first, first + timedelta(days=days), calls_u, calls_u * aht_s, aht_s * SECOND)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


@pytest.mark.parametrize(("day", "rows"), [(date(2026, 3, 29), 46), (date(2026, 6, 1), 48), (date(2026, 10, 25), 50)], ids=["spring", "summer", "autumn"])
def test_a_day_has_as_many_intervals_as_it_has(day: date, rows: int) -> None:
    found = spread(total(day), BANK, HALF, FLAT)
    assert len(found) == rows
    assert found[0].start == int(datetime(day.year, day.month, day.day, tzinfo=KYIV).timestamp()) * SECOND
    assert all(one.end == other.start for one, other in pairwise(found))
    assert sum(row.calls_u for row in found) == 480_000_000


def test_closed_time_gets_nothing_and_half_an_open_interval_half() -> None:
    found = spread(total(date(2026, 12, 1), calls_u=35_000_000), OFFICE, HALF, FLAT)
    assert (found[0].start, found[-1].end) == (at("2026-12-01T09:00+02:00"), at("2026-12-01T18:00+02:00"))
    assert [row.calls_u for row in found[:3]] == [1_000_000, 2_000_000, 2_000_000]
    assert {row.aht_us for row in found} == {200 * SECOND}


def test_a_month_goes_by_weekday_and_leaves_holidays_out() -> None:
    weights = {(weekday, minute): weekday + 1 for weekday in range(7) for minute in range(0, 1440, 30)}
    found = spread(total(date(2026, 12, 1), 31, 1_000_000_007), OFFICE, HALF, Profile({"bank": weights}))
    days: dict[date, int] = {}
    for row in found:
        day = datetime.fromtimestamp(row.start // SECOND, KYIV).date()
        days[day] = days.get(day, 0) + row.calls_u
    assert sum(days.values()) == 1_000_000_007
    assert date(2026, 12, 25) not in days
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    assert abs(days[date(2026, 12, 4)] - 5 * days[date(2026, 12, 7)]) < 100  # Friday and Monday


@given(
    weights=st.dictionaries(st.tuples(st.integers(0, 6), st.sampled_from(range(0, 1440, 30))), st.integers(0, 10**12), max_size=60),
    calls=st.integers(0, 10**13),
    aht=st.integers(1, 86_400),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    days=st.sampled_from([1, 2]),
    office=st.booleans(),
)
def test_the_parts_are_the_whole(weights: dict[tuple[int, int], int], calls: int, aht: int, day: date, days: int, *, office: bool) -> None:
    one = total(day, days, calls, aht)
    try:
        found = spread(one, OFFICE if office else BANK, HALF, Profile({"bank": weights}))
    except RowError:
        return
    if found:
        assert sum(row.calls_u for row in found) == one.calls_u
        assert sum(row.handle_us for row in found) == one.handle_us
        assert all(row.handle_us == 0 for row in found if not row.calls_u)
        assert min(row.calls_u for row in found) >= 0


def refused(one: Total, project: Project, profile: Profile | None) -> str:
    with pytest.raises(RowError) as caught:
        spread(one, project, HALF, profile)
    return str(caught.value)


def test_what_cannot_be_spread_says_why() -> None:
    december = total(date(2026, 12, 1), 31)
    assert refused(december, BANK, None) == (
        "2026-12 is a total, and how it spreads over the day is not known; give a profile: [plan] profile, or plan import --profile-from"
    )
    assert refused(december, BANK, Profile({"shop": {(0, 0): 1}})) == "2026-12 is a total, and the profile has nothing for bank; add it there"
    assert refused(total(date(2026, 12, 25)), OFFICE, FLAT) == (
        "2026-12-25 has a volume, but bank is closed then; correct hours or closed of the project, or leave the row out"
    )
    night = Profile({"bank": {(weekday, 0): 1 for weekday in range(7)}})
    assert refused(total(date(2026, 12, 1)), OFFICE, night) == (
        "2026-12-01 cannot be spread: the profile of bank saw nobody in the opening hours of 2026-12-01; look at its hours and zone"
    )
    assert spread(total(date(2026, 12, 25), calls_u=0), OFFICE, HALF, FLAT) == []


# --- in a file -----------------------------------------------------------------------------------------------------------------------

CONTRACT = Contract(projects=(BANK,))


def read(*rows: str, profile: Profile | None = FLAT, head: str = HEAD) -> tuple[PlanRow, ...]:
    return read_text("\n".join([head, *rows]), CONTRACT, "plan.csv", profile=profile).rows


def errors(*rows: str, profile: Profile | None = FLAT, head: str = HEAD) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read(*rows, profile=profile, head=head)
    return str(caught.value).splitlines()


def test_totals_and_intervals_may_stand_in_one_file() -> None:
    rows = read("bank,2026-12-01,480,200,86400", "bank,2026-12-02T00:00,480,200,86400", "bank,2026-12-03T09:00,5,200,", "bank,2027-02-01,2800,200,month")
    assert len(rows) == 48 + 48 + 1 + 28 * 48


def test_bad_totals_are_bad_rows() -> None:
    assert errors("bank,2026-12-01T09:00,480,200,86400", "bank,2026-12-02,480,200,", "bank,2026-12-05,480,200,month") == [
        "plan.csv:2: interval_start '2026-12-01T09:00' is in the middle of a day, and the row is the total of a whole one; write it as 2026-11-24",
        f"plan.csv:3: interval_start '2026-12-02' is not a time; {TIMES}",
        "plan.csv:4: interval_start 2026-12-05 is not the first of a month, and the row is a month's total; write 2026-12-01",
    ]
    assert errors("bank,2026-12-01,480,200,86400,5", head=f"{HEAD},scheduled") == [
        "plan.csv:2: scheduled is set, but agents of a whole day cannot be spread; leave it empty"
    ]


def test_a_total_over_intervals_is_said_once() -> None:
    assert errors("bank,2026-12-01T09:00,5,200,", "bank,2026-12-01T10:00,5,200,", "bank,2026-12-01,480,200,86400", "bank,2026-12-01,480,200,86400") == [
        "plan.csv:4: bank inbound: is the same interval as line 2",
        "plan.csv:4: bank inbound: is the same interval as line 3",
        "plan.csv:5: bank inbound: is the same interval as line 4",
    ]


def test_totals_of_centuries_are_refused_before_they_are_spread() -> None:
    rows = [f"bank,{2000 + number // 12}-{number % 12 + 1:02}-01,480,200,month" for number in range(12 * 40)]
    (line,) = errors(*rows)
    assert line == "plan.csv: its totals are of 14610 days, more than 500000 rows, more than is read at once; leave out what is past, or plan fewer months"


# --- profiles ------------------------------------------------------------------------------------------------------------------------


def test_a_profile_file_is_read_as_it_is_written() -> None:
    profile = Profile({"bank": {(0, 570): 12_500_000, (6, 0): 1}})
    text = written(profile)
    assert text == "project,weekday,time,weight\nbank,Mon,09:30,12.500000\nbank,Sun,00:00,0.000001\n"
    assert read_profile(text, CONTRACT) == profile


def test_every_bad_line_of_a_profile_is_named() -> None:
    rows = ("bonk,Mon,09:00,1", "bank,Пн,09:00,1", "bank,Mon,9,1", "bank,Mon,09:10,1", "bank,Mon,09:00,x", "bank,Mon,09:00,1", "bank,Mon,09:00,1")
    with pytest.raises(PlanError) as caught:
        read_profile("\n".join(["project,weekday,time,weight", *rows]), CONTRACT, "profile.csv")
    assert str(caught.value).splitlines() == [
        "profile.csv:2: unknown project 'bonk'; the configuration has bank",
        "profile.csv:3: weekday 'Пн' is not one of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
        "profile.csv:4: time '9' is not a time of day; write it as 09:30",
        "profile.csv:5: time 09:10 begins no interval; they begin every 30 minutes",
        "profile.csv:6: weight 'x' is not a number; write a number such as 180 or 16.25",
        "profile.csv:8: bank Mon 09:00 is there twice; keep one of them",
    ]
    for text in ("", "a,b\n"):
        with pytest.raises(PlanError, match=r"its first line must be|the first line must be"):
            read_profile(text, CONTRACT)


@given(st.text(alphabet="bank,Mon09:3.;\n"))
def test_no_text_breaks_the_reader_of_profiles(text: str) -> None:
    for whole in (text, f"project,weekday,time,weight\n{text}"):
        try:
            read_profile(whole, CONTRACT)
        except PlanError:
            continue


def test_a_plan_without_totals_needs_no_profile() -> None:
    assert read_floorwatch("project,interval_start,volume,aht_s\nbank,2026-12-01T09:00,5,200\n", CONTRACT)


def test_a_row_of_a_profile_with_another_number_of_fields_is_a_bad_one() -> None:
    text = "project,weekday,time,weight\nbank,Mon,09:00,12,5\nbank,Mon,09:30\nbank,Tue,09:00,1\n"
    with pytest.raises(PlanError) as caught:
        read_profile(text, CONTRACT, "profile")
    assert [(one.line, one.problem) for one in caught.value.rows] == [
        (2, "5 fields, the header has 4; a decimal comma? Decimals need a point"),
        (3, "3 fields, the header has 4"),
    ]


def test_a_plan_of_closed_days_alone_is_none() -> None:
    office = Contract(interval_us=HALF, projects=(OFFICE,))
    with pytest.raises(PlanError, match="its totals are of closed days only, so nothing is planned"):
        read_text(f"{HEAD}\nbank,2026-12-06,0,,86400\n", office, "plan", profile=FLAT)


def test_the_day_of_a_night_line_is_one_night() -> None:
    night = Project("bank", "Bank", "floor", (), KYIV, hours=parse_hours("Fri 20:00-04:00", frozenset()), day_starts=720)
    found = spread(total(date(2026, 12, 4), calls_u=160_000_000), night, HALF, FLAT)
    assert (found[0].start, found[-1].end) == (at("2026-12-04T20:00+02:00"), at("2026-12-05T04:00+02:00"))
    assert [row.calls_u for row in found] == [10_000_000] * 16


def test_weights_of_hours_are_none_of_half_hours() -> None:
    rows = "project,weekday,time,weight\nbank,Tue,09:00,12\nbank,Tue,10:00,12\n"
    with pytest.raises(PlanError) as caught:
        read_profile(rows, CONTRACT, "profile")
    assert str(caught.value) == (
        "profile: bank has a weight every 60 minutes, and intervals begin every 30: those between would get nothing; write each, or a 0"
    )
    meant = read_profile(f"{rows}bank,Tue,09:30,0\n", CONTRACT)
    assert read_profile(written(meant), CONTRACT) == meant


def test_a_decimal_comma_is_suspected_where_commas_part_columns() -> None:
    for sign, hint in ((",", "; a decimal comma? Decimals need a point"), (";", "")):
        text = "project,interval_start,volume,aht_s\nbank,2026-12-01T09:00,12,5,180\n".replace(",", sign)
        with pytest.raises(PlanError) as caught:
            read_floorwatch(text, CONTRACT)
        assert str(caught.value) == f"plan:2: 5 fields, the header has 4{hint}"
