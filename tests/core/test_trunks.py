"""Lines in use, calls by direction, arrivals by dialled number, refusals in a row, and what endpoints are told to be."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.devices import DeviceSeen
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Position
from monitor.core.floor import Floor
from monitor.core.trunk import Trunk, TrunkId, TrunkView
from monitor.core.trunks import EndpointSeen
from tests.core.scene import T0, Scene, contract, project

KS, LIFE = TrunkId("pbx1", "kyivstar"), TrunkId("pbx1", "life")
TRUNKS = (Trunk(KS, ("PJSIP/kyivstar", "PJSIP/ks-*"), 2), Trunk(LIFE, ("SIP/life",)))
BANK, SHOP, BOTH, STRANGER = "380441111111", "380442222222", "380443333333", "380449999999"


def agreed(*trunks: Trunk, **more: Any) -> Contract:
    projects = (project("bank", dids=frozenset({BANK, BOTH})), project("shop", dids=frozenset({SHOP, BOTH})), project("taxi"))
    return contract(*projects, trunks=trunks or TRUNKS, **more)


class Carrier(Scene):
    """A scene with trunks; `PJSIP/kyivstar` unless another device is named."""

    def __init__(self, deal: Contract | None = None, **more: Any) -> None:
        super().__init__(deal or agreed(), **more)

    def rings(self, at: float, call: str, did: str = BANK, device: str = "PJSIP/kyivstar") -> None:
        """The far side calls us."""
        self.channel(at, call, f"{device}-0000000a", position=Position("from-trunk", did, "1"), dialing=True)

    def dials(self, at: float, leg: str, device: str = "PJSIP/kyivstar", caller: str | None = "ann-1") -> None:
        """An agent's channel calls over a line."""
        self.channel(at, leg, f"{device}-0000000b", position=Position("from-trunk", "s", "1"))
        self.apply(LegDialled(self.pbx, self.us(at), caller, leg, f"{device}-0000000b", Position("desk", STRANGER, "1") if caller else None))

    def comes_back(self, at: float, leg: str, status: str, caller: str | None = "ann-1") -> None:
        position = Position("desk", STRANGER, "1") if caller else None
        self.apply(LegResolved(self.pbx, self.us(at), caller, leg, status == "answer", position, status))

    def attempt(self, at: float, leg: str, status: str) -> None:
        self.dials(at, leg)
        self.comes_back(at, leg, status)
        self.end(at, leg)

    def endpoint(self, at: float, reachable: bool, device: str = "PJSIP/kyivstar") -> None:
        self.apply(EndpointSeen(self.pbx, self.us(at), device, reachable))

    def view(self, trunk: TrunkId = KS) -> TrunkView:
        return next(view for view in self.floor.trunks.views() if view.id == trunk)

    def calls(self, trunk: TrunkId = KS) -> tuple[int, int]:
        counts = self.floor.counters.trunk_calls
        return counts[trunk, "inbound"], counts[trunk, "outbound"]

    def dialled(self) -> dict[str, int]:
        return {did: count for (_, did, _), count in self.floor.counters.did_calls.items() if count}


@pytest.fixture
def scene() -> Carrier:
    one = Carrier()
    one.sight()
    return one


def row(call: str, device: str = "PJSIP/kyivstar", did: str = BANK) -> ev.ChannelRow:
    return ev.ChannelRow(call, call, f"{device}-0000000c", Position("from-trunk", did, "1"), True, "Queue", "bank", "", 9 * SECOND)


# --- calls ----------------------------------------------------------------------------------------------------------------------------


