"""Files of planning products, as they write them: exactly which rows they are, and what is said of those that are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import PlanError
from monitor.plan.formats import Read, read_text
from monitor.plan.mapping import ColumnMapping
from monitor.plan.plan import PlanRow
from monitor.plan.presets import PRESETS
from monitor.plan.profile import Profile
from monitor.plan.times import TimeForm

KYIV = ZoneInfo("Europe/Kyiv")
CONTRACT = Contract(interval_us=30 * MINUTE, projects=tuple(Project(name, name, "floor", (), KYIV) for name in ("bank", "shop")))
PROJECTS = {"Insurance": "bank", "Insurance VIP": "bank", "Cards": "shop", "Chat": ""}
FLAT = Profile({name: {(weekday, minute): 1 for weekday in range(7) for minute in range(0, 1440, 30)} for name in CONTRACT.project})


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def read(preset: str, text: str, profile: Profile | None = None, **changes: Any) -> Read:
    mapping = replace(PRESETS[preset], **{"projects": PROJECTS, **changes})
    return read_text(text, CONTRACT, "plan", mapping, profile)


def errors(preset: str, text: str, **changes: Any) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read(preset, text, **changes)
    return str(caught.value).splitlines()


def row(project: str, start: str, minutes: int, calls: float, aht: float, agents: float | None = None) -> PlanRow:
    begin, calls_u, aht_us = at(start), round(calls * 1_000_000), round(aht * 1_000_000)
    scheduled = None if agents is None else round(agents * 1_000_000)
    return PlanRow(project, begin, begin + minutes * MINUTE, calls_u, round(calls_u * aht), aht_us, scheduled_u=scheduled)


# --- Calabrio ------------------------------------------------------------------------------------------------------------------------

CALABRIO = """\
Insurance,20210218 08:00,20210218 08:15,16,135.46,490.74,16.85
Insurance,20210218 08:15,20210218 08:30,8.5,100,50,9
Cards,20210218 08:00,20210218 08:30,20,120,0
Chat,20210218 08:00,20210218 08:15,99,600,0,12
"""


def test_calabrio_adds_talk_and_after_call_work() -> None:
    found = read("calabrio", CALABRIO)
    assert found.rows == (
        row("bank", "2021-02-18T08:00+02:00", 15, 16, 626.2, 16.85),
        row("shop", "2021-02-18T08:00+02:00", 30, 20, 120),
        row("bank", "2021-02-18T08:15+02:00", 15, 8.5, 150, 9),
    )
    assert (found.format, found.left_out) == ("calabrio", 1)


def test_calabrio_with_semicolons_and_decimal_commas() -> None:
    text = CALABRIO.replace(",", ";").replace(".", ",")
    assert read("calabrio", text).rows == read("calabrio", CALABRIO).rows


def test_skills_of_one_project_are_added_and_agents_are_known_only_of_all() -> None:
    text = (
        "Insurance,20210218 08:00,20210218 08:15,10,100,20,4\n"
        "Insurance VIP,20210218 08:00,20210218 08:15,5,200,40,2\n"
        "Insurance,20210218 08:15,20210218 08:30,10,100,20,4\n"
        "Insurance VIP,20210218 08:15,20210218 08:30,0,200,40\n"
    )
    first, second = read("calabrio", text).rows
    assert (first.calls_u, first.handle_us, first.aht_us, first.scheduled_u) == (15_000_000, 2_400_000_000, 160_000_000, 6_000_000)
    assert (second.calls_u, second.aht_us, second.scheduled_u) == (10_000_000, 120_000_000, None)


def test_a_skill_twice_in_one_interval_is_a_mistake() -> None:
    line = "Insurance,20210218 08:00,20210218 08:15,10,100,20,4\n"
    assert errors("calabrio", line + line) == ["plan:2: Insurance inbound: is the same interval as line 1"]


def test_what_is_wrong_in_calabrio_is_said_by_its_column() -> None:
    ways = '[plan] format: projects = { "Loans" = "bank" }, or plan import --map "Loans=bank"'
    loans = f"plan:1: 'Loans' is no project; map it in {ways}; nothing after the = leaves its rows out"
    assert errors(
        "calabrio",
        "Loans,20210218 08:00,20210218 08:15,16,135,20\n"
        "Insurance,2021-02-18T08:00,20210218 08:15,16,135,20\n"
        "Insurance,18.02.2021 08:00,20210218 08:15,16,135,20\n"
        "Insurance,20210218 08:15,20210218 09:00,16,135,20\n"
        "Insurance,20210218 08:30,20210218 08:45,-1,135,20\n"
        "Insurance,20210218 08:45,20210218 09:00,1,80000,20000\n"
        "Insurance,20210218 09:00,20210218 09:15,1,0,0\n"
        "Insurance,20210218 09:15,20210218 09:30,1\n"
        "Insurance,20210230 09:15,20210218 09:30,1,135,20\n"
        "Insurance,20210218 09:30,20210218 09:45,1,5,135,2,20,4\n",
    ) == [
        loans,
        "plan:3: interval_start (column 2) '18.02.2021 08:00' is not a time; write it as %Y%m%d %H:%M says",
        "plan:4: interval_end (column 3) '20210218 09:00' is not 15, 30 or 60 minutes after the row's start; is it another column?",
        "plan:5: volume (column 4) -1 is negative; write a number such as 180 or 16.25",
        "plan:6: aht_s (column 5 + column 6) 80000 + 20000 is more than 86400; is it another column, or another unit?",
        "plan:7: aht_s (column 5 + column 6) is 0 but volume (column 4) is 1; give the planned seconds per contact",
        "plan:8: 4 fields, a row of calabrio has 6 to 7",
        "plan:9: interval_start (column 2) '20210230 09:15' is not a time: day is out of range for month; write it as %Y%m%d %H:%M says",
        "plan:10: 9 fields, a row of calabrio has 6 to 7; a decimal comma? Decimals need a point",
    ]


def _calabrio_day(day: datetime, skill: str = "Insurance") -> str:
    """A local day as a planner exports it: by the wall clock, start and end."""
    begin = day.replace(tzinfo=KYIV).astimezone(UTC)
    end = (day + timedelta(days=1)).replace(tzinfo=KYIV).astimezone(UTC)
    lines = []
    while begin < end:
        until = begin + timedelta(minutes=15)
        lines.append(f"{skill},{begin.astimezone(KYIV):%Y%m%d %H:%M},{until.astimezone(KYIV):%Y%m%d %H:%M},1,100,20\n")
        begin = until
    return "".join(lines)


@pytest.mark.parametrize(("day", "rows"), [((2026, 3, 29), 92), ((2026, 10, 25), 100), ((2026, 6, 1), 96)], ids=["spring", "autumn", "summer"])
def test_a_day_of_any_length_is_covered_once_in_local_time(day: tuple[int, int, int], rows: int) -> None:
    midnight = datetime.combine(date(*day), time())
    found = read("calabrio", _calabrio_day(midnight) + _calabrio_day(midnight, "Insurance VIP")).rows
    assert len(found) == rows
    assert all(one.end == other.start for one, other in pairwise(found))
    assert {one.calls_u for one in found} == {2_000_000}


# --- Genesys -------------------------------------------------------------------------------------------------------------------------

GENESYS = """\
Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled,Total Handle Time (Seconds)
2020-02-26T07:00:00Z,Insurance,Voice,forecasting|||scheduling,Spanish,16,6,1200
2020-02-26T07:00:00.000Z,Insurance,Voice,analytics,Spanish,4,2,200
2020-02-26T07:00:00Z,Insurance,Chat,analytics,French,14,7,6
2020-02-26T07:15:00Z,Cards,Voice,,,3,0,0
"""


def test_genesys_divides_the_total_and_adds_skills() -> None:
    found = read("genesys", GENESYS)
    bank, shop = found.rows
    assert (bank.project, bank.start, bank.end) == ("bank", at("2020-02-26T07:00Z"), at("2020-02-26T07:15Z"))
    assert (bank.calls_u, bank.handle_us, bank.aht_us) == (20_000_000, 3_600_000_000, 180_000_000)  # 16 × 200 s and 4 × 100 s
    assert shop == row("shop", "2020-02-26T07:15Z", 15, 3, 180)  # nobody was handled: what the contract assumes
    assert found.left_out == 1


def test_genesys_says_what_cannot_be_divided() -> None:
    head, line = GENESYS.splitlines()[0], "2020-02-26T07:00:00Z,Insurance,Voice,,,16,0,1200"
    assert errors("genesys", f"{head}\n{line}\n") == [
        "plan:2: handle_s (Total Handle Time) is 1200 but handled (Interactions Handled) is 0; correct one of them"
    ]
    assert errors("genesys", f"{head}\n{line.replace('0,1200', '1,900000')}\n") == [
        "plan:2: handle_s (Total Handle Time) is more than 86400 for each of handled (Interactions Handled); is it in seconds?"
    ]
    assert errors("genesys", head.replace("Offered", "Ofered") + "\n") == ["plan:1: missing column 'Offered' of the format genesys; is it 'ofered'?"]


def test_a_header_twice_is_named() -> None:
    assert errors("genesys", GENESYS.replace("Language", "Offered")) == ["plan:1: column 'Offered' is there twice"]


# --- Amazon --------------------------------------------------------------------------------------------------------------------------

AMAZON = """\
QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime
Insurance,a-1,VOICE,2024-05-30T08:00:00+03:00,15mins,30,200
Cards,a-2,VOICE,2024-05-30T05:00:00Z,30mins,12,150.5
Insurance,a-1,CHAT,2024-05-30T05:00:00Z,15mins,5,600
"""


def test_amazon_has_lengths_in_words() -> None:
    found = read("amazon", AMAZON)
    assert found.rows == (row("bank", "2024-05-30T05:00Z", 15, 30, 200), row("shop", "2024-05-30T05:00Z", 30, 12, 150.5))
    assert found.left_out == 1


def test_amazon_s_days_need_a_profile() -> None:
    text = AMAZON.splitlines()[0] + "\nInsurance,a-1,VOICE,2024-05-30T00:00:00Z,daily,480,200\n"
    found = read("amazon", text, FLAT)
    assert (len(found.rows), found.totals) == (48, 1)
    assert {(one.calls_u, one.aht_us) for one in found.rows} == {(10_000_000, 200_000_000)}
    assert errors("amazon", text.replace("daily", "weekly")) == [
        "plan:2: interval_s (IntervalDuration) 'weekly' is not one of 900, 1800, 3600, 86400 (the total of a day), month"
    ]


# --- NICE IEX ------------------------------------------------------------------------------------------------------------------------

IEX = """\
#fields:date|period|TZ|custID|ctID|ctName|fcstContactsReceived|fcstContactsHandled|fcstAHT|fcstReq|schedOpen
10252026|02:30|Kyiv|1|7|Insurance|4.5|4|200|2|3
10252026|03:00|Kyiv|1|7|Insurance|5|5|200|2|3
10252026|03:30|Kyiv|1|7|Insurance|6|6|200|2|3
10252026|03:00|Kyiv|1|7|Insurance|7|7|200|2|3
10252026|03:30|Kyiv|1|7|Insurance|8|8|200|2|3
"""


def test_iex_tells_a_repeated_hour_by_the_order_of_its_rows() -> None:
    rows = read("iex_pipe", IEX).rows
    assert [(one.start, one.calls_u) for one in rows] == [
        (at("2026-10-25T02:30+03:00"), 4_500_000),
        (at("2026-10-25T03:00+03:00"), 5_000_000),
        (at("2026-10-25T03:30+03:00"), 6_000_000),
        (at("2026-10-25T03:00+02:00"), 7_000_000),
        (at("2026-10-25T03:30+02:00"), 8_000_000),
    ]
    assert (rows[0].required_u, rows[0].scheduled_u, rows[0].aht_us) == (2_000_000, 3_000_000, 200_000_000)


def test_iex_in_twelve_hours_has_its_own_form() -> None:
    text = IEX.splitlines()[0] + "\n11302026|01:30 PM|Kyiv|1|7|Insurance|4|4|200|2|3\n"
    (found,) = read("iex_pipe", text, form=TimeForm("%m%d%Y %I:%M %p")).rows
    assert found.start == at("2026-11-30T13:30+02:00")
    assert errors("iex_pipe", text)[0].startswith("plan:2: interval_start (date + period) '11302026 01:30 PM' is not a time; write it as")


def test_a_third_time_the_clock_shows_an_hour_is_twice_the_second() -> None:
    assert errors("iex_pipe", IEX + IEX.splitlines()[2] + "\n") == ["plan:7: Insurance 7 inbound: is the same interval as line 5"]


# --- Verint --------------------------------------------------------------------------------------------------------------------------


def test_verint_s_days_are_spread() -> None:
    found = read("verint_daily", "Cards, 1-2-2018, 521, 242\nCards, 1-3-2018, 480, 240\n", FLAT)
    assert len(found.rows) == 96
    assert sum(one.calls_u for one in found.rows) == 1_001_000_000
    assert sum(one.handle_us for one in found.rows) == (521 * 242 + 480 * 240) * 1_000_000
    assert (found.rows[0].start, found.rows[-1].end) == (at("2018-01-02T00:00+02:00"), at("2018-01-04T00:00+02:00"))


def test_a_total_without_a_profile_is_refused_by_its_line() -> None:
    assert errors("verint_daily", "Cards, 1-2-2018, 521, 242\nCards, 13-2-2018, 1, 2\n") == [
        "plan:1: 2018-01-02 is a total, and how it spreads over the day is not known; give a profile: [plan] profile, or plan import --profile-from",
        "plan:2: interval_start (column 2) '13-2-2018' is not a time: month must be in 1..12; write it as %m-%d-%Y says",
    ]


def test_a_month_begins_on_its_first_and_queues_of_it_are_added() -> None:
    month: dict[str, Any] = {"defaults": {"interval_s": "month"}}
    found = read("verint_daily", "Insurance, 2-1-2018, 2800, 100\nInsurance VIP, 2-1-2018, 1400, 100\n", FLAT, **month)
    assert len(found.rows) == 28 * 48
    assert sum(one.calls_u for one in found.rows) == 4_200_000_000
    assert errors("verint_daily", "Insurance, 2-2-2018, 2800, 100\n", **month) == [
        "plan:1: interval_start (column 2) 2-2-2018 is not the first of a month, and the row is a month's total; write 2018-02-01"
    ]


def test_a_day_twice_is_a_mistake() -> None:
    assert errors("verint_daily", "Cards, 1-2-2018, 521, 242\nCards, 1-2-2018, 52, 242\n") == [
        "plan:1: 2018-01-02 is a total, and how it spreads over the day is not known; give a profile: [plan] profile, or plan import --profile-from",
        "plan:2: Cards inbound: is the same interval as line 1",
    ]


# --- one's own columns, and what all have in common -----------------------------------------------------------------------------------

OWN = ColumnMapping(
    "mapping",
    {"project": ("Черга",), "interval_start": ("Дата", "Час"), "volume": ("Дзвінки",), "aht_s": ("Розмова", "Опрацювання"), "direction": ("Напрям",)},
    form=TimeForm("%d.%m.%Y %H:%M"),
    projects={"Страхування": "bank"},
    defaults={"interval_s": "1800"},
)


def test_columns_of_one_s_own() -> None:
    text = "Дата;Час;Черга;Дзвінки;Розмова;Опрацювання\n30.11.2026;9:00;Страхування;1 250,5;120,5;30\n"
    (found,) = read_text(text, CONTRACT, "plan", OWN).rows
    assert found == row("bank", "2026-11-30T09:00+02:00", 30, 1250.5, 150.5)


def test_a_native_file_is_native_whatever_the_format_says() -> None:
    found = read("calabrio", "project,interval_start,volume,aht_s\nbank,2026-11-30T09:00,1,180\n")
    assert found.format == "floorwatch"
    assert found.rows == (row("bank", "2026-11-30T09:00+02:00", 30, 1, 180),)
    assert read("iex_pipe", "project;interval_start;volume;aht_s\nbank;2026-11-30T09:00;1,5;180\n").rows[0].calls_u == 1_500_000


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"floorwatch"}))
def test_an_empty_file_says_what_it_should_have_been(preset: str) -> None:
    assert errors(preset, "\ufeff\n\n") == [f"plan: the file is empty; it is to be in the format {preset}"]


def test_a_file_all_of_which_is_left_out_is_no_plan() -> None:
    assert errors("calabrio", "Chat,20210218 08:00,20210218 08:15,99,600,0,12\n") == [
        "plan: there is no row but 1 row left out on purpose; a plan needs at least one"
    ]


def test_a_column_that_tells_which_rows_count_has_to_be_there() -> None:
    """Without it chats would be counted as calls."""
    assert errors("genesys", GENESYS.replace("Media Type", "Media Typ")) == ["plan:1: missing column 'Media Type' of the format genesys; is it 'media typ'?"]


def test_an_optional_column_that_the_site_has_named_has_to_be_there() -> None:
    own = ColumnMapping("mapping", {"project": ("Q",), "interval_start": ("T",), "volume": ("V",), "aht_s": ("A",), "scheduled": ("Staff",)})
    text = "Q,T,V,A,Stuff\nbank,2026-12-01T09:00,10,180,4\n"
    assert read_text(text, CONTRACT, "plan", own).rows[0].scheduled_u is None  # as where a product may leave it out
    with pytest.raises(PlanError) as caught:
        read_text(text, CONTRACT, "plan", replace(own, typed=frozenset({"scheduled"})))
    assert str(caught.value) == "plan:1: missing column 'Staff' of the format mapping; is it 'stuff'?"


def test_calabrio_ends_by_the_wall_over_a_repeated_hour_and_at_midnight() -> None:
    lines = ["20261025 03:30,20261025 04:00", "20261025 03:30,20261025 04:00", "20261025 23:30,20261025 24:00"]
    found = read("calabrio", "".join(f"Insurance,{line},10,100,0\n" for line in lines)).rows
    assert [(one.start, one.end - one.start) for one in found] == [
        (at(text), 30 * MINUTE) for text in ("2026-10-25T03:30+03:00", "2026-10-25T03:30+02:00", "2026-10-25T23:30+02:00")
    ]


def test_a_column_beyond_the_row_is_an_empty_one() -> None:
    changed = {**PRESETS["calabrio"].columns, "scheduled": (7, 8)}
    assert read("calabrio", "Insurance,20261201 08:00,20261201 08:30,16,135,49,3\n", columns=changed).rows[0].scheduled_u is None
    assert read("calabrio", "Insurance,20261201 08:00,20261201 08:30,16,135,49\n", whose=(9,)).rows[0].calls_u == 16_000_000


@pytest.mark.parametrize("when", ["2026-12-01T00:00:00Z", "2026-11-30T22:00:00Z", "2026-11-30T22:00:00", "2026-12-01T00:00:00+02:00"])
def test_amazon_s_day_begins_at_its_midnight_or_at_ours(when: str) -> None:
    head = "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime"
    found = read("amazon", f"{head}\nCards,1,VOICE,{when},daily,480,180\n", FLAT).rows
    assert (found[0].start, found[-1].end) == (at("2026-12-01T00:00+02:00"), at("2026-12-02T00:00+02:00"))


def test_columns_of_one_s_own_that_are_called_as_ours_keep_zone_and_form() -> None:
    own = ColumnMapping("mapping", {name: (name,) for name in ("project", "interval_start", "volume", "aht_s")}, form=TimeForm("%d.%m.%Y %H:%M"), zone=UTC)
    head = "project,interval_start,volume,aht_s"
    begins = [at("2026-12-01T08:00Z")]
    for text in (f"{head}\nbank,01.12.2026 08:00,10,100\n", f"{head},note\nbank,01.12.2026 08:00,10,100,x\n", f"{head}\nbank,2026-12-01T10:00+02:00,10,100\n"):
        assert [one.start for one in read_text(text, CONTRACT, "plan", own).rows] == begins
    found = read_text(f"{head},scheduled\nbank,2026-12-01T10:00+02:00,10,100,4\n", CONTRACT, "plan", own).rows  # as plan import writes it
    assert (found[0].start, found[0].scheduled_u) == (begins[0], 4_000_000)
