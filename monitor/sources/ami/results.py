"""A result as a dialplan tells of it: `UserEvent(FloorwatchResult,Project: shop-line,Disposition: sale,Key: ${UNIQUEID})`.

Owns the headers' names. An account without `read = user` is never sent one, and nothing else changes. Refuses other user events, which are
nothing to us, and knowing projects and prices (`core.results`). Next: `translate` has it in its table.
"""

from __future__ import annotations

from monitor.core.results import Result, ResultsTold, flaw
from monitor.sources.ami.decoder import Message

NAME = "FloorwatchResult"


def told(pbx: str, message: Message, at: int) -> ResultsTold | None:
    """The result; None where it is another event. KeyError or ValueError for one that lacks what it must have."""
    if message.get("UserEvent") != NAME:
        return None
    texts = {name: message[name.capitalize()].strip() for name in ("project", "disposition", "key")}
    for name, text in texts.items():
        if (problem := flaw(name, text)) is not None:
            raise ValueError(problem)
    return ResultsTold(pbx, at, (Result(texts["project"], texts["disposition"], texts["key"]),))
