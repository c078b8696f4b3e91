"""How a billing period will end, if what is left of it goes on as it began.

Owns the rule: what moves with calls comes as planned for the rest, times what came of the plan so far; a guarantee and a bonus grow in step with it; what
is fixed accrues as agreed, and hours of agents as they came of those that were planned. Costs of people and lines follow the planned handle time, or
the days where there is no plan. Refuses judging whether the beginning tells anything (`takings` waits for a whole day). Next: outputs show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from monitor.assess.billing import Bill
from monitor.assess.coins import NO_MONEY, coins, total
from monitor.assess.margin import Margin


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period is: planned handle time (0: no plan) and days, over and to come. `fixed_per_day` is the cost of each day to come."""

    handle_done_us: int
    handle_rest_us: int
    days_done: Fraction
    days_rest: Fraction
    fixed_per_day: Decimal | None = NO_MONEY

    def rest(self, spent: Decimal | None) -> Decimal | None:
        """What is still to be spent of a cost that moves with work; None where nothing tells."""
        if self.handle_done_us:
            return to_come(spent, Fraction(self.handle_done_us), Fraction(self.handle_rest_us))
        return to_come(spent, self.days_done, self.days_rest)


def to_come(amount: Decimal | None, done: Fraction, rest: Fraction) -> Decimal | None:
    """What a rest brings, if so much of it was done for this amount; None where nothing was done and something is to come."""
    if amount is None or (not done and rest):
        return None
    return coins(Fraction(amount) * rest / done) if rest else NO_MONEY


def fixed(so_far: Bill, planned_so_far: Bill, planned_whole: Bill) -> Decimal | None:
    """What a whole period brings whatever is called in it."""
    by_days = (planned_whole.fixed - planned_whole.hours) - (planned_so_far.fixed - planned_so_far.hours)
    hours = planned_whole.hours - planned_so_far.hours
    rest = to_come(so_far.hours, Fraction(planned_so_far.hours), Fraction(hours)) if planned_so_far.hours else hours
    return total((so_far.fixed, by_days, rest))


def revenue(so_far: Bill, planned_so_far: Bill, planned_whole: Bill) -> Decimal | None:
    """What a whole period brings. Where the plan has nothing so far, the rest comes as planned."""
    moving = total((so_far.variable, so_far.guarantee, so_far.adjustment))
    done, rest = Fraction(planned_so_far.variable), Fraction(planned_whole.variable - planned_so_far.variable)
    return total((fixed(so_far, planned_so_far, planned_whole), moving, to_come(moving, done, rest) if done else coins(rest)))


def projected(so_far: Margin, whole_revenue: Decimal | None, progress: Progress) -> Margin:
    """The margin of the whole period."""
    fixed_rest = None if progress.fixed_per_day is None else coins(Fraction(progress.fixed_per_day) * progress.days_rest)
    return Margin(
        whole_revenue,
        total((so_far.labour, progress.rest(so_far.labour))),
        total((so_far.telecom, progress.rest(so_far.telecom))),
        total((so_far.fixed, fixed_rest)),
    )
