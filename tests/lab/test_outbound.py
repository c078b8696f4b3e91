"""Calls out on a real Asterisk 16 and 22, to the call: agents who dial, clicks, call files and dialers, to a carrier that answers, refuses, rings out.

One shift per version is played once; each test then asks one question of it. Three lists are held against each other before the daemon is: what the driver
provoked, what Asterisk wrote into Master.csv, and what the carrier's own book says.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing

import pytest

from tests.lab import carrier, outbound
from tests.lab.campaign import CONTACT_SECONDS, Attempt
from tests.lab.canvass import Canvass, canvass, cut, killed, late
from tests.lab.conftest import CALLS, FULL, VERSIONS
from tests.lab.daemon import PBX
from tests.lab.driver import seed
from tests.lab.fetch import Unavailable
from tests.lab.traffic import KINDS

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

OUT_CALLS = max(CALLS // 4, len(KINDS))
MEMBERS = {phone for phones in outbound.QUEUES.values() for phone in phones}
PROJECTS = [project.name for project in outbound.PROJECTS]
SECONDS = 0.05  # of one span, at most: event times are the same on both sides
TROUBLES = {"16": (killed, late), "22": (cut, late)} if not FULL else dict.fromkeys(VERSIONS, (cut, killed, late))
BASES = ("22",)  # that write their records into a PostgreSQL too, which whoever has trouble asks; of the others it is Master.csv
WORDS = {"ANSWER": "ANSWERED", "BUSY": "BUSY", "CONGESTION": "FAILED", "NOANSWER": "NO ANSWER", "CANCEL": "NO ANSWER"}


@pytest.fixture(scope="session")
def canvasses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Canvass | Unavailable]:
    """Both versions at once; what cannot be had stands here as the reason."""
    chosen = seed()
    print(f"\nlab: {OUT_CALLS} calls in and out on Asterisk {' and '.join(VERSIONS)}, FLOORWATCH_LAB_SEED={chosen}")

    async def one(major: str) -> Canvass | Unavailable:
        folder, limit = tmp_path_factory.mktemp(f"out-{major}"), (600 if FULL else 150) + OUT_CALLS
        try:
            return await canvass(major, folder, calls=OUT_CALLS, seed=chosen + int(major), limit=limit, troubles=TROUBLES[major], base=major in BASES)
        except Unavailable as missing:
            return missing

    async def both() -> list[Canvass | Unavailable]:
        return await asyncio.gather(*(one(major) for major in VERSIONS))

    return dict(zip(VERSIONS, asyncio.run(both()), strict=True))


@pytest.fixture(params=VERSIONS)
def run(request: pytest.FixtureRequest, canvasses: dict[str, Canvass | Unavailable]) -> Canvass:
    result = canvasses[request.param]
    if isinstance(result, Unavailable):
        pytest.skip(f"Asterisk {request.param}: {result}")
    print(f"{result.package}, {len(result.attempts)} attempts in {result.wall_seconds:.0f} s, seed {result.seed}")
    return result


def of(attempts: list[Attempt], project: str) -> list[Attempt]:
    return [each for each in attempts if each.project == project]


def test_every_kind_was_played(run: Canvass) -> None:
    assert {each.kind.partition(",")[0] for each in run.attempts} >= {
        kind for kind in KINDS if not kind.startswith(("call_shop", "call_bank", "abandon", "click_un"))
    }
    assert run.failures == []


def test_the_list_is_what_asterisk_wrote_and_the_carrier_saw(run: Canvass) -> None:
    """Number by number: who called him, how it ended, and how long he was up, within a second (of a click: and the ringing)."""
    recorded = {each.number: each for each in run.recorded}
    assert len(run.recorded) == len(recorded) == len(run.book) == len(run.attempts)
    book = {each.number[-9:]: each for each in run.book}
    for each in run.attempts:
        call, seen = recorded[each.number], book[each.number]
        assert (call.phone, call.answered, seen.answered) == (each.phone, each.status == "ANSWER", each.status == "ANSWER"), each
        assert each.status == carrier.STATUS[carrier.fate_of(each.number)] or (each.status, seen.end) == ("CANCEL", "cancelled"), each
        originated = not each.phone and each.status in ("NOANSWER", "ANSWER")  # rings out: FAILED on 16; abandoned in the queue: NO ANSWER
        assert call.disposition == WORDS[each.status] or originated, each
        assert -1.5 < call.up_s - each.up_s < (1.5 if call.records == 1 and not each.kind.startswith(("click", "application", "call_file")) else 4.5), each
        assert not CONTACT_SECONDS - 1 < each.up_s < CONTACT_SECONDS + 1, "nobody may hang on a threshold"


@pytest.mark.parametrize("project", PROJECTS)
def test_attempts_contacts_and_failures_equal_the_list(run: Canvass, project: str) -> None:
    mine, scrape = of(run.attempts, project), run.last
    assert scrape.total("callcenter_outbound_attempts_total", project=project) == len(mine)
    contacts = sum(each.up_s >= CONTACT_SECONDS for each in mine)
    assert scrape.total("callcenter_outbound_contacts_total", project=project) == contacts
    by_direction = scrape.by("callcenter_contacts_total", "direction", project=project)
    assert by_direction["outbound"] + by_direction["callback"] == contacts
    failed = Counter(each.status.lower() for each in mine if each.status != "ANSWER")
    assert {status: count for status, count in scrape.by("callcenter_outbound_failures_total", "status", project=project).items() if count} == failed


def test_the_store_has_every_attempt_and_who_made_it(run: Canvass) -> None:
    """By the far channel. Whom a dialer called is the attempt of the first who spoke to him; phones of which no queue knows are nobody's."""
    with closing(sqlite3.connect(run.store)) as store:
        rows = {row[0]: row[1:] for row in store.execute("select channel, project, direction, status, contact, agent from attempts")}
    assert set(rows) == {each.far for each in run.attempts}
    sellers = {f"{PBX}/PJSIP/agent{phone}" for phone in outbound.QUEUES["sales"]}
    for each in run.attempts:
        direction = "callback" if each.kind == "callback" else "outbound"
        *said, agent = rows[each.far]
        assert said == [each.project, direction, each.status.lower(), each.up_s >= CONTACT_SECONDS], each
        if each.phone:
            assert agent == (f"{PBX}/PJSIP/agent{each.phone}" if each.phone in MEMBERS else ""), each
        else:
            assert agent in sellers if each.agent_channel else agent == "", each


