"""Whether an address is this machine's alone: the one question about hosts that configuration, server, `check` and `init` all ask.

Owns the answer. Refuses resolving names. Next: whoever listens on an address, or looks for the files of a PBX.
"""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """True for an address only this machine can reach; a name other than localhost may be anything."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
