"""A plan that a program sent, brought in: the work of a process of its own.

    the native CSV, as text
    [{"project", "interval_start", "volume", "aht_s", …}, …]         rows with the columns of the native CSV
    {"rows": [ … ], "note"?, "replace"?}                             the same, with why; `replace` keeps nothing of the plan

Owns the three forms of it, and that what is wrong is one line that names the row. What it replaces and how it is kept is as with `floorwatch plan import`,
which is what brings it in (`bring`). Refuses the reload. Next: it answers `bringing`.
"""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Final

from monitor import config
from monitor.bringing import Brought, Question
from monitor.config.settings import FileFormat
from monitor.errors import BadOption, FloorwatchError, PlanError
from monitor.plan.rows import OPTIONAL, REQUIRED
from monitor.plan.scales import quoted
from monitor.planning.bring import Wish, bring
from monitor.plural import counted

LIKE: Final = 'send the native CSV, or [{"project": "bank-line", "interval_start": "2026-12-25T08:00:00Z", "volume": 12, "aht_s": 180}]'
NOTE: Final = 500  # letters
MOST_DIGITS: Final = 30  # before and behind the point: written out, a number that is sent in ten letters may have a billion
COLUMNS: Final = (*REQUIRED, *OPTIONAL)


def main() -> None:
    """Read the question, bring the plan in, write how it went."""
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    sys.stdout.buffer.write(pickle.dumps(take(question)))


def take(question: Question) -> Brought:
    """What there is to say of it."""
    rows = question.sent.lstrip()[:1] in (b"[", b"{")
    try:
        loaded = config.load(question.config, new_plan=True, needed=config.Needed.NONE)
        with tempfile.TemporaryDirectory(prefix="floorwatch-") as folder:
            file = Path(folder) / question.who
            note, replace = "", False
            if rows:
                text, note, replace = _rows(question.sent)
                file.write_text(text, encoding="utf-8")
            else:
                file.write_bytes(question.sent)
            lines = bring(loaded, Wish(file, FileFormat(), note=note, replace=replace, write=True), question.who, question.now)
            return Brought(tuple(line.replace(f"{file}", "the plan") for line in lines[:-1]))  # the last says how to reload
    except PlanError as error:
        return Brought(problem=_line(error, rows=rows))
    except FloorwatchError as error:
        return Brought(problem=str(error).splitlines()[0])


def _line(error: PlanError, *, rows: bool) -> str:
    """The first that is wrong, and how much more is."""
    first = error.rows[0]
    more = f"; and {counted(len(error.rows) - 1, 'row')} more" if len(error.rows) > 1 else ""
    place = "" if not first.line else f"row {first.line - 1}: " if rows else f"line {first.line}: "
    return f"the plan: {place}{first.problem}{more}"


def _rows(sent: bytes) -> tuple[str, str, bool]:
    """Rows as the native CSV, the note, and whether nothing is to stay."""
    try:
        told = json.loads(sent, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise BadOption(f"the plan is not JSON; {LIKE}") from None
    note: object = ""
    replace: object = False
    rows: object = told
    if isinstance(told, dict):
        if stray := [key for key in told if key not in ("rows", "note", "replace")]:
            raise BadOption(f"unknown key {stray[0][:40]!r}; known: rows, note, replace")
        rows, note, replace = told.get("rows"), told.get("note", ""), told.get("replace", False)
    if not isinstance(note, str) or len(note) > NOTE or not note.isprintable():
        raise BadOption(f"note is not a remark on one line of at most {NOTE} letters; shorten it")
    if not isinstance(replace, bool):
        raise BadOption("replace is neither true nor false; write one of them, without quotes")
    if not isinstance(rows, list) or not rows:
        raise BadOption(f"there are no rows; {LIKE}")
    return _csv(rows), note, replace


def _csv(rows: list[object]) -> str:
    used: dict[str, None] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise BadOption(f"the plan: row {number} is not an object; {LIKE}")
        for key, value in row.items():
            if key not in COLUMNS:
                raise BadOption(f"the plan: row {number}: unknown column {key[:40]!r}; known: {', '.join(COLUMNS)}")
            if isinstance(value, bool | list | dict) or (isinstance(value, str) and not value.isprintable()):
                raise BadOption(f"the plan: row {number}: {key} is neither a text on one line nor a number; write it as in the native CSV")
            if isinstance(value, Decimal) and abs(value.adjusted()) > MOST_DIGITS:
                raise BadOption(f"the plan: row {number}: {key} is a number of more than {MOST_DIGITS} digits; look at its exponent")
        used |= dict.fromkeys(row)
    lines = [",".join(used)]
    lines += [",".join(_cell(row.get(column)) for column in used) for row in rows if isinstance(row, dict)]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return "" if value is None else quoted(f"{value:f}" if isinstance(value, Decimal) else str(value))


if __name__ == "__main__":
    main()
