"""A daemon that runs and is given another configuration: everything of it, or nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from monitor import app, config
from monitor.plan.plan import Plan
from monitor.sources import told
from tests.sources.fake_ami import SECRET, Pbx, channel_headers, event, member
from tests.sources.watching import HURRY, until
from tests.test_app import Daemon

QUEUES = {"bank": [member("bank", "PJSIP/1")], "shop": [member("shop", "PJSIP/2")]}
BANK = '[[project]]\nname = "bank-line"\nclient = "Bank"\nqueues = ["pbx1/bank"]\n'
SHOP = '[[project]]\nname = "shop-line"\nclient = "Shop"\nqueues = ["pbx1/shop"]\n'
TOKEN = '[[token]]\nname = "reload"\nsecret_env = "TOKEN"\nscopes = ["write"]\n'
BEARER = {"Authorization": "Bearer a-token-for-the-tests"}
UP = 'floorwatch_ami_up{{pbx="{}"}}'
GOOD = "floorwatch_config_last_reload_successful"


def entered(name: str = "bank", pbx: str = "pbx1") -> str:
    return f'callcenter_calls_entered_total{{client="{name.title()}",project="{name}-line",pbx="{pbx}",queue="{name}"}}'


def waiting(name: str = "bank", pbx: str = "pbx1") -> str:
    return entered(name, pbx).replace("calls_entered_total", "calls_waiting")


def pbx_table(port: int, name: str = "pbx1", secret: str = "AMI_SECRET", keys: str = "") -> str:
    return f'[[pbx]]\nname = "{name}"\nport = {port}\nsecret_env = "{secret}"\nqueue_log = ""\n{keys}\n'


class Site:
    """A configuration's folder, and the daemon that reads it."""

    def __init__(self, folder: Path, daemon: Daemon | None = None) -> None:
        self.folder = folder
        self.file = folder / "floorwatch.toml"
        self._daemon = daemon

    @property
    def daemon(self) -> Daemon:
        assert self._daemon is not None
        return self._daemon

    def write(self, *parts: str) -> None:
        self.file.write_text("\n".join((*parts, '[plan]\nfile = "plan.csv"\n[web]\nlisten = "127.0.0.1:0"\n[state]\ndirectory = ""\n')), encoding="utf-8")

    def plan(self, *rows: str) -> None:
        rows = ("project,interval_start,volume,aht_s", "bank-line,1999-12-31T00:00Z,1,180", *rows, "")
        (self.folder / "plan.csv").write_text("\n".join(rows), encoding="utf-8")

    async def reload(self, *parts: str) -> tuple[int, Any]:
        """Write another configuration and ask for it."""
        if parts:
            await asyncio.to_thread(self.write, *parts)
        return await self.ask(BEARER)

    async def ask(self, headers: dict[str, str], method: str = "POST") -> tuple[int, Any]:
        async with self.daemon._http.request(method, self.daemon.daemon.web.url + "/-/reload", headers=headers, data=b"ignored") as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" else text


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AMI_SECRET", SECRET)
    monkeypatch.setenv("WRONG_SECRET", "another")
    monkeypatch.setenv("TOKEN", "a-token-for-the-tests")
    site = Site(tmp_path)
    site.plan()
    return site


@asynccontextmanager
async def running(site: Site, *parts: str, again: asyncio.Event | None = None) -> AsyncIterator[Site]:
    def made() -> app.Daemon:
        site.write(*parts)
        loaded = config.load(site.file)
        return app.Daemon(loaded, config.read_plan(loaded), HURRY)

    daemon = await asyncio.to_thread(made)
    stop, up = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(daemon.run(stop, up, again))
    try:
        async with aiohttp.ClientSession() as http:
            await up.wait()
            yield Site(site.folder, Daemon(daemon, http))
            assert not task.done(), "the daemon has ended by itself"
    finally:
        stop.set()
        await task


def joined(queue: str, call: str = "1795448567.1") -> bytes:
    return event("QueueCallerJoin", **channel_headers(call, "PJSIP/trunk-00000001"), Queue=queue, Position="1", Count="1")


