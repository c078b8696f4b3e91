"""Which plan was in force when, as the store has it, and whether it is the one that is here."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from monitor import config, versions
from monitor.config import Config
from monitor.core.contract import SECOND
from monitor.planning import show
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, write
from tests.planning import centre
from tests.state.keeping import made

HEAD = "project,interval_start,volume,aht_s\n"
ROW = "bank-line,2026-12-01T08:00,10,100\n"
SCALE = "project,from,until,factor,who,when,note,removed,removed_by\nbank-line,2026-11-01,,0.5,olena,2026-11-01T00:00:00+00:00,mail,,\n"


class Daemon:
    """A configuration that is loaded again and again, and what a daemon keeps of its plan."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 1_796_000_000 * SECOND
        self.place = Place(f"sqlite:///{folder}/store.db")
        self._text = centre.write(folder, store=self.place.url).read_text(encoding="utf-8")
        with made(self.place):
            pass

    def load(self, plan: str) -> Config:
        file = self.folder / "floorwatch.toml"
        file.write_text(f"{self._text}[plan]\n{plan}\n", encoding="utf-8")
        return config.load(file, {})

    def keep(self, plan: str, why: str) -> None:
        self.now += 60 * SECOND
        with self.place.open() as opened:
            write(opened.connection, Batch(1, plans=versions.versions(self.load(plan), self.now, why)))

    def kept(self, kind: str) -> list[tuple[str, bytes]]:
        reader = Reader.of(self.place)
        try:
            return [(one.why, one.content) for one in reader.plans(kind)]
        finally:
            reader.close()

    def in_force(self, plan: str) -> str:
        return show.show(self.load(plan), show.Wish(), self.now)[1]


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    (tmp_path / "plan.csv").write_text(HEAD + ROW, encoding="utf-8")
    return Daemon(tmp_path)


PLAN = 'file = "plan.csv"'
UTC = 'file = "plan.csv"\nformat = { preset = "floorwatch", tz = "UTC" }'


def test_what_is_gone_is_kept_as_gone(daemon: Daemon) -> None:
    scales, profile = daemon.folder / "plan.csv.scales.csv", daemon.folder / "profile.csv"
    daemon.keep(PLAN, "start")
    assert [daemon.kept(kind) for kind in ("scales", "profile")] == [[], []]  # there never were any
    scales.write_text(SCALE, encoding="utf-8")
    profile.write_text("project,weekday,time,weight\nbank-line,Mon,09:00,1\n", encoding="utf-8")
    daemon.keep(f'{PLAN}\nprofile = "profile.csv"', "reload")
    scales.unlink()
    for why in ("without", "again"):
        daemon.keep(PLAN, why)
    assert [why for why, _ in daemon.kept("scales")] == ["bank-line: factor 0.5: mail", "without"]
    assert [(why, bool(content)) for why, content in daemon.kept("profile")] == [("reload", True), ("without", False)]
    daemon.keep('file = ""', "no plan")
    assert daemon.kept("working") == [("start", (HEAD + ROW).encode()), ("no plan", b"")]


def test_a_file_that_is_read_otherwise_is_another_plan(daemon: Daemon) -> None:
    for plan, why in ((PLAN, "start"), (PLAN, "again"), (UTC, "of UTC"), (UTC, "again")):
        daemon.keep(plan, why)
    assert [why for why, _ in daemon.kept("working")] == ["start", "of UTC"]


def test_a_contract_that_was_renamed_is_known_by_its_new_name(daemon: Daemon) -> None:
    signed, renamed = daemon.folder / "signed.csv", daemon.folder / "signed-2026.csv"
    signed.write_text(HEAD + ROW, encoding="utf-8")
    daemon.keep(f'{PLAN}\ncontract_file = "signed.csv"', "start")
    signed.rename(renamed)
    daemon.keep(f'{PLAN}\ncontract_file = "signed-2026.csv"', "renamed")
    loaded = daemon.load(f'{PLAN}\ncontract_file = "signed-2026.csv"')
    assert versions.altered(loaded) is None
    renamed.write_text(HEAD + ROW.replace("10,100", "5,100"), encoding="utf-8")
    assert (versions.altered(loaded) or "").startswith(f"{renamed} is not what it was on ")


def test_in_force_is_the_plan_with_its_scales_and_profile(daemon: Daemon) -> None:
    assert daemon.in_force(PLAN) == "in force: no daemon has kept a plan yet"
    daemon.keep(PLAN, "start")
    since = f"since 2026-11-30 02:54+02:00, {daemon.folder}/plan.csv: start"
    assert daemon.in_force(PLAN) == f"in force: this one, {since}"
    assert daemon.in_force(UTC) == f"in force: ANOTHER one; reload the daemon for what is here, {since}"
    (daemon.folder / "plan.csv.scales.csv").write_text(SCALE, encoding="utf-8")
    assert daemon.in_force(PLAN) == f"in force: this one with OTHER scales; reload the daemon for what is here, {since}"
    (daemon.folder / "profile.csv").write_text("project,weekday,time,weight\nbank-line,Mon,09:00,1\n", encoding="utf-8")
    other = "this one with OTHER scales and profile"
    assert daemon.in_force(f'{PLAN}\nprofile = "profile.csv"') == f"in force: {other}; reload the daemon for what is here, {since}"
    daemon.keep(PLAN, "reload")
    assert daemon.in_force(PLAN).startswith("in force: this one, since ")
    (daemon.folder / "plan.csv").write_text(HEAD + ROW + ROW.replace("08:00", "08:30"), encoding="utf-8")
    assert daemon.in_force(PLAN).startswith("in force: ANOTHER one; reload the daemon for what is here, since ")


def test_what_is_kept_is_what_was_read(daemon: Daemon) -> None:
    """Somebody writes the files anew between the daemon's reading and its keeping."""
    loaded = daemon.load(PLAN)
    plan = config.read_plan(loaded)
    (daemon.folder / "plan.csv").write_text(HEAD + ROW.replace(",10,", ",999,"), encoding="utf-8")
    (daemon.folder / "plan.csv.scales.csv").write_text(SCALE, encoding="utf-8")
    assert plan.over("bank-line", 0, 2**60).calls_u == 10_000_000
    found = versions.versions(loaded, daemon.now, "start")
    assert [(one.kind, zlib.decompress(one.rows)) for one in found] == [("working", (HEAD + ROW).encode()), ("scales", b""), ("profile", b"")]
    assert not loaded.contents
