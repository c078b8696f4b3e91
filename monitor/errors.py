"""Everything Floorwatch refuses, as one tree. Nothing of ours is raised outside it.

    FloorwatchError                one clear line per problem; `exit_code` is what a command ends with
    ├── ConfigError                the configuration, or a file it names: all its flaws at once
    ├── PlanError                  a plan: all its bad rows at once
    ├── AmiError                   one PBX; the daemon stays up and tries again
    │   ├── AmiUnreachable         nobody listens, or nobody answers in time
    │   ├── AmiLoginRefused        the PBX knows us not: wrong name, secret or rights; retried slowly
    │   └── AmiMalformed           what came is not AMI
    ├── RecordingUnusable          a recording that cannot be read, or must not be written
    │   └── RecordingFailed        it could not be made
    ├── LogUnreadable              a PBX's queue_log cannot be had; the daemon does without
    ├── StoreUnusable              the database that keeps what is final; the daemon goes on and tries again
    ├── BrokerAway                 there is no session with the MQTT broker; the daemon goes on and tries again
    │   └── BrokerRefused          it answered and said no: wrong name, password or version; retried slowly
    ├── BadOption                  what was typed behind a command
    ├── PastTooShort               a history too short to make a plan of, for every project
    ├── DoesNotAddUp               a bill whose lines are not its total: nobody is to see it
    ├── NotWritten                 files that a command was to write and did not: none of them
    ├── DaemonAway                 the daemon that was to be told something does not answer
    ├── ToldInVain                 it answered and said no
    ├── StateInUse                 another daemon keeps its state in the same folder
    └── PortTaken                  the web server's address is in use or not ours

Owns the wording's shape: where, what, why and the remedy, never a secret. Refuses deciding what happens next: `cli` ends a command,
`engine` and the AMI client retry, a reload keeps the old configuration or plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class FloorwatchError(Exception):
    """The root: `str()` is for people, one line per problem."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong in a configuration. Empty parts are left out; `value` is already shown as text, and never a secret's.

    `file` names another file than the configuration itself, with its line: `agents.csv:3`.
    """

    problem: str
    remedy: str = ""
    section: str = ""
    key: str = ""
    value: str | None = None
    file: str = ""

    def __str__(self) -> str:
        section = f"[{self.section}]" if self.section else ""
        assignment = f"{self.key} = {self.value}" if self.value is not None else self.key
        place = " ".join(part for part in (section, assignment) if part)
        text = f"{place}: {self.problem}" if place else self.problem
        return f"{text}; {self.remedy}" if self.remedy else text


class ConfigError(FloorwatchError):
    """`file: [section] key = value: problem; remedy`, a line per flaw."""

    exit_code = 2

    def __init__(self, file: str, flaws: Iterable[Flaw]) -> None:
        self.file = file
        self.flaws = tuple(flaws)
        super().__init__("\n".join(f"{flaw.file or file}: {flaw}" for flaw in self.flaws))


@dataclass(frozen=True, slots=True)
class BadRow:
    """One thing wrong in a table; `line` counts from 1 as an editor does, 0 is the file as a whole."""

    line: int
    problem: str


class PlanError(FloorwatchError):
    """`file:line: problem; remedy`, a line per bad row; the plan in force stays. `rows` has them all, the text the first hundred."""

    exit_code = 2
    shown = 100

    def __init__(self, file: str, rows: Iterable[BadRow]) -> None:
        self.file = file
        self.rows = tuple(rows)
        lines = [f"{file}:{row.line}: {row.problem}" if row.line else f"{file}: {row.problem}" for row in self.rows[: self.shown]]
        if len(self.rows) > self.shown:
            lines.append(f"{file}: and {len(self.rows) - self.shown} more")
        super().__init__("\n".join(lines))


class AmiError(FloorwatchError):
    """Something about one PBX; `pbx` is its name in the configuration, where it is known."""

    def __init__(self, problem: str, *, pbx: str = "") -> None:
        self.pbx = pbx
        self.problem = problem
        super().__init__(f"{pbx}: {problem}" if pbx else problem)


class AmiUnreachable(AmiError):  # noqa: N818 - named as the trade says it
    """No connection, or no answer before the deadline."""


class AmiLoginRefused(AmiError):  # noqa: N818 - named as the trade says it
    """The PBX answered and said no."""


class AmiMalformed(AmiError):  # noqa: N818 - named as the trade says it
    """The bytes are not AMI, or not AMI we can trust."""


class LogUnreadable(FloorwatchError):  # noqa: N818 - as above
    """`file` cannot be read, why, and the way out."""

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        super().__init__(f"{file}: {reason}")


class RecordingUnusable(FloorwatchError):  # noqa: N818 - as above
    """`file` is no recording we can replay, or no place for one."""

    exit_code = 2

    def __init__(self, file: str, problem: str) -> None:
        self.file = file
        super().__init__(f"{file}: {problem}")


class RecordingFailed(RecordingUnusable):
    """Everything was right, and still there is no (whole) recording."""

    exit_code = 1


class StoreUnusable(FloorwatchError):  # noqa: N818 - as above
    """`where: problem; remedy`; where is a file or a server, and never holds a password."""

    def __init__(self, where: str, problem: str, remedy: str = "") -> None:
        self.where = where
        self.problem = problem
        super().__init__(f"{where}: {problem}; {remedy}" if remedy else f"{where}: {problem}")


class BrokerAway(FloorwatchError):  # noqa: N818 - as above
    """`host:port: problem; remedy`."""


class BrokerRefused(BrokerAway):
    """It is there, and will not have us."""


class BadOption(FloorwatchError):  # noqa: N818 - as above
    """`--option value: problem; remedy`."""

    exit_code = 2


class PastTooShort(FloorwatchError):  # noqa: N818 - as above
    """`project: how much there is, how much is needed`, a line per project."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n".join(problems))


class DoesNotAddUp(FloorwatchError):  # noqa: N818 - named as an accountant says it
    """Whose bill of when; a mistake of ours."""


class NotWritten(FloorwatchError):  # noqa: N818 - as above
    """Where, why, and the way out; nothing was written."""


class DaemonAway(FloorwatchError):  # noqa: N818 - as above
    """`address: problem; remedy`."""

    def __init__(self, address: str, problem: str, remedy: str) -> None:
        self.address = address
        super().__init__(f"{address}: {problem}; {remedy}")


class ToldInVain(FloorwatchError):  # noqa: N818 - as above
    """What the daemon said to it, with the exit code that befits: 2 where nobody could mean what was said."""

    def __init__(self, problem: str, *, meant: bool) -> None:
        self.exit_code = 1 if meant else 2
        super().__init__(problem)


class StateInUse(FloorwatchError):  # noqa: N818 - as above
    """Two daemons on one state would each be told half the truth."""

    def __init__(self, folder: str, holder: str) -> None:
        self.folder = folder
        self.holder = holder
        who = f"process {holder}" if holder else "another process"
        super().__init__(f"{folder}: {who} keeps its state there; stop it, name another [state] directory, or set standby = true to take over when it ends")


class PortTaken(FloorwatchError):  # noqa: N818 - as above
    """The web server cannot listen where it was told to."""

    def __init__(self, host: str, port: int, reason: str, remedy: str = "free the port or choose another in [web] listen") -> None:
        self.host = host
        self.port = port
        self.reason = reason
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__(f"cannot listen on {address}: {reason}; {remedy}")
