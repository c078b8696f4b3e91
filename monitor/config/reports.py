"""Reports that go out by themselves, checked against the projects there are.

Owns what a `[[report]]` needs beside its single values: a client or project that exists, a place to go to, a file that is not overwritten by the next one.
Refuses secrets (`build` reads them) and sending. Next: `scheduling` does what is due.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor.config import endings
from monitor.config.report_model import Mail, Report
from monitor.config.settings import MailSettings, ScheduleSettings, Secret
from monitor.config.values import did_you_mean
from monitor.core.contract import Contract

Refuse = Callable[[str, str, str, str, object], None]
NEEDS = ("client", "billing")  # reports that are of one client or project


def schedules(rows: tuple[Report, ...], contract: Contract, folder: Path, flaw: Refuse) -> tuple[ScheduleSettings, ...]:
    """All of them; what is wrong goes to `flaw`."""
    return tuple(_schedule(row, contract, folder, flaw) for row in rows)


def _schedule(row: Report, contract: Contract, folder: Path, flaw: Refuse) -> ScheduleSettings:
    section = f"report {row.name}"
    clients = [*dict.fromkeys(project.client for project in contract.projects)]
    for key, value, known in (("client", row.client, clients), ("project", row.project, [*contract.project])):
        if value and value not in known:
            flaw(f"there is no such {key}", did_you_mean(value, known), section, key, value)
    if row.client and row.project:
        flaw("is given beside client", "keep one of them", section, "project", row.project)
    elif row.report in NEEDS and not (row.client or row.project):
        flaw("needs a client or a project: nobody is to be sent what is another's", f"add client, one of: {', '.join(clients)}", section, "report", row.report)
    for key, value, able in (("client", row.client, NEEDS), ("project", row.project, (*NEEDS, "day", "signals"))):
        if value and row.report not in able:
            flaw(f"has no effect on a report of {row.report}, which would tell of everybody", "take it out, or ask for a report of client", section, key, value)
    if not row.to and not row.mail:
        flaw("goes nowhere", 'give to = "/path/{name}-{date}.xlsx", or mail = ["boss@example.com"]', section, "to", row.to)
    elif row.to and "{date}" not in row.to:
        flaw("is one file for every day", "put {date} into its name", section, "to", row.to)
    return ScheduleSettings(
        name=row.name,
        report=row.report,
        every=row.every,
        minute=int(row.at[:2]) * 60 + int(row.at[3:]),
        format=row.format or _format(row.to, section, flaw),
        to=str(folder / row.to) if row.to else "",
        mail=row.mail,
        client=row.client,
        project=row.project,
    )


def _format(to: str, section: str, flaw: Refuse) -> str:
    """As the file's name ends; a workbook where it has no ending, or there is no file."""
    last = endings.ending(to)
    if last and last not in endings.FORMATS:
        flaw(f"ends in {last}, which is no format", f"end it in {endings.KNOWN}, or give format", section, "to", to)
    return endings.FORMATS.get(last, "xlsx")


def mail_of(row: Mail, secret: Secret | None, flaw: Refuse) -> MailSettings:
    """Who carries mail; a password is sent to nobody in the clear."""
    if row.username and row.tls == "none":
        flaw("would send the password in the clear", 'set tls = "starttls" or "tls", or take username out', "mail", "tls", row.tls)
    return MailSettings(row.host, row.port, row.sender, row.username, secret, row.tls)
