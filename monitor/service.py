"""The daemon as a process: its turn on what is kept, its signals, its end.

Owns SIGTERM, SIGINT and SIGHUP, the wait of a standby and what it reads anew after it, and the order in which what is kept is taken over
and laid down again. Refuses everything that runs meanwhile (`app`). Next: `cli` runs it.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from dataclasses import replace
from functools import partial

import structlog

from monitor import logs
from monitor.app import Daemon
from monitor.config import Config, load, read_plan
from monitor.errors import FloorwatchError
from monitor.plan.plan import Plan
from monitor.resume import resume, turn
from monitor.state import number_key
from monitor.state.place import prepare

log = structlog.get_logger(__name__)


async def run(config: Config, plan: Plan, again: asyncio.Event) -> None:
    """The daemon, until SIGTERM or SIGINT. `again` is set where SIGHUP came since its files were first looked at."""
    for note in config.notes:
        log.warning("configuration", note=note)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)  # before it runs too: then it reloads as soon as it does
    folder = config.state.directory
    if folder is None:
        await _serve(Daemon(config, plan, keep=True), stop, again)
        return
    await asyncio.to_thread(prepare, config.file, folder)
    lock = await turn(folder, standby=config.state.standby, stop=stop)
    if lock is None:
        return
    if lock.contested:
        config, plan = await _anew(config, plan)
    config = config.known_by(await asyncio.to_thread(number_key.kept, folder))
    resumed = await asyncio.to_thread(partial(resume, keep=bool(config.store.url)), folder, config.contract, plan)
    daemon = Daemon(config, plan, resumed=resumed, keep=True)
    await _serve(daemon, stop, again)
    daemon.engine.catch_up()
    await asyncio.to_thread(resumed.keeper.close, resumed.keeping)  # after an error the journal has it, up to there
    lock.release()


async def _anew(config: Config, plan: Plan) -> tuple[Config, Plan]:
    """What the files say now: a standby may have waited for months, and whoever was before it has reloaded meanwhile."""
    try:
        read = await asyncio.to_thread(load, config.file)
        plan = await asyncio.to_thread(read_plan, read)
    except FloorwatchError as error:
        for line in str(error).splitlines():
            log.error("not read anew", problem=line, effect="this standby goes on with what it read when it was started")  # noqa: TRY400 - it is in the file
        return config, plan
    if read.state != config.state:
        log.warning("not changed while running", key="[state]", remedy="restart the daemon")
    if read.log != config.log:
        logs.set_up(read.log.level, read.log.format)
    return replace(read, state=config.state), plan


async def _serve(daemon: Daemon, stop: asyncio.Event, again: asyncio.Event) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # what lives long here is plain data; looking through it often only costs
    await daemon.run(stop, again=again)
