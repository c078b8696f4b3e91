"""Strangers' words stay texts: in TOML, in a spreadsheet's cell, on a terminal."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.survey.words import cell, plain, quoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_reads_back_as_it_was(text: str) -> None:
    assert tomllib.loads(f"name = {quoted(text)}") == {"name": text}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_plain_text_may_stand_in_a_comment(text: str) -> None:
    line = plain(text)
    assert line.isprintable()
    assert tomllib.loads(f"name = 1 # {line}") == {"name": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Олена  Коваль", "Олена Коваль"),
        ("a\r\nb\tc", "a b c"),
        ("\x1b[31mred", "[31mred"),
        ("abc\u202edcba", "abcdcba"),
        ("\u2028x\u00a0y ", "x y"),
    ],
)
def test_what_terminals_and_editors_obey_is_gone(text: str, line: str) -> None:
    assert plain(text) == line


@pytest.mark.parametrize(("text", "written"), [("=cmd()", "'=cmd()"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=x", "'=x"), ("a=b", "a=b"), ("", "")])
def test_a_cell_is_no_formula(text: str, written: str) -> None:
    assert cell(text) == written
