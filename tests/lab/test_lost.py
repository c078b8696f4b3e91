"""Lost callers of a real Asterisk: who gives up, calls again under another writing of his number, hides it, calls two clients, or is called back.

Callers are SIP phones. The daemon is killed, and what happens meanwhile is told by queue_log: who is lost then is open, who is answered then is not.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.ami import Session
from tests.lab.daemon import Daemon
from tests.lab.fetch import Unavailable
from tests.lab.patience import until
from tests.lab.pbx import Asterisk
from tests.lab.phones import Caller, Phones, caller_number

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

PATIENCE_S = 25.0
TOKEN = "a-supervisors-token"
QUEUES = """[general]
autofill = yes
[bank]
strategy = rrmemory
member => PJSIP/agent1
member => PJSIP/agent2
[shop]
strategy = rrmemory
member => PJSIP/agent3
[bank-night]
joinempty = yes
[shop-night]
joinempty = yes
"""
DIALPLAN = """[general]
[inbound]
exten => _[a-z].,1,Queue(${EXTEN},t,,,40)
same => n,Hangup()
[desk-out]
exten => _9-X.,1,Dial(PJSIP/${EXTEN:2}@trunk,20)
same => n,Hangup()
[callout]
exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk,20)
same => n,Hangup()
"""
ANN, BOB, CARL, DORA = (caller_number("0", "0", "0", number) for number in range(1, 5))
EVE = caller_number("0", "4", "0", 5)  # her phone hangs up 4.5 s after it was answered
DESK = caller_number("0", "4", "0", 0)  # what the floor shows when it dials; whoever sees it hangs up as late


class Lab:
    """A PBX with queues where nobody answers beside those where somebody does, and a daemon that follows its queue_log."""

    def __init__(self, pbx: Asterisk, folder: Path) -> None:
        self.pbx = pbx
        self.phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        self.daemon = Daemon(folder / "daemon", pbx.ports.ami, queue_log=str(pbx.queue_log))
        config = self.daemon.folder / "floorwatch.toml"
        text = config.read_text(encoding="utf-8").replace(
            'queues = ["bank"]', 'queues = ["bank", "bank-night"]\noutbound = { contexts = ["desk-out"], contact_min_seconds = 2 }'
        )
        text = text.replace('queues = ["shop", "alarm"]', 'queues = ["shop", "shop-night"]').replace("short_abandon_seconds = 2", "short_abandon_seconds = 1")
        (self.daemon.folder / "token").write_text(TOKEN)
        (self.daemon.folder / "token").chmod(0o600)
        text += f'[[token]]\nname = "boss"\nsecret_file = "{self.daemon.folder}/token"\nscopes = ["read"]\n'
        config.write_text(text, encoding="utf-8")

    def call(self, queue: str, number: str) -> None:
        """Somebody who gives up after two seconds where nobody is, and else talks for one."""
        self.phones.call(Caller(queue, number, "somebody", 2000 if queue.endswith("night") else 9000, 1000))

    def calm(self) -> None:
        until(lambda: not self.phones.calling() and "0 active channels" in self.pbx.cli("core show channels"), PATIENCE_S, self.state)

    def seen(self) -> None:
        until(
            lambda: self.daemon.scrape().total("floorwatch_ami_up") == 1 and "callcenter_lost_callers_open" in self.daemon.get("/metrics"),
            PATIENCE_S,
            self.state,
        )

    def state(self) -> dict[str, dict[str, float]]:
        """By project what there is of lost callers, zeros left out."""
        scrape, found = self.daemon.scrape(), dict[str, dict[str, float]]()
        for name in ("total", "expired_total", "withheld_total", "open"):
            for project, count in scrape.by(f"callcenter_lost_callers_{name}", "project").items():
                found.setdefault(project, {})[name.removesuffix("_total")] = count
        for project in found:
            for by in ("redial", "callback"):
                found[project][by] = scrape.total("callcenter_lost_callers_recovered_total", project=project, by=by)
        return {project: known for project, row in found.items() if (known := {name: count for name, count in row.items() if count})}

    def becomes(self, **expected: dict[str, float]) -> None:
        until(lambda: self.state() == {f"{name}-line": row for name, row in expected.items()}, PATIENCE_S, self.state)

    def listed(self, token: str = TOKEN) -> list[tuple[str, str | None, int]]:
        request = urllib.request.Request(f"{self.daemon.url}/api/v1/lost", headers={"Authorization": f"Bearer {token}"} if token else {})
        with urllib.request.urlopen(request, timeout=5) as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return [(row["project"], row["number"], row["tries"]) for row in told["callers"]]

    def ring_back(self, number: str) -> None:
        """As a queue's callback does: the PBX rings him, and once he answers he is in the queue under his own number."""
        self.originate(f"Local/{number}@callout/n", number, Application="Queue", Data="bank,t,,,20")

    def dial(self, agent: str, number: str) -> None:
        """The agent clicks on a number: his phone rings, and once he takes it he dials, with the prefix that gets him outside."""
        self.originate(f"PJSIP/{agent}", DESK, Context="desk-out", Exten=f"9-{number}", Priority="1")

    def originate(self, channel: str, shown: str, **then: str) -> None:
        async def ask() -> None:
            driver = await Session.open(self.pbx.ports.ami, "driver", lambda _: None, events="off")
            answer = await driver.ask("Originate", Channel=channel, CallerID=f'"x" <{shown}>', Timeout="15000", Async="true", **then)
            assert answer.get("Response") == "Success", answer
            await driver.close()

        asyncio.run(ask())


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    try:
        pbx = Asterisk(request.param, tmp_path / "pbx")
        one = Lab(pbx, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    pbx.write("extensions.conf", DIALPLAN)
    pbx.write("queues.conf", QUEUES)
    try:
        pbx.start()
        one.phones.agents()
        one.daemon.start()
        yield one
    finally:
        one.daemon.stop()
        one.phones.stop()
        pbx.stop()


def test_each_is_open_until_the_same_project_has_spoken_with_him(lab: Lab) -> None:
    lab.seen()
    lab.call("bank-night", ANN)
    lab.becomes(bank={"total": 1, "open": 1})
    lab.call("bank-night", f"+38{ANN}")  # again, as another trunk writes him
    until(lambda: lab.listed() == [("bank-line", ANN, 2)] or lab.listed() == [("bank-line", f"+38{ANN}", 2)], PATIENCE_S, lab.listed)
    assert lab.listed(token="") == [("bank-line", None, 2)]
    lab.call("bank", f"0{ANN}")
    lab.becomes(bank={"total": 1, "redial": 1})
    assert lab.listed() == []
    lab.call("bank-night", "anonymous")
    lab.becomes(bank={"total": 1, "redial": 1, "withheld": 1})

    lab.call("bank-night", BOB)
    lab.call("shop-night", BOB)
    lab.becomes(bank={"total": 2, "redial": 1, "withheld": 1, "open": 1}, shop={"total": 1, "open": 1})
    lab.call("shop", BOB)
    lab.becomes(bank={"total": 2, "redial": 1, "withheld": 1, "open": 1}, shop={"total": 1, "redial": 1})

    lab.call("bank-night", CARL)
    lab.becomes(bank={"total": 3, "redial": 1, "withheld": 1, "open": 2}, shop={"total": 1, "redial": 1})
    lab.calm()
    lab.daemon.kill()
    lab.call("bank", BOB)  # unseen: he is answered, somebody else is lost
    lab.call("bank-night", DORA)
    time.sleep(0.5)
    lab.calm()
    lab.daemon.start()
    lab.seen()
    lab.becomes(bank={"total": 4, "redial": 2, "withheld": 1, "open": 2}, shop={"total": 1, "redial": 1})
    assert lab.listed() == [("bank-line", CARL, 1), ("bank-line", DORA, 1)]

    pages = lab.daemon.get("/metrics") + lab.daemon.get("/api/v1/floor") + lab.daemon.log.read_text(encoding="utf-8")
    assert not [number for number in (ANN, BOB, CARL, DORA) if number in pages]
    assert lab.daemon.stop() == 0
    with sqlite3.connect(lab.daemon.folder / "floorwatch.db") as store:
        closed = store.execute("SELECT project, tries, closed_by FROM lost_callers ORDER BY first_at, project").fetchall()
        text = "\n".join(store.iterdump())
    bank, shop = "bank-line", "shop-line"
    assert closed[0] == (bank, 2, "redial")
    assert sorted(closed[1:3]) == [(bank, 1, "redial"), (shop, 1, "redial")]
    assert closed[3:] == [(bank, 1, ""), (bank, 1, "")]
    assert not [number for number in (ANN, BOB, CARL, DORA) if number in text]


def test_a_leg_by_which_the_pbx_rings_him_back_recovers_him_and_is_no_call_of_his(lab: Lab) -> None:
    lab.seen()
    lab.call("bank-night", EVE)
    lab.becomes(bank={"total": 1, "open": 1})
    lab.ring_back(EVE)
    lab.becomes(bank={"total": 1, "callback": 1})
    lab.calm()
    scrape = lab.daemon.scrape()
    assert scrape.total("callcenter_contacts_total", direction="inbound") == 1
    assert scrape.total("callcenter_contacts_total", direction="callback") == 1
    assert scrape.calls("answered", pbx="lab", queue="bank") == 1, "its queue has the visit"


def test_another_agent_who_dials_him_reaches_him(lab: Lab) -> None:
    lab.seen()
    lab.call("bank-night", f"+38{ANN}")
    lab.call("shop-night", ANN)
    lab.becomes(bank={"total": 1, "open": 1}, shop={"total": 1, "open": 1})
    lab.dial("agent2", f"0{ANN}")
    lab.becomes(bank={"total": 1, "callback": 1}, shop={"total": 1, "open": 1})
    lab.calm()
    lab.dial("agent1", BOB)
    lab.calm()
    scrape = lab.daemon.scrape()
    assert scrape.by("callcenter_outbound_attempts_total", "project")["bank-line"] == 2
    assert scrape.total("callcenter_contacts_total", project="bank-line", direction="callback") == 1
    assert scrape.total("callcenter_contacts_total", project="bank-line", direction="outbound") == 1
