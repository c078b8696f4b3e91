"""The native plan CSV: what each row means on the project's clock, and every row error at once, by its line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.core.direction import Direction
from monitor.errors import PlanError
from monitor.plan.formats import OPTIONAL, REQUIRED, read_floorwatch
from monitor.plan.plan import Plan, PlanRow
from monitor.plan.presets import PRESETS

WAYS = "[plan] format, or --format"
HEAD = "project,interval_start,volume,aht_s"
KYIV, KOLKATA, KATHMANDU, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Kyiv", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"))
ZONES = {"bank": KYIV, "shop": KYIV, "india": KOLKATA, "nepal": KATHMANDU, "howe": LORD_HOWE}

NUMBERS = "write a number such as 180 or 16.25"
TIMES = "write ISO 8601, such as 2026-11-24T09:00:00+02:00, or 2026-11-24T09:00 in the project's local time"


def contract(minutes: int = 30) -> Contract:
    projects = tuple(Project(name=name, client=name, group="floor", queues=(), zone=zone) for name, zone in ZONES.items())
    return Contract(interval_us=minutes * MINUTE, projects=projects)


def read(*rows: str, head: str = HEAD, minutes: int = 30) -> tuple[PlanRow, ...]:
    return read_floorwatch("\n".join([head, *rows]), contract(minutes), "plan.csv")


def errors(*rows: str, head: str = HEAD, minutes: int = 30) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read(*rows, head=head, minutes=minutes)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


# --- what a row means ----------------------------------------------------------------------------------------------------------------


def test_a_row_is_exact() -> None:
    (row,) = read("bank,2026-03-02T09:00+02:00,12.5,180.3")
    assert row == PlanRow(
        project="bank",
        start=at("2026-03-02T07:00Z"),
        end=at("2026-03-02T07:30Z"),
        calls_u=12_500_000,
        handle_us=2_253_750_000,
        aht_us=180_300_000,
    )


def test_a_row_of_every_column() -> None:
    text = f"direction,scheduled,required,fold,interval_s,sl_target,sl_threshold_s,max_occupancy,contact_rate,agent_hours,results,{HEAD}"
    (row,) = read("callback,,6,0,900,0.8,20,0.88,0.3,1.125,2,bank,2026-03-02T09:00:00Z,10,180", head=text)
    assert set(text.split(",")) == set(REQUIRED + OPTIONAL)
    assert row == PlanRow(
        project="bank",
        start=at("2026-03-02T09:00Z"),
        end=at("2026-03-02T09:15Z"),
        calls_u=10_000_000,
        handle_us=540_000_000,
        aht_us=180_000_000,
        direction=Direction.CALLBACK,
        required_u=6_000_000,
        scheduled_u=4_500_000,
        sl_target=0.8,
        sl_threshold_us=20_000_000,
        max_occupancy=0.88,
        contacts_u=3_000_000,
        results_u=2_000_000,
    )
    assert row.agents_u == 4_500_000


@pytest.mark.parametrize(
    "written",
    [
        *("2026-03-02T09:00", "2026-03-02 09:00", "2026-03-02T09:00:00", "2026-03-02T09:00:00.000"),
        *("2026-03-02T07:00Z", "2026-03-02T09:00+0200", "2026-03-02T12:30+05:30"),
    ],
)
def test_one_instant_written_in_many_ways(written: str) -> None:
    assert read(f"bank,{written},1,180")[0].start == at("2026-03-02T07:00Z")


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEAD}\r\nbank,2026-03-02T09:00,1,180\r\n",
        f"{HEAD}\rbank,2026-03-02T09:00,1,180\r",
        '"project", "interval_start", volume ,aht_s\n"bank", 2026-03-02T09:00 ,"1",180\n',
        f"\n\n{HEAD.upper()}\n,,,\nbank,2026-03-02T09:00,1,180\n\n",
    ],
    ids=["windows", "old mac", "quoted", "blank lines"],
)
def test_files_as_programs_save_them(text: str) -> None:
    assert len(read_floorwatch(text, contract())) == 1


def test_rows_may_stand_in_any_order_and_come_back_in_order_of_time() -> None:
    found = read("shop,2026-03-02T10:00,1,180", "bank,2026-03-02T11:00,1,180", "bank,2026-03-02T09:00,1,180")
    assert [(row.project, row.start) for row in found] == [
        ("bank", at("2026-03-02T07:00Z")),
        ("shop", at("2026-03-02T08:00Z")),
        ("bank", at("2026-03-02T09:00Z")),
    ]


def test_nothing_expected_is_a_row_and_needs_no_handle_time() -> None:
    for aht in ("", "0", "180"):
        (row,) = read(f"bank,2026-03-02T09:00,0,{aht}")
        assert (row.calls_u, row.handle_us, row.aht_us) == (0, 0, 180_000_000 if aht == "180" else None)


def test_directions_are_plans_of_their_own() -> None:
    rows = read("bank,2026-03-02T09:00,1,180,,", "bank,2026-03-02T09:00,2,180,outbound,0.3", head=f"{HEAD},direction,contact_rate")
    assert [row.direction for row in rows] == [Direction.INBOUND, Direction.OUTBOUND]


def test_formats_name_what_can_be_read() -> None:
    assert [*PRESETS] == ["floorwatch", "calabrio", "genesys", "amazon", "iex_pipe", "verint_daily"]


# --- clocks --------------------------------------------------------------------------------------------------------------------------


def local_day(project: str, day: date, minutes: int = 30) -> list[str]:
    """A row for every interval of a local day, as a planner who reads the wall clock writes them."""
    zone = ZONES[project]
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    rows = []
    while start < end:
        rows.append(f"{project},{start.astimezone(zone).replace(tzinfo=None).isoformat()},2,180")
        start += timedelta(minutes=minutes)
    return rows


@pytest.mark.parametrize(
    ("project", "day", "hours"),
    [
        ("bank", date(2026, 3, 29), 23.0),
        ("bank", date(2026, 10, 25), 25.0),
        ("bank", date(2026, 6, 1), 24.0),
        ("india", date(2026, 10, 25), 24.0),
        ("nepal", date(2026, 3, 29), 24.0),
        ("howe", date(2026, 4, 5), 24.5),
        ("howe", date(2026, 10, 4), 23.5),
    ],
)
def test_a_day_has_as_many_intervals_as_its_clock_gives_it(project: str, day: date, hours: float) -> None:
    found = read(*local_day(project, day))
    midnight = int(datetime.combine(day, time(), ZONES[project]).timestamp()) * SECOND
    next_midnight = int(datetime.combine(day + timedelta(days=1), time(), ZONES[project]).timestamp()) * SECOND
    assert len(found) == 2 * hours
    planned = Plan.of(found).over(project, midnight, next_midnight)
    assert planned.covered_us == next_midnight - midnight == hours * 3600 * SECOND
    assert planned.calls_u == 4 * hours * 1_000_000


def test_the_repeated_hour_is_told_apart_by_the_order_in_the_file() -> None:
    rows = read("bank,2026-10-25T03:00,1,180", "bank,2026-10-25T03:30,2,180", "bank,2026-10-25T03:00,3,180", "bank,2026-10-25T03:30,4,180")
    assert [(row.start, row.calls_u // 1_000_000) for row in rows] == [
        (at("2026-10-25T03:00+03:00"), 1),
        (at("2026-10-25T03:30+03:00"), 2),
        (at("2026-10-25T03:00+02:00"), 3),
        (at("2026-10-25T03:30+02:00"), 4),
    ]


def test_the_repeated_hour_is_told_apart_by_fold_in_any_order() -> None:
    rows = read("bank,2026-10-25T03:00,3,180,1", "bank,2026-10-25T03:00,1,180,0", head=f"{HEAD},fold")
    assert [(row.start, row.calls_u // 1_000_000) for row in rows] == [(at("2026-10-25T03:00+03:00"), 1), (at("2026-10-25T03:00+02:00"), 3)]


def test_the_order_in_the_file_is_counted_per_project_and_direction() -> None:
    first = at("2026-10-25T03:00+03:00")
    dialled = "bank,2026-10-25T03:00,1,180,outbound,0.3"
    rows = read("bank,2026-10-25T03:00,1,180,,", "shop,2026-10-25T03:00,1,180,,", dialled, head=f"{HEAD},direction,contact_rate")
    assert [row.start for row in rows] == [first] * 3


def test_a_third_time_of_the_repeated_hour_is_one_too_many() -> None:
    repeated = ["bank,2026-10-25T03:00,1,180"] * 3
    assert errors(*repeated) == ["plan.csv:4: bank inbound: is the same interval as line 3"]


def test_the_hour_that_spring_leaves_out_is_a_bad_row_and_the_others_are_named_too() -> None:
    assert errors("bank,2026-03-29T03:00,1,180", "bank,2026-03-29T03:30,1,180", "bank,2026-03-29T04:00,-1,180") == [
        "plan.csv:2: 2026-03-29T03:00 does not exist in Europe/Kyiv: the clock jumps over it; leave the row out",
        "plan.csv:3: 2026-03-29T03:30 does not exist in Europe/Kyiv: the clock jumps over it; leave the row out",
        "plan.csv:4: volume -1 is negative; " + NUMBERS,
    ]


def test_fold_may_stand_on_every_row_but_not_claim_a_second_time_that_never_comes() -> None:
    head = f"{HEAD},fold"
    assert len(read("bank,2026-03-02T09:00,1,180,0", "bank,2026-03-02T09:30:00+02:00,1,180,1", head=head)) == 2
    assert errors("bank,2026-03-02T09:00,1,180,1", "bank,2026-03-02T09:30,1,180,2", head=head) == [
        "plan.csv:2: fold 1, but 2026-03-02T09:00 comes only once in Europe/Kyiv",
        "plan.csv:3: fold '2' is not 0 or 1",
    ]


def test_intervals_lie_on_the_projects_own_clock() -> None:
    """09:00 in Kathmandu is 03:15 in UTC."""
    assert len(read("nepal,2026-03-02T09:00,1,180", "nepal,2026-03-02T03:45Z,1,180", "india,2026-03-02T03:30Z,1,180", minutes=30)) == 3
    assert errors("nepal,2026-03-02T03:30Z,1,180", "bank,2026-03-02T09:15,1,180", "bank,2026-03-02T09:00:30,1,180", "bank,2026-03-02T09:00:00.5,1,180") == [
        "plan.csv:2: interval_start 2026-03-02T03:30Z is not on nepal's clock: its intervals begin every 30 minutes (or give the row's own interval_s)",
        "plan.csv:3: interval_start 2026-03-02T09:15 is not on bank's clock: its intervals begin every 30 minutes (or give the row's own interval_s)",
        "plan.csv:4: interval_start 2026-03-02T09:00:30 is not on bank's clock: its intervals begin every 30 minutes (or give the row's own interval_s)",
        "plan.csv:5: interval_start 2026-03-02T09:00:00.5 is not on bank's clock: its intervals begin every 30 minutes (or give the row's own interval_s)",
    ]


def test_a_row_may_be_shorter_or_longer_than_the_sites_interval() -> None:
    rows = read("bank,2026-03-02T09:15,1,180,900", "bank,2026-03-02T10:00,1,180,3600", head=f"{HEAD},interval_s")
    assert [row.end - row.start for row in rows] == [15 * MINUTE, 60 * MINUTE]
    assert errors("bank,2026-03-02T09:30,1,180,3600", "bank,2026-03-02T09:30,1,180,600", head=f"{HEAD},interval_s") == [
        "plan.csv:2: interval_start 2026-03-02T09:30 is not on bank's clock: its intervals begin every 60 minutes",
        "plan.csv:3: interval_s '600' is not one of 900, 1800, 3600, 86400 (the total of a day), month",
    ]


@given(
    project=st.sampled_from(sorted(ZONES)),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    minutes=st.sampled_from([15, 30]),
)
def test_every_day_of_every_zone_is_covered_once_and_exactly(project: str, day: date, minutes: int) -> None:
    found = read(*local_day(project, day, minutes), minutes=minutes)
    midnight = int(datetime.combine(day, time(), ZONES[project]).timestamp()) * SECOND
    next_midnight = int(datetime.combine(day + timedelta(days=1), time(), ZONES[project]).timestamp()) * SECOND
    whole = Plan.of(found).over(project, midnight, next_midnight)
    assert (found[0].start, found[-1].end) == (midnight, next_midnight)
    assert whole.covered_us == next_midnight - midnight
    assert whole.calls_u == 2_000_000 * len(found)


# --- what is wrong -------------------------------------------------------------------------------------------------------------------


def test_every_bad_row_is_named_by_its_line() -> None:
    assert errors(
        "bank,2026-03-02T09:00,10,180",
        "bonk,2026-03-02T09:30,10,180",
        "",
        ",2026-03-02T09:30,10,180",
        "bank,02.03.2026 10:00,10,180",
        "bank,2026-02-30T10:00,10,180",
        "bank,1926-03-02T10:00,10,180",
        "bank,2026-03-02,10,180",
        "bank,2026-03-02T10:00,ten,180",
        "bank,2026-03-02T10:00,nan,180",
        "bank,2026-03-02T10:00,inf,180",
        "bank,2026-03-02T10:00,-0.5,180",
        "bank,2026-03-02T10:00,,180",
        "bank,2026-03-02T10:00,10,",
        "bank,2026-03-02T10:00,10,0",
        "bank,2026-03-02T10:00,10,90000",
        "bank,2026-03-02T10:00,10000000,180",
        "bank,2026-03-02T10:00,1_000,180",
        "bank,2026-03-02T10:00,12,5,180",
        'bank,2026-03-02T10:00,"12,5",180',
        "bank,2026-03-02T10:00,10",
        "shop,2026-03-02T10:00,٣,180",
        "bank,2026-03-02T10:00,10,3:05",
        "bank,2026-03-02T10:00,3:05,180",
    ) == [
        "plan.csv:3: unknown project 'bonk'; did you mean 'bank'?",
        "plan.csv:5: project is empty; write one of bank, shop, india, nepal, howe",
        "plan.csv:6: interval_start '02.03.2026 10:00' is not a time; " + TIMES,
        "plan.csv:7: interval_start '2026-02-30T10:00' is not a time: day is out of range for month; " + TIMES,
        "plan.csv:8: interval_start '1926-03-02T10:00' is not in a year anybody plans for; " + TIMES,
        "plan.csv:9: interval_start '2026-03-02' is not a time; " + TIMES,
        "plan.csv:10: volume 'ten' is not a number; " + NUMBERS,
        "plan.csv:11: volume 'nan' is not a number; " + NUMBERS,
        "plan.csv:12: volume 'inf' is not a number; " + NUMBERS,
        "plan.csv:13: volume -0.5 is negative; " + NUMBERS,
        "plan.csv:14: volume is empty; where there is no plan, leave the row out",
        "plan.csv:15: aht_s is empty; where there is no plan, leave the row out",
        "plan.csv:16: aht_s is 0 but volume is 10; give the planned seconds per contact",
        "plan.csv:17: aht_s 90000 is more than 86400; is it another column, or another unit?",
        "plan.csv:18: volume 10000000 is more than 1000000; is it another column, or another unit?",
        "plan.csv:19: volume '1_000' is not a number; " + NUMBERS,
        "plan.csv:20: 5 fields, the header has 4; a decimal comma? Decimals need a point",
        "plan.csv:21: volume '12,5' is not a number; decimals need a point, thousands nothing: 1250.5",
        "plan.csv:22: 3 fields, the header has 4",
        "plan.csv:23: volume '٣' is not a number; " + NUMBERS,
        "plan.csv:24: aht_s '3:05' is not a number; write minutes and seconds as seconds: 3:05 is 185",
        "plan.csv:25: volume '3:05' is not a number; " + NUMBERS,
    ]


def test_bad_targets_are_bad_rows() -> None:
    head = f"{HEAD},direction,required,sl_target,max_occupancy"
    row = "bank,2026-03-02T09:00,1,180"
    assert errors(f"{row},in,1,,", f"{row},,many,,", f"{row},,,80,", f"{row},,,,-1", f"{row},,,,1.01", head=head) == [
        "plan.csv:2: direction 'in' is not one of inbound, outbound, callback",
        "plan.csv:3: required 'many' is not a number; " + NUMBERS,
        "plan.csv:4: sl_target 80 is not a ratio; write 80 % as 0.80",
        "plan.csv:5: max_occupancy -1 is negative; " + NUMBERS,
        "plan.csv:6: max_occupancy 1.01 is not a ratio; write 80 % as 0.80",
    ]


def test_intervals_that_are_there_twice_or_overlap_name_both_lines() -> None:
    assert errors(
        "bank,2026-03-02T10:00,1,180,3600",
        "bank,2026-03-02T09:00,1,180,",
        "bank,2026-03-02T07:00Z,2,180,",
        "bank,2026-03-02T10:30,1,180,",
        "bank,2026-03-02T10:45,1,180,900",
        "bank,2026-03-02T11:00,1,180,",
        head=f"{HEAD},interval_s",
    ) == [
        "plan.csv:4: bank inbound: is the same interval as line 3",
        "plan.csv:5: bank inbound: overlaps line 2",
        "plan.csv:6: bank inbound: overlaps line 2",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "plan.csv: the file is empty; its first line must be project,interval_start,volume,aht_s"),
        ("\ufeff\r\n \r\n", "plan.csv: the file is empty; its first line must be project,interval_start,volume,aht_s"),
        (f"{HEAD}\n", "plan.csv: there is no row below the header; a plan needs at least one"),
        (f"{HEAD},sheduled\n", "plan.csv:1: unknown column 'sheduled'; did you mean 'scheduled'?"),
        (
            f"{HEAD},note\n",
            f"plan.csv:1: unknown column 'note'; known: {', '.join(REQUIRED + OPTIONAL)}; columns of another product, or your own, are read by {WAYS}",
        ),
        (f"{HEAD},volume\n", "plan.csv:1: column 'volume' is there twice"),
        ("project,volume\n", "plan.csv:1: missing column 'interval_start', 'aht_s'; the first line must name at least project,interval_start,volume,aht_s"),
        (f'{HEAD}\n\n"bank,2026-03-02T09:00,1,180\n', "plan.csv:3: not CSV: unexpected end of data; look for a stray quote"),
        (f'{HEAD}\nbank,"2026-03-02T09:00"x,1,180\n', "plan.csv:2: not CSV: ',' expected after '\"'; look for a stray quote"),
    ],
)
def test_a_file_that_is_no_plan_says_why(text: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_floorwatch(text, contract(), "plan.csv")
    assert str(caught.value) == message


def test_a_quoted_line_end_does_not_shift_the_lines_of_errors() -> None:
    assert errors('"ba\nnk",2026-03-02T09:00,1,180', "bank,2026-03-02T09:00,x,180")[1] == "plan.csv:4: volume 'x' is not a number; " + NUMBERS


def test_a_plan_of_more_work_than_there_is_time_is_refused_and_not_an_overflow() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rows = [f"bank,{start + timedelta(minutes=30 * number):%Y-%m-%dT%H:%MZ},1000000,86400" for number in range(60)]
    assert errors(*rows) == ["plan.csv: bank inbound plans more work than the world has; are volume and aht_s in the right columns?"]


def test_a_thousand_bad_rows_are_all_known_and_a_hundred_are_shown() -> None:
    with pytest.raises(PlanError) as caught:
        read(*["bank,never,1,180"] * 1000)
    lines = str(caught.value).splitlines()
    assert len(caught.value.rows) == 1000
    assert len(lines) == 101
    assert lines[-1] == "plan.csv: and 900 more"


@given(st.text(alphabet='bank,20263-T:Z"\n\r;.+ é\x00') | st.text())
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    for whole in (text, f"{HEAD}\n{text}", f"{HEAD}\nbank,{text},1,1", f"{HEAD}\nbank,2026-03-02T09:00,{text},{text}"):
        try:
            rows = read_floorwatch(whole, contract(), "plan.csv")
        except PlanError:
            continue
        assert Plan.of(rows).projects() == ("bank",)
