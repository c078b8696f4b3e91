"""What was judged, as samples: which rows there are, which are absent, and a limit for every condition."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from monitor.assess.conditions import KINDS, About, Condition, Subject
from monitor.assess.detect import Cusum
from monitor.assess.judgement import Judgement, Verdict
from monitor.core.contract import Contract, Project
from monitor.core.limits import Limits
from monitor.outputs import limits
from monitor.outputs.metrics import Exposition, Format
from tests.outputs import hand, judging
from tests.outputs.test_metrics import scrape, value

BANK, SHOP = 'client="Bank",project="bank-line"', 'client="Shop",project="shop-line"'


def judged(judgement: Judgement, client: str | None = None) -> str:
    agreed = hand.contract()
    return "".join(Exposition().scrape(replace(hand.outlook(agreed), judgement=judgement), agreed, hand.daemon(), Format.TEXT, client))


def rows(text: str, name: str, part: str = "") -> list[str]:
    return [line.removeprefix(name) for line in text.splitlines() if line.startswith(f"{name}{{") and part in line]


# --- the volume -----------------------------------------------------------------------------------------------------------------------


def test_each_detector_has_its_chance_and_silence_knows_losses_only() -> None:
    text = scrape()
    assert value(text, f'callcenter_volume_loss_pvalue{{{BANK},detector="two_days"}}') == 0.0075
    assert value(text, f'callcenter_volume_loss_pvalue{{{BANK},detector="silence"}}') == 0.25
    assert [row.split('detector="')[1].split('"')[0] for row in rows(text, "callcenter_volume_surge_pvalue", "Bank")] == ["day", "recent", "two_days"]
    assert len(rows(text, "callcenter_volume_loss_pvalue", "Shop")) == 2  # the day, and silence
    assert value(text, f'callcenter_volume_deviation_z{{{BANK},window="day"}}') == -3.25


def test_a_reading_is_one_of_four_and_none_while_there_is_no_loss() -> None:
    text = scrape()
    assert [row.rsplit(" ", 1)[1] for row in rows(text, "callcenter_volume_shift", "Bank")] == ["1", "0", "0", "0"]
    assert [row.rsplit(" ", 1)[1] for row in rows(text, "callcenter_volume_shift", "Shop")] == ["0", "0", "0", "0"]
    assert rows(text, "callcenter_volume_shift", "taxi") == []  # blind: nothing is read


def test_one_verdict_is_true() -> None:
    text = scrape()
    assert rows(text, "callcenter_verdict", "Bank") == [
        f'{{{BANK},verdict="blind"}} 0', f'{{{BANK},verdict="act"}} 1', f'{{{BANK},verdict="watch"}} 0', f'{{{BANK},verdict="on_plan"}} 0',
    ]  # fmt: skip
    assert value(text, f'callcenter_verdict{{{SHOP},verdict="on_plan"}}') == 1
    whole = judging.judgement(hand.AT)
    closed = replace(whole, projects={**whole.projects, "bank-line": replace(judging.BANK, verdict=None)})
    assert rows(judged(closed), "callcenter_verdict", "Bank") == []


def test_days_add_up_only_where_there_is_a_plan() -> None:
    whole = judging.judgement(hand.AT)
    text = judged(replace(whole, projects={name: replace(one, cusum=Cusum(2.5, 1.0)) for name, one in whole.projects.items()}))
    assert rows(text, "callcenter_volume_cusum") == [f"{{{BANK}}} 2.5", f"{{{SHOP}}} 2.5"]


def test_a_forecast_is_of_who_is_seen() -> None:
    assert rows(scrape(), "callcenter_forecast_calls") == [f"{{{BANK}}} 151.25", f"{{{SHOP}}} 300.5"]
    assert value(scrape(), f'callcenter_workload_erlangs{{{BANK},direction="inbound",window="interval",kind="forecast"}}') == 1.125
    whole = judging.judgement(hand.AT)
    blind = replace(whole, projects={**whole.projects, "taxi-line": replace(judging.BANK, verdict=Verdict.BLIND)})
    assert rows(judged(blind), "callcenter_forecast_calls", "taxi") == []
    assert rows(judged(blind), "callcenter_agents_eligible", "taxi") == []


# --- agents ---------------------------------------------------------------------------------------------------------------------------


def test_staffing_is_held_against_need() -> None:
    text = scrape()
    assert value(text, 'callcenter_agents_required{group="floor"}') == 4
    assert value(text, 'callcenter_net_staffing{group="floor"}') == -2
    assert rows(text, "callcenter_net_staffing", "night") == []
    assert value(text, f"callcenter_project_agents_required{{{SHOP}}}") == 4
    assert value(text, f'callcenter_agents_eligible{{{BANK},state="paused"}}') == 3
    assert value(text, f'callcenter_agents_eligible{{{BANK},state="ring"}}') == 0


# --- conditions -----------------------------------------------------------------------------------------------------------------------


def test_a_condition_is_one_zero_or_absent() -> None:
    text = scrape()
    name = "callcenter_condition_active"
    assert value(text, f'{name}{{{BANK},condition="VolumeLost",severity="critical"}}') == 1
    assert value(text, f'{name}{{{SHOP},condition="VolumeLost",severity="critical"}}') == 0
    assert value(text, f'{name}{{{BANK},condition="WorkloadBelowPlan",severity="warning"}}') == 0  # something else speaks for it
    assert value(text, f'{name}{{group="floor",condition="Understaffed",severity="warning"}}') == 1
    assert value(text, f'{name}{{pbx="pbx1",condition="ClockSkew",severity="warning"}}') == 1
    assert rows(text, name, "CallsRefused") == []
    assert [row for row in rows(text, name, "taxi") if "Blind" not in row] == []
    assert rows(text, name, 'pbx="pbx2"') == []


def test_a_client_sees_its_own_conditions_and_limits() -> None:
    text = judged(judging.judgement(hand.AT), "Bank")
    assert {row.split(",condition")[0] for row in rows(text, "callcenter_condition_active")} == {f"{{{BANK}"}
    assert {row.split(",condition")[0] for row in rows(text, "callcenter_limit")} == {f"{{{BANK}"}


@pytest.mark.parametrize("condition", Condition)
def test_every_condition_has_a_limit(condition: Condition) -> None:
    agreed = hand.contract()
    of_all = [*limits.of_site(agreed)]
    of_all += [one for project in agreed.projects for one in limits.of_project(project)]
    of_all += [one for group in agreed.groups for one in limits.of_group(group)]
    own = [one for one in of_all if one.condition is condition]
    assert own, f"{condition} is exported without a limit"
    assert all(one.bound in ("min", "max") for one in own)
    exported = rows(scrape(), "callcenter_limit", f'condition="{condition}"')
    assert len(exported) == len(own)
    about = {About.PROJECT: "project=", About.GROUP: "group=", About.PBX: "pbx=", About.TRUNK: "trunk="}  # a client has no limits of its own
    others = [text for kind, text in about.items() if kind is not KINDS[condition].about]
    assert not [row for row in exported if any(text in row for text in others)]


def test_limits_are_those_of_the_configuration() -> None:
    text = scrape()
    name = "callcenter_limit"
    assert value(text, f'{name}{{condition="VolumeLost",figure="deviation_ratio",bound="min"}}') == -0.15
    assert value(text, f'{name}{{condition="LongWait",figure="wait_seconds",bound="max"}}') == 180
    assert value(text, f'{name}{{{SHOP},condition="ContractEnds",figure="left_seconds",bound="min"}}') == 60 * 86_400
    assert value(text, f'{name}{{{BANK},condition="SlBudgetGone",figure="missed_ratio",bound="max"}}') == 0.2
    assert value(text, f'{name}{{group="floor",reason="lunch",condition="PauseTooLong",figure="pause_seconds",bound="max"}}') == 2100
    other = Contract(limits=Limits(**{field: getattr(Limits(), field) * 2 for field in Limits.__dataclass_fields__}))
    before, after = ({one[:3]: one.value for one in limits.of_site(agreed)} for agreed in (Contract(), other))
    assert {key[:2] for key in before if before[key] == after[key]} == {
        *((Condition.UNDERSTAFFED, "net_staffing"), (Condition.PLAN_MISSING, "seconds")),
        *((one, "margin") for one in (Condition.BELOW_BREAK_EVEN, Condition.MARGIN_NEGATIVE, Condition.CLIENT_DEPENDENCE)),
    }


def test_a_bound_is_named_once() -> None:
    counts: dict[tuple[object, ...], int] = defaultdict(int)
    for one in (*limits.of_site(Contract()), *limits.of_project(Project("p", "P", "floor", ()))):
        counts[one.condition, one.figure, one.bound] += 1
    assert set(counts.values()) == {1}


def test_subjects_nobody_knows_any_more_are_left_out() -> None:
    whole = judging.judgement(hand.AT)
    gone = replace(whole, states={**whole.states, (Condition.BLIND, Subject(About.PROJECT, "gone")): True})
    assert "gone" not in judged(gone)
