"""Strangers' words in files of ours: what a PBX calls its queues and people, written so that it stays a text.

Owns quoting for TOML, for CSV that a spreadsheet may open, and for comments and terminals. Refuses meaning. Next: `draft` and `people` write
with it.
"""

from __future__ import annotations

import unicodedata

_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet begins to calculate at


def plain(text: str) -> str:
    """The text on one line, without anything that a terminal or an editor obeys: control characters are blanks, marks nobody sees are gone."""
    shown = (letter if letter.isprintable() else "" if unicodedata.category(letter) == "Cf" else " " for letter in text)
    return " ".join("".join(shown).split())


def quoted(text: str) -> str:
    """A TOML string that reads back as exactly this text."""
    letters = (f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter for letter in text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{"".join(letters)}"'


def cell(text: str) -> str:
    """A text for a cell of a table: on one line, and no formula."""
    line = plain(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
