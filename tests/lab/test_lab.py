"""Exact on a real PBX: Asterisk 16 and 22 side by side under seeded SIP traffic, and the daemon's figures to the call.

One shift per version is played once (`conftest.py`); each test then asks one question of it. Without apt or SIPp the version is
skipped by name (a failure with CI=true).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.core.chronicle import AgentSpan
from monitor.core.snapshot import Cell
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.lab import attendance, billing, coverage, judge, stored, waits, world
from tests.lab.conftest import CALLS
from tests.lab.daemon import PBX
from tests.lab.fetch import Unavailable
from tests.lab.judge import Figures, Verdict
from tests.lab.shift import Shift

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

LONG = 500


def accept(verdict: Verdict) -> None:
    print(verdict)
    assert not verdict.problems, f"\n{verdict}"


def kinds_missing(shift: Shift) -> dict[str, str]:
    return {gap.split(":")[0]: gap for gap in coverage.missing(shift.found, CALLS)}


def test_every_kind_came_about(played: Shift, shifts: dict[str, Shift | Unavailable]) -> None:
    """In a long run on each version; in a short one, where chance may leave out a rare kind, on one of the two at least."""
    assert len(played.truth.visits) >= CALLS
    missing = kinds_missing(played)
    for other in shifts.values():
        if CALLS < LONG and isinstance(other, Shift) and other is not played:
            missing = {kind: gap for kind, gap in missing.items() if kind in kinds_missing(other)}
    assert not missing, missing
    assert played.truth.open() == []


def test_calls_equal_queue_log(played: Shift, counted: dict[str, Figures]) -> None:
    accept(judge.calls(played.last, counted, PBX))


def test_waits_and_thresholds_equal_the_events(played: Shift) -> None:
    accept(waits.thresholds(played.last, played.rows, played.truth, played.redirected, PBX))


def test_a_daemon_that_comes_late_takes_the_time_before_from_queue_log(played: Shift, counted: dict[str, Figures]) -> None:
    accept(judge.calls_of_a_latecomer(played.late, counted, PBX))
    assert 0 < played.late.total("floorwatch_healed_calls_total", pbx=PBX) < len(played.truth.visits)
    anomalies = {kind: count for kind, count in played.late.by("floorwatch_anomalies_total", "kind").items() if count}
    assert anomalies.pop("log_disagrees", 0) <= len(played.redirected), "its verb wins, and that it is another one than was seen is counted"
    assert anomalies == {}


@pytest.mark.parametrize("came", ["first", "late"])
def test_the_store_has_what_was_counted(played: Shift, came: str) -> None:
    scrape = played.late if came == "late" else played.last
    reader = Reader.of(Place(f"sqlite:///{played.stores[came == 'late']}"))
    try:
        for project in world.PROJECTS:
            visits = reader.visits(project.name, 0, 10**18)
            minutes = reader.minutes("project", project.name, 0, 10**18)
            outcomes = Counter(visit.outcome for visit in visits)
            for word, cell in (
                ("answered", Cell.VISITS_ANSWERED),
                ("abandoned", Cell.VISITS_ABANDONED),
                ("short_abandoned", Cell.VISITS_SHORT),
                ("flowed_out", Cell.VISITS_FLOWED_OUT),
            ):
                assert outcomes[word] == sum(minute.sums[cell] for minute in minutes), (project.name, word)
            assert outcomes["answered"] == scrape.total("callcenter_calls_answered_total", project=project.name, pbx=PBX)
            assert len(visits) == scrape.total("callcenter_calls_entered_total", project=project.name, pbx=PBX)
            assert len(reader.contacts(project.name, 0, 10**18)) == scrape.total("callcenter_contacts_total", project=project.name)
    finally:
        reader.close()


@pytest.mark.parametrize("came", ["first", "late"])
def test_what_is_billed_is_what_queue_log_says_the_calls_were(played: Shift, came: str) -> None:
    scrape = played.late if came == "late" else played.last
    with closing(Reader.of(Place(f"sqlite:///{played.stores[came == 'late']}"))) as reader:
        contacts = reader.contacts("bank-line", 0, 10**18)
        joined = {visit.call for visit in reader.visits("bank-line", 0, 10**18)} - {one.call for one in contacts}
        sums = [minute.sums for minute in reader.minutes("project", "bank-line", 0, 10**18)]
        sold = [one for one in reader.contacts("shop-line", 0, 10**18) if one.outcome == "answered" and not one.exempt]
    if came == "first":  # what was told by a log alone has its whole seconds
        accept(billing.minutes(played.rows, contacts, ("bank",), billing.plain(played.truth) - joined))
    seconds, amount = billing.by_the_minute(contacts)
    assert sum(row[Cell.BILLED_S] for row in sums) == seconds > 0
    assert sum(row[Cell.REVENUE_U] for row in sums) == amount * 1_000_000
    assert Decimal(str(scrape.total("callcenter_revenue_total", project="bank-line"))) == amount
    assert Decimal(str(scrape.total("callcenter_revenue_total", project="shop-line"))) == Decimal(world.CALL_PRICE) * len(sold) > 0


def test_what_people_cost_is_their_paid_time(played: Shift) -> None:
    """A shift has no night in it that is paid otherwise, and nobody is on lunch without pay for longer than the counter of that pause says."""
    spent = played.last.total("callcenter_agent_seconds_total") - played.last.total("callcenter_pause_seconds_total", reason="lunch")
    spent -= played.last.total("callcenter_pause_seconds_total", reason="обід")
    assert played.last.total("callcenter_labor_cost_total", group="floor") == pytest.approx(spent * 180 / 3600, abs=16 * 180 / 3600 + 0.01)


def reported(store: Path, name: str) -> tuple[list[AgentSpan], list[dict[str, Any]]]:
    """The spans of a store, and the rows of a report over all of them, of the command."""
    with closing(Reader.of(Place(f"sqlite:///{store}"))) as reader:
        spans = reader.spans(0, 10**18)
    zone = ZoneInfo("Europe/Kyiv")
    first, last = (datetime.fromtimestamp(at / 1e6, zone).date().isoformat() for at in (spans[0].start, max(span.end for span in spans)))
    words = ["report", name, "--config", str(store.with_name("floorwatch.toml")), "--from", first, "--to", last, "--format", "json"]
    done = subprocess.run([sys.executable, "-m", "monitor", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return spans, json.loads(done.stdout)["sections"][0]["rows"]


def test_hours_to_pay_are_the_time_people_were_there(played: Shift) -> None:
    """As the accountant has them: of the command, from the store, against the spans it holds and the counters of the daemon that wrote it."""
    spans, rows = reported(played.stores[0], "payroll")
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        paid[row["employee_id"]] += Decimal(row["seconds"])
    there: Counter[str] = Counter()
    for span in spans:
        there[span.person] += span.end - span.start
    assert paid == {person: Decimal(us) / 1_000_000 for person, us in there.items()}
    asked = round(played.last_at * 1e6)  # the daemon went on after it
    until_then = sum(max(0, min(span.end, asked) - span.start) for span in spans) / 1e6
    assert until_then == pytest.approx(played.last.total("callcenter_agent_seconds_total"), abs=2 * len(there))


def test_contacts_are_first_entries(played: Shift) -> None:
    accept(judge.contacts(played.last, played.truth))


def test_the_judge_reads_bridges_as_queue_log_does(played: Shift) -> None:
    accept(judge.bridges(played.rows, played.truth))


def test_talk_equals_the_bridges(played: Shift) -> None:
    accept(judge.talk(played.last, played.truth))


def test_agents_seconds_sum_to_the_time_on_the_floor(played: Shift) -> None:
    accept(attendance.floor_time(played.first, played.last, played.first_at, played.last_at, played.members, played.truth.legs))


def test_agents_talk_equals_the_bridges(played: Shift) -> None:
    accept(attendance.talk_time(played.first, played.last, played.truth.legs))


def test_ring_no_answers_equal_queue_log(played: Shift, counted: dict[str, Figures]) -> None:
    accept(attendance.no_answers(played.last, counted))


@pytest.mark.parametrize("came", ["first", "late"])
def test_who_let_rings_pass_is_who_did_by_queue_log(played: Shift, came: str) -> None:
    """Of the command, person by person. A daemon that came late has those of before from the log; those of the second of its lists are anybody's guess."""
    store = played.stores[came == "late"]
    _, rows = reported(store, "agents")
    let_pass: Counter[str] = Counter()
    for row in rows:
        let_pass[attendance.named(row["employee_id"].removeprefix(f"{PBX}/"))] += row["no_answers"]
    lists = stored.began(store)
    sure = attendance.no_answers_of(played.rows, (lists, lists + 1) if came == "late" else ())
    assert sure <= let_pass <= attendance.no_answers_of(played.rows)
    scrape = played.late if came == "late" else played.last
    assert let_pass.total() == scrape.total("callcenter_agent_ring_no_answer_total") > 0


