"""Whose loss it is, by hand."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.assess.reading import Cause, Reading, Standing, causes

NAMES = ("bank", "clinic", "parcels", "pizza", "shop", "taxi", "telecom")


def standings(came: Mapping[str, float], low: tuple[str, ...], silent: tuple[str, ...] = ()) -> list[Standing]:
    """Projects of as many clients, 200 planned of each, of which this share came."""
    return [
        Standing(name, name.title(), frozenset({"pbx1"}), round(200 * came.get(name, 1.0)), 200.0, 38.0, low=name in low, silent=name in silent)
        for name in NAMES
    ]


def read(found: dict[str, Cause]) -> dict[str, Reading | None]:
    return {name: cause.reading for name, cause in found.items()}


def test_a_client_who_leaves_is_read_as_one_and_nobody_else_is_read() -> None:
    assert read(causes(standings({"bank": 0.4}, ("bank",)))) == {"bank": Reading.CLIENT}


def test_a_market_is_everybody() -> None:
    down = dict.fromkeys(NAMES, 0.55)
    assert read(causes(standings(down, ("bank",)))) == {"bank": Reading.MARKET}
    assert set(read(causes(standings(down, NAMES))).values()) == {Reading.MARKET}


def test_a_second_client_who_leaves_and_whom_no_detector_has_found_yet_makes_no_market() -> None:
    """Beside a shop that is down by a third lies one that is gone and not found: the others together look low, by one client alone."""
    found = causes(standings({"shop": 0.67, "bank": 0.0, "clinic": 0.85, "telecom": 0.85}, ("shop",)))
    assert found["shop"].reading is not Reading.MARKET


def test_a_suspect_makes_no_market_for_another() -> None:
    """Of two whose share is not proven neither is the other's market, where most clients all but keep their volume."""
    usual = dict.fromkeys(NAMES, 0.86)
    found = causes(standings({**usual, "bank": 0.6, "shop": 0.6}, ("bank", "shop")))
    assert set(found) == {"bank", "shop"}
    assert Reading.MARKET not in read(found).values()


def test_two_clients_silent_at_once_are_the_telephony() -> None:
    assert read(causes(standings({}, (), ("bank", "shop")))) == {"bank": Reading.TELEPHONY, "shop": Reading.TELEPHONY}
