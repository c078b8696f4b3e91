"""What is answered to commands, in which words; what is right reaches a real engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from monitor.core.signals import Signal
from monitor.core.tariff import Tariff
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.outputs.mqtt.commands import LONGEST_OTHER, Commands, Said
from monitor.outputs.mqtt.topics import Command, Kind
from monitor.plan.plan import EMPTY
from tests.clockwork import Time, seen
from tests.core.scene import T0, contract, project
from tests.outputs.web import test_incidents as pages

NUMBER = "380501234567"
PRICED = Tariff(date(2020, 1, 1), per_result=(("sale", Decimal("90.00")),))


async def bring(sent: bytes, who: str) -> tuple[bool, list[str]]:
    return (True, ["done"]) if sent == b"good" else (False, [f"bad, {who}"])


class Teller:
    """Who tells an engine something."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.view = pages.View(engine)
        self.money = Commands(self.view, Desk(engine), bring, money=True)
        self.commands = Commands(self.view, Desk(engine), bring, money=False)

    async def tell(self, kind: Kind, sent: Any, name: str = "") -> Said:
        return await self.commands.answer(Command(kind, name), sent if isinstance(sent, bytes) else json.dumps(sent).encode())

    async def refused(self, kind: Kind, sent: Any, name: str = "") -> str:
        said = await self.tell(kind, sent, name)
        assert (said.accepted, said.refused) == (False, 1)
        assert NUMBER not in str(said)
        return str(said.row["error"])


@pytest.fixture
async def teller() -> AsyncIterator[Teller]:
    projects = project("bank", channels=("chat",), tariffs=(PRICED,)), project("shop")
    engine = Engine(contract(*projects, signals=(Signal("storm", "weather", ("Kyiv", "Lviv")),)), EMPTY, Time().clock)
    engine.put(seen(T0, "ann"))
    running = asyncio.create_task(engine.run())
    yield Teller(engine)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_result_is_of_the_topic_s_project(teller: Teller) -> None:
    sale = {"disposition": "sale", "key": NUMBER}
    assert await teller.tell(Kind.RESULT, sale, "bank") == Said(True, {"duplicate": False})
    assert await teller.tell(Kind.RESULT, sale | {"project": "bank"}, "bank") == Said(True, {"duplicate": True})
    told = await teller.money.answer(Command(Kind.RESULT, "bank"), json.dumps(sale).encode())
    assert told == Said(True, {"duplicate": True, "amount": "90.00", "currency": "UAH"})
    assert await teller.refused(Kind.RESULT, sale | {"project": "shop"}, "bank") == "project and the topic differ; send one of them"
    assert await teller.refused(Kind.RESULT, sale, "bnk") == "unknown project 'bnk'; did you mean 'bank'?"


async def test_of_a_list_each_is_answered(teller: Teller) -> None:
    sent = [{"disposition": "sale", "key": "1"}, {"disposition": "sale"}, {"disposition": "lead", "key": "1"}, 7]
    said = await teller.tell(Kind.RESULT, sent, "bank")
    assert (said.accepted, said.refused, said.row["error"]) == (True, 3, "3 of 4 are refused; answers say why")
    assert [row["accepted"] for row in said.row["answers"]] == [True, False, False, False]  # type: ignore[attr-defined]
    assert await teller.refused(Kind.RESULT, [], "bank") == "a list of 0 is not read; send 1 to 1000 in one payload"
    assert await teller.refused(Kind.CONTACTS, [{}] * 1001, "bank") == "a list of 1001 is not read; send 1 to 1000 in one payload"


