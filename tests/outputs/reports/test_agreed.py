"""Service level in words, in either language, with the contract's numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from monitor.core.contract import SECOND, Language, Project
from monitor.core.formula import Formula
from monitor.core.tariff import Band, Period, SlAdjust, Tariff
from monitor.outputs.reports import agreed
from monitor.outputs.reports.words import Words

ENGLISH, UKRAINIAN = Words(Language.ENGLISH), Words(Language.UKRAINIAN)


@pytest.mark.parametrize("formula", list(Formula))
def test_every_formula_has_its_words(formula: Formula) -> None:
    for words, begins in ((ENGLISH, "service level = "), (UKRAINIAN, "рівень сервісу = ")):
        said = agreed.formula(words, formula, 20 * SECOND, 5 * SECOND)
        assert said.startswith(begins)
        assert " 20 " in said
        assert (" 5 " in said) is ("short" in formula)


def test_numbers_are_the_contract_s() -> None:
    said = agreed.formula(ENGLISH, Formula.SHORT_EXCLUDED, 20 * SECOND, 5 * SECOND)
    assert said == "service level = answered within 20 s ÷ (answered + all abandoned − short abandoned below 5 s)"
    assert "за 2,5 с" in agreed.formula(UKRAINIAN, Formula.ANSWERED, 5 * SECOND // 2, 0)


def test_bonus_and_malus_say_by_what_they_are_judged() -> None:
    judged = SlAdjust(Formula.ANSWERED, 10 * SECOND, (Band(Decimal("0.9"), Decimal(3)),), Period.DAY, frozenset({"power", "air_raid"}))
    project = Project("bank-line", "Bank", "floor", (), tariffs=(Tariff(date(2026, 1, 1), sl_adjust=judged),))
    facts = dict(agreed.facts(ENGLISH, project, project.tariffs))
    assert facts["bank-line: bonus and malus"] == (
        "service level = answered within 10 s ÷ answered, by the day: from 90\N{NO-BREAK SPACE}% on +3\N{NO-BREAK SPACE}%; "
        "who came in an incident of these kinds is left out: air raid, power cut"
    )
