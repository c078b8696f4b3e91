"""When a month may be closed and opened: over, open, and wholly known; for one project, for everybody's hours, or for what is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.errors import BadOption, StoreUnusable
from monitor.state.store.closing import PAYROLL, Closing, of_project, write
from tests.reporting.asking import LATER, NOW, acts, billing, client, close, table
from tests.reporting.centre import BY_CALL, Centre, at, call, group_minute, minute, seen


def test_closed_opened_and_closed_again(centre: Centre) -> None:
    close(centre, project="bank-line")
    centre.store([call("bank-line", "2026-11-20 09:00:00")])
    with pytest.raises(BadOption, match=r"^--month 2026-11: bank-line: was closed by ann on 2026-12-02 10:00; --reopen --why opens it again$"):
        close(centre, client="Bank")
    with pytest.raises(BadOption, match=r"^--reopen: without a reason nobody opens what is closed; give --why$"):
        close(centre, project="bank-line", reopen=True)
    close(centre, project="bank-line", reopen=True, why="a call was missing", who="olha")
    assert table(billing(centre), "total_bank-line")[0]["amount"] == "2.70"
    with pytest.raises(BadOption, match=r"^--month 2026-11: bank-line: is not closed, so there is nothing to open$"):
        close(centre, project="bank-line", reopen=True, why="again")
    close(centre, now=at("2026-12-03 10:00:00"))
    report = billing(centre)
    assert "bank-line, 2026-11: closed on 2026-12-03 10:00 (closing 2); the figures are those of that moment." in report["notes"]
    assert [(act.number, act.act, act.who, act.why) for act in acts(centre, of_project("bank-line"))] == [
        (1, "close", "ann", ""),
        (2, "reopen", "olha", "a call was missing"),
        (3, "close", "ann", ""),
    ]


def test_of_everybody_what_is_open_and_over_is_closed(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank="billing_day = 15\n" + BY_CALL)
    centre.store([], [*seen("bank-line", "2026-11-01", 50), *seen("shop-line", "2026-11-01", 50)])
    left = "bank-line: its billing period ends on 2026-12-14; left as it is"
    assert close(centre) == [left, "shop-line: 2026-11-01 - 2026-11-30: 0.00 UAH", "payroll: frozen too", "2026-11: closed by ann"]
    shop, hours = (f"{name}: was closed by ann on 2026-12-02 10:00; left as it is" for name in ("shop-line", "payroll"))
    assert close(centre, LATER) == [shop, hours, "bank-line: 2026-11-15 - 2026-12-14: 0.00 UAH", "2026-11: closed by ann"]
    with pytest.raises(BadOption, match=r"^--month 2026-11: nothing of it is to be closed; name another month$"):
        close(centre, LATER)
    opened = close(centre, LATER, reopen=True, why="all wrong")
    assert opened[:3] == [f"{name}: open again; what was closed stays in the archive" for name in ("bank-line", "shop-line", "payroll")]
    with pytest.raises(BadOption, match=r"^--month 2026-11: nothing of it is to be opened; name another month$"):
        close(centre, LATER, reopen=True, why="all wrong")


def test_hours_are_closed_when_clients_have_been(centre: Centre) -> None:
    close(centre, client="Bank")
    close(centre, client="Shop")
    assert close(centre) == [
        "bank-line: was closed by ann on 2026-12-02 10:00; left as it is",
        "shop-line: was closed by ann on 2026-12-02 10:00; left as it is",
        "payroll: frozen",
        "2026-11: closed by ann",
    ]


def test_hours_alone(centre: Centre) -> None:
    with pytest.raises(BadOption, match=r"^--month 2026-11: payroll: its month ends on 2026-11-30; close it when it is over$"):
        close(centre, at("2026-11-30 23:59:00"), payroll=True)
    assert close(centre, payroll=True) == ["payroll: frozen", "2026-11: closed by ann"]
    assert [act.act for act in acts(centre, PAYROLL)] == ["close"]
    assert not acts(centre, of_project("bank-line"))
    with pytest.raises(BadOption, match=r"^--month 2026-11: payroll: was closed by ann on 2026-12-02 10:00; --reopen --why opens it again$"):
        close(centre, payroll=True)
    with pytest.raises(BadOption, match=r"^--payroll: is said beside --client or --project, but hours are everybody's; give one or the other$"):
        close(centre, payroll=True, client="Bank")


def test_what_is_not_over_is_not_closed(centre: Centre) -> None:
    with pytest.raises(BadOption, match=r"^--month 2026-11: bank-line: its billing period ends on 2026-11-30; close it when it is over$"):
        close(centre, at("2026-11-30 23:59:00"), project="bank-line")


def test_what_was_not_seen_is_closed_by_force_alone(tmp_path: Path) -> None:
    blind = Centre(tmp_path)
    blind.store([], seen("bank-line", "2026-11-02", 29))
    said = r"^--month 2026-11: bank-line: 1440 min of 43200 min were seen by nobody; wait until that is known, or give --force and --why$"
    with pytest.raises(BadOption, match=said):
        close(blind, project="bank-line")
    with pytest.raises(BadOption, match=said):
        close(blind, project="bank-line", force=True)
    assert close(blind, project="bank-line", force=True, why="the daemon began on the 2nd")[0] == (
        "bank-line: 1440 min of 43200 min were seen by nobody: closed all the same"
    )
    assert not any("the daemon began on the 2nd" in note for note in client(blind)["notes"]), "that is no client's business"


def test_what_is_doubted_is_said_before_anything_is_closed(tmp_path: Path) -> None:
    blind = Centre(tmp_path)
    blind.store([], [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 29)])
    with pytest.raises(BadOption, match=r"shop-line: 1440 min of 43200 min were seen by nobody, nothing is written after 2026-11-30 00:00; wait"):
        close(blind)
    assert not acts(blind, of_project("bank-line"))


def test_a_contact_whose_work_is_not_known_is_not_frozen_as_nothing(centre: Centre) -> None:
    centre.store([call("bank-line", "2026-11-30 23:58:00", 0, handled_at=None, handle_us=0, talk_us=0, connected_us=0)])
    just_over = at("2026-12-01 00:00:10")
    with pytest.raises(BadOption, match=r"bank-line: answered contacts the work on which is not wholly known: 1; wait until that is known, or give --force"):
        close(centre, just_over, client="Bank")
    close(centre, just_over, client="Shop")
    close(centre, just_over, client="Bank", force=True, why="his line was cut")


def test_a_contact_that_waits_is_not_frozen_as_nothing(centre: Centre) -> None:
    centre.store([], [minute("bank-line", at("2026-11-30 23:58:00"), contacts=2, answered=1)])
    with pytest.raises(BadOption, match=r"bank-line: contacts that have not ended: 1; wait until that is known, or give --force and --why$"):
        close(centre, at("2026-12-01 00:00:10"), client="Bank")


def test_what_is_not_written_yet_is_waited_for(centre: Centre) -> None:
    centre.store([], [group_minute(at("2026-11-30 23:58:00"), talk=1)])
    with pytest.raises(BadOption, match=r"bank-line: nothing is written after 2026-11-30 23:59; wait until that is known, or give --force and --why$"):
        close(centre, client="Bank")
    centre.store([], [group_minute(at("2026-11-30 23:59:00"), talk=1)])
    close(centre, client="Bank")


def test_two_who_close_at_once(centre: Centre) -> None:
    act = Closing("2026-11", of_project("bank-line"), 1, NOW, "ann", "", "close")
    write(centre.place, act, b"")
    said = r"somebody else closed or reopened 2026-11 of bank-line just now; look at what was done, and do it again if need be$"
    with pytest.raises(StoreUnusable, match=said):
        write(centre.place, act, b"")
    write(centre.place, Closing("2026-11", PAYROLL, 1, NOW, "ann", "", "close"), b"")


def test_as_it_is_typed(centre: Centre) -> None:
    done = CliRunner().invoke(cli.commands, ["report", "close", "--config", str(centre.file), "--month", "2026-11", "--payroll", "--who", "ann"])
    assert done.exit_code == 0, done.output
    assert done.stdout == "payroll: frozen\n2026-11: closed by ann\n"
