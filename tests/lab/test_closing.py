"""Months that are closed in a real PostgreSQL, beside a daemon that writes to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import StoreUnusable
from monitor.state.store import forgetting
from monitor.state.store.closing import Closing, read, write
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.lab.postgresql import postgresql
from tests.reporting.centre import Centre, call, seen
from tests.reporting.test_statements import NOW, billing, close, table, worked

pytestmark = pytest.mark.lab


def acts(place: Place) -> list[Closing]:
    reader = Reader.of(place)
    try:
        return read(reader, "2026-11")
    finally:
        reader.close()


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
        assert [(act.number, act.act) for act in acts(centre.place)] == [(1, "close"), (2, "reopen")]
        with pytest.raises(StoreUnusable, match="somebody else closed or reopened 2026-11 just now"):
            write(centre.place, Closing("2026-11", 2, NOW, "ann", "", "close", b"{}"))
        forgetting.forget(centre.place, "7")
        assert b'"7"' not in acts(centre.place)[0].archive
