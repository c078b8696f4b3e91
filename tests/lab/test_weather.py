"""Where a called number is and what held there, on a real Asterisk: by the dialplan's variable, by the list, and not at all."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import settings
from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.pbx import Asterisk

pytestmark = pytest.mark.lab

PATIENCE_S = 20.0
TOKEN = "a-token-of-the-lab-for-the-weather"
DIALPLAN = """[general]
[out]
exten => caller,1,Set(REGION=kyiv)
 same => n,Dial(PJSIP/0441234567@trunk,1)
exten => leg,1,Set(__REGION=Lviv)
 same => n,Dial(PJSIP/0671234567@trunk,1)
exten => list,1,Dial(PJSIP/0321234567@trunk,1)
exten => nowhere,1,Dial(PJSIP/0671234567@trunk,1)
"""


class Sky:
    """A PBX that dials out for the bank, and its daemon."""

    def __init__(self, major: str, folder: Path) -> None:
        self.pbx = Asterisk(major, folder / "pbx")
        self.pbx.write("extensions.conf", DIALPLAN)
        self.pbx.write("manager.conf", settings.manager(self.pbx.ports).replace("displayconnects = no\n", "displayconnects = no\nchannelvars = NAME,REGION\n"))
        self.daemon = Daemon(folder / "daemon", self.pbx.ports.ami)
        here = self.daemon.folder
        (here / "regions.csv").write_text("prefix,region\n032,LVIV\n044,Kyiv\n", encoding="utf-8")
        (here / "token").write_text(TOKEN, encoding="utf-8")
        (here / "token").chmod(0o600)
        config = here / "floorwatch.toml"
        text = config.read_text(encoding="utf-8").replace('name = "bank-line"\n', 'name = "bank-line"\noutbound = { trunks = ["PJSIP/trunk"] }\n', 1)
        config.write_text(text + CONFIG, encoding="utf-8")

    def says(self, **told: str) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.daemon.port}/api/v1/signals", json.dumps(told).encode(), headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200

    def call(self, way: str) -> None:
        self.pbx.cli(f"channel originate Local/{way}@out/n application Wait 2")

    def stored(self) -> list[tuple[str | None, str]]:
        """Region and signals of each attempt, in the order they began."""
        store = sqlite3.connect(f"file:{self.daemon.folder}/floorwatch.db?mode=ro", uri=True)
        try:
            return list(store.execute("SELECT region, signals FROM attempts ORDER BY at"))
        except sqlite3.OperationalError:  # not made yet
            return []
        finally:
            store.close()

    def becomes(self, rows: list[tuple[str | None, str]]) -> None:
        end = time.monotonic() + PATIENCE_S
        while self.stored() != rows:
            assert time.monotonic() < end, (self.stored(), self.daemon.tail())
            time.sleep(0.2)

    def begin(self) -> None:
        self.daemon.launch()
        self.daemon.wait_for("/-/ready", READY_SECONDS)
        end = time.monotonic() + PATIENCE_S
        while self.daemon.scrape().total("floorwatch_ami_up") != 1:
            assert time.monotonic() < end
            time.sleep(0.1)


CONFIG = """
[[signal]]
name = "storm"
kind = "thunderstorm"
regions = ["Kyiv", "Lviv"]
[[signal]]
name = "law"
kind = "law"
projects = ["bank-line"]
[regions]
variable = "REGION"
file = "regions.csv"
country_code = "380"
trunk_prefix = "0"
[[token]]
name = "met"
secret_file = "token"
scopes = ["write"]
"""


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), pytest.param("22", marks=pytest.mark.full)])
def sky(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sky]:
    try:
        one = Sky(request.param, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    try:
        one.pbx.start()
        yield one
    finally:
        one.daemon.stop()
        one.pbx.stop()


def test_each_call_is_stored_with_where_it_went_and_what_held_there(sky: Sky) -> None:
    sky.begin()
    rows: list[tuple[str | None, str]] = []
    sky.call("caller")
    rows.append(("Kyiv", ""))
    sky.becomes(rows)
    sky.says(name="storm", state="on", region="Kyiv")
    sky.says(name="law", state="on")
    for way, row in (("caller", ("Kyiv", "law,storm")), ("leg", ("Lviv", "law")), ("list", ("Lviv", "law")), ("nowhere", (None, "law"))):
        sky.call(way)
        rows.append(row)
        sky.becomes(rows)
    sky.daemon.kill()
    sky.begin()
    sky.call("caller")
    rows.append(("Kyiv", "law,storm"))
    sky.becomes(rows)
    sky.says(name="storm", state="off")
    sky.call("caller")
    rows.append(("Kyiv", "law"))
    sky.becomes(rows)
