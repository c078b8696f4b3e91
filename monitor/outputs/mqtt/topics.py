"""Topics under `<prefix>/<site>/`: what each is called, and which command a topic is.

    out  status · project/<name> · group/<name> · condition/<name> · answer · error
    in   plan/set · incident/set · signal/<name>/set · result/<project> · contacts/<project>

Owns names in them: `%`, `/`, `+`, `#` and control characters of a name stand as %25, %2F, %2B, %23 …, so that every name is one level and can be read back.
Refuses payloads. Next: `state` publishes, `commands` answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

_MEANT = frozenset("%/+#")


class Kind(StrEnum):
    """What somebody may send."""

    PLAN = "plan"
    INCIDENT = "incident"
    SIGNAL = "signal"
    RESULT = "result"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Command:
    """What a topic asks for; `name` is whose: a project or a signal, empty where it is the site's."""

    kind: Kind
    name: str = ""


def level(name: str) -> str:
    """A name as one level of a topic."""
    return "".join("".join(f"%{byte:02X}" for byte in sign.encode()) if sign in _MEANT or not sign.isprintable() else sign for sign in name)


class Topics:
    """Those of one site."""

    def __init__(self, prefix: str, site: str) -> None:
        self.root = f"{prefix}/{level(site)}"
        self.status = f"{self.root}/status"
        self.answer = f"{self.root}/answer"
        self.error = f"{self.root}/error"
        self.filters = tuple(f"{self.root}/{rest}" for rest in ("plan/set", "incident/set", "signal/+/set", "result/+", "contacts/+"))

    def of(self, kind: str, name: str) -> str:
        """Where a project, group or condition is."""
        return f"{self.root}/{kind}/{level(name)}"

    def command(self, topic: str) -> Command | None:
        """What is asked for there; None: nothing."""
        match topic.removeprefix(f"{self.root}/").split("/"):
            case ["plan", "set"]:
                return Command(Kind.PLAN)
            case ["incident", "set"]:
                return Command(Kind.INCIDENT)
            case ["signal", name, "set"]:
                return Command(Kind.SIGNAL, unquote(name))
            case ["result", name]:
                return Command(Kind.RESULT, unquote(name))
            case ["contacts", name]:
                return Command(Kind.CONTACTS, unquote(name))
        return None
