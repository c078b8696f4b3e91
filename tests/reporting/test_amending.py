"""Hours and calls put right by hand: what it does to payroll and to a bill, and everything that is refused, in a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.core.amendment import Amendment
from monitor.errors import BadOption, StoreUnusable
from monitor.outputs.reports.asked import silent
from monitor.reporting import ask, making
from monitor.reporting.statements import Whose
from monitor.state.store import migrations, schema
from monitor.state.store import place as places
from monitor.state.store.writer import Batch, write
from tests.reporting.asking import NOVEMBER, NOW, billing, client, correct_call, correct_hours, id_of, payroll, table, worked
from tests.reporting.centre import Centre, at, call
from tests.reporting.taker import at_once
from tests.state.keeping import FAR

SHOP = Whose(client="Shop")
TEN, ELEVEN, NOON = (f"2026-11-02 {hour}:00:00" for hour in ("10", "11", "12"))


@pytest.fixture
def there(centre: Centre) -> Centre:
    """With an hour of somebody's."""
    centre.store([worked("2026-11-02")])
    return centre


def kept(centre: Centre) -> list[Amendment]:
    with making.reading(centre.config) as reader:
        return reader.amendments(0, FAR)


def refusal(what: Callable[..., object], *given: Any, **more: Any) -> str:
    with pytest.raises(BadOption) as caught:
        what(*given, **more)
    assert caught.value.exit_code == 2
    return str(caught.value)


# --- hours --------------------------------------------------------------------------------------------------------------------------


def test_hours_are_added_and_taken_away_and_both_stay_listed(there: Centre) -> None:
    assert correct_hours(there, "-600") == ["7, 2026-11-02, bank-line, regular: 3000 s, was 3600 s; corrected by olha"]
    assert correct_hours(there, "+1800.5", who="ann", why="the phone was dead") == ["7, 2026-11-02, bank-line, regular: 4800.5 s, was 3000 s; corrected by ann"]
    assert correct_hours(there, "600") == ["7, 2026-11-02, bank-line, regular: 5400.5 s, was 4800.5 s; corrected by olha"]
    (row,) = table(payroll(there), "payroll")
    assert (Decimal(row["seconds"]), row["hours_decimal"], row["corrections"]) == (Decimal("5400.5"), "1.50", 3)
    assert [(one.number, one.who, one.why, one.was, one.now, one.time_us) for one in kept(there)] == [
        (1, "olha", "forgot to log in", "3600", "3000", -600_000_000),
        (2, "ann", "the phone was dead", "3000", "4800.5", 1_800_500_000),
        (3, "olha", "forgot to log in", "4800.5", "5400.5", 600_000_000),
    ]
    assert {(one.made_at, one.about_at) for one in kept(there)} == {(NOW, at("2026-11-02 00:00:00"))}


def test_somebody_of_the_agents_file_whom_the_floor_never_saw_is_paid(there: Centre) -> None:
    (there.file.parent / "agents.csv").write_text("employee_id,name,interfaces\n1042,Olha Bondar,PJSIP/42\n")
    there.file.write_text(there.file.read_text() + '[agents]\nfile = "agents.csv"\n')
    told = correct_hours(there, "7200", employee="1042", date="2026-11-30", project="", kind="downtime")
    assert told == ["1042, 2026-11-30, no project, downtime: 7200 s, was 0 s; corrected by olha"]
    assert [(row["employee_id"], row["class"], row["hours_decimal"], row["corrections"]) for row in table(payroll(there), "payroll")] == [
        ("1042", "downtime", "2.00", 1),
        ("7", "regular", "1.00", None),
    ]
    sheet = {row["employee_id"]: (row["name"], row["day_30"], row["hours_downtime"]) for row in table(payroll(there, "p5"), "p5")}
    assert sheet["1042"] == ("Olha Bondar", "П 2.00", "2")
    there.file.write_text(there.file.read_text().replace('file = "agents.csv"', 'file = ""'))
    assert correct_hours(there, "-7200", employee="1042", date="2026-11-30", project="", kind="downtime"), "who left can still be put right"


