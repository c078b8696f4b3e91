"""Results: each key counts once, whatever is told again and in which order; its price is that of its day, its minute that of its instant."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.chronicle import ResultTold
from monitor.core.contract import MINUTE, SECOND, Finances
from monitor.core.incident_log import NO_PBX, Refusal, Why
from monitor.core.keys import DAY_US, KEEP_US
from monitor.core.results import Answer, Counted, Result, ResultsTold, flaw
from monitor.core.snapshot import Cell
from monitor.core.tariff import Tariff
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import decoded, encoded, freeze, thaw
from tests.core.scene import T0, contract, project

KYIV = ZoneInfo("Europe/Kyiv")
TODAY = datetime.fromtimestamp(T0 // SECOND, KYIV).date()  # 18:00 in Kyiv
OLD = Tariff(date(2025, 1, 1), TODAY - timedelta(days=1), per_result=(("sale", Decimal("80.00")), ("lead", Decimal("5.005"))))
NEW = Tariff(TODAY, currency="EUR", per_result=(("sale", Decimal("90.00")), ("", Decimal("0.10"))))
AGREED = contract(project("shop-line", tariffs=(OLD, NEW), zone=KYIV), project("bank-line"), zone=KYIV, finances=Finances("UAH"))


def keeping() -> Keeping:
    one = Keeping(AGREED, EMPTY, T0)
    one.floor.keep()
    return one


def tell(one: Keeping, *results: Result, at: int | None = None, pbx: str = NO_PBX) -> tuple[Answer, ...]:
    return one.count(ResultsTold(pbx, one.floor.now if at is None else at, results, "crm"))


def sums(one: Keeping, project: str = "shop-line") -> tuple[int, int]:
    rows = one.floor.ledger.projects[project].cells().values()
    return sum(row[Cell.RESULTS] for row in rows), sum(row[Cell.REVENUE_U] for row in rows)


# --- one result ---------------------------------------------------------------------------------------------------------------------------


def test_it_counts_at_its_minute_by_the_prices_of_its_day() -> None:
    one = keeping()
    midnight = int(datetime.combine(TODAY, datetime.min.time(), KYIV).timestamp()) * SECOND
    answers = tell(one, Result("shop-line", "sale", "a"), Result("shop-line", "sale", "b", midnight - 1), Result("shop-line", "lead", "c", midnight - MINUTE))
    assert answers == (Counted(False, 90_000_000, "EUR"), Counted(False, 80_000_000, "UAH"), Counted(False, 5_010_000, "UAH"))
    cells = one.floor.ledger.projects["shop-line"].cells()
    assert (cells[T0][Cell.RESULTS], cells[T0][Cell.REVENUE_U]) == (1, 90_000_000)
    assert sums(one) == (3, 175_010_000)
    assert one.floor.counters.results == {("shop-line", "sale"): 2, ("shop-line", "lead"): 1, ("shop-line", "other"): 0}
    assert list(one.floor.chronicle.details.records) == [
        ResultTold("shop-line", "a", T0, "sale", 90_000_000, "crm"),
        ResultTold("shop-line", "b", midnight - 1, "sale", 80_000_000, "crm"),
        ResultTold("shop-line", "c", midnight - MINUTE, "lead", 5_010_000, "crm"),
    ]


def test_without_a_price_it_counts_and_is_worth_nothing() -> None:
    one = keeping()
    day_before = T0 - DAY_US
    answers = tell(one, Result("shop-line", "refusal", "a"), Result("shop-line", "refusal", "b", day_before), Result("bank-line", "sale", "a"))
    assert answers == (Counted(False, 100_000, "EUR"), Counted(False, 0, "UAH"), Counted(False, 0, "UAH"))
    assert one.floor.counters.results == {("shop-line", "sale"): 0, ("shop-line", "lead"): 0, ("shop-line", "other"): 2, ("bank-line", "other"): 1}
    assert sums(one, "bank-line") == (1, 0)


def test_a_day_that_is_over_gets_it_too() -> None:
    one = keeping()
    book = one.floor.ledger.projects["shop-line"]
    day = (TODAY - timedelta(days=34)).toordinal()
    book.remember({day: [0] * book.width})
    tell(one, Result("shop-line", "sale", "a", T0 - 34 * DAY_US))
    row = book.days[day]
    assert (row[Cell.RESULTS], row[Cell.REVENUE_U], row[Cell.RESULTS_U]) == (1, 80_000_000, 80_000_000)
    one.floor.ledger.tell_late()
    (late,) = one.floor.ledger.unwritten.read(9)[1]
    assert (late.minute, late.added, late.sums[Cell.RESULTS]) == (T0 - 34 * DAY_US, True, 1)


def test_of_a_day_nobody_knows_it_is_in_the_store_only() -> None:
    """It would be a day on which nobody called."""
    one = keeping()
    tell(one, Result("shop-line", "sale", "a", T0 - 34 * DAY_US))
    assert one.floor.ledger.projects["shop-line"].days == {}
    one.floor.ledger.tell_late()
    assert one.floor.ledger.unwritten.read(9)[1][0].sums[Cell.RESULTS] == 1


def test_a_clock_that_is_a_little_ahead_means_now() -> None:
    one = keeping()
    (answer,) = tell(one, Result("shop-line", "sale", "a", T0 + 5 * MINUTE))
    assert isinstance(answer, Counted)
    assert one.floor.ledger.projects["shop-line"].cells()[T0][Cell.RESULTS] == 1


# --- what is refused ----------------------------------------------------------------------------------------------------------------------

OLD_LINE = "came about more than 35 days ago; its key may be forgotten by now, so it could be counted twice"
AHEAD_LINE = "comes about in more than 5 minutes; tell it then, and look at the clock of the machine that tells it"


@pytest.mark.parametrize(
    ("result", "refusal"),
    [
        (Result("shop-lin", "sale", "k"), Refusal("unknown project 'shop-lin'; did you mean 'shop-line'?", Why.UNKNOWN)),
        (Result("zzz", "sale", "k"), Refusal("unknown project 'zzz'; known: shop-line, bank-line", Why.UNKNOWN)),
        (Result("shop-line", "sale", "k", T0 - 35 * DAY_US - 1), Refusal(OLD_LINE)),
        (Result("shop-line", "sale", "k", T0 + 5 * MINUTE + 1), Refusal(AHEAD_LINE)),
        (
            Result("shop-line", "lead", "0501234567"),
            Refusal("a result of shop-line with this key was told before, as 'sale'; another result needs a key of its own", Why.CONFLICT),
        ),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_line(result: Result, refusal: Refusal) -> None:
    one = keeping()
    tell(one, Result("shop-line", "sale", "0501234567"))
    assert tell(one, result) == (refusal,)
    assert "0501234567" not in refusal.problem
    assert sums(one) == (1, 90_000_000)


def test_more_keys_than_are_remembered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.core.results.MOST", 2)
    one = keeping()
    tell(one, Result("shop-line", "sale", "a"), Result("bank-line", "sale", "a"))
    refused, again = tell(one, Result("shop-line", "sale", "b"), Result("shop-line", "sale", "a"))
    assert isinstance(refused, Refusal)
    assert refused.why is Why.BUSY
    assert again == Counted(True, 90_000_000, "EUR")


def test_what_a_dialplan_tells_in_vain_is_an_anomaly_without_its_key() -> None:
    one = keeping()
    tell(one, Result("0501234567", "sale", "0671234567"), pbx="pbx1")
    assert one.floor.counters.anomalies == {"result_refused": 1}
    assert one.floor.remarks == [("result_refused", "pbx1: a UserEvent names a project that the configuration has not")]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("key", None, "key is missing; a result has project, disposition and key"),
        ("project", "", "project is missing; a result has project, disposition and key"),
        ("disposition", "x" * 61, "disposition is not a text on one line of at most 60 letters, without blanks around it; mend it"),
        ("key", "a\nb", "key is not a text on one line of at most 120 letters, without blanks around it; mend it"),
        ("key", " a", "key is not a text on one line of at most 120 letters, without blanks around it; mend it"),
        ("key", 7, "key is not a text on one line of at most 120 letters, without blanks around it; mend it"),
        ("key", "\ud800", "key is not a text on one line of at most 120 letters, without blanks around it; mend it"),
        ("disposition", "продаж", None),
    ],
)
def test_texts(name: str, text: object, line: str | None) -> None:
    assert flaw(name, text) == line


# --- once ---------------------------------------------------------------------------------------------------------------------------------


def test_a_key_is_known_for_longer_than_anybody_may_tell_of_it() -> None:
    one = keeping()
    sale = Result("shop-line", "sale", "a", T0)
    tell(one, sale)
    one.advance(T0 + KEEP_US)
    assert tell(one, sale) == (Counted(True, 90_000_000, "EUR"),)
    one.advance(T0 + KEEP_US + SECOND)
    assert tell(one, sale) == (Refusal(OLD_LINE),)
    assert one.results.heard.by_project == {}


def test_a_step_of_the_clock_forgets_no_key_too_early() -> None:
    one = keeping()
    tell(one, Result("shop-line", "sale", "a"))
    one.shift(KEEP_US)
    assert tell(one, Result("shop-line", "sale", "a")) == (Counted(True, 90_000_000, "EUR"),)


def test_a_project_that_is_gone_for_a_while_still_knows_its_keys() -> None:
    one = keeping()
    tell(one, Result("shop-line", "sale", "a"))
    one.change(replace(AGREED, projects=AGREED.projects[1:]), EMPTY, T0 + MINUTE)
    assert isinstance(tell(one, Result("shop-line", "sale", "a"))[0], Refusal)
    one.change(AGREED, EMPTY, T0 + 2 * MINUTE)
    assert tell(one, Result("shop-line", "sale", "a")) == (Counted(True, 90_000_000, "EUR"),)
    assert one.floor.counters.results["shop-line", "sale"] == 1


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["shop-line", "bank-line", "nix"]), st.sampled_from(["sale", "lead", "odd"]), st.integers(0, 5), st.integers(-60, 60)),
        max_size=40,
    ),
    st.integers(0, 10**6),
)
def test_in_any_order_and_however_often_and_cut_anywhere_each_key_counts_once(told: list[tuple[str, str, int, int]], where: int) -> None:
    """Against a plain table of first tellings; the counters never fall; a process that was killed goes on by its journal or its checkpoint."""
    steps: list[ResultsTold | int] = []
    at = T0
    for name, disposition, key, minutes in told:
        at += 20 * SECOND
        steps += [ResultsTold(NO_PBX, at, (Result(name, disposition, str(key), at - minutes * MINUTE if minutes % 3 else None),), "crm"), at]
    live, cut, frozen = keeping(), where % (len(steps) or 1), b""
    first: dict[tuple[str, str], str] = {}
    before: Counter[tuple[str, str]] = Counter()
    for number, step in enumerate(steps):
        if number == cut:
            frozen = freeze(live)
        if isinstance(step, ResultsTold):
            (one,), (answer,) = step.results, live.count(step)
            known = first.get((one.project, one.key))
            if isinstance(answer, Counted):
                assert answer.duplicate == (known is not None)
                assert first.setdefault((one.project, one.key), one.disposition) == one.disposition
            else:
                assert one.project == "nix" or (known is not None and known != one.disposition) or (one.at is not None and one.at > step.at + 5 * MINUTE)
        else:
            live.redo(step)
        now = Counter(live.floor.counters.results)
        assert all(now[key] >= count for key, count in before.items())
        before = now
    for name in ("shop-line", "bank-line"):
        assert sums(live, name)[0] == sum(project == name for project, _ in first)
        assert sum(count for (of, _), count in before.items() if of == name) == sum(project == name for project, _ in first)
    worth = {record.key: record.amount_u for record in live.floor.chronicle.details.records if isinstance(record, ResultTold) and record.project == "shop-line"}
    assert sums(live)[1] == sum(worth.values())
    again = keeping()
    for repeated in decoded(encoded(steps)):
        again.redo(repeated)
    thawed = thaw(frozen) if steps else again
    assert isinstance(thawed, Keeping)
    for repeated in decoded(encoded(steps[cut:])) if steps else ():
        thawed.redo(repeated)
    for other in (again, thawed):
        assert other.results.heard.by_project == live.results.heard.by_project
        assert other.floor.counters.results == live.floor.counters.results
        assert [sums(other, name) for name in ("shop-line", "bank-line")] == [sums(live, name) for name in ("shop-line", "bank-line")]
        for step in steps:  # all of it is told again
            if isinstance(step, ResultsTold):
                other.count(step)
        assert other.floor.counters.results == live.floor.counters.results


def test_the_day_is_the_project_s() -> None:
    """A project whose day begins at six: half past five is of the day before."""
    early = contract(project("shop-line", tariffs=(OLD, NEW), day_starts=6 * 60, zone=UTC), finances=Finances("UAH"))
    one = Keeping(early, EMPTY, T0)
    half_past_five = int(datetime.combine(TODAY, datetime.min.time(), UTC).timestamp()) * SECOND + 330 * MINUTE
    assert tell(one, Result("shop-line", "sale", "a", half_past_five), Result("shop-line", "sale", "b", half_past_five + 30 * MINUTE)) == (
        Counted(False, 80_000_000, "UAH"),
        Counted(False, 90_000_000, "EUR"),
    )
