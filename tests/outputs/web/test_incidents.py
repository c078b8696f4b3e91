"""`/api/v1/incidents` over real sockets, with a real engine behind the desk: what is accepted, what is refused in which words, and to whom."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from monitor.assess.outlook import Outlook
from monitor.core.contract import MINUTE, Contract
from monitor.core.events import MemberRemoved
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.outputs.daemon import DaemonFacts
from monitor.outputs.web import incidents
from monitor.outputs.web.auth import Token
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from tests.clockwork import Time, seen
from tests.core.scene import T0, contract
from tests.outputs import hand

PATH = "/api/v1/incidents"
TOKENS = (Token.of("siren", "s3cret", ["write"]), Token.of("board", "look", ["read"]))
SIREN = {"Authorization": "Bearer s3cret"}
KYIV = ZoneInfo("Europe/Kyiv")
FAIR = Incident("fair@site@later", IncidentKind.ANNOUNCED, Scope(), T0 + 3000 * MINUTE, T0 + 3060 * MINUTE, 0, "a raffle")


class View:
    """What the server asks of a daemon, of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.known = True

    @property
    def contract(self) -> Contract:
        return self.engine.contract

    def outlook(self) -> Outlook | None:
        return self.engine.outlook() if self.known else None

    def daemon(self) -> DaemonFacts:
        return hand.daemon()

    def ready(self) -> tuple[bool, list[str]]:
        return True, []


class Site:
    """A server, its engine and who asks."""

    def __init__(self, web: Web, view: View, time: Time, http: aiohttp.ClientSession) -> None:
        self.web, self.view, self.time, self.http = web, view, time, http

    async def ask(self, method: str, path: str = PATH, told: Any = None, headers: dict[str, str] = SIREN, **more: Any) -> tuple[int, Any]:
        body = {} if told is None else {"json": told}
        async with self.http.request(method, path, headers=headers, **body, **more) as answer:
            assert answer.content_type == "application/json"
            return answer.status, json.loads(await answer.text())

    async def post(self, told: Any) -> tuple[int, Any]:
        return await self.ask("POST", told=told)

    async def close(self, number: str) -> tuple[int, Any]:
        return await self.ask("POST", f"{PATH}/{number}/close")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    time = Time()
    engine = Engine(contract(zone=KYIV, incidents=(FAIR,)), EMPTY, time.clock)
    engine.put(seen(T0, "ann", "bob"))
    running = asyncio.create_task(engine.run())
    view = View(engine)
    web = Web("127.0.0.1", 0, view, tokens=TOKENS, desk=Desk(engine))
    await web.start()
    async with aiohttp.ClientSession(web.url) as http:
        yield Site(web, view, time, http)
    await web.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# --- its life ---------------------------------------------------------------------------------------------------------------------------


async def test_opened_seen_closed_and_seen_again(site: Site) -> None:
    site.view.engine.put(MemberRemoved("pbx1", T0, "bank", "PJSIP/bob"))
    status, opened = await site.post({"kind": "air_raid", "recovery_minutes": 30, "note": "сирена"})
    assert status == 201
    assert opened == {
        "id": "1", "kind": "air_raid", "scope": "site", "since": "2025-11-24T16:00:00.000000Z", "until": None, "recovery_until": None, "recovery_minutes": 30.0,
        "note": "сирена", "who": "siren", "closed_by": None, "announced": False, "stage": "active",
        "people": {"people": 2, "away": 1, "talking": 0, "pausing": 0, "unseen": 0, "back": 0, "waiting": 0, "late": False},
    }  # fmt: skip
    assert (await site.ask("GET"))[1]["incidents"][0] == opened
    site.time.go(60)
    status, closed = await site.close("1")
    assert (status, closed["stage"], closed["closed_by"], closed["until"]) == (200, "recovery", "siren", "2025-11-24T16:01:00.000000Z")
    assert closed["recovery_until"] == "2025-11-24T16:31:00.000000Z"
    status, listed = await site.ask("GET")
    assert status == 200
    assert [(one["id"], one["stage"], one["announced"]) for one in listed["incidents"]] == [("1", "recovery", False), ("fair@site@later", "ahead", True)]


