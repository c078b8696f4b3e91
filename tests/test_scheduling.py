"""When a report is due, that it goes out once, and that nothing of it harms the daemon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor import scheduling
from monitor.config import Config
from monitor.config.settings import MailSettings, ScheduleSettings, StateSettings
from monitor.core.contract import MINUTE
from monitor.scheduling import Due, Question, Scheduling, Sent, due
from tests.reporting.centre import Centre, at, call, seen
from tests.reporting.post import Post, post

DAILY = ScheduleSettings("daily", "client", client="Bank", format="csv", to="/nowhere/{date}.csv")
MONTHLY = replace(DAILY, name="monthly", every="month")
WEEKLY = replace(DAILY, name="weekly", every="week")


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    found = Centre(tmp_path)
    found.store([call("bank-line", "2026-11-30 09:00:00")], seen("bank-line", "2026-11-01", 30))
    return found


@pytest.mark.parametrize(
    ("schedule", "now", "since", "first", "last"),
    [
        (DAILY, "2026-12-01 06:30:00", "2026-12-01 06:30:00", "2026-11-30", "2026-11-30"),
        (DAILY, "2026-12-01 06:29:59", "2026-11-30 06:30:00", "2026-11-29", "2026-11-29"),
        (DAILY, "2026-10-25 12:00:00", "2026-10-25 06:30:00", "2026-10-24", "2026-10-24"),
        (WEEKLY, "2026-12-01 06:30:00", "2026-11-30 06:30:00", "2026-11-23", "2026-11-29"),
        (WEEKLY, "2026-11-30 06:00:00", "2026-11-23 06:30:00", "2026-11-16", "2026-11-22"),
        (MONTHLY, "2026-12-01 06:30:00", "2026-12-01 06:30:00", "2026-11-01", "2026-11-30"),
        (MONTHLY, "2026-12-01 06:00:00", "2026-11-01 06:30:00", "2026-10-01", "2026-10-31"),
        (MONTHLY, "2027-01-31 12:00:00", "2027-01-01 06:30:00", "2026-12-01", "2026-12-31"),
    ],
)
def test_when_it_is_due_and_of_which_days(centre: Centre, schedule: ScheduleSettings, now: str, since: str, first: str, last: str) -> None:
    assert due(schedule, centre.config.contract, at(now)) == Due(at(since), date.fromisoformat(first), date.fromisoformat(last))


def test_a_month_is_the_billing_period_of_whom_it_is_about(tmp_path: Path) -> None:
    contract = Centre(tmp_path, bank="billing_day = 10\n").config.contract
    assert due(MONTHLY, contract, at("2026-12-09 12:00:00")) == Due(at("2026-11-10 06:30:00"), date(2026, 10, 10), date(2026, 11, 9))
    assert due(replace(MONTHLY, client="Shop"), contract, at("2026-12-09 12:00:00")).first == date(2026, 11, 1)


class Watch:
    """A daemon's schedule at a time of ours, and a process that answers what it is told to."""

    def __init__(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config, self.now = config, at("2026-12-01 06:00:00")
        self.asked: list[Question] = []
        self.answer = Sent()
        self.scheduling = self.anew()
        monkeypatch.setattr(scheduling, "ask", self.ask)

    def anew(self) -> Scheduling:
        """Another daemon."""
        self.scheduling = Scheduling(lambda: self.config, lambda: self.now)
        return self.scheduling

    async def ask(self, question: Question) -> Sent:
        self.asked.append(question)
        return self.answer

    async def look(self, when: str) -> list[tuple[str, str]]:
        """What it asks for then."""
        self.asked, self.now = [], at(when)
        await self.scheduling.look()
        return [(one.schedule, one.first.isoformat()) for one in self.asked]


@pytest.fixture
def watch(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(replace(centre.config, schedules=(DAILY,), state=StateSettings(centre.file.parent)), monkeypatch)


async def test_it_goes_out_once_and_what_was_missed_is_made_up_once(watch: Watch) -> None:
    assert await watch.look("2026-12-01 06:00:00") == []  # it is new: yesterday's is nobody's loss
    assert await watch.look("2026-12-01 06:30:00") == [("daily", "2026-11-30")]
    assert await watch.look("2026-12-01 06:31:00") == []
    watch.anew()
    assert await watch.look("2026-12-01 12:00:00") == []
    assert await watch.look("2026-12-05 12:00:00") == [("daily", "2026-12-04")]
    assert await watch.look("2026-12-05 12:01:00") == []


async def test_without_a_state_directory_it_goes_on_from_now(watch: Watch) -> None:
    watch.config = replace(watch.config, state=StateSettings())
    assert await watch.look("2026-12-01 07:00:00") == []
    assert await watch.look("2026-12-02 07:00:00") == [("daily", "2026-12-01")]


async def test_a_failure_is_one_line_and_tried_again_for_an_hour(watch: Watch) -> None:
    await watch.look("2026-12-01 06:00:00")
    watch.answer = Sent("mail server localhost:25: does not answer")
    start, tries = at("2026-12-01 06:30:00"), []
    with capture_logs() as logs:
        for minute in range(90):
            watch.asked, watch.now = [], start + minute * MINUTE
            await watch.scheduling.look()
            tries += [minute] * len(watch.asked)
    assert tries == [0, 1, 3, 8, 18, 38, 58]
    assert [(one["log_level"], one["event"]) for one in logs if one["log_level"] != "debug"] == [("warning", "report not sent"), ("error", "report given up")]
    watch.answer = Sent()
    assert await watch.look("2026-12-02 06:30:00") == [("daily", "2026-12-01")]


async def test_it_is_sent_after_all(watch: Watch) -> None:
    await watch.look("2026-12-01 06:00:00")
    watch.answer = Sent("no")
    await watch.look("2026-12-01 06:30:00")
    watch.answer = Sent(remark="took it, but not for boss@example.com")
    with capture_logs() as logs:
        await watch.look("2026-12-01 06:31:00")
    assert logs == [{"event": "report sent", "log_level": "warning", "report": "daily", "days": "2026-11-30 - 2026-11-30", "but": watch.answer.remark}]
    assert await watch.look("2026-12-01 06:32:00") == []


async def test_a_damaged_file_and_a_full_disk_harm_nobody(watch: Watch) -> None:
    file = watch.config.state.directory / scheduling.FILE  # type: ignore[operator]
    file.write_text("[")
    assert await watch.look("2026-12-01 07:00:00") == []
    assert json.loads(file.read_text()) == {"daily": at("2026-12-01 06:30:00")}
    watch.config = replace(watch.config, state=StateSettings(file.parent / "gone"))
    with capture_logs() as logs:
        assert await watch.look("2026-12-02 07:00:00") == [("daily", "2026-12-01")]
    assert [one["event"] for one in logs] == ["report sent", "a file cannot be written"]


@pytest.fixture
def server() -> Iterator[Post]:
    with post(Post()) as one:
        yield one


async def test_a_process_of_its_own_writes_the_file_and_sends_the_letter(centre: Centre, server: Post) -> None:
    rows = f"""
[[report]]
name = "bank"
report = "client"
client = "Bank"
format = "xlsx"
to = "out/{{name}}-{{date}}.xlsx"
mail = ["boss@example.com"]
[mail]
port = {server.port}
tls = "none"
"""
    centre.file.write_text(centre.file.read_text() + rows)
    loaded = await asyncio.to_thread(lambda: centre.config)
    assert loaded.mail == MailSettings(port=server.port, tls="none")
    day = date(2026, 11, 30)
    assert await scheduling.ask(Question(centre.file, "bank", day, day, at("2026-12-01 06:30:00"))) == Sent()
    written = (centre.file.parent / "out" / "bank-2026-11-30.xlsx").read_bytes()
    (letter,) = server.letters
    (file,) = letter.iter_attachments()
    assert (letter["Subject"], file.get_filename(), file.get_payload(decode=True)) == ("kyiv-1: bank, 2026-11-30", "bank-2026-11-30.xlsx", written)


async def test_signals_go_out_by_themselves_of_one_project(centre: Centre) -> None:
    rows = '[[report]]\nname = "weather"\nreport = "signals"\nproject = "shop-line"\nevery = "month"\nto = "{name}-{date}.json"\n'
    centre.file.write_text(centre.file.read_text() + rows)
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert await scheduling.ask(Question(centre.file, "weather", first, last, at("2026-12-01 06:30:00"))) == Sent()
    report = json.loads((centre.file.parent / "weather-2026-11.json").read_text())
    assert (report["report"], report["from"], report["to"]) == ("signals", "2026-11-01", "2026-11-30")


async def test_what_goes_wrong_in_it_is_one_line(centre: Centre) -> None:
    question = Question(centre.file, "gone", date(2026, 11, 30), date(2026, 11, 30), at("2026-12-01 06:30:00"))
    assert (await scheduling.ask(question)).problem == "[[report]] gone: there is no such report any more; reload the daemon"
    centre.file.write_text("[site]\nname = 1\n")
    assert "\n" not in (await scheduling.ask(question)).problem