# --- all of it ------------------------------------------------------------------------------------------------------------------------


async def test_a_new_project_is_seen_without_a_gap_and_counters_go_on(site: Site) -> None:
    pbx = Pbx(queues=QUEUES)
    pbx.waiting["shop"] = [{"Queue": "shop", "Uniqueid": "7.1", "Channel": "PJSIP/trunk-7", "Wait": "6"}]
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK) as one:
        daemon = one.daemon
        await daemon.becomes(UP.format("pbx1"), 1)
        pbx.live.send(joined("bank"))
        await daemon.becomes(entered(), 1)
        status, answer = await one.reload(TOKEN, pbx_table(port), BANK, SHOP)
        assert (status, answer) == (200, {"reloaded": True, "changes": ["project shop-line added"], "restart": []})
        assert await daemon.value(UP.format("pbx1")) == 1
        await daemon.becomes(waiting("shop"), 1)
        assert await daemon.value(entered("shop")) == 1
        assert await daemon.value(entered()) == 1
        assert await daemon.value('callcenter_agents{group="floor",state="available"}') == 2
        assert await daemon.value('floorwatch_reconcile_mismatches_total{pbx="pbx1"}') == 0
        assert (len(pbx.sessions), await daemon.value('floorwatch_ami_connects_total{pbx="pbx1"}')) == (1, 1)
        assert await daemon.value(GOOD) == 1


async def test_a_group_that_is_by_device_now_has_its_people_at_once_and_without_a_gap(site: Site) -> None:
    pbx = Pbx(queues=QUEUES, devices={"PJSIP/7": "NOT_INUSE"})
    agents = '[agents]\nfile = "agents.csv"\n'
    groups = '[[group]]\nname = "floor"\n[[group]]\nname = "dialers"\npresence = "{}"\n'
    projects = BANK + 'group = "floor"\n' + SHOP + 'group = "dialers"\n'
    there = 'callcenter_agents{group="dialers",state="available"}'
    (site.folder / "agents.csv").write_text("employee_id,name,interfaces,group\n7,Ola,PJSIP/7,dialers\n", encoding="utf-8")
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), agents, groups.format("member"), projects) as one:
        daemon = one.daemon
        await daemon.becomes(there, 1)  # the member of its queue
        assert pbx.actions("Getvar") == []
        pbx.live.send(event("DeviceStateChange", Device="PJSIP/7", State="NOT_INUSE"))
        assert (await one.reload(TOKEN, pbx_table(port), agents, groups.format("device"), projects))[0] == 200
        await daemon.becomes(there, 2)
        pbx.live.send(event("DeviceStateChange", Device="PJSIP/7", State="UNAVAILABLE"))
        await daemon.becomes('callcenter_agents{group="dialers",state="unreachable"}', 1)
        await one.reload(TOKEN, pbx_table(port), agents, groups.format("member"), projects)
        assert await daemon.value('callcenter_agents{group="dialers",state="unreachable"}') == 0
        assert await daemon.value(there) == 1
        assert await daemon.value('floorwatch_ami_connects_total{pbx="pbx1"}') == 1


async def test_a_project_that_is_gone_is_shown_no_more_and_goes_on_when_it_returns(site: Site) -> None:
    pbx = Pbx(queues=QUEUES)
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK, SHOP) as one:
        await one.daemon.becomes(UP.format("pbx1"), 1)
        pbx.live.send(joined("shop"))
        await one.daemon.becomes(entered("shop"), 1)
        await one.reload(TOKEN, pbx_table(port), BANK)
        assert await one.daemon.value(entered("shop")) is None
        await one.reload(TOKEN, pbx_table(port), BANK, SHOP)
        assert await one.daemon.value(entered("shop")) == 1


