"""What a draft says beside its values, and how a plan is written."""

from __future__ import annotations

import csv
import io
import tomllib
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND
from monitor.core.events import MemberSeen
from monitor.plan.plan import PlanRow
from monitor.survey.draft import Surroundings, config_text, plan_text
from monitor.survey.sight import Sight, sight
from tests.survey.seen import caller, member, report

AROUND = Surroundings("pbx.example", 5038, "floorwatch", "kyiv-1", "Europe/Kyiv", "as asked", "ami-secret", "", "/var/lib/floorwatch", "2026-11-25", "")


def text(seen: Sight, **aht: int | None) -> str:
    drafted = config_text(AROUND, seen, None, aht)
    tomllib.loads(drafted)
    return drafted


def seen_of(queues: dict[str, str], *members: MemberSeen, static: bool = False) -> Sight:
    return sight(report(queues, *members, static=static), None)


def test_queues_that_look_alike_are_told_and_not_merged() -> None:
    drafted = text(
        seen_of({"bank": "rrmemory", "bank-vip": "rrmemory", "taxi": "rrmemory"}, *(member(queue, "PJSIP/1") for queue in ("bank", "bank-vip", "taxi")))
    )
    remark = 'queues = ["bank", "bank-vip"] here, and no project of their own'
    assert f"# looks like bank-vip; if they are one client's: {remark}" in drafted
    assert f"# looks like bank; if they are one client's: {remark}" in drafted
    assert [project["queues"] for project in tomllib.loads(drafted)["project"]] == [["bank"], ["bank-vip"], ["taxi"]]


def test_several_dialled_numbers_may_be_several_clients() -> None:
    calls = [caller("600", f"1.{number}", f"044555010{number}") for number in range(2)]
    drafted = text(sight(report({"600": "ringall"}, waiting=tuple(wait for wait, _ in calls), channels=tuple(row for _, row in calls)), None))
    assert "# dialled: 0445550100 (1); 0445550101 (1); if they are several clients', each is a project with this queue and its dids" in drafted
    assert '# dids = ["0445550100", "0445550101"]   # counts who dials them before any queue; others are not its then' in drafted
    assert "# ringall (every free phone rings, so ringing reserves nobody and counts as available); 0 members now" in drafted
    assert "rename it" in drafted


def test_lines_that_calls_showed_are_trunks_and_no_caller_s_number_is_one() -> None:
    channels = ("PJSIP/kyivstar-0000000a", "PJSIP/kyivstar-0000000b", "SIP/kyivstar-0000000c", "DAHDI/i1/380501234567-3", "PJSIP/ a-0000000d")
    rows = [caller("bank", f"1.{number}", "s", channel) for number, channel in enumerate(channels)]
    drafted = text(sight(report({"bank": "ringall"}, waiting=tuple(wait for wait, _ in rows), channels=tuple(row for _, row in rows)), None))
    assert tomllib.loads(drafted)["trunk"] == [
        {"name": "kyivstar", "channels": ["PJSIP/kyivstar"]},
        {"name": "kyivstar-2", "channels": ["SIP/kyivstar"]},
        {"name": "i1", "channels": ["DAHDI/i1"]},
    ]
    assert "380501234567" not in drafted
    assert "trunk" not in tomllib.loads(text(seen_of({"bank": "rrmemory"})))


def test_who_never_logs_out_and_how_people_pause_is_told() -> None:
    members = [member("bank", f"PJSIP/{number}", f"Agent {number}", reason="обід" if number == 1 else "") for number in range(1, 9)]
    drafted = text(seen_of({"bank": "rrmemory"}, *members, static=True))
    assert "# 8 members by queues.conf, who never log out (Agent 1; Agent 2; Agent 3; Agent 4; Agent 5; Agent 6 and 2 more)" in drafted
    assert '# presence = "unpaused"' in drafted
    assert '# presence = "device" and members = ["PJSIP/7*"], or rows of the agents file with its name in the column group.' in drafted
    assert '# "обід" = "paid"' in drafted
    assert "never log out" not in text(seen_of({"bank": "rrmemory"}, *members))


@pytest.mark.parametrize(("aht", "line"), [(115, "aht_seconds = 115"), (None, None)])
def test_a_handle_time_is_stated_where_it_is_known(aht: int | None, line: str | None) -> None:
    drafted = text(seen_of({"bank": "rrmemory"}, member("bank", "PJSIP/1")), bank=aht)
    assert ("aht_seconds" in drafted) is (line is not None)
    assert line is None or line in drafted


def test_without_a_plan_the_file_says_that_there_is_none() -> None:
    drafted = text(seen_of({"bank": "rrmemory"}))
    assert tomllib.loads(drafted)["plan"] == {"file": ""}
    assert "ROUGH" not in drafted


def test_a_plan_has_offsets_and_plain_numbers() -> None:
    before, after = 1_792_886_400 * SECOND, 1_792_890_000 * SECOND  # 25 October 2026, when 03:00 comes twice
    rows = [
        PlanRow(name, start, start + 30 * MINUTE, volume, 0, 115 * SECOND) for name, start, volume in (("bank", before, 10_000_000), ('a,"b"', after, 330_000))
    ]
    assert plan_text(rows, ZoneInfo("Europe/Kyiv")) == (
        'project,interval_start,volume,aht_s\nbank,2026-10-25T03:00+03:00,10,115\n"a,""b""",2026-10-25T03:00+02:00,0.33,115\n'
    )
    assert next(csv.reader(io.StringIO(plan_text(rows[1:], ZoneInfo("UTC")).splitlines()[1]))) == ['a,"b"', "2026-10-25T01:00+00:00", "0.33", "115"]
