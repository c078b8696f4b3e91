"""A scrape of a large floor: 500 agents and 50 projects, every figure known, agent labels on.

Measured over a real socket of this machine, warm, median of several: time inside the server's loop is what counts beside a PBX, so the
longest step is taken by the loop itself while the scrape runs. A table, never an assertion.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract
from monitor.outputs.daemon import DaemonFacts
from monitor.outputs.metrics import Exposition, Format
from monitor.outputs.web import api
from monitor.outputs.web.aliases import Aliases
from monitor.outputs.web.pace import paced
from monitor.outputs.web.server import Web
from tests.outputs import hand

PEOPLE, PROJECTS, ROUNDS = 500, 50, 15
HEAD = ("what", "KiB", "series", "render ms", "scrape ms", "longest step ms")


@dataclass(frozen=True)
class Large:
    """A daemon that has nothing else to do."""

    contract: Contract
    latest: Outlook

    def outlook(self) -> Outlook:
        return self.latest

    def daemon(self) -> DaemonFacts:
        return hand.daemon()

    def ready(self) -> tuple[bool, list[str]]:
        return True, []


async def request(port: int, path: str, headers: str) -> int:
    """Ask by hand, so that no client's work is counted; the size of what came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 23)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n".encode())
    size = 0
    while part := await reader.read(1 << 20):
        size += len(part)
    writer.close()
    await writer.wait_closed()
    return size


async def with_longest_step(work: asyncio.Future[int]) -> tuple[int, float, float]:
    """Its answer, its seconds, and the longest the loop was held meanwhile."""
    started = before = perf_counter()
    longest = 0.0
    while not work.done():
        await asyncio.sleep(0)
        now = perf_counter()
        longest, before = max(longest, now - before), now
    return await work, perf_counter() - started, longest


async def measure(port: int, path: str, headers: str) -> tuple[int, float, float]:
    """Size, median milliseconds and median longest step in milliseconds."""
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        rounds.append(await with_longest_step(asyncio.ensure_future(request(port, path, headers))))
    return rounds[0][0], 1000 * median(row[1] for row in rounds), 1000 * median(row[2] for row in rounds)


async def render(view: Large, form: Format | None) -> tuple[bytes, float]:
    """The body without HTTP, and its median milliseconds."""
    exposition, times, body = Exposition(), [], b""
    for _ in range(ROUNDS):
        started = perf_counter()
        body = await paced(exposition.scrape(view.latest, view.contract, view.daemon(), form) if form else api.floor(view.latest, view.contract, Aliases()))
        times.append(perf_counter() - started)
    return body, 1000 * median(times)


async def table() -> list[tuple[str, ...]]:
    """The rows under HEAD."""
    view = Large(*hand.large(PEOPLE, PROJECTS))
    web = Web("127.0.0.1", 0, view)
    await web.start()
    rows: list[tuple[str, ...]] = []
    for what, path, form, headers in (
        ("text", "/metrics", Format.TEXT, ""),
        ("OpenMetrics", "/metrics", Format.OPENMETRICS, "Accept: application/openmetrics-text;version=1.0.0\r\n"),
        ("OpenMetrics, gzip", "/metrics", Format.OPENMETRICS, "Accept: application/openmetrics-text;version=1.0.0\r\nAccept-Encoding: gzip\r\n"),
        ("API", "/api/v1/floor", None, ""),
    ):
        body, rendered = await render(view, form)
        size, scraped, step = await measure(web.port, path, headers)
        series = str(sum(not line.startswith(b"#") for line in body.splitlines())) if form else "-"
        rows.append((what, f"{size / 1024:.0f}", series, f"{rendered:.1f}", f"{scraped:.1f}", f"{step:.2f}"))
    await web.stop()
    return rows


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"A scrape of {PEOPLE} agents and {PROJECTS} projects (process figures included in size and scrape)\n")
    for row in (HEAD, *asyncio.run(table())):
        sys.stdout.write("  ".join(f"{cell:>18}" for cell in row) + "\n")


if __name__ == "__main__":
    main()
