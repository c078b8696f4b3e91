"""Text with separated columns: records out of it, each with the line it begins on, and which sign separates them.

Owns the ways programs save a table: commas, semicolons (Excel where the comma is the decimal sign), tabs ("Unicode text") or bars; any
line ends; quotes; a byte order mark; Excel's own `sep=;`. Refuses what the cells mean, and decoding bytes. Next: `rows` and `mapping` make a
plan of the cells; the agents file is read the same way.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Final

from monitor.errors import BadRow

DELIMITERS: Final = {"\t": "tabs", "|": "bars", ";": "semicolons", ",": "commas"}  # of equally many the first is meant: commas stand in numbers too

_QUOTED = re.compile(r'"[^"]*"')
_SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)

Record = tuple[int, list[str]]


def delimiter_of(text: str) -> str:
    """What separates the columns of a text, by its first line that is not blank; a comma where nothing does."""
    first = first_line(text)
    if told := _SEP.fullmatch(first):
        return told[1]
    bare = _QUOTED.sub("", first)
    return max(DELIMITERS, key=bare.count) if any(sign in bare for sign in DELIMITERS) else ","


def first_line(text: str) -> str:
    """The first line that is not blank."""
    return next((line for line in (found[0].strip() for found in re.finditer(r"[^\r\n]+", text.removeprefix("\ufeff"))) if line), "")


def records(text: str, bad: list[BadRow], delimiter: str = ",") -> Iterator[Record]:
    """The records that are not blank, stripped, each with the line it begins on; what is no CSV goes to `bad` and ends it."""
    unix = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader((f"{line}\n" for line in unix.split("\n")), strict=True, skipinitialspace=True, delimiter=delimiter)
    first = True
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(BadRow(line, f"not CSV: {error}; look for a stray quote"))
            return
        if not any(cells):
            continue
        if not (first and _SEP.fullmatch(delimiter.join(cells))):
            yield line, cells
        first = False
