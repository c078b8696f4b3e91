"""Months that are closed in a real PostgreSQL, beside a daemon that writes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import StoreUnusable
from monitor.reporting import making
from monitor.state.store import forgetting
from monitor.state.store.closing import PAYROLL, Closing, archive, of_project, write
from tests.lab.postgresql import postgresql
from tests.reporting.asking import LATER, NOW, acts, billing, close, payroll, table, worked
from tests.reporting.centre import Centre, call, corrected, seen

pytestmark = pytest.mark.lab


def test_a_month_is_closed_and_opened_beside_a_daemon(tmp_path: Path) -> None:
    with postgresql() as server:
        centre = Centre(tmp_path, url=server.url)
        observed = [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)]
        centre.store([call("bank-line", "2026-11-02 09:00:00"), worked("2026-11-02")], observed)
        with centre.place.open(alone=True):
            close(centre)
        centre.store([call("bank-line", "2026-11-03 09:00:00")])
        assert table(billing(centre), "total_bank-line")[0]["amount"] == "0.90"
        with centre.place.open(alone=True):
            close(centre, reopen=True, why="a call was missing")
        assert table(billing(centre), "total_bank-line")[0]["amount"] == "1.80"
        for scope in (of_project("bank-line"), of_project("shop-line"), PAYROLL):
            assert [(act.number, act.act) for act in acts(centre, scope)] == [(1, "close"), (2, "reopen")]
        with pytest.raises(StoreUnusable, match="somebody else closed or reopened 2026-11 of bank-line just now"):
            write(centre.place, Closing("2026-11", of_project("bank-line"), 2, NOW, "ann", "", "close"), b"")
        close(centre)
        centre.store([corrected("bank-line", "2026-12-02 11:00:00", "2026-11-03 09:00:00")])
        told = [(row["kind"], row["by"]) for row in table(billing(centre, now=LATER), "corrections_bank-line")]
        assert told == [("opened again", "ann"), ("visit", "queue_log")]
        forgetting.forget(centre.place, "7")
        with making.reading(centre.config) as reader:
            assert "7" not in archive(reader, acts(centre, PAYROLL)[0]).people
        assert table(payroll(centre), "payroll")[0]["employee_id"].startswith("forgotten-")
