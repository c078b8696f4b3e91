"""Trunks on a real Asterisk: calls in both directions over a carrier that is SIPp, counted to the call, lines to the channel; and a carrier that dies.

The carrier answers what Asterisk asks it every second (OPTIONS), takes one call out with 200 and refuses another with 503. Killed, it is unreachable:
then Asterisk does not even dial it, so no dial tells of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.patience import until
from tests.lab.pbx import Asterisk, free_port
from tests.lab.phones import Caller, Phones, caller_number

pytestmark = [pytest.mark.lab, pytest.mark.timeout(150)]

PATIENCE_S = 25.0
BANK, STRANGER = "380441111111", "380449999999"
ENDPOINT = """
[carrier]
type = endpoint
context = inbound
disallow = all
allow = ulaw
direct_media = no
aors = carrier
[carrier]
type = aor
contact = sip:127.0.0.1:{port}
qualify_frequency = 1
qualify_timeout = 0.5
"""
DIALPLAN = f"""[general]
[inbound]
exten => {BANK},1,Answer()
 same => n,Queue(bank,t,,,20)
 same => n,Hangup()
exten => _X.,1,Answer()
 same => n,Wait(20)
 same => n,Hangup()
[out]
exten => _X.,1,Dial(PJSIP/${{EXTEN}}@carrier,10)
 same => n,Hangup()
[desk]
include => out
"""
QUEUES = "[general]\nautofill = yes\n[bank]\nstrategy = rrmemory\njoinempty = yes\nmember => PJSIP/agent1\n"
CONFIG = """
[[trunk]]
name = "in"
channels = ["PJSIP/trunk"]
capacity = 3

[[trunk]]
name = "carrier"
channels = ["PJSIP/carrier"]

[alerts]
trunk_failures = 2
trunk_down_seconds = 3
trunk_full_seconds = 1
"""
REPLY = """
<send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]{label}[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:carrier@[local_ip]:[local_port]>
{body}
]]></send>
"""
SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=lab 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
NOTHING = "Content-Length: 0\n"
FAR_SIDE = f"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="carrier">
<recv request="OPTIONS" optional="true" next="alive"/>
<recv request="INVITE"><action><ereg regexp="sip:0[0-9]*503@" search_in="hdr" header="To:" assign_to="refused"/></action></recv>
<nop next="refuse" test="refused"/>
{REPLY.format(status="200 OK", label="a", body=SDP)}
<recv request="ACK"/>
<recv request="BYE"/>
{REPLY.format(status="200 OK", label="b", body=NOTHING)}
<nop next="end"/>
<label id="refuse"/>
{REPLY.format(status="503 Service Unavailable", label="c", body=NOTHING)}
<recv request="ACK" next="end"/>
<label id="alive"/>
{REPLY.format(status="200 OK", label="d", body=NOTHING)}
<label id="end"/>
</scenario>
"""


class Carrier:
    """The far side of the trunk: one SIPp on a port of its own."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("sipp")
        if found is None:
            raise Unavailable("sipp is not on this machine: apt-get install sip-tester")
        self.sipp, self.folder, self.port = found, folder, free_port(socket.SOCK_DGRAM)
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        (folder / "carrier.xml").write_text(FAR_SIDE, encoding="utf-8")

    def start(self) -> None:
        command = [self.sipp, "-sf", "carrier.xml", "-p", str(self.port), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", str(free_port() // 2 * 2), "-nostdin"]
        with (self.folder / "carrier.out").open("ab") as out:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)


class Lab:
    """A PBX with a trunk that rings and a carrier that is dialled, and the daemon that knows both."""

    def __init__(self, major: str, folder: Path) -> None:
        self.pbx = Asterisk(major, folder / "pbx")
        self.carrier = Carrier(folder / "carrier")
        self.phones = Phones(folder / "phones", self.pbx.ports.sip, self.pbx.ports.phones)
        self.daemon = Daemon(folder / "daemon", self.pbx.ports.ami)
        config = self.daemon.folder / "floorwatch.toml"
        text = re.sub(r'(queues = \["bank"\])', rf'\1\ndids = ["{BANK}"]', config.read_text(encoding="utf-8"), count=1)
        config.write_text(text + CONFIG, encoding="utf-8")
        pjsip = self.pbx.etc / "pjsip.conf"
        self.pbx.write("pjsip.conf", pjsip.read_text(encoding="utf-8") + ENDPOINT.format(port=self.carrier.port))
        self.pbx.write("extensions.conf", DIALPLAN)
        self.pbx.write("queues.conf", QUEUES)
        self._serial = 0

    def rings(self, did: str, talks_s: float) -> None:
        self._serial += 1
        self.phones.call(Caller(did, caller_number("0", "0", "0", self._serial), f"caller {self._serial}", 9000, round(talks_s * 1000)))

    def dials(self, number: str) -> None:
        self.pbx.cli(f"channel originate Local/{number}@out/n application Wait 2")

    def trunk(self, family: str, name: str, **labels: str) -> float | None:
        """Of a trunk; None where it is absent."""
        wanted = {"trunk": name, **labels}.items()
        return next((value for held, value in self.daemon.scrape().samples.get(family, {}).items() if wanted <= set(held)), None)

    def dialled(self) -> dict[str, float]:
        return self.daemon.scrape().by("callcenter_did_calls_total", "did")

    def says(self, condition: str, name: str) -> bool:
        return self.trunk("callcenter_condition_active", name, condition=condition) == 1

    def sentences(self) -> list[str]:
        return [str(one["sentence"]) for one in json.loads(self.daemon.get("/api/v1/floor"))["conditions"]]

    def channels(self, device: str) -> int:
        """The truth, from the PBX's own console."""
        return sum(line.startswith(f"{device}-") for line in self.pbx.cli("core show channels concise").splitlines())


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    try:
        one = Lab(request.param, tmp_path)
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    try:
        one.daemon.launch()
        one.carrier.start()
        one.pbx.start()
        one.phones.agents()
        one.daemon.wait_for("/-/ready", READY_SECONDS)
        until(lambda: one.trunk("callcenter_trunk_up", "carrier") == 1, PATIENCE_S)
        yield one
    finally:
        one.daemon.stop()
        one.carrier.kill()
        one.phones.stop()
        one.pbx.stop()


