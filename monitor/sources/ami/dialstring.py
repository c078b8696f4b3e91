"""The number in a dial string, as each channel driver writes it.

    380441234567@carrier                     PJSIP, by endpoint
    carrier/sip:380441234567@10.0.0.1        PJSIP, by address
    carrier/380441234567                     SIP, IAX2
    g1/380441234567                          DAHDI

Owns that reading. Refuses judging whose number it is. Next: `translate`.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+?[0-9*#]+")


def number_in(text: str) -> str:
    """What was dialled, as digits, perhaps after a plus; empty where the string names a phone or an endpoint alone."""
    dialled, at, _ = text.partition("@")
    _, slash, rest = dialled.rpartition("/")
    if not at and not slash:
        return ""
    return number(rest.rpartition(":")[2].partition(";")[0])


def number(text: str) -> str:
    """The text, if it is one."""
    return text if _NUMBER.fullmatch(text) else ""
