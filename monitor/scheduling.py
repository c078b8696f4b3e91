"""Reports that go out by themselves: when each is due, that it is made once, and that nothing of it ever harms the daemon.

Owns the moments (the site's local time, each day, on Mondays, or on the first day of a month or billing period), what was done last (a small file in
the state directory), and trying again for an hour. What was missed while the daemon was down is made up once, for the latest moment. Each is made in a
process of its own. Refuses making and sending (`reporting.sending` does, in that process). Next: a file, or a letter.
"""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Never

import structlog

from monitor.config import Config
from monitor.config.settings import ScheduleSettings
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.sources import apart

log = structlog.get_logger(__name__)

CHILD: Final = "from monitor.reporting.sending import main; main()"
FILE: Final = "reports.json"
EVERY_S: Final = 20.0
PATIENCE_S: Final = 600.0  # for the year of a large site, and a slow mail server
AGAIN_US: Final = tuple(minutes * MINUTE for minutes in (1, 2, 5, 10, 20, 20))  # between two tries: an hour in all


@dataclass(frozen=True, slots=True)
class Due:
    """A report that is due: since when, and of which days, both in it."""

    at: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Question:
    """What the process is to do: a schedule of this configuration, for these days."""

    config: Path
    schedule: str
    first: date
    last: date
    now: int


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went: what went wrong, or what is to be said of a report that was sent all the same."""

    problem: str = ""
    remark: str = ""


@dataclass(slots=True)
class _Tries:
    due: int
    failed: int = 0
    again_at: int = 0


def due(schedule: ScheduleSettings, contract: Contract, now: int) -> Due:
    """The latest moment at which it was due, and the days it is of."""
    day = datetime.fromtimestamp(now // SECOND, contract.zone).date()
    if _at(schedule, day, contract.zone) > now:
        day -= timedelta(days=1)
    if schedule.every == "day":
        return Due(_at(schedule, day, contract.zone), day - timedelta(days=1), day - timedelta(days=1))
    if schedule.every == "week":
        monday = day - timedelta(days=day.weekday())
        return Due(_at(schedule, monday, contract.zone), monday - timedelta(days=7), monday - timedelta(days=1))
    opening = _billing_day(schedule, contract)
    first = day.replace(day=opening)
    if first > day:
        first = (first.replace(day=1) - timedelta(days=1)).replace(day=opening)
    before = (first.replace(day=1) - timedelta(days=1)).replace(day=opening)
    return Due(_at(schedule, first, contract.zone), before, first - timedelta(days=1))


def _at(schedule: ScheduleSettings, day: date, zone: tzinfo) -> int:
    hour, minute = divmod(schedule.minute, 60)
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * SECOND


def _billing_day(schedule: ScheduleSettings, contract: Contract) -> int:
    """Where the projects it is about have one, their billing period's; else the month is the calendar's."""
    mine = [one for one in contract.projects if schedule.project == one.name or (schedule.client and schedule.client == one.client)]
    days = {one.billing_day for one in mine}
    return days.pop() if len(days) == 1 else 1


class Scheduling:
    """`run()` is its task. `config` is asked anew each time: a reload may bring others."""

    def __init__(self, config: Callable[[], Config], now: Callable[[], int]) -> None:
        self._config = config
        self._now = now
        self._done: dict[str, int] | None = None
        self._tries: dict[str, _Tries] = {}

    async def run(self) -> Never:
        """Until cancelled, whatever goes wrong."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - a report that fails must not end the daemon
                log.error("scheduled reports", problem=f"{type(error).__name__}: {error}", remedy="report this")  # noqa: TRY400 - one line
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Make what is due now, one after the other."""
        config = self._config()
        for schedule in config.schedules:
            await self._consider(config, schedule)

    async def _consider(self, config: Config, schedule: ScheduleSettings) -> None:
        now, done = self._now(), await self._known(config)
        wanted = due(schedule, config.contract, now)
        if schedule.name not in done:  # it is new: what was due before it is nobody's loss
            await self._note(config, schedule.name, wanted.at)
            return
        if done[schedule.name] >= wanted.at:
            return
        tries = self._tries.setdefault(schedule.name, _Tries(wanted.at))
        if tries.due != wanted.at:
            tries = self._tries[schedule.name] = _Tries(wanted.at)
        if now < tries.again_at:
            return
        question = Question(config.file.absolute(), schedule.name, wanted.first, wanted.last, now)
        sent = await ask(question)
        problem = sent.problem
        if not problem:
            say = log.warning if sent.remark else log.info
            say("report sent", report=schedule.name, days=f"{wanted.first} - {wanted.last}", **({"but": sent.remark} if sent.remark else {}))
        elif tries.failed < len(AGAIN_US):
            tries.again_at = now + AGAIN_US[tries.failed]
            tries.failed += 1
            say = log.debug if tries.failed > 1 else log.warning
            say("report not sent", report=schedule.name, problem=problem, effect="tried again for an hour")
            return
        else:
            log.error("report given up", report=schedule.name, problem=problem, remedy=f"make it by hand: floorwatch report {schedule.report}")
        self._tries.pop(schedule.name, None)
        await self._note(config, schedule.name, wanted.at)

    async def _known(self, config: Config) -> dict[str, int]:
        """When each was done last, by the moment it was due at."""
        if self._done is None:
            self._done = {} if config.state.directory is None else await asyncio.to_thread(_read, config.state.directory / FILE)
        return self._done

    async def _note(self, config: Config, name: str, at: int) -> None:
        done = await self._known(config)
        done[name] = at
        kept = {schedule.name for schedule in config.schedules}
        for gone in [other for other in done if other not in kept]:
            del done[gone]
        if config.state.directory is not None:
            try:
                await asyncio.to_thread(_write, config.state.directory / FILE, dict(done))
            except OSError as error:
                log.warning("a file cannot be written", file=str(config.state.directory / FILE), problem=error.strerror, effect="a report may go out twice")


async def ask(question: Question) -> Sent:
    """Have it made and sent by a process of its own."""
    answer = await apart.ask(CHILD, question, PATIENCE_S)
    if isinstance(answer, str):
        return Sent(answer)
    sent: Sent = pickle.loads(answer)  # noqa: S301 - our own process wrote it
    return sent


def _read(file: Path) -> dict[str, int]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: at for name, at in found.items() if isinstance(at, int)} if isinstance(found, dict) else {}


def _write(file: Path, done: dict[str, int]) -> None:
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(json.dumps(done), encoding="utf-8")
    beside.replace(file)