def test_today_may_be_put_right_by_the_clock_of_the_site(there: Centre) -> None:
    just_begun = at("2026-12-02 00:00:01")
    assert correct_hours(there, "60", just_begun, date="2026-12-02")
    assert refusal(correct_hours, there, "60", just_begun - 2_000_000, date="2026-12-02") == (
        "--date 2026-12-02: is a day to come; the last there can be is today, 2026-12-01"
    )


def test_a_day_is_as_long_as_the_store_goes_back(there: Centre) -> None:
    there.file.write_text(there.file.read_text().replace("[store]", "[store]\nretain_days = 30"))
    assert correct_hours(there, "60", at("2026-12-02 00:00:00"), date="2026-11-02")
    assert refusal(correct_hours, there, "60", at("2026-12-02 00:00:01"), date="2026-11-02") == (
        "--date 2026-11-02: is longer ago than the 30 days the store goes back; name a later day, or raise [store] retain_days"
    )


@pytest.mark.parametrize(
    ("seconds", "more", "line"),
    [
        (
            "60",
            {"employee": "77"},
            "--employee 77: there is no such person; give the employee_id of report payroll (the name most like it is 7: look who that is)",
        ),
        ("60", {"employee": "zoe"}, "--employee zoe: there is no such person; give the employee_id of report payroll"),
        ("60", {"employee": ""}, "--employee: is empty; give the employee_id of report payroll"),
        ("60", {"employee": "7\x1b[2J"}, "--employee '7\\x1b[2J': has a sign in it that is no text; give the employee_id of report payroll"),
        ("60", {"date": "2026-12-03"}, "--date 2026-12-03: is a day to come; the last there can be is today, 2026-12-02"),
        ("60", {"date": "yesterday"}, "--date yesterday: is not a date; write it as 2026-12-25"),
        ("60", {"kind": "regullar"}, "--class regullar: there is no such thing; did you mean regular?"),
        ("60", {"project": "bank"}, "--project bank: there is no such project; did you mean bank-line?"),
        ("60", {"why": " \n "}, "--why: is empty; nobody corrects without saying why: write it in a line"),
        ("60", {"who": ""}, "--who: is empty; nobody corrects without saying who: write it in a line"),
        ("60", {"why": "left\x07early"}, "--why: has a sign in it that is no text; write it in plain words"),
        ("60", {"why": "a \u202edekcart"}, "--why: has a sign in it that is no text; write it in plain words"),
        ("60", {"who": "\udcff"}, "--who: has a sign in it that is no text; write it in plain words"),
        ("60", {"why": "x" * 201}, "--why: has 201 letters; write 200 at most"),
        ("0", {}, "--seconds 0: changes nothing; write how many are to be added, or with a minus taken away"),
        ("1h", {}, "--seconds 1h: is not a number of seconds; write one such as 3600 or -3600"),
        ("90001", {}, "--seconds 90001: is more than a day has; write 90000 at most"),
        ("-3600.1", {}, "--seconds -3600.1: 7, 2026-11-02, bank-line, regular: has 3600 s; take away that many at most"),
        ("-1", {"kind": "night"}, "--seconds -1: 7, 2026-11-02, bank-line, night: has 0 s; look in report payroll which row has them"),
        ("-1", {"project": ""}, "--seconds -1: 7, 2026-11-02, no project, regular: has 0 s; look in report payroll which row has them"),
        (
            "90000",
            {},
            "--seconds 90000: 7, 2026-11-02: has 3600 s in all and would have 93600 s; that day has 86400 s",
        ),
        ("82801", {"kind": "night", "project": ""}, "--seconds 82801: 7, 2026-11-02: has 3600 s in all and would have 86401 s; that day has 86400 s"),
        (
            "60",
            {"kind": "unscheduled"},
            "--class unscheduled: is time on the floor that a roster does not have, and nobody is paid by a roster yet; name another class",
        ),
    ],
)
def test_hours_that_cannot_be_meant(there: Centre, seconds: str, more: dict[str, str], line: str) -> None:
    assert refusal(correct_hours, there, seconds, **more) == line
    assert kept(there) == []