def test_agents_own_calls_are_other(played: Shift, shifts: dict[str, Shift | Unavailable]) -> None:
    """As rare as any kind: in a short run on one of the two at least."""
    others = [other for other in shifts.values() if isinstance(other, Shift) and CALLS < LONG]
    assert max(attendance.seconds(one.first, one.last, state="other") for one in (played, *others)) > 3


def test_no_anomaly_and_nothing_lost(played: Shift) -> None:
    for name in (
        "floorwatch_anomalies_total",
        "floorwatch_dropped_total",
        "floorwatch_ami_malformed_total",
        "callcenter_calls_unresolved_total",
        "callcenter_unclaimed_calls_total",
    ):
        assert {tuple(sorted(labels)): value for labels, value in played.last.samples[name].items() if value} == {}, name
    assert played.last.total("floorwatch_unobserved_seconds_total", pbx=PBX) < 1, "only the moment before the first snapshot"
    assert played.last.total("floorwatch_ami_up", pbx=PBX) == 1
    assert played.last.total("floorwatch_ami_connects_total", pbx=PBX) == 1


def test_each_scrape_conserves_and_no_counter_steps_back(played: Shift) -> None:
    assert played.seen_wrong == []


def test_only_listed_actions_were_sent(played: Shift) -> None:
    assert played.unlisted == {}
    assert played.actions["QueueStatus"] >= 1
    assert played.actions["Ping"] >= 5


def test_the_daemon_ends_politely(played: Shift) -> None:
    assert played.exit_code == 0, played.daemon_log
