"""Everything the daemon's code sends over AMI while the tests run, held against the list of what it may send.

Owns one recording of the whole suite, taken at the transport, below everything that could forget to ask; it is judged when the suite
ends. Refuses the lab's own sessions, which drive the PBX and are no part of the daemon. A daemon in a process of its own is watched by
the lab's relay.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator

import pytest

from monitor.sources.ami.protocol import AmiProtocol

# Design, section 8. Written out: the code's own list is what is tested.
RUN_SENDS = frozenset({"Login", "Challenge", "Ping", "Getvar", "QueueStatus", "CoreSettings", "CoreStatus", "CoreShowChannels", "Logoff"})
CHECK_SENDS = RUN_SENDS | {"ListCommands"}
CHECKS = ("tests/sources/test_probe.py::", "tests/inspection/", "tests/survey/")  # what may send more

SENT: list[tuple[str, bytes]] = []  # (test, bytes of one write)


def actions(data: bytes) -> list[str]:
    """The action names in what was sent."""
    return [name.decode() for name in re.findall(rb"(?im)^action:[ \t]*([^\r\n]*)", data)]


class Tapped:
    """A transport whose writes are noted."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Note it and send it."""
        SENT.append((os.environ.get("PYTEST_CURRENT_TEST", ""), bytes(data)))
        self._transport.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)


@pytest.fixture(scope="session", autouse=True)
def _only_listed_actions_are_ever_sent() -> Iterator[None]:
    """The wire test: whatever any test made the daemon do, it sent nothing that is not on the list."""
    connection_made = AmiProtocol.connection_made

    def tapped(self: AmiProtocol, transport: asyncio.Transport) -> None:
        connection_made(self, Tapped(transport))  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AmiProtocol, "connection_made", tapped)
        yield
    for test, data in SENT:
        allowed = CHECK_SENDS if test.startswith(CHECKS) else RUN_SENDS
        assert actions(data), f"{test} sent something that is no action: {data!r}"
        assert set(actions(data)) <= allowed, f"{test} sent {actions(data)}"
