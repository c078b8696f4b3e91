"""The exposition: the metric table written in Prometheus text or OpenMetrics, piece by piece.

Owns both formats' syntax, the choice between them, the `?client=` view, and the pace: a scrape is a generator of small pieces, so
whoever serves it can let the loop run between them. Refuses I/O, names and figures. A family without a sample is not mentioned: what
is unknown is absent. Next: `web.server` sends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, exposition
from prometheus_client.openmetrics import exposition as openmetrics

from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract
from monitor.outputs.daemon import DaemonFacts
from monitor.outputs.families import FLOOR
from monitor.outputs.family import Family, Kind, Source
from monitor.outputs.lines import Floor, Labels
from monitor.outputs.rows import agent_series_left_out
from monitor.outputs.self_families import DAEMON

EOF = "# EOF\n"
_KINDS = {**{family.name: family.kind for family in FLOOR}, **{family.name: family.kind for family in DAEMON}}
OTHERS = frozenset(name for name, kind in _KINDS.items() if kind is not Kind.COUNTER)


class Format(Enum):
    """The formats spoken; the value is the Content-Type, which Prometheus 3 insists on."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def negotiate(accept: str) -> Format:
    """The format for an Accept header: OpenMetrics where it is named and liked no less than plain text, else text."""
    likes = {"text/plain": 0.0, "application/openmetrics-text": 0.0}
    for offer in accept.split(","):
        media, *parameters = (part.strip().lower() for part in offer.split(";"))
        values = dict(parameter.split("=", 1) for parameter in parameters if "=" in parameter)
        if media == "application/openmetrics-text" and values.get("version", "1.0.0").strip('"') != "1.0.0":
            continue
        if media in likes:
            likes[media] = max(likes[media], _quality(values.get("q", "1")))
    wanted = likes["application/openmetrics-text"]
    return Format.OPENMETRICS if wanted > 0 and wanted >= likes["text/plain"] else Format.TEXT


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def header(family: Family[Source], form: Format) -> str:
    """HELP and TYPE: OpenMetrics names a counter without `_total` and an info without `_info`, text knows no info.

    Where a gauge has the name that is left, both cannot be told apart there: the counter keeps its whole name, and says nothing of its kind.
    """
    name, kind = family.name, family.kind.value
    if form is Format.OPENMETRICS and family.kind is Kind.COUNTER and name.removesuffix("_total") in OTHERS:
        kind = "unknown"
    elif form is Format.OPENMETRICS:
        name = name.removesuffix("_total") if family.kind is Kind.COUNTER else name.removesuffix("_info") if family.kind is Kind.INFO else name
    elif family.kind is Kind.INFO:
        kind = "gauge"
    return f"# HELP {name} {family.help}\n# TYPE {name} {kind}\n"


def _pieces(families: tuple[Family[Source], ...], source: Source, form: Format) -> Iterator[str]:
    for family in families:
        samples = family.rows(family.name, source)
        if (first := next(samples, None)) is not None:
            yield header(family, form) + first
            yield from samples


class UnknownClient(LookupError):  # noqa: N818 - the answer to a request, not a failure of ours
    """`?client=` names nobody the contract knows."""


class Exposition:
    """Writes scrapes of one site; remembers label text while the contract stays the same, and what the agent cap left out."""

    def __init__(self) -> None:
        self._contract: Contract | None = None
        self._labels: dict[str | None, Labels] = {}
        self._agent_series_left_out = 0

    def scrape(self, outlook: Outlook | None, contract: Contract, daemon: DaemonFacts, form: Format, client: str | None = None) -> Iterator[str]:
        """The pieces of one scrape, all of one instant. With `client` only rows that carry that client; before the first outlook none
        about the floor. Does not end OpenMetrics: `EOF` comes after whatever is appended."""
        if client is not None and all(project.client != client for project in contract.projects):
            raise UnknownClient(client)
        floor = Floor(outlook, self._labels_for(contract, client), contract.agent_metrics) if outlook is not None else None
        if client is not None:
            own = tuple(family for family in FLOOR if "client" in family.labels)
            return _pieces(own, floor, form) if floor is not None else iter(())
        return self._whole(floor, daemon, form)

    def _whole(self, floor: Floor | None, daemon: DaemonFacts, form: Format) -> Iterator[str]:
        if floor is not None:
            self._agent_series_left_out += agent_series_left_out(floor)
            yield from _pieces(FLOOR, floor, form)
        yield from _pieces(DAEMON, replace(daemon, dropped={**daemon.dropped, "agent_series": self._agent_series_left_out}), form)

    def _labels_for(self, contract: Contract, client: str | None) -> Labels:
        if contract is not self._contract:
            self._contract, self._labels = contract, {}
        if client not in self._labels:
            self._labels[client] = Labels(contract, client)
        return self._labels[client]


class Process:
    """The process's own facts (CPU, memory, files, Python), as every exporter names them. Reads /proc: not for the loop."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def text(self, form: Format) -> str:
        """The families in `form`, OpenMetrics without its end."""
        if form is Format.TEXT:
            return exposition.generate_latest(self._registry).decode()
        text: bytes = openmetrics.generate_latest(self._registry)  # type: ignore[no-untyped-call]
        return text.decode().removesuffix(EOF)