async def test_sighup_reads_the_plan_anew(site: Site) -> None:
    pbx, again = Pbx(), asyncio.Event()
    async with pbx.listening() as port, running(site, pbx_table(port), BANK, again=again) as one:
        covered = 'callcenter_plan_covered{client="Bank",project="bank-line"}'
        assert await one.daemon.value(covered) == 0
        loaded = await one.daemon.value("floorwatch_config_last_reload_success_timestamp_seconds") or 0
        hours = [f"bank-line,{day}T{hour:02}:00Z,10,180" for day in ("2000-01-01",) for hour in range(24)]
        await asyncio.to_thread(site.plan, *hours)
        with capture_logs() as logs:
            again.set()
            ends = 'callcenter_plan_end_timestamp_seconds{client="Bank",project="bank-line"}'
            await one.daemon.becomes(ends, 946_684_800 + 23 * 3600 + 1800)
        assert [entry["changes"] for entry in logs if entry["event"] == "reloaded"] == ["plan: 24 rows added"]
        assert (await one.daemon.value("floorwatch_config_last_reload_success_timestamp_seconds") or 0) > loaded


async def test_a_pbx_that_is_added_is_watched_and_one_that_is_removed_is_left(site: Site) -> None:
    first, second = Pbx(queues=QUEUES), Pbx(queues=QUEUES)
    both = BANK.replace('"pbx1/bank"', '"pbx1/bank", "pbx2/bank"')
    async with first.listening() as port, second.listening() as port2, running(site, TOKEN, pbx_table(port), BANK) as one:
        daemon = one.daemon
        await daemon.becomes(UP.format("pbx1"), 1)
        _, answer = await one.reload(TOKEN, pbx_table(port), pbx_table(port2, "pbx2"), both)
        assert answer["changes"] == ["project bank-line: queue pbx2/bank added", "PBX pbx2 added"]
        await daemon.becomes(UP.format("pbx2"), 1)
        second.live.send(joined("bank"))
        await daemon.becomes(waiting("bank", "pbx2"), 1)
        await one.reload(TOKEN, pbx_table(port), BANK)
        assert [action["Action"] for action in second.sessions[0].actions][-1] == "Logoff"
        assert await daemon.value(UP.format("pbx2")) is None
        assert (await daemon.page("/-/ready")) == (200, "ready\n")
        await one.reload(TOKEN, pbx_table(port), pbx_table(port2, "pbx2"), both)
        await daemon.becomes(UP.format("pbx2"), 1)
        assert await daemon.value('floorwatch_ami_connects_total{pbx="pbx2"}') == 2
        assert await daemon.value(entered("bank", "pbx2")) == 1
        assert await daemon.value(entered("bank", "pbx2").replace("entered", "unresolved")) == 1


async def test_what_a_pbx_that_is_taken_out_has_dropped_stays_counted(site: Site) -> None:
    dropped = 'floorwatch_dropped_total{what="event"}'
    first, second = Pbx(queues=QUEUES), Pbx(queues=QUEUES)
    both = BANK.replace('"pbx1/bank"', '"pbx1/bank", "pbx2/bank"')
    async with first.listening() as port, second.listening() as port2, running(site, TOKEN, pbx_table(port), pbx_table(port2, "pbx2"), both) as one:
        await one.daemon.becomes(UP.format("pbx2"), 1)
        one.daemon.daemon.clients["pbx2"].stats.dropped = 7
        assert await one.daemon.value(dropped) == 7
        await one.reload(TOKEN, pbx_table(port), BANK)
        assert await one.daemon.value(dropped) == 7
        await one.reload(TOKEN, pbx_table(port), pbx_table(port2, "pbx2"), both)
        assert await one.daemon.value(dropped) == 7


async def test_a_corrected_secret_is_used_at_once(site: Site) -> None:
    pbx = Pbx(queues=QUEUES)
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port, secret="WRONG_SECRET"), BANK) as one:
        await asyncio.wait_for(pbx.changed.wait(), 5)
        assert await one.daemon.value(UP.format("pbx1")) == 0
        await one.reload(TOKEN, pbx_table(port), BANK)
        await one.daemon.becomes(UP.format("pbx1"), 1)