def test_what_was_taken_away_is_not_there_to_be_taken_again(there: Centre) -> None:
    correct_hours(there, "-3000")
    assert refusal(correct_hours, there, "-601") == "--seconds -601: 7, 2026-11-02, bank-line, regular: has 600 s; take away that many at most"
    correct_hours(there, "-600")
    assert refusal(correct_hours, there, "-1").endswith(": has 0 s; look in report payroll which row has them")
    assert [row["seconds"] for row in table(payroll(there), "payroll")] == [0]


def test_what_the_floor_was_told_otherwise_since_can_be_mended(there: Centre) -> None:
    """Hours are taken away, then the log takes the same: what is below nothing is shown so, and may be added to again."""
    correct_hours(there, "-3000")
    told = worked("2026-11-02")
    with there.place.open(alone=True) as opened:  # the log says that it was a quarter of an hour
        write(opened.connection, Batch(2, details=[told._replace(end=told.start + 900_000_000)]))
    assert [row["seconds"] for row in table(payroll(there), "payroll")] == [-2100]
    assert refusal(correct_hours, there, "-1").endswith(": has -2100 s; look in report payroll which row has them")
    assert correct_hours(there, "100") == ["7, 2026-11-02, bank-line, regular: -2000 s, was -2100 s; corrected by olha"]


def test_several_who_take_the_same_hours_at_once(there: Centre) -> None:
    done, *refused = at_once(there, "-2000", 3)
    assert done == "7, 2026-11-02, bank-line, regular: 1600 s, was 3600 s; corrected by olha"
    assert refused == ["refused: --seconds -2000: 7, 2026-11-02, bank-line, regular: has 1600 s; take away that many at most"] * 2
    assert [row["seconds"] for row in table(payroll(there), "payroll")] == [1600]


# --- calls --------------------------------------------------------------------------------------------------------------------------


def annex(centre: Centre) -> tuple[list[str], str, list[str]]:
    """When billed calls came, the total, and why others are not billed."""
    report = billing(centre)
    calls = table(report, "calls_bank-line")
    total = table(report, "total_bank-line")[0]["amount"]
    assert sum((Decimal(row["amount"]) for row in calls), Decimal(0)) == Decimal(total)
    left = [row["why"] for row in table(report, "excluded_calls_bank-line")] if any(s["key"].startswith("excluded_calls") for s in report["sections"]) else []
    return [row["time"][11:16] for row in calls], total, left


def test_a_call_is_not_billed_and_billed_again(centre: Centre) -> None:
    assert annex(centre) == (["09:00", "10:00"], "1.80", ["test call"])
    assert correct_call(centre, id_of(TEN), exempt="internal") == [
        f"bank-line, call {id_of(TEN)} on pbx1: not to be paid for (internal), was to be paid for; corrected by olha"
    ]
    assert annex(centre) == (["09:00"], "0.90", ["from our own people", "test call"])
    assert "bank-line: corrections of calls by hand: 1." in client(centre)["notes"]
    assert "bank-line: corrections of calls by hand: 1." in billing(centre)["notes"]
    correct_call(centre, id_of(TEN), exempt="test")
    assert annex(centre) == (["09:00"], "0.90", ["test call", "test call"])
    assert correct_call(centre, id_of(TEN), bill=True) == [
        f"bank-line, call {id_of(TEN)} on pbx1: to be paid for, was not to be paid for (test); corrected by olha"
    ]
    correct_call(centre, id_of(ELEVEN), bill=True)
    assert annex(centre) == (["09:00", "10:00", "11:00"], "2.70", [])
    assert table(client(centre), "days_bank-line")[1]["billed_calls"] == 3
    assert [(one.was, one.now) for one in kept(centre)] == [("billed", "internal"), ("internal", "test"), ("test", "billed"), ("test", "billed")]


def test_who_came_is_told_as_it_was_seen(centre: Centre) -> None:
    counts = ("contacts", "answered", "in_threshold", "service_level", "aht_s")
    before = [[row[key] for key in counts] for row in table(client(centre), "days_bank-line")]
    correct_call(centre, id_of(TEN), exempt="test")
    assert [[row[key] for key in counts] for row in table(client(centre), "days_bank-line")] == before


