"""Whose outbound call a dial is, by what the client agreed: his trunk, account code, context, dialled prefix or caller id.

Owns that question alone: any one of them makes a dial the project's, and the first project in the order of the configuration has it.
Refuses what is no outbound call at all (`attempts` knows who dialled for whom). Next: `dials` asks before a number is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from monitor.core.contract import QueueId


class Dialled(NamedTuple):
    """What can be seen of a dial: the device of the leg and the number it is given, and of the side that dials its account code, context, caller id and
    what was keyed in there, which a dialplan may have changed since. A dial without a number is towards a phone."""

    pbx: str
    device: str
    account: str
    context: str
    number: str
    caller_id: str
    keyed: str = ""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A project's outbound calls. Devices, account codes, contexts and caller ids are patterns; a device may carry its PBX: `pbx2:PJSIP/carrier`.

    What a dialer pushes into `dialer_queues` was dialled out, and is no inbound demand. A contact is who was up at least `contact_min_us`.
    """

    trunks: tuple[str, ...] = ()
    account_codes: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    caller_ids: tuple[str, ...] = ()
    dialer_queues: tuple[QueueId, ...] = ()
    contact_min_us: int = 8_000_000

    @property
    def only_trunks(self) -> bool:
        """Whether a dial is the project's by its trunk alone."""
        return not (self.account_codes or self.contexts or self.prefixes or self.caller_ids)

    @property
    def seen_by_dials(self) -> bool:
        """Whether any dial can be the project's."""
        return bool(self.trunks) or not self.only_trunks

    def __bool__(self) -> bool:
        """Whether it has any outbound calls."""
        return self.seen_by_dials or bool(self.dialer_queues)

    def goes_over(self, pbx: str, device: str) -> bool:
        """True when the device is one of its trunks."""
        return any(fnmatchcase(f"{pbx}:{device}" if ":" in one else device, one) for one in self.trunks)

    def claims(self, dial: Dialled) -> bool:
        """True when the dial is this project's."""
        if self.goes_over(dial.pbx, dial.device):
            return True
        return dial.number != "" and (
            (dial.account != "" and any(fnmatchcase(dial.account, one) for one in self.account_codes))
            or (dial.context != "" and any(fnmatchcase(dial.context, one) for one in self.contexts))
            or (bool(self.prefixes) and (dial.number.startswith(self.prefixes) or dial.keyed.startswith(self.prefixes)))
            or (dial.caller_id != "" and any(fnmatchcase(dial.caller_id, one) for one in self.caller_ids))
        )


NONE: Final = Outbound()