async def test_another_way_to_be_patient_needs_no_new_connection(site: Site) -> None:
    pbx = Pbx(queues=QUEUES)
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK) as one:
        await one.daemon.becomes(UP.format("pbx1"), 1)
        _, answer = await one.reload(TOKEN, pbx_table(port, keys="ping_seconds = 2"), BANK)
        assert answer["changes"] == ["PBX pbx1: ping_seconds changed"]
        assert await one.daemon.value(UP.format("pbx1")) == 1
        assert (len(pbx.sessions), len(pbx.actions("QueueStatus"))) == (1, 1)


async def test_a_queue_log_comes_and_goes(site: Site) -> None:
    pbx = Pbx(queues=QUEUES, clock=lambda: time.time_ns() // 1000)
    up = 'floorwatch_queue_log_up{pbx="pbx1"}'
    await asyncio.to_thread((site.folder / "queue_log").write_text, f"{int(time.time())}|7.1|other|NONE|ENTERQUEUE||0|1\n")
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK) as one:
        side = one.daemon.daemon.engine.floor.sides["pbx1"]
        await one.daemon.becomes(UP.format("pbx1"), 1)
        assert await one.daemon.value(up) is None
        table = pbx_table(port).replace('queue_log = ""', 'queue_log = "queue_log"')
        assert (await one.reload(TOKEN, table, BANK))[1]["changes"] == ["PBX pbx1: queue_log changed"]
        await one.daemon.becomes(up, 1)
        await until(lambda: side.log_up)
        await one.reload(TOKEN, pbx_table(port), BANK)
        assert await one.daemon.value(up) is None
        assert not side.log_up
        assert await one.daemon.value(UP.format("pbx1")) == 1
        assert (len(pbx.sessions), [task for task in one.daemon.daemon._tasks.names if "queue_log" in task]) == (1, [])


async def test_a_cdr_comes_and_goes(site: Site) -> None:
    pbx = Pbx(queues=QUEUES, clock=lambda: time.time_ns() // 1000)
    up, refused = 'floorwatch_cdr_up{pbx="pbx1"}', 'callcenter_calls_refused_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank",reason="other"}'
    await asyncio.to_thread((site.folder / "Master.csv").touch)
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK) as one:
        await one.daemon.becomes(UP.format("pbx1"), 1)
        assert (await one.daemon.value(up), await one.daemon.value(refused)) == (None, None)
        assert (await one.reload(TOKEN, pbx_table(port, keys='cdr = "Master.csv"'), BANK))[1]["changes"] == ["PBX pbx1: cdr changed"]
        await one.daemon.becomes(refused, 0)
        assert await one.daemon.value(up) == 1
        await one.reload(TOKEN, pbx_table(port, keys='cdr = "another.csv"'), BANK)
        await one.daemon.becomes(refused, None)
        assert await one.daemon.value(up) == 0
        await one.reload(TOKEN, pbx_table(port, keys='cdr = "Master.csv"'), BANK)
        await one.daemon.becomes(refused, 0)
        _, answer = await one.reload(TOKEN, pbx_table(port, keys='cdr = "mysql://u:hunter2@db/cdr"'), BANK)
        assert "hunter2" not in str(answer)
        await one.daemon.becomes(refused, None)
        assert await one.daemon.value(up) is None
        assert await one.daemon.value(UP.format("pbx1")) == 1
        assert (len(pbx.sessions), [task for task in one.daemon.daemon._tasks.names if "cdr" in task]) == (1, [])


async def test_a_queue_log_is_taken_away_while_it_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: told.Question) -> told.Answer:
        asked.set()
        await go_on.wait()
        return told.Answer(None, ("there is no such file",))

    monkeypatch.setattr("monitor.app.told.ask", slow)
    pbx = Pbx(queues=QUEUES)
    table = pbx_table(1).replace('queue_log = ""', 'queue_log = "queue_log"')
    async with pbx.listening() as port, running(site, TOKEN, table.replace("port = 1", f"port = {port}"), BANK) as one:
        async with asyncio.timeout(5):
            await asked.wait()
        assert (await one.reload(TOKEN, pbx_table(port), BANK))[0] == 200
        go_on.set()
        await one.daemon.becomes(UP.format("pbx1"), 1)


