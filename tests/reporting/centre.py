"""A small outsourcer with a store of its own, for tests of reports: a bank by the call, a shop by the minute, and who called them in November."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import config
from monitor.config import Config
from monitor.core.book import MinuteTold
from monitor.core.chronicle import ContactEnded, Corrected, Detail, IncidentTold, ResultTold
from monitor.core.contract import MINUTE, SECOND
from monitor.core.snapshot import Cell, State
from monitor.state.store.place import Place
from monitor.state.store.schema import CELLS, GROUP_SUMS, STATES
from monitor.state.store.writer import Batch, PlanVersion, write
from tests.state.keeping import made

KYIV = ZoneInfo("Europe/Kyiv")
DAY = 24 * 60 * MINUTE
HEAD = """
[site]
name = "kyiv-1"
language = "en"
[[pbx]]
name = "pbx1"
secret_file = "secret"
queue_log = ""
[[group]]
name = "floor"
[[project]]
name = "bank-line"
client = "Bank"
queues = ["bank"]
{bank}
[[project]]
name = "shop-line"
client = "Shop"
queues = ["shop"]
{shop}
[plan]
file = ""
[state]
directory = ""
[store]
url = "{url}"
[money]
vat = 0.20
"""
BY_CALL = """
[[project.tariff]]
from = 2026-01-01
per_call = "0.90"
"""
BY_MINUTE = """
[[project.tariff]]
from = 2026-01-01
per_minute = "4.50"
"""


def at(text: str) -> int:
    """An instant by the clock of Kyiv."""
    return int(datetime.fromisoformat(text).replace(tzinfo=KYIV).timestamp()) * SECOND


def call(project: str, when: str | int, talk_s: int = 60, *, number: int = 0, **more: object) -> ContactEnded:
    """An answered and handled contact."""
    joined = at(when) if isinstance(when, str) else when
    known = {
        "wait_us": 10 * SECOND, "visits": 1, "outcome": "answered", "handled_at": joined + (talk_s + 20) * SECOND, "handle_us": (talk_s + 10) * SECOND,
        "queue": project.partition("-")[0], "agent": "7", "talk_us": talk_s * SECOND, "connected_us": talk_s * SECOND,
    }  # fmt: skip
    return ContactEnded(project=project, pbx="pbx1", call=f"{joined}.{number}", joined_at=joined, **{**known, **more})  # type: ignore[arg-type]


def lost(project: str, when: str, wait_s: int, outcome: str = "abandoned", number: int = 0) -> ContactEnded:
    """A contact nobody answered."""
    joined = at(when)
    return ContactEnded(project, "pbx1", f"{joined}.{number}", joined, wait_s * SECOND, 1, outcome, None, 0)


def result(project: str, when: str, disposition: str, key: str) -> ResultTold:
    """A result."""
    return ResultTold(project, key, at(when), disposition, 0, "crm")


def incident(kind: str, since: str, until: str | None, scope: str = "site") -> IncidentTold:
    """An incident that was told."""
    return IncidentTold(f"{kind}-{since}", kind, scope, at(since), None if until is None else at(until), 15 * MINUTE, "a note of ours", "ann", "ann")


def corrected(project: str, when: str, about: str) -> Corrected:
    """What was found out later of that instant."""
    return Corrected(at(when), "pbx1", project, "visit", "1.5", "unresolved", "answered", "queue_log says so", at(about), "queue_log")


def minute(name: str, when: int, **cells: int) -> MinuteTold:
    """A minute of a project."""
    sums = [0] * len(CELLS)
    for cell, amount in cells.items():
        sums[Cell[cell.upper()]] = amount
    return MinuteTold("project", name, when, when - when % (30 * MINUTE), tuple(sums), 1)


def group_minute(when: int, **states: int) -> MinuteTold:
    """A minute of the group."""
    sums = [0] * len(GROUP_SUMS)
    for state, amount in states.items():
        sums[STATES.index(f"{State[state.upper()].value}_us")] = amount
    return MinuteTold("group", "floor", when, when - when % (30 * MINUTE), tuple(sums), 1)


def seen(project: str, first: str, days: int) -> list[MinuteTold]:
    """Whole days in which a project was seen, an hour in each row, and the last minute in one of its own."""
    hours = [minute(project, at(first) + hour * 60 * MINUTE, observed_us=60 * MINUTE) for hour in range(24 * days)]
    last = hours[-1].minute
    return [*hours[:-1], minute(project, last, observed_us=59 * MINUTE), minute(project, last + 59 * MINUTE, observed_us=MINUTE)]


class Centre:
    """A folder with a configuration and a store."""

    def __init__(self, folder: Path, bank: str = BY_CALL, shop: str = BY_MINUTE, url: str = "") -> None:
        (folder / "secret").write_text("s3cret-of-the-pbx\n")
        (folder / "secret").chmod(0o600)
        self.place = Place(url or f"sqlite:///{folder}/floorwatch.db")
        self.file = folder / "floorwatch.toml"
        self.file.write_text(HEAD.format(bank=bank, shop=shop, url=self.place.url))
        self.told = 0
        self.store([])

    @property
    def config(self) -> Config:
        """As it is loaded now."""
        return config.load(self.file)

    def store(self, details: Iterable[Detail], minutes: Iterable[MinuteTold] = (), plans: Iterable[PlanVersion] = ()) -> None:
        """Put this into the store."""
        known = tuple(details)
        with made(self.place) as opened:
            assert write(opened.connection, Batch(1, minutes=tuple(minutes), details=known, details_from=self.told, plans=tuple(plans))) == 0
        self.told += len(known)
