"""The board in a real browser, on a real daemon with a scripted PBX: what one sees is what /api/v1/floor says, and how old it is.

Pictures of it lie in the test's own folder, which pytest names with -rA.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from monitor import app, config
from monitor.core.contract import SECOND, Language
from monitor.core.lost import LostRow
from monitor.outputs.daemon import Simulation
from monitor.outputs.web import stream
from monitor.outputs.web.auth import Token
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from tests.browser import chromium
from tests.browser.chromium import Page
from tests.outputs import hand
from tests.outputs.web.test_server import Desk
from tests.sources.fake_ami import SECRET, Pbx, channel_headers, event, member

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(120)]

MARKUP = "<img src=x onerror=alert(1)>"
FILE = """
[site]
name = "kyiv-1"
timezone = "Europe/Kyiv"
language = "{language}"
[[pbx]]
name = "pbx1"
port = {ami}
username = "floorwatch"
secret_env = "AMI_SECRET"
[[group]]
name = "floor"
members = ["PJSIP/*"]
pause_reasons = {{ lunch = "unpaid" }}
[[project]]
name = "bank-line"
client = "Bank & Sons"
group = "floor"
queues = ["bank"]
[[project]]
name = "shop-line"
client = "Shop"
group = "floor"
queues = ["shop"]
[web]
listen = "127.0.0.1:{port}"
names = {names}
"""
ROWS = "document.querySelectorAll('#people tbody tr').length"
TABLE = """(id) => [...document.querySelectorAll(`#${id} tbody tr`)].map((row) => Object.fromEntries([...row.cells].map(
    (cell) => [cell.className.split(' ')[0], [...cell.querySelectorAll('.main, .note')].map((part) => part.textContent)])))"""
TYPE = "((words) => { const box = document.getElementById('filter'); box.value = words; box.dispatchEvent(new Event('input')); })"
STATUS = "document.getElementById('status')?.textContent.trim()"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    program = chromium.found()
    if program is None:
        pytest.skip("chromium is not on this machine: make browsers fetches it")
    profile = tmp_path / "profile"
    profile.mkdir()
    async with chromium.page(program, profile) as tab:
        yield tab


def pbx() -> Pbx:
    return Pbx(
        queues={
            "bank": [
                member("bank", "PJSIP/101", Name="Олена"),
                member("bank", "PJSIP/102", Name=MARKUP),
                member("bank", "PJSIP/103", Name="Ihor", Paused="1", PausedReason="lunch"),
            ],
            "shop": [member("shop", "PJSIP/101", Name="Олена")],
        }
    )


@asynccontextmanager
async def floorwatch(
    folder: Path, ami: int, *, port: int = 0, names: bool = True, simulation: Simulation | None = None, language: str = "en"
) -> AsyncIterator[app.Daemon]:
    file = folder / "floorwatch.toml"
    file.write_text(FILE.format(ami=ami, port=port, names=str(names).lower(), language=language))
    daemon = app.Daemon(await asyncio.to_thread(config.load, file, {"AMI_SECRET": SECRET}), EMPTY, simulation=simulation)
    stop = asyncio.Event()
    task = asyncio.create_task(daemon.run(stop))
    try:
        while daemon.web.port == 0 or not daemon.ready()[0]:
            await asyncio.sleep(0.01)
            assert not task.done()
        yield daemon
    finally:
        stop.set()
        await task


async def floor(daemon: app.Daemon) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(daemon.web.url + "/api/v1/floor") as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def table(page: Page, name: str) -> list[dict[str, list[str]]]:
    rows: list[dict[str, list[str]]] = await page.ask(f"({TABLE})({json.dumps(name)})")
    return rows


async def test_the_page_says_what_the_api_says(page: Page, tmp_path: Path) -> None:
    async with pbx().listening() as ami, floorwatch(tmp_path, ami) as daemon:
        await page.go(daemon.web.url)
        await page.until(f"{ROWS} === 3")
        told = await floor(daemon)
        shown = await table(page, "projects")
        assert [row["project"] for row in shown] == [[each["project"], f"{each['client']}, open"] for each in told["projects"]]
        assert {row["waiting"][0] for row in shown} == {"0"}
        assert {row["verdict"][0] for row in shown} == {"no plan"}
        people = {row["name"][0]: (row["state"][0], row["work"][0]) for row in await table(page, "people")}
        words = {"available": "available", "paused": "paused"}
        assert people == {each["name"]: (words[each["state"]], each["reason"] or "") for each in told["agents"]}
        assert MARKUP in people
        assert (await table(page, "groups"))[0]["states"][0] == "paused 1, available 2"
        assert (await page.ask(STATUS)).endswith("live")
        assert await page.ask("document.title") == "kyiv-1: Floorwatch"
        assert await page.ask("document.getElementById('simulation').hidden")
        assert page.complaints == []


async def test_what_holds_stands_on_top_and_every_project_has_its_light(page: Page) -> None:
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    await page.go(server.url)
    await page.until(f"{ROWS} === 7")
    told: list[list[str]] = await page.ask(
        "[...document.querySelectorAll('#conditions li')].map((item) => [item.className, ...[...item.children].map((part) => part.textContent)])"
    )
    assert [(kind, word) for kind, word, *_ in told] == [("critical", "critical"), ("critical", "critical"), ("warning", "warning"), ("warning", "warning")]
    assert told[0][2].startswith("Bank: 41 contacts came, 96 were planned since opening")
    assert await page.ask("document.getElementById('nothing').hidden")
    assert await page.ask("document.getElementById('muted').textContent") == "And 1 more for the same reasons."
    shown = await table(page, "projects")
    assert [row["verdict"][0] for row in shown] == ["act", "on plan", "blind"]
    assert shown[0]["verdict"][1].endswith("this client's volume has moved")
    assert shown[0]["contacts"][1].endswith("\n151\u00a0expected")
    assert [row["need"] for row in await table(page, "groups")] == [["2 of 4", "2 short, 5 in the next interval"], ["unknown", ""]]
    assert page.complaints == []
    await server.stop()


async def test_money_is_shown_where_there_is_any(page: Page) -> None:
    server = Web("127.0.0.1", 0, Desk(), money=True)
    await server.start()
    await page.go(server.url)
    await page.until(f"{ROWS} === 7")
    bank, shop, taxi = await table(page, "takings")
    assert bank["takings"] == ["4,512\u00a0UAH", "margin −110\u00a0UAH"]
    assert bank["billed"] == ["96,241\u00a0UAH", "bonus or malus −962\u00a0UAH, guarantee 10,720\u00a0UAH"]
    assert bank["left"] == ["988\u00a0UAH", "at its end −1,001\u00a0UAH"]
    assert bank["guarantee"] == ["10,720\u00a0UAH", "413\u00a0calls"]
    assert bank["knownDays"][0] == "today and 22 of 23 days before"
    assert (shop["takings"][0], shop["guarantee"][0]) == ("0\u00a0EUR", "–")
    assert [taxi[name][0] for name in ("takings", "billed", "left", "guarantee")] == ["no tariff", "–", "–", "–"]
    assert await page.ask("[...document.querySelectorAll('#facts li')].map((each) => each.textContent.replaceAll('\u00a0', ' '))") == [
        "All projects leave today −898 UAH, this period −2,722 UAH; the reserve lasts 40 days",
        "Group floor breaks even at occupancy 78 %, is at 75 %",
        "Group night breaks even at an unknown occupancy: a wage, a price or calls are missing",
        "Without Bank this period would have left −12,300 UAH; the reserve lasts 9 days",
        "Without Shop this period would have left −32,001 UAH; the reserve lasts 3 days",
        f"Without {hand.TAXI_CLIENT}: unknown",
    ]
    server.money = False  # a reload
    await page.until("document.getElementById('money').hidden")
    assert not await page.ask("document.body.innerText.includes('UAH')")
    assert page.complaints == []
    await server.stop()


async def test_the_page_is_in_the_language_of_the_site(page: Page) -> None:
    desk = Desk()
    desk.contract = hand.contract(language=Language.UKRAINIAN)
    server = Web("127.0.0.1", 0, desk)
    await server.start()
    await page.go(server.url)
    await page.until(f"{ROWS} === 7")
    assert await page.ask("document.documentElement.lang") == "uk"
    assert await page.ask("document.getElementById('projects-title').textContent") == "Проєкти"
    assert [row["verdict"][0] for row in await table(page, "projects")] == ["діяти", "за планом", "не видно"]
    assert (await table(page, "groups"))[0]["need"] == ["2 з 4", "бракує 2, у наступному інтервалі 5"]
    desk.contract = hand.contract()  # a reload
    await page.until("document.documentElement.lang === 'en'")
    assert await page.ask("document.getElementById('projects-title').textContent") == "Projects"
    assert len(await table(page, "projects")) == 3
    assert page.complaints == []
    await server.stop()


async def test_what_happens_is_seen_at_once_and_times_go_on(page: Page, tmp_path: Path) -> None:
    desk = pbx()
    async with desk.listening() as ami, floorwatch(tmp_path, ami) as daemon:
        await page.go(daemon.web.url)
        await page.until(f"{ROWS} === 3")
        await page.ask("document.querySelector('#projects tbody tr').kept = true")
        desk.live.send(event("QueueCallerJoin", **channel_headers("1795448567.1", "PJSIP/trunk-00000001"), Queue="bank", Position="1", Count="1"))
        waiting = f"({TABLE})('projects')[0].waiting"
        await page.until(f"{waiting}[0] === '1'")
        await page.until(f"{waiting}[1] > 'longest 0:01'")
        assert (await floor(daemon))["queues"][0]["waiting"] == 1
        assert await page.ask("document.querySelector('#projects tbody tr').kept")  # changed in place, not made anew
        assert page.complaints == []


async def test_the_filter_leaves_who_is_looked_for(page: Page, tmp_path: Path) -> None:
    async with pbx().listening() as ami, floorwatch(tmp_path, ami) as daemon:
        await page.go(daemon.web.url)
        await page.until(f"{ROWS} === 3")
        for words, number in (("олена", 1), ("LUNCH", 1), ("floor available", 2), ("nobody", 0), ("", 3)):
            await page.ask(TYPE + f"({json.dumps(words)})")
            assert await page.ask(ROWS) == number
            assert await page.ask("document.getElementById('found').textContent") == (f"{number} of 3" if words else "")


async def test_without_names_no_name_and_no_extension_reaches_the_screen(page: Page, tmp_path: Path) -> None:
    async with pbx().listening() as ami, floorwatch(tmp_path, ami, names=False) as daemon:
        await page.go(daemon.web.url)
        await page.until(f"{ROWS} === 3")
        assert {row["name"][0] for row in await table(page, "people")} == {each["alias"] for each in (await floor(daemon))["agents"]}
        html = await page.ask("document.documentElement.outerHTML")
        assert not [word for word in ("PJSIP", "101", "Олена", "Ihor", "onerror") if word in html]


async def test_a_pbx_that_is_gone_is_said_and_its_figures_are_unknown(page: Page, tmp_path: Path) -> None:
    desk = pbx()
    async with desk.listening() as ami, floorwatch(tmp_path, ami) as daemon:
        await page.go(daemon.web.url)
        await page.until(f"{ROWS} === 3")
        desk.password = "another"
        desk.live.hang_up()
        await page.until("document.getElementById('blind').innerText.startsWith('PBX pbx1 not seen for ')")
        shown = (await table(page, "projects"))[0]
        assert (shown["verdict"][0], shown["waiting"][0]) == ("blind", "unknown")
        assert {row["state"][0] for row in await table(page, "people")} == {"not seen"}
        assert (await table(page, "groups"))[0]["states"][0] == "unknown"
        assert "PBX pbx1 not seen" in await page.ask("document.getElementById('news').textContent")
        assert (await page.ask(STATUS)).endswith("live")  # what is not known is known to be so, now
        assert page.complaints == []


async def test_a_daemon_that_restarts_is_lost_and_found(page: Page, tmp_path: Path) -> None:
    async with pbx().listening() as ami:
        async with floorwatch(tmp_path, ami) as daemon:
            port = daemon.web.port
            await page.go(daemon.web.url)
            await page.until(f"{ROWS} === 3")
            assert page.complaints == []
        await page.until(rf"/connection lost, showing data of \d\d:\d\d:\d\d, \d+ s old$/.test({STATUS})")
        assert await page.ask("document.getElementById('floor').classList.contains('stale')")
        since = f"({TABLE})('people')[0].time[0]"
        stands = await page.ask(since)
        await page.until(rf"/ [3-9] s old$/.test({STATUS})")
        assert await page.ask(since) == stands  # nobody knows what happens meanwhile
        async with floorwatch(tmp_path, ami, port=port):
            await page.until(f"{STATUS}.endsWith('live') && {ROWS} === 3")
            assert not await page.ask("document.getElementById('floor').classList.contains('stale')")
        assert [text for text in page.complaints if "net::ERR_" not in text] == []


async def test_a_daemon_that_stands_still_is_said_to(page: Page) -> None:
    """The connection lives, the floor's time does not go on: that is no live data."""
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    await page.go(server.url)
    await page.until(rf"/data \d+ s old$/.test({STATUS})")
    await server.stop()


