"""CPU per call of the whole daemon, beside a stock panoramisk client that only counts the same events.

Both are processes of their own on a real socket, fed the same recorded stream (two minutes of a real Asterisk 22, sent eight times over
with fresh ids) at the same pace by a PBX that answers what they ask. What they burn when nothing happens for as long is subtracted, so
the figure is the slope over calls. A table, never an assertion.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

from tests.bench.pipeline import RECORDING
from tests.sources.fake_ami import Headers, Pbx, Session, member, stanza

COPIES, CHUNK, PAUSE_S, SETTLE_S, ROUNDS = 8, 65_536, 0.01, 1.0, 3
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
MEMBERS = {"bank": range(1, 7), "shop": range(5, 10), "taxi": range(10, 13)}
CONFIG = """[[pbx]]
name = "pbx1"
port = {port}
username = "bench"
secret_env = "BENCH_SECRET"
[[group]]
name = "floor"
{projects}
[state]
directory = "{state}"
[web]
listen = "127.0.0.1:0"
[store]
url = "sqlite:///floorwatch.db"
[log]
level = "error"
"""
PROJECT = '[[project]]\nname = "{0}"\nclient = "{0}"\ngroup = "floor"\nqueues = ["{0}"]\n'
STOCK = """
import sys
from panoramisk import Manager
seen = 0
def count(manager, message):
    global seen
    seen += 1
manager = Manager(host="127.0.0.1", port=int(sys.argv[1]), username="bench", secret="not-for-the-wire", events="system,call,agent")
manager.register_event("*", count)
manager.connect()
manager.loop.run_forever()
"""


def stream() -> tuple[bytes, int]:
    """The live part of the recording, several times over with ids and times of its own, and its number of calls."""
    data = gzip.decompress(RECORDING.read_bytes())
    live = data[data.index(b"Timestamp: ") :]
    live = live[live.index(b"\r\n\r\n") + 4 :]
    first = int(re.search(rb"Timestamp: (\d+)", live)[1])  # type: ignore[index]
    now = int(time()) - COPIES * 200

    def copy(number: int) -> bytes:
        shift = now - first + number * 200
        return re.sub(rb"\b17954\d{5}\b", lambda found: str(int(found[0]) + shift).encode(), live)

    return b"".join(copy(number) for number in range(COPIES)), COPIES * live.count(b"\nEvent: QueueCallerJoin")


def burnt(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


@contextmanager
def configured(port: int, *, kept: bool) -> Iterator[Path]:
    """A configuration of the daemon for this PBX; `kept` when it writes a journal."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "floorwatch.toml")
        config.write_text(CONFIG.format(port=port, state=f"{folder}/state" if kept else "", projects="".join(PROJECT.format(name) for name in MEMBERS)))
        yield config


def _plain_login(session: Session, action: Headers) -> None:
    session.respond(action, Message="Authentication accepted")
    session.send(stanza(("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", "100")))


async def slope(command: list[str], data: bytes, *, kept: bool = True) -> float:
    """CPU seconds that the stream costs a client."""
    queues = {name: [member(name, f"PJSIP/agent{n}") for n in numbers] for name, numbers in MEMBERS.items()}
    pbx = Pbx(queues=queues, clock=lambda: int(time() * 1e6), answers={"Login": _plain_login})
    async with pbx.listening() as port:
        with configured(port, kept=kept) as config:
            words = [word.format(port=port, config=config) for word in command]
            client = await asyncio.create_subprocess_exec(
                *words, env={**os.environ, "BENCH_SECRET": pbx.password}, stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
            )
            while not pbx.actions("Login"):
                await pbx.changed.wait()
                pbx.changed.clear()
            await asyncio.sleep(SETTLE_S)
            length = len(data) / CHUNK * PAUSE_S + SETTLE_S
            start = burnt(client.pid)
            await asyncio.sleep(length)
            idle = burnt(client.pid) - start
            start = burnt(client.pid)
            for at in range(0, len(data), CHUNK):
                pbx.live.send(data[at : at + CHUNK])
                await pbx.live.writer.drain()
                await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(SETTLE_S)
            busy = burnt(client.pid) - start
            client.terminate()
            await client.wait()
    return busy - idle


async def table() -> list[tuple[str, ...]]:
    """What, milliseconds of CPU per call, times stock."""
    data, calls = stream()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(STOCK)
        script.flush()
        stock = ours = unkept = float("inf")
        for _ in range(ROUNDS):  # in turn, and the least of each: what else the machine does only adds
            stock = min(stock, await slope([sys.executable, script.name, "{port}"], data))
            ours = min(ours, await slope([sys.executable, "-m", "monitor", "run", "--config", "{config}"], data))
            unkept = min(unkept, await slope([sys.executable, "-m", "monitor", "run", "--config", "{config}"], data, kept=False))
    rows = (("stock panoramisk client that counts", stock), ("floorwatch, the whole daemon", ours), ("floorwatch, without a journal", unkept))
    return [("what", "CPU ms per call", "times stock"), *((name, f"{1000 * cpu / calls:.3f}", f"{cpu / stock:.2f}") for name, cpu in rows)]
