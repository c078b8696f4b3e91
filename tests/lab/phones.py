"""SIP phones: the SIPp scenarios and the processes that play them.

One SIPp plays every agent's phone. What a phone does is told by the caller's number, so that the seeded driver decides it
and no die is thrown inside SIPp: `9` + ring digit + talk digit + deed digit + serial (see `RINGS`, `TALKS`, `DEEDS`).
Each caller is a SIPp of its own with a scenario written for that one call. Who calls when is `driver.py`'s business.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.fetch import Unavailable
from tests.lab.pbx import free_port
from tests.lab.sipp import HEAD, SDP, message, reply, send

RINGS = {"0": 300, "1": 700, "2": 1200, "3": 2500}  # digit -> ms until the agent answers; any phone
NEVER, ODD_NEVER, ODD_BUSY, BUSY = "4", "5", "6", "7"  # nobody answers; odd phones never do; odd ones refuse (486); all refuse
TALKS = {"1": 1200, "2": 2000, "3": 3100, "4": 4500, "5": 6500}  # the agent hangs up after; 0: waits for the caller
HOLD, DISCONNECT, REFER = "1", "2", "3"  # deeds: hold and resume, *0, blind transfer by the phone's REFER
HELD, RESUMED = "held", "resumed"  # keys of who dials himself; a longer number is where he refers the far end to
REFER_TO = "790"  # the dialplan knows where this caller is to go


def caller_number(ring: str, talk: str, deed: str, serial: int) -> str:
    return f"9{ring}{talk}{deed}{serial:05d}"


# -- the agents' phones -----------------------------------------------------------------------------------------------

_TAG = ";tag=[pid]A[call_number]"


def _request(method: str, cseq: int, body: str = "", kind: str = "application/sdp", more: str = "") -> str:
    """A request sent by an agent's phone inside the call it received."""
    headers = (
        f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nFrom: [$mine]{_TAG}\nTo: [$theirs]\n"
        f"Call-ID: [call_id]\nCSeq: {cseq} {method}\nContact: <sip:phone@[local_ip]:[local_port]>\n"
        f"Max-Forwards: 70\n{more}"
    )
    return message(f"{method} [$target] SIP/2.0", headers, body, kind)


