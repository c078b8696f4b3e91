"""What check says of a PBX it has logged in to: each finding, and no finding that is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.inspection import Weight
from tests.inspection.looking import findings, pbx, those
from tests.sources.fake_ami import Headers, Session, member


async def test_a_queue_that_is_missing_is_bad_and_one_of_nobody_worth_a_word(tmp_path: Path) -> None:
    found = await findings(pbx(bank=[member("bank", "PJSIP/1")], attic=[]), tmp_path)
    assert found["pbx1: has no queue 'nowhere'; it has attic, bank"] is Weight.BAD
    assert found["pbx1: queue bank: 1 member, leastrecent"] is Weight.OK
    assert [weight for _, weight in those(found, "queue attic belongs to no project")] == [Weight.WARNING]
    assert not those(found, "paused without")
    assert not those(found, "queues.conf")


async def test_of_queues_it_may_not_see_it_claims_nothing(tmp_path: Path) -> None:
    one = pbx(bank=[member("bank", "PJSIP/1")])
    one.answers["QueueStatus"] = lambda session, action: session.respond(action, "Error", Message="Permission denied")
    found = await findings(one, tmp_path)
    assert [weight for _, weight in those(found, "may not run QueueStatus")] == [Weight.BAD]
    assert not those(found, "has no queue")


async def test_pauses_without_a_reason_are_named(tmp_path: Path) -> None:
    rows = [member("bank", f"PJSIP/{number}", Paused="1") for number in range(1, 6)] + [member("bank", "PJSIP/6", Paused="1", PausedReason="lunch")]
    ((text, weight),) = those(await findings(pbx(bank=rows), tmp_path), "paused without a reason")
    assert text.startswith("pbx1: paused without a reason now: 5, such as PJSIP/1 (PJSIP/1), PJSIP/2 (PJSIP/2), PJSIP/3 (PJSIP/3); send a reason")
    assert weight is Weight.WARNING


async def test_members_who_never_log_out_are_named(tmp_path: Path) -> None:
    rows = [member("bank", "PJSIP/1", Membership="static"), member("bank", "PJSIP/2", Membership="dynamic")]
    found = await findings(pbx(bank=rows, attic=[member("attic", "PJSIP/3", Membership="static")]), tmp_path)
    ((text, weight),) = those(found, "queues.conf")
    assert text.startswith("pbx1: members by queues.conf: PJSIP/1 (PJSIP/1); they are present day and night")
    assert weight is Weight.WARNING


@pytest.mark.parametrize(("presence", "warned"), [("member", True), ("unpaused", False), ("hours", False), ("device", False)])
async def test_who_never_logs_out_is_no_trouble_where_presence_says_otherwise(tmp_path: Path, presence: str, warned: bool) -> None:
    found = await findings(pbx(bank=[member("bank", "PJSIP/1", Membership="static")]), tmp_path, group=f'presence = "{presence}"\nmembers = ["PJSIP/*"]')
    assert bool(those(found, "queues.conf")) is warned


async def test_a_queue_where_everybody_rings_is_noted(tmp_path: Path) -> None:
    def listed(session: Session, action: Headers) -> None:
        session.respond(action, EventList="start")
        session.item(action, "QueueParams", {"Queue": "bank", "Strategy": "ringall"})
        session.item(action, "QueueStatusComplete", {"EventList": "Complete"})

    one = pbx()
    one.answers["QueueStatus"] = listed
    found = await findings(one, tmp_path)
    assert found["pbx1: queue bank: 0 members, ringall; every free phone rings, so ringing reserves nobody and counts as available"] is Weight.OK


def named(interface: str, name: str) -> Headers:
    return member("bank", interface, Name=name)


async def test_names_that_queue_log_cannot_hold_or_tell_apart_are_named(tmp_path: Path) -> None:
    rows = [named("PJSIP/1", "Ivan"), named("PJSIP/2", "Ivan"), named("PJSIP/3", "O|eg"), named("PJSIP/4", "Ola"), named("SIP/4", "Ola")]
    (tmp_path / "agents.csv").write_text("employee_id,name,interfaces\n4,Ola,PJSIP/4 SIP/4\n")
    found = await findings(pbx(bank=rows), tmp_path, agents="agents.csv")
    ((twice, weight),) = those(found, "several members of one name")
    assert twice.startswith("pbx1: several members of one name: Ivan (PJSIP/1, PJSIP/2); queue_log cannot tell them apart")
    assert weight is Weight.WARNING
    ((bars, _),) = those(found, "has | in the name")
    assert "PJSIP/3 (O|eg)" in bars


AGENTS = "employee_id,name,interfaces,group\n1,Ola,PJSIP/7,floor\n2,Dan,PJSIP/8 SIP/8,floor\n3,Ann,PJSIP/9,floor\n"


async def test_phones_of_people_in_no_queue_are_asked_for_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text(AGENTS)
    one = pbx(bank=[])
    one.devices = {"PJSIP/7": "NOT_INUSE", "PJSIP/8": "UNAVAILABLE", "PJSIP/9": "INUSE"}
    found = await findings(one, tmp_path, group='presence = "device"', agents="agents.csv")
    assert those(found, "by device") == [("pbx1: group floor by device: 3 phones, 2 within reach", Weight.OK)]
    assert those(found, "no such phone") == [("pbx1: has no such phone: SIP/8 (Dan); correct interfaces in the agents file", Weight.BAD)]


async def test_where_nobody_is_known_by_a_device_none_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text(AGENTS)
    one = pbx(bank=[])
    found = await findings(one, tmp_path, agents="agents.csv")
    assert one.actions("Getvar") == []
    assert not those(found, "by device")
