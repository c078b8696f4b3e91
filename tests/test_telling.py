"""`floorwatch incident` and `signal` as they are typed, against a daemon that runs in this process: what is printed, where, and what it ends with."""

from __future__ import annotations

import asyncio
import io
import json
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from monitor import app, cli, config, telling
from monitor.core.contract import SECOND
from monitor.plan.plan import EMPTY
from monitor.resume import resume
from tests.sources.fake_ami import SECRET, Pbx, event, member
from tests.sources.watching import HURRY, until
from tests.test_cli import free_port

FILE = """
[site]
timezone = "Europe/Kyiv"
holidays = [2099-12-25]
[[pbx]]
name = "pbx1"
port = {ami}
secret_env = "AMI_SECRET"
queue_log = ""
[[project]]
name = "bank-line"
client = "Bank"
queues = ["bank"]
[web]
listen = "{listen}"
[store]
url = ""
[state]
directory = "state"
"""
TOKEN = '[[token]]\nname = "{}"\nsecret_env = "{}"\nscopes = ["{}"]\n'
TOKENS = TOKEN.format("board", "READ", "read") + TOKEN.format("siren", "WRITE", "write")
KYIV = ZoneInfo("Europe/Kyiv")
WHEN = r"20\d\d-\d\d-\d\d \d\d:\d\d"
Said = tuple[int, str, str]


def typed(group: str, *words: str) -> Said:
    """Exit code, standard output and standard error of a command."""
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error), patch.object(sys, "argv", ["floorwatch", group, *words]):
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, out.getvalue(), error.getvalue()