async def test_the_floor_its_stream_and_metrics_have_it_at_once(site: Site) -> None:
    await site.post({"kind": "power", "scope": "group:floor"})
    async with site.http.get("/api/v1/floor") as answer:
        floor = await answer.json()
    assert [(one["id"], one["scope"]) for one in floor["incidents"]] == [("1", "group:floor")]  # what begins in two days is not there yet
    async with site.http.get("/api/v1/stream", headers={"Accept-Encoding": "identity"}) as stream:
        async for line in stream.content:
            if line.startswith(b"data: "):
                assert [one["id"] for one in json.loads(line[6:])["incidents"]] == ["1"]
                break
    async with site.http.get("/metrics") as answer:
        text = await answer.text()
    assert re.findall(r"^callcenter_incident_active.*$", text, re.MULTILINE) == [
        'callcenter_incident_active{kind="announced",scope="site"} 0',
        'callcenter_incident_active{kind="power",scope="group:floor"} 1',
    ]
    await site.close("1")
    async with site.http.get("/metrics?client=Bank") as answer:
        assert "incident" not in await answer.text()


@pytest.mark.parametrize(
    ("since", "wanted"),
    [
        ("2025-11-24T17:50:00", "2025-11-24T15:50:00.000000Z"),  # the site's clock
        ("2025-11-24T15:50:00Z", "2025-11-24T15:50:00.000000Z"),
        ("2025-11-24T16:50+01:00", "2025-11-24T15:50:00.000000Z"),
        (None, "2025-11-24T16:00:00.000000Z"),
    ],
)
async def test_since_when(site: Site, since: str | None, wanted: str) -> None:
    status, opened = await site.post({"kind": "trunk", "since": since})
    assert (status, opened["since"], opened["people"]["late"]) == (201, wanted, since is not None)
    assert datetime.fromisoformat(opened["since"]).utcoffset() is not None


async def test_one_that_has_not_begun_is_called_off(site: Site) -> None:
    assert (await site.post({"kind": "power", "since": "2025-11-24T20:00:00"}))[1]["stage"] == "ahead"
    status, called_off = await site.close("1")
    assert (status, called_off["since"] == called_off["until"]) == (200, True)
    assert [one["id"] for one in (await site.ask("GET"))[1]["incidents"]] == ["fair@site@later"]


async def test_many_at_once_have_each_a_number_of_their_own(site: Site) -> None:
    kinds = [kind.value for kind in IncidentKind]
    answers = await asyncio.gather(*(site.post({"kind": kind}) for kind in kinds * 2))
    assert sorted(status for status, _ in answers) == [201] * len(kinds) + [409] * len(kinds)
    assert {one["id"] for status, one in answers if status == 201} == {str(number + 1) for number in range(len(kinds))}


# --- what is refused --------------------------------------------------------------------------------------------------------------------

KINDS = "air_raid, power, pbx, trunk, holiday, announced, other"
A_SCOPE = "is not a scope; write site, or client:, project:, group: or pbx: and a name"
A_TIME = "is not a time; write it as 2026-12-25T14:00:00+02:00, or without an offset in the site's time"
A_NUMBER = "is not a number of minutes; write one from 0 to 1440, without quotes"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ([], 'the body is not an object; send {"kind": "air_raid"}'),
        ({}, f"kind is missing; say one of {KINDS}"),
        ({"kind": "airraid"}, f'kind "airraid" is not one of {KINDS}'),
        ({"kind": ["power"]}, f'kind ["power"] is not one of {KINDS}'),
        ({"kind": "power", "reason": "x"}, "unknown key 'reason'; known: kind, scope, since, recovery_minutes, note"),
        ({"kind": "power", "scope": "floor"}, f'scope "floor" {A_SCOPE}'),
        ({"kind": "power", "scope": 7}, f"scope 7 {A_SCOPE}"),
        ({"kind": "power", "scope": "group:" + "x" * 300}, f'scope "group:{"x" * 50}… {A_SCOPE}'),
        ({"kind": "power", "scope": "client:Bnk"}, "there is no client:Bnk; known: client:Bank, client:Shop"),
        ({"kind": "power", "since": "10:42"}, f'since "10:42" {A_TIME}'),
        ({"kind": "power", "since": 1764000000}, f"since 1764000000 {A_TIME}"),
        ({"kind": "power", "since": "0001-01-01T00:00:00+14:00"}, "began more than 50 hours ago; nothing of that time is judged any more"),
        ({"kind": "power", "since": "2026-11-24T16:00:00"}, "begins in more than 24 hours; announce it with an [[incident]] of the configuration"),
        ({"kind": "power", "recovery_minutes": "15"}, f'recovery_minutes "15" {A_NUMBER}'),
        ({"kind": "power", "recovery_minutes": True}, f"recovery_minutes true {A_NUMBER}"),
        ({"kind": "power", "recovery_minutes": -1}, f"recovery_minutes -1 {A_NUMBER}"),
        ({"kind": "power", "recovery_minutes": float("nan")}, f"recovery_minutes NaN {A_NUMBER}"),
        ({"kind": "power", "note": "two\nlines"}, 'note "two\\nlines" is not a remark on one line of at most 200 letters; shorten it'),
        ({"kind": "power", "note": "x" * 201}, f'note "{"x" * 56}… is not a remark on one line of at most 200 letters; shorten it'),
    ],
)
async def test_what_nobody_can_mean_is_refused_in_one_line(site: Site, told: Any, line: str) -> None:
    assert await site.post(told) == (400, {"error": line})
    assert len((await site.ask("GET"))[1]["incidents"]) == 1


