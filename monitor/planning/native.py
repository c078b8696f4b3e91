"""Rows of a plan as the native CSV, exactly: what is written is read again as the same rows.

Owns the text. Volume has up to six decimals; where volume times the average handle time would not give the row's handle time to the microsecond,
the average is written with as many decimals as that takes, and so is a contact rate. Agents' hours are written as agents. Times carry their offset.
Columns that no row uses are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from monitor.core.contract import SECOND, Contract
from monitor.core.direction import DIALLED, Direction
from monitor.plan.numbers import micro
from monitor.plan.plan import MICRO, PlanRow
from monitor.plan.rows import REQUIRED
from monitor.plan.scales import quoted

_OPTIONAL: Final[dict[str, Callable[[PlanRow], str]]] = {
    "direction": lambda row: "" if row.direction is Direction.INBOUND else row.direction.value,
    "required": lambda row: _micros(row.required_u),
    "scheduled": lambda row: _micros(row.scheduled_u),
    "sl_target": lambda row: _ratio(row.sl_target),
    "sl_threshold_s": lambda row: _micros(row.sl_threshold_us),
    "max_occupancy": lambda row: _ratio(row.max_occupancy),
    "contact_rate": lambda row: "" if row.contacts_u is None else _rate(row.contacts_u, row.calls_u),
    "results": lambda row: _micros(row.results_u),
}


def native(rows: Iterable[PlanRow], contract: Contract) -> str:
    """The file of these rows, by project and time."""
    ordered = sorted(rows, key=lambda row: (row.project, row.direction, row.start))
    used = [(name, cell) for name, cell in _OPTIONAL.items() if any(cell(row) for row in ordered)]
    lengths = any(row.end - row.start != contract.interval_us for row in ordered)
    lines = [",".join([*REQUIRED, *(["interval_s"] if lengths else []), *(name for name, _ in used)])]
    for row in ordered:
        start = datetime.fromtimestamp(row.start // SECOND, contract.project[row.project].zone).isoformat()
        length = [str((row.end - row.start) // SECOND)] if lengths else []
        lines.append(",".join([quoted(row.project), start, _micros(row.calls_u), _aht(row), *length, *(cell(row) for _, cell in used)]))
    return "\n".join(lines) + "\n"


def _micros(number: int | None) -> str:
    if number is None:
        return ""
    whole, rest = divmod(number, MICRO)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


def _ratio(number: float | None) -> str:
    return "" if number is None else f"{Decimal(repr(number)):f}"


def _rate(contacts_u: int, calls_u: int) -> str:
    """With as many decimals as give the contacts again."""
    return _quotient(contacts_u, calls_u, contacts_u) if calls_u else "0"


def _aht(row: PlanRow) -> str:
    contacts_u = row.contacts_u if row.direction in DIALLED else row.calls_u
    if row.direction in DIALLED and row.aht_us is None:
        return ""  # the agents' time is the work
    if not contacts_u or (row.aht_us is not None and micro(Decimal(contacts_u) / MICRO * Decimal(row.aht_us) / MICRO) == row.handle_us):
        return _micros(row.aht_us)
    return _quotient(row.handle_us, contacts_u, row.handle_us)


def _quotient(above: int, below_u: int, meant: int) -> str:
    """The shortest decimal that, times so many millionths, gives what is meant again."""
    exact = Decimal(above) / below_u
    for decimals in range(22):
        short = round(exact, decimals)
        if micro(Decimal(below_u) / MICRO * short) == meant:
            return f"{short:f}"
    return f"{exact:f}"
