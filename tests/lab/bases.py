"""Master.csv brought into databases, in every form that a table of call detail records has there.

Owns the tables, as FreePBX, cdr_pgsql and the manuals make them, and what of a line goes into which column. Refuses reading them back.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import StaticPool

from tests.lab.records import COLUMNS

KYIV = ZoneInfo("Europe/Kyiv")
CLOCK = "%Y-%m-%d %H:%M:%S"
WHO = """clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '', dst varchar(80) NOT NULL DEFAULT '',
dcontext varchar(80) NOT NULL DEFAULT '', channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '', duration int NOT NULL DEFAULT 0, billsec int NOT NULL DEFAULT 0,
disposition varchar(45) NOT NULL DEFAULT '', accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(150) NOT NULL DEFAULT ''"""
TABLES = {  # in order: the columns, and of what form a time is
    "freepbx": ("calldate datetime NOT NULL DEFAULT '0000-00-00 00:00:00', cnum varchar(80), linkedid varchar(32), KEY calldate (calldate)", "clock"),
    "times": ("start datetime, answer datetime NULL, `end` datetime, linkedid varchar(150)", "clock"),
    "zeros": ("calldate datetime, answer datetime NOT NULL DEFAULT '0000-00-00 00:00:00', `end` datetime, linkedid varchar(150)", "clock"),
    "timestamp": ('calldate timestamp, start timestamp, answer timestamp, "end" timestamp, linkedid varchar(150)', "clock"),
    "timestamptz": ('start timestamptz, answer timestamptz, "end" timestamptz, linkedid varchar(150)', "instant"),
    "epoch": ('start bigint, answer bigint, "end" bigint, linkedid varchar(150)', "epoch"),
    "letters": ('start varchar(30), answer varchar(30), "end" varchar(30), linkedid varchar(150)', "clock"),
}
EXACT = [name for name in TABLES if name != "freepbx"]
MYSQL, POSTGRESQL = ("freepbx", "times", "zeros"), ("timestamp", "timestamptz", "epoch", "letters")


def lines_of(file: Path) -> list[dict[str, str]]:
    """A Master.csv by columns; its clock is UTC."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [dict(zip(COLUMNS, row, strict=False)) for row in csv.reader(stream)]


def make(url: str, name: str) -> Engine:
    """The table of this name anew, and empty."""
    engine = create_engine(url.replace("mysql://", "mysql+pymysql://"), poolclass=StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS cdr")
        connection.exec_driver_sql(f"CREATE TABLE cdr ({TABLES[name][0]}, {WHO})")
    return engine


def fill(engine: Engine, name: str, lines: Sequence[Mapping[str, str]], zone: ZoneInfo = KYIV) -> None:
    """These lines are all there is in it; a clock on the wall is that of this zone."""
    columns, form = TABLES[name]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cdr")
        _insert(connection, [_row(line, columns, form, zone) for line in lines])


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    quote = "`" if connection.dialect.name == "mysql" else '"'
    into = ", ".join(f"{quote}{name}{quote}" for name in names)
    connection.execute(text(f"INSERT INTO cdr ({into}) VALUES ({', '.join(f':{name}' for name in names)})"), list(rows))


def _row(line: Mapping[str, str], columns: str, form: str, zone: ZoneInfo) -> dict[str, Any]:
    row: dict[str, Any] = {name: line[name] for name in ("src", "dst", "channel", "dstchannel", "lastapp", "lastdata", "disposition", "uniqueid", "linkedid")}
    row |= {"accountcode": line["account"], "dcontext": line["context"], "duration": int(line["duration"]), "billsec": int(line["billsec"])}
    for name, of in (("calldate", "start"), ("start", "start"), ("answer", "answer"), ("end", "end")):
        if f"{name} " in columns.replace("`", "").replace('"', ""):
            row[name] = _time(line[of], form, zone)
            if row[name] is None and f"{name} datetime NOT NULL" in columns:
                row[name] = "0000-00-00 00:00:00"
    return row


def _time(shown: str, form: str, zone: ZoneInfo) -> Any:
    if not shown:
        return "" if form == "letters" else None
    at = datetime.strptime(shown, CLOCK).replace(tzinfo=UTC)
    return int(at.timestamp()) if form == "epoch" else at if form == "instant" else at.astimezone(zone).strftime(CLOCK)