async def test_what_cannot_change_while_running_is_a_warning_each_time(site: Site) -> None:
    async with running(site, TOKEN, pbx_table(1), BANK) as one:
        text = site.file.read_text(encoding="utf-8").replace("127.0.0.1:0", "127.0.0.1:9").replace('directory = ""', 'directory = "state"')
        text += '[store]\nurl = "sqlite:///geheim.db"\n'
        await asyncio.to_thread(site.file.write_text, text)
        fixed = ["[web] listen", "[state]", "[store]"]
        with capture_logs() as logs:
            for _ in range(2):
                assert (await one.reload())[1]["restart"] == fixed
        assert [(entry["log_level"], entry["key"]) for entry in logs if "key" in entry] == [
            ("warning", key) for key in ("[web] listen", "[state]", "[store]")
        ] * 2


async def test_a_price_that_is_another_under_the_same_from_is_a_warning(site: Site) -> None:
    agreed = '[[project.tariff]]\nfrom = 2026-01-01\nper_call = "9.50"\n'
    async with running(site, TOKEN, pbx_table(1), BANK, agreed) as one:
        with capture_logs() as logs:
            assert (await one.reload(TOKEN, pbx_table(1), BANK, agreed.replace("9.50", "9.80")))[0] == 200
            assert (await one.reload(TOKEN, pbx_table(1), BANK, agreed.replace("9.50", "9.80"), agreed.replace("2026-01-01", "2026-03-01")))[0] == 200
        assert [entry for entry in logs if entry["event"].startswith("price changed")] == [
            {
                "log_level": "warning",
                "event": "price changed under the same from",
                "tariff": "project bank-line: tariff from 2026-01-01: per_call changed",
                "effect": (
                    "what was counted keeps the old price, and the period so far may be unknown live; "
                    "reports of months that are not closed reckon all of it by the new one"
                ),
                "remedy": "keep the tariff as it was, and write a [[project.tariff]] from the day on which the new price holds",
            }
        ]


async def test_two_at_once_are_done_one_after_the_other(site: Site) -> None:
    async with running(site, TOKEN, pbx_table(1), BANK) as one:
        await asyncio.to_thread(site.write, TOKEN, pbx_table(1), BANK, SHOP)
        answers = await asyncio.gather(one.ask(BEARER), one.ask(BEARER))
        assert sorted(len(answer["changes"]) for _, answer in answers) == [0, 1]


# --- nothing --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["plan", "toml", "queue", "deep"])
async def test_a_flaw_anywhere_leaves_everything_as_it_was(site: Site, bad: str) -> None:
    pbx = Pbx(queues=QUEUES)
    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK) as one:
        await one.daemon.becomes(UP.format("pbx1"), 1)
        good = (TOKEN, pbx_table(port), BANK, SHOP)
        if bad == "plan":
            await asyncio.to_thread(site.plan, "bank-line,tomorrow,10,180", "nobody,2026-03-02T09:00Z,1,1")
        parts = {"plan": good, "toml": (*good, "= ="), "deep": (*good, "[later]\nx = " + "[" * 3000), "queue": (*good, SHOP.replace("shop-line", "other"))}[bad]
        with capture_logs() as logs:
            status, answer = await one.reload(*parts)
        assert (status, answer["reloaded"]) == (400, False)
        assert [entry["problem"] for entry in logs if entry["event"] == "reload refused"] == answer["flaws"]
        assert len(answer["flaws"]) == (2 if bad == "plan" else 1)
        assert await one.daemon.value(GOOD) == 0
        assert await one.daemon.value(entered("shop")) is None
        assert await one.daemon.value(UP.format("pbx1")) == 1
        await asyncio.to_thread(site.plan)
        assert (await one.reload(*good))[0] == 200
        assert await one.daemon.value(GOOD) == 1


