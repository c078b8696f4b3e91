"""`/api/v1/signals` over real sockets, with a real engine behind the desk: what is accepted, what is refused in which words, and to whom."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from monitor.core.signals import HOUR_US, Row, Signal
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.outputs.web import incidents
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from tests.clockwork import Time, seen
from tests.core.scene import T0, contract
from tests.outputs.web.test_incidents import KYIV, SIREN, TOKENS, Site, View

PATH = "/api/v1/signals"
STORM = Signal("storm", "thunderstorm", ("Kyiv", "Lviv"), ("bank",))
FAIR = Signal("fair", "holiday", calendar=(Row(T0 - HOUR_US, T0 + HOUR_US),))
OFF = {"since": None, "until": None, "end": None, "who": None}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    time = Time()
    engine = Engine(contract(zone=KYIV, signals=(STORM, FAIR)), EMPTY, time.clock)
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


async def tell(site: Site, **told: Any) -> tuple[int, Any]:
    return await site.ask("POST", PATH, told)


async def test_on_listed_and_off_again(site: Site) -> None:
    storm = {"name": "storm", "kind": "thunderstorm", "region": "Kyiv", "projects": ["bank"], "on": True, "since": "2025-11-24T15:50:00.000000Z"}
    storm |= {"until": "2025-11-25T15:50:00.000000Z", "end": "assumed", "who": "siren"}
    fair = {"name": "fair", "kind": "holiday", "region": None, "projects": None, "on": True, "since": "2025-11-24T15:00:00.000000Z"}
    fair |= {"until": "2025-11-24T17:00:00.000000Z", "end": "calendar", "who": None}
    now = "2025-11-24T16:00:00.000000Z"
    assert await tell(site, name="storm", state="on", region="kyiv", at="2025-11-24T17:50") == (200, {"at": now, "signals": [storm]})
    assert await site.ask("GET", PATH, headers={}) == (200, {"at": now, "signals": [storm, storm | {"region": "Lviv", "on": False} | OFF, fair]})
    assert await tell(site, name="storm", state="off") == (
        200, {"at": now, "signals": [storm | {"region": region, "on": False} | OFF for region in ("Kyiv", "Lviv")]}
    )  # fmt: skip


async def test_told_until_it_is_agreed(site: Site) -> None:
    _, told = await tell(site, name="storm", state="on", region="Lviv", until="2025-11-24T20:00")
    (view,) = told["signals"]
    assert (view["until"], view["end"]) == ("2025-11-24T18:00:00.000000Z", "agreed")


async def test_the_floor_its_stream_and_metrics_have_it_at_once(site: Site) -> None:
    await tell(site, name="storm", state="on", region="Kyiv")
    async with site.http.get("/api/v1/floor") as answer:
        assert [(one["name"], one["region"]) for one in (await answer.json())["signals"]] == [("storm", "Kyiv"), ("fair", None)]
    async with site.http.get("/api/v1/stream", headers={"Accept-Encoding": "identity"}) as stream:
        async for line in stream.content:
            if line.startswith(b"data: "):
                assert [one["name"] for one in json.loads(line[6:])["signals"]] == ["storm", "fair"]
                break
    async with site.http.get("/metrics") as answer:
        text = await answer.text()
    assert re.findall(r"^callcenter_signal_active.*$", text, re.MULTILINE) == [
        'callcenter_signal_active{kind="holiday",scope="site"} 1',
        'callcenter_signal_active{kind="thunderstorm",scope="region:Kyiv,project:bank"} 1',
        'callcenter_signal_active{kind="thunderstorm",scope="region:Lviv,project:bank"} 0',
    ]
    async with site.http.get("/metrics?client=Bank") as answer:
        assert "signal" not in await answer.text()


@pytest.mark.parametrize(
    ("told", "status", "line"),
    [
        ({"name": "strom", "state": "on"}, 404, "unknown signal 'strom'; did you mean 'storm'?"),
        ({"name": "storm", "state": "on", "region": "Odesa"}, 404, "storm has no region 'Odesa'; known: Kyiv, Lviv"),
        ({"name": "fair", "state": "off"}, 409, "fair is on by its calendar; change that and reload"),
        ({"name": "fair", "state": "on", "at": "2025-11-24T18:06"}, 400, "is told of a time to come; tell it then, or write it into the signal's calendar"),
        ({"name": "storm", "state": "maybe"}, 400, 'state "maybe" is not one of on, off'),
    ],
)
async def test_what_is_refused(site: Site, told: dict[str, Any], status: int, line: str) -> None:
    before = await site.ask("GET", PATH)
    assert await tell(site, **told) == (status, {"error": line})
    assert await site.ask("GET", PATH) == before


async def test_another_type_of_body_and_a_large_one_are_refused(site: Site) -> None:
    status, answer = await site.ask("POST", PATH, data={"name": "storm"})
    assert (status, answer["error"]) == (415, "a body of type 'application/x-www-form-urlencoded' is not read; send Content-Type: application/json")
    large = json.dumps({"name": "x" * incidents.LONGEST_BODY}).encode()
    status, answer = await site.ask("POST", PATH, headers=SIREN | {"Content-Type": "application/json"}, data=large)
    assert (status, answer["error"]) == (413, "too long; a signal is one line")


async def test_before_anything_is_known_of_the_floor_it_may_be_told(site: Site) -> None:
    site.view.known = False
    assert await site.ask("GET", PATH) == (503, {"error": "nothing is known of the floor yet; see /-/ready"})
    status, told = await tell(site, name="storm", state="on")
    assert (status, told["at"], [one["on"] for one in told["signals"]]) == (200, None, [True, True])


async def test_other_methods_and_parameters(site: Site) -> None:
    assert await site.ask("GET", f"{PATH}?name=storm") == (400, {"error": "unknown parameter 'name'; /api/v1/signals lists all"})
    assert await site.ask("DELETE", PATH) == (405, {"error": "DELETE is not for /api/v1/signals; allowed: GET, HEAD, POST"})


async def test_only_who_may_write_tells_and_everybody_looks(site: Site) -> None:
    assert (await site.ask("GET", PATH, headers={}))[0] == 200
    told = {"name": "storm", "state": "on"}
    assert await site.ask("POST", PATH, told, {}) == (401, {"error": "this needs a token; send Authorization: Bearer followed by its secret"})
    assert (await site.ask("POST", PATH, told, {"Authorization": "Bearer look"}))[0] == 403
    assert not any(one["on"] for one in (await site.ask("GET", PATH))[1]["signals"] if one["name"] == "storm")


async def test_a_server_without_a_desk_lists_only() -> None:
    time = Time()
    engine = Engine(contract(signals=(STORM,)), EMPTY, time.clock)
    engine.put(seen(T0, "ann"))
    web = Web("127.0.0.1", 0, View(engine), tokens=TOKENS)
    await web.start()
    async with aiohttp.ClientSession(web.url) as http:
        site = Site(web, View(engine), time, http)
        assert [one["region"] for one in (await site.ask("GET", PATH))[1]["signals"]] == ["Kyiv", "Lviv"]
        assert (await tell(site, name="storm", state="on"))[0] == 405
    await web.stop()
