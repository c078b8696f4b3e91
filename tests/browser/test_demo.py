"""The demo in a real browser: a living centre, the same on the page as on /metrics and in the API, and nothing to complain about."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from tests.browser import chromium, demo
from tests.lab.judge import Scrape

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(180)]

ROWS = "document.querySelectorAll('#people tbody tr').length"
CAME = "Object.fromEntries([...document.querySelectorAll('#projects tbody tr')].map((r) => [r.cells[0].innerText.split('\\n')[0], r.innerText]))"
STATES = ("talk", "hold", "ring", "wrapup", "paused", "available", "other", "unreachable", "offline")


async def test_the_page_shows_the_living_centre_of_the_metrics(tmp_path: Path) -> None:
    program = chromium.found()
    if program is None:
        pytest.skip("chromium is not on this machine: make browsers fetches it")
    (tmp_path / "profile").mkdir()
    async with demo.running("--seed", "1") as url, aiohttp.ClientSession() as http, chromium.page(program, tmp_path / "profile") as page:
        await page.go(url)
        await page.until(f"{ROWS} > 15")
        await page.until("document.body.innerText.includes('came ')")
        text = await page.ask("document.body.innerText")
        async with http.get(f"{url}/metrics") as answer:
            scrape = Scrape(await answer.text())
        async with http.get(f"{url}/api/v1/floor") as answer:
            floor = json.loads(await answer.text())
        (tmp_path / "demo.png").write_bytes(await page.look(1280, 900, whole=True))
        shown = await page.ask(CAME)
        assert page.complaints == []
    assert "Simulated floor, seed 1" in text
    assert sum(scrape.total("callcenter_agents", state=state) > 0 for state in STATES) >= 5
    for name in ("callcenter_contacts_total", "callcenter_plan_calls_total", "callcenter_workload_erlangs", "callcenter_occupancy_ratio"):
        assert scrape.total(name) > 0, name
    for project in floor["projects"]:
        day = project["windows"]["day"]
        assert 0 <= day["contacts"] - scrape.total("callcenter_contacts_total", project=project["project"]) <= 3, "a call or two may come in between"
        came = int(shown[project["project"]].partition("came ")[2].split()[0].replace("\u202f", ""))
        assert abs(came - day["contacts"]) <= 3
    assert all(agent["name"] in text for agent in floor["agents"] if agent["state"] == "paused")
