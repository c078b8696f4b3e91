"""A recording made beside the daemon on a real PBX: it replays to the live figures, and holds no number and no name of the lab.

One shift for the whole module: `run` and `record` watch the same Asterisk while one of almost every kind of call is played. The short
run is on Asterisk 22, the full matrix has 16 too.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.sources.pseudonyms import SPECIAL, TECHNOLOGIES, Pseudonyms
from tests.lab import settings, world
from tests.lab.daemon import PBX, Daemon
from tests.lab.driver import Driver, seed
from tests.lab.fetch import Unavailable
from tests.lab.judge import Scrape
from tests.lab.kinds import FIRST_NAMES, LAST_NAMES, PAUSE_REASONS, plan_for
from tests.lab.pbx import Asterisk, LabError
from tests.lab.phones import Phones
from tests.lab.shift import SETTLE_SECONDS, settled

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

# The long ones first, so that all are over soon after the last began.
PLAYED = (
    *("attended_other", "timeout_other", "timeout_again", "option_n", "timeout_hangup", "refer", "hold", "redirect_talking", "redirect_waiting"),
    *("key_exit", "key_then_hangup", "withdrawn", "blind_other", "blind_agent", "pause_in_call", "reload_in_call", "originated_caller", "agent_dials"),
    *("click_to_call", "double_pause", "pause", "pause_one_queue", "abandon", "gosub_abandon", "agent_dumps", "local_member", "local_member", "ring_all"),
    *("ring_all", "agent_hangs_up", "leave_empty", "member_gosub", "local_member", "short_abandon", "plain_bank"),
)
GAP_SECONDS = 0.12
SEEN_SECONDS = 20.0


@dataclass
class Taped:
    """What one shift left behind."""

    file: Path
    text: str
    live_summary: str
    log: str
    scrape: Scrape
    names: Pseudonyms
    driver: Driver


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "monitor", *words]


class Recorder:
    """`floorwatch record` as a user starts it, ended by Ctrl-C."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.file, self._log, self._out = folder / "lab.ami.gz", folder / "record.log", folder / "record.out"
        words = command("record", "--config", str(config), "--key-file", str(folder / "key"), str(self.file))
        with self._log.open("wb") as log, self._out.open("wb") as out:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True)

    def until_seen(self) -> None:
        end = time.monotonic() + SEEN_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if "AMI link up" in self.log:
                return
            time.sleep(0.1)
        raise LabError(f"the recorder saw nothing within {SEEN_SECONDS:.0f} s: {self.log}")

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def end(self) -> str:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(10) == 0, self.log
        return self._out.read_text(encoding="utf-8")

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)


async def taped_shift(major: str, folder: Path, chosen: int) -> Taped:
    async with asyncio.timeout(180), contextlib.AsyncExitStack() as ending:
        pbx = await asyncio.to_thread(Asterisk, major, folder / "pbx")
        ending.callback(pbx.stop)
        phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        ending.callback(phones.stop)
        driver = Driver(pbx, phones, random.Random(chosen))
        ending.push_async_callback(driver.close)
        await asyncio.to_thread(pbx.start)
        phones.agents()
        await driver.connect()
        daemon = Daemon(folder / "daemon", pbx.ports.ami)
        ending.callback(daemon.stop)
        daemon.launch()
        recorder = Recorder(folder, folder / "daemon" / "floorwatch.toml")
        ending.callback(recorder.kill)
        await asyncio.to_thread(recorder.until_seen)
        await asyncio.to_thread(daemon.wait_for, "/-/ready", SEEN_SECONDS)
        guest = {"Queue": "bank", "Interface": f"PJSIP/agent{world.DYNAMIC[0]}"}
        await driver.act("QueueAdd", **guest, MemberName="Гість 14")
        for kind in PLAYED:
            driver.play(plan_for(kind, driver.rng))
            await asyncio.sleep(GAP_SECONDS)
        await driver.act("QueueRemove", **guest)
        await driver.calm()
        for _ in range(SETTLE_SECONDS):
            if settled(await asyncio.to_thread(daemon.scrape)):
                break
            await asyncio.sleep(0.5)
        scrape = await asyncio.to_thread(daemon.scrape)
        summary = await asyncio.to_thread(recorder.end)
        names = Pseudonyms(bytes.fromhex((folder / "key").read_text().strip()))
        return Taped(recorder.file, gzip.decompress(recorder.file.read_bytes()).decode(), summary, recorder.log, scrape, names, driver)


@pytest.fixture(scope="module", params=["22", pytest.param("16", marks=pytest.mark.full)])
def taped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Taped:
    chosen = seed()
    print(f"\nlab: a recording on Asterisk {request.param}, FLOORWATCH_LAB_SEED={chosen}")
    try:
        return asyncio.run(taped_shift(request.param, tmp_path_factory.mktemp("tape"), chosen))
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")


