"""Whom to ring back, over real sockets: the list for everybody, numbers for whoever may read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from monitor.core.contract import MINUTE, SECOND
from monitor.core.lost import LostRow
from monitor.outputs.web.auth import Token
from monitor.outputs.web.lost import MOST
from monitor.outputs.web.server import Web
from tests.outputs.hand import AT
from tests.outputs.web.test_server import Desk

ROWS = (
    LostRow(AT - 60 * MINUTE, AT - 50 * MINUTE, "bank-line", "Bank", 3, "+380441234567", AT - 30 * MINUTE),
    LostRow(AT - 40 * MINUTE, AT - 40 * MINUTE, "shop-line", "Shop", 1, "", None),
    LostRow(AT - 10 * MINUTE, AT - 10 * MINUTE, "bank-line", "Bank", 1, "…4567", AT + 20 * MINUTE),
)
TOKENS = (Token.of("boss", "read-me", ["read"]), Token.of("client", "bank", ["client:Bank"]), Token.of("crm", "write-me", ["write"]))


@pytest.fixture
async def ask() -> AsyncIterator[aiohttp.ClientSession]:
    server = Web("127.0.0.1", 0, Desk(), tokens=TOKENS, callers=lambda: ROWS)
    await server.start()
    async with aiohttp.ClientSession(server.url) as session:
        yield session
    await server.stop()


async def listed(ask: aiohttp.ClientSession, token: str = "") -> dict[str, Any]:
    async with ask.get("/api/v1/lost", headers={"Authorization": f"Bearer {token}"} if token else {}) as response:
        assert response.status == 200
        told: dict[str, Any] = await response.json()
        return told


@pytest.mark.parametrize("token", ["read-me", "write-me"])
async def test_whoever_may_read_sees_the_numbers(ask: aiohttp.ClientSession, token: str) -> None:
    told = await listed(ask, token)
    assert told["numbers"] is True
    assert [row["number"] for row in told["callers"]] == ["+380441234567", None, "…4567"]
    assert told["callers"][0] == {
        "project": "bank-line",
        "client": "Bank",
        "first": "2025-11-24T15:00:00.000000Z",
        "last": "2025-11-24T15:10:00.000000Z",
        "tries": 3,
        "number": "+380441234567",
        "due": "2025-11-24T15:30:00.000000Z",
        "overdue_seconds": 30 * MINUTE / SECOND,
    }
    assert (told["callers"][1]["due"], told["callers"][1]["overdue_seconds"]) == (None, None)
    assert told["callers"][2]["overdue_seconds"] is None


async def test_everybody_else_sees_who_waits_and_no_number(ask: aiohttp.ClientSession) -> None:
    told = await listed(ask)
    assert told["numbers"] is False
    assert {row["number"] for row in told["callers"]} == {None}
    assert told["open"] == 8
    assert "4567" not in str(told)


@pytest.mark.parametrize(("token", "status"), [("nobody", 401), ("bank", 403)])
async def test_a_token_that_may_not_read_is_refused(ask: aiohttp.ClientSession, token: str, status: int) -> None:
    async with ask.get("/api/v1/lost", headers={"Authorization": f"Bearer {token}"}) as response:
        assert response.status == status
        assert "4567" not in await response.text()


async def test_it_lists_all_or_says_so(ask: aiohttp.ClientSession) -> None:
    async with ask.get("/api/v1/lost?project=bank-line") as response:
        assert (response.status, await response.json()) == (400, {"error": "unknown parameter 'project'; /api/v1/lost lists all"})


async def test_before_anything_is_known_it_says_so_and_a_long_list_is_cut() -> None:
    desk = Desk()
    server = Web("127.0.0.1", 0, desk, callers=lambda: [ROWS[0]] * (MOST + 5))
    await server.start()
    async with aiohttp.ClientSession(server.url) as session:
        assert len((await listed(session))["callers"]) == MOST
        desk.latest = None
        async with session.get("/api/v1/lost") as response:
            assert response.status == 503
    await server.stop()


async def test_a_server_that_has_nobody_to_ask_lists_nobody() -> None:
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    async with aiohttp.ClientSession(server.url) as session:
        assert (await listed(session))["callers"] == []
    await server.stop()
