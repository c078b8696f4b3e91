"""Where a site's time zone is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import BadOption
from monitor.survey.zone import site_zone


def test_what_was_asked_for_wins(tmp_path: Path) -> None:
    zone, place = site_zone("Europe/Kyiv", {"TZ": "Asia/Tokyo"}, tmp_path)
    assert (zone.key, place) == ("Europe/Kyiv", "as asked")


@pytest.mark.parametrize("asked", ["Europe/Kiyv", "../etc/passwd", "", "/etc/localtime", "Europe"])
def test_what_is_no_zone_is_one_line(asked: str) -> None:
    with pytest.raises(BadOption, match=r"^--timezone '.*': is not a time zone; (did you mean|use a name)"):
        site_zone(asked, {})


@pytest.mark.parametrize("variable", ["Asia/Tokyo", ":Asia/Tokyo"])
def test_then_the_machine_s_variable(variable: str, tmp_path: Path) -> None:
    zone, place = site_zone(None, {"TZ": variable}, tmp_path / "none")
    assert (zone.key, place) == ("Asia/Tokyo", "the machine's, by $TZ")


@pytest.mark.parametrize("target", ["/usr/share/zoneinfo/America/New_York", "../usr/share/zoneinfo/posix/America/New_York"])
def test_then_where_localtime_leads(target: str, tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to(target)
    zone, place = site_zone(None, {"TZ": "EET-2EEST,M3.5.0/3"}, link)
    assert (zone.key, place) == ("America/New_York", f"the machine's, by {link}")


def test_a_machine_that_names_none_is_on_utc(tmp_path: Path) -> None:
    (tmp_path / "localtime").write_bytes(b"TZif2")
    zone, place = site_zone(None, {}, tmp_path / "localtime")
    assert (zone.key, place) == ("UTC", "assumed, as the machine names none")
