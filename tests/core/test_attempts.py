"""Who is called for a client: counted once, whoever dials, and worked on by whoever talks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.chronicle import AttemptEnded
from monitor.core.contract import SECOND
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import LinkLost
from monitor.core.regions import Regions
from monitor.core.signal_log import SignalTold
from monitor.core.signals import Signal
from monitor.core.snapshot import State
from tests.core.calling import OUT, Calling, agreed
from tests.core.scene import AT_PHONE, IN_QUEUE, NEXT


def calling(*who: str, queue: str = "bank", **more: int) -> Calling:
    scene = Calling(agreed(**more))
    scene.floor.keep()
    scene.staffed(*who, queue=queue)
    return scene


def told(scene: Calling) -> list[AttemptEnded]:
    _, details = scene.floor.chronicle.details.read(1000)
    return [one for one in details if isinstance(one, AttemptEnded)]


# --- an agent dials -------------------------------------------------------------------------------------------------------------------


def test_an_agent_dials_talks_and_wraps_up() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    assert scene.state(3, "ann") is State.DIALING
    scene.takes(6, "out", "ann")
    assert scene.state(7, "ann") is State.TALK
    scene.over(26, "out", "ann")
    assert scene.state(27, "ann") is State.WRAPUP
    assert scene.spent(60, "ann") == {State.AVAILABLE: 1 + 19, State.DIALING: 5, State.TALK: 20, State.WRAPUP: 15}
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.outward() == {
        "out_attempts": 1,
        "out_taken": 1,
        "out_contacts": 1,
        "out_dialing_us": 5,
        "out_talk_us": 20,
        "out_wrapup_us": 15,
    }
    assert (scene.contacts(), scene.visits()) == ({}, {})
    assert told(scene)[-1] == AttemptEnded(
        *("pbx1", "ann-out", "PJSIP/carrier-0000000b", "bank", "outbound", scene.us(1), "pbx1/PJSIP/ann", "answer"),
        *(scene.us(6), scene.us(26), True, 20 * SECOND, 0, 35 * SECOND),
    )


@pytest.mark.parametrize(
    ("status", "word"),
    [("busy", "busy"), ("noanswer", "noanswer"), ("cancel", "cancel"), ("congestion", "congestion"), ("chanunavail", "chanunavail"), ("goto", "other")],
)
def test_whoever_does_not_take_the_call_is_a_failure_by_the_pbxs_word(status: str, word: str) -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.fails(5, "out", status, "ann")
    assert scene.state(6, "ann") is State.OTHER
    scene.end(8, "ann-out", position=OUT)
    assert scene.spent(60, "ann") == {State.AVAILABLE: 53, State.DIALING: 4, State.OTHER: 3}
    assert scene.attempts() == {"attempts": 1, word: 1}
    assert [(one.status, one.taken_at, one.contact) for one in told(scene)] == [(word, None, False)]


def test_a_dial_that_is_told_twice_ends_once() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.fails(5, "out", "noanswer", "ann")
    scene.apply(LegResolved("pbx1", scene.us(5), "ann-out", "out", False, OUT, "cancel"))
    assert scene.attempts() == {"attempts": 1, "noanswer": 1}


def test_a_call_of_a_dialer_that_rings_out_has_no_end_but_the_channels() -> None:
    scene = calling("ann")
    scene.originated(1, "out")
    scene.end(9, "out")
    assert scene.attempts() == {"attempts": 1, "noanswer": 1}


def test_a_leg_that_is_gone_without_a_word_is_a_failure_of_no_name() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.end(4, "out")
    assert scene.attempts() == {"attempts": 1, "other": 1}
    assert scene.state(5, "ann") is State.OTHER


@pytest.mark.parametrize(("seconds", "contacts"), [(7.9, 0), (8, 1), (8.1, 1)])
def test_a_contact_is_who_was_there_long_enough(seconds: float, contacts: int) -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.over(3 + seconds, "out", "ann")
    scene.snap(60)
    assert scene.attempts().get("contacts", 0) == scene.attempts().get("handled", 0) == contacts
    assert scene.outward()["out_talk_us"] == seconds
    assert told(scene)[-1].contact is bool(contacts)


def test_a_contact_counts_while_the_talk_goes_on() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.snap(10.9)
    assert "contacts" not in scene.attempts()
    scene.snap(11)
    assert scene.attempts()["contacts"] == 1
    assert "handled" not in scene.attempts()


def test_hold_is_hold() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.apply(ev.HoldPressed("pbx1", scene.us(10), "ann-out"))
    scene.apply(ev.HoldReleased("pbx1", scene.us(14), "ann-out"))
    scene.over(20, "out", "ann")
    scene.snap(60)
    assert (scene.outward()["out_talk_us"], scene.outward()["out_hold_us"]) == (13, 4)


def test_whoever_is_paused_and_dials_works() -> None:
    scene = calling("ann")
    scene.member(0.5, "bank", "ann", paused=True, reason="lunch")
    scene.dials(1, "ann", "out")
    assert scene.state(2, "ann") is State.DIALING
    scene.takes(3, "out", "ann")
    assert scene.state(4, "ann") is State.TALK


# --- whose call it is -----------------------------------------------------------------------------------------------------------------


def test_a_call_over_another_trunk_is_nobodys() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out", trunk="PJSIP/other")
    assert scene.state(2, "ann") is State.OTHER
    assert scene.attempts() == {}


def test_a_queue_that_rings_somebody_outside_calls_nobody() -> None:
    """A member who is reached over the trunk is an agent."""
    scene = calling("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.channel(2, "leg", "PJSIP/carrier-0000000b", linked="c", position=AT_PHONE)
    scene.apply(ev.AgentRung("pbx1", scene.us(2), "c", "bank", "PJSIP/ann", "ann", "leg", "PJSIP/carrier-0000000b", OUT))
    scene.apply(LegDialled("pbx1", scene.us(2), "c", "leg", "PJSIP/carrier-0000000b", OUT, "380441234567"))
    assert scene.attempts() == {}


def test_a_caller_who_is_passed_on_to_a_number_outside_is_no_attempt() -> None:
    scene = calling("ann")
    scene.call_up(1, "c")
    scene.channel(10, "out", "PJSIP/carrier-0000000b", linked="c", position=AT_PHONE)
    scene.apply(LegDialled("pbx1", scene.us(10), "c", "out", "PJSIP/carrier-0000000b", NEXT, "380441234567"))
    assert scene.attempts() == {}


def test_a_colleague_is_nobody_outside() -> None:
    scene = calling("ann", "bob")
    scene.dials(1, "ann", "out", trunk="PJSIP/bob")
    assert scene.attempts() == {}


def test_through_local_channels_it_is_the_agent_who_dials() -> None:
    scene = calling("ann")
    half = "Local/380441234567@out-0000000d"
    scene.channel(1, "ann-out", "PJSIP/ann-000000aa", position=OUT, dialing=True)
    for name in ("1", "2"):
        scene.channel(1, f"l{name}", f"{half};{name}", linked="ann-out", position=OUT)
    scene.apply(LegDialled("pbx1", scene.us(1), "ann-out", "l1", f"{half};1", OUT, "380441234567"))
    scene.channel(1, "out", "PJSIP/carrier-0000000b", linked="ann-out", position=AT_PHONE)
    scene.apply(LegDialled("pbx1", scene.us(1), "l2", "out", "PJSIP/carrier-0000000b", OUT, "380441234567"))
    assert scene.state(2, "ann") is State.DIALING
    scene.apply(LegResolved("pbx1", scene.us(4), "l2", "out", True, OUT, "answer"))
    scene.apply(LegResolved("pbx1", scene.us(4), "ann-out", "l1", True, OUT, "answer"))
    assert scene.state(5, "ann") is State.TALK
    assert scene.attempts() == {"attempts": 1, "taken": 1}


def test_through_a_local_channel_that_rang_his_phone_first_it_is_the_agent_who_dials() -> None:
    """Click-to-call of a panel: `Local/ann@internal` is originated, and its first half goes on to the dialplan that dials."""
    scene = calling("ann")
    half = "Local/ann@internal-0000000d"
    for name in ("1", "2"):
        scene.channel(1, f"l{name}", f"{half};{name}", linked="l1", position=OUT)
    scene.channel(1, "ann-1", "PJSIP/ann-000000aa", linked="l1", position=AT_PHONE)
    scene.apply(LegDialled("pbx1", scene.us(1), "l2", "ann-1", "PJSIP/ann-000000aa", NEXT))
    scene.apply(LegResolved("pbx1", scene.us(2), "l2", "ann-1", True, NEXT, "answer"))
    scene.apply(ev.ChannelSeen("pbx1", scene.us(2), "ann-1", "PJSIP/ann-000000aa", AT_PHONE, True, False))
    scene.channel(3, "out", "PJSIP/carrier-0000000b", linked="l1", position=AT_PHONE)
    scene.apply(LegDialled("pbx1", scene.us(3), "l1", "out", "PJSIP/carrier-0000000b", OUT, "380441234567"))
    assert scene.state(4, "ann") is State.DIALING
    scene.apply(LegResolved("pbx1", scene.us(5), "l1", "out", True, OUT, "answer"))
    assert scene.state(6, "ann") is State.TALK
    assert scene.attempts() == {"attempts": 1, "taken": 1}


# --- dialers --------------------------------------------------------------------------------------------------------------------------


def test_a_dialer_pushes_whoever_took_the_call_into_a_queue_and_that_is_no_demand() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales", linked="out")
    scene.ring(5, "out", "ann", queue="sales")
    scene.answer(7, "out", "ann", queue="sales")
    scene.finish(27, "out", "ann", queue="sales")
    scene.snap(60)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.contacts() == {}
    assert scene.visits("sales") == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.outward() == {"out_attempts": 1, "out_taken": 1, "out_contacts": 1, "out_talk_us": 20, "out_wrapup_us": 15}
    assert (told(scene)[-1].agent, told(scene)[-1].ended_at) == ("pbx1/PJSIP/ann", scene.us(27))
    assert scene.snap(60).waiting_since.get("bank", ()) == ()


def test_whoever_hangs_up_before_an_agent_is_there_is_an_abandoned_contact() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales", linked="out")
    scene.hang_up(16, "out", "sales")
    scene.snap(60)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    assert scene.contacts() == {}


def test_somebody_a_dialer_elsewhere_pushed_in_is_a_contact_without_an_attempt() -> None:
    scene = calling("ann", queue="sales")
    scene.channel(1, "c")
    scene.join(1, "c", "sales")
    scene.ring(1, "c", "ann", queue="sales")
    scene.answer(3, "c", "ann", queue="sales")
    scene.finish(23, "c", "ann", queue="sales")
    scene.snap(60)
    assert scene.attempts() == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert (scene.contacts(), told(scene)) == ({}, [])


# --- passed on ------------------------------------------------------------------------------------------------------------------------


def test_a_contact_that_is_passed_on_is_counted_once_and_each_who_talked_has_their_time() -> None:
    scene = calling("ann", "bob")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.unbridge(13, "ann-out", "b-out", position=OUT)
    scene.unbridge(13, "out", "b-out")
    scene.end(13, "ann-out", position=OUT)
    scene.channel(13, "bob-1", "PJSIP/bob-000000bb", linked="ann-out", position=AT_PHONE)
    scene.apply(LegDialled("pbx1", scene.us(13), "out", "bob-1", "PJSIP/bob-000000bb", NEXT, "102"))
    scene.apply(LegResolved("pbx1", scene.us(16), "out", "bob-1", True, NEXT, "answer"))
    scene.bridge(16, "bob-1", "b2", name="PJSIP/bob-000000bb")
    scene.bridge(16, "out", "b2")
    assert scene.state(17, "bob") is State.TALK
    scene.unbridge(36, "out", "b2")
    scene.end(36, "out")
    scene.unbridge(36, "bob-1", "b2")
    scene.end(36, "bob-1")
    scene.snap(60)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert (scene.spent(60, "ann")[State.TALK], scene.spent(60, "bob")[State.TALK]) == (10, 20)
    assert scene.outward()["out_talk_us"] == 30
    assert told(scene)[-1].talk_us == 30 * SECOND


def test_a_contact_that_is_passed_on_into_a_queue_is_no_demand_there() -> None:
    scene = calling("ann", "bob")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.unbridge(13, "ann-out", "b-out", position=OUT)
    scene.unbridge(13, "out", "b-out")
    scene.end(13, "ann-out", position=OUT)
    scene.join(13, "out", "bank", linked="ann-out")
    scene.ring(13, "out", "bob")
    scene.answer(15, "out", "bob")
    scene.finish(25, "out", "bob")
    scene.snap(60)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.contacts() == {}
    assert scene.visits()["answered"] == 1
    assert scene.outward()["out_talk_us"] == 20


def test_passed_on_into_another_clients_queue_he_is_that_clients_caller() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.takes(3, "out", "ann")
    scene.unbridge(13, "out", "b-out")
    scene.over(13, "elsewhere", "ann")
    scene.join(13, "out", "shop", linked="ann-out")
    scene.hang_up(34, "out", "shop")
    scene.snap(60)
    assert scene.contacts("shop") == {"contacts": 1, "abandoned": 1}
    assert scene.attempts()["contacts"] == 1


@pytest.mark.parametrize("parked", [True, False])
def test_somebody_outside_who_is_asked_about_a_call_is_an_attempt_and_the_time_is_the_callers(parked: bool) -> None:
    scene = calling("ann")
    scene.call_up(1, "c", "ann")
    if parked:
        scene.apply(ev.HoldPressed("pbx1", scene.us(19), "ann-c"))
    scene.dials(20, "ann", "out")
    scene.takes(25, "out", "ann")
    assert scene.state(26, "ann") is (State.HOLD if parked else State.TALK)
    scene.over(60, "out", "ann")
    if parked:
        scene.apply(ev.HoldReleased("pbx1", scene.us(61), "ann-c"))
    scene.finish(80, "c", "ann", "ann-c")
    scene.snap(120)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.outward() == {"out_attempts": 1, "out_taken": 1, "out_contacts": 1}
    spent = scene.spent(120, "ann")
    assert spent[State.TALK] + spent.get(State.HOLD, 0) == 79
    assert (spent[State.WRAPUP], scene.contacts()["handled"]) == (15, 1)


# --- out of sight ---------------------------------------------------------------------------------------------------------------------


def channel_row(call: str, name: str, application: str, *, up: bool = True, bridge: str = "", linked: str = "ann-out", seconds: float = 5) -> ev.ChannelRow:
    return ev.ChannelRow(call, linked, name, OUT, up, application, "", bridge, round(seconds * SECOND))


def test_an_attempt_that_is_gone_after_a_gap_has_an_end_nobody_knows() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.apply(LinkLost("pbx1", scene.us(3)))
    scene.sight(20, members=[scene.row(20, "bank", "ann")])
    assert scene.attempts() == {"attempts": 1, "unresolved": 1}
    assert scene.state(21, "ann") is State.AVAILABLE
    assert [one.status for one in told(scene)] == ["unknown"]


def test_an_attempt_that_was_taken_in_a_gap_is_taken() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.apply(LinkLost("pbx1", scene.us(3)))
    rows = [channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", bridge="b"), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", bridge="b")]
    scene.sight(20, members=[scene.row(20, "bank", "ann", 2)], channels=rows)
    assert scene.state(21, "ann") is State.TALK
    assert scene.attempts() == {"attempts": 1, "taken": 1}
    scene.snap(29)
    assert scene.attempts()["contacts"] == 1


def test_calls_that_were_under_way_before_us_are_found() -> None:
    scene = Calling(agreed())
    rows = [
        *(channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", bridge="b"), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", bridge="b")),
        channel_row("bob-out", "PJSIP/bob-000000ab", "Dial", up=False, linked="bob-out"),
        channel_row("out2", "PJSIP/carrier-0000000c", "AppDial", up=False, linked="bob-out"),
    ]
    scene.sight(0, members=[scene.row(0, "bank", "ann", 2), scene.row(0, "bank", "bob", 2)], channels=rows)
    assert (scene.state(1, "ann"), scene.state(1, "bob")) == (State.TALK, State.DIALING)
    assert scene.attempts() == {"attempts": 2, "taken": 1}
    scene.sight(2, members=[scene.row(2, "bank", "ann", 2), scene.row(2, "bank", "bob", 2)], channels=rows)
    assert scene.attempts() == {"attempts": 2, "taken": 1}


# --- what held where he was called ----------------------------------------------------------------------------------------------------


def weather(region: str = "") -> Calling:
    """A storm in Kyiv from the tenth second on, and a law that holds for shop alone; bank calls into `region` unless more is known."""
    found = agreed()
    signals = (Signal("storm", "thunderstorm", ("Kyiv",)), Signal("law", "law", projects=("shop",)), Signal("fair", "holiday"))
    projects = tuple(replace(one, region=region) for one in found.projects)
    scene = Calling(replace(found, projects=projects, signals=signals, regions=Regions(country_code="380", prefixes=(("38044", "Kyiv"),))))
    scene.floor.keep()
    scene.staffed("ann")
    said(scene, 10, "storm")
    said(scene, 10, "law")
    return scene


def said(scene: Calling, at: float, name: str, *, on: bool = True) -> None:
    scene.floor.signals.hear(SignalTold("", scene.us(at), name, on), scene.floor.chronicle)


def test_an_attempt_is_told_with_the_signals_of_its_region_and_its_beginning() -> None:
    scene = weather()
    for at, number in ((5, "380441234567"), (20, "380441234567"), (40, "380671234567")):
        scene.dials(at, "ann", "out", number=number)
        scene.fails(at + 7, "out", "busy", "ann")
        scene.end(at + 8, "ann-out", position=OUT)
    assert [(one.region, one.signals) for one in told(scene)] == [("Kyiv", ""), ("Kyiv", "storm"), (None, "")]


def test_a_project_calls_into_its_region_where_no_more_is_known() -> None:
    scene = weather("Kyiv")
    scene.originated(20, "out")
    scene.fails(25, "out", "noanswer")
    assert [(one.region, one.signals) for one in told(scene)] == [("Kyiv", "storm")]


def test_an_attempt_keeps_the_signals_it_was_told_with_first() -> None:
    """What turns out later is of calls that are told later, though this one is worked on again."""
    scene = weather()
    scene.dials(20, "ann", "out")
    attempt = scene.floor.attempts.dialling["pbx1", "out"]
    scene.takes(25, "out", "ann")
    scene.over(40, "out", "ann")
    scene.floor.advance(scene.us(70))
    assert [one.signals for one in told(scene)] == ["storm"]
    scene.floor.signals.hear(SignalTold("", scene.us(80), "storm", on=False, since=scene.us(15)), scene.floor.chronicle)
    said(scene, 80, "fair")
    assert scene.floor.signals.at("bank", "Kyiv", attempt.at) == ()
    scene.floor.attempts._keep(attempt, scene.us(90))
    assert [one.signals for one in told(scene)] == ["storm", "storm"]


@pytest.mark.parametrize("unseen", [True, False])
def test_nobody_is_called_any_more_when_his_channel_is_gone_and_the_agents_lives_on(unseen: bool) -> None:
    """He hears that nobody was reached."""
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    if unseen:
        scene.lost(3)
    scene.sight(20, members=[scene.row(20, "bank", "ann")], channels=[channel_row("ann-out", "PJSIP/ann-000000aa", "Playtones")])
    assert scene.state(23, "ann") is State.OTHER
    assert scene.attempts() == {"attempts": 1, "unresolved": 1}


def test_who_calls_two_at_once_dials_until_the_last_of_them_is_over() -> None:
    for first, second in (("out", "out2"), ("out2", "out")):
        scene = calling("ann")
        scene.dials(1, "ann", "out")
        scene.channel(1, "out2", "PJSIP/carrier-0000000d", linked="ann-out", position=AT_PHONE)
        scene.apply(LegDialled("pbx1", scene.us(1), "ann-out", "out2", "PJSIP/carrier-0000000d", OUT, "380441234568"))
        scene.fails(4, first, "busy", "ann")
        assert scene.state(5, "ann") is State.DIALING
        scene.fails(6, second, "noanswer", "ann")
        assert scene.state(7, "ann") is State.OTHER
        assert scene.outward() == {"out_attempts": 2, "out_dialing_us": 5}


def test_a_step_of_the_clock_moves_whoever_was_given_up_once() -> None:
    scene = Calling(agreed())
    scene.sight(0, members=[scene.row(0, "sales", "ann")])
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales")
    scene.lost(20)
    scene.snap(200)
    (attempt,) = scene.floor.attempts.ended.values()
    scene.floor.shift(100 * SECOND)
    assert attempt.at == scene.us(101)


@pytest.mark.parametrize("taken", [True, False])
def test_who_lives_through_a_gap_that_was_given_up_is_no_second_one(taken: bool) -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    if taken:
        scene.takes(4, "out", "ann")
    scene.lost(6)
    scene.snap(200)
    rows = [channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", bridge="b"), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", bridge="b")]
    scene.sight(300, members=[scene.row(300, "bank", "ann", 2)], channels=rows)
    assert scene.state(301, "ann") is State.TALK
    scene.over(320, "out", "ann")
    scene.snap(400)
    counted = {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1}
    assert scene.attempts() == (counted if taken else counted | {"unresolved": 1, "handled": 1})
    assert scene.floor.counters.corrected == ({} if taken else {("pbx1", "", "outbound_unresolved"): 1})
    assert [(one.status, one.contact) for one in told(scene)] == [("unknown", False), ("answer", True)]


def test_who_is_still_being_called_after_a_gap_that_was_given_up_is_called_on() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.lost(6)
    scene.snap(200)
    rows = [channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", up=False), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", up=False)]
    scene.sight(300, members=[scene.row(300, "bank", "ann", 2)], channels=rows)
    assert scene.state(301, "ann") is State.DIALING
    scene.fails(310, "out", "busy", "ann")
    assert scene.attempts() == {"attempts": 1, "unresolved": 1, "busy": 1}
    assert scene.state(311, "ann") is State.OTHER


def test_what_became_of_whom_a_dialer_put_into_its_queue_in_a_gap_nobody_says() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales")
    scene.lost(20)
    scene.sight(40, members=[scene.row(40, "sales", "ann")])
    scene.snap(200)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1}


def test_who_is_through_after_a_short_gap_becomes_a_contact_if_he_stays() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales")
    scene.lost(5)
    scene.sight(8, members=[scene.row(8, "sales", "ann", 2)], channels=talking_in_sales(3))
    scene.snap(20)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1}


def talking_in_sales(seconds: float) -> list[ev.ChannelRow]:
    return [
        ev.ChannelRow("out", "out", "PJSIP/carrier-0000000c", IN_QUEUE, True, "Queue", "sales,t", "b", round(seconds * SECOND)),
        ev.ChannelRow("leg", "out", "PJSIP/ann-00000001", AT_PHONE, True, "AppQueue", "", "b", round(seconds * SECOND)),
    ]


def test_who_talks_in_a_dialers_queue_before_anybody_looked_is_outbound_work_and_nobodys_call() -> None:
    scene = Calling(agreed())
    scene.sight(0, members=[scene.row(0, "sales", "ann", 2)], channels=talking_in_sales(20))
    scene.unbridge(20, "out", "b", position=IN_QUEUE)
    scene.end(20, "out")
    scene.unbridge(20, "leg", "b")
    scene.end(20, "leg")
    scene.snap(60)
    assert {cell.name: amount for cell, amount in scene.minutes("bank").items()} == {
        "OBSERVED_US": 60 * SECOND,
        "OUT_TALK_US": 20 * SECOND,
        "OUT_WRAPUP_US": 15 * SECOND,
    }
    assert (scene.attempts(), scene.contacts()) == ({}, {})


def test_work_after_a_call_of_a_dialers_queue_before_anybody_looked_is_outbound() -> None:
    scene = Calling(agreed())
    scene.sight(0, members=[scene.row(0, "sales", "ann", last_call_at=scene.us(-3))])
    scene.snap(60)
    assert scene.outward() == {"out_wrapup_us": 12}
    assert not any(scene.floor.counters.handle_us.values())


def test_a_talk_of_a_dialers_queue_that_goes_on_after_a_gap_that_was_given_up_is_the_same() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(4, "out")
    scene.join(4, "out", "sales")
    scene.ring(5, "out", "ann", queue="sales")
    scene.answer(6, "out", "ann", queue="sales")
    scene.lost(16)
    scene.snap(200)
    scene.sight(300, members=[scene.row(300, "sales", "ann", 2)], channels=talking_in_sales(296))
    scene.unbridge(320, "out", "b", position=IN_QUEUE)
    scene.end(320, "out")
    scene.unbridge(320, "leg", "b")
    scene.end(320, "leg")
    scene.snap(400)
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1}
    assert scene.outward()["out_talk_us"] == 30
    assert not any(scene.floor.counters.handle_us.values())
    assert told(scene)[-1].ended_at == scene.us(320)


@pytest.mark.parametrize("known", [True, False])
def test_a_queues_member_who_is_reached_over_the_trunk_is_nobody_called(known: bool) -> None:
    """He works at home, and a list shows his talk."""
    home = "Local/0441112233@out/n"
    scene = Calling(agreed())
    scene.sight(0, members=[scene.row(0, "bank", home)])
    if known:
        scene.channel(1, "c1")
        scene.join(1, "c1")
    scene.lost(3)
    rows = [
        ev.ChannelRow("c1", "c1", "PJSIP/trunk-00000001", IN_QUEUE, True, "Queue", "bank,t", "b1", 5 * SECOND),
        ev.ChannelRow("l1", "c1", "Local/0441112233@out-00000001;1", AT_PHONE, True, "AppQueue", "", "b1", 4 * SECOND),
        ev.ChannelRow("l2", "c1", "Local/0441112233@out-00000001;2", OUT, True, "Dial", "", "b2", 4 * SECOND),
        ev.ChannelRow("leg", "c1", "PJSIP/carrier-0000000e", AT_PHONE, True, "AppDial", "", "b2", 4 * SECOND),
    ]
    scene.sight(6, members=[scene.row(6, "bank", home, 2)], channels=rows)
    scene.snap(20)
    assert (scene.attempts(), scene.outward()) == ({}, {})


def test_an_attempt_under_way_keeps_its_signals_when_others_are_configured() -> None:
    for taken in (False, True):
        scene = weather()
        scene.dials(20, "ann", "out")
        if taken:
            scene.takes(22, "out", "ann")
        scene.floor.attempts.note_signals()
        scene.floor.signals.change(scene.us(25), (), scene.floor.chronicle)
        if taken:
            scene.over(30, "out", "ann")
        else:
            scene.fails(30, "out", "busy", "ann")
        scene.snap(70)
        assert [one.signals for one in told(scene)] == ["storm"]
