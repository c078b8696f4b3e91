"""The floor that the lab plays: its queues, agents and thresholds, in plain data.

Owns nothing but the facts: `settings.py` renders them as Asterisk's files, `daemon.py` as the daemon's config, `driver.py`
plays on them, `judge.py` counts by their thresholds. Times are short so that a run stays short; no behaviour hangs on it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

RING_SECONDS = 3
MINUTE_PRICE, INCREMENT_SECONDS = "6.00", 10  # of the bank, by talk and hold
CALL_PRICE = "2.50"  # of the shop, answered
PATIENCE_SECONDS = 2  # Queue()'s maximum wait in the dialplan's impatient ways in


@dataclass(frozen=True)
class Queue:
    name: str
    strategy: str
    wrapup_seconds: int
    members: tuple[str, ...]  # as queues.conf: interface,penalty,name,state interface
    leave_when_empty: bool = False


@dataclass(frozen=True)
class Project:
    name: str
    client: str
    queues: tuple[str, ...]
    threshold_seconds: int
    short_seconds: int


def phone(number: int, name: str) -> str:
    return f"PJSIP/agent{number},0,{name}"


def local(number: int, name: str, *, stays: bool) -> str:
    """A member behind a Local channel: `stays` keeps it in the path (/n), else it is optimised away."""
    return f"Local/agent{number}@localagents{'/n' if stays else ''},0,{name},PJSIP/agent{number}"


QUEUES = (
    Queue("bank", "rrmemory", 1, (phone(1, "Олена Коваль"), phone(2, "Ірина Шевчук"), phone(3, "Agent 3"), phone(4, "Юрій Їжак"), phone(5, "Agent 5"))),
    Queue("shop", "leastrecent", 0, (phone(4, "Юрій Їжак"), phone(5, "Agent 5"), phone(6, "Agent 6"), phone(7, "Ґалаґан Ніна"))),
    Queue(
        "taxi",
        "rrmemory",
        2,
        (local(8, "Марія Бондар", stays=True), local(9, "Agent 9", stays=True), local(10, "Agent 10", stays=False), local(11, "Петро Ґудзь", stays=False)),
    ),
    Queue("alarm", "ringall", 1, (phone(6, "Agent 6"), phone(12, "Agent 12"), phone(13, "Софія Лисенко"))),
    Queue("void", "rrmemory", 0, (phone(16, "Expert 16"),), leave_when_empty=True),
)
PROJECTS = (
    Project("bank-line", "Bank", ("bank",), threshold_seconds=3, short_seconds=2),
    Project("shop-line", "Shop", ("shop", "alarm"), threshold_seconds=4, short_seconds=2),
    Project("taxi-line", "Таксі", ("taxi",), threshold_seconds=3, short_seconds=3),
    Project("void-line", "Shop", ("void",), threshold_seconds=3, short_seconds=2),
)
PHONES = 16
EXPERT = 16  # paused for ever in `void`; takes calls by extension only
DYNAMIC = (14, 15)  # come and go as members during the run, as guests by name
GUEST = "Гість"
PAUSED_AT_START = (("void", "PJSIP/agent16", "backoffice"),)
NEXT_QUEUE = {"bank": "shop", "shop": "alarm", "taxi": "bank", "alarm": "bank", "void": "bank"}
BUSY_QUEUES = ("bank", "shop", "taxi", "alarm")  # where callers of most kinds go


def queue(name: str) -> Queue:
    return next(each for each in QUEUES if each.name == name)


def project_of(queue_name: str) -> Project:
    return next(each for each in PROJECTS if queue_name in each.queues)


def extension(queue_name: str) -> str:
    """The number a transfer dials to reach a queue: digits, because it is sent as DTMF."""
    return str(700 + [each.name for each in QUEUES].index(queue_name))


def described() -> dict[str, object]:
    """The floor as JSON, to lie beside a recording."""
    return {"queues": {each.name: asdict(each) for each in QUEUES}, "projects": [asdict(each) for each in PROJECTS], "ring_seconds": RING_SECONDS}
