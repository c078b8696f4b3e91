"""The incidents of the past that people told the daemon, as the store has them.

Owns making incidents of its rows. Refuses announced ones (the contract has those). A store that cannot be asked is said.
"""

from __future__ import annotations

from monitor.config import Config
from monitor.core.incidents import Incident
from monitor.errors import StoreUnusable
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader


def told_incidents(loaded: Config, since: int, until: int) -> tuple[tuple[Incident, ...], str | None]:
    """Those that touch the span; and why they are not known, if they are not."""
    if not loaded.store.url:
        return (), None
    try:
        reader = Reader.of(Place(loaded.store.url))
    except StoreUnusable as error:
        return (), f"incidents that were told to the daemon are not known: {error}"
    try:
        return tuple(Incident.of(told) for told in reader.incidents(since, until)), None
    except StoreUnusable as error:
        return (), f"incidents that were told to the daemon are not known: {error}"
    finally:
        reader.close()
