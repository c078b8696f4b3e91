"""How plans are told in a terminal: figures, days and sparklines.

Owns the shapes. Refuses what is told.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from datetime import datetime, tzinfo

from monitor.core.contract import SECOND
from monitor.plan.plan import MICRO

BARS = "▁▂▃▄▅▆▇█"
RELOAD = "the daemon goes on with the plan it has; reload it: pkill -HUP -f 'floorwatch run', or POST /-/reload"


def volume(calls_u: int) -> str:
    """Contacts: `480`, `16.25`."""
    return f"{calls_u / MICRO:,.2f}".rstrip("0").rstrip(".")


def change(before: int, after: int) -> str:
    """`+12.5 %`; nothing where there was nothing."""
    return "" if not before else f" ({100 * (after - before) / before:+.1f} %)"


def sparkline(values: Sequence[int | None]) -> str:
    """A bar for each value, by the highest of them; a blank where there is none."""
    most = max((value for value in values if value is not None), default=0)
    return "".join(" " if value is None else BARS[value * (len(BARS) - 1) // most if most else 0] for value in values).rstrip()


def local(at: int, zone: tzinfo) -> str:
    """An instant by the local clock, to the minute."""
    return datetime.fromtimestamp(at // SECOND, zone).isoformat(sep=" ", timespec="minutes")


def hours(start: int, end: int, zone: tzinfo) -> str:
    """`09:00-09:30` by the local clock; with its offset in an hour that comes twice."""
    first, last = (datetime.fromtimestamp(at // SECOND, zone) for at in (start, end))
    twice = first.replace(fold=0).utcoffset() != first.replace(fold=1).utcoffset()
    return f"{first:%H:%M}-{last:%H:%M}" + (f"{first:%z}"[:3] if twice else "")


def login() -> str:
    """Who types this: through sudo, too."""
    if user := os.environ.get("SUDO_USER"):
        return user
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
