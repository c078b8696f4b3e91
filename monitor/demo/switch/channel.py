"""A channel, a bridge, and how Asterisk writes them into an event.

Owns the fourteen headers every channel event carries and their order. Refuses to publish: `exchange` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.demo.switch.specs import Message, Step

UNKNOWN = "<unknown>"
DOWN, RING, RINGING, UP = 0, 4, 5, 6
STATES = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}
CAUSES = {
    0: "Unknown",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
    127: "Interworking, unspecified",
}


@dataclass(slots=True, eq=False)
class Bridge:
    """Where channels talk; `inside` in the order in which they came."""

    uniqueid: str
    inside: list[Channel] = field(default_factory=list)

    def headers(self, prefix: str = "") -> Message:
        """The bridge as an event shows it now."""
        return {
            f"{prefix}BridgeUniqueid": self.uniqueid,
            f"{prefix}BridgeType": "basic",
            f"{prefix}BridgeTechnology": "simple_bridge",
            f"{prefix}BridgeCreator": UNKNOWN,
            f"{prefix}BridgeName": UNKNOWN,
            f"{prefix}BridgeNumChannels": str(len(self.inside)),
            f"{prefix}BridgeVideoSourceMode": "none",
        }


@dataclass(slots=True, eq=False)
class Channel:
    """One leg of a call. `device` is its name without the serial; `number` and `connected` are "" while unknown."""

    name: str
    device: str
    uniqueid: str
    linkedid: str
    created: int
    state: int = DOWN
    number: str = ""
    caller_name: str = ""
    connected: str = ""
    connected_name: str = ""
    account: str = ""
    context: str = ""
    exten: str = "s"
    priority: int = 1
    dialled: str = ""
    application: str = ""
    data: str = ""
    bridge: Bridge | None = None
    held: bool = False
    gone: bool = False
    cause: int = 0
    tech_cause: str = ""
    answered: int | None = None
    other: Channel | None = None  # the other half of a Local channel
    variables: dict[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    step: int = 0
    wakeup: int = 0  # counts up when what the channel waits for is void

    @property
    def local(self) -> bool:
        """One half of a Local channel."""
        return self.name.startswith("Local/")

    def headers(self, prefix: str = "") -> Message:
        """The channel as an event shows it now."""
        return {
            f"{prefix}Channel": self.name,
            f"{prefix}ChannelState": str(self.state),
            f"{prefix}ChannelStateDesc": STATES[self.state],
            f"{prefix}CallerIDNum": self.number or UNKNOWN,
            f"{prefix}CallerIDName": self.caller_name or UNKNOWN,
            f"{prefix}ConnectedLineNum": self.connected or UNKNOWN,
            f"{prefix}ConnectedLineName": self.connected_name or UNKNOWN,
            f"{prefix}Language": "en",
            f"{prefix}AccountCode": self.account,
            f"{prefix}Context": self.context,
            f"{prefix}Exten": self.exten,
            f"{prefix}Priority": str(self.priority),
            f"{prefix}Uniqueid": self.uniqueid,
            f"{prefix}Linkedid": self.linkedid,
        }
