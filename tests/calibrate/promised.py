"""The expected-performance table (domain, detectors to ship), figure by figure as it is printed there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

CALLS = (4, 12, 40)  # per half-hour
HALF_LOST, ALL_LOST = 0.5, 0.95


@dataclass(frozen=True)
class Row:
    """One line of the table; each figure is for 4, 12 and 40 calls, as printed; empty where the table has none."""

    detector: str
    level: str
    true_k: float
    used_k: float
    false: tuple[str, ...]
    caught: tuple[str, ...]
    delay: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    onset: int = 0


@dataclass(frozen=True)
class Figure:
    """A printed figure and half a unit of its last digit."""

    value: float
    half: float


def figure(text: str) -> Figure:
    """Read `.0041`, `59%`, `11.3` or `<.001`."""
    bare = text.strip("<%")
    scale = 0.01 if text.endswith("%") else 1.0
    value, half = float(bare) * scale, 0.5 * 10.0 ** int(Decimal(bare).as_tuple().exponent) * scale
    return Figure(value / 2, value / 2) if text.startswith("<") else Figure(value, half)


ROWS = (
    Row("day", "warning", 38, 38, (".034", ".033", ".025"), ("88%", "96%", "98%"), ("7.8", "4.1", "2.0"), ("2.1", "1.0", "1.0")),
    Row("day", "critical", 38, 38, (".0041", ".0038", ".0030"), ("59%", "78%", "84%"), ("11.3", "7.0", "3.7"), ("2.4", "1.1", "1.0")),
    Row("day", "warning", 20, 20, (".035", ".032", ".021"), ("68%", "75%", "77%"), ("7.5", "4.5", "2.8"), ("2.1", "1.0", "1.0")),
    Row("day", "critical", 20, 20, (".0036", ".0035", ".0026"), ("30%", "39%", "42%"), ("10.9", "7.1", "4.2"), ("3.2", "1.1", "1.0")),
    Row("day", "critical", 38, 20, (".0008", ".0006", ".0001"), ("26%", "34%", "37%"), ("11.3", "7.7", "4.8"), ("3.2", "1.1", "1.0")),
    Row("day", "critical", 20, 38, (".015", ".020", ".021"), ("59%", "73%", "78%"), ("10.6", "6.3", "3.3"), ("2.4", "1.1", "1.0")),
    Row("recent", "critical", 38, 20, (".005", ".002", "<.001"), ("19%", "71%", "99%"), ("6.3", "5.2", "3.6"), ("3.7", "2.7", "2.1"), onset=12),
    Row("two_days", "critical", 38, 38, (".0009", ".0009", ".0009"), ("94%", "99%", "99.7%")),
    Row("two_days", "critical", 20, 20, (".0009", ".0009", ".0009"), ("67%", "79%", "83%")),
)
