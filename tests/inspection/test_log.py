"""What check says of a PBX's files: can they be read, are they this PBX's, are they written, and what they tell of the last day."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.contract import SECOND
from monitor.inspection import Weight
from tests.inspection.looking import findings, pbx, those
from tests.sources.fake_ami import Pbx, channel_headers, member
from tests.sources.watching import now


def log(folder: Path, *rows: tuple[int, str]) -> str:
    """A queue_log whose rows are so many seconds old."""
    file = folder / "queue_log"
    file.write_text("".join(f"{now() // SECOND - age}|{row}\n" for age, row in rows), encoding="utf-8")
    return str(file)


def bank(**more: str) -> Pbx:
    return pbx(bank=[member("bank", "PJSIP/1", Name="Олена Коваль", **more)])


def waiting(one: Pbx, call: str) -> Pbx:
    one.waiting = {"bank": [{"Queue": "bank", "Position": "1", "Channel": f"PJSIP/trunk-{call}", "Uniqueid": call, "Wait": "5"}]}
    return one


async def test_a_log_of_this_pbx_is_good_and_its_last_row_has_an_age(tmp_path: Path) -> None:
    file = log(tmp_path, (90_000, "1.1|attic|NONE|ENTERQUEUE||0|1"), (3600 * 3, "1.2|bank|NONE|ENTERQUEUE||0|1"), (61, "1.2|bank|Олена Коваль|CONNECT|5|1.3|4"))
    found = await findings(waiting(bank(), "1.2"), tmp_path, queue_log=file)
    ((text, weight),) = those(found, "queue_log")
    assert text in {f"pbx1: queue_log {file}: 2 rows in the last 24 hours, the last one {age} s old" for age in range(61, 75)}
    assert weight is Weight.OK


async def test_a_log_without_a_row_of_today_is_no_trouble_while_nobody_calls(tmp_path: Path) -> None:
    file = log(tmp_path, (90_000, "1.1|bank|NONE|ENTERQUEUE||0|1"))
    assert those(await findings(bank(), tmp_path, queue_log=file), "queue_log") == [
        (f"pbx1: queue_log {file}: readable, no row in the last 24 hours", Weight.OK)
    ]


async def test_a_log_of_another_pbx_is_bad(tmp_path: Path) -> None:
    file = log(tmp_path, (60, "1.1|sales|NONE|ENTERQUEUE||0|1"), (50, "1.2|help|NONE|ENTERQUEUE||0|1"))
    ((text, weight), *_) = those(await findings(bank(), tmp_path, queue_log=file), f"queue_log {file}")
    assert text == f"pbx1: queue_log {file} tells of help, sales, and this PBX has no such queue: it is another's; correct the path"
    assert weight is Weight.BAD


@pytest.mark.parametrize("rows", [[], [(7300, "1.1|bank|NONE|ENTERQUEUE||0|1")]])
async def test_a_caller_whom_the_log_does_not_know_shows_that_it_is_not_written(tmp_path: Path, rows: list[tuple[int, str]]) -> None:
    file = log(tmp_path, *rows)
    ((text, weight),) = those(await findings(waiting(bank(), "9.9"), tmp_path, queue_log=file), f"queue_log {file}")
    age = "the last one 2 h old" if rows else "nor has anybody of the last 24 hours"
    assert text.startswith(f"pbx1: queue_log {file}: 1 caller in queues now has no row in it, {age}; it is another PBX's or is not written")
    assert "9.9" not in text
    assert weight is Weight.WARNING


async def test_one_known_caller_in_a_talk_is_proof_enough(tmp_path: Path) -> None:
    one = waiting(bank(), "9.9")
    one.channels = [channel_headers("1.2", "PJSIP/trunk-1", Application="Queue", ApplicationData="bank,tT,,,40", BridgeId="b")]
    found = await findings(one, tmp_path, queue_log=log(tmp_path, (60, "1.2|bank|NONE|ENTERQUEUE||0|1")))
    assert [weight for _, weight in those(found, "queue_log")] == [Weight.OK]


async def test_pauses_without_a_reason_are_counted_once_a_person_and_moment(tmp_path: Path) -> None:
    file = log(
        tmp_path,
        (500, "NONE|NONE|Олена Коваль|PAUSEALL|"),
        (500, "NONE|bank|Олена Коваль|PAUSE|"),
        (500, "NONE|attic|Олена Коваль|PAUSE|"),
        (400, "NONE|bank|Олена Коваль|UNPAUSE|"),
        (300, "NONE|bank|Олена Коваль|PAUSE"),
        (200, "NONE|bank|Олена Коваль|PAUSE|lunch"),
        (100, "NONE|attic|Nina|PAUSE|"),
    )
    ((text, weight),) = those(await findings(bank(), tmp_path, queue_log=file), "paused without a reason in the last 24 hours")
    assert text.startswith("pbx1: paused without a reason in the last 24 hours: 2 times, by Олена Коваль; send a reason")
    assert weight is Weight.WARNING


async def test_people_of_the_log_who_are_in_no_queue_are_named_but_for_those_the_agents_file_knows(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("employee_id,name,interfaces\n7,Nina,PJSIP/7\n")
    rows = [(60, f"1.{number}|bank|{name}|CONNECT|5|1.3|4") for number, name in enumerate(("Олена Коваль", "PJSIP/1", "Nina", "Oleh", "NONE"))]
    found = await findings(bank(), tmp_path, queue_log=log(tmp_path, *rows), agents="agents.csv")
    ((text, weight),) = those(found, "but in no queue now")
    assert text.startswith("pbx1: in queue_log of the last 24 hours, but in no queue now: Oleh; their hours")
    assert weight is Weight.WARNING


async def test_calls_of_nobody_are_counted_by_queue(tmp_path: Path) -> None:
    rows = [(60, f"1.{number}|{queue}|NONE|ENTERQUEUE||0|1") for number, queue in enumerate(("attic", "attic", "bank", "cellar"))]
    ((text, weight),) = those(await findings(bank(), tmp_path, queue_log=log(tmp_path, *rows)), "nobody's")
    assert text == "pbx1: called in the last 24 hours, and nobody's: queue attic (2 calls), cellar (1 call); name it in queues of a [[project]]"
    assert weight is Weight.WARNING


async def test_a_log_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    ((text, weight),) = those(await findings(bank(), tmp_path, queue_log=str(tmp_path / "none")), "queue_log")
    assert text == f"pbx1: queue_log {tmp_path}/none: there is no such file; correct queue_log, or leave it empty"
    assert weight is Weight.WARNING
    ((text, _),) = those(await findings(bank(), tmp_path, queue_log=str(tmp_path)), "queue_log")
    assert "is a directory; name the file in it" in text
    assert not those(await findings(bank(), tmp_path), "queue_log")


async def test_a_log_of_a_pbx_elsewhere_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.inspection.log.is_loopback", lambda _: False)
    ((text, weight),) = those(await findings(bank(), tmp_path, queue_log=str(tmp_path / "none"), cdr=str(tmp_path / "none")), "none")
    assert "is not on this machine" in text
    assert weight is Weight.OK


async def test_a_cdr_file_has_to_be_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, not_there = tmp_path / "there", tmp_path / "not-there"
    there.write_text("")
    assert not those(await findings(bank(), tmp_path, cdr=str(there)), "cdr ")
    there.write_text("1796067286|NONE|NONE|NONE|QUEUESTART|\n")
    ((text, weight),) = those(await findings(bank(), tmp_path, cdr=str(there)), "cdr ")
    assert f"cdr {there}: is no Master.csv" in text
    assert weight is Weight.WARNING
    remedy = "is not there; correct the path, or leave it empty"
    assert those(await findings(bank(), tmp_path, cdr=str(not_there)), "cdr ") == [(f"pbx1: cdr {not_there} {remedy}", Weight.WARNING)]
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may read everything, so the refusal is played
    ((text, _),) = those(await findings(bank(), tmp_path, cdr=str(there)), "cdr ")
    assert f"cdr {there} may not be read; give the daemon's user the right to" in text


async def test_a_database_has_to_answer_and_its_password_is_nobodys_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = "postgresql+psycopg://u@127.0.0.1:1/cdr"
    url = where.replace("u@", "u:hunter2@")
    ((text, weight),) = those(found := await findings(bank(), tmp_path, cdr=url), "cdr postgresql")
    assert text.startswith(f"pbx1: cdr {where}: connection failed: ")
    assert text.endswith("Connection refused; start the server, let this machine reach it, or correct host and port in cdr")
    assert weight is Weight.WARNING
    assert "hunter2" not in str(found)
    monkeypatch.setattr("monitor.sources.cdr_base.check", lambda _: None)
    found = await findings(bank(), tmp_path, cdr=f"{url}?table=calls")
    assert those(found, "cdr postgresql") == [(f"pbx1: cdr {where}: readable, table calls", Weight.OK)]
    assert "hunter2" not in str(found)
