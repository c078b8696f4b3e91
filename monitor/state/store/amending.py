"""What was put right by hand: added to the table `amendments`, which nothing else ever writes to.

Owns the way in: one short transaction beside a running daemon, in which nobody else adds anything, so that what is decided in it is decided on all there is.
Refuses the decision, which whoever adds brings along (`reporting.amending`), and changing or taking away what is there. Next: `reader` has them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import func, select

from monitor.core.amendment import Amendment
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.schema import amendments

Settle = Callable[[Sequence[Amendment]], Amendment]
_ABOUT: Final = ("what", "person", "day", "pbx", "call")


def add(place: Place, draft: Amendment, settle: Settle) -> Amendment:
    """Add what `settle` makes of all that was put right before of that person's day or that call, the oldest first; what it raises changes nothing."""
    with place.open() as opened, place.one_line(), opened.connection.begin():
        connection = opened.connection
        migrations.refuse_other(connection, place.shown)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"LOCK TABLE {amendments.name} IN SHARE ROW EXCLUSIVE MODE")  # of SQLite the transaction is alone anyway
        columns = (amendments.c[name] for name in Amendment._fields)
        same = (amendments.c[name] == getattr(draft, name) for name in _ABOUT)
        before = [Amendment(*row) for row in connection.execute(select(*columns).where(*same).order_by(amendments.c.number))]
        number = connection.execute(select(func.coalesce(func.max(amendments.c.number), 0))).scalar_one() + 1
        settled = settle(before)._replace(number=number)
        connection.execute(amendments.insert().values(settled._asdict()))
    return settled
