"""People who are in no queue: on the floor while a device of theirs can be reached, and as everybody is in all else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from monitor.core import events as ev
from monitor.core import heal
from monitor.core.agents import Talk
from monitor.core.book import LABOUR
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Person, Presence
from monitor.core.counters import Component
from monitor.core.devices import DeviceSeen, by_device, group_of, listed
from monitor.core.gaps import bridge
from monitor.core.outgoing import Outbound
from monitor.core.pay import Pay, Wage
from monitor.core.snapshot import State
from tests.core.calling import OUT, Calling
from tests.core.looking import row
from tests.core.scene import AT_PHONE, REASONS, T0, Scene, contract, project
from tests.core.test_heal import rows, snapshot
from tests.core.test_muster import figures, mustered, told

IDLE, IN_USE, NOT_THERE, AWAY, RINGING = 1, 2, 4, 5, 6
FLOOR = Group("floor", pause_reasons=REASONS)
DIALERS = Group("dialers", ("PJSIP/d*",), Presence.DEVICE, pause_reasons=REASONS)
SALES = project("sales", group="dialers", outbound=Outbound(trunks=("PJSIP/d-carrier",)))
OLA = Person("7", "ola", ("PJSIP/ola", "pbx2:SIP/ola"), "dialers")


def agreed(*groups: Group, people: Iterable[Person] = (OLA,), **more: Any) -> Contract:
    return contract(project("bank"), SALES, groups=groups or (FLOOR, DIALERS), people=tuple(people), **more)


def dialing(at: float = 0, *who: str, **more: Any) -> Calling:
    """A floor with these phones idle."""
    scene = Calling(agreed(**more))
    scene.sight(0)
    for name in who:
        device(scene, at, name)
    return scene


def device(scene: Scene, at: float, who: str, status: int = IDLE) -> None:
    name = who if "/" in who or ":" in who else f"PJSIP/{who}"
    scene.apply(DeviceSeen(scene.pbx, scene.us(at), name, status))


# --- whose device it is -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("PJSIP/dan", "dialers"),
        ("PJSIP/ola", "dialers"),
        ("PJSIP/ann", None),
        ("SIP/ola", None),  # is hers on the other PBX
        ("Queue:dan", None),
        ("Local/dan@desk", None),
        ("PJSIP/d(1)", None),
        ("PJSIP/d,1", None),
    ],
)
def test_a_device_of_a_group_by_device_is_somebodys(name: str, group: str | None) -> None:
    found = group_of(agreed(pbxs=("pbx1", "pbx2")), "pbx1", name)
    assert (None if found is None else found.name) == group


def test_a_pattern_for_everything_is_of_phones_alone() -> None:
    everything = agreed(replace(DIALERS, members=("*",)))
    assert [group_of(everything, "pbx1", name) for name in ("Queue:bank", "Local/7@desk/n", "Custom:night", "MWI:7@home")] == [None] * 4
    assert group_of(everything, "pbx1", "DAHDI/1") is not None


def test_a_trunk_is_no_phone_whatever_a_pattern_says_but_what_a_row_says() -> None:
    assert group_of(agreed(), "pbx1", "PJSIP/d-carrier") is None
    assert group_of(agreed(people=[Person("1", "dan", ("PJSIP/d-carrier",), "dialers")]), "pbx1", "PJSIP/d-carrier") is DIALERS


def test_a_row_of_another_group_is_not_known_by_a_pattern() -> None:
    assert group_of(agreed(people=[Person("1", "dan", ("PJSIP/dan",), "floor")]), "pbx1", "PJSIP/dan") is None


def test_the_first_group_that_claims_a_device_has_it() -> None:
    by_member = Group("office", ("PJSIP/d1*",))
    assert group_of(agreed(by_member, DIALERS), "pbx1", "PJSIP/d12") is None
    assert group_of(agreed(DIALERS, by_member), "pbx1", "PJSIP/d12") is DIALERS


def test_the_agents_file_lists_devices_pbx_by_pbx() -> None:
    people = [OLA, Person("8", "dan", ("PJSIP/dan", "Local/8@desk/n")), Person("9", "ann", ("PJSIP/ann",))]
    both = agreed(people=people, pbxs=("pbx1", "pbx2"))
    assert listed(both, "pbx1") == ("PJSIP/ola", "PJSIP/dan")
    assert listed(both, "pbx2") == ("PJSIP/ola", "SIP/ola", "PJSIP/dan")
    assert by_device(both)
    assert not by_device(contract())


# --- on the floor, and off it -------------------------------------------------------------------------------------------------------------


def test_who_is_in_no_queue_is_available_from_the_first_word_of_their_phone() -> None:
    scene = dialing(10, "dan")
    assert scene.spent(40, "PJSIP/dan") == {State.AVAILABLE: 30}
    (view,) = scene.snap(40).agents
    assert (view.id, view.group, view.state, view.queues) == ("pbx1/PJSIP/dan", "dialers", State.AVAILABLE, frozenset())
    assert scene.floor.counters.agent_us["dialers", State.AVAILABLE] == 30 * SECOND


def test_out_of_reach_they_leave_the_floor_when_the_grace_is_over() -> None:
    scene = dialing(0, "dan")
    device(scene, 20, "dan", AWAY)
    assert scene.state(79, "PJSIP/dan") is State.UNREACHABLE
    assert scene.state(80, "PJSIP/dan") is None
    device(scene, 200, "dan")
    assert scene.spent(230, "PJSIP/dan") == {State.AVAILABLE: 50, State.UNREACHABLE: 60}


def test_a_phone_that_is_away_when_we_come_puts_nobody_on_the_floor() -> None:
    scene = dialing()
    device(scene, 1, "dan", AWAY)
    assert scene.spent(30, "PJSIP/dan") == {}


@pytest.mark.parametrize("name", ["PJSIP/trunk", "Queue:bank", "PJSIP/ann"])
def test_nobodys_device_makes_nobody(name: str) -> None:
    scene = dialing()
    device(scene, 1, name)
    assert scene.floor.staff.agents == {}


def test_a_device_that_is_not_there_makes_nobody_and_one_that_is_taken_away_is_away() -> None:
    scene = dialing()
    device(scene, 1, "dan", NOT_THERE)
    assert scene.floor.staff.agents == {}
    device(scene, 2, "dan")
    device(scene, 10, "dan", NOT_THERE)
    assert scene.spent(100, "PJSIP/dan") == {State.AVAILABLE: 8, State.UNREACHABLE: 60}


def test_two_phones_are_one_person_who_is_there_while_one_of_them_is() -> None:
    scene = dialing(0, "ola", pbxs=("pbx1", "pbx2"))
    other = scene.on("pbx2")
    other.sight(1)
    device(other, 1, "SIP/ola")
    device(scene, 10, "ola", AWAY)
    assert scene.state(100, "ola") is State.AVAILABLE
    device(other, 110, "SIP/ola", AWAY)
    assert scene.state(169, "ola") is State.UNREACHABLE
    assert scene.state(170, "ola") is None
    assert len(scene.floor.staff.agents) == 1


def test_who_was_away_for_days_is_nobody_any_more() -> None:
    scene = dialing(0, "dan")
    device(scene, 10, "dan", AWAY)
    scene.snap(49 * 3600)
    assert scene.floor.staff.agents
    scene.snap(51 * 3600)
    assert scene.floor.staff.agents == {}
    assert scene.floor.devices.known("pbx1") == []
    device(scene, 51 * 3600 + 10, "dan")
    assert scene.state(51 * 3600 + 20, "PJSIP/dan") is State.AVAILABLE


# --- at work --------------------------------------------------------------------------------------------------------------------------------


def test_a_call_of_their_own_is_no_idle_time() -> None:
    scene = dialing(0, "dan")
    scene.channel(10, "out", "PJSIP/dan-00000001", position=AT_PHONE, dialing=True)
    device(scene, 10, "dan", IN_USE)
    scene.end(40, "out", position=AT_PHONE)
    device(scene, 40, "dan")
    assert scene.spent(50, "PJSIP/dan") == {State.AVAILABLE: 20, State.OTHER: 30}


def test_whoever_becomes_known_in_the_middle_of_a_call_is_in_it() -> None:
    scene = Scene(agreed())
    scene.sight(0, channels=[row("out", "PJSIP/dan-00000001", position=AT_PHONE)])
    device(scene, 0.2, "dan", IN_USE)
    assert scene.state(1, "PJSIP/dan") is State.OTHER


def test_a_phone_in_use_that_nobody_explains_is_in_use_after_a_second() -> None:
    scene = dialing(0, "dan")
    device(scene, 10, "dan", IN_USE)
    assert scene.state(10.9, "PJSIP/dan") is State.AVAILABLE
    assert scene.state(11, "PJSIP/dan") is State.OTHER
    device(scene, 20, "dan")
    assert scene.state(20, "PJSIP/dan") is State.AVAILABLE


def test_ringing_is_available_as_it_reserves_nobody() -> None:
    scene = dialing(0, "dan")
    device(scene, 10, "dan", RINGING)
    assert scene.spent(20, "PJSIP/dan") == {State.AVAILABLE: 20}


def talk(scene: Scene, at: float, wrapup_us: int = 15 * SECOND) -> Talk:
    agent = scene.agent("PJSIP/dan")
    mine = Talk(agent, "pbx1", "out", None, SALES, None, None, scene.us(at), wrapup_us)
    scene.floor.staff.begin_talk(mine, scene.us(at))
    return mine


TRUNK = "PJSIP/d-carrier"


def test_who_is_in_no_queue_dials_talks_and_wraps_up() -> None:
    scene = dialing(0, "dan")
    device(scene, 0, TRUNK)
    scene.dials(1, "dan", "out", trunk=TRUNK)
    device(scene, 1, "dan", IN_USE)
    scene.takes(6, "out", "dan")
    scene.over(26, "out", "dan")
    device(scene, 26, "dan")
    assert scene.spent(60, "PJSIP/dan") == {State.AVAILABLE: 1 + 19, State.DIALING: 5, State.TALK: 20, State.WRAPUP: 15}
    assert scene.attempts("sales") == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert len(scene.floor.staff.agents) == 1


def test_whoever_becomes_known_while_they_dial_dials() -> None:
    scene = dialing()
    scene.dials(1, "dan", "out", trunk=TRUNK)
    device(scene, 2, "dan", IN_USE)
    assert scene.state(3, "PJSIP/dan") is State.DIALING
    scene.takes(6, "out", "dan")
    scene.over(26, "out", "dan")
    assert scene.spent(60, "PJSIP/dan") == {State.AVAILABLE: 19, State.DIALING: 4, State.TALK: 20, State.WRAPUP: 15}
    assert scene.attempts("sales")["handled"] == 1


@pytest.mark.parametrize(("up", "state"), [(False, State.DIALING), (True, State.TALK)])
def test_when_we_come_whoever_is_on_the_phone_is_so_for_the_project(up: bool, state: State) -> None:
    scene = Calling(agreed())
    own = row("own", "PJSIP/dan-0000000a", app="Dial", bridge="b" if up else "", position=OUT)
    called = row("out", f"{TRUNK}-0000000b", app="AppDial", bridge="b" if up else "", up=up, position=AT_PHONE)
    scene.sight(0, channels=[replace(own, linked="own"), replace(called, linked="own")])
    device(scene, 0.1, "dan", IN_USE)
    assert scene.state(5, "PJSIP/dan") is state
    assert scene.snap(5).agents[0].project == "sales"
    assert scene.attempts("sales")["attempts"] == 1


def test_wrapup_follows_a_talk_and_is_work_of_its_project() -> None:
    scene = dialing(0, "dan")
    scene.floor.staff.end_talk(talk(scene, 10), scene.us(40))
    assert scene.spent(100, "PJSIP/dan") == {State.AVAILABLE: 10 + 45, State.TALK: 30, State.WRAPUP: 15}
    assert scene.floor.counters.handle_us["sales", Component.WRAPUP] == 15 * SECOND


def test_a_talk_holds_them_on_the_floor_whatever_their_phone_says() -> None:
    scene = dialing(0, "dan")
    talk(scene, 10)
    device(scene, 20, "dan", AWAY)
    assert scene.state(200, "PJSIP/dan") is State.TALK


def test_their_time_is_paid() -> None:
    scene = dialing(0, "dan", pay=Pay((Wage(Decimal("180.00"), group="dialers"),)))
    scene.snap(60)
    assert scene.floor.ledger.groups["dialers"].total(0, None)[LABOUR] > 0


def test_who_runs_is_away_and_counted() -> None:
    scene = dialing(0, "dan", "ola")
    muster = mustered(scene, 10)
    device(scene, 20, "dan", AWAY)
    assert told(figures(scene, muster, 30)) == {"people": 2, "away": 1}
    device(scene, 40, "dan")
    assert told(figures(scene, muster, 50)) == {"people": 2, "back": 1}


# --- in a queue besides -----------------------------------------------------------------------------------------------------------------------


def test_a_member_of_a_queue_is_one_person_with_the_usual_pauses_and_stays_when_they_log_out() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0, members=[scene.row(0, "bank", "dan")])
    device(scene, 0, "dan")
    scene.member(10, "bank", "dan", paused=True, reason="lunch")
    scene.member(20, "bank", "dan")
    scene.removed(30, "bank", "dan")
    assert len(scene.floor.staff.agents) == 1
    assert scene.spent(40, "dan") == {State.AVAILABLE: 30, State.PAUSED: 10}


def test_a_member_whose_phone_was_not_asked_for_stays_too() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0, members=[scene.row(0, "bank", "dan")])
    scene.removed(30, "bank", "dan")
    assert scene.state(40, "dan") is State.AVAILABLE


def test_members_and_people_by_device_are_in_reach_while_either_list_says_so() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0, members=[scene.row(0, "bank", "dan")])
    device(scene, 0, "dan")
    scene.member(10, "bank", "dan", AWAY)
    assert scene.state(10, "dan") is State.AVAILABLE
    device(scene, 10.1, "dan", AWAY)
    assert scene.state(11, "dan") is State.UNREACHABLE


def test_whoever_logs_in_to_a_queue_of_a_group_by_membership_is_one_of_that_group_until_they_log_out() -> None:
    scene = dialing(0, "dan")
    scene.member(10, "bank", "dan")
    assert scene.snap(10).agents[0].group == "floor"
    device(scene, 15, "dan", AWAY)  # told by the member's state, not by this
    device(scene, 16, "dan")
    scene.removed(20, "bank", "dan")
    assert scene.snap(30).agents[0].group == "dialers"
    counted = scene.floor.counters.agent_us
    assert (counted["dialers", State.AVAILABLE], counted["floor", State.AVAILABLE]) == (20 * SECOND, 10 * SECOND)


def test_a_phone_behind_a_local_member_is_that_members_and_no_second_person() -> None:
    scene = dialing(0, "dan")
    local = ev.MemberSeen("pbx1", scene.us(10), "bank", "Local/dan@desk/n", "PJSIP/dan", "Dan", 1, False, "")
    scene.apply(local)
    device(scene, 11, "dan", IN_USE)
    device(scene, 12, "dan")
    assert [agent.name for agent in scene.snap(20).agents] == ["Dan"]
    scene.apply(ev.MemberRemoved("pbx1", scene.us(30), "bank", "Local/dan@desk/n"))
    assert [agent.name for agent in scene.snap(40).agents] == ["PJSIP/dan"]
    assert sum(scene.floor.counters.agent_us.values()) == 40 * SECOND


def test_wrapup_goes_on_when_a_member_logs_out_and_is_still_here() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0, members=[scene.row(0, "bank", "dan")])
    scene.call(10, "c", "dan", talk=10)
    scene.removed(22, "bank", "dan")
    assert scene.spent(60, "dan")[State.WRAPUP] == 15


# --- out of sight -----------------------------------------------------------------------------------------------------------------------------


def test_a_gap_that_no_log_tells_is_unobserved() -> None:
    scene = dialing(0, "dan")
    scene.lost(50)
    assert scene.state(60, "PJSIP/dan") is State.UNOBSERVED
    scene.sight(80)
    device(scene, 80, "dan")
    assert scene.spent(200, "PJSIP/dan") == {State.AVAILABLE: 50 + 120, State.UNOBSERVED: 30}


def test_a_gap_of_another_pbx_is_none_for_them() -> None:
    scene = dialing(0, "dan", pbxs=("pbx1", "pbx2"))
    other = scene.on("pbx2")
    other.sight(1)
    other.lost(50)
    assert scene.spent(100, "PJSIP/dan") == {State.AVAILABLE: 100}


def with_log(scene: Scene, lost: float, back: float, text: str, *members: ev.MemberSeen) -> None:
    """A gap that queue_log tells."""
    scene.apply(ev.LogSeen("pbx1", scene.us(lost - 1), True))
    scene.lost(lost)
    scene.snap((lost + back) / 2)
    seen = ev.SnapshotTaken("pbx1", scene.us(back), {"bank": "rrmemory"}, tuple(members), (), ())
    story = bridge(scene.floor, ev.GapTold("pbx1", seen.at, tuple(rows(text)), seen, 0))
    assert story is not None
    for event in (*story, seen):
        scene.apply(event)


def test_a_log_that_tells_of_queues_tells_nothing_of_who_is_in_none() -> None:
    scene = dialing(0, "dan")
    scene.member(0, "bank", "ann")
    call = "60|1.1|bank|NONE|ENTERQUEUE||0|1\n62|1.1|bank|ann|CONNECT|2|1.2|2\n70|1.1|bank|ann|COMPLETECALLER|2|8|1"
    with_log(scene, 50, 90, call, scene.row(90, "bank", "ann"))
    device(scene, 90, "dan")
    assert scene.spent(100, "ann") == {State.AVAILABLE: 62 + 15, State.TALK: 8, State.WRAPUP: 15}
    assert scene.spent(300, "PJSIP/dan") == {State.AVAILABLE: 50 + 210, State.UNOBSERVED: 40}


def test_who_logs_in_to_a_queue_in_a_gap_is_told_from_then_on() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0)
    device(scene, 0, "dan")
    with_log(scene, 50, 90, "70|NONE|bank|PJSIP/dan|ADDMEMBER|", scene.row(90, "bank", "dan"))
    assert scene.spent(300, "PJSIP/dan") == {State.AVAILABLE: 50 + 20 + 210, State.UNOBSERVED: 20}


def test_who_logs_out_of_their_queue_in_a_gap_is_told_until_then() -> None:
    scene = Scene(agreed(DIALERS, FLOOR))
    scene.sight(0, members=[scene.row(0, "bank", "dan")])
    device(scene, 0, "dan")
    with_log(scene, 50, 90, "70|NONE|bank|PJSIP/dan|REMOVEMEMBER|")
    device(scene, 90, "dan")
    assert scene.spent(300, "dan") == {State.AVAILABLE: 50 + 20 + 210, State.UNOBSERVED: 20}


def test_a_day_that_a_log_tells_has_people_in_their_queues_alone() -> None:
    """What their phone was besides, no log says."""
    day = ("60|NONE|bank|PJSIP/dan|ADDMEMBER|", "100|NONE|bank|PJSIP/dan|PAUSE|", "110|NONE|bank|PJSIP/dan|UNPAUSE|", "160|NONE|bank|PJSIP/dan|REMOVEMEMBER|")
    past = heal.retell(agreed(DIALERS, FLOOR), "pbx1", rows("\n".join(day)), snapshot(600), T0)
    assert sum(past.counters.agent_us.values()) == 100 * SECOND


def test_who_was_away_before_a_gap_and_after_it_was_not_here() -> None:
    scene = dialing(0, "dan")
    device(scene, 1, "dan", AWAY)
    scene.snap(70)
    with_log(scene, 100, 140, "110|NONE|bank|ann|PAUSE|")
    device(scene, 141, "dan", AWAY)
    assert scene.spent(300, "PJSIP/dan") == {State.AVAILABLE: 1, State.UNREACHABLE: 60}


def test_a_restart_of_the_pbx_takes_nobody_off_the_floor() -> None:
    scene = dialing(0, "dan")
    scene.lost(50)
    scene.sight(60, restarted=True)
    device(scene, 60, "dan", AWAY)
    assert scene.state(119, "PJSIP/dan") is State.UNREACHABLE
    assert scene.state(120, "PJSIP/dan") is None


# --- another contract ---------------------------------------------------------------------------------------------------------------------------


def change(scene: Scene, at: float, new: Contract) -> None:
    scene.floor.change(new, scene.us(at))
    scene.contract = new


def test_a_group_that_is_by_membership_now_has_nobody_who_is_in_no_queue() -> None:
    scene = dialing(0, "dan", "ola")
    change(scene, 30, agreed(FLOOR, replace(DIALERS, presence=Presence.MEMBER)))
    assert scene.snap(40).agents == ()
    assert scene.floor.devices.known("pbx1") == []
    assert scene.floor.counters.agent_us["dialers", State.AVAILABLE] == 60 * SECOND


def test_a_group_that_is_by_device_now_has_whoever_is_seen_from_then_on() -> None:
    scene = Scene(agreed(FLOOR, replace(DIALERS, presence=Presence.MEMBER)))
    scene.sight(0)
    device(scene, 1, "dan")
    assert scene.snap(10).agents == ()
    change(scene, 30, agreed())
    device(scene, 31, "dan")
    assert scene.spent(40, "PJSIP/dan") == {State.AVAILABLE: 9}


def test_a_phone_that_is_given_to_another_person_takes_its_state_along() -> None:
    scene = dialing(0, "dan", people=[])
    change(scene, 30, agreed(people=[Person("5", "Danylo", ("PJSIP/dan",), "dialers")]))
    (view,) = scene.snap(40).agents
    assert (view.id, view.name, view.state) == ("5", "Danylo", State.AVAILABLE)
    change(scene, 50, agreed(people=[]))
    (view,) = scene.snap(60).agents
    assert (view.id, view.name, view.state) == ("pbx1/PJSIP/dan", "PJSIP/dan", State.AVAILABLE)
    assert scene.floor.counters.agent_us["dialers", State.AVAILABLE] == 60 * SECOND


def test_whoever_is_no_longer_in_the_agents_file_is_off_the_floor() -> None:
    scene = dialing(0, "ola")
    change(scene, 30, agreed(people=[]))
    assert scene.snap(40).agents == ()


def test_one_of_two_phones_that_is_taken_out_of_the_file_counts_no_more() -> None:
    two = Person("7", "ola", ("PJSIP/ola", "PJSIP/mobile"), "dialers")
    scene = dialing(0, "ola", "mobile", people=[two])
    change(scene, 30, agreed(people=[replace(two, interfaces=("PJSIP/ola",))]))
    device(scene, 40, "ola", AWAY)
    assert scene.state(50, "ola") is State.UNREACHABLE
    assert [agent.name for agent in scene.snap(50).agents] == ["ola"]


def test_a_pbx_that_is_taken_out_takes_its_phones_along() -> None:
    scene = dialing(0, "ola", pbxs=("pbx1", "pbx2"))
    other = scene.on("pbx2")
    other.sight(1)
    device(other, 1, "SIP/ola")
    device(other, 1, "SIP/dora", NOT_THERE)
    change(scene, 30, agreed(pbxs=("pbx2",)))
    assert other.state(40, "ola") is State.AVAILABLE
    assert scene.floor.devices.known("pbx2") == ["SIP/ola"]
    assert scene.floor.staff.agents["7"].devices == {("pbx2", "SIP/ola"): IDLE}


def test_a_clock_that_steps_moves_the_grace_along() -> None:
    scene = dialing(0, "dan")
    device(scene, 20, "dan", AWAY)
    scene.snap(30)
    scene.floor.shift(MINUTE * 60)
    scene.start += MINUTE * 60
    assert scene.state(79, "PJSIP/dan") is State.UNREACHABLE
    assert scene.state(80, "PJSIP/dan") is None
