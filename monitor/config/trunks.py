"""The trunks of a configuration: each on the PBX it names, or on every one.

Owns that a device is of one trunk alone. Refuses what one value may be (`trunk_model`). Next: `build` puts them into the contract.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.config import model
from monitor.config.values import did_you_mean
from monitor.core.trunk import Trunk, TrunkId

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value


def trunks(source: model.File, report: Report) -> tuple[Trunk, ...]:
    """All of them; `report` is told what is wrong."""
    pbxs = [pbx.name for pbx in source.pbx]
    found: list[Trunk] = []
    for row in source.trunk:
        section = f"trunk {row.name}"
        if not row.channels:
            report("is missing", 'name the devices whose channels are its lines: channels = ["PJSIP/kyivstar"]', section, "channels", None)
        if row.pbx and row.pbx not in pbxs:
            report("there is no such PBX", did_you_mean(row.pbx, pbxs), section, "pbx", row.pbx)
        told: set[tuple[str, str]] = set()
        for pbx in (row.pbx,) if row.pbx else pbxs:
            one = Trunk(TrunkId(pbx, row.name), row.channels, row.capacity)
            for other in found:
                for device in _shared(one, other) if other.id.pbx == pbx else ():
                    if (device, other.id.name) not in told:
                        told.add((device, other.id.name))
                        report(f"is of trunk {other.id.name} already", "a device is of one trunk", section, "channels", device)
            found.append(one)
    return tuple(found)


def _shared(one: Trunk, other: Trunk) -> tuple[str, ...]:
    """Devices that either names and both have."""
    return tuple(dict.fromkeys(device for device in (*one.channels, *other.channels) if one.has(device) and other.has(device)))
