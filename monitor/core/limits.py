"""The limits by which a floor is judged: `[alerts]` of the configuration.

Owns one figure per question a condition asks, with the trade's usual answer as its default. Refuses judging (`assess.conditions`), and
what a client's contract or a group says of itself: service level, abandonment, occupancy, pauses. Ratios 0-1, durations microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit; see docs/configuration.md for what each is compared with."""

    # against the plan: practical size and significance, in two closed intervals after each other
    deviation: float = 0.15
    act_p: float = 1e-3
    watch_p: float = 1e-2
    clear_p: float = 0.05
    cusum: float = 5.0
    share_p: float = 0.01
    least_observed: float = 0.95
    silent_us: int = 2 * _MINUTE

    # on the floor, over the last 15 closed minutes
    least_offered: int = 10  # contacts, before a ratio of them is judged
    guard_p: float = 0.05  # of such a ratio, if the contract's were true
    long_wait_us: int = 180 * _SECOND
    unattended_us: int = 60 * _SECOND
    surplus_agents: int = 2
    occupancy_us: int = 5 * _MINUTE
    ring_no_answers: int = 8
    ring_no_answer_ratio: float = 0.30  # of the rings
    stuck_call_us: int = 90 * _MINUTE
    disconnect_ratio: float = 0.20
    disconnect_agents: int = 3
    disconnect_us: int = 2 * _MINUTE
    after_hours_calls: int = 5  # in an hour
    refused_calls: int = 3  # in an hour

    # outbound
    contact_rate_attempts: int = 100  # of a day, before its contact rate is judged
    list_attempts: int = 10  # planned in a quarter of an hour, before it is asked whether they stopped
    list_ratio: float = 0.25  # of those planned
    list_agents: int = 1  # free on average meanwhile

    # trunks
    trunk_failures: int = 5  # attempts in a row that it refused
    trunk_down_us: int = 60 * _SECOND
    trunk_full_us: int = 30 * _SECOND

    # money
    guarantee_short: float = 0.05  # of what is billed, that is only billed because it was guaranteed
    money_days: int = 3  # of a billing period, before its money is judged

    # the daemon and its papers
    plan_ends_us: int = 3 * 24 * 60 * _MINUTE
    blind_us: int = 60 * _SECOND
    clock_skew_us: int = 2 * _SECOND
