"""The headers of one AMI message, and of those that come once for each channel variable, each by its own name.

Owns taking a message apart. Of a repeated header the first is kept: Asterisk writes `Event` and `Privilege` first, so that a line smuggled in behind them by
a caller's name cannot take their place. `channelvars` of manager.conf adds a header `ChanVariable: NAME=value` for each of them, and `DestChanVariable` on
the other half of a dial: these are kept as `ChanVariable NAME` too. Refuses bytes that are no message (`decoder`) and what a header means (`translate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

VARIABLE: Final = "ChanVariable"
VARIABLES: Final = (VARIABLE, f"Dest{VARIABLE}")


def parse(frame: bytes) -> dict[str, str]:
    """The headers of one message."""
    text = frame.decode("utf-8", "backslashreplace")
    lines = text.split("\r\n")
    if len(lines) <= frame.count(b"\n"):  # there is a bare LF
        lines = text.replace("\r\n", "\n").split("\n")
    message: dict[str, str] = {}
    for line in reversed(lines):  # so that the first of a repeated header stays
        name, _, value = line.partition(": ")
        message[name] = value
    if ":" in "".join(message):  # somewhere the space is missing
        message.clear()
        for line in reversed(lines):
            name, _, value = line.partition(":")
            message[name] = value.removeprefix(" ")
    if VARIABLE in text:
        message.update(_variables(lines))
    return message


def variable(dial: Mapping[str, str], name: str) -> str:
    """What a channel variable says of a dial: on the leg, else on whoever calls; empty where it is not set, or nobody asks for one."""
    if not name:
        return ""
    return dial.get(f"{VARIABLES[1]} {name}", "") or dial.get(f"{VARIABLE} {name}", "")


def _variables(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in reversed(lines):
        header, _, value = line.partition(":")
        if header in VARIABLES:
            name, _, text = value.strip().partition("=")
            yield f"{header} {name}", text
