"""`POST /api/v1/results` over real sockets, with a real engine behind the desk: what is counted, what is refused in which words, and to whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from structlog.testing import capture_logs

from monitor.core.contract import MINUTE, Finances
from monitor.core.snapshot import Cell
from monitor.core.tariff import Tariff
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.outputs.web import results
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from tests.clockwork import Time, seen
from tests.core.scene import T0, contract, project
from tests.outputs.web.test_incidents import SIREN, TOKENS, Site, View

PATH = "/api/v1/results"
KYIV = ZoneInfo("Europe/Kyiv")
TARIFF = Tariff(date(2025, 1, 1), currency="EUR", per_result=(("sale", Decimal("90.00")), ("lead", Decimal("4.5"))))
NUMBER = "380501234567"
SALE = {"project": "bank", "disposition": "sale", "key": NUMBER}
JSON = SIREN | {"Content-Type": "application/json"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    time = Time()
    projects = (project("bank", tariffs=(TARIFF,), zone=KYIV), project("shop", zone=KYIV))
    engine = Engine(contract(*projects, zone=KYIV, finances=Finances("UAH")), EMPTY, time.clock)
    engine.put(seen(T0, "ann"))
    running = asyncio.create_task(engine.run())
    view = View(engine)
    web = Web("127.0.0.1", 0, view, tokens=TOKENS, desk=Desk(engine))
    await web.start()
    async with aiohttp.ClientSession(web.url) as http:
        yield Site(web, view, time, http)
    await web.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def post(site: Site, told: Any, **headers: str) -> tuple[int, Any]:
    return await site.ask("POST", PATH, told, SIREN | {name.replace("_", "-"): value for name, value in headers.items()})


def counted(site: Site) -> int:
    return sum(site.view.engine.floor.counters.results.values())


# --- counted ----------------------------------------------------------------------------------------------------------------------------


async def test_one_is_counted_once_and_shown(site: Site) -> None:
    assert await post(site, SALE) == (201, {"accepted": True, "duplicate": False, "amount": "90.00", "currency": "EUR"})
    assert await post(site, SALE) == (200, {"accepted": True, "duplicate": True, "amount": "90.00", "currency": "EUR"})
    async with site.http.get("/metrics?client=Bank") as answer:
        text = await answer.text()
    assert [line for line in text.splitlines() if line.startswith("callcenter_results_total")] == [
        'callcenter_results_total{client="Bank",project="bank",disposition="lead"} 0',
        'callcenter_results_total{client="Bank",project="bank",disposition="other"} 0',
        'callcenter_results_total{client="Bank",project="bank",disposition="sale"} 1',
    ]
    assert NUMBER not in text


async def test_the_header_takes_the_place_of_the_key(site: Site) -> None:
    told = {"project": "bank", "disposition": "lead"}
    assert await post(site, told, Idempotency_Key="a") == (201, {"accepted": True, "duplicate": False, "amount": "4.50", "currency": "EUR"})
    assert (await post(site, told | {"key": "a"}))[0] == 200
    assert (await post(site, told | {"key": "a"}, Idempotency_Key="a"))[0] == 200
    assert await post(site, told | {"key": "b"}, Idempotency_Key="a") == (400, {"error": "key and Idempotency-Key differ; send one of them"})
    assert await post(site, [told], Idempotency_Key="c") == (400, {"error": "Idempotency-Key is for one result; write a key into each of a list"})
    assert counted(site) == 1


async def test_without_a_price_the_amount_is_nought(site: Site) -> None:
    assert (await post(site, SALE | {"disposition": "callback"}))[1]["amount"] == "0.00"
    assert await post(site, SALE | {"project": "shop"}) == (201, {"accepted": True, "duplicate": False, "amount": "0.00", "currency": "UAH"})


@pytest.mark.parametrize(
    ("at", "minute"),
    [("2025-11-24T17:50:00", T0 - 10 * MINUTE), ("2025-11-24T15:50:30Z", T0 - 10 * MINUTE), ("2025-11-24T16:50+01:00", T0 - 10 * MINUTE), (None, T0)],
)
async def test_when(site: Site, at: str | None, minute: int) -> None:
    assert (await post(site, SALE | {"at": at}))[0] == 201
    rows = site.view.engine.floor.ledger.projects["bank"].cells()
    assert {start: row[Cell.REVENUE_U] for start, row in rows.items() if row[Cell.RESULTS]} == {minute: 90_000_000}


async def test_a_list_is_answered_one_by_one_in_its_order(site: Site) -> None:
    many = [SALE | {"key": str(number)} for number in range(250)]
    status, answers = await post(site, [*many, SALE | {"key": "7"}, 7, SALE | {"project": "bnk"}, SALE | {"key": "7", "disposition": "lead"}, SALE | {"x": 1}])
    assert status == 200
    assert answers[:250] == [{"accepted": True, "duplicate": False, "amount": "90.00", "currency": "EUR"}] * 250
    assert answers[250]["duplicate"] is True
    assert [(one["accepted"], one["status"], one["error"]) for one in answers[251:]] == [
        (False, 400, f"the body is not an object, nor a list of them; {LIKE}"),
        (False, 404, "unknown project 'bnk'; did you mean 'bank'?"),
        (False, 409, "a result of bank with this key was told before, as 'sale'; another result needs a key of its own"),
        (False, 400, "unknown key 'x'; known: project, disposition, key, at"),
    ]
    assert counted(site) == 250
    assert await post(site, []) == (200, [])


async def test_many_who_tell_the_same_at_once_count_it_once(site: Site) -> None:
    answers = await asyncio.gather(*(post(site, SALE) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert counted(site) == 1


# --- refused ----------------------------------------------------------------------------------------------------------------------------

LIKE = 'send {"project": "shop-line", "disposition": "sale", "key": "order 4711"}'
A_TIME = "at is not a time; write it as 2026-12-25T14:00:00+02:00, or without an offset in the project's time"
A_KEY = "key is not a text on one line of at most 120 letters, without blanks around it; mend it"


@pytest.mark.parametrize(
    ("told", "status", "line"),
    [
        ("sale", 400, f"the body is not an object, nor a list of them; {LIKE}"),
        ({}, 400, "project is missing; a result has project, disposition and key"),
        ({"project": "bank", "disposition": "sale"}, 400, "key is missing; a result has project, disposition and key"),
        (SALE | {"price": 7}, 400, "unknown key 'price'; known: project, disposition, key, at"),
        (SALE | {"key": 380501234567}, 400, A_KEY),
        (SALE | {"key": "x" * 121}, 400, A_KEY),
        (SALE | {"at": "10:42"}, 400, A_TIME),
        (SALE | {"at": 1764000000}, 400, A_TIME),
        (SALE | {"at": "2025-10-01"}, 400, "came about more than 35 days ago; its key may be forgotten by now, so it could be counted twice"),
        (SALE | {"at": "2025-11-24T18:06"}, 400, "comes about in more than 5 minutes; tell it then, and look at the clock of the machine that tells it"),
        (SALE | {"project": "banc"}, 404, "unknown project 'banc'; did you mean 'bank'?"),
    ],
)
async def test_what_cannot_be_counted_is_refused_in_one_line(site: Site, told: Any, status: int, line: str) -> None:
    with capture_logs() as logs:
        assert await post(site, told) == (status, {"error": line})
    assert counted(site) == 0
    assert NUMBER not in line + json.dumps(logs)


async def test_a_key_is_of_one_result(site: Site) -> None:
    await post(site, SALE)
    with capture_logs() as logs:
        status, answer = await post(site, SALE | {"disposition": "lead"})
    assert (status, answer["error"]) == (409, "a result of bank with this key was told before, as 'sale'; another result needs a key of its own")
    assert logs == [{"event": "results are refused", "log_level": "info", "who": "siren", "told": 1, "conflict": 1}]


@pytest.mark.parametrize("body", [b"", b"project=bank", b"{", b"\xff", b"[" * 60_000])
async def test_what_is_no_json_is_refused(site: Site, body: bytes) -> None:
    assert await site.ask("POST", PATH, headers=JSON, data=body) == (400, {"error": f"the body is not JSON; {LIKE}"})


async def test_another_type_of_body_and_too_much_are_refused(site: Site) -> None:
    status, answer = await site.ask("POST", PATH, data={"project": "bank"})
    assert (status, answer["error"]) == (415, "a body of type 'application/x-www-form-urlencoded' is not read; send Content-Type: application/json")
    assert await post(site, [SALE] * 1001) == (413, {"error": "1001 results are more than 1000; send them in several requests"})
    large = json.dumps(SALE | {"key": "x" * results.LONGEST_BODY}).encode()
    assert await site.ask("POST", PATH, headers=JSON, data=large) == (413, {"error": "more than 262144 bytes; send fewer results at once"})
    assert counted(site) == 0


async def test_only_who_may_write_tells(site: Site) -> None:
    assert await site.ask("POST", PATH, SALE, {}) == (401, {"error": "this needs a token; send Authorization: Bearer followed by its secret"})
    assert (await site.ask("POST", PATH, SALE, {"Authorization": "Bearer guess"}))[0] == 401
    assert (await site.ask("POST", PATH, SALE, {"Authorization": "Bearer look"}))[0] == 403
    assert (await site.ask("GET", PATH))[0] == 405
    assert counted(site) == 0


async def test_an_inbox_that_is_full_says_so(site: Site) -> None:
    site.view.engine._limit = 0
    assert await post(site, SALE) == (503, {"error": "too much happens to take it now; try again"})
    status, answers = await post(site, [SALE] * 101)
    assert (status, {one["status"] for one in answers}, len(answers)) == (200, {503}, 101)
