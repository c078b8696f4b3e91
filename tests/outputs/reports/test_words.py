"""Both languages say the same things, with the same holes."""

from __future__ import annotations

from string import Formatter

from monitor.core.contract import Language
from monitor.core.formula import Formula
from monitor.outputs.reports.words import COLUMNS, SENTENCES, en, money_en


def _holes(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_every_title_and_sentence_is_in_both_languages() -> None:
    english, ukrainian = COLUMNS[Language.ENGLISH], COLUMNS[Language.UKRAINIAN]
    assert english.keys() == ukrainian.keys()
    said, told = SENTENCES[Language.ENGLISH], SENTENCES[Language.UKRAINIAN]
    assert said.keys() == told.keys()
    assert {key: _holes(text) for key, text in said.items()} == {key: _holes(text) for key, text in told.items()}


def test_every_formula_has_words() -> None:
    assert {one.value for one in Formula} <= SENTENCES[Language.ENGLISH].keys()


def test_a_key_is_in_one_file_only() -> None:
    assert not {*en.COLUMNS} & {*money_en.COLUMNS}
    assert not {*en.SENTENCES} & {*money_en.SENTENCES}