def test_calls_and_lines_of_a_trunk_are_those_of_the_pbx(lab: Lab) -> None:
    for did, talks_s in ((BANK, 6.0), (BANK, 7.0), (STRANGER, 8.0)):
        lab.rings(did, talks_s)
    until(lambda: lab.trunk("callcenter_trunk_channels", "in") == 3, PATIENCE_S)
    assert lab.channels("PJSIP/trunk") == 3
    until(lambda: lab.says("TrunkFull", "in"), PATIENCE_S)
    until(lambda: lab.trunk("callcenter_trunk_channels", "in") == 0 and not lab.says("TrunkFull", "in"), PATIENCE_S)
    assert lab.channels("PJSIP/trunk") == 0
    assert lab.dialled() == {BANK: 2, "other": 1}
    for _ in range(2):
        lab.dials("0509990503")
    until(lambda: lab.trunk("callcenter_trunk_failures_total", "carrier", status="congestion") == 2, PATIENCE_S)
    until(lambda: lab.says("TrunkDown", "carrier"), PATIENCE_S)
    assert any("it refuses calls: 2 attempts in a row" in said or "поспіль невдалих спроб 2" in said for said in lab.sentences())
    lab.dials("0501111111")
    until(lambda: lab.trunk("callcenter_trunk_channels", "carrier") == 1, PATIENCE_S)
    assert lab.channels("PJSIP/carrier") == 1
    until(lambda: lab.trunk("callcenter_trunk_channels", "carrier") == 0 and not lab.says("TrunkDown", "carrier"), PATIENCE_S)
    calls = {(name, way): lab.trunk("callcenter_trunk_calls_total", name, direction=way) for name in ("in", "carrier") for way in ("inbound", "outbound")}
    assert calls == {("in", "inbound"): 3, ("in", "outbound"): 0, ("carrier", "inbound"): 0, ("carrier", "outbound"): 3}
    assert lab.trunk("callcenter_trunk_failures_total", "carrier", status="chanunavail") == 0
    page = lab.daemon.get("/metrics")
    assert not any(number in page for number in (STRANGER, "0509990503", "0501111111"))


def test_a_carrier_that_dies_is_down_and_a_daemon_that_begins_anew_knows(lab: Lab) -> None:
    assert not lab.says("TrunkDown", "carrier")
    lab.carrier.kill()
    until(lambda: lab.trunk("callcenter_trunk_up", "carrier") == 0, PATIENCE_S)
    until(lambda: lab.says("TrunkDown", "carrier"), PATIENCE_S)
    assert any("Trunk carrier: the PBX cannot reach it" in said or "Транк carrier: АТС його не бачить" in said for said in lab.sentences())
    lab.dials("0501111111")
    time.sleep(1)
    assert lab.trunk("callcenter_trunk_calls_total", "carrier", direction="outbound") == 0, "it is not even dialled"
    lab.daemon.kill()
    lab.daemon.start()
    until(lambda: lab.trunk("callcenter_trunk_up", "carrier") == 0, PATIENCE_S)
    until(lambda: lab.says("TrunkDown", "carrier"), PATIENCE_S)
    lab.carrier.start()
    until(lambda: lab.trunk("callcenter_trunk_up", "carrier") == 1, PATIENCE_S)
    until(lambda: not lab.says("TrunkDown", "carrier"), PATIENCE_S)
    lab.dials("0501111111")
    until(lambda: lab.trunk("callcenter_trunk_calls_total", "carrier", direction="outbound") == 1, PATIENCE_S)
