"""A phone that registers and says that it is there: all a SIP phone does until somebody calls.

Owns one UDP socket: REGISTER when told to, 200 OK to the PBX's OPTIONS while it is on. Calls from it are a `phones.Caller` with its name. What
dies with `die` answers nothing any more and takes its leave of nobody.
"""

from __future__ import annotations

import re
import socket
import threading
import time

PATIENCE_S = 10.0
ECHOED = ("via", "from", "to", "call-id", "cseq")


class Registered:
    """The phone `name` of the PBX at `sip_port`."""

    def __init__(self, name: str, sip_port: int) -> None:
        self.name = name
        self._pbx = ("127.0.0.1", sip_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._port = int(self._socket.getsockname()[1])
        self._sequence = 0
        self._answered: set[int] = set()
        self._socket.settimeout(0.1)
        self._on = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def register(self, expires_s: int = 3600) -> None:
        """Register, or with 0 unregister; it is done when this returns."""
        self._sequence += 1
        who = f"<sip:{self.name}@127.0.0.1>"
        headers = (
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{time.monotonic_ns()}",
            f"From: {who};tag=t{self._port}",
            f"To: {who}",
            f"Call-ID: register-{self._port}",
            f"CSeq: {self._sequence} REGISTER",
            f"Contact: <sip:{self.name}@127.0.0.1:{self._port}>",
            f"Expires: {expires_s}",
            "Max-Forwards: 70",
            "Content-Length: 0",
        )
        request = f"REGISTER sip:127.0.0.1:{self._pbx[1]} SIP/2.0\r\n" + "\r\n".join(headers) + "\r\n\r\n"
        end = time.monotonic() + PATIENCE_S
        while self._sequence not in self._answered:
            assert time.monotonic() < end, f"{self.name} is not let in"
            self._socket.sendto(request.encode(), self._pbx)
            time.sleep(0.2)

    def die(self) -> None:
        """The plug is pulled."""
        self._on = False
        self._thread.join()

    def _listen(self) -> None:
        with self._socket:
            while self._on:
                try:
                    data, whence = self._socket.recvfrom(65_535)
                except TimeoutError:
                    continue
                text = data.decode(errors="replace")
                if (found := re.search(r"^SIP/2\.0 200 .*^CSeq: (\d+) REGISTER", text, re.MULTILINE | re.DOTALL)) is not None:
                    self._answered.add(int(found[1]))
                elif text.startswith("OPTIONS "):
                    echoed = [line for line in text.split("\r\n") if line.partition(":")[0].lower() in ECHOED]
                    self._socket.sendto("\r\n".join(["SIP/2.0 200 OK", *echoed, "Content-Length: 0", "", ""]).encode(), whence)