def test_another_month_says_nothing_of_it(centre: Centre) -> None:
    centre.store([call("bank-line", "2026-10-20 09:00:00")])
    correct_call(centre, id_of("2026-10-20 09:00:00"), exempt="test")
    assert "bank-line: corrections of calls by hand: 0." in client(centre)["notes"]


def test_another_client_sees_nothing_of_it(centre: Centre) -> None:
    before = billing(centre, SHOP)
    correct_call(centre, id_of(TEN), exempt="test")
    assert billing(centre, SHOP) == before


TIERS = """
[[project.tariff]]
from = 2026-01-01
per_call = { price = "0.333", tiers = [{ above = 2, price = "0.10" }] }
"""


def test_a_call_less_moves_the_price_of_others_and_the_lines_still_sum_to_the_bill(tmp_path: Path) -> None:
    """With tiers a call costs what it adds to all that came before it."""
    centre = Centre(tmp_path, bank=TIERS)
    when = [f"2026-11-03 09:0{number}:00" for number in range(4)]
    centre.store([call("bank-line", time) for time in when])
    assert annex(centre)[1:] == ("0.87", [])
    correct_call(centre, id_of(when[1]), exempt="test")
    assert annex(centre) == (["09:00", "09:02", "09:03"], "0.77", ["test call"])
    for time in (when[0], when[2], when[3]):
        correct_call(centre, id_of(time), exempt="internal")
    assert annex(centre) == ([], "0.00", ["from our own people", "test call", "from our own people", "from our own people"])
    correct_call(centre, id_of(when[1]), bill=True)
    assert annex(centre)[:2] == (["09:01"], "0.33")


@pytest.mark.parametrize(
    ("which", "more", "line"),
    [
        (TEN, {}, "--exempt: is missing, and so is --bill; give one of them: --exempt internal or test, or --bill"),
        (TEN, {"exempt": "test", "bill": True}, "--exempt test: is said beside --bill; give one of them: --exempt internal or test, or --bill"),
        (TEN, {"exempt": "tets"}, "--exempt tets: is no reason not to bill a call; did you mean test?"),
        (TEN, {"bill": True}, "--bill: call {id} is to be paid for already; there is nothing to correct"),
        (ELEVEN, {"exempt": "test"}, "--exempt test: call {id} is not to be paid for (test) already; there is nothing to correct"),
        (NOON, {"exempt": "test"}, "--call {id}: was not answered (abandoned), so nobody is billed for it; name one that was"),
        (TEN, {"exempt": "test", "project": "bank"}, "--project bank: there is no such project; did you mean bank-line?"),
        (TEN, {"exempt": "test", "project": ""}, "--project: is empty; say whose call it is: bank-line, shop-line"),
        (TEN, {"exempt": "test", "project": "shop-line"}, "--call {id}: shop-line has no such call; it is one of bank-line on pbx1"),
        (TEN, {"exempt": "test", "pbx": "pbx2"}, "--call {id}: bank-line has no such call on pbx2; it is one of bank-line on pbx1"),
        ("2026-11-02 10:00:01", {"exempt": "test"}, "--call {id}: bank-line has no such call; give its id in queue_log (the CDR's uniqueid)"),
        (TEN, {"exempt": "test", "why": ""}, "--why: is empty; nobody corrects without saying why: write it in a line"),
        (TEN, {"exempt": "test", "why": "a\x00b"}, "--why: has a sign in it that is no text; write it in plain words"),
    ],
)
def test_calls_that_cannot_be_meant(centre: Centre, which: str, more: dict[str, Any], line: str) -> None:
    assert refusal(correct_call, centre, id_of(which), **more) == line.format(id=id_of(which))
    assert kept(centre) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "--call: is empty; give its id in queue_log (the CDR's uniqueid)"),
        ("1.1\n", "--call '1.1\\n': has a sign in it that is no text; give its id in queue_log (the CDR's uniqueid)"),
        ("\udcff", "--call '\\udcff': has a sign in it that is no text; give its id in queue_log (the CDR's uniqueid)"),
    ],
)
def test_an_id_that_is_none(centre: Centre, text: str, line: str) -> None:
    assert refusal(correct_call, centre, text, bill=True) == line


