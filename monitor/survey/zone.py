"""The time zone of a site: the one that was asked for, else the machine's.

Owns where a machine keeps it: $TZ, then where /etc/localtime leads. Refuses guessing further: a machine that names none is on UTC, and
the draft says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.config.values import did_you_mean_zone
from monitor.errors import BadOption

LOCALTIME = Path("/etc/localtime")


def site_zone(asked: str | None, environment: Mapping[str, str], localtime: Path = LOCALTIME) -> tuple[ZoneInfo, str]:
    """The zone, and where it is from."""
    if asked is not None:
        zone = _zone(asked)
        if zone is None:
            raise BadOption(f"--timezone {asked!r}: is not a time zone; {did_you_mean_zone(asked)}")
        return zone, "as asked"
    named = _zone(environment.get("TZ", "").removeprefix(":"))
    if named is not None:
        return named, "the machine's, by $TZ"
    linked = str(localtime.resolve()).rpartition("/zoneinfo/")[2].removeprefix("posix/").removeprefix("right/")
    zone = _zone(linked) if localtime.is_symlink() else None
    if zone is not None:
        return zone, f"the machine's, by {localtime}"
    return ZoneInfo("UTC"), "assumed, as the machine names none"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
