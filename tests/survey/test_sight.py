"""What one look amounts to: projects by queue, trunks, dialled numbers, queues nobody uses, queues that look alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.logrow import LogRow
from monitor.survey.logbook import Logbook
from monitor.survey.sight import alike, projects_of, sight
from tests.survey.seen import caller, channel_row, member, report


def book(*rows: LogRow) -> Logbook:
    made = Logbook(Path("queue_log"), {})
    made.take(rows, 0)
    return made


def test_a_queue_is_a_project_and_a_number_gets_a_name() -> None:
    assert projects_of(["600", "bank", "queue-600", "=cmd()"]) == {"600": "queue-600-2", "bank": "bank", "queue-600": "queue-600", "=cmd()": "queue-=cmd()"}


@pytest.mark.parametrize(
    ("queues", "pairs"),
    [
        (["bank", "bank-vip"], (("bank", "bank-vip"),)),
        (["vip-bank", "bank"], (("bank", "vip-bank"),)),
        (["sales_1", "sales_2", "sales3"], (("sales3", "sales_1"), ("sales3", "sales_2"), ("sales_1", "sales_2"))),
        (["bank", "banking"], ()),
        (["bank-ua", "shop-ua"], ()),
        (["600", "601", "6001"], ()),
        (["600-a", "601-a"], ()),
        (["Bank UA", "bank pl"], (("Bank UA", "bank pl"),)),
    ],
)
def test_queues_that_differ_by_a_part_look_alike(queues: list[str], pairs: tuple[tuple[str, str], ...]) -> None:
    assert {frozenset(pair) for pair in alike(queues)} == {frozenset(pair) for pair in pairs}


def test_callers_show_trunks_and_dialled_numbers() -> None:
    (waits, row), (_, talks) = caller("bank", "1.1", "0445550101"), caller("bank", "1.2", "0445550102", "PJSIP/trunk-00000002")
    channels = (row, talks, channel_row("1.3", "PJSIP/101-00000003"), channel_row("1.4", "SIP/205-00000004"), channel_row("1.5", "Local/101@x-00000001;1"))
    seen = sight(
        report({"bank": "rrmemory"}, member("bank", "Local/101@from-queue/n", "Олена", "hint:101@ext-local"), waiting=(waits,), channels=channels),
        book(
            LogRow(1, "1.1", "bank", "NONE", "DID", ("0445550101",)),
            LogRow(2, "1.1", "bank", "NONE", "ENTERQUEUE"),
            LogRow(3, "0.9", "old", "NONE", "ENTERQUEUE"),
        ),
    )
    (queue,) = seen.queues
    assert seen.trunks == ("PJSIP/trunk",)
    assert queue.dialled == (("0445550101", 2), ("0445550102", 1))
    assert (queue.callers, queue.logged) == (2, 1)
    assert seen.people[0].interfaces == ("Local/101@from-queue/n", "PJSIP/101")
    assert seen.missing == (("old", 1),)
    assert seen.freepbx


def test_the_number_of_the_queue_and_a_dialplan_s_beginning_are_not_dialled() -> None:
    rows = [caller("600", f"1.{number}", exten) for number, exten in enumerate(("600", "s", "h", ""))]
    seen = sight(report({"600": "ringall"}, waiting=tuple(wait for wait, _ in rows), channels=tuple(row for _, row in rows)), None)
    assert seen.queues[0].dialled == ()


def test_what_nobody_uses_is_no_project_unless_nothing_is_used() -> None:
    seen = sight(report({"default": "ringall", "600": "ringall", "601": "ringall"}, member("600", "PJSIP/1"), member("default", "PJSIP/1")), None)
    assert seen.freepbx
    assert [queue.name for queue in seen.used] == ["600"]
    assert [queue.name for queue in sight(report({"default": "ringall", "600": "ringall"}), None).used] == ["600", "default"]
    called = sight(report({"default": "ringall", "600": "ringall"}), book(LogRow(1, "1.1", "default", "NONE", "ENTERQUEUE")))
    assert [queue.name for queue in called.used] == ["default"]
    assert [queue.name for queue in sight(report({"default": "rrmemory", "bank": "rrmemory"}, member("default", "PJSIP/1")), None).used] == ["default"]


def test_a_name_that_no_configuration_can_hold_is_never_a_project() -> None:
    seen = sight(report({"bank\x1b[2J": "ringall", " shop": "ringall", "a/b": "ringall"}), None)
    assert [(queue.name, queue.claim) for queue in seen.used] == [("a/b", "pbx1/a/b")]
