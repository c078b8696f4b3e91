"""What people told the daemon of is left out of a plan that is made of that time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from monitor.core.contract import MINUTE, SECOND
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.planning.told import told_incidents
from monitor.state.store import schema
from monitor.state.store.place import Place
from tests.planning import centre
from tests.state.keeping import made

NOW = 1_764_000_000 * SECOND


def test_incidents_of_the_store_are_as_they_were_told(tmp_path: Path) -> None:
    centre.write(tmp_path, store="sqlite:///store.db")
    row = {"epoch_at": 1, "number": "7", "kind": "power", "scope": "client:bank-line", "since_at": NOW - 60 * MINUTE, "until_at": NOW - 30 * MINUTE}
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened, opened.connection.begin():
        opened.connection.execute(insert(schema.incidents).values(**row, recovery_us=15 * MINUTE, note="", who="", closed_by=""))
    found, unknown = told_incidents(centre.load(tmp_path), NOW - 24 * 60 * MINUTE, NOW)
    assert unknown is None
    assert found == (Incident("7", IncidentKind.POWER, Scope.of("client:bank-line"), NOW - 60 * MINUTE, NOW - 30 * MINUTE),)


@pytest.mark.parametrize(("store", "said"), [("", None), ("sqlite:///nowhere/store.db", "incidents that were told to the daemon are not known: ")])
def test_without_a_store_there_are_none_and_one_that_cannot_be_asked_is_said(tmp_path: Path, store: str, said: str | None) -> None:
    centre.write(tmp_path, store=store)
    found, unknown = told_incidents(centre.load(tmp_path), NOW - 24 * 60 * MINUTE, NOW)
    assert found == ()
    assert (unknown or "").startswith(said or "")
    assert bool(unknown) is bool(said)
