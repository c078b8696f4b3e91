"""What of a caller's number is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import Contract
from monitor.core.events import CallerJoined
from monitor.core.logrow import LogRow, Shown
from monitor.core.numbers import caller_key, shortened, veiled, veiled_rows
from monitor.state.records import encoded
from tests.core.scene import IN_QUEUE, T0, contract, project


def joined(number: str) -> CallerJoined:
    return CallerJoined("pbx1", T0, "1", "1", "PJSIP/trunk-1", "bank", IN_QUEUE, number)


KEPT = contract(number_key=b"secret")
AGREED = contract(project("bank", caller_digits=4, test_callers=("+38044*",)))


@pytest.mark.parametrize(
    ("number", "kept", "digits", "test"),
    [("+380441234567", "", "4567", True), ("380501234567", "", "4567", False), ("101", "101", "101", False), ("anonymous", "", "", False), ("", "", "", False)],
)
def test_no_more_is_kept_than_a_bill_needs(number: str, kept: str, digits: str, test: bool) -> None:
    found = veiled(joined(number), AGREED)
    assert (found.number, found.digits, found.test) == (kept, digits, test)


def test_without_an_agreement_no_digits_are_kept() -> None:
    assert veiled(joined("380501234567"), contract()).digits == ""
    assert veiled(replace(joined("380501234567"), queue="nobody's"), AGREED) == replace(joined(""), queue="nobody's"), "nothing of a stranger"


@pytest.mark.parametrize("number", ["+380441234567", "0441234567", "9-0441234567", "(044) 123-45-67", " 00380441234567 ", "441234567"])
def test_two_writings_of_one_number_are_one_caller(number: str) -> None:
    assert caller_key(number, KEPT) == caller_key("0441234567", KEPT) != ""


@pytest.mark.parametrize("number", ["", "anonymous", "Restricted", "<unknown>", "unknown", "0000000000", "s", "alice", "+", "\N{ARABIC-INDIC DIGIT ONE}" * 9])
def test_who_shows_no_number_has_no_key(number: str) -> None:
    assert caller_key(number, KEPT) == ""


def test_a_short_number_is_matched_whole_and_a_pseudonym_is_a_number() -> None:
    assert caller_key("101", KEPT) not in ("", caller_key("0101", KEPT))
    assert caller_key("nabcdefg234", KEPT) not in ("", caller_key("nabcdefg235", KEPT))
    assert caller_key("w2345abcdef", KEPT) == ""


def test_a_key_says_nothing_without_the_secret_and_depends_on_the_digits_that_are_compared() -> None:
    assert len(caller_key("0441234567", KEPT)) == 32
    assert caller_key("0441234567", KEPT) != caller_key("0441234567", replace(KEPT, number_key=b"another"))
    assert caller_key("0441234567", replace(KEPT, match_digits=7)) == caller_key("0951234567", replace(KEPT, match_digits=7))
    assert "secret" not in repr(KEPT)


def test_the_number_to_ring_back_is_cut_where_numbers_are_not_kept_and_a_tests_is_not_there() -> None:
    assert veiled(joined("380501234567"), KEPT).ring_back == "380501234567"
    assert veiled(joined("380501234567"), replace(KEPT, keep_numbers=False)).ring_back == "…4567"
    assert veiled(joined("+380441234567"), AGREED).ring_back == ""
    assert shortened(shortened("380501234567")) == "…4567"
    assert shortened("") == ""


def test_rows_of_a_log_are_written_down_without_numbers_and_names() -> None:
    rows = (
        LogRow(1, "1.1", "bank", "NONE", "ENTERQUEUE", ("", "380501234567", "1", "Olena Koval")),
        LogRow(2, "1.1", "bank", "ann", "CONNECT", ("1", "1.2", "0")),
        LogRow(3, "1.2", "bank", "NONE", "ENTERQUEUE", ()),
    )
    written = replace(KEPT, keep_numbers=False)
    found = veiled_rows(rows, "pbx1", written)
    assert "380501234567" not in str(found)
    assert "Koval" not in str(found)
    assert found[0].shown == Shown("", "", False, caller_key("380501234567", KEPT), "…4567")
    assert found[1] == rows[1]
    assert found[2].shown == Shown()
    assert veiled_rows(found, "pbx1", written) == found, "once"


@given(st.text(max_size=16), st.sampled_from([AGREED, contract()]))
def test_it_is_done_once(number: str, agreed: Contract) -> None:
    once = veiled(joined(number), agreed)
    assert veiled(once, agreed) == once


def test_a_long_number_is_on_no_disk_where_numbers_are_not_kept() -> None:
    number = "380441234567"
    assert number.encode() not in encoded([veiled(joined(number), contract(keep_numbers=False))])
