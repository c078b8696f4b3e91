"""Whose outbound call a dial is."""

from __future__ import annotations

import pytest

from monitor.core.outgoing import Dialled, Outbound

DIAL = Dialled("pbx1", "PJSIP/carrier", "acct", "out-bank", "380501234567", "0445550104", "7380501234567")


@pytest.mark.parametrize(
    "marks",
    [
        Outbound(trunks=("PJSIP/carrier",)),
        Outbound(trunks=("PJSIP/car*",)),
        Outbound(trunks=("pbx1:PJSIP/carrier",)),
        Outbound(account_codes=("none", "ac*")),
        Outbound(contexts=("out-*",)),
        Outbound(prefixes=("38067", "38050")),
        Outbound(prefixes=("7",)),
        Outbound(caller_ids=("044*",)),
    ],
)
def test_any_one_mark_is_enough(marks: Outbound) -> None:
    assert marks.claims(DIAL)


@pytest.mark.parametrize(
    "marks",
    [
        Outbound(),
        Outbound(trunks=("PJSIP/carrie", "pbx2:PJSIP/carrier")),
        Outbound(account_codes=("acc",)),
        Outbound(contexts=("out",)),
        Outbound(prefixes=("50", "8")),
        Outbound(caller_ids=("380*",)),
    ],
)
def test_what_only_looks_like_it_is_none(marks: Outbound) -> None:
    assert not marks.claims(DIAL)


@pytest.mark.parametrize(
    "marks", [Outbound(account_codes=("acct",)), Outbound(contexts=("out-bank",)), Outbound(prefixes=("8",)), Outbound(caller_ids=("044*",))]
)
def test_a_dial_without_a_number_is_a_colleagues_phone(marks: Outbound) -> None:
    """Phone 810, of whom no queue knows, is called from the same desk: in AMI its dial differs in nothing else."""
    assert not marks.claims(DIAL._replace(device="PJSIP/agent10", number="", keyed="810"))


def test_what_is_empty_is_no_mark() -> None:
    marks = Outbound(account_codes=("*",), contexts=("*",), caller_ids=("*",))
    assert not marks.claims(Dialled("pbx1", "PJSIP/carrier", "", "", "380501234567", ""))


def test_a_trunk_is_one_whatever_is_dialled_over_it() -> None:
    assert Outbound(trunks=("PJSIP/carrier",)).claims(DIAL._replace(number="", keyed=""))
