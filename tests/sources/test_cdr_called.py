"""Who was called, from what a real Asterisk wrote."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import SECOND
from monitor.errors import LogUnreadable
from monitor.sources.cdr_called import CalledRecord, called

CAPTURES = Path(__file__).parents[1] / "scenarios" / "captures"
EVER = 1 << 60
KYIV = ZoneInfo("Europe/Kyiv")


def read(name: str, version: int = 22, since: int = 0, until: int = EVER) -> list[CalledRecord]:
    return called(CAPTURES / f"out-{version}" / f"{name}.cdr", "pbx1", KYIV, since, until)


def up(record: CalledRecord) -> float | None:
    return None if record.taken_at is None else (record.ended_at - record.taken_at) / SECOND


@pytest.mark.parametrize("version", [16, 22])
@pytest.mark.parametrize(
    ("name", "status", "device", "number"),
    [
        *(("answered", "answer", "PJSIP/trunk-a", "910014001"), ("busy", "busy", "PJSIP/trunk-a", "910034004")),
        *(("ringout", "noanswer", "PJSIP/trunk-a", "910094007"), ("cancelled", "noanswer", "PJSIP/trunk-a", None)),
        *(("congestion", "congestion", "PJSIP/trunk-a", None), ("rejected", "noanswer", "PJSIP/trunk-a", None)),
        *(("context", "answer", "PJSIP/trunk-b", None), ("click-to-call", "answer", "PJSIP/trunk-a", None)),
        *(("dialer-queue", "answer", "PJSIP/trunk-a", "910015024"), ("dialer-abandon", "answer", "PJSIP/trunk-a", None)),
        *(("originate-local", "answer", "PJSIP/trunk-a", None), ("call-file", "answer", "PJSIP/trunk-a", None)),
        *(("blind-transfer", "answer", "PJSIP/trunk-a", None), ("into-queue", "answer", "PJSIP/trunk-a", None)),
        *(("attended-transfer", "answer", "PJSIP/trunk-a", None), ("hold", "answer", "PJSIP/trunk-a", None)),
    ],
)
def test_one_attempt(version: int, name: str, status: str, device: str, number: str | None) -> None:
    found = [record for record in read(name, version) if record.dial.device.startswith("PJSIP/trunk")]
    assert [(record.status, record.dial.device) for record in found] == [(status, device)]
    assert (found[0].taken_at is not None) is (status == "answer")
    if number is not None:
        assert found[0].dial.number == number


def test_whoever_was_passed_on_was_up_from_the_first_answer_to_the_last_end() -> None:
    for name, seconds in (("blind-transfer", 12), ("into-queue", 12), ("attended-transfer", 12)):
        (record,) = [one for one in read(name) if one.dial.device == "PJSIP/trunk-a"]
        assert up(record) == seconds, name


def test_what_it_was_dialled_with() -> None:
    (record,) = read("answered")
    assert (record.dial.context, record.dial.keyed, record.dial.caller_id, record.dialler, record.call) == (
        *("out-shop", "9910014001", "801", "PJSIP/agent1-00000000", "1796142697.0"),
    )
    (pushed,) = read("dialer-queue")
    assert (pushed.queue, pushed.dialler, pushed.call) == ("sales", "", "1796142911.47")


@pytest.mark.parametrize("version", [16, 22])
def test_what_an_originated_call_that_nobody_took_was_dialled_with_no_record_tells(version: int) -> None:
    """It may be an agent's own phone, rung for a click: `src` is the caller id that was shown."""
    (rung,) = read("click-unanswered", version)
    assert (rung.dial.device, rung.dial.number, rung.dialler) == ("PJSIP/agent1", "", "")


def test_the_files_clock_is_told_by_the_ids() -> None:
    """These are written in UTC and the site is not: the second in the uniqueid says so."""
    (record,) = read("answered")
    assert record.at == 1_796_142_697 * SECOND
    assert called(CAPTURES / "out-22" / "answered.cdr", "pbx1", UTC, 0, EVER)[0].at == record.at


def test_only_what_ended_in_the_time_that_is_asked_for() -> None:
    end = 1_796_142_707 * SECOND
    assert [len(read("answered", since=since, until=until)) for since, until in ((end, end), (end + 1, EVER), (0, end - 1))] == [1, 0, 0]


def test_a_long_file_is_read_from_where_it_matters(tmp_path: Path) -> None:
    lines = (CAPTURES / "out-22" / "answered.cdr").read_text().splitlines()
    line = lines[0]
    file = tmp_path / "Master.csv"
    with file.open("w") as stream:
        for day in range(1, 29):
            for second in range(300):
                clock = f"2026-11-{day:02} 10:{second // 60:02}:{second % 60:02}"
                stream.write(
                    line.replace("2026-12-01 16:31:37", clock)
                    .replace("2026-12-01 16:31:38", clock)
                    .replace("2026-12-01 16:31:47", clock)
                    .replace("1796142697", "0")
                    + "\n"
                )
        stream.write(line + "\n")
    found = called(file, "pbx1", UTC, 1_796_142_700 * SECOND, EVER)
    assert [record.at for record in found] == [1_796_142_697 * SECOND]


def test_a_pbx_that_is_started_anew_begins_its_channels_anew(tmp_path: Path) -> None:
    """And what was passed on before is nobody of after."""
    lines = (CAPTURES / "out-22" / "attended-transfer.cdr").read_text()
    file = tmp_path / "Master.csv"
    file.write_text(lines + lines.replace("2026-12-01 16:39", "2026-12-01 17:39").replace("17961431", "17961467"))
    trunk = [record for record in called(file, "pbx1", UTC, 0, EVER) if record.dial.device == "PJSIP/trunk-a"]
    assert [(record.at, up(record), record.channel) for record in trunk] == [
        (1_796_143_141 * SECOND, 12, "PJSIP/trunk-a-00000007"),
        (1_796_146_741 * SECOND, 12, "PJSIP/trunk-a-00000007"),
    ]


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable):
        called(tmp_path / "Master.csv", "pbx1", UTC, 0, EVER)


@pytest.mark.parametrize("version", [16, 22])
def test_a_mixed_recording_is_told_to_the_call(version: int) -> None:
    """Against the driver's own list. A record does not tell who gave up: CANCEL is NO ANSWER there."""
    folder = CAPTURES / f"mixed-out-{version}"
    truth = json.loads((folder / "truth.json").read_text())["projects"].values()
    records = [one for one in called(folder / "Master.csv", "pbx1", UTC, 0, EVER) if one.dial.device.startswith("PJSIP/trunk") and one.queue in ("", "sales")]
    told = Counter(one.status for one in records)
    meant = {word: sum(project.get(word, 0) for project in truth) for word in ("answer", "busy", "congestion", "noanswer", "cancel", "attempts", "contacts")}
    assert len({one.channel for one in records}) == len(records) == meant["attempts"]
    assert [told[word] for word in ("answer", "busy")] == [meant[word] for word in ("answer", "busy")]
    rest = meant["congestion"], meant["noanswer"] + meant["cancel"]
    assert told["congestion"] + told["noanswer"] == sum(rest)  # 16 calls one FAILED that an Originate rang in vain
    assert version == 16 or (told["congestion"], told["noanswer"]) == rest
    assert sum((up(one) or 0) >= 8 for one in records) == meant["contacts"]
