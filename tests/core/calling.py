"""People who call out on a scene's floor: agents over their phones, dialers by themselves, and what becomes of it."""

from __future__ import annotations

from typing import Any

from monitor.core.contract import Contract, QueueId
from monitor.core.counters import Attempts, Contacts, Failure
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.direction import DIALLED, Direction
from monitor.core.events import Position
from monitor.core.outgoing import Outbound
from monitor.core.snapshot import Cell
from tests.core.scene import AT_PHONE, Scene, contract, project

OUT = Position("out-bank", "380441234567", "2")
SALES = QueueId("pbx1", "sales")


def agreed(**more: Any) -> Contract:
    """Bank dials out over a trunk of its own and has a dialer's queue; shop only answers."""
    outbound = Outbound(trunks=("PJSIP/carrier",), dialer_queues=(SALES,), **more)
    return contract(project("bank", "bank", "sales", outbound=outbound), project("shop"))


class Calling(Scene):
    """The scene, with a carrier."""

    def dials(self, at: float, who: str, to: str, *, number: str = "380441234567", own: str = "", trunk: str = "PJSIP/carrier") -> None:
        """The phone of `who` calls the person `to`."""
        own = own or f"{who}-out"
        self.channel(at, own, f"PJSIP/{who}-000000aa", position=OUT, dialing=True)
        self.channel(at, to, f"{trunk}-0000000b", linked=own, position=AT_PHONE)
        self.apply(LegDialled(self.pbx, self.us(at), own, to, f"{trunk}-0000000b", OUT, number))

    def originated(self, at: float, to: str, *, trunk: str = "PJSIP/carrier") -> None:
        """A dialer calls the person `to` by himself."""
        self.channel(at, to, f"{trunk}-0000000c", position=AT_PHONE)
        self.apply(LegDialled(self.pbx, self.us(at), None, to, f"{trunk}-0000000c", None, "380441234567"))

    def takes(self, at: float, to: str, who: str = "", *, own: str = "") -> None:
        """They take the call; with `who` they are bridged with that agent."""
        own = own or f"{who}-out"
        self.apply(LegResolved(self.pbx, self.us(at), own if who else None, to, True, OUT if who else None, "answer"))
        if who:
            self.bridge(at, to, f"b-{to}")
            self.bridge(at, own, f"b-{to}", position=OUT)

    def fails(self, at: float, to: str, status: str, who: str = "") -> None:
        """Nobody takes it, and the channel of the attempt is gone."""
        self.apply(LegResolved(self.pbx, self.us(at), f"{who}-out" if who else None, to, False, OUT if who else None, status))
        self.end(at, to)

    def over(self, at: float, to: str, who: str, *, own: str = "") -> None:
        """Whoever was called hangs up, and the agent's phone with him."""
        own = own or f"{who}-out"
        self.unbridge(at, to, f"b-{to}")
        self.end(at, to)
        self.unbridge(at, own, f"b-{to}", position=OUT)
        self.end(at, own, position=OUT)

    def attempts(self, name: str = "bank") -> dict[str, int]:
        """What is counted of attempts and those called, zeros left out."""
        counters = self.floor.counters
        found: dict[str, int] = {}
        for direction in DIALLED:
            prefix = "" if direction is Direction.OUTBOUND else "callback_"
            row, reached = counters.attempts[name, direction], counters.reached[name, direction]
            found |= {prefix + one.name.lower(): row[one] for one in Attempts if row[one]}
            found |= {prefix + one.name.lower(): reached[one] for one in Contacts if reached[one]}
        return found | {one.value: counters.failures[name, one] for one in Failure if counters.failures[name, one]}

    def outward(self, name: str = "bank") -> dict[str, float]:
        """The ledger's cells of outbound work; times in seconds."""
        cells = {cell.name.lower(): amount for cell, amount in self.minutes(name).items() if cell >= Cell.OUT_ATTEMPTS}
        return {cell: amount / 1e6 if cell.endswith("_us") else amount for cell, amount in cells.items()}
