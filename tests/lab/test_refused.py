"""Callers whom a real Asterisk turns away at the door, and callers who look like it in its Master.csv and were inside: to the call.

Callers are SIP phones. The file is rotated, the daemon is killed and begins anew: nobody counts twice, and who is refused meanwhile not at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.sources.cdr import QueueRecord, parse
from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.patience import until
from tests.lab.pbx import Asterisk
from tests.lab.phones import NEVER, Caller, Phones, caller_number

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

PATIENCE_S = 20.0
CDR = "[general]\nenable = yes\nunanswered = yes\n[csv]\nloguniqueid = yes\nloguserfield = yes\nnewcdrcolumns = yes\n"
QUEUES = """[general]
autofill = yes
[bank]
strategy = rrmemory
joinempty = yes
member => PJSIP/agent1
member => PJSIP/agent2
[shop]
joinempty = no
[alarm]
maxlen = 1
joinempty = yes
[void]
joinempty = yes
"""
WAYS = {  # into a queue, and what comes of it
    "answered": ("Queue(bank,t,,,20)", "Hangup()"),
    "answered-ends": ("Queue(bank,t,,,20)",),
    "waits": ("Answer()", "Queue(void,t,,,20)"),  # in a queue where nobody's phone rings
    "times-out": ("Answer()", "Queue(void,t,,,1)"),
    "is-next-refused": ("Answer()", "Queue(void,t,,,1)", "Queue(shop,t,,,20)"),
    "holds-the-place": ("Answer()", "Queue(alarm,t,,,20)"),
    "shut": ("Queue(shop,t,,,20)",),
    "shut-after-answer": ("Answer()", "Queue(shop,t,,,20)"),
    "shut-twice": ("Answer()", "ForkCDR()", "Queue(shop,t,,,20)"),
    "shut-behind": ("Answer()", "Dial(Local/shut-after-answer@inbound/n,10)"),
    "shut-in-a-sub": ("Answer()", "Gosub(sub,s,1)"),
    "full": ("Queue(alarm,t,,,20)",),
    "shut-and-on": ("Answer()", "Queue(shop,t,,,20)", "Hangup()"),  # no record tells of it
}
TALKS_S = 1.5
# Whom the PBX is to send on stays until it has: Answer() waits half a second for sound, then Queue() for one, so it does that 1.50 s after the answer.
STAYS_S = {"times-out": 8.0, "is-next-refused": 8.0, "holds-the-place": 4.0}
FIRST = {"answered": 2, "answered-ends": 1, "waits": 2, "times-out": 2, "is-next-refused": 1}
REFUSED = {"shut": 2, "shut-after-answer": 2, "shut-twice": 1, "shut-behind": 1, "shut-in-a-sub": 1, "shut-and-on": 2}


class Lab:
    """A PBX with such queues, its phones, and a daemon that reads its Master.csv."""

    def __init__(self, pbx: Asterisk, folder: Path) -> None:
        self.pbx = pbx
        self.master = pbx.folder / "var/log/cdr-csv/Master.csv"
        self.phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        self.daemon = Daemon(folder / "daemon", pbx.ports.ami)
        config = self.daemon.folder / "floorwatch.toml"
        config.write_text(config.read_text(encoding="utf-8").replace('queue_log = ""', f'queue_log = ""\ncdr = "{self.master}"'), encoding="utf-8")
        self._serial = 0

    def call(self, way: str) -> None:
        self._serial += 1
        number = caller_number(NEVER if way == "full" else "0", "0", "0", self._serial)
        self.phones.call(Caller(way, number, way, 8000, round(STAYS_S.get(way, TALKS_S) * 1000)))

    def calls(self, ways: dict[str, int]) -> None:
        for way, times in ways.items():
            for _ in range(times):
                self.call(way)
                time.sleep(0.05)

    def calm(self) -> None:
        until(lambda: not self.phones.calling() and "0 active channels" in self.pbx.cli("core show channels"), PATIENCE_S)

    def refused(self, project: str) -> float | None:
        """The counter, by what it says now; None where it is absent."""
        samples = self.daemon.scrape().by("callcenter_calls_refused_total", "project")
        return samples.get(project)

    def seen(self) -> None:
        until(lambda: self.daemon.scrape().total("floorwatch_ami_up") == 1 and self.refused("shop-line") is not None, PATIENCE_S)

    def records(self) -> list[QueueRecord]:
        lines = [line for file in self.master.parent.glob("Master.csv*") for line in file.read_text(encoding="utf-8").splitlines()]
        return [record for line in lines if (record := parse(line)) is not None]


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    try:
        pbx = Asterisk(request.param, tmp_path / "pbx")
        one = Lab(pbx, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    dialplan = "[general]\n[inbound]\n"
    for way, steps in WAYS.items():
        dialplan += "".join(f"exten => {way},{number},{step}\n" for number, step in enumerate(steps, 1))
    pbx.write("extensions.conf", f"{dialplan}[sub]\nexten => s,1,Queue(shop,t,,,20)\n[desk]\ninclude => inbound\n")
    pbx.write("queues.conf", QUEUES)
    pbx.write("cdr.conf", CDR)
    one.master.parent.mkdir()
    one.master.touch()
    try:
        one.daemon.launch()
        pbx.start()
        one.phones.agents()
        one.daemon.wait_for("/-/ready", READY_SECONDS)
        yield one
    finally:
        one.daemon.stop()
        one.phones.stop()
        pbx.stop()


def test_the_counter_is_the_number_of_callers_who_never_came_in(lab: Lab) -> None:
    lab.seen()
    lab.calls(FIRST)
    lab.call("holds-the-place")
    lab.calls(REFUSED)
    lab.calls({"full": 3})
    until(lambda: lab.refused("shop-line") == 2 + 2 + 1 + 1 + 1 + 3, PATIENCE_S)
    lab.master.rename(lab.master.with_name("Master.csv.1"))
    lab.calls({"shut": 1})
    until(lambda: lab.refused("shop-line") == 11, PATIENCE_S)
    lab.calm()
    quiet = [one.queue for one in lab.records() if not one.rang]
    assert quiet.count("void") == FIRST["waits"] + FIRST["times-out"], "who waited where nothing rings looks just like it"
    assert quiet.count("shop") == 8 + 1 + 1, "two of one call that was forked, and who was in another queue before"
    assert quiet.count("alarm") == 3 + 1
    time.sleep(1)  # as long as a record would take that counts wrongly
    assert {name: lab.refused(f"{name}-line") for name in ("bank", "shop", "void")} == {"bank": 0, "shop": 11, "void": 0}
    assert lab.daemon.scrape().total("callcenter_contacts_total") == sum(FIRST.values()) + 1
    lab.daemon.kill()
    lab.calls({"shut": 1})
    lab.calm()
    lab.daemon.start()
    lab.seen()
    assert lab.refused("shop-line") == 11
    lab.calls({"shut-after-answer": 1})
    until(lambda: lab.refused("shop-line") == 12, PATIENCE_S)
