"""Where the recorded sessions are, for the tests of this room."""

from __future__ import annotations

import gzip
from pathlib import Path

CAPTURES = Path(__file__).parent.parent / "scenarios" / "captures"
ALL = sorted([*CAPTURES.glob("*/*.ami"), *CAPTURES.glob("*/ami.raw.gz")])
SINGLE_22 = [path for path in ALL if path.parent.name == "single-22"]
MIXED = [path for path in ALL if path.parent.name.startswith("mixed")]


def name(path: Path) -> str:
    """How a test calls a recording."""
    return f"{path.parent.name}/{path.name}"


def wire(path: Path) -> bytes:
    """The bytes the session received."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data
