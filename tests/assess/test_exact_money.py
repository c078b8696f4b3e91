"""No float touches money: not in the source of what reckons it, and in nothing it gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).parent
MONEY = (
    "core/tariff.py",
    "core/pay.py",
    *(f"assess/{name}.py" for name in ("coins", "charges", "guarantee", "adjustment", "billing", "planned_bill", "margin", "projection", "payroll")),
)
EXACT = {  # left of a division: what is a Decimal or a Fraction though it does not say so there
    "self.per_minute.price * seconds",
    "sums.days",
    "sums.seconds",
    "needed",
}


def _inexact(source: str) -> list[str]:
    """What may make a float: its literals, its name, rounding to one, and a division of what may be two integers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (isinstance(node, ast.Name) and node.id in ("float", "round")):
            found.append(ast.unparse(node))
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            left = node.left if isinstance(node, ast.BinOp) else node.target
            calls = {one.func.id for one in ast.walk(left) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
            if not calls & {"Decimal", "Fraction"} and ast.unparse(left) not in EXACT:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("name", MONEY)
def test_no_float_is_made_where_money_is_reckoned(name: str) -> None:
    assert _inexact((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["x = 0.5", "x = float(y)", "x = calls / 60", "x /= 60", "x = round(y)", "def f(x: float) -> None: ..."])
def test_a_float_would_be_found(source: str) -> None:
    assert _inexact(source)
