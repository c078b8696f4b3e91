"""A first plan from a log: exact means by weekday and interval, contacts once a call, clock changes, and logs that are too short."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, SECOND, Project, QueueId
from monitor.core.logrow import LogRow
from monitor.plan import history
from monitor.plan.history import DAY_US, Cover, Tally
from monitor.plan.plan import MICRO, Plan, PlanRow

KYIV = ZoneInfo("Europe/Kyiv")
HALF_HOUR = 30 * MINUTE
MONDAY = date(2026, 11, 16)


def at(day: date, clock: str = "00:00", fold: int = 0, zone: ZoneInfo = KYIV) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold).timestamp()) * SECOND


def tally(zone: ZoneInfo = KYIV) -> Tally:
    return Tally(Project("bank-line", "Bank", "floor", (QueueId("pbx1", "bank"), QueueId("pbx1", "vip")), zone), HALF_HOUR)


def enter(into: Tally, when: int, call: str = "", queue: str = "bank") -> None:
    into.add(LogRow(when // SECOND, call or f"{when}.{sum(into.contacts.values())}", queue, "NONE", "ENTERQUEUE", ("", "0445550101", "1")), when)


def volumes(rows: list[PlanRow], day: date) -> dict[str, float]:
    """What one day expects, by local time; nothing of nothing."""
    local = {datetime.fromtimestamp(row.start // SECOND, KYIV): row.calls_u / MICRO for row in rows}
    return {when.strftime("%H:%M"): volume for when, volume in local.items() if when.date() == day and volume}


def test_an_interval_is_the_mean_of_its_weekday() -> None:
    seen = tally()
    for week, calls in ((0, 3), (1, 4), (2, 4)):
        for number in range(calls):
            enter(seen, at(MONDAY - timedelta(weeks=week), "09:10"), f"{week}.{number}")
    enter(seen, at(MONDAY + timedelta(days=1), "09:40"))
    covered = Cover(at(MONDAY - timedelta(weeks=2)), at(MONDAY + timedelta(weeks=1)), 21)
    rows = history.rough_plan(seen, covered, date(2026, 11, 25))
    assert len(rows) == 14 * 48
    assert volumes(rows, date(2026, 11, 30)) == {"09:00": 3.67}
    assert volumes(rows, date(2026, 12, 1)) == {"09:30": 0.33}
    assert volumes(rows, date(2026, 12, 2)) == {}
    assert {(row.project, row.aht_us) for row in rows} == {("bank-line", 180 * SECOND)}
    assert rows[0].start == at(date(2026, 11, 25))
    assert rows[-1].end == at(date(2026, 12, 9))
    Plan.of(rows)


def test_a_call_is_one_contact_however_often_it_enters() -> None:
    seen = tally()
    enter(seen, at(MONDAY, "09:29"), "1.7")
    enter(seen, at(MONDAY, "09:31"), "1.7", "vip")
    enter(seen, at(MONDAY, "09:32"), "1.7")
    enter(seen, at(MONDAY, "09:33"), "1.8")
    assert seen.contacts == {at(MONDAY, "09:00"): 1, at(MONDAY, "09:30"): 1}


def test_what_a_call_is_called_is_forgotten_after_days_and_not_before() -> None:
    seen = tally()
    for hours in range(0, 24 * 9, 12):
        enter(seen, at(MONDAY) + hours * 3600 * SECOND, f"{hours}.1")
        if hours:
            enter(seen, at(MONDAY) + hours * 3600 * SECOND, f"{hours - 12}.1")
    assert sum(seen.contacts.values()) == 18
    assert len(seen._entered.now | seen._entered.before) < 12


def test_a_weekday_never_seen_is_the_mean_of_all_days() -> None:
    seen = tally()
    for day, calls in ((0, 2), (1, 5)):
        for number in range(calls):
            enter(seen, at(MONDAY + timedelta(days=day), "10:00"), f"{day}.{number}")
    rows = history.rough_plan(seen, Cover(at(MONDAY), at(MONDAY + timedelta(days=2)), 2), MONDAY, days=7)
    assert [volumes(rows, MONDAY + timedelta(days=day)).get("10:00") for day in range(4)] == [2.0, 5.0, 3.5, 3.5]


def test_less_than_a_day_is_scaled_and_what_was_never_seen_is_not_planned() -> None:
    seen = tally()
    for number in range(6):
        enter(seen, at(MONDAY, "09:20"), f"a{number}")
    enter(seen, at(MONDAY, "09:45"), "b")
    enter(seen, at(MONDAY, "10:01"), "c")
    rows = history.rough_plan(seen, Cover(at(MONDAY, "09:15"), at(MONDAY, "10:03"), 0), MONDAY, days=2)
    for day in (MONDAY, MONDAY + timedelta(days=1)):
        assert volumes(rows, day) == {"09:00": 12.0, "09:30": 1.0, "10:00": 3.0}  # of 15 minutes, of 30, of 3, which count as 10
    assert len(rows) == 6


def test_the_hour_that_comes_twice_is_expected_twice_and_counted_as_two() -> None:
    autumn = date(2026, 10, 25)  # a Sunday: 03:00 to 04:00 comes twice
    seen = tally()
    for fold in (0, 1):
        for number in range(4):
            enter(seen, at(autumn, "03:05", fold), f"{fold}.{number}")
    for number in range(2):
        enter(seen, at(autumn - timedelta(weeks=1), "03:05"), f"w{number}")
    covered = Cover(at(autumn - timedelta(weeks=1)), at(autumn + timedelta(days=1)), 8)
    rows = history.rough_plan(seen, covered, autumn, days=1)
    assert len(rows) == 50
    assert [row.calls_u / MICRO for row in rows if row.calls_u] == [3.33, 3.33]  # ten contacts in three such half-hours
    assert sum(row.end - row.start for row in rows) == DAY_US + 3600 * SECOND


def test_the_hour_that_spring_leaves_out_is_neither_counted_nor_planned() -> None:
    spring = date(2026, 3, 29)  # a Sunday: 03:00 to 04:00 does not exist
    seen = tally()
    enter(seen, at(spring - timedelta(weeks=1), "03:05"))
    covered = Cover(at(spring - timedelta(weeks=1)), at(spring + timedelta(days=1)), 8)
    assert len(history.rough_plan(seen, covered, spring, days=1)) == 46
    assert volumes(history.rough_plan(seen, covered, spring + timedelta(weeks=1), days=1), spring + timedelta(weeks=1)) == {"03:00": 1.0}


def talk(into: Tally, verb: str, *data: str, call: str = "") -> None:
    into.add(LogRow(1, call or f"{into.talked}.{len(data)}", "bank", "Agent 1", verb, data), SECOND)


def test_handle_time_is_talk_of_a_contact_and_wrap_up() -> None:
    seen = tally()
    for number in range(17):
        talk(seen, "COMPLETEAGENT", "5", "100", "1", call=f"{number}")
    talk(seen, "COMPLETECALLER", "5", "100", "1", "", call="17")  # a trailing separator
    talk(seen, "BLINDTRANSFER", "801", "desk", "5", "100", "1", call="18")
    assert seen.aht_s() is None
    assert history.rough_plan(seen, Cover(at(MONDAY), at(MONDAY) + DAY_US, 1), MONDAY, 1)[0].aht_us == 180 * SECOND
    talk(seen, "ATTENDEDTRANSFER", "BRIDGE", "a-bridge", "5", "70", "1", call="19")
    talk(seen, "COMPLETEAGENT", "5", "40", "1", call="19")  # the same contact, in the next queue
    talk(seen, "COMPLETEAGENT", "5", "unknown", "1", call="20")
    assert seen.talked == 20
    assert seen.aht_s() == 116  # 2010 s ÷ 20 contacts, to the nearest second, and 15 s


@pytest.mark.parametrize(
    ("first", "last", "now", "days", "start"),
    [
        ("2026-11-16 08:00", "2026-11-25 10:00", "2026-11-25 10:01", 8, "2026-11-17 00:00"),
        ("2026-11-16 00:00", "2026-11-25 10:00", "2026-11-25 10:01", 9, "2026-11-16 00:00"),
        ("2026-11-20 00:00", "2026-11-20 18:00", "2026-11-23 08:50", 3, "2026-11-20 00:00"),  # silent over the weekend
        ("2026-11-16 08:00", "2026-11-18 18:00", "2026-11-25 10:00", 1, "2026-11-17 00:00"),  # a copy that ended a week ago
        ("2026-05-01 08:00", "2026-11-25 10:00", "2026-11-25 10:01", 56, "2026-09-30 00:00"),
        ("2026-11-24 08:00", "2026-11-25 10:00", "2026-11-25 10:01", 0, "2026-11-24 08:00"),
        ("2026-11-25 08:00", "2026-11-25 10:05", "2026-11-25 10:01", 0, "2026-11-25 08:00"),  # its clock is ahead
    ],
)
def test_a_log_covers_whole_days_or_itself(first: str, last: str, now: str, days: int, start: str) -> None:
    def instant(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=KYIV).timestamp()) * SECOND

    covered = history.cover(instant(first), instant(last), instant(now), KYIV)
    assert (covered.days, covered.start) == (days, instant(start))
    assert covered.end <= instant(now)
    if days:
        assert covered.end == at(datetime.fromtimestamp(covered.end // SECOND, KYIV).date())


@given(
    zone=st.sampled_from(["Europe/Kyiv", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York", "Africa/Cairo", "Pacific/Apia"]),
    first=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    weeks=st.integers(1, 3),
    calls=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 86_399)), max_size=40),
)
def test_a_plan_of_weeks_expects_what_came(zone: str, first: date, weeks: int, calls: list[tuple[int, int]]) -> None:
    """Over whole weeks the plan for the same days expects as many contacts as came, but for rounding and the hours a clock change moves."""
    place = ZoneInfo(zone)
    seen = tally(place)
    start, end = at(first, zone=place), at(first + timedelta(weeks=weeks), zone=place)
    came = sorted(when for day, second in calls if (when := start + (day * 86_400 + second) * SECOND) < end)
    for number, when in enumerate(came):
        enter(seen, when, str(number))
    rows = history.rough_plan(seen, Cover(start, end, 7 * weeks), first, 7 * weeks)
    Plan.of(rows)
    assert all(seen.project.interval_start(row.start, HALF_HOUR) == row.start for row in rows)
    assert rows[0].start == start
    steady = {datetime.fromtimestamp(when // SECOND, place).utcoffset() for when in range(start, end + 1, DAY_US)}
    if len(steady) == 1:
        assert rows[-1].end == end
        assert abs(sum(row.calls_u for row in rows) - len(came) * MICRO) <= len(rows) * MICRO // 200
    assert sum(seen.contacts.values()) == len(came)


def test_a_day_begins_at_the_site_s_midnight() -> None:
    seen = Tally(Project("p", "c", "floor", (), UTC), HALF_HOUR)
    (first, *_) = history.rough_plan(seen, Cover(0, DAY_US, 1), date(2026, 11, 25), 1)
    assert first.start == int(datetime(2026, 11, 25, tzinfo=UTC).timestamp()) * SECOND
