"""Reports from a real PostgreSQL: byte by byte those from SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from monitor.core.chronicle import Detail
from monitor.core.contract import MINUTE
from monitor.outputs.reports import agents, corrections, day, payroll, signals
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.reporting import making, statements
from monitor.reporting.making import Maker
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from monitor.state.store.closing import PAYROLL, archive, of_project
from monitor.state.store.place import Place
from tests.lab.postgresql import Postgresql, postgresql
from tests.outputs.reports.dialled import dialled
from tests.outputs.reports.filled import MONDAY, asked, put_right, two_days
from tests.reporting.asking import acts, close, correct_call, id_of
from tests.reporting.centre import Centre, at, call, corrected, group_minute, incident, lost, minute, result, seen

pytestmark = pytest.mark.lab
MAKERS: tuple[Maker, ...] = (
    partial(day.report, wanted=day.Wanted(day.By.INTERVAL)),
    partial(day.report, wanted=day.Wanted(view=day.View.CONTACT_ENDS)),
    partial(agents.report, by=agents.By.DAY),
    partial(payroll.report, layout=payroll.Layout.ROWS),
    partial(payroll.report, layout=payroll.Layout.P5),
    corrections.report,
    signals.report,
)

NOW = at("2026-12-02 10:00:00")
BANK = """
day_starts = "05:00"
caller_digits = 4
[[project.tariff]]
from = 2026-01-01
per_minute = "0.125"
per_call = { price = "0.333", tiers = [{ above = 2, price = "0.10" }] }
per_result = { sale = "12.50" }
per_agent_hour = { price = "200.00", allocation = "handle" }
[project.tariff.sl_adjust]
formula = "sl_abandon_negative"
threshold_seconds = 20
exclude = ["air_raid"]
bands = [{ at_least = 0.90, percent = 3 }, { at_least = 0, percent = -5 }]
"""


@pytest.fixture
def server() -> Iterator[Postgresql]:
    with postgresql() as one:
        yield one


def _drawn(place: Place) -> list[bytes]:
    filled = two_days()
    filled.details += dialled()
    filled.write(place)
    put_right(place, "1042", MONDAY, "", "regular", -420)
    put_right(place, "1050", MONDAY, "bank-line", "night", 3_600)
    with asked(place, filled.contract, date(2026, 11, 1), date(2026, 11, 30)) as (what, reader):
        return [drawn(maker(what, reader, silent), how) for maker in MAKERS for how in Format]


def _centre(folder: Path, url: str = "") -> Centre:
    """A bank whose tariff has a bit of everything, and who called it in November."""
    folder.mkdir()
    centre = Centre(folder, bank=BANK, url=url)
    calls: list[Detail] = [
        call("bank-line", f"2026-11-02 09:0{number}:00", 61 + number, number=number, agent=str(number % 3), digits="4567") for number in range(6)
    ]
    others: list[Detail] = [
        call("bank-line", "2026-11-03 04:59:00", exempt="test"),
        call("bank-line", "2026-11-03 09:00:00", handled_at=None, handle_us=0),
        call("shop-line", "2026-11-02 09:00:00", 600),
        lost("bank-line", "2026-11-02 12:00:00", 40),
        lost("bank-line", "2026-11-02 12:10:00", 2, "short_abandoned"),
        incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:05:00"),
        result("bank-line", "2026-11-03 10:00:00", "sale", "замовлення 1"),
    ]
    worked = [
        group_minute(at("2026-11-02 09:00:00"), talk=90 * MINUTE, available=30 * MINUTE),
        minute("bank-line", at("2026-11-02 09:01:00"), talk_us=7 * MINUTE),
        minute("shop-line", at("2026-11-02 09:01:00"), talk_us=10 * MINUTE),
    ]
    centre.store([*calls, *others], [*seen("bank-line", "2026-11-01", 31), *seen("shop-line", "2026-11-01", 31), *worked])
    return centre


def _sent(centre: Centre) -> list[bytes]:
    """Reports to both clients before the month is closed, what is frozen, and the reports after something became known later."""

    def made() -> list[bytes]:
        wishes = [Wish(month="2026-11", format=how.value, out=centre.file.parent / "out", force=True) for how in Format]
        reports = (statements.client_report, statements.billing_report)
        return [report(centre.config, wish, Whose(client=client), NOW).content for report in reports for client in ("Bank", "Shop") for wish in wishes]

    correct_call(centre, id_of("2026-11-02 09:03:00", 3), exempt="internal")
    before = made()
    said = close(centre, force=True, why="one call is not wholly known")
    with making.reading(centre.config) as reader:
        archives = [archive(reader, acts(centre, scope)[0]).text for scope in (of_project("bank-line"), of_project("shop-line"), PAYROLL)]
    again = result("bank-line", "2026-11-20 10:00:00", "sale", "замовлення 1")
    centre.store([call("bank-line", "2026-11-20 09:00:00"), again, corrected("bank-line", "2026-12-02 09:59:00", "2026-11-20 09:00:00")])
    correct_call(centre, id_of("2026-11-03 04:59:00"), bill=True)
    return [*before, "\n".join(said).encode(), *archives, *made()]


def test_they_are_those_from_sqlite(server: Postgresql, tmp_path: Path) -> None:
    assert _drawn(Place(server.url)) == _drawn(Place(f"sqlite:///{tmp_path}/here.db"))


def test_clients_are_sent_the_same_and_the_same_is_frozen(server: Postgresql, tmp_path: Path) -> None:
    sent = _sent(_centre(tmp_path / "sqlite"))
    assert _sent(_centre(tmp_path / "postgresql", server.url)) == sent
    assert len(set(sent)) > 2 * len(Format)