@pytest.mark.parametrize("body", [b"", b"kind=power", b"{", b"\xff", b"[" * 60_000, b'{"kind": "power", "recovery_minutes": ' + b"1" * 5000 + b"}"])
async def test_what_is_no_json_is_refused(site: Site, body: bytes) -> None:
    status, answer = await site.ask("POST", headers=SIREN | {"Content-Type": "application/json"}, data=body)
    assert (status, answer) == (400, {"error": 'the body is not JSON; send {"kind": "air_raid"}'})


async def test_another_type_of_body_and_a_large_one_are_refused(site: Site) -> None:
    status, answer = await site.ask("POST", data={"kind": "power"})
    assert (status, answer["error"]) == (415, "a body of type 'application/x-www-form-urlencoded' is not read; send Content-Type: application/json")
    large = json.dumps({"kind": "power", "note": "x" * incidents.LONGEST_BODY}).encode()
    status, answer = await site.ask("POST", headers=SIREN | {"Content-Type": "application/json"}, data=large)
    assert (status, answer["error"]) == (413, "more than 65536 bytes; an incident is a few lines")


async def test_what_is_so_already_is_a_conflict_with_its_number(site: Site) -> None:
    await site.post({"kind": "power"})
    assert await site.post({"kind": "power"}) == (409, {"error": "power of site is open already, as incident 1; close that first", "incident": "1"})
    assert await site.close("2") == (404, {"error": "there is no incident 2"})
    assert (await site.close("1"))[0] == 200
    assert await site.close("1") == (409, {"error": "incident 1 is closed already", "incident": "1"})
    line = "incident fair@site@later is announced by the configuration; change it there and reload"
    assert await site.close("fair@site@later") == (409, {"error": line, "incident": "fair@site@later"})


async def test_before_anything_is_known_of_the_floor(site: Site) -> None:
    site.view.known = False
    nothing = (503, {"error": "nothing is known of the floor yet; see /-/ready"})
    assert await site.ask("GET") == nothing
    assert await site.post({"kind": "power"}) == nothing


async def test_other_methods_and_parameters(site: Site) -> None:
    assert await site.ask("GET", f"{PATH}?kind=power") == (400, {"error": "unknown parameter 'kind'; /api/v1/incidents lists all"})
    assert await site.ask("DELETE") == (405, {"error": "DELETE is not for /api/v1/incidents; allowed: GET, HEAD, POST"})
    assert await site.ask("GET", f"{PATH}/1/close") == (405, {"error": "GET is not for /api/v1/incidents/1/close; allowed: POST"})


# --- who may ----------------------------------------------------------------------------------------------------------------------------


async def test_only_who_may_write_tells_and_everybody_looks(site: Site) -> None:
    assert (await site.ask("GET", headers={}))[0] == 200
    for path in (PATH, f"{PATH}/1/close"):
        assert await site.ask("POST", path, {"kind": "power"}, {}) == (401, {"error": "this needs a token; send Authorization: Bearer followed by its secret"})
        assert (await site.ask("POST", path, {"kind": "power"}, {"Authorization": "Bearer look"}))[0] == 403
    assert len((await site.ask("GET"))[1]["incidents"]) == 1


async def test_who_guesses_is_counted_with_those_who_guess_elsewhere(site: Site) -> None:
    guess = {"Authorization": "Bearer guess"}
    for path in (PATH, f"{PATH}/1/close", PATH, f"{PATH}/1/close", PATH):
        assert (await site.ask("POST", path, {"kind": "power"}, guess))[0] == 401
    async with site.http.post(PATH, headers=guess, json={"kind": "power"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert (await site.post({"kind": "power"}))[0] == 201


async def test_a_server_without_a_desk_lists_only() -> None:
    time = Time()
    engine = Engine(contract(), EMPTY, time.clock)
    engine.put(seen(T0, "ann"))
    web = Web("127.0.0.1", 0, View(engine), tokens=TOKENS)
    await web.start()
    async with aiohttp.ClientSession(web.url) as http:
        site = Site(web, View(engine), time, http)
        assert await site.ask("GET") == (200, {"at": "2025-11-24T16:00:00.000000Z", "incidents": []})
        assert (await site.post({"kind": "power"}))[0] == 405
    await web.stop()
