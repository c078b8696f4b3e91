"""What people's time costs as it is spent: paid time, by the rate it is paid at, in the minutes of their group.

Owns which time is paid (every state but a pause of class unpaid; an unlisted or empty reason is paid) and the look-up of rates, once per person
and quarter of an hour. Where nobody says what somebody earns, the time is kept as such: what a group costs is not known then. Refuses overtime
and downtime, which are known when a day is over (`assess.payroll`), and money: a rate and a time become one where it is shown. Next: `ledger`.
"""

from __future__ import annotations

from datetime import datetime

from monitor.core.agents import Agent
from monitor.core.book import LABOUR, UNPRICED
from monitor.core.contract import SECOND, Contract, PauseClass
from monitor.core.ledger import Ledger
from monitor.core.pay import PAY_US, Pay
from monitor.core.snapshot import State


class Labour:
    """Spends what time costs."""

    def __init__(self, contract: Contract, ledger: Ledger) -> None:
        self.contract = contract
        self._ledger = ledger
        self._rates: dict[tuple[str, str], int | None] = {}
        self._from = self._until = 0  # for which the rates hold

    def agree(self, contract: Contract) -> None:
        """Other wages are in force."""
        self.contract = contract
        self._from = self._until = 0

    def spent(self, agent: Agent, state: State, pause: str, start: int, end: int, times: int = 1) -> None:
        """A person of a group spent `[start, end)` in this state; with `times` -1 he did not after all."""
        group = agent.group
        if group is None:
            return
        if state is State.PAUSED and (reason := group.pause_reason(pause)) is not None and reason.kind is PauseClass.UNPAID:
            return
        start, end = start - start % PAY_US, end - end % PAY_US  # of consecutive spans nothing is lost
        while start < end:
            if not self._from <= start < self._until:
                self._rates.clear()
                self._until = Pay.changes_at(start)
                self._from = self._until - Pay.STEP_US
            stop = min(end, self._until)
            rate = self._rate(agent.id, group.name, start)
            if rate is None:
                self._ledger.spend_group(group.name, UNPRICED, start, stop, times)
            else:
                self._ledger.spend_group(group.name, LABOUR, start, stop, times * rate)
            start = stop

    def _rate(self, person: str, group: str, at: int) -> int | None:
        key = person, group
        if key not in self._rates:
            self._rates[key] = self.contract.pay.rate(person, group, datetime.fromtimestamp(at // SECOND, self.contract.zone))
        return self._rates[key]