CHAT = {"key": NUMBER, "channel": "chat", "arrived_at": "2025-01-01T00:00:00Z", "outcome": "abandoned"}
LIKE = 'send {"key": "chat 4711", "channel": "chat", "arrived_at": "2026-12-25T14:00:00+02:00", "outcome": "abandoned"}'
MOMENT = "write it as 2026-12-25T14:00:00+02:00, or without an offset in the project's time"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"{", f"the body is not JSON; {LIKE}"),
        (7, f"the body is not an object, nor a list of them; {LIKE}"),
        (CHAT | {"who": "x"}, "unknown key 'who'; known: key, channel, arrived_at, answered_at, ended_at, outcome, handle_seconds"),
        ({"channel": "chat"}, "key is missing; a contact has key, channel, arrived_at and outcome"),
        (CHAT | {"channel": 7}, "channel is not a text on one line of at most 60 letters, without blanks around it; mend it"),
        (CHAT | {"arrived_at": None}, f"arrived_at is missing; {MOMENT}"),
        (CHAT | {"arrived_at": NUMBER}, f"arrived_at is not a time; {MOMENT}"),
        (CHAT | {"ended_at": 7}, f"ended_at is not a time; {MOMENT}"),
        (CHAT | {"outcome": NUMBER}, "outcome is not one of answered, abandoned; say how the contact ended"),
        (CHAT | {"outcome": "flowed_out"}, "outcome is not one of answered, abandoned; say how the contact ended"),
        (CHAT | {"handle_seconds": "90"}, "handle_seconds is not a number of seconds; write one from 0 to 604800, without quotes"),
        (CHAT | {"handle_seconds": -1}, "handle_seconds is not a number of seconds; write one from 0 to 604800, without quotes"),
        (CHAT | {"handle_seconds": True}, "handle_seconds is not a number of seconds; write one from 0 to 604800, without quotes"),
        (b'{"key": "1", "channel": "chat", "arrived_at": "2025-01-01", "outcome": "abandoned", "handle_seconds": NaN}',
         "handle_seconds is not a number of seconds; write one from 0 to 604800, without quotes"),
    ],
)  # fmt: skip
async def test_a_contact_nobody_can_mean_is_refused_in_one_line(teller: Teller, sent: Any, said: str) -> None:
    assert await teller.refused(Kind.CONTACTS, sent, "bank") == said


async def test_a_project_whose_name_nobody_can_mean_is_not_repeated(teller: Teller) -> None:
    """A topic may be as long as 64 KB, and a list has an answer for each."""
    for name in ("bank" * 15_000, "bank\n"):
        said = await teller.refused(Kind.CONTACTS, CHAT, name)
        assert said == "project is not a text on one line of at most 100 letters, without blanks around it; mend it"


async def test_an_incident_is_opened_and_closed(teller: Teller) -> None:
    opened = await teller.tell(Kind.INCIDENT, {"kind": "air_raid", "note": "siren"})
    assert opened.accepted
    assert (await teller.tell(Kind.INCIDENT, {"close": "1"})).row["incident"]["closed_by"] == "mqtt"  # type: ignore[index]
    assert await teller.refused(Kind.INCIDENT, {"close": "1"}) == "incident 1 is closed already"
    assert await teller.refused(Kind.INCIDENT, {"close": 1}) == (
        'close is not the id of an incident; send {"close": "7"}, as it was answered when it was opened'
    )
    assert await teller.refused(Kind.INCIDENT, {"close": "1", "kind": "power"}) == "unknown key 'kind'; known: close"
    teller.view.known = False
    assert await teller.refused(Kind.INCIDENT, {"kind": "power"}) == "nothing is known of the floor yet; tell it again in a moment"


async def test_a_signal_of_the_topic_s_name_is_on(teller: Teller) -> None:
    said = await teller.tell(Kind.SIGNAL, {"state": "on", "region": "Kyiv"}, "storm")
    assert said.accepted
    assert [(row["name"], row["region"], row["on"], row["who"]) for row in said.row["signals"]] == [("storm", "Kyiv", True, "mqtt")]  # type: ignore[attr-defined]
    assert await teller.refused(Kind.SIGNAL, {"state": "on", "name": "rain"}, "storm") == "name is not that of the topic; leave it out"
    assert await teller.refused(Kind.SIGNAL, {"state": "wet"}, "storm") == 'state "wet" is not one of on, off'
    assert (await teller.refused(Kind.SIGNAL, {"state": "on"}, "rain")).startswith("unknown signal 'rain'; ")


async def test_a_plan_is_handed_on(teller: Teller) -> None:
    assert await teller.tell(Kind.PLAN, b"good") == Said(True, {"said": ["done"]})
    assert await teller.refused(Kind.PLAN, b"worse") == "bad, mqtt"


async def test_what_is_too_long_is_not_read(teller: Teller) -> None:
    assert (
        await teller.refused(Kind.RESULT, b" " * (LONGEST_OTHER + 1), "bank") == "262145 bytes are more than the 262144 that are read at once; send it in parts"
    )
