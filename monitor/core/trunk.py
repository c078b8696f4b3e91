"""A trunk as it is agreed: which channels of a PBX are its lines, and how many it has.

Owns what of a channel's name says whose line it is. A PJSIP channel is called `PJSIP/kyivstar-0000002a`, an ISDN one `DAHDI/i1/380441234567-3`, with
a stranger's number in it: the device is what stands before that, `PJSIP/kyivstar` and `DAHDI/i1`. Refuses Local channels, which lead to
lines and are none, and whatever is in the middle of a masquerade. Next: `trunks` says what goes on on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from monitor.core.direction import Direction

if TYPE_CHECKING:
    from monitor.core.contract import Contract

_SERIAL: Final = re.compile(r"-[0-9a-f]+$")
_NONE: Final = ("Local/", "AsyncGoto/", "Surrogate/", "Transfered/")
WILD: Final = frozenset("*?[")
REFUSING: Final = ("chanunavail", "congestion")  # what comes back of an attempt where it is the trunk that failed
OTHER_DID: Final = "other"  # a dialled number that no project names
WAYS: Final = (Direction.INBOUND, Direction.OUTBOUND)  # of a call over a trunk


class TrunkId(NamedTuple):
    """A trunk of one PBX: the same name on two PBXs is two trunks."""

    pbx: str
    name: str

    def __str__(self) -> str:
        return f"{self.pbx}/{self.name}"


@dataclass(frozen=True, slots=True)
class Trunk:
    """Lines to a carrier; `channels` are patterns over devices, `capacity` how many calls it carries at once, None: nobody says."""

    id: TrunkId
    channels: tuple[str, ...]
    capacity: int | None = None

    def has(self, device: str) -> bool:
        """Whether a device is of this trunk."""
        return any(fnmatchcase(device, pattern) for pattern in self.channels)

    @property
    def devices(self) -> tuple[str, ...]:
        """Those that are named outright: the ones a PBX may be asked about."""
        return tuple(pattern for pattern in self.channels if WILD.isdisjoint(pattern))


class TrunkView(NamedTuple):
    """A trunk that is in sight. `up` None: nobody has told. `failing_since` is the first of `failed` refused attempts in a row, `failed_at` the last.

    `well_since`: when it last turned out to be alive after all; `full_since`: no line to spare since then.
    """

    id: TrunkId
    channels: int
    up: bool | None
    failed: int
    failing_since: int | None
    well_since: int
    full_since: int | None
    failed_at: int | None = None


def line_of(channel: str) -> str | None:
    """The device whose line a channel is; None where it is nobody's."""
    if channel.startswith(_NONE) or channel.endswith(">"):  # <MASQ>, <ZOMBIE>
        return None
    technology, _, rest = _SERIAL.sub("", channel).partition("/")
    if not rest:
        return None
    return f"{technology}/{rest.partition('/')[0] if technology == 'DAHDI' else rest}"


def did_owners(contract: Contract) -> dict[tuple[str, str], str | None]:
    """Numbers of projects that callers dial on a PBX whose trunks are known: the project of whose alone each is, None where several have it."""
    told = {trunk.id.pbx for trunk in contract.trunks}
    owners: dict[tuple[str, str], set[str]] = {}
    for project in contract.projects:
        for pbx in contract.pbxs_of[project.name] & told:
            for did in project.dids:
                owners.setdefault((pbx, did), set()).add(project.name)
    return {key: next(iter(names)) if len(names) == 1 else None for key, names in sorted(owners.items())}