def _agents_scenario() -> str:
    offer = SDP.format(port="[media_port]", direction="sendrecv")
    held = SDP.format(port="[media_port]", direction="sendonly")
    digits = [*RINGS, NEVER, ODD_NEVER, ODD_BUSY, BUSY]
    xml = HEAD.format(name="agents") + '<recv request="INVITE"><action>\n'
    xml += '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="theirs"/>\n'
    xml += '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="mine"/>\n'
    xml += '<ereg regexp="[0-9]+ INVITE" search_in="hdr" header="CSeq:" assign_to="invite"/>\n'
    xml += '<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="target"/>\n'
    xml += '<ereg regexp="sip:agent[0-9]*[13579]@" search_in="hdr" header="To:" assign_to="odd"/>\n'
    for digit in digits:
        xml += f'<ereg regexp="sip:9{digit}" search_in="hdr" header="From:" assign_to="ring{digit}"/>\n'
    for digit in TALKS:
        xml += f'<ereg regexp="sip:9[0-9]{digit}" search_in="hdr" header="From:" assign_to="talk{digit}"/>\n'
    for digit in (HOLD, DISCONNECT, REFER):
        xml += f'<ereg regexp="sip:9[0-9][0-9]{digit}" search_in="hdr" header="From:" assign_to="deed{digit}"/>\n'
    xml += '</action></recv>\n<Reference variables="mine,theirs,invite,target"/>\n'

    xml += f'<nop next="even" test="ring{ODD_NEVER}"/>\n<nop next="even" test="ring{ODD_BUSY}"/>\n'
    xml += f'<nop next="refuse" test="ring{BUSY}"/>\n<nop next="rings"/>\n'
    xml += '<label id="even"/>\n<nop next="odd" test="odd"/>\n<nop next="rings"/>\n'
    xml += f'<label id="odd"/>\n<nop next="never" test="ring{ODD_NEVER}"/>\n<label id="refuse"/>\n'
    xml += send(reply("486 Busy Here", tag=_TAG)) + '<recv request="ACK" next="end"/>\n'

    xml += '<label id="rings"/>\n' + send(reply("180 Ringing", tag=_TAG))
    xml += f'<nop next="silent" test="ring{NEVER}"/>\n'
    for digit in RINGS:
        xml += f'<nop next="after{digit}" test="ring{digit}"/>\n'
    xml += '<nop next="after1"/>\n'
    for digit, wait in RINGS.items():
        xml += f'<label id="after{digit}"/>\n<recv request="CANCEL" timeout="{wait}" ontimeout="answer" next="cancelled"/>\n'
    xml += '<label id="never"/>\n' + send(reply("180 Ringing", tag=_TAG))
    xml += '<label id="silent"/>\n<recv request="CANCEL" next="cancelled"/>\n'
    xml += '<label id="cancelled"/>\n' + send(reply("200 OK", tag=_TAG))
    xml += send(reply("487 Request Terminated", cseq="CSeq: [$invite]", tag=_TAG)) + '<recv request="ACK" next="end"/>\n'

    xml += '<label id="answer"/>\n' + send(reply("200 OK", offer, cseq="CSeq: [$invite]", tag=_TAG), retrans=True)
    xml += '<recv request="ACK"/>\n'
    for digit in (HOLD, DISCONNECT, REFER):
        xml += f'<nop next="deed{digit}" test="deed{digit}"/>\n'
    xml += '<label id="talk"/>\n'
    for digit in TALKS:
        xml += f'<nop next="talk{digit}" test="talk{digit}"/>\n'
    xml += '<recv request="BYE" next="bye"/>\n'
    for digit, wait in TALKS.items():
        xml += f'<label id="talk{digit}"/>\n<recv request="BYE" timeout="{wait}" ontimeout="hangup" next="bye"/>\n'
    xml += '<label id="hangup"/>\n' + send(_request("BYE", 60), retrans=True) + '<recv response="200" next="end"/>\n'

    xml += f'<label id="deed{HOLD}"/>\n' + _heard(900, "holding") + '<label id="holding"/>\n'
    xml += send(_request("INVITE", 20, held), retrans=True) + _answered()
    xml += send(_request("ACK", 20)) + _heard(1500, "resuming") + '<label id="resuming"/>\n'
    xml += send(_request("INVITE", 21, offer), retrans=True) + _answered()
    xml += send(_request("ACK", 21)) + '<nop next="talk"/>\n'

    xml += f'<label id="deed{DISCONNECT}"/>\n' + _heard(1500, "star") + '<label id="star"/>\n'
    for place, key in enumerate("*0"):
        body = f"Signal={key}\nDuration=120\n"
        xml += send(_request("INFO", 30 + place, body, "application/dtmf-relay"), retrans=True)
        xml += '<recv response="200"/>\n'
    xml += '<recv request="BYE" next="bye"/>\n'

    xml += f'<label id="deed{REFER}"/>\n' + _heard(1500, "refer") + '<label id="refer"/>\n'
    more = f"Refer-To: <sip:{REFER_TO}@[local_ip]>\nReferred-By: <sip:phone@[local_ip]:[local_port]>\n"
    xml += send(_request("REFER", 40, more=more), retrans=True) + '<recv response="202"/>\n'
    xml += '<label id="notified"/>\n<recv request="NOTIFY" optional="true" next="noted" timeout="1500" '
    xml += 'ontimeout="hangup"/>\n'
    xml += '<recv request="BYE" timeout="1500" ontimeout="hangup" next="bye"/>\n'
    xml += '<label id="noted"/>\n' + send(reply("200 OK")) + '<nop next="notified"/>\n'

    xml += '<label id="bye"/>\n' + send(reply("200 OK")) + '<label id="end"/>\n</scenario>\n'
    return xml


def _heard(wait: int, label: str) -> str:
    return f'<recv request="BYE" timeout="{wait}" ontimeout="{label}" next="bye"/>\n'


def _answered() -> str:
    return '<recv response="100" optional="true"/>\n<recv response="200"/>\n'


# -- one caller -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """One call as its caller lives it: patience until the answer, then a talk, perhaps keys, then the hang-up."""

    dialled: str
    number: str
    name: str
    patience_ms: int
    talk_ms: int
    keys: tuple[tuple[int, str], ...] = ()  # after the answer: wait ms, then press a digit, HELD, RESUMED or a number to refer to
    media: bool = False  # sends sound: a Local channel is optimised away only by it


