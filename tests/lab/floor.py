"""`python -m tests.lab.floor` (make lab): a real Asterisk with endless SIP traffic, and the daemon on it, to look at.

Owns what the user sees: where to look, a live line every few seconds with real figures, and an end that leaves nothing
behind. Everything it runs is the lab's; nothing is judged here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from tests.lab import driver as driving
from tests.lab.daemon import Daemon
from tests.lab.driver import Driver
from tests.lab.fetch import Unavailable, cache
from tests.lab.judge import Scrape
from tests.lab.kinds import plan_for
from tests.lab.pbx import Asterisk, LabError
from tests.lab.phones import Phones

PORT = 9877
GAP_SECONDS = 1.2
LINE_SECONDS = 5.0
PLANNED = {"bank-line": (390, 4.6), "shop-line": (580, 4.6), "taxi-line": (210, 5.2)}  # what CALM_KINDS bring in half an hour; nobody calls void
HOW = 'by make lab ARGS="--port N"' if "MAKELEVEL" in os.environ else "with --port N"
# fmt: off
CALM_KINDS = (
    "plain_bank", "plain_shop", "local_member", "ring_all", "agent_hangs_up", "hold", "abandon", "short_abandon", "timeout_other", "blind_other",
    "attended_other", "pause", "double_pause", "agent_dials", "dynamic_member", "key_exit",
)
# fmt: on


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.floor", description="A real Asterisk, SIP calls and the daemon, until Ctrl-C.")
    parser.add_argument("--asterisk", choices=("16", "22"), default="22", help="which Asterisk (default: 22)")
    parser.add_argument("--port", type=int, default=PORT, help=f"where the daemon serves HTTP (default: {PORT})")
    parser.add_argument("--seconds", type=float, default=0, help="end after so many seconds (default: on Ctrl-C)")
    parser.add_argument("--seed", type=int, default=None, help="order of the calls (default: a new one, printed)")
    return parser.parse_args()


def taken(port: int) -> str:
    """Why this port cannot be had, or nothing."""
    if not 0 < port < 65536:
        return f"port {port} is no port: choose one from 1 to 65535 {HOW}"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return f"port {port} on 127.0.0.1 cannot be had ({os.strerror(error.errno or 0)}): choose another {HOW}"
    return ""


def where(pbx: Asterisk, daemon: Daemon, seed: int) -> str:
    pbx_pid = 0 if pbx.process is None else pbx.process.pid
    return f"""
{pbx.installed.package} takes calls on SIP {pbx.ports.sip}, AMI {pbx.ports.ami}; seed {seed}
the daemon: {daemon.url}   config, plan and log in {daemon.folder}

  {daemon.url}/                                    the floor in a browser
  curl {daemon.url}/metrics                        everything, as Prometheus reads it
  curl {daemon.url}/-/ready                        503 until the PBX was read once, then 200
  curl {daemon.url}/api/v1/floor                   the floor as JSON
  curl -s {daemon.url}/metrics | grep calls_entered     calls per queue; they equal queue_log's ENTERQUEUE:
  grep -c ENTERQUEUE {pbx.queue_log}
  curl -s {daemon.url}/metrics | grep -E 'workload_erlangs|occupancy_ratio'    carried against planned workload
  curl -s {daemon.url}/metrics | grep 'callcenter_agents{{'     people by state, this second

  kill -9 {daemon.pid}; kill -STOP {pbx_pid}; sleep 20; kill -CONT {pbx_pid}     it goes on, and heals: entered still equals ENTERQUEUE

Ctrl-C ends everything. A line every {LINE_SECONDS:.0f} s:
"""


def line(scrape: Scrape, began: float) -> str:
    def calls(name: str) -> str:
        return f"{scrape.total(f'callcenter_calls_{name}'):.0f}"

    states = {state: count for state, count in scrape.by("callcenter_agents", "state").items() if count}
    people = " ".join(f"{state} {count:.0f}" for state, count in sorted(states.items(), key=lambda each: -each[1]))
    work = sum(scrape.total("callcenter_handle_seconds_total", component=part) for part in ("talk", "hold", "wrapup"))
    plan = scrape.total("callcenter_plan_calls_total")
    lost = int(scrape.total("callcenter_calls_abandoned_total") + scrape.total("callcenter_calls_short_abandoned_total"))
    return (
        f"{time.strftime('%H:%M:%S')}  entered {calls('entered_total')}  answered {calls('answered_total')}  lost {lost}"
        f"  flowed out {calls('flowed_out_total')}  waiting {calls('waiting')}  |  {people}"
        f"  |  carried {work / max(1.0, time.monotonic() - began):.2f} Erl  plan so far {plan:.0f} contacts"
    )


async def traffic(driver: Driver) -> None:
    while True:
        driver.play(plan_for(driver.rng.choice(CALM_KINDS), driver.rng))
        await asyncio.sleep(min(6.0, driver.rng.expovariate(1 / GAP_SECONDS)))


async def lines(daemon: Daemon, pbx: Asterisk) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(LINE_SECONDS)
        if daemon.killed():
            print("the daemon was killed; it is started again, as systemd would, and goes on where it was", flush=True)
            await asyncio.to_thread(daemon.start)
        if not daemon.alive():
            raise LabError(f"the daemon ended by itself: {daemon.tail()}")
        if pbx.process is None or pbx.process.poll() is not None:
            raise LabError(f"Asterisk ended by itself; its log: {pbx.folder}/var/log/messages")
        try:
            print(line(await asyncio.to_thread(daemon.scrape), began), flush=True)
        except OSError as error:
            raise LabError(f"the daemon does not answer ({error}): {daemon.tail()}") from error


async def play(options: argparse.Namespace, folder: Path, seed: int) -> None:
    """Until cancelled or --seconds have passed; then everything is ended, the daemon first."""
    async with contextlib.AsyncExitStack() as ending:
        pbx = await asyncio.to_thread(Asterisk, options.asterisk, folder / "pbx")
        ending.callback(pbx.stop)
        phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        ending.callback(phones.stop)
        driver = Driver(pbx, phones, random.Random(seed))
        ending.push_async_callback(driver.close)
        daemon = Daemon(folder / "daemon", pbx.ports.ami, port=options.port, expected=PLANNED, queue_log=str(pbx.queue_log))
        ending.callback(daemon.stop)
        ending.callback(print, "ending…", flush=True)
        await asyncio.to_thread(pbx.start)
        phones.agents()
        await driver.connect()
        await asyncio.to_thread(daemon.start)
        print(where(pbx, daemon, seed), flush=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(options.seconds or None), asyncio.TaskGroup() as group:
                group.create_task(traffic(driver))
                group.create_task(lines(daemon, pbx))


async def main() -> int:
    options = arguments()
    if problem := taken(options.port):
        print(f"lab: {problem}", file=sys.stderr)
        return 2
    seed = options.seed if options.seed is not None else driving.seed()
    print(f"lab: preparing Asterisk {options.asterisk} (fetched once into {cache()})", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="floorwatch-lab."))
    work = asyncio.create_task(play(options, folder, seed))
    for number in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C must not interrupt the ending
        asyncio.get_running_loop().add_signal_handler(number, lambda: work.cancelling() or work.cancel())
    try:
        await work
    except asyncio.CancelledError:
        pass
    except (Unavailable, LabError, ExceptionGroup) as error:
        print(f"lab: {error if not isinstance(error, ExceptionGroup) else error.exceptions[0]}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
