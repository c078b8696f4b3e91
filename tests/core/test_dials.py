"""What is kept of a dial: whose outbound call it is and where it goes, and never the number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import Contract
from monitor.core.dials import LegDialled, reduced
from monitor.core.regions import Regions
from tests.core.calling import OUT, agreed
from tests.core.scene import T0

UKRAINE = Regions("REGION", "380", "0", prefixes=(("38032", "Lviv"), ("38044", "Kyiv")), known=("Lviv", "Kyiv"))


def contract(**more: Any) -> Contract:
    found: Contract = agreed(**more)
    return replace(found, regions=UKRAINE)


def dial(number: str = "0441234567", region: str = "", **more: Any) -> LegDialled:
    return LegDialled("pbx1", T0, "own", "out", "PJSIP/carrier-0000000b", OUT, number, "acc", "380440000000", region=region, **more)


@pytest.mark.parametrize(
    ("event", "region"),
    [
        (dial(), "Kyiv"),
        (dial("0671234567"), ""),
        (dial("0441234567", "lviv"), "Lviv"),
        (dial("", "Odesa"), "Odesa"),
        (dial(""), ""),
    ],
)
def test_where_it_goes_is_found_while_the_number_is_there(event: LegDialled, region: str) -> None:
    once = reduced(event, contract())
    assert (once.project, once.region, once.number, once.account, once.caller_id) == ("bank", region, "", "", "")
    assert reduced(once, contract()) is once


def test_a_prefix_that_the_project_dials_by_is_no_part_of_the_number() -> None:
    assert reduced(dial("770441234567"), contract(prefixes=("77",))).region == "Kyiv"
    assert reduced(dial("770441234567"), contract()).region == ""
    assert reduced(dial("0441234567"), contract(prefixes=("044",))).region == "Kyiv"  # by which it may be known as well


def test_a_dial_that_is_nobodys_goes_nowhere() -> None:
    event = replace(dial("0441234567", "Kyiv"), leg_channel="PJSIP/ann-00000001")
    assert (reduced(event, contract()).project, reduced(event, contract()).region) == ("", "")


@given(st.text("0123456789+", max_size=15), st.sampled_from(["", "Kyiv", "Odesa", "x" * 80]))
def test_reduced_twice_it_is_the_same(number: str, told: str) -> None:
    once = reduced(dial(number, told), contract())
    assert reduced(once, contract()) == once
    assert (once.number, once.account, once.caller_id) == ("", "", "")
