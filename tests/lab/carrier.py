"""The carrier behind the trunks: one SIPp that is everybody who can be called from the lab.

A number is a person: `9` + ring digit + talk digit + deed digit, which tell an agent's phone what to do when it rings with him (`phones.py`), then
fate digit + stay digit (`FATES`, `STAYS`): what becomes of a call to him and how long he stays on it; then a serial. So the same person can be called,
call himself, abandon, be rung back, and be pushed into a queue by a dialer.

Owns the scenario, its process and the book it keeps of every call it got (`calls`): SIPp's own word, beside Asterisk's CDR and the driver's list.
Who calls whom is `campaign.py`'s business.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.fetch import Unavailable
from tests.lab.pbx import free_port
from tests.lab.sipp import HEAD, SDP, message, reply, send

SLOW, ANSWERS, HEARD = "0", "1", "2"  # after 2 s; after 1 s; after 1 s of early media (183), and one hears him
BUSY, DECLINES, FORBIDDEN, CONGESTED, UNKNOWN, BROKEN = "3", "4", "5", "6", "7", "8"
RINGS_OUT = "9"  # rings until the caller has enough
FATES = {SLOW: 2000, ANSWERS: 1000, HEARD: 1000}  # ms until the answer
REFUSALS = {
    BUSY: "486 Busy Here",
    DECLINES: "603 Decline",
    FORBIDDEN: "403 Forbidden",
    CONGESTED: "503 Service Unavailable",
    UNKNOWN: "404 Not Found",
    BROKEN: "500 Server Internal Error",
}
# What DialEnd says of it, on Asterisk 16.28 and 22.10: all it has no word for is NOANSWER.
STATUS = dict.fromkeys((SLOW, ANSWERS, HEARD), "ANSWER") | {BUSY: "BUSY", CONGESTED: "CONGESTION"}
STATUS |= dict.fromkeys((DECLINES, FORBIDDEN, UNKNOWN, BROKEN, RINGS_OUT), "NOANSWER")
NO_LINE = "0"  # before a number: this trunk has none free, whoever is called
UNTIL_BYE, BRIEF, SHORT, WHILE, LONG, LONGER = "0", "1", "2", "3", "4", "5"
STAYS = {BRIEF: 1500, SHORT: 3000, WHILE: 5500, LONG: 9500, LONGER: 12000}  # ms until he hangs up

_TAG = ";tag=[pid]P[call_number]"


def person(serial: int, fate: str = ANSWERS, stay: str = LONG, *, ring: str = "1", talk: str = "0", deed: str = "0") -> str:
    return f"9{ring}{talk}{deed}{fate}{stay}{serial:03d}"


def fate_of(number: str) -> str:
    return number[-5]


def stay_of(number: str) -> str:
    return number[-4]


@dataclass(frozen=True)
class Called:
    """One call as the carrier had it: the number it was given, whether he answered, and who ended it how."""

    number: str
    answered: bool
    end: str  # refused, cancelled, bye (by the PBX) or left (by the called one)


def _scenario(sound: Path) -> str:
    offer = SDP.format(port="[media_port]", direction="sendrecv")
    xml = HEAD.format(name="carrier") + '<recv request="INVITE"><action>\n'
    for name, pattern, header in (("theirs", ".*", "From:"), ("mine", ".*", "To:"), ("invite", "[0-9]+ INVITE", "CSeq:"), ("target", "sip:[^>]*", "Contact:")):
        xml += f'<ereg regexp="{pattern}" search_in="hdr" header="{header}" assign_to="{name}"/>\n'
    xml += '<ereg regexp="sip:([0-9]+)@" search_in="hdr" header="To:" assign_to="uri,number"/>\n'
    xml += f'<ereg regexp="sip:{NO_LINE}" search_in="hdr" header="To:" assign_to="none"/>\n'
    for fate in (*FATES, *REFUSALS, RINGS_OUT):
        xml += f'<ereg regexp="9[0-9][0-9][0-9]{fate}[0-9][0-9][0-9][0-9]@" search_in="hdr" header="To:" assign_to="fate{fate}"/>\n'
    for stay in STAYS:
        xml += f'<ereg regexp="9[0-9][0-9][0-9][0-9]{stay}[0-9][0-9][0-9]@" search_in="hdr" header="To:" assign_to="stay{stay}"/>\n'
    xml += '</action></recv>\n<Reference variables="theirs,mine,invite,target,uri,number"/>\n'
    xml += _booked("called")
    xml += f'<nop next="fate{CONGESTED}" test="none"/>\n'
    for fate in (*FATES, *REFUSALS, RINGS_OUT):
        xml += f'<nop next="fate{fate}" test="fate{fate}"/>\n'
    xml += f'<nop next="fate{UNKNOWN}"/>\n'
    for fate, status in REFUSALS.items():
        xml += f'<label id="fate{fate}"/>\n' + _booked("refused") + send(reply(status, tag=_TAG)) + '<recv request="ACK" next="end"/>\n'
    xml += f'<label id="fate{RINGS_OUT}"/>\n' + send(reply("180 Ringing", tag=_TAG)) + '<recv request="CANCEL" next="cancelled"/>\n'
    for fate, wait in FATES.items():
        early = reply("183 Session Progress", offer, tag=_TAG) if fate == HEARD else reply("180 Ringing", tag=_TAG)
        xml += f'<label id="fate{fate}"/>\n' + send(early) + f'<recv request="CANCEL" timeout="{wait}" ontimeout="answer" next="cancelled"/>\n'
    xml += '<label id="cancelled"/>\n' + _booked("cancelled") + send(reply("200 OK", tag=_TAG))
    xml += send(reply("487 Request Terminated", cseq="CSeq: [$invite]", tag=_TAG)) + '<recv request="ACK" next="end"/>\n'
    xml += '<label id="answer"/>\n' + send(reply("200 OK", offer, cseq="CSeq: [$invite]", tag=_TAG), retrans=True)
    xml += '<recv request="ACK"/>\n' + _booked("answered")
    xml += f'<nop next="heard" test="fate{HEARD}"/>\n<nop next="stays"/>\n'
    xml += f'<label id="heard"/>\n<nop><action><exec rtp_stream="{sound},-1,0"/></action></nop>\n<label id="stays"/>\n'
    for stay in STAYS:
        xml += f'<nop next="stay{stay}" test="stay{stay}"/>\n'
    xml += '<recv request="BYE" next="bye"/>\n'
    for stay, wait in STAYS.items():
        xml += f'<label id="stay{stay}"/>\n<recv request="BYE" timeout="{wait}" ontimeout="left" next="bye"/>\n'
    xml += '<label id="left"/>\n' + _booked("left") + send(_bye(), retrans=True) + '<recv response="200" next="end"/>\n'
    xml += '<label id="bye"/>\n' + _booked("bye") + send(reply("200 OK"))
    return xml + '<label id="end"/>\n</scenario>\n'


def _bye() -> str:
    headers = (
        f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nFrom: [$mine]{_TAG}\nTo: [$theirs]\nCall-ID: [call_id]\nCSeq: 60 BYE\nMax-Forwards: 70"
    )
    return message("BYE [$target] SIP/2.0", headers)


def _booked(what: str) -> str:
    return f'<nop><action><log message="{what} [$number] [call_number]"/></action></nop>\n'


class Carrier:
    """`start` listens at `port`; every trunk of the PBX leads there. `calls()` is its book so far."""

    def __init__(self, folder: Path, port: int) -> None:
        found = shutil.which("sipp")
        if found is None:
            raise Unavailable("sipp is not on this machine: apt-get install sip-tester")
        folder.mkdir(parents=True, exist_ok=True)
        self.sipp = found
        self.folder = folder
        self.port = port
        self.book = folder / "carrier.log"
        self.sound = folder / "quiet.ulaw"
        self.sound.write_bytes(b"\xff\x7f" * 8000)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        scenario = self.folder / "carrier.xml"
        scenario.write_text(_scenario(self.sound), encoding="utf-8")
        media = str(free_port() // 2 * 2)
        command = [self.sipp, "-sf", str(scenario), "-p", str(self.port), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-mp", media, "-rtp_echo", "-nostdin"]
        command += ["-l", "500", "-trace_logs", "-log_file", str(self.book)]
        with (self.folder / "carrier.out").open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder, stdin=subprocess.DEVNULL, start_new_session=True)

    def calls(self) -> list[Called]:
        """Every call it got, in order of coming; one without an end goes on."""
        told: dict[str, list[str]] = {}
        numbers: dict[str, str] = {}
        for line in self.book.read_text(encoding="utf-8", errors="replace").splitlines() if self.book.exists() else ():
            found = re.search(r"(called|refused|cancelled|answered|left|bye) (\d+) (\d+)", line)
            if found is not None:
                told.setdefault(found[3], []).append(found[1])
                numbers[found[3]] = found[2]
        return [Called(numbers[key], "answered" in words, words[-1]) for key, words in told.items()]

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
