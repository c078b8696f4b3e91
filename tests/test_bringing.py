"""A plan that is sent, from the bytes to the reload: one at a time, whoever waits for it may go, and nothing of it is half done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from monitor import bringing
from monitor.bringing import Bringing
from monitor.errors import ConfigError, Flaw
from monitor.outputs.daemon import Reloaded
from tests.core.scene import T0
from tests.planning.test_brought import HEAD, Place

ROW = f"{HEAD}bank-line,2026-12-25T08:00:00Z,12,180\n".encode()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_it_is_brought_in_and_reloaded(place: Place) -> None:
    loads = 0

    async def reload() -> Reloaded:
        nonlocal loads
        loads += 1
        assert "2026-12-25" in place.plan.read_text()
        return Reloaded(("plan: 1 row added",))

    done, said = await Bringing(place.file, reload, lambda: T0).bring(ROW, "mqtt")
    assert (done, said[-1], loads) == (True, "plan: 1 row added", 1)
    done, said = await Bringing(place.file, reload, lambda: T0).bring(b"nonsense", "mqtt")
    assert (done, len(said), loads) == (False, 1, 1)


async def test_a_reload_that_is_refused_is_said(place: Place) -> None:
    async def reload() -> Reloaded:
        raise ConfigError("floorwatch.toml", [Flaw("is bad", "mend it", "web", "listen"), Flaw("is worse")])

    done, said = await Bringing(place.file, reload, lambda: T0).bring(ROW, "mqtt")
    assert (done, said) == (False, ["the plan is written, and not in force: floorwatch.toml: [web] listen: is bad; mend it; mend that and reload"])


async def test_a_reload_goes_on_though_it_ends_whoever_waits_for_it(place: Place) -> None:
    begun, may, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def reload() -> Reloaded:
        begun.set()
        await may.wait()
        done.set()
        return Reloaded()

    waiting = asyncio.create_task(Bringing(place.file, reload, lambda: T0).bring(ROW, "mqtt"))
    await begun.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    may.set()
    async with asyncio.timeout(5):
        await done.wait()


async def test_what_takes_too_long_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "PATIENCE_S", 0.01)

    async def reload() -> Reloaded:
        raise AssertionError

    assert await Bringing(place.file, reload, lambda: T0).bring(ROW, "mqtt") == (False, ["the plan was not read within 0.01 s"])
