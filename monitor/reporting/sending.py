"""A report that is due, made and sent: the work of a process of its own.

Owns one report from the question to a file and a letter: the configuration as it is now, the days the daemon says, a file that is there already
replaced (it is this report, made again), a letter that says in one line what is attached. Refuses when (`scheduling`), and more than one line of what
went wrong. Next: it answers with how it went.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from monitor import config
from monitor.config import Config
from monitor.config.settings import ScheduleSettings
from monitor.core.contract import SECOND
from monitor.errors import BadOption, FloorwatchError, NotWritten
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format
from monitor.reporting import ask, mail, making, statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from monitor.scheduling import Question, Sent

KINDS: Final = {
    Format.TABLE: ("txt", "text/plain"),
    Format.CSV: ("csv", "text/csv"),
    Format.EXCEL_UK: ("csv", "text/csv"),
    Format.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Format.JSON: ("json", "application/json"),
}


def send(question: Question) -> Sent:
    """Make it and send it, and what is to be said of it. A letter goes last: what was sent is not sent twice for a full disk."""
    loaded = config.load(question.config, needed=config.Needed.MAIL)
    schedule = next((one for one in loaded.schedules if one.name == question.schedule), None)
    if schedule is None:
        raise BadOption(f"[[report]] {question.schedule}: there is no such report any more; reload the daemon")
    names = {"name": schedule.name, "date": _date(question, schedule), "client": schedule.client, "project": schedule.project}
    if schedule.to:
        out = Path(schedule.to.format_map({key: _plain(name) for key, name in names.items()}))
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotWritten(f"{out.parent}: cannot be made: {(error.strerror or 'input/output error').lower()}; nothing was written") from None
        content = _made(loaded, schedule, question, out)
    else:
        with tempfile.TemporaryDirectory(prefix="floorwatch-") as folder:
            content = _made(loaded, schedule, question, Path(folder) / "report")
    remark = ""
    if schedule.mail:
        ending, kind = KINDS[Format(schedule.format)]
        at = datetime.fromtimestamp(question.now // SECOND, loaded.contract.zone)
        file = mail.File(f"{_plain(schedule.name)}-{names['date']}.{ending}", content, kind)
        remark = mail.send(loaded.mail, mail.letter(loaded.mail.sender, schedule.mail, f"{loaded.contract.site}: {schedule.name}, {names['date']}", file, at))
    return Sent(remark=remark)


def _made(loaded: Config, schedule: ScheduleSettings, question: Question, out: Path) -> bytes:
    """The report as bytes, which are in the file, too."""
    wish = Wish(question.first.isoformat(), question.last.isoformat(), format=schedule.format, out=out, force=True, project=schedule.project)
    whose = Whose(schedule.client, schedule.project)
    if schedule.report == "client":
        return statements.client_report(loaded, wish, whose, question.now).content
    if schedule.report == "billing":
        return statements.billing_report(loaded, wish, whose, question.now).content
    makers = {
        "day": lambda: ask.of_days("", "true-to-interval"),
        "agents": lambda: ask.of_agents("span"),
        "payroll": lambda: ask.of_payroll("login", "rows"),
        "signals": ask.of_signals,
    }
    return making.make(loaded, wish, question.now, makers[schedule.report](), silent).content


def _date(question: Question, schedule: ScheduleSettings) -> str:
    """A day, the first of a week, or a month, as a file's name has it."""
    return f"{question.first:%Y-%m}" if schedule.every == "month" else question.first.isoformat()


def _plain(name: str) -> str:
    """A name that is one part of a path."""
    return name.replace("/", "-").replace("\0", "")


def main() -> None:
    """The process: a question on standard input; on standard output how it went."""
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 - the daemon wrote it
    try:
        sent = send(question)
    except FloorwatchError as error:
        sent = Sent("; ".join(str(error).splitlines()[:3]))
    sys.stdout.buffer.write(pickle.dumps(sent))
