"""How a report's file is named, and the format that asks for.

Owns the endings, for `--out` and for `to` of a `[[report]]`. An ending nobody knows asks for nothing: a table in a file called .pdf helps nobody. Refuses
what a name without one is. Next: `reporting.wish`, `reports`.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

FORMATS: Final = {".txt": "table", ".uk.csv": "excel-uk", ".csv": "csv", ".xlsx": "xlsx", ".json": "json"}
KNOWN: Final = "{}, {}, {}, {} or {}".format(*FORMATS)


def ending(path: str) -> str:
    """One of these, else what follows the last dot of the name, if anything does."""
    name = PurePath(path).name
    return next((one for one in FORMATS if name.lower().endswith(one)), PurePath(name).suffix)
