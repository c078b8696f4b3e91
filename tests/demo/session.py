"""A session with the simulated PBX as the recordings have it: login, the same five questions, then every event."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.demo.manager import GREETING, Account, Asked, Conversation, stamped
from monitor.demo.switch.specs import Message

QUESTIONS = (
    {"action": "Login", "username": "u", "secret": "s"},
    *({"action": each} for each in ("CoreSettings", "CoreStatus", "QueueStatus", "CoreShowChannels", "Ping")),
)


def opening(switch: Asked, at: int) -> bytes:
    """Greeting, login and the answers."""
    conversation = Conversation(Account("u", "s"), switch, "123456789")
    return GREETING + b"".join(conversation.answer({**each, "actionid": each["action"]}, at).data for each in QUESTIONS)


def session(switch: Asked, at: int, events: Iterable[tuple[int, Message]]) -> bytes:
    """The whole of it, as bytes of the wire."""
    return opening(switch, at) + b"".join(stamped(when, event) for when, event in events)
