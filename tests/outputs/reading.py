"""The exposition read back by somebody else: prometheus_client's parsers, with types."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families


def text_families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def openmetrics_families(text: str) -> list[Metric]:
    """Raises ValueError where the text breaks the standard."""
    found: Iterable[Metric] = openmetrics_parser.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return list(found)
