"""`[alerts]`: what conditions are judged by, as the contract has it.

Owns which key is a ratio, a count or a span. Refuses single values (`model`). Next: `build`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from monitor.config import model
from monitor.config.broker import Refuse
from monitor.core.contract import SECOND
from monitor.core.limits import Limits

CHANCES = ("act_p", "watch_p", "clear_p", "share_p", "guard_p")
RATIOS = (*CHANCES, "deviation", "cusum", "least_observed", "ring_no_answer_ratio", "disconnect_ratio", "guarantee_short", "list_ratio")
COUNTS = (
    "least_offered",
    "surplus_agents",
    "ring_no_answers",
    "disconnect_agents",
    "after_hours_calls",
    "refused_calls",
    "trunk_failures",
    "money_days",
    "contact_rate_attempts",
    "list_attempts",
    "list_agents",
)
SPANS = (
    ("seconds", 1, ("silent", "occupancy", "long_wait", "unattended", "disconnect", "blind", "clock_skew", "trunk_down", "trunk_full")),
    ("minutes", 60, ("stuck_call",)),
    ("days", 86_400, ("plan_ends",)),
)


def limits(alerts: model.Alerts, flaw: Refuse) -> Limits:
    """The limits, and what is wrong between two of them."""
    if not alerts.act_p <= alerts.watch_p <= alerts.clear_p:
        flaw("must be in this order: act_p, watch_p, clear_p", "the smaller the chance, the surer the deviation", "alerts", "watch_p", alerts.watch_p)
    given: dict[str, Any] = {name: float(getattr(alerts, name)) for name in RATIOS} | {name: getattr(alerts, name) for name in COUNTS}
    spans = {f"{name}_us": _us(getattr(alerts, f"{name}_{unit}") * seconds) for unit, seconds, names in SPANS for name in names}
    return Limits(**given, **spans)


def _us(seconds: Decimal) -> int:
    return int(seconds * SECOND)
