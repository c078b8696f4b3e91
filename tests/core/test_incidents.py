"""What an incident is, whom it concerns, and which spans it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.contract import MINUTE, Group
from monitor.core.incidents import Incident, IncidentKind, Scope, ScopeKind, Stage, holding_group, holding_project
from tests.core.scene import T0, contract, project

RAID = Incident("1", IncidentKind.AIR_RAID, Scope(), T0)
OVER = replace(RAID, until=T0 + 10 * MINUTE)
AGREED = contract(project("bank"), project("shop"), project("taxi", "pbx2/taxi", group="night"), pbxs=("pbx1", "pbx2"), groups=(Group("floor"), Group("night")))


@pytest.mark.parametrize("text", ["site", "client:Bank", "project:bank", "group:floor", "pbx:pbx1", "client:A:B"])
def test_a_scope_reads_as_it_is_written(text: str) -> None:
    assert str(Scope.of(text)) == text


@pytest.mark.parametrize("text", ["", "site:x", "client", "client:", "floor", "queue:bank"])
def test_what_is_no_scope(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is not a scope; write site, or client:, project:, group: or pbx: and a name$"):
        Scope.of(text)


def test_names_of_each_kind() -> None:
    assert [Scope(kind).names(AGREED) for kind in ScopeKind] == [
        ("",),
        ("Bank", "Shop", "Taxi"),
        ("bank", "shop", "taxi"),
        ("floor", "night"),
        ("pbx1", "pbx2"),
    ]
    assert Scope.of("client:Bank").known(AGREED)
    assert not Scope.of("client:bank").known(AGREED)
    assert Scope().known(AGREED)


@pytest.mark.parametrize(
    ("minutes", "lasts", "closed"),
    [
        (-1, Stage.AHEAD, Stage.AHEAD),
        (0, Stage.ACTIVE, Stage.ACTIVE),
        (10, Stage.ACTIVE, Stage.RECOVERY),
        (24, Stage.ACTIVE, Stage.RECOVERY),
        (25, Stage.ACTIVE, Stage.OVER),
    ],
)
def test_stages(minutes: int, lasts: Stage, closed: Stage) -> None:
    at = T0 + minutes * MINUTE
    assert (RAID.stage(at), OVER.stage(at)) == (lasts, closed)
    assert (RAID.active(at), OVER.active(at)) == (lasts is Stage.ACTIVE, closed is Stage.ACTIVE)


def test_it_holds_its_time_and_its_recovery() -> None:
    assert not OVER.touches(T0 - MINUTE, T0)
    assert OVER.touches(T0 - MINUTE, T0 + 1)
    assert OVER.touches(T0 + 24 * MINUTE, T0 + 40 * MINUTE)
    assert not OVER.touches(T0 + 25 * MINUTE, T0 + 40 * MINUTE)
    assert RAID.touches(T0 + 10_000 * MINUTE, T0 + 10_001 * MINUTE)


@pytest.mark.parametrize(
    ("scope", "projects", "groups"),
    [
        ("site", "bank shop taxi", "floor night"),
        ("client:Bank", "bank", ""),
        ("client:Taxi", "taxi", "night"),
        ("project:shop", "shop", ""),
        ("group:floor", "bank shop", "floor"),
        ("pbx:pbx2", "taxi", "night"),
        ("pbx:pbx1", "bank shop", "floor"),
    ],
)
def test_whom_a_scope_holds(scope: str, projects: str, groups: str) -> None:
    one = replace(RAID, scope=Scope.of(scope))
    span = (T0, T0 + MINUTE)
    assert [p.name for p in AGREED.projects if holding_project([one], p, AGREED, *span)] == projects.split()
    assert [g for g in AGREED.group if holding_group([one], g, AGREED, *span) == (one,)] == groups.split()
    assert not any(holding_project([one], p, AGREED, T0 - MINUTE, T0) for p in AGREED.projects)


def test_a_group_is_held_by_several_that_hold_each_of_its_projects() -> None:
    """A holiday in two zones is an incident for each project."""
    first = replace(RAID, scope=Scope.of("project:bank"))
    second = replace(RAID, id="2", scope=Scope.of("project:shop"), since=T0 + 60 * MINUTE)
    assert holding_group([first, second], "floor", AGREED, T0, T0 + 30 * MINUTE) == ()
    assert holding_group([first, second], "floor", AGREED, T0, T0 + 90 * MINUTE) == (first, second)
