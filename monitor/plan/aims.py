"""What a row of outgoing calls says of its attempts: how many reach somebody, the work they are, and what is to be achieved.

    volume        attempts: numbers dialled
    contact_rate  how many of them reach somebody; these are the contacts
    aht_s         the agents' seconds for each contact, all dialling in it, also of attempts that reach nobody
    agent_hours   agents times hours: how outbound is sold, and another way to name `scheduled`
    results       contacts that achieve what the project is for

Without `aht_s` the work is the whole time of the agents: who dials does not wait for calls. Owns these sums and what contradicts itself. Refuses
cells and their text. Next: `rows` makes a row of it, or of a whole day or month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from monitor.plan.numbers import micro
from monitor.plan.plan import MICRO
from monitor.plan.times import RowError

COLUMNS: Final = ("contact_rate", "agent_hours", "results")


@dataclass(frozen=True, slots=True)
class Aims:
    """What is expected of the attempts; None: nothing says it."""

    handle_us: int
    contacts_u: int | None = None
    results_u: int | None = None


def aims(volume: Decimal, aht: Decimal, agent_us: int | None, rate: Decimal | None, results: Decimal | None, label: Callable[[str], str]) -> Aims:
    """Of so many attempts; `aht` 0: the file does not say it."""
    attempts = round(volume, 6)
    contacts_u = None if rate is None else micro(attempts * rate)
    if results is not None and results > (volume if rate is None else attempts * rate):
        most = f"{volume} attempts" if rate is None else f"{_plain(attempts * rate)} contacts planned ({volume} × {_plain(rate)})"
        raise RowError(f"{label('results')} {results} is more than the {most}; correct one of them")
    results_u = None if results is None else micro(results)
    if not volume:
        return Aims(0, contacts_u, results_u)
    if not aht:
        if agent_us is None:
            ways = f"give {label('contact_rate')} and {label('aht_s')}, or {label('agent_hours')}"
            raise RowError(f"nothing says how much work {volume} attempts are; {ways}")
        return Aims(agent_us, contacts_u, results_u)
    if contacts_u is None:
        ways = f"give {label('contact_rate')}, or leave {label('aht_s')} empty and give {label('agent_hours')}"
        raise RowError(f"{label('aht_s')} of outgoing calls is for each contact, and nothing says how many of {volume} attempts are one; {ways}")
    return Aims(micro(Decimal(contacts_u) / MICRO * aht), contacts_u, results_u)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
