"""A centre with the three generated lines, its configuration on disk, and the instant at which its plan is built.

Owns the files. Refuses expectations.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from monitor import config
from monitor.config import Config
from monitor.core.contract import SECOND
from monitor.core.incidents import Incident, IncidentKind, Scope
from tests.plan.generated import KYIV, LINES, Line, Weeks

HEAD = """
[site]
name = "kyiv-1"
timezone = "Europe/Kyiv"
[[pbx]]
name = "pbx1"
host = "127.0.0.1"
username = "floorwatch"
secret_file = "secret"
queue_log = "{queue_log}"
cdr = "{cdr}"
[[group]]
name = "floor"
[state]
directory = ""
[store]
url = "{store}"
"""
PROJECT = """
[[project]]
name = "{name}"
client = "{name}"
group = "floor"
queues = [{queues}]
hours = "{hours}"
day_starts = "{starts:02}:00"
"""


def write(folder: Path, lines: tuple[Line, ...] = LINES, *, queue_log: str = "queue_log", cdr: str = "", store: str = "") -> Path:
    """The configuration's file."""
    (folder / "secret").write_text("x\n", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    text = HEAD.format(queue_log=queue_log, cdr=cdr, store=store)
    for line in lines:
        queues = ", ".join(f'"{queue}"' for queue in line.queues)
        text += PROJECT.format(name=line.project, queues=queues, hours=line.hours, starts=line.day_starts // 60)
    file = folder / "floorwatch.toml"
    file.write_text(text, encoding="utf-8")
    return file


def load(folder: Path, weeks: Weeks | None = None) -> Config:
    """The configuration, with the weeks' alarm announced in it."""
    loaded = config.load(folder / "floorwatch.toml", {})
    if weeks is None or weeks.alarm is None:
        return loaded
    since, until = (int(one.timestamp()) * SECOND for one in weeks.alarm)
    alarm = Incident("1", IncidentKind.AIR_RAID, Scope(), since, until)
    return replace(loaded, contract=replace(loaded.contract, incidents=(alarm,)))


def nine(day: date) -> int:
    """Nine in the morning."""
    return int(datetime(day.year, day.month, day.day, 9, tzinfo=KYIV).timestamp()) * SECOND