def test_whoever_was_lost_and_rung_back_is_a_callback(run: Canvass) -> None:
    back = [each for each in run.attempts if each.kind == "callback"]
    assert run.last.total("callcenter_contacts_total", project="shop-line", direction="callback") == len(back) > 0
    assert run.last.total("callcenter_lost_callers_recovered_total", project="shop-line", by="callback") == len(back)


def test_nobody_who_was_called_is_demand(run: Canvass) -> None:
    """Inbound contacts are those who called in, and those whom another client's agents passed on."""
    entered: dict[str, set[str]] = defaultdict(set)
    for row in run.rows:
        if row[4] == "ENTERQUEUE":
            entered[row[2]].add(row[1])
    for queue, project in (("shop", "shop-line"), ("bank", "bank-line")):
        assert run.last.total("callcenter_contacts_total", project=project, direction="inbound") == len(entered[queue])
        assert run.last.total("callcenter_calls_entered_total", project=project, queue=queue) == len(entered[queue])
    assert run.last.total("callcenter_calls_entered_total", project="shop-line", queue="sales") == len(entered["sales"]) > 0


@pytest.mark.parametrize("component", ["dialing", "talk", "hold"])
@pytest.mark.parametrize("project", PROJECTS)
def test_time_on_outbound_work_equals_the_events(run: Canvass, project: str, component: str) -> None:
    """Of those whom a queue knows."""
    fars = {each.far for each in of(run.attempts, project)}
    spans = [span for span in run.spans if span.far in fars and span.phone in MEMBERS and span.queue in ("", "sales")]
    got = sum(
        run.last.total("callcenter_handle_seconds_total", project=project, direction=direction, component=component) for direction in ("outbound", "callback")
    )
    assert got == pytest.approx(sum(getattr(span, component) for span in spans), abs=SECONDS * (1 + len(spans)))


def test_dialling_is_a_state_of_its_own(run: Canvass) -> None:
    dialled = sum(span.dialing for span in run.spans if span.phone in MEMBERS)
    got = run.last.total("callcenter_agent_seconds_total", state="dialing") - run.first.total("callcenter_agent_seconds_total", state="dialing")
    assert got == pytest.approx(dialled, abs=SECONDS * (1 + len(run.spans)))


def test_no_anomaly_and_a_polite_end(run: Canvass) -> None:
    assert {kind: count for kind, count in run.last.by("floorwatch_anomalies_total", "kind").items() if count} == {}
    for name in ("floorwatch_dropped_total", "floorwatch_ami_malformed_total", "callcenter_calls_unresolved_total", "callcenter_unclaimed_calls_total"):
        assert run.last.total(name) == 0, name
    assert run.exit_code == 0, run.daemon_log


@pytest.mark.parametrize("befell", ["cut", "killed", "late"])
def test_whoever_was_called_in_a_time_nobody_saw_is_told_by_records(run: Canvass, befell: str) -> None:
    """To the call. A record calls CANCEL no answer, and on 16 so it does CONGESTION's word for a dialer's call that rings out."""
    if befell not in run.told:
        assert befell not in {trouble.__name__ for trouble in TROUBLES[run.package.partition(":")[2][:2]]}
        return
    scrape = run.told[befell]
    got, told = {}, {}
    for project in PROJECTS:
        mine, failures = of(run.attempts, project), scrape.by("callcenter_outbound_failures_total", "status", project=project)
        got[project] = [scrape.total(f"callcenter_outbound_{what}_total", project=project) for what in ("attempts", "contacts")]
        told[project] = [len(mine), sum(each.up_s >= CONTACT_SECONDS for each in mine)]
        failed = Counter(each.status for each in mine if each.status != "ANSWER")
        got[project] += [failures["busy"], sum(failures.values())]
        told[project] += [failed["BUSY"], failed.total()]
    assert got == told


def test_what_asterisk_writes_into_a_database_says_what_its_file_does(run: Canvass) -> None:
    """To the record: by cdr_pgsql, whose times are the PBX's own."""
    assert (len(run.based) >= len(run.attempts)) is (run.package.partition(":")[2][:2] in BASES)
    assert run.based == run.filed
