"""The judge is judged: it agrees with recordings whose truth is known, and it sees each single call that is wrong.

No PBX needed: this runs with every change, so that a judge that lets everything pass cannot hide in the lab.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.lab import attendance, billing, coverage, judge, truth, waits, world
from tests.lab.judge import Figures, Rows, Scrape

CAPTURES = Path(__file__).parent.parent / "scenarios" / "captures"
MIXED = ("mixed-16", "mixed-22")
MOVED = "1795000030.9"

ROWS: Rows = [
    line.split("|")
    for line in f"""\
1795000000|1795000000.1|bank|NONE|ENTERQUEUE||380|1
1795000001|1795000000.1|bank|Anna|CONNECT|1|1795000000.2|1
1795000006|1795000000.1|bank|Anna|COMPLETEAGENT|1|5|1
1795000008|1795000000.1|bank|Anna|COMPLETECALLER|1|7|1
1795000002|1795000002.3|bank|NONE|ENTERQUEUE||380|1
1795000009|1795000002.3|bank|Bohdan|CONNECT|7|1795000002.4|1
1795000019|1795000002.3|bank|Bohdan|BLINDTRANSFER|701|inbound|7|10|1
1795000010|1795000010.5|bank|NONE|ENTERQUEUE||380|1
1795000010|1795000010.5|bank|Anna|RINGNOANSWER|3000
1795000018|1795000010.5|bank|NONE|ABANDON|1|1|8
1795000020|1795000020.7|bank|NONE|ENTERQUEUE||380|1
1795000020|1795000020.7|bank|NONE|ABANDON|1|1|0
1795000022|1795000022.8|bank|NONE|ENTERQUEUE||380|1
1795000025|1795000022.8|bank|NONE|EXITWITHTIMEOUT|1|1|3
1795000026|1795000026.8|bank|NONE|ENTERQUEUE||380|1
1795000027|1795000026.8|bank|NONE|EXITWITHKEY|5|1|1|1
1795000030|{MOVED}|bank|NONE|ENTERQUEUE||380|1
1795000034|{MOVED}|bank|NONE|ABANDON|1|1|4""".splitlines()
]
RIGHT = {
    "entered_total": 7,
    "answered_total": 2,
    "answered_in_threshold_total": 1,
    "abandoned_total": 1,
    "short_abandoned_total": 1,
    "handled_total": 2,
    "unresolved_total": 0,
}
REASONS = {"timeout": 1, "key": 1, "other": 1}


def exposition(counts: dict[str, int], reasons: dict[str, int]) -> Scrape:
    labels = 'client="Bank",project="bank-line",pbx="lab",queue="bank"'
    lines = [f"# TYPE callcenter_calls_{name} counter\ncallcenter_calls_{name}{{{labels}}} {count}" for name, count in counts.items()]
    lines.append("# TYPE callcenter_calls_flowed_out_total counter")
    lines += [f'callcenter_calls_flowed_out_total{{{labels},reason="{reason}"}} {count}' for reason, count in reasons.items()]
    return Scrape("\n".join(lines) + "\n")


def verdict(counts: dict[str, int], reasons: dict[str, int]) -> judge.Verdict:
    return judge.calls(exposition(counts, reasons), judge.figures(ROWS, [MOVED]), "lab")


def test_right_figures_pass_and_the_redirect_is_named() -> None:
    result = verdict(RIGHT, REASONS)
    assert result.problems == []
    assert any("Redirect" in each for each in result.allowances)


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("step", [-1, 1])
def test_one_call_too_few_or_too_many_is_seen(name: str, step: int) -> None:
    assert verdict({**RIGHT, name: RIGHT[name] + step}, REASONS).problems


@pytest.mark.parametrize(
    "reasons",
    [
        {"timeout": 2, "key": 1, "other": 0},
        {"timeout": 1, "key": 0, "other": 2},
        {"timeout": 1, "key": 1, "other": 0},
        {"timeout": 1, "key": 1, "other": 2},
        {"timeout": 1, "key": 1, "withdrawn": 1},
    ],
)
def test_a_wrong_reason_is_seen(reasons: dict[str, int]) -> None:
    assert verdict(RIGHT, reasons).problems


def test_a_reason_that_could_not_be_asked_for_is_other() -> None:
    assert verdict(RIGHT, {"timeout": 0, "key": 1, "other": 2}).problems == []


def test_a_queue_that_only_the_daemon_knows_is_seen() -> None:
    assert judge.calls(exposition(RIGHT, REASONS), {}, "lab").problems


@pytest.mark.parametrize(("wait", "low", "high"), [(1, 1, 1), (2, 0, 1), (3, 0, 1), (4, 0, 1), (5, 0, 0)])
def test_only_a_wait_within_a_second_of_the_threshold_may_stand_on_either_side(wait: int, low: int, high: int) -> None:
    limit = world.project_of("bank").threshold_seconds
    assert limit == 3
    for got in (0, 1):
        rows = [row if row[4] != "CONNECT" else [*row[:5], str(wait), *row[6:]] for row in ROWS[:3]]
        counts = {**dict.fromkeys(RIGHT, 0), "entered_total": 1, "answered_total": 1, "handled_total": 1, "answered_in_threshold_total": got}
        result = judge.calls(exposition(counts, {}), judge.figures(rows), "lab")
        assert (not result.problems) == (low <= got <= high), str(result)


@pytest.mark.parametrize("name", MIXED)
def test_figures_equal_the_recordings_truth(name: str) -> None:
    rows = _rows(name)
    known = json.loads((CAPTURES / name / "truth.json").read_text(encoding="utf-8"))
    talks: Counter[str] = Counter()
    for (_, queue, _), seconds in judge.talk_rows(rows).items():
        talks[queue] += sum(seconds)
    assert {queue: _as_truth(each, talks[queue]) for queue, each in judge.figures(rows).items()} == {
        queue: {key: value for key, value in each.items() if key != "transferred"} for queue, each in known.items()
    }


@pytest.mark.parametrize(("name", "outlived"), [("mixed-16", 1), ("mixed-22", 3)])
def test_the_reader_of_bridges_agrees_with_queue_log(name: str, outlived: int) -> None:
    seen = _read(name)
    assert seen.open() == []
    result = judge.bridges(_rows(name), seen)
    assert result.problems == []
    assert len(result.allowances) == outlived, "an agent dialled a transfer while his caller hung up"


@pytest.mark.parametrize("name", MIXED)
def test_a_second_and_a_half_of_talk_is_seen(name: str) -> None:
    seen = _read(name)
    leg = next(leg for leg in seen.legs if leg.by_queue and not leg.quiet_end and not leg.outlived)
    leg.end_us += 2_500_000
    assert len(judge.bridges(_rows(name), seen).problems) == 1


@pytest.mark.parametrize(("name", "expected"), [("mixed-22", [55, 50, 35]), ("mixed-16", [41, 37, 23])])
def test_contacts_equal_the_recordings(name: str, expected: list[int]) -> None:
    found = judge.contacts_of(_read(name).visits)
    assert [len(found[project]) for project in ("bank-line", "shop-line", "taxi-line")] == expected


def _project_scrape(values: dict[tuple[str, str], float]) -> Scrape:
    """Families of projects with the given figures: (family, project) -> value."""
    lines = []
    for (family, project), value in values.items():
        component = ',component="talk"' if "handle" in family else ""
        lines.append(f'# TYPE {family} counter\n{family}{{client="x",project="{project}",direction="inbound"{component}}} {value}\n')
        lines += [f'callcenter_calls_entered_total{{project="{project}",queue="{queue.name}"}} 999\n' for queue in world.QUEUES]
    return Scrape("".join(lines))


def _contact_figures(seen: truth.Truth) -> dict[tuple[str, str], float]:
    figures: dict[tuple[str, str], float] = {}
    for project, found in judge.contacts_of(seen.visits).items():
        answered = sum(1 for contact in found if any(visit.answered_us for visit in contact))
        figures["callcenter_contacts_total", project] = len(found)
        figures["callcenter_contacts_answered_total", project] = answered
        figures["callcenter_contacts_abandoned_total", project] = len(found) - answered
    return figures


def test_one_contact_too_few_or_too_many_is_seen() -> None:
    seen = _read("mixed-22")
    right = _contact_figures(seen)
    assert judge.contacts(_project_scrape(right), seen).problems == []
    for key, value in right.items():
        for step in (-1, 1):
            assert judge.contacts(_project_scrape({**right, key: value + step}), seen).problems, key


def test_three_seconds_of_talk_too_few_or_too_many_are_seen() -> None:
    seen = _read("mixed-22")
    right = {
        ("callcenter_handle_seconds_total", project.name): sum(leg.seconds for leg in seen.legs if leg.queue in project.queues) for project in world.PROJECTS
    }
    assert judge.talk(_project_scrape(right), seen).problems == []
    for key, value in right.items():
        for step in (-3, 3):
            assert judge.talk(_project_scrape({**right, key: value + step}), seen).problems, key


def _waits_scrape(waited: dict[tuple[str, str], list[int]], off: tuple[str, str, float] | None = None) -> Scrape:
    """What a daemon with these waits exposes; `off` is (family, queue, by how much it is wrong)."""
    lines = []
    for queue in world.QUEUES:
        project = world.project_of(queue.name)
        answered, abandoned = (waited.get((queue.name, outcome), []) for outcome in ("answered", "abandoned"))
        limit, short = project.threshold_seconds * 1_000_000, project.short_seconds * 1_000_000
        values = {
            "callcenter_calls_answered_in_threshold_total": sum(wait <= limit for wait in answered),
            "callcenter_calls_short_abandoned_total": sum(wait < short for wait in abandoned),
            "callcenter_calls_abandoned_in_threshold_total": sum(short <= wait <= limit for wait in abandoned),
            "callcenter_wait_seconds_count": len(answered),
            "callcenter_wait_seconds_sum": sum(answered) / 1e6,
        }
        for name, value in values.items():
            wrong = off[2] if off is not None and off[:2] == (name, queue.name) else 0
            outcome = ',outcome="answered"' if "wait_seconds" in name else ""
            lines.append(f'{name}{{pbx="lab",queue="{queue.name}"{outcome}}} {value + wrong}\n')
        lines.append(f'callcenter_wait_seconds_count{{queue="{queue.name}",outcome="abandoned"}} {len(abandoned)}\n')
        lines.append(f'callcenter_wait_seconds_sum{{queue="{queue.name}",outcome="abandoned"}} {sum(abandoned) / 1e6}\n')
    return Scrape("".join(lines))


@pytest.mark.parametrize("name", MIXED)
def test_one_wait_on_the_wrong_side_of_a_threshold_is_seen(name: str) -> None:
    rows, seen = _rows(name), _read(name)
    waited = waits.waits(rows, seen, [])
    assert waits.thresholds(_waits_scrape(waited), rows, seen, [], "lab").problems == []
    for family, step in (
        ("callcenter_calls_answered_in_threshold_total", -2),  # one wait of mixed-22 is 5 ms from the threshold
        ("callcenter_calls_short_abandoned_total", 1),
        ("callcenter_calls_abandoned_in_threshold_total", 1),
        ("callcenter_wait_seconds_count", 1),
        ("callcenter_wait_seconds_sum", -5.0),
    ):
        assert len(waits.thresholds(_waits_scrape(waited, (family, "bank", step)), rows, seen, [], "lab").problems) == 1, family


def test_a_call_out_of_which_another_came_is_not_billed_by_its_row() -> None:
    """The agent consulted the queue and hung up to hand the caller over: sometimes the PBX logs that he hung up, and of the second agent nothing."""
    legs = [truth.Leg("bank", f"PJSIP/agent{number}", "", call, 0, set(), by_queue=True, end_us=1) for number, call in ((1, "1.1"), (2, "1.3"), (3, "1.5"))]
    visits = [truth.Visit("bank", "1.1", "1.1", 0), truth.Visit("bank", "1.3", "1.1", 0), truth.Visit("bank", "1.5", "1.5", 0)]
    assert billing.plain(truth.Truth(visits, legs, 1)) == {"1.3", "1.5"}


def test_missing_kinds_are_named() -> None:
    found = Counter(dict.fromkeys(coverage.MINIMUM, 1_000))
    assert coverage.missing(found, 120) == []
    del found["hold and resume"]
    assert coverage.missing(found, 120) == ["hold and resume: 0 of at least 2"]
    assert coverage.missing(Counter(coverage.MINIMUM), 500) == [f"{kind}: {least} of at least {4 * least}" for kind, least in coverage.MINIMUM.items()]


def test_floor_time_sees_one_lost_agent() -> None:
    def scrape(seconds: float) -> Scrape:
        return Scrape(f'# TYPE callcenter_agent_seconds_total counter\ncallcenter_agent_seconds_total{{group="floor",state="available"}} {seconds}\n')

    people = len(attendance.on_the_floor(0, 100, []))
    assert people == 14
    members = [(10.0, "Added", "PJSIP/agent15"), (40.0, "Removed", "PJSIP/agent15"), (50.0, "Added", "PJSIP/agent14")]
    right = people * 100 + 30 + 50
    assert attendance.floor_time(scrape(7), scrape(7 + right), 0, 100, members, []).problems == []
    assert attendance.floor_time(scrape(7), scrape(7 + right - 10), 0, 100, members, []).problems
    assert attendance.floor_time(scrape(7), scrape(7 + right + 10), 0, 100, members, []).problems


def test_floor_time_follows_a_member_of_several_queues() -> None:
    members = [
        (10.0, "Added", "PJSIP/agent15"),
        (12.0, "Added", "PJSIP/agent15"),
        (14.0, "Removed", "PJSIP/agent15"),
        (16.0, "Added", "PJSIP/agent15"),
        (20.0, "Removed", "PJSIP/agent15"),
        (90.0, "Removed", "PJSIP/agent15"),
    ]
    assert attendance.union(attendance.on_the_floor(0, 100, members)["agent15"]) == 80


def _rows(name: str) -> Rows:
    return [line.split("|") for line in (CAPTURES / name / "queue_log").read_text(encoding="utf-8").splitlines()]


def _read(name: str) -> truth.Truth:
    return truth.read(gzip.decompress((CAPTURES / name / "ami.raw.gz").read_bytes()))


def _as_truth(each: Figures, talk: int) -> dict[str, int]:
    return {
        "entered": each.entered,
        "answered": len(each.answered_waits),
        "in_threshold": sum(1 for wait in each.answered_waits if wait <= 20),
        "abandoned": sum(1 for wait in each.abandoned_waits if wait >= 5),
        "short": sum(1 for wait in each.abandoned_waits if wait < 5),
        "flowed_out": sum(each.flowed.values()),
        "completed": each.completed,
        "talk": talk,
        "ringnoanswer": each.no_answers,
    }
