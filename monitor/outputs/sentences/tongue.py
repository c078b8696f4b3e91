"""What a language has to say, as a shape: a phrase for every condition, for every verdict, and for every reason why there is none.

Owns the shape and how a phrase reads the figures of a finding. A figure that a phrase uses and a rule does not give is a KeyError, which the
tests look for. Refuses words. Next: `en` and `uk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from monitor.assess.conditions import About, Condition, Figures

MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Given:
    """The figures of a finding."""

    figures: Figures

    def number(self, name: str) -> float:
        """A figure."""
        return float(self.figures[name])

    def whole(self, name: str) -> int:
        """A figure, as a count."""
        return round(self.number(name))

    def money(self, name: str) -> Decimal:
        """An amount, exactly."""
        return Decimal(str(self.figures[name]))

    def text(self, name: str) -> str:
        """A name or a word."""
        return str(self.figures[name])

    def word(self, name: str) -> str | None:
        """The same, if it is there."""
        return str(self.figures[name]) if name in self.figures else None


class Unjudged(Enum):
    """Why a project has no verdict."""

    NO_QUEUES = auto()
    CLOSED = auto()
    INCIDENT = auto()
    NO_PLAN = auto()
    EARLY = auto()


Phrase = Callable[[Given], str]


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. A phrase begins in lower case and has no full stop: it follows a name."""

    conditions: Mapping[Condition, Phrase]
    subject: Callable[[About, str], str]
    as_planned: Phrase
    watched: Callable[[str], str]
    blind: str
    unjudged: Mapping[Unjudged, str]


def grouped(text: str, point: str, thousands: str) -> str:
    """A number written by Python with commas and a point, as a language has it."""
    return text.replace(",", "\0").replace(".", point).replace("\0", thousands).replace("-", MINUS)


def span(seconds: float, hour: str, minute: str, second: str) -> str:
    """At most two units: `42 s`, `4 min 12 s`, `1 h 35 min`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    units = ((hours, hour), (minutes, minute)) if hours else ((minutes, minute), (rest, second))
    said = [f"{number}{NBSP}{unit}" for number, unit in units if number]
    return " ".join(said) or f"0{NBSP}{second}"
