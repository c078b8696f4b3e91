"""The board's files: HTML, style and script, read once and served as they are.

Owns which files there are, their types and what a browser may do with them. Refuses building, templates and anything from elsewhere:
what is shown comes from `/api/v1/stream`. Next: `server` answers with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "board"

# Scripts, styles and pictures of our own, questions to ourselves, nothing else: what a stranger is called can never run.
POLICY = "; ".join(
    (
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    )
)

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/board/board.css": ("board.css", "text/css; charset=utf-8"),
    "/board/board.js": ("board.js", "text/javascript; charset=utf-8"),
    "/board/lost.js": ("lost.js", "text/javascript; charset=utf-8"),
    "/board/money.js": ("money.js", "text/javascript; charset=utf-8"),
    "/board/rows.js": ("rows.js", "text/javascript; charset=utf-8"),
    "/board/words.js": ("words.js", "text/javascript; charset=utf-8"),
    "/board/english.js": ("english.js", "text/javascript; charset=utf-8"),
    "/board/ukrainian.js": ("ukrainian.js", "text/javascript; charset=utf-8"),
    "/board/icon.svg": ("icon.svg", "image/svg+xml"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One file and its headers."""

    body: bytes
    headers: Mapping[str, str]


def read() -> dict[str, Page]:
    """Every page by its address."""
    return {
        address: Page((FOLDER / name).read_bytes(), {"Content-Type": kind, "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})
        for address, (name, kind) in _FILES.items()
    }
