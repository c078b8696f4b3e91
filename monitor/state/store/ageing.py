"""What is older than the store is to remember: taken away in small pieces.

Owns how much goes at once, so that a year that is deleted on one day holds nobody up. Plans stay: they are few, and what an old figure was
held against. Refuses deciding when (`clerk`).
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, tuple_

from monitor.core.contract import MINUTE
from monitor.state.store.schema import AGED

DAY = 24 * 60 * MINUTE
PIECE = 5_000


def age(connection: Connection, before: int, piece: int = PIECE) -> bool:
    """Delete a piece of what ended before then, and commit; True while there may be more."""
    for table, at in AGED:
        keys = list(table.primary_key.columns)
        old = select(*keys).where(at < before).limit(piece)
        with connection.begin():
            gone = connection.execute(delete(table).where(tuple_(*keys).in_(old))).rowcount
        if gone:
            return True
    return False
