"""Announced incidents: from when to when, on whose clock, and what a holiday is where projects live in several zones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from monitor.config import load
from monitor.core.contract import MINUTE, Contract
from monitor.core.incidents import Incident, IncidentKind, holding_group, holding_project

BASE = """
[site]
timezone = "Europe/Kyiv"
{site}
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
[[project]]
name = "bank-line"
client = "Bank"
queues = ["bank"]
[[project]]
name = "shop-line"
queues = ["shop"]
timezone = "{zone}"
[plan]
file = ""
"""
Announced = Callable[..., Contract]
KYIV_2026_12_25 = 1_798_149_600_000_000  # 2026-12-24T22:00Z
HOUR = 60 * MINUTE


@pytest.fixture
def announced(tmp_path: Path) -> Announced:
    def announced(*tables: str, site: str = "", zone: str = "") -> Contract:
        file = tmp_path / "floorwatch.toml"
        file.write_text(BASE.format(site=site, zone=zone) + "".join(f"[[incident]]\n{table}\n" for table in tables), encoding="utf-8")
        return load(file, {"SECRET": "x"}, date(2026, 11, 30)).contract

    return announced


def span(incident: Incident) -> tuple[int, int | None]:
    """Hours since midnight of 25 December in Kyiv."""
    assert incident.until is not None
    return (incident.since - KYIV_2026_12_25) // HOUR, (incident.until - KYIV_2026_12_25) // HOUR


@pytest.mark.parametrize(
    ("keys", "hours"),
    [
        ("from = 2026-12-25", (0, 24)),
        ('from = "2026-12-25"', (0, 24)),
        ("from = 2026-12-25\nuntil = 2026-12-25", (0, 24)),
        ("from = 2026-12-25\nuntil = 2026-12-26", (0, 48)),
        ("from = 2026-12-25\nuntil = 2026-12-25T14:00:00", (0, 14)),
        ("from = 2026-12-25T10:00:00\nuntil = 2026-12-25", (10, 24)),
        ("from = 2026-12-25T10:00:00\nuntil = 2026-12-25T12:00:00", (10, 12)),
        ("from = 2026-12-25T10:00:00+01:00\nuntil = 2026-12-25T12:00:00Z", (11, 14)),
        ('from = "2026-12-25T10:00"\nuntil = "2026-12-25T12:00+02:00"', (10, 12)),
    ],
)
def test_from_when_to_when(announced: Announced, keys: str, hours: tuple[int, int]) -> None:
    (one,) = announced(f'kind = "power"\n{keys}').incidents
    assert span(one) == hours
    assert (one.kind, str(one.scope), one.recovery_us, one.note, one.who) == (IncidentKind.POWER, "site", 15 * MINUTE, "", "")


def test_a_day_of_the_clock_change_has_its_own_length(announced: Announced) -> None:
    (one,) = announced('kind = "holiday"\nfrom = 2026-10-25').incidents
    assert one.until is not None
    assert one.until - one.since == 25 * HOUR


def test_every_key(announced: Announced) -> None:
    (one,) = announced('kind = "announced"\nscope = "client:Bank"\nfrom = 2026-12-25\nrecovery_minutes = 7.5\nnote = "a raffle"').incidents
    assert (str(one.scope), one.recovery_us, one.note) == ("client:Bank", 7.5 * MINUTE, "a raffle")
    assert one.id == "announced@client:Bank@2026-12-24T22:00:00Z"


def test_a_holiday_is_one_incident_where_the_day_is_one(announced: Announced) -> None:
    agreed = announced(site="holidays = [2026-12-25, 2027-01-01, 2026-12-25]", zone="Europe/Bucharest")
    assert [str(one.scope) for one in agreed.incidents] == ["site", "site"]
    assert span(agreed.incidents[0]) == (0, 24)
    assert agreed.incidents[0].recovery_us == 0


def test_a_holiday_is_one_for_each_project_where_they_live_in_several_zones(announced: Announced) -> None:
    agreed = announced(site="holidays = [2026-12-25]", zone="Europe/Warsaw")
    assert {str(one.scope): span(one) for one in agreed.incidents} == {"project:bank-line": (0, 24), "project:shop-line": (1, 25)}

    def held(hour: int) -> tuple[list[str], bool]:
        at = KYIV_2026_12_25 + hour * HOUR
        projects = [p.name for p in agreed.projects if holding_project(agreed.incidents, p, agreed, at, at + HOUR)]
        return projects, bool(holding_group(agreed.incidents, "floor", agreed, at, at + HOUR))

    assert held(0) == (["bank-line"], False)
    assert held(1) == (["bank-line", "shop-line"], True)
    assert held(24) == (["shop-line"], False)


def test_a_holiday_that_is_announced_too_is_the_announced_one(announced: Announced) -> None:
    agreed = announced('kind = "holiday"\nfrom = 2026-12-25\nnote = "open until noon"', site="holidays = [2026-12-25]")
    assert [one.note for one in agreed.incidents] == ["open until noon"]
