"""A real Chromium without a window, driven over the DevTools protocol.

Owns the process, one websocket and what the browser complains about: exceptions, console errors, refusals of the page's policy. Refuses
judging the page: the tests do. `make browsers` fetches it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.lab.fetch import cache

PATIENCE_S = 20
# fmt: off
FLAGS = (
    "--headless=new", "--remote-debugging-port=0", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--no-sandbox",  # it opens our own page only, and a container's root has no other way
)
# fmt: on


def found() -> str | None:
    """Where Chromium is: the machine's, else the fetched one."""
    ours = cache() / "bin" / "chromium"
    return shutil.which("chromium") or (str(ours) if ours.exists() else None)


class Page:
    """One tab. `complaints` is everything the browser held against the page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session: str | None = None
        self.complaints: list[str] = []

    async def open(self) -> None:
        """Make the tab and listen to what it says."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        self._session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command and its result."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE_S):
            result: dict[str, Any] = await answer
            return result

    async def read(self) -> None:
        """Take what comes until the browser ends."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                answer = self._answers.pop(said["id"])
                if "error" in said:
                    answer.set_exception(RuntimeError(said["error"]["message"]))
                else:
                    answer.set_result(said["result"])
            else:
                self._note(said["method"], said["params"])

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Runtime.exceptionThrown":
                details = told["exceptionDetails"]
                self.complaints.append(str(details.get("exception", {}).get("description") or details["text"]))
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                self.complaints.append(" ".join(str(value.get("value", value.get("description"))) for value in told["args"]))
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")

    async def go(self, url: str) -> None:
        """Load a page."""
        await self.call("Page.navigate", url=url)

    async def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression is true."""
        value: Any = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (value := await self.ask(expression)):
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise AssertionError(f"never true: {expression}\n{await self.ask('document.body.innerText')}") from error
        return value

    async def look(self, width: int, height: int, *, dark: bool = False, whole: bool = False) -> bytes:
        """A picture of that size; `whole` is the page to its end."""
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        picture = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(picture["data"])


async def _address(profile: Path, process: asyncio.subprocess.Process) -> str:
    file = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lines = (await asyncio.to_thread(file.read_text)).splitlines() if await asyncio.to_thread(file.exists) else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            if process.returncode is not None:
                raise RuntimeError(f"Chromium has ended: {(profile / 'log').read_text()[-2000:]}")
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def page(program: str, profile: Path) -> AsyncIterator[Page]:
    """A browser with one empty tab; `profile` is an empty folder."""
    with (profile / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *FLAGS, f"--user-data-dir={profile}", stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL)
    try:
        async with aiohttp.ClientSession() as http, http.ws_connect(await _address(profile, process), max_msg_size=0) as socket:
            tab = Page(socket)
            reading = asyncio.create_task(tab.read())
            try:
                await tab.open()
                yield tab
            finally:
                with contextlib.suppress(RuntimeError, ConnectionError):
                    await socket.send_json({"id": 0, "method": "Browser.close"})
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
    finally:
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
