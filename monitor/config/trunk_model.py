"""`[[trunk]]` as a pydantic model: the lines to a carrier.

Owns the keys and what a pattern of its channels may be. Refuses what needs other sections (`trunks`). Next: `model` has it as a section.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.table import Model
from monitor.config.values import Text, Whole, a_pbx_name, a_text, wrong
from monitor.core.trunk import line_of

_TO_DIAL = re.compile(r"DAHDI/[gGrR][0-9]+")
_NEVER = frozenset("(),;{}$\"'\\& ")  # in the name of a device
_SERIAL = re.compile(r".*-0000[0-9a-f]{4}")


def a_line(value: object) -> str:
    """A device as channels are called, or a pattern of such."""
    text = a_text(value)
    technology, slash, device = text.partition("/")
    if not (technology and slash and device) or _NEVER & set(text):
        raise wrong("is no device", "write it as channels are called, without the number at their end: PJSIP/kyivstar, DAHDI/i1")
    if _TO_DIAL.fullmatch(text):
        raise wrong("is a group to dial, no channel is called so", "write DAHDI/i1 for an ISDN span, DAHDI/4 or DAHDI/* for analogue lines")
    if "@" in text and technology != "Local":
        raise wrong("is something to dial", f"write the endpoint alone: {technology}/{device.rpartition('@')[2]}")
    if _SERIAL.fullmatch(text):
        raise wrong("is one channel", f"write its device: {text[:-9]}")
    if line_of(text) is None:
        raise wrong("is no line", "a Local channel leads to one: write the device behind it")
    return text


def a_line_somewhere(value: object) -> str:
    """The same, perhaps of one PBX: `pbx2:PJSIP/carrier`."""
    pbx, colon, line = a_text(value).partition(":")
    if not colon or "/" in pbx:
        return a_line(value)
    return f"{a_pbx_name(pbx)}:{a_line(line)}"


def a_count_or_none(value: object) -> object:
    """A count, or nobody says."""
    return None if value == "" else value


class Trunk(Model):
    """`[[trunk]]`"""

    name: Annotated[str, BeforeValidator(a_pbx_name)]
    pbx: Text = ""
    channels: tuple[Annotated[str, BeforeValidator(a_line)], ...] = ()
    capacity: Annotated[Annotated[Whole, Field(ge=1, le=100_000)] | None, BeforeValidator(a_count_or_none)] = None
