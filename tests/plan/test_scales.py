"""Scales: what they make of rows, from when on, and what they leave as a beginning for detectors."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import PlanError
from monitor.plan.plan import EMPTY, Plan, PlanRow
from monitor.plan.scales import COLUMNS, Scale, read_scales, rebased, scaled, written

KYIV = ZoneInfo("Europe/Kyiv")
CONTRACT = Contract(projects=tuple(Project(name, name, "floor", (), KYIV) for name in ("bank", "shop")))
HEAD = ",".join(COLUMNS)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def row(start: str, calls: int = 10, project: str = "bank") -> PlanRow:
    begin = at(start)
    return PlanRow(project, begin, begin + 30 * MINUTE, calls * 1_000_000, calls * 180 * SECOND, 180 * SECOND, scheduled_u=4_000_000)


def scale(first: str, last: str | None = None, factor: str = "0.6", when: str = "2026-11-30T12:00+02:00", removed: str | None = None) -> Scale:
    until = None if last is None else date.fromisoformat(last)
    gone = None if removed is None else at(removed)
    return Scale("bank", date.fromisoformat(first), until, Decimal(factor), "olena", at(when), "by phone", gone, "ihor" if removed else "")


ROWS = (row("2026-12-01T23:30+02:00"), row("2026-12-02T00:00+02:00"), row("2026-12-03T23:30+02:00"), row("2026-12-04T00:00+02:00"))


def calls(*scales: Scale) -> list[int]:
    return [one.calls_u // 1000 for one in scaled(ROWS, scales, CONTRACT)]


def test_it_holds_from_the_first_to_the_last_local_day() -> None:
    assert calls(scale("2026-12-02", "2026-12-03")) == [10_000, 6_000, 6_000, 10_000]
    assert calls(scale("2026-12-02")) == [10_000, 6_000, 6_000, 6_000]
    assert calls() == [10_000] * 4


def test_factors_of_one_day_are_multiplied_and_removed_ones_are_not() -> None:
    assert calls(scale("2026-12-01"), scale("2026-12-03", factor="0.5")) == [6_000, 6_000, 3_000, 3_000]
    assert calls(scale("2026-12-01", removed="2026-11-30T13:00+02:00")) == [10_000] * 4
    assert calls(scale("2026-12-01", factor="0")) == [0] * 4


def test_volume_and_handle_time_are_scaled_and_nothing_else() -> None:
    (one,) = scaled(ROWS[:1], [scale("2026-12-01")], CONTRACT)
    assert (one.handle_us, one.aht_us, one.scheduled_u) == (6 * 180 * SECOND, 180 * SECOND, 4_000_000)
    other = row("2026-12-02T09:00+02:00", project="shop")
    assert [*scaled([other], [scale("2026-12-01")], CONTRACT)] == [other]


@pytest.mark.parametrize(
    ("one", "instants"),
    [
        (scale("2026-12-02"), ["2026-12-02T00:00+02:00"]),
        (scale("2026-12-02", "2026-12-03"), ["2026-12-02T00:00+02:00", "2026-12-04T00:00+02:00"]),
        (scale("2026-11-30"), ["2026-11-30T12:00+02:00"]),
        (scale("2026-12-02", removed="2026-12-03T09:00+02:00"), ["2026-12-02T00:00+02:00", "2026-12-03T09:00+02:00"]),
        (scale("2026-12-02", removed="2026-12-01T09:00+02:00"), []),
        (scale("2026-12-02", "2026-12-02", removed="2026-12-05T09:00+02:00"), ["2026-12-02T00:00+02:00", "2026-12-03T00:00+02:00"]),
        (scale("2026-11-01", "2026-11-02"), []),
    ],
    ids=["for good", "for two days", "not before it was agreed", "removed", "removed before", "removed after", "entered after"],
)
def test_a_project_begins_anew_where_its_plan_is_another(one: Scale, instants: list[str]) -> None:
    assert rebased([one], CONTRACT).get("bank", ()) == tuple(map(at, instants))


def test_a_plan_knows_when_it_was_another_last() -> None:
    plan = Plan.of(ROWS, rebased([scale("2026-12-02", "2026-12-03")], CONTRACT))
    assert plan.rebased_since("bank", at("2026-12-01T23:59+02:00")) is None
    assert plan.rebased_since("bank", at("2026-12-02T00:00+02:00")) == at("2026-12-02T00:00+02:00")
    assert plan.rebased_since("bank", at("2026-12-09T00:00+02:00")) == at("2026-12-04T00:00+02:00")
    assert plan.rebased_since("shop", at("2026-12-09T00:00+02:00")) is None
    assert EMPTY.rebased_since("bank", 0) is None


def test_a_project_that_is_gone_scales_nothing() -> None:
    assert rebased([scale("2026-12-02")], Contract()) == {}
    assert [*scaled(ROWS, [scale("2026-12-02")], Contract())] == [*ROWS]


@given(st.text().filter(str.isprintable), st.decimals(0, 100, places=6), st.booleans())
def test_lines_are_read_as_they_are_written(note: str, factor: Decimal, gone: bool) -> None:
    one = Scale(
        "bank", date(2026, 12, 1), None, abs(factor), "o", at("2026-12-01T09:00Z"), note.strip(), at("2026-12-02T09:00Z") if gone else None, "i" if gone else ""
    )
    assert read_scales(written([one]), "scales") == (one,)


def test_every_bad_line_is_named() -> None:
    good = "bank,2026-12-01,,0.6,olena,2026-11-30T10:00:00+00:00,note,,"
    text = "\n".join(
        [
            HEAD,
            good,
            good.replace("2026-12-01", "1.12.26"),
            good.replace("0.6", "101"),
            good.replace(",,0.6", ",2026-11-01,0.6"),
            good + ",",
            good.replace("+00:00", ""),
            good.replace("2026-12-01", "0001-01-01"),
            good.replace("2026-11-30T", "9999-12-31T"),
        ]
    )
    with pytest.raises(PlanError) as caught:
        read_scales(text, "plan.csv.scales.csv")
    assert str(caught.value).splitlines() == [
        "plan.csv.scales.csv:3: from '1.12.26' is not a date; write it as 2026-12-25",
        "plan.csv.scales.csv:4: factor 101 is more than 100; is it another column, or another unit?",
        "plan.csv.scales.csv:5: until 2026-11-01 is before from 2026-12-01; it would never hold",
        "plan.csv.scales.csv:6: 10 fields, the header has 9; change it by floorwatch plan scale",
        "plan.csv.scales.csv:7: when '2026-11-30T10:00:00' is not an instant; write it as 2026-12-25T09:00:00+00:00",
        "plan.csv.scales.csv:8: from '0001-01-01' is in no year anybody plans for; write it as 2026-12-25",
        "plan.csv.scales.csv:9: when '9999-12-31T10:00:00+00:00' is not an instant; write it as 2026-12-25T09:00:00+00:00",
    ]
    with pytest.raises(PlanError, match="is not the file of floorwatch plan scale"):
        read_scales("project,factor\n", "x")
