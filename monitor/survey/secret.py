"""The AMI user's secret, from wherever the person who runs `floorwatch init` keeps it.

Owns the ways: a file, an environment variable, else a question on the terminal that shows nothing. Refuses the command line, which
everybody on the machine can read, and keeping it: `draft` names a file, `writing` writes it for its owner alone.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.config import Secret
from monitor.config.files import UnreadableError, secret_from_environment, secret_from_file
from monitor.errors import BadOption


@dataclass(frozen=True, slots=True)
class Given:
    """The secret, and the file it is in already; None: one has to be written."""

    secret: Secret
    file: Path | None = None


def secret_of(user: str, file: Path | None, variable: str | None, environment: Mapping[str, str], *, ask: Callable[[str], str] | None = None) -> Given:
    """The secret of the AMI user; `ask` puts the question where there is a terminal."""
    option, value = "--secret-file" if file is not None else "--secret-env", file if file is not None else variable
    if file is not None and variable is not None:
        raise BadOption("--secret-file and --secret-env: the secret is given twice; keep one of them")
    try:
        if file is not None:
            return Given(secret_from_file(file), file.absolute())
        if variable is not None:
            return Given(secret_from_environment(variable, environment))
    except UnreadableError as error:
        raise BadOption(f"{option} {value}: {_typed(error)}") from None
    if ask is None:
        raise BadOption(f"the secret of {user} is missing, and there is no terminal to ask on; give --secret-file F or --secret-env NAME")
    try:
        answer = ask(f"Secret of {user}: ")
    except EOFError:
        answer = ""
    if not answer.strip():
        raise BadOption(f"no secret of {user} was given; type it, or give --secret-file F or --secret-env NAME")
    return Given(Secret(answer))


def _typed(error: UnreadableError) -> str:
    """The same in the words of one who types options."""
    return str(error).replace("the daemon's environment", "the environment").replace("secret_file", "--secret-file").replace("the daemon's user", "your user")


def terminal() -> Callable[[str], str] | None:
    """How to ask on the terminal without showing the answer; None where there is none."""
    return getpass.getpass if sys.stdin is not None and sys.stdin.isatty() else None
