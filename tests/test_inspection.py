"""What check says of a PBX it has logged in to: each finding, and no finding that is not known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from monitor import config, inspection
from monitor.inspection import Weight
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, event, member
from tests.sources.watching import now

FILE = """
[[pbx]]
name = "pbx1"
host = "{host}"
port = {port}
secret_env = "AMI_SECRET"
queue_log = "{queue_log}"
cdr = "{cdr}"
[[group]]
name = "floor"
[[project]]
name = "bank-line"
queues = ["bank", "nowhere"]
"""
RIGHTS = ("CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar", "QueueStatus")


def listed(session: Session, action: Headers) -> None:
    session.respond(action, **dict.fromkeys(RIGHTS, "what it does  (Priv: <none>)"))


def pbx(**queues: list[Headers]) -> Pbx:
    return Pbx(
        queues=queues,
        clock=now,
        answers={"ListCommands": listed},
        booted=event("FullyBooted") + event("DeviceStateChange", Timestamp="1795448567.000000"),
    )


async def findings(of: Pbx, folder: Path, *, host: str = "127.0.0.1", queue_log: str = "", cdr: str = "") -> dict[str, Weight]:
    async with of.listening() as port:
        file = folder / "floorwatch.toml"
        file.write_text(FILE.format(host=host, port=port, queue_log=queue_log, cdr=cdr))
        loaded = await asyncio.to_thread(config.load, file, {"AMI_SECRET": SECRET})
        return {finding.text: finding.weight for finding in await inspection.look(loaded, now)}


def those(found: dict[str, Weight], words: str) -> list[tuple[str, Weight]]:
    return [(text, weight) for text, weight in found.items() if words in text]


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


@pytest.mark.parametrize("key", ["queue_log", "cdr"])
async def test_files_of_a_pbx_on_this_machine_have_to_be_readable(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there, not_there = tmp_path / "there", tmp_path / "not-there"
    there.write_text("")
    assert not those(await findings(pbx(), tmp_path, **{key: str(there)}), "does not read it yet")
    remedy = "is not there; correct the path, or leave it empty; this version does not read it yet"
    assert those(await findings(pbx(), tmp_path, **{key: str(not_there)}), "does not read") == [(f"pbx1: {key} {not_there} {remedy}", Weight.WARNING)]
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may read everything, so the refusal is played
    ((text, _),) = those(await findings(pbx(), tmp_path, **{key: str(there)}), "does not read")
    assert f"{key} {there} may not be read; give the daemon's user the right to" in text


async def test_a_database_is_no_file_and_its_password_nobody_s_business(tmp_path: Path) -> None:
    found = await findings(pbx(), tmp_path, cdr="postgresql+psycopg://u:hunter2@db/cdr")
    assert not those(found, "cdr postgresql")
    assert "hunter2" not in str(found)
