"""Enums whose members are looked up thousands of times a second: states, conditions, directions, windows.

Owns nothing but how they hash: as their text does, in C, where an enum of its own asks Python each time. Refuses enums nobody keys by.
"""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A StrEnum that is cheap as a key."""

    __hash__ = str.__hash__