async def test_a_line_that_died_without_a_word_is_left(page: Page) -> None:
    server = Web("127.0.0.1", 0, Desk())
    serve, asked, silent = server._stream.serve, 0, asyncio.Event()

    async def counting(request: web.Request, *, packed: bool = False) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await serve(request, packed=packed)

    async def nothing() -> bytes | None:
        await silent.wait()
        return None

    server._stream.serve = counting  # type: ignore[method-assign]
    server._stream._render = nothing
    await server.start()
    await page.go(server.url)
    async with asyncio.timeout(40):
        while asked < 2:
            await asyncio.sleep(0.1)
    silent.set()
    await server.stop()


async def test_a_refused_board_asks_again(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    monkeypatch.setattr(stream, "LISTENERS", 0)
    await page.go(server.url)
    await page.until(f"{STATUS} === 'no connection to Floorwatch; trying again'")
    monkeypatch.setattr(stream, "LISTENERS", 1)
    await page.until(f"{ROWS} === 7")
    await server.stop()


@pytest.mark.parametrize(("name", "width", "height", "dark"), [("light", 1920, 1080, False), ("dark", 1280, 900, True), ("phone", 375, 812, False)])
async def test_five_hundred_people_fit(page: Page, tmp_path: Path, name: str, width: int, height: int, *, dark: bool) -> None:
    desk = Desk()
    desk.contract, desk.latest = hand.large(500, 50)
    server = Web("127.0.0.1", 0, desk, names=True, simulation=Simulation(7, 10))
    await server.start()
    await page.look(width, height, dark=dark)
    await page.go(server.url)
    await page.until(f"{ROWS} === 500")
    assert await page.ask("document.getElementById('simulation').innerText") == "Simulated floor, seed 7, 10 × real time: nobody here is real"
    assert await page.ask("document.documentElement.scrollWidth") <= width
    (tmp_path / f"{name}.png").write_bytes(await page.look(width, height, dark=dark))
    before = await page.ask("document.querySelectorAll('*').length")
    await page.until(f"/data [3-9] s old$/.test({STATUS})")
    assert await page.ask("document.querySelectorAll('*').length") == before  # five seconds later: nothing has grown
    assert page.complaints == []
    await server.stop()


async def test_whom_to_call_back_is_listed_and_a_token_shows_the_numbers(page: Page) -> None:
    rows = (
        LostRow(hand.AT - 4000 * SECOND, hand.AT - 3000 * SECOND, "bank-line", "Bank", 3, "+380441234567", hand.AT - 2200 * SECOND),
        LostRow(hand.AT - 60 * SECOND, hand.AT - 60 * SECOND, "shop-line", "Shop", 1, "0501112233", hand.AT + 1740 * SECOND),
    )
    server = Web("127.0.0.1", 0, Desk(), tokens=(Token.of("boss", "read-me", ["read"]),), callers=lambda: rows)
    await server.start()
    await page.go(server.url)
    await page.until("document.querySelectorAll('#lost tbody tr').length === 2")
    shown = await table(page, "lost")
    assert [row["project"][0] for row in shown] == ["bank-line", "shop-line"]
    assert [row["caller"][0] for row in shown] == ["–", "–"]
    assert shown[0]["tries"][0] == "3"
    assert shown[0]["due"][0].startswith("overdue 36:40")
    enter = "((text) => { document.getElementById('token').value = text; document.getElementById('lost-token').requestSubmit(); })"
    await page.ask(f"{enter}('read-me')")
    await page.until("document.querySelector('#lost tbody .caller .main').textContent === '+380441234567'")
    assert await page.ask("document.getElementById('lost-token').hidden")
    assert page.complaints == []
    await server.stop()
