"""`python -m tests.browser.picture OUT` (make picture): the page of the demo as a PNG, the one in README."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.browser import chromium, demo

CENTRE_S = 6  # a minute there: the figures stand on the day, and every kind of state is about


async def picture(out: Path) -> None:
    """Draw it."""
    program = chromium.found()
    if program is None:
        sys.exit("chromium is not on this machine: make browsers fetches it")
    with tempfile.TemporaryDirectory() as profile:
        async with demo.running("--seed", "1", "--speed", "10") as url, chromium.page(program, Path(profile)) as page:
            await page.go(url)
            await page.until("document.querySelectorAll('#people tbody tr').length > 15")
            await asyncio.sleep(CENTRE_S)
            drawn = await page.look(1440, 900, whole=True)
    await asyncio.to_thread(out.write_bytes, drawn)


if __name__ == "__main__":
    asyncio.run(picture(Path(sys.argv[1])))
