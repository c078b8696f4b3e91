"""The devices of people in no queue: which DeviceStateChange is read, which states are asked for and when, and that nothing else changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core import events as ev
from monitor.core.contract import Contract, Group, Person
from monitor.core.devices import DeviceSeen
from monitor.sources.ami.decoder import Decoder
from monitor.sources.ami.devices import AT_ONCE, STATES, Devices
from monitor.sources.ami.stats import LinkState
from monitor.sources.ami.translate import WANTED
from tests.core.scene import contract, project
from tests.core.test_devices import DIALERS, FLOOR, OLA, agreed
from tests.sources.fake_ami import Headers, Pbx, Session, channel_headers, event
from tests.sources.recordings import MIXED, name, wire
from tests.sources.watching import STERN, until, watching

PLAIN = contract(project("bank"))


def changed(device: str, state: str) -> bytes:
    return event("DeviceStateChange", Device=device, State=state)


def frame(device: str) -> bytes:
    return changed(device, "INUSE").rstrip()


def crew(count: int) -> Contract:
    return agreed(FLOOR, replace(DIALERS, members=()), people=[Person(str(n), f"p{n}", (f"PJSIP/{n}",), "dialers") for n in range(count)])


# --- what is read -------------------------------------------------------------------------------------------------------------------


def test_of_device_state_changes_only_those_of_somebodys_device_pass() -> None:
    devices = Devices(agreed(), "pbx1")
    names = ("PJSIP/dan", "PJSIP/ola", "PJSIP/ann", "Queue:dan", "Local/dan@desk", "Queue:bank_avail")
    for _ in range(2):  # the second time it is known
        assert [one for one in names if devices.passes(frame(one))] == ["PJSIP/dan", "PJSIP/ola"]
    assert devices.passes(b"Event: DeviceStateChange\r\nState: INUSE\r\nDevice: PJSIP/dan")


def test_without_a_group_by_device_none_passes_and_nothing_is_asked() -> None:
    devices = Devices(PLAIN, "pbx1", lambda: ["PJSIP/1"])
    assert not devices.passes(frame("PJSIP/1"))
    assert devices.to_ask([]) == []


def test_names_cannot_fill_the_memory() -> None:
    devices = Devices(agreed(), "pbx1")
    for number in range(50_000):
        devices.passes(frame(f"PJSIP/{number}"))
    assert len(devices._names) <= 20_000


@pytest.mark.parametrize("path", MIXED, ids=name)
def test_of_a_real_session_only_the_changes_of_phones_are_read(path: Path) -> None:
    everybody = Devices(agreed(replace(DIALERS, members=("PJSIP/agent*",))), "pbx1")
    heard = Decoder(WANTED, sieves={"DeviceStateChange": everybody.passes}).feed(wire(path))
    plain = Decoder(WANTED).feed(wire(path))
    more = [message for message in heard if message.get("Event") == "DeviceStateChange"]
    assert [message for message in heard if message not in more] == plain
    assert len(more) > 50
    assert all(message["Device"].startswith("PJSIP/agent") and message["State"] in STATES for message in more)


def test_what_is_asked_for_is_listed_known_or_in_a_call() -> None:
    devices = Devices(agreed(), "pbx1", lambda: ["PJSIP/dan", "PJSIP/ola", "PJSIP/gone"])
    rows = [ev.ChannelRow("1", "1", f"{one}-0000000a", ev.Position("", "", ""), True, "", "", "", 0) for one in ("PJSIP/dora", "PJSIP/ann", "PJSIP/dan")]
    assert devices.to_ask(rows) == ["PJSIP/ola", "PJSIP/dan", "PJSIP/dora"]


# --- a session -----------------------------------------------------------------------------------------------------------------------


async def test_at_the_start_the_listed_are_asked_for_and_told_after_the_snapshot() -> None:
    pbx = Pbx(devices={"PJSIP/ola": "NOT_INUSE"})
    async with watching(pbx, devices=Devices(agreed(), "p")) as it:
        await it.live()
        await it.heard(DeviceSeen)
        assert [type(one) for one in it.inbox.events] == [ev.SnapshotTaken, DeviceSeen]
        seen = it.inbox.of(DeviceSeen)[0]
        assert (seen.device, seen.status) == ("PJSIP/ola", 1)
        assert it.inbox.snapshots[0].at <= seen.at
    (asked,) = pbx.actions("Getvar")
    assert asked["Variable"] == "DEVICE_STATE(PJSIP/ola)"
    assert "Channel" not in asked


async def test_what_changes_while_lists_are_read_is_told_in_its_order() -> None:
    pbx = Pbx(devices={"PJSIP/ola": "UNAVAILABLE"})

    def raised_meanwhile(session: Session, action: Headers) -> None:
        session.send(changed("PJSIP/dan", "INUSE"))
        Session._getvar(session, action)
        session.send(changed("PJSIP/ola", "NOT_INUSE") + changed("Queue:bank", "INUSE"))

    pbx.answers["Getvar"] = raised_meanwhile
    async with watching(pbx, devices=Devices(agreed(), "p")) as it:
        await it.heard(DeviceSeen, 3)
        assert [(one.device, one.status) for one in it.inbox.of(DeviceSeen)] == [("PJSIP/dan", 2), ("PJSIP/ola", 5), ("PJSIP/ola", 1)]


async def test_a_change_is_told_as_it_comes() -> None:
    pbx = Pbx()
    async with watching(pbx, devices=Devices(agreed(), "p")) as it:
        await it.live()
        for state in STATES:
            pbx.live.send(changed("PJSIP/dan", state) + changed("PJSIP/ann", state))
        await until(lambda: len(it.inbox.of(DeviceSeen)) == 1 + len(STATES))
        assert [(one.device, one.status) for one in it.inbox.of(DeviceSeen)][1:] == [("PJSIP/dan", number) for number in range(9)]


async def test_without_a_group_by_device_nothing_of_it_is_told() -> None:
    pbx = Pbx()
    async with watching(pbx, devices=Devices(PLAIN, "p")) as it:
        await it.live()
        pbx.live.send(changed("PJSIP/1", "INUSE") + event("Hold", **channel_headers("9.1", "PJSIP/9")))
        await it.heard(ev.HoldPressed)
        assert it.inbox.of(DeviceSeen) == []
    assert pbx.actions("Getvar") == []


async def test_five_hundred_are_asked_for_in_parts_and_all_are_told() -> None:
    waiting: list[tuple[Session, Headers]] = []
    most = 0

    def later(session: Session, action: Headers) -> None:
        nonlocal most
        waiting.append((session, action))
        most = max(most, len(waiting))
        asyncio.get_running_loop().call_later(0.001, lambda: Session._getvar(*waiting.pop(0)))

    pbx = Pbx(answers={"Getvar": later}, devices={f"PJSIP/{n}": "NOT_INUSE" for n in range(500)})
    async with watching(pbx, devices=Devices(crew(500), "p")) as it:
        await it.heard(DeviceSeen, 500)
        assert {one.device for one in it.inbox.of(DeviceSeen)} == set(pbx.devices)
        assert most <= AT_ONCE


async def test_a_pbx_that_never_answers_for_a_device_gives_no_snapshot() -> None:
    pbx = Pbx(answers={"Getvar": lambda session, action: None})
    async with watching(pbx, pace=STERN, devices=Devices(agreed(), "p")) as it:
        await until(lambda: len(pbx.sessions) > 2)
        assert it.inbox.snapshots == []
        assert "Getvar was not answered" in (it.stats.problem or "")


async def test_a_refused_right_is_said_with_its_remedy() -> None:
    pbx = Pbx(answers={"Getvar": lambda session, action: session.respond(action, "Error", Message="Permission denied")})
    async with watching(pbx, devices=Devices(agreed(), "p")) as it:
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        assert it.stats.problem is not None
        assert "may not Getvar" in it.stats.problem
        assert "write = reporting" in it.stats.problem


async def test_another_refusal_costs_one_device_and_not_the_others() -> None:
    pbx = Pbx(devices={f"PJSIP/{n}": "INUSE" for n in range(60)})

    def some(session: Session, action: Headers) -> None:
        if action["Variable"] == "DEVICE_STATE(PJSIP/3)":
            session.respond(action, "Error", Message="GetVar Access Forbidden: Variable")
        else:
            Session._getvar(session, action)

    pbx.answers["Getvar"] = some
    async with watching(pbx, devices=Devices(crew(60), "p")) as it:
        await it.live()
        await it.heard(DeviceSeen, 59)
        assert len({one.device for one in it.inbox.of(DeviceSeen)}) == 59


async def test_after_a_gap_they_are_asked_for_again_and_those_who_are_known_too() -> None:
    pbx = Pbx(devices={"PJSIP/ola": "NOT_INUSE", "PJSIP/dan": "UNAVAILABLE"})
    known: list[str] = []
    async with watching(pbx, devices=Devices(agreed(), "p", lambda: known)) as it:
        await it.live()
        known.append("PJSIP/dan")
        pbx.live.hang_up()
        await it.live(2)
        await it.heard(DeviceSeen, 3)
        assert [(one.device, one.status) for one in it.inbox.of(DeviceSeen)] == [("PJSIP/ola", 1), ("PJSIP/ola", 1), ("PJSIP/dan", 5)]


@pytest.mark.parametrize("due", ["reload", "periodic"])
async def test_what_changes_without_a_word_is_found_by_asking(due: str) -> None:
    pbx = Pbx(devices={"PJSIP/ola": "NOT_INUSE"})
    async with watching(pbx, devices=Devices(agreed(), "p"), reconcile_seconds=0.05 if due == "periodic" else 1000) as it:
        await it.live()
        await it.heard(DeviceSeen)
        pbx.devices["PJSIP/ola"] = "UNAVAILABLE"
        if due == "reload":
            pbx.live.send(event("Reload", Module="res_pjsip.so", Status="0"))
        await until(lambda: it.inbox.of(DeviceSeen)[-1].status == 5)
        assert len(it.inbox.snapshots) == 1


async def test_another_agents_file_is_a_new_look_and_no_gap() -> None:
    pbx = Pbx(devices={"PJSIP/ola": "NOT_INUSE", "PJSIP/7": "NOT_INUSE"})
    async with watching(pbx, devices=Devices(PLAIN, "p")) as it:
        await it.live()
        settings = it.client._watch.settings
        it.client.change(settings, ("bank",), None, Devices(replace(PLAIN, groups=(Group("floor"), Group("night"))), "p"), reconnect=False)
        it.client.change(settings, ("bank",), None, Devices(agreed(), "p"), reconnect=False)
        await it.live(2)
        await it.heard(DeviceSeen)
        it.client.change(settings, ("bank",), None, Devices(agreed(), "p"), reconnect=False)
        it.client.change(settings, ("bank",), None, Devices(agreed(people=[OLA, Person("7", "x", ("PJSIP/7",), "dialers")]), "p"), reconnect=False)
        await it.live(3)
        await it.heard(DeviceSeen, 3)
        pbx.live.send(changed("PJSIP/7", "INUSE"))
        await it.heard(DeviceSeen, 4)
        assert it.inbox.losses == []
        assert len(it.inbox.snapshots) == 3


def test_states_have_a_members_numbers() -> None:
    assert [STATES[number] for number in (0, 1, 4, 5, 8)] == ["UNKNOWN", "NOT_INUSE", "INVALID", "UNAVAILABLE", "ONHOLD"]
