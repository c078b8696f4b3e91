"""What of a caller's number is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import Contract
from monitor.core.events import CallerJoined
from monitor.core.numbers import veiled
from monitor.state.records import encoded
from tests.core.scene import IN_QUEUE, T0, contract, project


def joined(number: str) -> CallerJoined:
    return CallerJoined("pbx1", T0, "1", "1", "PJSIP/trunk-1", "bank", IN_QUEUE, number)


AGREED = contract(project("bank", caller_digits=4, test_callers=("+38044*",)))


@pytest.mark.parametrize(
    ("number", "kept", "digits", "test"),
    [("+380441234567", "", "4567", True), ("380501234567", "", "4567", False), ("101", "101", "101", False), ("anonymous", "", "", False), ("", "", "", False)],
)
def test_no_more_is_kept_than_a_bill_needs(number: str, kept: str, digits: str, test: bool) -> None:
    found = veiled(joined(number), AGREED)
    assert (found.number, found.digits, found.test) == (kept, digits, test)


def test_without_an_agreement_nothing_is_kept() -> None:
    assert veiled(joined("380501234567"), contract()) == joined("")
    assert veiled(replace(joined("380501234567"), queue="nobody's"), AGREED).digits == ""


@given(st.text(max_size=16), st.sampled_from([AGREED, contract()]))
def test_it_is_done_once(number: str, agreed: Contract) -> None:
    once = veiled(joined(number), agreed)
    assert veiled(once, agreed) == once


def test_a_long_number_is_on_no_disk() -> None:
    number = "380441234567"
    assert number.encode() not in encoded([veiled(joined(number), contract())])
