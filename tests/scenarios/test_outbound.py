"""What is counted of recorded calls out: one thing each on a real Asterisk 16 and 22, and two minutes of mixed life against the list of who provoked it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from monitor.core.chronicle import AttemptEnded
from monitor.core.contract import SECOND, Contract, Group, Project, QueueId, ServiceLevel
from monitor.core.counters import Attempts, Component, Contacts, Visits
from monitor.core.direction import DIALLED
from monitor.core.outgoing import Outbound
from tests.lab import outbound
from tests.lab.campaign import CONTACT_SECONDS
from tests.scenarios.world import PBX, Recording, Replay

VERSIONS = ("16", "22")
ZONE = ZoneInfo("Europe/Kyiv")


def contract() -> Contract:
    """The clients of the floor in which these were recorded."""
    projects = []
    for each in outbound.PROJECTS:
        told = tomllib.loads(f"by = {{ {each.told_by} }}")["by"]
        dialer_queues = tuple(QueueId(PBX, queue) for queue in told.pop("dialer_queues", ()))
        by: Any = {key: tuple(marks) for key, marks in told.items()}
        marks = Outbound(dialer_queues=dialer_queues, **by)
        queues = (*(QueueId(PBX, queue) for queue in each.queues), *dialer_queues)
        level = ServiceLevel(20 * SECOND)
        projects.append(Project(each.name, each.client, "floor", queues, zone=ZONE, wrapup_us=0, service_level=level, outbound=marks))
    return Contract(zone=ZONE, agent_metrics=True, groups=(Group("floor"),), projects=tuple(projects))


class Told(NamedTuple):
    """What has to come of a take: whose attempts, of them taken and contacts, failures; then people's seconds of dialling, talk and hold."""

    project: str = "shop-line"
    attempts: int = 1
    taken: int = 1
    contacts: int = 1
    failures: tuple[str, ...] = ()
    dialing: float = 1.0
    talk: float = 9.5
    hold: float = 0.0


SHORT = Told(contacts=0, talk=3.0)


def failed(word: str, dialing: float = 0.0) -> Told:
    return Told(taken=0, contacts=0, failures=(word,), dialing=dialing, talk=0.0)


