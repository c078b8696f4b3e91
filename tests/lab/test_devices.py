"""People who are in no queue on a real Asterisk: on the floor while their phone is registered, in a call, gone with their phone; beside members.

Their phones register by themselves. One is of the agents file, another is known by a pattern alone, a third is nobody's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import settings, world
from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.patience import until
from tests.lab.pbx import Asterisk
from tests.lab.phones import Caller, Phones
from tests.lab.registered import Registered

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

PATIENCE_S = 30.0
NAMES = ("listed", "second", "pattern7", "stranger")
QUALIFY_S = 1
GROUP = """
[[group]]
name = "dialers"
presence = "device"
members = ["PJSIP/pattern*"]
unreachable_grace_seconds = 3
[[project]]
name = "sales-line"
client = "Sales"
group = "dialers"
outbound = { contexts = ["campaign"] }
wrapup_seconds = 1
[agents]
file = "agents.csv"
"""
AGENTS = "employee_id,name,interfaces,group\n701,Ola,PJSIP/listed,dialers\n702,Dan,PJSIP/second,dialers\n703,Zoe,PJSIP/absent,dialers\n"
MEMBERS = len({member.split(",")[0] for queue in world.QUEUES for member in queue.members})


def phones_of(pbx: Asterisk) -> str:
    text = settings.files(pbx.major, pbx.ports)["pjsip.conf"]
    for name in NAMES:
        text += f"""[{name}]
type = aor
max_contacts = 1
remove_existing = yes
qualify_frequency = {QUALIFY_S}
qualify_timeout = 1
[{name}]
type = endpoint
context = campaign
aors = {name}
disallow = all
allow = ulaw
direct_media = no
"""
    return text


class Lab:
    """A PBX with such phones, and a daemon that knows two of them by name and one by a pattern."""

    def __init__(self, pbx: Asterisk, folder: Path) -> None:
        self.pbx = pbx
        self.phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        self.daemon = Daemon(folder / "daemon", pbx.ports.ami, queue_log=str(pbx.queue_log))
        self.desk = {name: Registered(name, pbx.ports.sip) for name in NAMES}
        file = self.daemon.folder / "floorwatch.toml"
        file.write_text(file.read_text(encoding="utf-8") + GROUP, encoding="utf-8")
        (self.daemon.folder / "agents.csv").write_text(AGENTS, encoding="utf-8")

    def states(self, group: str = "dialers") -> dict[str, int]:
        """How many people are in which state, noughts left out."""
        found = self.daemon.scrape().by("callcenter_agents", "state", group=group)
        return {state: int(count) for state, count in found.items() if count}

    def seconds(self) -> dict[str, float]:
        return self.daemon.scrape().by("callcenter_agent_seconds_total", "state", group="dialers")

    def becomes(self, **states: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while (now := self.states()) != states:
            assert time.monotonic() < end, f"{now} instead of {states}"
            time.sleep(0.1)

    def beside_them_all_is_as_it_was(self) -> None:
        assert self.states("floor") == {"available": MEMBERS}


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    try:
        pbx = Asterisk(request.param, tmp_path / "pbx")
        one = Lab(pbx, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    pbx.write("pjsip.conf", phones_of(pbx))
    dialplan = settings.files(pbx.major, pbx.ports)["extensions.conf"]
    pbx.write("extensions.conf", f"{dialplan}[campaign]\nexten => _0X.,1,Dial(PJSIP/${{EXTEN}}@trunk,20)\n same => n,Hangup()\n")
    try:
        pbx.start()
        one.phones.agents()
        one.desk["second"].register()  # before the daemon looks
        one.daemon.launch()
        one.daemon.wait_for("/-/ready", READY_SECONDS)
        yield one
    finally:
        one.daemon.stop()
        one.phones.stop()
        for phone in one.desk.values():
            phone.die()
        pbx.stop()


def test_a_phone_that_registers_is_somebody_on_the_floor_until_it_is_gone(lab: Lab) -> None:
    lab.becomes(available=1)  # who was there before us
    lab.desk["listed"].register()
    lab.becomes(available=2)
    lab.desk["pattern7"].register()
    lab.desk["stranger"].register()
    lab.becomes(available=3)

    lab.phones.call(Caller("0123", "listed", "Ola", 20_000, 4000))
    lab.becomes(available=2, dialing=1)
    lab.becomes(available=2, talk=1)
    lab.becomes(available=3)
    counted = lab.daemon.scrape()
    assert counted.total("callcenter_outbound_attempts_total", project="sales-line") == 1
    assert counted.total("callcenter_agent_seconds_total", group="dialers", state="wrapup") > 0

    lab.phones.call(Caller("0123", "pattern7", "Nobody", 20_000, 1500))
    lab.becomes(available=2, talk=1)
    lab.becomes(available=3)

    lab.desk["listed"].die()  # takes its leave of nobody
    lab.becomes(available=2, unreachable=1)
    lab.becomes(available=2)
    lab.desk["pattern7"].register(0)
    lab.becomes(available=1, unreachable=1)
    lab.becomes(available=1)
    lab.beside_them_all_is_as_it_was()


def test_after_a_restart_of_the_daemon_they_are_where_their_phones_are_now(lab: Lab) -> None:
    """Killed: who came and went meanwhile is seen, what nobody saw is unobserved, and who is known by a pattern stays known."""
    for name in ("listed", "pattern7"):
        lab.desk[name].register()
    lab.becomes(available=3)
    before = lab.seconds()
    lab.daemon.kill()
    lab.desk["second"].register(0)
    time.sleep(2)
    lab.daemon.start()
    lab.becomes(available=2)
    until(lambda: lab.seconds().get("unobserved", 0) > before.get("unobserved", 0), PATIENCE_S)  # the log is told, and they are not in it
    now = lab.seconds()
    assert all(now.get(state, 0) >= seconds for state, seconds in before.items())
    lab.beside_them_all_is_as_it_was()
    lab.desk["pattern7"].register(0)
    lab.becomes(available=1, unreachable=1)


def test_a_reload_that_floods_changes_nothing_and_costs_nothing(lab: Lab) -> None:
    lab.desk["listed"].register()
    lab.becomes(available=2)
    heard = lab.daemon.scrape().total("floorwatch_ami_events_total", event="DeviceStateChange")
    for _ in range(3):
        lab.pbx.cli("queue reload all")
        lab.pbx.cli("pjsip reload")
    until(lambda: lab.daemon.scrape().total("floorwatch_ami_events_total", event="Reload") >= 3, PATIENCE_S)
    lab.becomes(available=2)
    lab.desk["listed"].register(0)
    until(lambda: lab.daemon.scrape().total("floorwatch_ami_events_total", event="DeviceStateChange") > heard, PATIENCE_S)
    lab.becomes(available=1, unreachable=1)
    lab.beside_them_all_is_as_it_was()


def test_a_restart_of_the_pbx_asks_for_everybody_again(lab: Lab) -> None:
    for name in ("listed", "pattern7"):
        lab.desk[name].register()
    lab.becomes(available=3)
    lab.pbx.halt()
    lab.desk["listed"].die()
    lab.pbx.start()
    for name in ("second", "pattern7"):
        lab.desk[name].register()
    lab.becomes(available=2)
