"""Which plan is in force, for the store; and whether what the client signed is still what it was.

A contract plan is frozen: the first content its file was stored with is what was signed. Another content in the same file is a warning, in the log
and in `check`, and is stored too, so that it can be seen what was changed; what is signed anew goes into another file.

Owns that comparison and making versions. Refuses reading plans (`config`) and writing (`state.store`). Next: `app` gives them to the clerk.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog

from monitor.config import Config
from monitor.config.kept import Kept, kept
from monitor.core.contract import SECOND
from monitor.errors import StoreUnusable
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import PlanVersion

log = structlog.get_logger(__name__)


def versions(config: Config, since: int, why: str) -> list[PlanVersion]:
    """Everything of the plan that is in force since then. It reads files and the store: not for the event loop."""
    found = kept(config, why)
    for problem in _altered(config, found):
        log.warning("contract plan", problem=problem)
    config.contents.clear()
    return [PlanVersion.of(one.kind, since, one.who, one.why, one.format, one.content) for one in found]


def altered(config: Config) -> str | None:
    """What is wrong with the contract plan's file, None: nothing that is known."""
    return next(iter(_altered(config, kept(config, "check"))), None)


def _altered(config: Config, found: list[Kept]) -> list[str]:
    contract = next((one for one in found if one.kind == "contract"), None)
    if contract is None or not config.store.url:
        return []
    place = Place(config.store.url)
    try:
        reader = Reader.of(place)
        try:
            first = reader.first_stored("contract", contract.who)
        finally:
            reader.close()
    except StoreUnusable:
        return []  # which is said elsewhere
    if first is None or first[1] == hashlib.sha256(contract.content).hexdigest():
        return []
    day = datetime.fromtimestamp(first[0] // SECOND, config.contract.zone).date()
    return [f"{contract.who} is not what it was on {day}, when it was first stored; put it back, or name what was signed anew in another contract_file"]