async def test_a_flaw_that_nobody_foresaw_ends_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: object) -> None:
        raise KeyError("a-secret")

    async with running(site, TOKEN, pbx_table(1), BANK) as one:
        monkeypatch.setattr("monitor.config.read_plan", breaks)
        status, answer = await one.reload()
        flaw = f"{site.file}: it, its plan or a file it names cannot be read: KeyError; floorwatch check says more; report this"
        assert (status, answer) == (400, {"reloaded": False, "flaws": [flaw]})
        assert await one.daemon.value(GOOD) == 0


async def test_a_certificate_that_goes_while_it_is_read_refuses_the_reload_and_ends_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pbx, again = Pbx(), asyncio.Event()
    certificate = site.folder / "ca.pem"
    certificate.write_bytes((Path(__file__).parent / "sources" / "localhost.pem").read_bytes())
    usual = config.read_plan

    def gone(read: config.Config) -> Plan:
        certificate.unlink()
        return usual(read)

    async with pbx.listening() as port, running(site, TOKEN, pbx_table(port), BANK, again=again) as one:
        await one.daemon.becomes(UP.format("pbx1"), 1)
        monkeypatch.setattr(config, "read_plan", gone)
        with capture_logs() as logs:
            await asyncio.to_thread(site.write, TOKEN, pbx_table(port, keys='tls = true\ntls_ca = "ca.pem"'), BANK, SHOP)
            again.set()
            await until(lambda: any(entry["event"] == "reload refused" for entry in logs))
        flaw = f"{site.file}: it, its plan or a file it names cannot be read: FileNotFoundError; floorwatch check says more; report this"
        assert [entry["problem"] for entry in logs if entry["event"] == "reload refused"] == [flaw]
        assert await one.daemon.value(GOOD) == 0
        assert await one.daemon.value(entered("shop")) is None
        assert (len(pbx.sessions), await one.daemon.value(UP.format("pbx1"))) == (1, 1)


async def test_a_bad_file_on_sighup_is_in_the_log_and_the_daemon_stays_up(site: Site) -> None:
    again = asyncio.Event()
    async with running(site, pbx_table(1), BANK, again=again) as one:
        await asyncio.to_thread(site.write, pbx_table(1), "[nothing]")
        with capture_logs() as logs:
            again.set()
            await one.daemon.becomes(GOOD, 0)
        assert {entry["event"] for entry in logs if entry["log_level"] == "error"} == {"reload refused"}


# --- who may --------------------------------------------------------------------------------------------------------------------------


async def test_only_who_shows_a_token_may_and_no_answer_shows_a_secret(site: Site) -> None:
    async with running(site, TOKEN, pbx_table(1), BANK) as one:
        answers = [
            await one.ask({}),
            await one.ask({"Authorization": "Basic eA=="}),
            await one.ask({"Authorization": "Bearer guess"}),
            await one.ask(BEARER, "GET"),
            await one.ask(BEARER),
        ]
        assert [status for status, _ in answers] == [401, 401, 401, 405, 200]
        assert not any(secret in str(answer) for _, answer in answers for secret in (SECRET, "a-token-for-the-tests", "guess"))
        for _ in range(4):
            await one.ask({"Authorization": "Bearer guess"})
        assert (await one.ask({"Authorization": "Bearer guess"}))[0] == 429
        assert (await one.ask(BEARER))[0] == 200  # nobody is locked out by those who guess


async def test_without_a_token_the_answer_says_how_to_have_one_and_the_next_reload_brings_it(site: Site) -> None:
    again = asyncio.Event()
    async with running(site, pbx_table(1), BANK, again=again) as one:
        assert await one.ask(BEARER) == (
            403,
            'no token may do this; add a [[token]] with scopes = ["write"] to the configuration and send SIGHUP\n',
        )
        await asyncio.to_thread(site.write, TOKEN, pbx_table(1), BANK)
        again.set()
        async with asyncio.timeout(5):
            while (await one.ask(BEARER))[0] != 200:
                await asyncio.sleep(0.02)
