"""Whether the PBX takes a device for reachable, in the words it has for that.

Owns those words: PeerStatus tells of an endpoint of PJSIP as of a peer of chan_sip, at each change, whatever is under way over it; ContactStatus of one
of several addresses an endpoint may have, so only a reachable one says anything of the endpoint. Refuses Registry, which names no device, the
device's state (`devices`), and knowing whose device it is (`core.trunks`). Next: `translate` has them in its table.
"""

from __future__ import annotations

from typing import Final

from monitor.core.trunks import EndpointSeen
from monitor.sources.ami.decoder import Message

PEER: Final = {"Reachable": True, "Registered": True, "Lagged": True, "Unreachable": False, "Unregistered": False}


def peer(pbx: str, message: Message, at: int) -> EndpointSeen | None:
    """PeerStatus; None for a word that says neither, as Rejected."""
    reachable = PEER.get(message["PeerStatus"])
    return None if reachable is None else EndpointSeen(pbx, at, message["Peer"], reachable)


def contact(pbx: str, message: Message, at: int) -> EndpointSeen | None:
    """ContactStatus; None but for a contact that answers."""
    return EndpointSeen(pbx, at, f"PJSIP/{message['EndpointName']}", True) if message["ContactStatus"] == "Reachable" else None