def test_a_call_on_several_pbxs(centre: Centre) -> None:
    centre.store([call("bank-line", TEN)._replace(pbx="pbx2")])
    assert refusal(correct_call, centre, id_of(TEN), exempt="test") == f"--call {id_of(TEN)}: is a call on pbx1 and on pbx2; say on which with --pbx"
    assert correct_call(centre, id_of(TEN), exempt="test", pbx="pbx2") == [
        f"bank-line, call {id_of(TEN)} on pbx2: not to be paid for (test), was to be paid for; corrected by olha"
    ]
    assert annex(centre)[:2] == (["09:00", "10:00"], "1.80")


def test_a_call_of_two_projects_is_put_right_for_the_one_that_is_named(centre: Centre) -> None:
    centre.store([call("shop-line", TEN)])
    before = billing(centre, SHOP)
    correct_call(centre, id_of(TEN), exempt="test")
    assert annex(centre)[1] == "0.90"
    assert billing(centre, SHOP) == before


def test_a_call_no_tariff_is_for_cannot_be_billed(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-11-15\nper_call = "0.90"\n')
    centre.store([call("bank-line", TEN, exempt="test")])
    assert refusal(correct_call, centre, id_of(TEN), bill=True) == (
        "--bill: no tariff of bank-line holds on 2026-11-02, so nothing can be billed; add a [[project.tariff]] from that day on first"
    )


# --- the store ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("1", "is of an earlier version, or empty; run the daemon on it once"),
        ("99", f"has schema 99, this version knows {len(migrations.STEPS)}; run the newer floorwatch, or name another store"),
    ],
)
def test_a_store_of_another_version(there: Centre, value: str, line: str) -> None:
    with there.place.open() as opened, opened.connection.begin():
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value=value))
    both: tuple[Callable[[], object], ...] = (partial(correct_hours, there, "60"), partial(correct_call, there, id_of(TEN), exempt="test"))
    for what in both:
        with pytest.raises(StoreUnusable) as caught:
            what()
        assert str(caught.value) == f"{there.place.shown}: {line}"


def test_no_store(there: Centre) -> None:
    Path(there.place.shown).unlink()
    with pytest.raises(StoreUnusable) as caught:
        correct_hours(there, "60")
    assert str(caught.value) == f"{there.place.shown}: is not there: no daemon has kept anything yet; start floorwatch run, or correct [store] url"
    assert not Path(there.place.shown).exists()
    there.file.write_text(there.file.read_text().replace(there.place.url, ""))
    assert refusal(correct_call, there, id_of(TEN), exempt="test") == f'{there.file}: [store] url = "" keeps nothing to report on; name a store there'


def test_a_store_that_is_busy(there: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BUSY_S", 0.05)
    with there.place.open() as opened, opened.connection.begin(), pytest.raises(StoreUnusable) as caught:
        correct_hours(there, "60")
    assert str(caught.value) == f"{there.place.shown}: database is locked; end what else writes to it"
    assert kept(there) == []


def test_nothing_that_the_floor_saw_is_changed(there: Centre) -> None:
    def seen() -> list[Any]:
        with there.place.open(write=False) as opened, opened.connection.begin():
            names = [table for table in schema.metadata.sorted_tables if table is not schema.amendments]
            return [opened.connection.execute(table.select()).all() for table in names]

    def told() -> list[Any]:
        makers = (ask.of_days("day", "true-to-interval"), ask.of_agents("day"))
        return [json.loads(making.make(there.config, NOVEMBER, NOW, maker, silent).content)["sections"] for maker in makers]

    before = seen(), told()
    correct_hours(there, "-600")
    correct_call(there, id_of(TEN), exempt="test")
    assert (seen(), told()) == before
    assert len(kept(there)) == 2