class Site:
    """A configuration and, while it runs, its daemon."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "floorwatch.toml"
        self.port = free_port()

    def write(self, *tables: str, ami: int = 1, listen: str = "") -> Site:
        self.file.write_text(FILE.format(ami=ami, listen=listen or f"127.0.0.1:{self.port}") + "".join(tables), encoding="utf-8")
        return self

    def types(self, command: str, *words: str, group: str = "incident") -> Said:
        return typed(group, command, "--config", str(self.file), *words)

    async def says(self, command: str, *words: str, group: str = "incident") -> Said:
        return await asyncio.to_thread(self.types, command, *words, group=group)

    async def tells(self, command: str, *words: str) -> Said:
        """The same of signals."""
        return await self.says(command, *words, group="signal")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name, value in (("AMI_SECRET", SECRET), ("WRITE", "a-token-for-the-tests-ї"), ("READ", "another-for-the-tests")):
        monkeypatch.setenv(name, value)
    return Site(tmp_path).write(TOKENS)


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[app.Daemon]:
    """A daemon that keeps its state; leaving it is kill -9 to what is kept: nothing is laid down."""

    def made() -> app.Daemon:
        loaded = config.load(site.file)
        folder = site.file.parent / "state"
        folder.mkdir(exist_ok=True)
        return app.Daemon(loaded, EMPTY, HURRY, resumed=resume(folder, loaded.contract, EMPTY))

    daemon = await asyncio.to_thread(made)
    stop, up = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(daemon.run(stop, up))
    with capture_logs():  # they would be among what a command prints
        try:
            await up.wait()
            yield daemon
            assert not task.done(), "the daemon has ended by itself"
        finally:
            stop.set()
            await task


# --- with a daemon ----------------------------------------------------------------------------------------------------------------------


async def test_an_air_raid_from_the_siren_to_the_next_daemon(site: Site) -> None:
    """Opened, someone leaves, closed, listed; the next process knows it as well, and goes on with its numbers."""
    pbx = Pbx(queues={"bank": [member("bank", "PJSIP/1"), member("bank", "PJSIP/2")]})
    async with pbx.listening() as port:
        site.write(TOKENS, ami=port)
        async with running(site) as daemon:
            await until(lambda: daemon.engine.floor.sides["pbx1"].observed)
            code, out, error = await site.says("open", "--kind", "air_raid", "--recovery-minutes", "30", "--note", "siren")
            assert (code, error) == (0, "")
            assert re.fullmatch(f"incident 1: air_raid of site since {WHEN}, lasts; 0 of 2 agents away, 0 callers waiting; siren\n", out)
            pbx.live.send(event("QueueMemberRemoved", Queue="bank", Interface="PJSIP/2"))
            await until(lambda: any(view.figures is not None and view.figures.away == 1 for view in daemon.outlook().incidents))
            code, out, _ = await site.says("close", "1")
            assert code == 0
            assert re.fullmatch(f"incident 1: air_raid of site {WHEN} to {WHEN}, recovers until {WHEN}; 1 of 2 agents away, 0 callers waiting; siren\n", out)
        async with running(site):
            code, out, _ = await site.says("list")
            first, second = out.splitlines()
            assert code == 0
            assert first.startswith("incident 1: air_raid of site ")
            assert second == "holiday@site@2099-12-24T22:00:00Z: holiday of site begins 2099-12-25 00:00, until 2099-12-26 00:00"
            assert (await site.says("open", "--kind", "power", "--scope", "client:Bank"))[1].startswith("incident 2: power of client:Bank since ")


async def test_what_the_daemon_refuses_is_said_in_its_words(site: Site) -> None:
    async with running(site):
        assert (await site.says("open", "--kind", "power"))[0] == 0
        assert await site.says("open", "--kind", "power") == (1, "", "power of site is open already, as incident 1; close that first\n")
        assert await site.says("close", "7") == (2, "", "there is no incident 7\n")
        assert await site.says("close", "a/b c") == (2, "", "there is no incident a/b c\n")
        code, out, error = await site.says("open", "--kind", "airraid")
        assert (code, out, error) == (2, "", 'kind "airraid" is not one of air_raid, power, pbx, trunk, holiday, announced, other\n')
        code, _, error = await site.says("open", "--kind", "trunk", "--scope", "project:nix")
        assert (code, error) == (2, "there is no project:nix; known: project:bank-line\n")
        code, _, error = await site.says("open", "--kind", "trunk", "--since", "soon")
        assert (code, error.startswith('since "soon" is not a time; ')) == (2, True)


async def test_another_token_than_the_daemon_s_is_refused_and_no_secret_is_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(site):
        monkeypatch.setenv("WRITE", "one-that-was-changed-since")
        said = await site.says("open", "--kind", "power")
        assert said == (1, "", "nobody has this token; look into the secret_file of the [[token]]\n")


async def test_since_a_time_of_day(site: Site) -> None:
    async with running(site) as daemon:
        at = daemon.clock.now() - 3600 * SECOND
        text = f"{datetime.fromtimestamp(at / SECOND, KYIV):%H:%M}"
        code, out, _ = await site.says("open", "--kind", "power", "--since", text)
        assert (code, f" {text}, lasts" in out) == (0, True)


SIGNALS = """
[[signal]]
name = "storm"
kind = "thunderstorm"
regions = ["Kyiv", "Lviv"]
projects = ["bank-line"]
[[signal]]
name = "law"
kind = "law"
dates = [2099-12-25]
[regions]
variable = "REGION"
"""


async def test_a_storm_from_the_first_flash_to_the_next_daemon(site: Site) -> None:
    """On in one region, in the other, off in one; the next process knows it as well."""
    site.write(TOKENS, SIGNALS)
    storm = "storm: thunderstorm in {} for bank-line"
    async with running(site):
        code, out, error = await site.tells("on", "storm", "--region", "kyiv")
        assert (code, error) == (0, "")
        assert re.fullmatch(f"{storm.format('Kyiv')}, on since {WHEN}; told by siren, assumed to be over at {WHEN}\n", out)
        code, out, _ = await site.tells("on", "storm", "--region", "Lviv", "--until", "2026-11-30T18:00")
        assert (code, out) == (2, "")
        code, out, _ = await site.tells("off", "storm", "--region", "Lviv")
        assert (code, out) == (0, f"{storm.format('Lviv')}, off\n")
    async with running(site):
        code, out, _ = await site.tells("list")
        first, second, third = out.splitlines()
        assert code == 0
        assert first.startswith(f"{storm.format('Kyiv')}, on since ")
        assert (second, third) == (f"{storm.format('Lviv')}, off", "law: law everywhere, off")
        assert (await site.tells("off", "storm"))[1] == f"{storm.format('Kyiv')}, off\n{storm.format('Lviv')}, off\n"


async def test_until_and_at_as_they_are_typed(site: Site) -> None:
    site.write(TOKENS, SIGNALS)
    async with running(site) as daemon:
        now = daemon.clock.now()
        at, until_ = (f"{datetime.fromtimestamp((now + hours * 3600 * SECOND) / SECOND, KYIV):%Y-%m-%dT%H:%M}" for hours in (-1, 2))
        code, out, _ = await site.tells("on", "law", "--at", at[11:], "--until", until_)
        assert (code, out) == (0, f"law: law everywhere, on since {at.replace('T', ' ')}; told by siren, until {until_.replace('T', ' ')}\n")


async def test_a_signal_that_the_daemon_refuses_is_said_in_its_words(site: Site) -> None:
    site.write(TOKENS, SIGNALS)
    async with running(site):
        assert await site.tells("on", "strom") == (2, "", "unknown signal 'strom'; did you mean 'storm'?\n")
        assert await site.tells("on", "storm", "--region", "Kiyv") == (2, "", "storm has no region 'Kiyv'; did you mean 'Kyiv'?\n")
        code, _, error = await site.tells("on", "law", "--at", "soon")
        assert (code, error.startswith('at "soon" is not a time; ')) == (2, True)


async def test_where_no_signal_is_configured_there_is_none(site: Site) -> None:
    async with running(site):
        assert await site.tells("list") == (0, "no signals\n", "")


# --- without --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("open", "--kind", "power"), ("close", "1"), ("list",)])
def test_a_daemon_that_does_not_run(site: Site, command: tuple[str, ...]) -> None:
    line = f"http://127.0.0.1:{site.port}: no daemon listens there; start it, or give its own configuration\n"
    assert site.types(*command) == (1, "", line)


def test_a_plan_that_is_gone_keeps_nobody_from_telling(site: Site) -> None:
    site.file.write_text(site.file.read_text(encoding="utf-8") + '[plan]\nfile = "gone.csv"\n', encoding="utf-8")
    assert site.types("list")[0] == 1, "it is the daemon that is away"


@pytest.mark.parametrize("command", [("open", "--kind", "power"), ("close", "1")])
def test_without_a_token_that_may_write_it_is_said_how_to_make_one(site: Site, command: tuple[str, ...]) -> None:
    site.write(TOKEN.format("board", "READ", "read"))
    code, out, error = site.types(*command)
    assert (code, out) == (2, "")
    assert error == (
        f"--config {site.file}: no [[token]] may write, and the daemon takes this from nobody else; openssl rand -hex 32 > /etc/floorwatch/incident-token, "
        'name it in a [[token]] with scopes = ["write"], send SIGHUP\n'
    )


def test_a_port_that_nobody_can_know(site: Site) -> None:
    site.write(TOKENS, listen="127.0.0.1:0")
    assert site.types("list") == (2, "", f"--config {site.file}: [web] listen has port 0, which is any free one; name a port to be found at\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("soon", "is not a number; write a number from 0 to 1440, such as 15"),
        ("-1", "is too short; write a number from 0 to 1440, such as 15"),
        ("1441", "is too long; write a number from 0 to 1440, such as 15"),
    ],
)
def test_a_recovery_that_cannot_be(site: Site, text: str, problem: str) -> None:
    assert site.types("open", "--kind", "power", "--recovery-minutes", text) == (2, "", f"--recovery-minutes {text}: {problem}\n")


def test_a_bad_configuration_is_refused_as_everywhere(site: Site) -> None:
    site.write("nonsense = 1")
    assert site.types("list")[0] == 2


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def listening(port: int, answer: Answer) -> Iterator[None]:
    """Something else on the daemon's port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", port), Handler) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        yield
        thread.join(10)