TAKES = {
    "answered": Told(),
    "answered-media": Told(talk=12.0),
    "agent-hangs-up": Told(talk=9.0),
    "short": SHORT,
    "busy": failed("busy"),
    "congestion": failed("congestion"),
    "rejected": failed("noanswer"),
    "forbidden": failed("noanswer"),
    "unallocated": failed("noanswer"),
    "ringout": failed("noanswer", 8.0),
    "cancelled": failed("cancel", 4.0),
    "context": Told("bank-line"),
    "account-code": Told("taxi-line", dialing=0, talk=0),
    "account-code-of-the-phone": Told("taxi-line", dialing=0, talk=0),
    "caller-id": Told("poll-line", dialing=0, talk=0),
    "prefix": Told("alarm-line", dialing=0, talk=0),
    "device-only": Told(dialing=0, talk=0),
    "routes": Told("bank-line", attempts=2, failures=("congestion",), dialing=0, talk=0),
    "click-to-call": Told(),
    "click-synchronous": Told("bank-line"),
    "click-unanswered": Told(attempts=0, taken=0, contacts=0, dialing=0, talk=0),
    "click-local": Told(),
    "click-local-optimised": Told(),
    "originate-application": Told(),
    "call-file": Told(),
    "call-file-queue": Told(dialing=0, talk=8.7),
    "dialer-queue": Told(dialing=0, talk=11.3),
    "originate-local": Told(dialing=0, talk=11.3),
    "dialer-failures": Told(attempts=3, taken=0, contacts=0, failures=("busy", "noanswer", "congestion"), dialing=0, talk=0),
    "dialer-abandon": Told(contacts=0, dialing=0, talk=0),
    "dialer-transfer": Told(dialing=0, talk=3.0 + 7.6),
    "blind-transfer": Told(talk=3.0),
    "refer": Told(talk=3.0 + 8.3),
    "attended-transfer": Told(talk=2.3 + 5.0, hold=4.7),
    "into-queue": Told(talk=3.0),
    "hold": Told(talk=9.0, hold=3.0),
    "callback": Told(),
    "colleague": Told(attempts=0, taken=0, contacts=0, dialing=0, talk=0),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", TAKES)
def test_one_call_of_each_kind(name: str, version: str) -> None:
    agreed = contract()
    replay = Replay(Recording(f"out-{version}/{name}").events(), agreed=agreed).whole()
    counters, told = replay.floor.counters, TAKES[name]

    def seconds(component: Component) -> float:
        return sum(counters.dialled_us.get((told.project, direction, component), 0) for direction in DIALLED) / SECOND

    attempts = {key[0]: row for key, row in counters.attempts.items() if row[Attempts.ATTEMPTS]}
    reached = {key[0]: row for key, row in counters.reached.items() if row[Contacts.CONTACTS]}
    failures = Counter(str(failure) for (_, failure), count in counters.failures.items() for _ in range(count))
    got = [
        {name: (row[Attempts.ATTEMPTS], row[Attempts.TAKEN], row[Attempts.UNRESOLVED]) for name, row in attempts.items()},
        {name: row[Contacts.CONTACTS] for name, row in reached.items()},
        failures,
    ]
    assert got == [
        {told.project: (told.attempts, told.taken, 0)} if told.attempts else {},
        {told.project: told.contacts} if told.contacts else {},
        Counter(told.failures),
    ]
    times = [seconds(component) for component in (Component.DIALING, Component.TALK, Component.HOLD)]
    assert times == pytest.approx([told.dialing, told.talk, told.hold], abs=0.3)
    assert counters.anomalies == {}


def ended(replay: Replay) -> list[AttemptEnded]:
    """The last word on each attempt."""
    _, details = replay.floor.chronicle.details.read(100_000)
    return list({one.call: one for one in details if isinstance(one, AttemptEnded)}.values())


@pytest.fixture(scope="module", params=VERSIONS)
def mixed(request: pytest.FixtureRequest) -> tuple[Replay, dict[str, Any]]:
    recording = Recording(f"mixed-out-{request.param}")
    replay = Replay(recording.events(), agreed=contract())
    replay.floor.keep()
    told: dict[str, Any] = json.loads((recording.path.parent / "truth.json").read_text(encoding="utf-8"))
    return replay.whole(), told


def test_mixed_life_is_counted_as_it_was_provoked(mixed: tuple[Replay, dict[str, Any]]) -> None:
    replay, told = mixed
    counters = replay.floor.counters
    for name, counted in told["projects"].items():
        rows = [row for (project, _), row in counters.attempts.items() if project == name]
        reached = [row for (project, _), row in counters.reached.items() if project == name]
        got = Counter(attempts=sum(row[Attempts.ATTEMPTS] for row in rows), answer=sum(row[Attempts.TAKEN] for row in rows))
        got["contacts"] = sum(row[Contacts.CONTACTS] for row in reached)
        got += Counter({str(failure): count for (project, failure), count in counters.failures.items() if project == name})
        assert got == +Counter(counted), name
        assert sum(row[Attempts.UNRESOLVED] for row in rows) == 0
    assert counters.anomalies == {}


def test_mixed_life_attempt_by_attempt(mixed: tuple[Replay, dict[str, Any]]) -> None:
    replay, told = mixed
    attempts = ended(replay)
    assert Counter((one.project, one.status, one.contact) for one in attempts) == Counter(
        (one["project"], one["status"].lower(), one["up_s"] >= CONTACT_SECONDS) for one in told["attempts"]
    )
    up = sorted((one.ended_at - one.taken_at) / SECOND for one in attempts if one.taken_at is not None and one.ended_at is not None)
    assert up == pytest.approx(sorted(one["up_s"] for one in told["attempts"] if one["up_s"]), abs=0.05)
    by = Counter(one.agent for one in attempts)
    members = {phone for phones in outbound.QUEUES.values() for phone in phones}
    dialled = Counter(one["phone"] for one in told["attempts"])
    for phone in members:  # who is in no queue is nobody's person yet; to those whom a dialer called somebody else was the first to speak
        spoken = by[f"{PBX}/PJSIP/agent{phone}"] - dialled[phone]
        assert 0 <= spoken <= dialled[0]
    assert set(by) - {""} <= {f"{PBX}/PJSIP/agent{phone}" for phone in members}


def test_who_calls_in_meanwhile_is_demand_and_who_was_called_is_not(mixed: tuple[Replay, dict[str, Any]]) -> None:
    """Callers into shop and bank, and those whom shop's agents passed on into bank, by the PBX's own log."""
    replay, _ = mixed
    counters = replay.floor.counters
    for queue, project in (("shop", "shop-line"), ("bank", "bank-line")):
        entered = counters.visits[project, QueueId(PBX, queue)][Visits.ENTERED]
        assert entered == counters.contacts[project][Contacts.CONTACTS] > 0
    assert counters.visits["shop-line", QueueId(PBX, "sales")][Visits.ENTERED] > 0
