"""What every command says alike: where its configuration is, and how it prints.

Owns the option `--config` and printing at once, to whoever may have closed our output. Refuses commands.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from monitor.errors import NotWritten

# readable=False: what cannot be read is `config`'s to say, in one line.
ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The configuration, a TOML file.", show_default=False, readable=False)]


def say(text: str, end: str = "\n") -> None:
    """Print, at once."""
    try:
        print(text, end=end, flush=True)
    except OSError as error:
        _hush(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise NotWritten(f"standard output: cannot be written: {error.strerror or error}; make room, or send it elsewhere") from None


def complain(text: str) -> None:
    """Print to standard error, at once; whoever has closed that too hears nothing."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _hush(sys.stderr)
        raise


def _hush(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python flushes once more on its way out
