"""A service level that money hangs on is said so that it stands on its own side of every band."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from monitor.core.contract import Language
from monitor.outputs.reports import judged
from monitor.outputs.reports.words import Words

EDGES = (Decimal("0.9"), Decimal("0.8"))


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Fraction(323, 404), "79.95"),
        (Fraction(4, 5), "80.00"),
        (Fraction(79_996, 100_000), "79.996"),
        (Fraction(7_999_999, 10_000_000), "79.99999"),
        (Fraction(80_004, 100_000), "80.00"),
        (Fraction(79_944, 100_000), "79.94"),
        (Fraction(0), "0.00"),
    ],
)
def test_it_is_not_rounded_over_the_edge_of_a_band(ratio: Fraction, said: str) -> None:
    assert judged.level(Words(Language.ENGLISH), ratio, EDGES) == f"{said}\N{NO-BREAK SPACE}%"
    assert judged.level(Words(Language.UKRAINIAN), ratio, EDGES) == f"{said.replace('.', ',')}\N{NO-BREAK SPACE}%"
