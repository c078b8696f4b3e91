"""Whose loss is it: this client's, the market's, the telephony's or our own door's?

Owns the reading of losses over all projects at once (domain: market or client). A reading labels a loss that a detector found: projects
that are neither low nor silent get none, so a client who leaves makes nobody else look changed. Refuses finding losses (`detect`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.assess.counts import lower
from monitor.assess.passage import Strayed
from monitor.assess.share import noise, share_p
from monitor.core.contract import MINUTE

SHARE_ALPHA = 1e-2  # below it a project's share of all calls has moved
OTHERS_ALPHA = 1e-2  # below it the others together are low
TOGETHER_US = 10 * MINUTE  # what dies together falls silent together


class Reading(StrEnum):
    """Where a loss comes from."""

    CLIENT = "client"  # this client's volume moved
    MARKET = "market"  # everybody's did
    TELEPHONY = "telephony"  # check the PBX and its trunks first
    OWN = "own"  # nobody could take the calls at our door, or they never came so far


@dataclass(frozen=True, slots=True)
class Standing:
    """A project over the judged window, today so far: n contacts came where f were planned, days varying with shape k.

    `low`: a detector found a loss. `silent`: it is silent now, `since` then. `own`: for a considerable part of the window its queues had nobody eligible
    or refused calls, or (`strayed`) most of what is missing came to our trunks and not to them.
    """

    project: str
    client: str
    pbxs: frozenset[str]
    n: int
    f: float
    k: float
    low: bool = False
    silent: bool = False
    own: bool = False
    since: int = 0
    strayed: Strayed | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a loss was read as; None: it is real, but neither its client nor the market is proven.

    `share` is the p of the project's share, None where it was not asked or nobody is left to compare with. `pbxs` are named for telephony
    alone: those on which every project is silent, else all that carry a silent one; `strayed` for our own fault.
    """

    reading: Reading | None
    share: float | None = None
    pbxs: frozenset[str] = frozenset()
    strayed: Strayed | None = None


def causes(standings: Sequence[Standing], share_alpha: float = SHARE_ALPHA) -> dict[str, Cause]:
    """The cause of each low or silent project, by project; of the others there is nothing to say.

    In this order, each project by the first that holds:

    1. *own*: nobody could take its calls, or they were lost between our trunks and its queues.
    2. *telephony*: it is silent, and so are projects of another client, since within ten minutes of it.
    3. *client*: its share of all calls is low, p < 0.01, against other clients' projects that are not under suspicion themselves.
    4. *market*: the others that are left are low together, p < 0.01, and are so without the one client who misses most; where at least half
       of the clients are not under suspicion, those alone are asked.
    5. no reading: the others keep their volume, but chance may have moved the share.
    """
    found: dict[str, Cause] = {}
    heard: list[Standing] = []  # whose volume tells of clients and the market
    silent = [each for each in standings if each.silent and not each.own]
    for each in standings:
        if each.own:
            if each.low or each.silent:
                found[each.project] = Cause(Reading.OWN, strayed=each.strayed)
        elif each.silent and (trunk := _trunk(each, silent, standings)) is not None:
            found[each.project] = Cause(Reading.TELEPHONY, pbxs=trunk)
        elif each.f > 0:
            heard.append(each)
        elif each.silent or each.low:
            found[each.project] = Cause(None)
    shares = _movers(heard, share_alpha)
    found |= {name: Cause(Reading.CLIENT, p) for name, (p, moved) in shares.items() if moved}
    stayed = [each for each in heard if each.project not in found]
    sums = _Sums(_clear(heard) or stayed)
    for each in stayed:
        if _suspect(each):
            found[each.project] = Cause(Reading.MARKET if sums.low_beside(each) else None, shares[each.project][0])
    return found


def _suspect(each: Standing) -> bool:
    return each.low or each.silent


def _trunk(each: Standing, silent: Sequence[Standing], standings: Sequence[Standing]) -> frozenset[str] | None:
    """The PBXs to check where a silence is the telephony's; None where it is not. Our own door's silence is no witness."""
    together = [one for one in silent if abs(one.since - each.since) <= TOGETHER_US]
    if len({one.client for one in together}) < 2:
        return None
    alive = {pbx for one in standings if not one.silent and not one.own for pbx in one.pbxs}
    named = frozenset(pbx for one in together for pbx in one.pbxs)
    return named - alive or named


def _clear(heard: Sequence[Standing]) -> list[Standing]:
    """Whose clients are not under suspicion, where they are at least half of all clients; else nobody."""
    doubted = {each.client for each in heard if _suspect(each)}
    clear = [each for each in heard if each.client not in doubted]
    return clear if len({each.client for each in clear}) >= len(doubted) else []


def _movers(heard: Sequence[Standing], share_alpha: float) -> dict[str, tuple[float | None, bool]]:
    """Each suspect's share p, and whether its client moved.

    Clients who leave together mask each other: each still has its share of what is left. Where at least half of the clients are clear,
    suspects are compared with those alone. Where most are low there are too few to lean on, and the lucky ones among them would make a
    falling market look like leaving clients: then all others count, and whoever has moved is left out before the rest is asked again.
    Without him the others look lower still, never higher, so all who are certain go at once.
    """
    suspects = [each for each in heard if _suspect(each)]
    clear = _clear(heard)
    if clear:
        sums = _Sums(clear)
        shares = {each.project: sums.share(each) for each in suspects}
        return {name: (p, p is not None and p < share_alpha) for name, p in shares.items()}
    moved: dict[str, tuple[float | None, bool]] = {}
    while True:
        rest = _Sums(each for each in heard if each.project not in moved)
        shares = {each.project: rest.share(each) for each in suspects if each.project not in moved}
        certain = {name: (p, True) for name, p in shares.items() if p is not None and p < share_alpha}
        if not certain:
            return moved | {name: (p, False) for name, p in shares.items()}
        moved |= certain


class _Sums:
    """Calls, planned calls and their day-to-day variance over projects, and what each client has in them."""

    def __init__(self, standings: Iterable[Standing]) -> None:
        self.clients: dict[str, list[tuple[int, float, float]]] = {}
        for each in standings:
            self.clients.setdefault(each.client, []).append((each.n, each.f, each.f * each.f / each.k))
        self.n, self.f, self.variance = (sum(row[i] for rows in self.clients.values() for row in rows) for i in range(3))

    def others(self, client: str, without: str | None = None) -> tuple[int, float, float] | None:
        """Calls, planned calls and joint shape of the other clients' projects, `without` one of them; None where there are none."""
        gone = [self.clients[name] for name in (client, without) if name is not None and name in self.clients]
        if len(self.clients) == len(gone):
            return None
        n, f, variance = (whole - sum(row[i] for rows in gone for row in rows) for i, whole in enumerate((self.n, self.f, self.variance)))
        return int(n), f, f * f / variance

    def share(self, each: Standing) -> float | None:
        """The p of the project's share of its own and the other clients' calls."""
        rest = self.others(each.client)
        if rest is None:
            return None
        n, f, shape = rest
        return share_p(each.n, each.n + n, each.f / (each.f + f), noise(each.k, shape))

    def low_beside(self, each: Standing) -> bool:
        """The other clients' projects are low together, and so they are without the client who misses most: his loss may not be found yet."""
        missing = {client: sum(f - n for n, f, _ in rows) for client, rows in self.clients.items() if client != each.client}
        most = max(missing, key=lambda client: (missing[client], client)) if len(missing) > 1 else None
        rest = self.others(each.client, most)
        return rest is not None and lower(*rest) < OTHERS_ALPHA