def plain(status: int, text: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


@pytest.mark.parametrize(
    ("answer", "code", "problem"),
    [
        (plain(200, "<html>"), 1, "what listens there is no Floorwatch of this version (status 200); restart the daemon"),
        (plain(404, json.dumps("no")), 1, "what listens there is no Floorwatch of this version (status 404); restart the daemon"),
        (lambda handler: handler.wfile.write(b"220 mail\r\n"), 1, "what listens there is no Floorwatch; give the configuration of the daemon that runs"),
    ],
)
def test_something_else_listens_there(site: Site, answer: Answer, code: int, problem: str) -> None:
    with listening(site.port, answer):
        assert site.types("list") == (code, "", f"http://127.0.0.1:{site.port}: {problem}\n")


def test_no_answer_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.telling.PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", site.port)):
        assert site.types("list") == (1, "", f"http://127.0.0.1:{site.port}: no answer within 0 s; look into the daemon's log\n")


# --- words ------------------------------------------------------------------------------------------------------------------------------

AT, LATER = "2026-11-30T08:42:00.000000Z", "2026-11-30T10:00:00.000000Z"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "incident 7: power of site since 2026-11-30 10:42, lasts"),
        ({"until": LATER, "announced": True, "id": "fair"}, "fair: power of site since 2026-11-30 10:42, until 2026-11-30 12:00"),
        ({"stage": "ahead"}, "incident 7: power of site begins 2026-11-30 10:42"),
        ({"stage": "over", "until": LATER, "note": "the east wing"}, "incident 7: power of site 2026-11-30 10:42 to 2026-11-30 12:00; the east wing"),
        (
            {"people": {"people": 34, "away": 12, "talking": 5, "pausing": 2, "unseen": 1, "back": 3, "waiting": 1, "late": False}},
            "incident 7: power of site since 2026-11-30 10:42, lasts; 12 of 34 agents away, 3 back, 5 talking, 2 pausing, 1 unseen, 1 caller waiting",
        ),
        (
            {"people": {"people": 1, "away": 0, "talking": 0, "pausing": 0, "unseen": 1, "back": 0, "waiting": None, "late": True}},
            "incident 7: power of site since 2026-11-30 10:42, lasts; 0 of 1 agent away, 1 unseen",
        ),
    ],
)
def test_the_sentence_about_an_incident(more: dict[str, object], sentence: str) -> None:
    one = {"id": "7", "kind": "power", "scope": "site", "since": AT, "until": None, "recovery_until": None, "note": None, "announced": False}
    assert telling.sentence(one | {"stage": "active", "people": None} | more, KYIV) == sentence


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10:42", "2026-11-30T10:42:00"),
        ("12:00", "2026-11-30T12:00:00"),
        ("12:01", "2026-11-29T12:01:00"),
        ("23:50:30", "2026-11-29T23:50:30"),
        ("2026-11-30T10:42", "2026-11-30T10:42"),
        ("soon", "soon"),
    ],
)
def test_a_time_of_day_is_the_last_one_that_was(text: str, wanted: str) -> None:
    noon = 1_796_032_800 * SECOND
    assert telling.since(text, KYIV, noon) == wanted
