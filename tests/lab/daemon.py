"""The daemon under test, as its user starts it: `python -m monitor run --config F` in a process of its own.

Owns its folder (config, secret, plan, log), the process and the scraping over HTTP. It knows the daemon by its command, its
config file and its pages only. `queue_log` is empty unless given: else the file is the judge's, not the daemon's.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import world
from tests.lab.judge import Scrape
from tests.lab.pbx import LabError, free_port
from tests.lab.settings import SECRET

READY_SECONDS = 60.0  # a machine with two Asterisks, forty phones and others at work on it takes its time
STOP_SECONDS = 10.0
PBX = "lab"
EXPECTED = {project.name: (20 if project.name == "void-line" else 600, 4.0) for project in world.PROJECTS}  # contacts of a half-hour, AHT


TARIFFS = {
    "bank-line": f"""telecom_per_minute = "0.60"
[[project.tariff]]
from = 2020-01-01
per_minute = "{world.MINUTE_PRICE}"
base = "talk+hold"
increment_seconds = {world.INCREMENT_SECONDS}""",
    "shop-line": f"""[[project.tariff]]
from = 2020-01-01
per_call = "{world.CALL_PRICE}"
""",
    "taxi-line": """[[project.tariff]]
from = 2020-01-01
per_agent_hour = { price = "240.00", allocation = "handle" }
""",
    "void-line": """[[project.tariff]]
from = 2020-01-01
flat_month = "1000.00"
""",
}


@dataclass(frozen=True)
class Pulse:
    """How often the daemon asks whether the PBX is there, and how long it waits for an answer."""

    ping_seconds: int = 2
    deadline_seconds: int = 6
    reconcile_seconds: int = 20


def config(folder: Path, ami_port: int, port: int, queue_log: str = "", pulse: Pulse = Pulse()) -> str:
    """The lab's floor as a config file; wrap-up and limits are those Asterisk runs with."""
    text = f"""[site]
name = "lab"
timezone = "Europe/Kyiv"
[[pbx]]
name = "{PBX}"
host = "127.0.0.1"
port = {ami_port}
username = "floorwatch"
secret_file = "{folder}/secret"
queue_log = "{queue_log}"
ping_seconds = {pulse.ping_seconds}
ping_deadline_seconds = {pulse.deadline_seconds}
reconcile_seconds = {pulse.reconcile_seconds}
[[group]]
name = "floor"
wage_per_hour = "180.00"
pause_reasons = {{ lunch = "unpaid", break = {{ class = "paid", limit_minutes = 15 }}, "обід" = "unpaid" }}
[money]
fixed_cost_per_day = "86400.00"
[plan]
file = "{folder}/plan.csv"
[state]
directory = "{folder}/state"

[store]
url = "sqlite:///{folder}/floorwatch.db"
[web]
listen = "127.0.0.1:{port}"
"""
    for project in world.PROJECTS:
        queues = ", ".join(f'"{queue}"' for queue in project.queues)
        wrapup = max(world.queue(queue).wrapup_seconds for queue in project.queues)
        text += f"""[[project]]
name = "{project.name}"
client = "{project.client}"
group = "floor"
queues = [{queues}]
wrapup_seconds = {wrapup}
short_abandon_seconds = {project.short_seconds}
aht_seconds = 4
service_level = {{ threshold_seconds = {project.threshold_seconds}, target = 0.80, formula = "sl_short_excluded" }}
{TARIFFS[project.name]}
"""
    return text


def plan(today: dt.date, expected: Mapping[str, tuple[int, float]]) -> str:
    """Yesterday to tomorrow in half-hours, so that a run over midnight has a plan too; `expected` is volume and AHT by project."""
    lines = ["project,interval_start,volume,aht_s,scheduled"]
    start = dt.datetime.combine(today, dt.time(), dt.UTC) - dt.timedelta(days=1)
    for half_hour in range(3 * 48):
        at = (start + half_hour * dt.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines += [f"{project},{at},{volume},{aht:g},4" for project, (volume, aht) in expected.items()]
    return "\n".join(lines) + "\n"


class Daemon:
    """`start` waits for /-/ready; `stop` is what Ctrl-C is; whatever happens, nothing is left running."""

    def __init__(
        self,
        folder: Path,
        ami_port: int,
        *,
        port: int = 0,
        secret: str = SECRET,
        expected: Mapping[str, tuple[int, float]] = EXPECTED,
        queue_log: str = "",
        pulse: Pulse = Pulse(),
        program: Sequence[str] = ("-m", "monitor"),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._program = program
        self.port = port or free_port()
        self.log = folder / "daemon.log"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "secret").write_text(secret, encoding="utf-8")
        (folder / "secret").chmod(0o600)
        (folder / "plan.csv").write_text(plan(dt.datetime.fromtimestamp(time.time(), dt.UTC).date(), expected), encoding="utf-8")
        (folder / "floorwatch.toml").write_text(config(folder, ami_port, self.port, queue_log, pulse), encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> None:
        command = [sys.executable, *self._program, "run", "--config", str(self.folder / "floorwatch.toml")]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
            )

    def start(self) -> None:
        self.launch()
        self.wait_for("/-/ready", READY_SECONDS)

    def wait_for(self, path: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.alive() and self.status(path) == 200:
                return
            if not self.alive():
                break
            time.sleep(0.1)
        raise LabError(f"the daemon did not answer {path} within {seconds:.0f} s: {self.tail()}")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def killed(self) -> bool:
        """Whether it was ended by SIGKILL, by somebody else than us."""
        return self.process is not None and self.process.poll() == -signal.SIGKILL

    @property
    def pid(self) -> int:
        return 0 if self.process is None else self.process.pid

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:] if self.log.exists() else ""

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def scrape(self) -> Scrape:
        return Scrape(self.get("/metrics"))

    def kill(self) -> None:
        """The rude end: no word to anybody, nothing written any more."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> int:
        """The exit code of a polite stop; -9 if it had to be killed."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(STOP_SECONDS)
        return self.process.returncode
