"""The demo's folder for a while: what is told when it cannot be made or written.

Owns that one line and its remedy. Refuses every other error of the system: a port that is not to be had, or an output nobody reads any
more, is not the folder's. Next: `pbx` writes queue_log in it, the rehearsal everything else.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.errors import NotWritten

_CROWDED = frozenset({errno.EMFILE, errno.ENFILE})


@contextmanager
def writing(where: object) -> Iterator[None]:
    """What is made or written in here is the folder's; NotWritten where the system says no."""
    try:
        yield
    except OSError as error:
        remedy = "raise the limit of open files (ulimit -n)" if error.errno in _CROWDED else "make room, or let TMPDIR name another folder"
        raise NotWritten(f"{error.filename or where}: cannot be written: {error.strerror or error}; {remedy}") from None
