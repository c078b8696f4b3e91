"""The store, as the configuration names it: can it be had, and is it of this version?

Owns the sentence. Refuses making or changing anything: a file that is not there yet is the daemon's to make, so its folder is looked at.
"""

from __future__ import annotations

import os

from monitor.config import Config
from monitor.errors import StoreUnusable
from monitor.inspection.finding import Finding, Weight
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader


def look(config: Config) -> list[Finding]:
    """One line about the store."""
    if not config.store.url:
        return [Finding('[store] url = "": nothing is kept for reports')]
    place = Place(config.store.url)
    file = place.file
    if file is not None and not file.exists():
        folder = file.parent if file.parent.exists() else file.parent.parent
        if os.access(folder, os.W_OK | os.X_OK):
            return [Finding(f"store: {place.shown} will be made")]
        return [Finding(f"store: {place.shown}: cannot be made in {folder}; make the folder the daemon's own, or name another in [store] url", Weight.BAD)]
    if file is not None and not os.access(file, os.R_OK | os.W_OK):
        return [Finding(f"store: {place.shown}: may not be read and written; give the daemon's user the right to", Weight.BAD)]
    try:
        Reader.of(place).close()
    except StoreUnusable as error:
        return [Finding(f"store: {error}", Weight.BAD)]
    return [Finding(f"store: {place.shown}")]