def _caller_scenario(caller: Caller, sound: Path) -> str:
    """What an agent's own call looks like too: only the number and name differ."""
    uri = f"sip:{caller.dialled}@[remote_ip]:[remote_port]"
    mine = f'"{caller.name}" <sip:{caller.number}@[local_ip]:[local_port]>;tag=[pid]C'
    contact = f"Contact: <sip:{caller.number}@[local_ip]:[local_port]>"

    def request(method: str, cseq: int, branch: str, to: str, body: str = "", kind: str = "application/sdp", more: str = "") -> str:
        headers = (
            f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch={branch}\nFrom: {mine}\nTo: <{uri}>{to}\n"
            f"Call-ID: [call_id]\nCSeq: {cseq} {method}\n{contact}\nMax-Forwards: 70{more}"
        )
        return message(f"{method} {uri} SIP/2.0", headers, body, kind)

    first, tag = "z9hG4bK-[pid]-first", "[peer_tag_param]"
    offer = SDP.format(port="[media_port]" if caller.media else "[auto_media_port]", direction="sendrecv")
    xml = HEAD.format(name="caller") + send(request("INVITE", 1, first, "", offer), retrans=True)
    patience = f'timeout="{caller.patience_ms}" ontimeout="cancel"'  # SIPp heeds it on the first row that waits
    for early in (100, 180, 181, 183):
        xml += f'<recv response="{early}" optional="true" {patience}/>\n'
    for refusal in (403, 404, 480, 486, 500, 503, 603):
        xml += f'<recv response="{refusal}" optional="true" next="refused" {patience}/>\n'
    xml += f'<recv response="200" {patience}/>\n'
    xml += send(request("ACK", 1, "[branch]", tag))
    if caller.media:
        xml += f'<nop><action><exec rtp_stream="{sound},-1,0"/></action></nop>\n'
    for place, (wait, key) in enumerate(caller.keys):
        xml += f'<recv request="BYE" timeout="{wait}" ontimeout="key{place}" next="bye"/>\n<label id="key{place}"/>\n'
        cseq = 10 + place
        if key in (HELD, RESUMED):
            body = SDP.format(port="[auto_media_port]", direction="sendonly" if key == HELD else "sendrecv")
            xml += send(request("INVITE", cseq, "[branch]", tag, body), retrans=True) + _answered()
            xml += send(request("ACK", cseq, "[branch]", tag))
        elif len(key) > 1:
            more = f"\nRefer-To: <sip:{key}@[remote_ip]>\nReferred-By: <sip:{caller.number}@[local_ip]>"
            xml += send(request("REFER", cseq, "[branch]", tag, more=more), retrans=True) + '<recv response="202"/>\n'
            xml += f'<label id="notified{place}"/>\n<recv request="NOTIFY" optional="true" next="noted{place}" timeout="1500" ontimeout="hangup"/>\n'
            xml += '<recv request="BYE" timeout="1500" ontimeout="hangup" next="bye"/>\n'
            xml += f'<label id="noted{place}"/>\n' + send(reply("200 OK")) + f'<nop next="notified{place}"/>\n'
        else:
            body = f"Signal={key}\nDuration=120\n"
            xml += send(request("INFO", cseq, "[branch]", tag, body, "application/dtmf-relay"), retrans=True) + '<recv response="200"/>\n'
    xml += f'<recv request="BYE" timeout="{caller.talk_ms}" ontimeout="hangup" next="bye"/>\n'
    xml += '<label id="hangup"/>\n' + send(request("BYE", 50, "[branch]", tag), retrans=True)
    xml += '<recv response="200" next="end"/>\n'
    xml += '<label id="bye"/>\n' + send(reply("200 OK")) + '<nop next="end"/>\n'
    xml += '<label id="cancel"/>\n' + send(request("CANCEL", 1, first, ""), retrans=True)
    xml += '<recv response="200"/>\n<recv response="487"/>\n<label id="refused"/>\n' + send(request("ACK", 1, first, tag))
    return xml + '<label id="end"/>\n</scenario>\n'


# -- processes --------------------------------------------------------------------------------------------------------


class Phones:
    """Every SIPp of one lab: started here, ended here."""

    def __init__(self, folder: Path, sip_port: int, agents_port: int) -> None:
        found = shutil.which("sipp")
        if found is None:
            raise Unavailable("sipp is not on this machine: apt-get install sip-tester")
        self.sipp = found
        self.folder = folder
        self.sip_port = sip_port
        self.agents_port = agents_port
        self.serial = 0
        self.running: list[subprocess.Popen[bytes]] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.sound = folder / "quiet.ulaw"
        self.sound.write_bytes(b"\xff\x7f" * 8000)

    def agents(self) -> None:
        scenario = self.folder / "agents.xml"
        scenario.write_text(_agents_scenario(), encoding="utf-8")
        self._start(["-sf", str(scenario), "-p", str(self.agents_port), "-rtp_echo", "-mp", str(free_port() // 2 * 2)], "agents", 500)

    def call(self, caller: Caller) -> None:
        self.serial += 1
        name = f"call-{self.serial:04d}"
        scenario = self.folder / f"{name}.xml"
        scenario.write_text(_caller_scenario(caller, self.sound), encoding="utf-8")
        media = ["-mp", str(free_port() // 2 * 2)] if caller.media else []
        self._start([f"127.0.0.1:{self.sip_port}", "-sf", str(scenario), "-m", "1", "-timeout", "90", *media], name, 1)

    def _start(self, arguments: list[str], name: str, calls: int) -> None:
        command = [self.sipp, *arguments, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-l", str(calls)]
        with (self.folder / f"{name}.out").open("wb") as out:
            self.running.append(
                subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder, stdin=subprocess.DEVNULL, start_new_session=True)
            )
        self.running = [each for each in self.running if each.poll() is None]

    def calling(self) -> int:
        """How many callers are still at it; the agents' phones are not counted."""
        self.running = [each for each in self.running if each.poll() is None]
        return max(0, len(self.running) - 1)

    def stop(self) -> None:
        for each in self.running:
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
        for each in self.running:
            each.wait(5)
        self.running.clear()