def test_calls_in_and_out_are_told_apart_and_their_lines_counted(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.rings(2, "c2", device="SIP/life")
    scene.dials(3, "x1")
    assert (scene.calls(), scene.calls(LIFE)) == ((1, 1), (1, 0))
    assert (scene.view().channels, scene.view(LIFE).channels) == (2, 1)
    scene.end(4, "c1")
    scene.end(5, "x1")
    scene.end(6, "x1")
    assert (scene.view().channels, scene.calls()) == (0, (1, 1))


def test_a_call_is_counted_once_however_often_it_is_told(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.rings(1, "c1")
    scene.apply(ev.ChannelSeen("pbx1", scene.us(2), "c1", "PJSIP/kyivstar-0000000a", Position("from-trunk", BANK, "1"), False, True))
    scene.dials(3, "x1")
    scene.apply(LegDialled("pbx1", scene.us(3), "ann-1", "x1", "PJSIP/kyivstar-0000000b", Position("desk", STRANGER, "1")))
    assert scene.calls() == (1, 1)
    assert scene.view().channels == 2


def test_a_line_that_begins_silently_and_rings_later_is_a_call_to_us(scene: Carrier) -> None:
    scene.channel(1, "c1", "SIP/life-0000000a", position=Position("from-trunk", SHOP, "1"))
    assert scene.calls(LIFE) == (0, 0)
    scene.apply(ev.ChannelSeen("pbx1", scene.us(1.1), "c1", "SIP/life-0000000a", Position("from-trunk", SHOP, "1"), False, True))
    assert (scene.calls(LIFE), scene.dialled()) == ((1, 0), {SHOP: 1})


def test_an_originated_leg_is_a_call_out(scene: Carrier) -> None:
    scene.dials(1, "x1", caller=None)
    assert scene.calls() == (0, 1)


def test_phones_and_local_channels_are_no_lines(scene: Carrier) -> None:
    scene.channel(1, "a", "PJSIP/ann-0000000a", dialing=True)
    scene.channel(1, "b", f"Local/{STRANGER}@trunks-0000000a;2", dialing=True)
    scene.dials(1, "c", device="PJSIP/bob")
    assert (scene.calls(), scene.view().channels, scene.dialled()) == ((0, 0), 0, {})


def test_a_pattern_gathers_several_devices_into_one_trunk(scene: Carrier) -> None:
    scene.rings(1, "c1", device="PJSIP/ks-1")
    scene.rings(1, "c2", device="PJSIP/ks-2")
    assert (scene.calls(), scene.view().channels) == ((2, 0), 2)


def test_a_masquerade_moves_a_line_and_is_no_call(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.channel(2, "m", "AsyncGoto/PJSIP/kyivstar-0000000a")
    for call, name in (
        ("c1", "PJSIP/kyivstar-0000000a<MASQ>"),
        ("m", "PJSIP/kyivstar-0000000a"),
        ("c1", "AsyncGoto/PJSIP/kyivstar-0000000a<ZOMBIE>"),
    ):
        scene.apply(ev.ChannelRenamed("pbx1", scene.us(2), call, name))
    assert (scene.view().channels, scene.calls()) == (1, (1, 0))
    scene.end(3, "c1")
    assert scene.view().channels == 1
    scene.end(4, "m")
    assert scene.view().channels == 0


# --- dialled numbers --------------------------------------------------------------------------------------------------------------------


def test_arrivals_are_by_number_and_only_of_numbers_that_are_ours(scene: Carrier) -> None:
    for number, did in enumerate((BANK, BANK, SHOP, BOTH, STRANGER, "s", "")):
        scene.rings(number, f"c{number}", did)
    assert scene.dialled() == {BANK: 2, SHOP: 1, BOTH: 1, "other": 3}
    whose = {BANK: "bank", SHOP: "shop", BOTH: "", "other": ""}
    assert set(scene.floor.counters.did_calls) == {("pbx1", did, project) for did, project in whose.items()}


def test_what_an_agent_dials_is_nowhere(scene: Carrier) -> None:
    scene.dials(1, "x1")
    scene.comes_back(1, "x1", "congestion")
    assert STRANGER.encode() not in pickle.dumps((scene.floor.trunks, scene.floor.counters))


def test_arrivals_of_a_project_are_those_of_the_numbers_that_are_its_alone(scene: Carrier) -> None:
    scene.rings(1, "c1", BANK)
    scene.rings(61, "c2", BANK)
    scene.rings(62, "c3", BOTH)
    start = T0 - T0 % MINUTE
    trunks = scene.floor.trunks
    assert [trunks.since("bank", start, start + minutes * MINUTE) for minutes in (0, 1, 2)] == [0, 1, 2]
    assert trunks.since("shop", start, start + 2 * MINUTE) == 0
    assert trunks.since("taxi", start, start + 2 * MINUTE) is None, "it has no number"
    untrunked = Carrier(replace(agreed(), trunks=()))
    assert untrunked.floor.trunks.since("bank", start, start + MINUTE) is None, "nobody knows a trunk"


def test_arrivals_count_only_while_all_of_the_project_is_in_sight() -> None:
    projects = (project("bank", "bank", "pbx2/bank", dids=frozenset({BANK})),)
    scene = Carrier(contract(*projects, pbxs=("pbx1", "pbx2"), trunks=TRUNKS))
    scene.sight()
    scene.rings(1, "c1")
    scene.on("pbx2").sight(2)
    scene.rings(3, "c2")
    assert (scene.dialled(), scene.floor.trunks.since("bank", T0, T0 + MINUTE)) == ({BANK: 2}, 1)


def test_arrivals_are_forgotten_after_two_days_and_move_with_the_clock(scene: Carrier) -> None:
    trunks = scene.floor.trunks
    scene.rings(30, "c1")
    scene.floor.shift(3600 * SECOND)
    assert trunks.since("bank", T0 + 3600 * SECOND, T0 + 3660 * SECOND) == 1
    trunks.forget(T0 + 51 * 60 * MINUTE)
    assert trunks.since("bank", 0, T0 * 2) == 1
    trunks.forget(T0 + 51 * 60 * MINUTE + MINUTE + SECOND)
    assert trunks.since("bank", 0, T0 * 2) == 0


# --- attempts it refuses ----------------------------------------------------------------------------------------------------------------


def test_refusals_in_a_row_are_counted_until_something_gets_through(scene: Carrier) -> None:
    for second, status in enumerate(("chanunavail", "congestion", "noanswer", "cancel", "congestion")):
        scene.attempt(second, f"x{second}", status)
    assert (scene.view().failed, scene.view().failing_since) == (3, scene.us(0))
    scene.attempt(9, "x9", "busy")
    assert (scene.view().failed, scene.view().failing_since, scene.view().well_since) == (0, None, scene.us(9))
    failures = scene.floor.counters.trunk_failures
    assert (failures[KS, "chanunavail"], failures[KS, "congestion"], failures[LIFE, "congestion"]) == (1, 2, 0)


def test_the_second_word_on_an_attempt_does_not_count(scene: Carrier) -> None:
    scene.dials(1, "x1")
    for status in ("congestion", "congestion", "answer"):
        scene.comes_back(2, "x1", status)
    assert (scene.view().failed, scene.floor.counters.trunk_failures[KS, "congestion"]) == (1, 1)


def test_a_caller_s_line_refuses_nothing(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.comes_back(2, "c1", "congestion")
    assert scene.view().failed == 0


# --- endpoints --------------------------------------------------------------------------------------------------------------------------


def test_a_trunk_is_up_while_any_of_its_endpoints_is_told_reachable(scene: Carrier) -> None:
    assert scene.view().up is None
    scene.endpoint(1, False)
    assert scene.view().up is False
    scene.endpoint(2, True, "PJSIP/ks-1")
    assert (scene.view().up, scene.view().well_since) == (True, scene.us(2))
    scene.endpoint(3, False, "PJSIP/ks-1")
    assert (scene.view().up, scene.view(LIFE).up) == (False, None)


@pytest.mark.parametrize(
    ("statuses", "up"),
    [((0,), None), ((4,), None), ((1,), True), ((2,), True), ((5,), False), ((5, 2), False), ((5, 1), True), ((1, 5), False), ((5, 0), False)],
)
def test_a_device_s_state_tells_too_but_calls_that_linger_say_nothing(scene: Carrier, statuses: tuple[int, ...], up: bool | None) -> None:
    for second, status in enumerate(statuses, 1):
        scene.apply(DeviceSeen("pbx1", scene.us(second), "PJSIP/kyivstar", status))
        scene.apply(DeviceSeen("pbx1", scene.us(second), "PJSIP/ann", 5))
    assert scene.view().up is up


def test_a_phone_that_goes_away_is_no_trunk_s_business(scene: Carrier) -> None:
    scene.endpoint(1, False, "PJSIP/ann")
    assert (scene.view().up, scene.view(LIFE).up) == (None, None)


# --- capacity ---------------------------------------------------------------------------------------------------------------------------


def test_a_trunk_is_full_from_its_last_line_until_there_is_one_to_spare() -> None:
    scene = Carrier(agreed(Trunk(KS, ("PJSIP/kyivstar",), 10)))
    scene.sight()
    for number in range(10):
        assert scene.view().full_since is None
        scene.rings(number, f"c{number}")
    assert scene.view().full_since == scene.us(9)
    scene.end(20, "c0")
    scene.rings(20.5, "c10")
    assert scene.view().full_since == scene.us(9)
    scene.end(21, "c1")
    scene.end(21, "c2")
    assert scene.view().full_since is None


def test_without_a_capacity_it_is_never_full(scene: Carrier) -> None:
    for number in range(50):
        scene.rings(number, f"c{number}", device="SIP/life")
    assert scene.view(LIFE).full_since is None


# --- sight ------------------------------------------------------------------------------------------------------------------------------


def test_a_snapshot_shows_which_lines_are_in_use_and_counts_no_call() -> None:
    scene = Carrier()
    assert scene.floor.trunks.views() == ()
    scene.sight(channels=[row("c1"), row("c2", "PJSIP/ks-7"), row("p1", "PJSIP/ann")])
    assert (scene.view().channels, scene.view().full_since, scene.calls(), scene.dialled()) == (2, scene.us(0), (0, 0), {})
    scene.end(1, "c1")
    assert scene.view().channels == 1


def test_what_a_snapshot_shows_and_is_told_after_it_counts_once(scene: Carrier) -> None:
    scene.sight(5, channels=[row("c1")], listed_at=scene.us(6))
    scene.rings(5.5, "c1")
    assert (scene.view().channels, scene.calls(), scene.dialled()) == (1, (1, 0), {BANK: 1})


def test_out_of_sight_nothing_is_known_and_nothing_counts(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.endpoint(1, True)
    scene.attempt(2, "x1", "congestion")
    scene.lost(3)
    assert scene.floor.trunks.views() == ()
    scene.rings(4, "c2")
    scene.endpoint(4, False)
    scene.sight(10, channels=[row("c1"), row("c3")])
    view = scene.view()
    assert (view.channels, view.up, view.failed, scene.calls()) == (2, None, 0, (1, 1))


def test_a_line_that_a_new_snapshot_lacks_is_free(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.sight(5, channels=[], whole=False)
    assert scene.view().channels == 1
    scene.sight(9, channels=[])
    assert scene.view().channels == 0


def test_a_pbx_that_began_anew_has_no_lines_and_tells_of_its_endpoints_anew(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.endpoint(1, False)
    scene.sight(5, channels=[row("c9")], restarted=True)
    assert (scene.view().channels, scene.view().up) == (1, None)


# --- another contract -------------------------------------------------------------------------------------------------------------------


def test_another_contract_sorts_living_lines_anew_and_keeps_what_is_known_of_the_same_trunk(scene: Carrier) -> None:
    scene.rings(1, "c1")
    scene.rings(1, "c2", device="PJSIP/vodafone")
    scene.attempt(2, "x1", "congestion")
    scene.endpoint(2, True)
    vodafone = TrunkId("pbx1", "vodafone")
    scene.floor.change(agreed(TRUNKS[0], Trunk(vodafone, ("PJSIP/vodafone",))), scene.us(3))
    assert (scene.view().channels, scene.view().failed, scene.view().up) == (1, 1, True)
    assert scene.view(vodafone) == TrunkView(vodafone, 1, None, 0, None, 0, None)
    assert [view.id for view in scene.floor.trunks.views()] == [KS, vodafone]
    scene.end(4, "c2")
    assert (scene.view(vodafone).channels, scene.calls(vodafone)) == (0, (0, 0))
    scene.floor.change(agreed(Trunk(KS, ("PJSIP/ks-*",))), scene.us(5))
    assert (scene.view().channels, scene.view().failed, scene.view().up) == (0, 0, None)


# --- whatever comes ---------------------------------------------------------------------------------------------------------------------

CALLS = [f"c{number}" for number in range(6)]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("rings", "dials", "end", "renamed", "refused", "answered", "busy", "sight", "lost", "up", "down")),
        st.sampled_from(CALLS),
        st.sampled_from(("PJSIP/kyivstar", "PJSIP/ks-1", "SIP/life", "PJSIP/ann")),
    ),
    max_size=40,
)


def _happens(deeds: list[tuple[str, str, str]]) -> Iterator[Carrier]:
    scene = Carrier(strict=False)
    scene.sight()
    for number, (deed, call, device) in enumerate(deeds, 1):
        if deed == "rings":
            scene.rings(number, call, device=device)
        elif deed == "dials":
            scene.dials(number, call, device)
        elif deed == "end":
            scene.end(number, call)
        elif deed == "renamed":
            scene.apply(ev.ChannelRenamed("pbx1", scene.us(number), call, f"{device}-0000000d"))
        elif deed in ("refused", "answered", "busy"):
            scene.comes_back(number, call, {"refused": "congestion", "answered": "answer", "busy": "busy"}[deed])
        elif deed == "sight":
            scene.sight(number, channels=[row(call, device)])
        elif deed == "lost":
            scene.lost(number)
        else:
            scene.endpoint(number, deed == "up", device)
        yield scene


@given(DEEDS)
def test_lines_are_exactly_the_living_channels_of_the_trunk_and_counts_never_fall(deeds: list[tuple[str, str, str]]) -> None:
    before = (0, 0, 0, 0)
    living: dict[str, str] = {}
    for (deed, call, device), scene in zip(deeds, _happens(deeds), strict=True):
        side = scene.floor.sides["pbx1"]
        views = {view.id: view for view in scene.floor.trunks.views()}
        assert bool(views) is side.observed
        if deed == "sight":
            living = {call: device}
        elif deed == "lost":
            living = {}
        elif deed == "end":
            living.pop(call, None)
        elif deed in ("rings", "dials") or (deed == "renamed" and side.channels.get(call) is not None):
            living[call] = device
        if side.observed:
            assert views[KS].channels == sum(device in ("PJSIP/kyivstar", "PJSIP/ks-1") for device in living.values())
            assert views[LIFE].channels == sum(device == "SIP/life" for device in living.values())
            assert (views[KS].failing_since is None) is (views[KS].failed == 0)
        counts = (*scene.calls(), *scene.calls(LIFE))
        assert all(now >= then for now, then in zip(counts, before, strict=True))
        before = counts
        arrived = sum(scene.floor.counters.did_calls.values())
        assert arrived == scene.calls()[0] + scene.calls(LIFE)[0]


@given(DEEDS)
def test_a_floor_that_was_put_away_goes_on_the_same(deeds: list[tuple[str, str, str]]) -> None:
    for scene in list(_happens(deeds))[-1:]:
        again: Floor = pickle.loads(pickle.dumps(scene.floor))
        assert again.trunks.views() == scene.floor.trunks.views()