def replayed(taped: Taped, *more: str) -> str:
    done = subprocess.run(command("replay", str(taped.file), *more), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_replay_says_what_the_recorder_said(taped: Taped) -> None:
    assert replayed(taped) == taped.live_summary
    assert "anomalies  none\n" in taped.live_summary
    assert taped.driver.joined >= 28


COUNTED = ("callcenter_calls_", "callcenter_contacts_", "callcenter_agent_ring_no_answer", "callcenter_wait_seconds_count", "floorwatch_anomalies")
LABELS = ("client", "project", "queue", "pbx", "group")


def counters(scrape: Scrape, names: Pseudonyms | None) -> dict[str, float]:
    """Everything that is counted in calls; names as the recording has them.

    Why a caller flowed out each of the two has to ask for itself, and one may come too late: then the reason is `other`.
    """
    found: dict[str, float] = {}
    for name, samples in scrape.samples.items():
        if name.startswith(COUNTED) and name.endswith(("_total", "_count")):
            for labels, value in samples.items():
                shown = {key: names.name(text) if names is not None and key in LABELS else text for key, text in labels}
                if shown.get("reason") != "key":
                    shown.pop("reason", None)
                series = f"{name}{sorted(shown.items())}"
                found[series] = found.get(series, 0) + value
    return found


def test_the_replay_counts_what_the_daemon_counted(taped: Taped, tmp_path: Path) -> None:
    replayed(taped, "--metrics", str(tmp_path / "replayed.prom"))
    again = Scrape((tmp_path / "replayed.prom").read_text(encoding="utf-8"))
    live, replay = counters(taped.scrape, taped.names), counters(again, None)
    assert {key: (live.get(key), replay.get(key)) for key in live.keys() | replay.keys() if live.get(key) != replay.get(key)} == {}
    assert sum(value for key, value in live.items() if key.startswith("callcenter_calls_entered_total")) == taped.driver.joined
    for part in ("talk", "hold", "wrapup"):
        seconds = [each.total("callcenter_handle_seconds_total", component=part) for each in (taped.scrape, again)]
        assert seconds[0] == pytest.approx(seconds[1], abs=0.5)


def words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w+", text)}


def used(driver: Driver) -> set[str]:
    """Every text that names a person, a number or a place of this lab, from its plan and from what its PBX said."""
    callers = [call.plan.caller for call in driver.calls.values() if call.plan.caller is not None]
    texts = [*FIRST_NAMES, *LAST_NAMES, *PAUSE_REASONS, "after call", "backoffice", settings.SECRET, "driver", PBX, "floor", *driver.calls]
    texts += [text for caller in callers for text in (caller.name, caller.dialled)]
    texts += [text for queue in world.QUEUES for text in (queue.name, world.extension(queue.name), *",".join(queue.members).split(","))]
    texts += [text for project in world.PROJECTS for text in (project.name, project.client)]
    texts += [text for number in range(1, world.PHONES + 1) for text in (f"agent{number}", str(800 + number))]
    texts += ["inbound", "desk", "localagents", "greet", "exits", "moved", "trunk", "790", "lunch", "break", "Гість", "Expert"]
    headers = ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Context", "Exten", "Queue", "MemberName", "Interface", "PausedReason")
    texts += [event.get(prefix + header, "") for event in driver.events for prefix in ("", "Dest") for header in headers]
    texts += [re.sub(r"-[0-9a-f]{8}(;[12])?(<\w+>)?$", "", event.get("Channel", "")) for event in driver.events]
    return {text for text in texts if len(text) >= 3} - SPECIAL


# Words of texts that are Asterisk's or ours as well: `after call` beside `Privilege: call,all`, `hangup-bank` beside `Event: Hangup`.
VOCABULARY = {word.casefold() for word in TECHNOLOGIES} | {"call", "hangup", "queue", "unknown"}


def test_no_number_and_no_name_is_in_it(taped: Taped) -> None:
    texts = used(taped.driver)
    assert {"bank", "Таксі", "PJSIP/agent7", "816", "inbound", "lunch", "lab-secret", "after call", *taped.driver.calls} <= texts
    folded = taped.text.casefold()
    near = [text for text in sorted(texts) if text.casefold() in folded]
    assert [text for text in near if re.search(rf"(?<!\w){re.escape(text.casefold())}(?!\w)", folded)] == []
    secret = {word for text in texts for word in words(text) if len(word) >= 3} - VOCABULARY
    assert len(secret) > 100
    assert secret & words(taped.text) == set()


def test_nor_in_what_the_command_printed(taped: Taped) -> None:
    said = words(taped.log + taped.live_summary)
    people = {word for queue in world.QUEUES for member in queue.members for word in words(member) if len(word) >= 3 and not word.isdecimal()}
    callers = [call.plan.caller for call in taped.driver.calls.values() if call.plan.caller is not None]
    names = {word for caller in callers for word in words(f"{caller.name} {caller.number}") if len(word) >= 3}
    assert names & said == set()
    assert (people - VOCABULARY - {"agent", "expert"}) & said == set()


def test_it_is_for_its_owner_alone(taped: Taped) -> None:
    assert stat.S_IMODE(taped.file.stat().st_mode) == 0o600
    assert stat.S_IMODE((taped.file.parent / "key").stat().st_mode) == 0o600
