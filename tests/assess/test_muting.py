"""What holds, what speaks, and what a loss mutes a little longer than it lasts."""

from __future__ import annotations

from monitor.assess.conditions import About, Condition, Finding, Subject
from monitor.assess.holdings import AFTER_US, Holdings
from monitor.core.contract import MINUTE, Contract, Group, Project, QueueId

CONTRACT = Contract(
    groups=(Group("floor"),),
    projects=tuple(Project(name, name.title(), "floor", (QueueId("pbx1", name),)) for name in ("bank", "shop")),
)
BANK, SHOP, FLOOR = Subject(About.PROJECT, "bank"), Subject(About.PROJECT, "shop"), Subject(About.GROUP, "floor")
TRUNK = Finding(True, {"reading": "telephony"})


def said(holdings: Holdings, at: int) -> list[str]:
    return [f"{one.condition} {one.subject.name}" for one in holdings.published(CONTRACT, at)[1]]


def silent(at: int) -> Holdings:
    """Both are silent for the telephony's sake, and people have nothing to do."""
    holdings = Holdings()
    holdings.take(Condition.PROJECT_SILENT, BANK, TRUNK, at - 2)
    holdings.take(Condition.PROJECT_SILENT, SHOP, TRUNK, at - 1)
    holdings.take(Condition.OCCUPANCY_TOO_LOW, FLOOR, Finding(True), at)
    assert said(holdings, at) == ["ProjectSilent bank"]
    return holdings


def test_what_a_loss_has_muted_stays_so_a_quarter_of_an_hour_after_it() -> None:
    holdings = silent(MINUTE)
    holdings.take(Condition.PROJECT_SILENT, BANK, Finding(False), 2 * MINUTE)
    assert said(holdings, 2 * MINUTE) == []
    states, _, muted = holdings.published(CONTRACT, 2 * MINUTE + AFTER_US - 1)
    assert states == {(Condition.PROJECT_SILENT, BANK): False, (Condition.PROJECT_SILENT, SHOP): False, (Condition.OCCUPANCY_TOO_LOW, FLOOR): False}
    assert set(muted) == {(Condition.PROJECT_SILENT, SHOP), (Condition.OCCUPANCY_TOO_LOW, FLOOR)}
    assert said(holdings, 2 * MINUTE + AFTER_US) == ["ProjectSilent shop"]


def test_what_ends_meanwhile_ends_unsaid_and_what_begins_is_its_echo() -> None:
    holdings = silent(MINUTE)
    for subject in (BANK, SHOP):
        holdings.take(Condition.PROJECT_SILENT, subject, Finding(False), 2 * MINUTE)
    holdings.take(Condition.OVERSTAFFED, FLOOR, Finding(True), 3 * MINUTE)
    assert said(holdings, 3 * MINUTE) == []
    holdings.take(Condition.OVERSTAFFED, FLOOR, Finding(False), 4 * MINUTE)
    holdings.take(Condition.OCCUPANCY_TOO_LOW, FLOOR, Finding(False), 4 * MINUTE)
    assert said(holdings, 2 * MINUTE + AFTER_US) == []


def test_a_loss_that_is_back_speaks_at_once() -> None:
    holdings = silent(MINUTE)
    holdings.take(Condition.PROJECT_SILENT, BANK, Finding(False), 2 * MINUTE)
    holdings.take(Condition.PROJECT_SILENT, BANK, Finding(True, {"reading": "client"}), 3 * MINUTE)
    assert "ProjectSilent bank" in said(holdings, 3 * MINUTE)


def test_a_loss_of_another_client_is_said_at_once() -> None:
    holdings = silent(MINUTE)
    holdings.take(Condition.PROJECT_SILENT, BANK, None, 2 * MINUTE)
    holdings.take(Condition.PROJECT_SILENT, SHOP, Finding(True, {"reading": "client"}), 3 * MINUTE)
    assert said(holdings, 3 * MINUTE) == ["ProjectSilent shop"]


def test_a_loss_that_speaks_does_so_until_it_is_over_whatever_it_is_read_as_meanwhile() -> None:
    holdings = Holdings()
    for at, subject in enumerate((BANK, SHOP)):
        holdings.take(Condition.VOLUME_LOST, subject, Finding(True, {"reading": "client"}), at)
    assert said(holdings, 2) == ["VolumeLost bank", "VolumeLost shop"]
    for reading in ("market", "client"):
        for subject in (BANK, SHOP):
            holdings.take(Condition.VOLUME_LOST, subject, Finding(True, {"reading": reading}), 3)
        assert said(holdings, 3) == ["VolumeLost bank", "VolumeLost shop"]
    for finding in (Finding(False), Finding(True, {"reading": "market"})):
        holdings.take(Condition.VOLUME_LOST, SHOP, finding, 4)
    holdings.take(Condition.VOLUME_LOST, BANK, Finding(True, {"reading": "market"}), 4)
    assert said(holdings, 4) == ["VolumeLost bank"]


def test_what_is_remembered_moves_with_the_clock_and_goes_with_the_contract() -> None:
    holdings = silent(MINUTE)
    holdings.take(Condition.PROJECT_SILENT, BANK, Finding(False), 2 * MINUTE)
    holdings.shift(60 * MINUTE)
    assert said(holdings, 61 * MINUTE + AFTER_US) == []
    fewer = Contract(groups=CONTRACT.groups, projects=CONTRACT.projects[1:])
    holdings.agree(fewer)
    assert [one.subject.name for one in holdings.published(fewer)[1]] == ["shop"]
