"""Text of samples: label values, seconds, histograms, and the frozen thing a scrape reads them from.

Owns label text (escaped once per contract, not per scrape) and the division from microseconds to seconds. Refuses names of metrics
and every meaning. Next: `rows`.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from monitor.assess.conditions import KINDS, OF_MONEY, About, Key, Subject
from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract, Group, Project, QueueId
from monitor.core.counters import Counters, DidKey
from monitor.core.snapshot import State
from monitor.core.trunk import OTHER_DID, Trunk, did_owners
from monitor.outputs import limits
from monitor.outputs.limits import Limit


def escape(value: str) -> str:
    """A label value as both formats want it between quotes."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def label(name: str, value: str) -> str:
    """One `name="value"`."""
    return f'{name}="{escape(value)}"'


class Labels:
    """Label text of everything the contract names, written once; with `client` only what is that client's."""

    def __init__(self, contract: Contract, client: str | None = None) -> None:
        own = [project for project in contract.projects if client is None or project.client == client]
        self.projects: tuple[tuple[Project, str], ...] = tuple(
            (project, f"{label('client', project.client)},{label('project', project.name)}") for project in own
        )
        self.queues: tuple[tuple[tuple[str, QueueId], str], ...] = tuple(
            ((project.name, queue), f"{text},{label('pbx', queue.pbx)},{label('queue', queue.name)}")
            for project, text in self.projects
            for queue in project.queues
        )
        self.queue = dict(self.queues)
        groups = contract.groups if client is None else ()
        self.groups: tuple[tuple[Group, str], ...] = tuple((group, label("group", group.name)) for group in groups)
        self.pbxs: tuple[tuple[str, str], ...] = tuple((pbx, label("pbx", pbx)) for pbx in contract.pbxs)
        self.trunks: tuple[tuple[Trunk, str], ...] = tuple(
            (trunk, f"{label('pbx', trunk.id.pbx)},{label('trunk', trunk.id.name)}") for trunk in (contract.trunks if client is None else ())
        )
        self.dids = dict(_dids(contract, {project.name: text for project, text in self.projects}, whole=client is None))
        self.money = client is None  # what the centre earns is no client's business
        self.currency = label("currency", contract.finances.currency)
        self.fixed_cost = bool(contract.finances.fixed_cost_per_day)
        wages = contract.pay.wages
        self.paid_groups = frozenset(one.group for one in wages if one.group is not None)
        self.clients = tuple((name, label("client", name)) for name in dict.fromkeys(project.client for project in own))
        subjects = {
            About.PROJECT: tuple((project.name, text) for project, text in self.projects),
            About.GROUP: tuple((group.name, text) for group, text in self.groups),
            About.PBX: self.pbxs if client is None else (),
            About.CLIENT: self.clients,
            About.TRUNK: tuple((str(trunk.id), text) for trunk, text in self.trunks),
        }
        self.conditions: tuple[tuple[Key, str], ...] = tuple(
            ((condition, Subject(kind.about, name)), f'{text},condition="{condition.value}",severity="{kind.severity.value}"')
            for condition, kind in KINDS.items()
            if self.money or condition not in OF_MONEY
            for name, text in subjects[kind.about]
        )
        self.limits: tuple[tuple[str, float], ...] = (
            *(() if client is not None else (_limit(one, "") for one in limits.of_site(contract))),
            *(_limit(one, text) for project, text in self.projects for one in limits.of_project(project)),
            *(_limit(one, text) for group, text in self.groups for one in limits.of_group(group)),
        )


def _dids(contract: Contract, texts: Mapping[str, str], *, whole: bool) -> Iterator[tuple[DidKey, str]]:
    """Label text of every number that is dialled on a PBX with trunks, with the project whose alone it is; what is nobody's only in the whole view."""
    others = ((pbx, OTHER_DID) for pbx in dict.fromkeys(trunk.id.pbx for trunk in contract.trunks))
    for (pbx, did), project in (*did_owners(contract).items(), *((other, None) for other in others)):
        owner = texts.get(project) if project is not None else None
        if whole or owner is not None:
            yield (pbx, did, project or ""), ",".join([*([owner] if owner else []), label("pbx", pbx), label("did", did)])


def _limit(limit: Limit, whose: str) -> tuple[str, float]:
    """Label text of a limit, and its value."""
    reason = [] if limit.reason is None else [label("reason", limit.reason)]
    own = [f'condition="{limit.condition.value}"', f'figure="{limit.figure}"', f'bound="{limit.bound}"']
    return ",".join([*([whose] if whose else []), *reason, *own]), limit.value


@dataclass(frozen=True)
class Floor:
    """What one scrape reads: one outlook from beginning to end, whatever is published meanwhile."""

    outlook: Outlook
    labels: Labels
    agent_metrics: bool = False

    @property
    def counters(self) -> Counters:
        """The accumulators at the instant of the outlook."""
        return self.outlook.snapshot.counters

    @cached_property
    def states(self) -> Tally[tuple[str | None, State]]:
        """How many people of each group are in each state."""
        return Tally((agent.group, agent.state) for agent in self.outlook.snapshot.agents)

    @property
    def seen_groups(self) -> Iterator[tuple[Group, str]]:
        """The groups whose people are seen now; of the others nothing is known."""
        seen = self.outlook.snapshot.observed_groups
        return ((group, text) for group, text in self.labels.groups if group.name in seen)


def seconds(us: int) -> float:
    """Microseconds, divided once."""
    return us / 1_000_000


@lru_cache(maxsize=64)
def _les(bounds_us: tuple[int, ...]) -> tuple[str, ...]:
    return (*(f'le="{seconds(bound)}"' for bound in bounds_us), 'le="+Inf"')


def histogram(name: str, labels: str, bounds_us: tuple[int, ...], counts: Sequence[int], sum_us: int) -> str:
    """All lines of one histogram; `counts` are per bucket, the last one beyond all bounds."""
    inner, outer = (f"{labels},", f"{{{labels}}}") if labels else ("", "")
    running = tuple(accumulate(counts))
    buckets = "".join(f"{name}_bucket{{{inner}{le}}} {count}\n" for le, count in zip(_les(bounds_us), running, strict=True))
    return f"{buckets}{name}_sum{outer} {seconds(sum_us)}\n{name}_count{outer} {running[-1]}\n"
