"""Where a called number is: how numbers are read, the longest prefix, and what is asked before what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.regions import LONGEST, Regions, flaw
from tests.core.scene import project

KYIV, LVIV, CITY = "Київ", "Lviv", "Lviv city"
UKRAINE = Regions("REGION", "380", "0", "00", 9, (("38032", LVIV), ("380322", CITY), ("38044", KYIV), ("48", "Poland")), (KYIV, LVIV, CITY, "Poland"))
ANY = project("bank")
WEST = project("shop", region=LVIV)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+380441234567", KYIV),
        ("00380441234567", KYIV),
        ("380441234567", KYIV),
        ("0441234567", KYIV),
        ("441234567", KYIV),  # nine digits: as it is in the country, without its trunk prefix
        ("+38 (044) 123-45-67", KYIV),
        ("+38 044/123.45.67", KYIV),
        ("+380 (44) 123-45-67", KYIV),
        ("0322123456", CITY),
        ("0323123456", LVIV),
        ("+48221234567", "Poland"),
        ("0048221234567", "Poland"),
        ("48221234567", "Poland"),
        ("447911123456", None),  # of another country, without its +: not Kyiv
        ("0671234567", None),
        ("380", None),
        ("101", None),
        ("044123", None),  # no number is so short
        ("", None),
        ("anonymous", None),
        ("+", None),
        ("sip:+380441234567@trunk", None),
        ("٠٤٤١٢٣٤٥٦٧", None),
    ],
)
def test_a_number_is_in_the_region_of_its_longest_prefix(number: str, region: str | None) -> None:
    assert UKRAINE.of(ANY, number) == region


@pytest.mark.parametrize(
    ("regions", "number", "region"),
    [
        (Regions(prefixes=(("044", KYIV),)), "0441234567", KYIV),  # nothing is said of the country: as it is dialled
        (Regions(prefixes=(("044", KYIV),)), "+380441234567", None),
        (Regions(country_code="1", trunk_prefix="1", international_prefix="011", national_digits=10, prefixes=(("1212", "NY"),)), "12125551234", "NY"),
        (Regions(country_code="1", trunk_prefix="1", international_prefix="011", national_digits=10, prefixes=(("1212", "NY"),)), "2125551234", "NY"),
        (Regions(country_code="1", trunk_prefix="1", international_prefix="011", national_digits=10, prefixes=(("44", "UK"),)), "011442071234567", "UK"),
        (Regions(country_code="7", trunk_prefix="8", international_prefix="810", national_digits=10, prefixes=(("7812", "SPb"),)), "8121234567", "SPb"),
        (Regions(country_code="7", trunk_prefix="8", international_prefix="810", national_digits=10, prefixes=(("7812", "SPb"),)), "88121234567", "SPb"),
        (Regions(country_code="39", prefixes=(("3902", "Milano"),)), "00390212345678", "Milano"),  # a country without a trunk prefix
        (Regions(country_code="380", trunk_prefix="0", prefixes=(("38044", KYIV),)), "441234567", None),
    ],
)
def test_countries_differ(regions: Regions, number: str, region: str | None) -> None:
    assert regions.of(ANY, number) == region


def test_the_dialplan_knows_best_then_the_list_then_the_project() -> None:
    assert UKRAINE.of(WEST, "0441234567", "Одеса") == "Одеса"
    assert UKRAINE.of(WEST, "0441234567") == KYIV
    assert UKRAINE.of(WEST, "0671234567") == LVIV
    assert UKRAINE.of(WEST, "101") == LVIV
    assert UKRAINE.of(ANY, "0671234567") is None


@pytest.mark.parametrize(("told", "region"), [("київ", KYIV), (" LVIV  CITY ", "LVIV  CITY"), ("lviv city", CITY), ("", None), ("  ", None)])
def test_a_region_has_one_spelling(told: str, region: str | None) -> None:
    assert UKRAINE.of(ANY, "", told) == region


@pytest.mark.parametrize("told", ["a\nb", "a\x00", "x" * (LONGEST + 1), "\u202e"])
def test_what_is_no_name_is_not_known(told: str) -> None:
    assert UKRAINE.of(ANY, "0441234567", told) == KYIV
    assert flaw(told) is not None


@given(st.text(max_size=40), st.text(max_size=70))
def test_whatever_comes_is_a_region_or_nowhere(number: str, told: str) -> None:
    region = UKRAINE.of(WEST, number, told)
    assert region is not None
    assert flaw(region) is None


@given(st.text("0123456789", min_size=4, max_size=7))
def test_every_way_to_dial_a_number_is_the_same_number(rest: str) -> None:
    whole = f"44{rest}".ljust(9, "7")
    ways = {UKRAINE.read(way) for way in (f"+380{whole}", f"00380{whole}", f"380{whole}", f"0{whole}", whole)}
    assert ways == {f"380{whole}"}
