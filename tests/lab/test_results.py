"""Results told by a real Asterisk's dialplan, from its UserEvent to the money: once each, over `kill -9`, and not at all without the right to read them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.pbx import Asterisk

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

PATIENCE_S = 20.0
DIALPLAN = """[general]
[results]
exten => _[a-z].,1,UserEvent(FloorwatchResult,Project: shop-line,Disposition: ${CUT(EXTEN,-,1)},Key: ${CUT(EXTEN,-,2)})
same => n,Hangup()
"""


class Desk:
    """A PBX whose dialplan tells of results, and a daemon that is paid for sales."""

    def __init__(self, major: str, folder: Path) -> None:
        self.pbx = Asterisk(major, folder / "pbx")
        self.daemon = Daemon(folder / "daemon", self.pbx.ports.ami)
        config = self.daemon.folder / "floorwatch.toml"
        text = config.read_text(encoding="utf-8").replace('per_call = "2.50"', 'per_result = { sale = "100.00" }')
        config.write_text(text, encoding="utf-8")
        self.pbx.write("extensions.conf", DIALPLAN)

    def may_read(self, rights: str) -> None:
        self.pbx.write("manager.conf", (self.pbx.folder / "etc/manager.conf").read_text().replace("read = system,call,agent\n", f"read = {rights}\n"))

    def tell(self, result: str) -> None:
        self.pbx.cli(f"channel originate Local/{result}@results application Wait 0.1")

    def counted(self) -> dict[str, float]:
        return {name: count for name, count in self.daemon.scrape().by("callcenter_results_total", "disposition").items() if count}

    def earned(self) -> float:
        return self.daemon.scrape().total("callcenter_revenue_total", project="shop-line")

    def becomes(self, counted: dict[str, float], earned: float) -> None:
        end = time.monotonic() + PATIENCE_S
        while (self.counted(), self.earned()) != (counted, earned):
            assert time.monotonic() < end, (self.counted(), self.earned(), self.daemon.tail())
            time.sleep(0.2)


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    try:
        one = Desk(request.param, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    try:
        yield one
    finally:
        one.daemon.stop()
        one.pbx.stop()


def _begin(desk: Desk) -> None:
    desk.pbx.start()
    desk.daemon.launch()
    desk.daemon.wait_for("/-/ready", READY_SECONDS)
    end = time.monotonic() + PATIENCE_S
    while desk.daemon.scrape().total("floorwatch_ami_up") != 1:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_dialplan_tells_of_results_once_each(desk: Desk) -> None:
    desk.may_read("system,call,agent,user")
    _begin(desk)
    for result in ("sale-1", "sale-2", "sale-1", "refusal-3"):
        desk.tell(result)
    desk.becomes({"sale": 2, "other": 1}, 200)
    desk.daemon.kill()
    desk.daemon.start()
    desk.becomes({"sale": 2, "other": 1}, 200)
    for result in ("sale-2", "sale-4"):
        desk.tell(result)
    desk.becomes({"sale": 3, "other": 1}, 300)


def test_without_the_right_to_read_them_nothing_is_told(desk: Desk) -> None:
    _begin(desk)
    desk.tell("sale-1")
    time.sleep(2)
    assert (desk.counted(), desk.earned()) == ({}, 0)
