"""The words that SIPp's scenarios are made of: a message, a reply, a row that sends it. Who says what when stands in `phones.py` and `carrier.py`."""

from __future__ import annotations

HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="{name}">\n'
SDP = """v=0
o=lab 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}
"""


def send(text: str, retrans: bool = False) -> str:
    again = ' retrans="500"' if retrans else ""
    return f"<send{again}><![CDATA[\n{text.strip()}\n\n]]></send>\n"


def message(start: str, headers: str, body: str = "", kind: str = "application/sdp") -> str:
    content = f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
    return f"{start}\n{headers.strip()}\n{content}"


def reply(status: str, body: str = "", cseq: str = "[last_CSeq:]", tag: str = "") -> str:
    headers = f"[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n{cseq}\nContact: <sip:phone@[local_ip]:[local_port]>"
    return message(f"SIP/2.0 {status}", headers, body)
