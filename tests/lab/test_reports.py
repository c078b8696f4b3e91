"""Reports from a real PostgreSQL: byte by byte those from SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from monitor.outputs.reports import agents, day, payroll
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.reporting.making import Maker
from monitor.state.store.place import Place
from tests.lab.postgresql import Postgresql, postgresql
from tests.outputs.reports.filled import asked, two_days

pytestmark = pytest.mark.lab
MAKERS: tuple[Maker, ...] = (
    partial(day.report, wanted=day.Wanted(day.By.INTERVAL)),
    partial(day.report, wanted=day.Wanted(view=day.View.CONTACT_ENDS)),
    partial(agents.report, by=agents.By.DAY),
    partial(payroll.report, layout=payroll.Layout.ROWS),
    partial(payroll.report, layout=payroll.Layout.P5),
)


@pytest.fixture
def server() -> Iterator[Postgresql]:
    with postgresql() as one:
        yield one


def _drawn(place: Place) -> list[bytes]:
    filled = two_days()
    filled.write(place)
    with asked(place, filled.contract, date(2026, 11, 1), date(2026, 11, 30)) as (what, reader):
        return [drawn(maker(what, reader, silent), how) for maker in MAKERS for how in Format]


def test_they_are_those_from_sqlite(server: Postgresql, tmp_path: Path) -> None:
    assert _drawn(Place(server.url)) == _drawn(Place(f"sqlite:///{tmp_path}/here.db"))
