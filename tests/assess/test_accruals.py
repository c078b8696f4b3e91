"""A centre judged second after second: what is said, when, and what is not."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import pytest

from monitor.assess.accruals import PART
from monitor.assess.conditions import LOSSES, Condition
from monitor.assess.judgement import Verdict
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Hours, Project, QueueId
from monitor.core.events import CallerJoined, ChannelStarted, MemberSeen, SnapshotTaken
from monitor.core.incidents import Incident, IncidentKind, Scope, ScopeKind
from monitor.core.limits import Limits
from monitor.core.refusals import CallRefused, CdrSeen
from monitor.core.snapshot import State
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import freeze, thaw
from tests.assess.centre import HALF, HERE, Centre, arrivals, judge, plan_of

T0 = 1_763_967_600 * SECOND  # seven o'clock UTC, a Monday
PROJECTS = tuple(Project(name, name.title(), "floor", (QueueId("pbx1", name),), dispersion=100.0) for name in ("bank", "shop", "taxi"))
CONTRACT = Contract(groups=(Group("floor", members=("PJSIP/*",), min_occupancy=0.2),), projects=PROJECTS, limits=Limits(surplus_agents=5))
EVEN = {"bank": 20.0, "shop": 20.0, "taxi": 20.0}
AGENTS = [f"a{number}" for number in range(11)]
DAYS = 24 * 5


def rates(hours: float, **factors: float) -> list[tuple[int, int, dict[str, float]]]:
    """So many hours of half-hours, each queue by its factor."""
    return [(T0 + n * HALF, T0 + (n + 1) * HALF, {queue: mean * factors.get(queue, 1.0) for queue, mean in EVEN.items()}) for n in range(round(2 * hours))]


def centre(contract: Contract = CONTRACT, **factors: float) -> Centre:
    """Six hours after opening, callers coming by these factors of the plan."""
    one = Centre(contract, plan_of(rates(DAYS)), T0, AGENTS)
    one.until(T0 + 6 * 60 * MINUTE, arrivals(Random(7), rates(6, **factors)))
    return one


def said(one: Centre) -> list[str]:
    return [str(heard) for heard in one.heard]


def test_of_a_day_as_planned_nothing_is_said() -> None:
    one = centre()
    assert said(one) == []
    judged = one.keeping.accruals.judgement
    assert {name: project.verdict for name, project in judged.projects.items()} == dict.fromkeys(EVEN, Verdict.ON_PLAN)
    assert one.keeping.accruals.intervals_judged == 3 * 11  # the twelfth has not settled yet
    assert all(state is False for state in judged.states.values())


def test_a_client_who_pulls_out_is_one_message_and_his_own() -> None:
    one = centre(bank=0.4)
    assert said(one) == ["+ VolumeLost bank"]
    (heard,) = one.heard
    assert heard.what.figures["reading"] == "client"
    assert heard.at <= T0 + 5 * HALF + MINUTE
    judged = one.keeping.accruals.judgement
    assert judged.projects["bank"].verdict is Verdict.ACT
    assert {judged.projects[name].verdict for name in ("shop", "taxi")} == {Verdict.ON_PLAN}


def test_a_client_whose_intervals_begin_elsewhere_keeps_nobody_waiting() -> None:
    nepal = replace(PROJECTS[2], zone=ZoneInfo("Asia/Kathmandu"))  # its half-hours begin at a quarter
    one = centre(replace(CONTRACT, projects=(*PROJECTS[:2], nepal)), bank=0.4)
    assert "+ VolumeLost bank" in said(one)


def turn_away(one: Centre, calls: int, queue: str = "bank", every_us: int = MINUTE) -> None:
    """Refused calls, the last of them now."""
    at = one.keeping.floor.now
    for number in range(calls):
        call = f"{queue}-{at}-{number}"
        one.keeping.apply(CallRefused("pbx1", at - (calls - 1 - number) * every_us, call, queue, call))


def test_calls_refused_hold_for_an_hour_where_a_cdr_is_read() -> None:
    one = centre()
    turn_away(one, 5)
    one.until(T0 + 361 * MINUTE)
    assert said(one) == [], "nobody reads a CDR, so nobody knows"
    one.keeping.apply(CdrSeen("pbx1", one.keeping.floor.now, up=True))
    one.until(T0 + 362 * MINUTE)
    assert said(one) == ["+ CallsRefused bank"]
    assert one.heard[0].what.figures == {"refused": 5, "limit": 3}
    turn_away(one, 2, "shop")
    one.until(T0 + 425 * MINUTE, arrivals(Random(3), [(T0 + 362 * MINUTE, T0 + 425 * MINUTE, dict.fromkeys(EVEN, 40.0))]))
    assert [heard for heard in said(one) if "CallsRefused" in heard] == ["+ CallsRefused bank", "- CallsRefused bank"]


@pytest.mark.parametrize(("share", "reading"), [(0.3, "own"), (0.1, "client")])
def test_a_loss_that_refused_calls_explain_for_a_fifth_is_our_own(share: float, reading: str) -> None:
    """Twelve of twenty are missing in every half-hour; so many of them were turned away."""
    one = Centre(CONTRACT, plan_of(rates(DAYS)), T0, AGENTS)
    one.keeping.apply(CdrSeen("pbx1", T0, up=True))
    coming = list(arrivals(Random(7), rates(6, bank=0.4)))
    for half in range(12):
        end = T0 + (half + 1) * HALF
        one.until(end, [each for each in coming if end - HALF <= each[0] < end])
        turn_away(one, round(12 * share), every_us=2 * MINUTE)
    one.until(T0 + 6 * 60 * MINUTE + MINUTE)
    cause = one.keeping.accruals.judgement.projects["bank"].cause
    assert cause is not None
    assert cause.reading == reading
    assert {name: judged.cause for name, judged in one.keeping.accruals.judgement.projects.items() if name != "bank"} == {"shop": None, "taxi": None}


def test_a_silence_behind_a_shut_door_is_our_own() -> None:
    one = Centre(CONTRACT, plan_of(rates(DAYS)), T0, AGENTS)
    one.keeping.apply(CdrSeen("pbx1", T0, up=True))
    one.until(T0 + 4 * HALF, arrivals(Random(7), rates(2)))
    quiet = [(T0 + 4 * HALF, T0 + 6 * HALF, {"shop": 40.0, "taxi": 40.0})]
    one.until(T0 + 6 * HALF, arrivals(Random(8), quiet))
    turn_away(one, 15)
    one.until(T0 + 6 * HALF + MINUTE)
    cause = one.keeping.accruals.judgement.projects["bank"].cause
    assert cause is not None
    assert cause.reading == "own"


def test_a_forecast_believes_the_day_so_far() -> None:
    judged = centre(bank=0.5).keeping.accruals.judgement.projects["bank"]
    assert judged.forecast is not None
    assert judged.expected is not None
    assert judged.forecast.factor == pytest.approx((100 + judged.total.n) / (100 + judged.total.f))
    assert judged.expected == pytest.approx(240 * 0.5 + judged.forecast.factor * 20 * 22, rel=0.1)


def test_a_trunk_that_dies_is_nobody_s_fault() -> None:
    one = centre()
    one.until(T0 + 9 * 60 * MINUTE)
    assert said(one)[0].startswith("+ ProjectSilent")
    assert len([word for word in said(one) if word.startswith("+")]) == 1
    assert one.heard[0].what.figures["reading"] == "telephony"
    assert one.heard[0].at < T0 + 6 * 60 * MINUTE + 40 * MINUTE


def test_who_stays_away_when_the_trunk_is_back_is_the_telephony_s_no_more() -> None:
    """Nor is it another message: he has been silent all the time. Who is back is said nothing of."""
    one, back = centre(), T0 + 7 * 60 * MINUTE
    one.until(back)
    one.until(back + 60 * MINUTE, arrivals(Random(9), [(back, back + 60 * MINUTE, {"shop": 40.0, "taxi": 40.0})]))
    assert said(one) == ["+ ProjectSilent bank"]
    assert one.heard[0].what.figures["reading"] == "telephony"
    judged = one.keeping.accruals.judgement
    (held,) = judged.holding
    assert "reading" not in held.figures
    assert {name: judged.projects[name].verdict for name in EVEN} == {"bank": Verdict.ACT, "shop": Verdict.ON_PLAN, "taxi": Verdict.ON_PLAN}


def test_two_clients_who_leave_almost_wholly_are_said_once_each_and_their_time_is_theirs() -> None:
    """A stray caller ends no silence, and what looked like the telephony's was not: hardly anybody is back."""
    one = Centre(CONTRACT, plan_of(rates(DAYS)), T0, AGENTS)
    left = [
        (start, end, {queue: mean * (0.1 if queue != "taxi" and start >= T0 + 6 * HALF else 1) for queue, mean in EVEN.items()}) for start, end, _ in rates(9)
    ]
    one.until(T0 + 9 * 60 * MINUTE, arrivals(Random(3), left))
    begun = [heard.what.subject.name for heard in one.heard if heard.sign == "+" and heard.what.condition in LOSSES]
    assert sorted(begun) == ["bank", "shop"]
    for name in ("bank", "shop"):
        judged = one.keeping.accruals.judgement.projects[name]
        assert judged.verdict is Verdict.ACT
        assert judged.total.f > 300
        assert judged.total.n < 0.6 * judged.total.f


def test_a_line_that_is_dead_over_midnight_is_one_message() -> None:
    midnight = T0 + 17 * 60 * MINUTE
    one = Centre(CONTRACT, plan_of(rates(DAYS)), T0, AGENTS)
    spans = [
        (start, end, {queue: mean * (0.0 if queue == "bank" and start >= midnight - 2 * HALF else 1) for queue, mean in EVEN.items()})
        for start, end, _ in rates(19)
    ]
    one.until(midnight + 2 * 60 * MINUTE, arrivals(Random(4), spans))
    assert [str(heard) for heard in one.heard if heard.what.subject.name == "bank"] == ["+ ProjectSilent bank"]


def test_a_holiday_that_is_announced_for_later_changes_nothing_now() -> None:
    later = Incident("1", IncidentKind.HOLIDAY, Scope(), T0 + 30 * 24 * 60 * MINUTE, T0 + 31 * 24 * 60 * MINUTE)
    one = centre(replace(CONTRACT, incidents=(later,)))
    one.until(T0 + 7 * 60 * MINUTE)
    assert said(one) == ["+ ProjectSilent bank"]


def test_silence_begins_with_the_opening_and_not_with_the_plan() -> None:
    day = replace(PROJECTS[0], hours=Hours((((9 * 3600, 18 * 3600),),) * 7))  # the plan has volume at night too
    one = Centre(Contract(groups=CONTRACT.groups, projects=(day,)), plan_of([(a, b, {"bank": 20.0}) for a, b, _ in rates(24)]), T0, AGENTS)
    one.until(T0 + 2 * 60 * MINUTE + 3 * MINUTE)
    assert [heard for heard in one.heard if heard.what.condition is Condition.PROJECT_SILENT] == []


def test_an_incident_holds_people_and_volume_and_leaves_its_intervals_out() -> None:
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), T0 + 2 * 60 * MINUTE, T0 + 4 * 60 * MINUTE, 30 * MINUTE)
    contract = replace(CONTRACT, incidents=(raid,))
    one = Centre(contract, plan_of(rates(DAYS)), T0, AGENTS)
    quiet = [(start, end, EVEN if not raid.touches(start, end) else {}) for start, end, _ in rates(6)]
    one.until(T0 + 150 * MINUTE, arrivals(Random(7), quiet[:5]))
    held = one.keeping.accruals.judgement
    assert all(project.held and project.verdict is None for project in held.projects.values())
    assert {key[0] for key in held.states} & {Condition.VOLUME_LOST, Condition.UNDERSTAFFED, Condition.LONG_WAIT} == set()
    one.until(T0 + 6 * 60 * MINUTE, arrivals(Random(8), quiet[5:]))
    assert said(one) == []
    judged = one.keeping.accruals.judgement.projects["bank"]
    assert judged.total.f == pytest.approx(20.0 * (4 + 2))  # before it, and after its recovery
    assert not judged.held


def test_an_incident_of_one_client_holds_his_projects_alone() -> None:
    ours = Incident("1", IncidentKind.ANNOUNCED, Scope(ScopeKind.CLIENT, "Bank"), T0, None)
    one = centre(replace(CONTRACT, incidents=(ours,)), bank=0.4, shop=0.4)
    assert said(one) == ["+ VolumeLost shop"]


def test_nothing_is_said_of_what_is_not_seen_but_that() -> None:
    one = centre()
    one.lose_sight()
    one.until(T0 + 7 * 60 * MINUTE)
    assert said(one) == ["+ Blind bank"], "one PBX is one message"
    judged = one.keeping.accruals.judgement
    assert {project.verdict for project in judged.projects.values()} == {Verdict.BLIND}
    assert {condition for condition, _ in judged.states} == {
        *(Condition.BLIND, Condition.PLAN_MISSING, Condition.PLAN_ENDS_SOON, Condition.CONTRACT_ENDS, Condition.CLOCK_SKEW)
    }


def test_devices_that_go_away_together_are_one_message() -> None:
    one = centre()
    one.phones(AGENTS[:7], ready=False)
    one.until(T0 + 375 * MINUTE, arrivals(Random(9), [(T0 + 360 * MINUTE, T0 + 390 * MINUTE, EVEN)]))
    assert said(one)[0] == "+ MassDisconnect floor"
    assert one.heard[0].what.figures == {"lost": 7, "there": 11, "minutes": 2.0}
    assert one.heard[0].at <= T0 + 361 * MINUTE


def test_callers_whom_nobody_can_serve_are_said_after_a_minute() -> None:
    one = centre()
    one.pause(AGENTS, "break")
    start = T0 + 360 * MINUTE
    one.until(start + 5 * MINUTE, [(start + number * SECOND, "shop") for number in range(1, 6)])
    assert "+ QueueUnattended shop" in said(one)
    heard = next(heard for heard in one.heard if str(heard) == "+ QueueUnattended shop")
    assert 60 * SECOND <= heard.at - start <= 120 * SECOND


def test_people_are_counted_for_every_project_they_serve() -> None:
    one = centre()
    one.pause(AGENTS[:2], "break")
    one.until(T0 + 380 * MINUTE)
    eligible = one.keeping.accruals.judgement.projects["taxi"].eligible
    assert sum(eligible.values()) == 11
    assert eligible[State.PAUSED] == 2


def test_a_need_is_known_within_a_minute_and_follows_the_day() -> None:
    days = [centre(bank=factor).keeping.accruals.judgement for factor in (1.8, 0.3)]
    busy, calm = (day.groups["floor"] for day in days)
    assert busy.need is not None
    assert calm.need is not None
    assert busy.need.now.net > calm.need.now.net
    alone = [[day.projects[name].alone or 0 for name in EVEN] for day in days]
    assert alone[0][0] > alone[1][0]
    assert alone[0][1:] == alone[1][1:]
    assert busy.need.now.net <= sum(alone[0])
    assert busy.staffed_now == 11


def test_a_project_without_plan_says_so_in_opening_hours_only() -> None:
    one = Centre(CONTRACT, EMPTY, T0, AGENTS)
    one.until(T0 + 5 * MINUTE)
    assert said(one) == ["+ PlanMissing bank", "+ PlanMissing shop", "+ PlanMissing taxi"]
    assert one.heard[0].at - T0 <= 2 * MINUTE


def test_the_same_seconds_give_the_same_state_in_another_process_too() -> None:
    one = centre(shop=0.3)
    other = thaw(freeze(one.keeping))
    assert isinstance(other, Keeping)
    for keeping in (one.keeping, other):
        for second in range(1, 200):
            keeping.advance(T0 + 360 * MINUTE + second * SECOND)
            judge(keeping, T0 + 360 * MINUTE + second * SECOND, {"pbx1": 0})
    assert other.accruals.judgement == one.keeping.accruals.judgement


def test_what_is_not_agreed_any_more_is_forgotten() -> None:
    one = centre(bank=0.2)
    fewer = replace(CONTRACT, projects=PROJECTS[1:])
    one.keeping.change(fewer, one.keeping.plan, T0 + 361 * MINUTE)
    judged = one.keeping.accruals.judgement
    assert (set(judged.projects), judged.holding) == ({"shop", "taxi"}, ())
    assert all(subject.name != "bank" for _, subject in judged.states)


def test_fifty_projects_are_judged_in_ten_seconds_and_no_second_does_more_than_its_part() -> None:
    many = tuple(Project(f"p{n}", f"C{n}", "floor", (QueueId("pbx1", f"p{n}"),)) for n in range(50))
    keeping = Keeping(Contract(groups=(Group("floor"),), projects=many), EMPTY, T0)
    keeping.apply(SnapshotTaken("pbx1", T0, {f"p{n}": "rrmemory" for n in range(50)}, (), (), ()))
    for second in range(1, 11):
        keeping.advance(T0 + second * SECOND)
        keeping.judge_projects(T0 + second * SECOND)
        keeping.judge_people(T0 + second * SECOND, {})
        assert len(keeping.accruals.judgement.projects) == PART * second


@pytest.mark.parametrize("first", [0, 4, 7, 9])
def test_whose_a_loss_is_is_said_once_all_were_looked_at(first: int) -> None:
    """Three of twelve fall half an hour before the rest, which falls deeper: theirs alone it is until the rest were looked through."""
    names = [f"p{number:02}" for number in range(12)]
    many = tuple(Project(name, name.upper(), "floor", (QueueId("pbx1", name),), dispersion=100.0) for name in names)
    planned = [(T0 + n * HALF, T0 + (n + 1) * HALF, dict.fromkeys(names, 100.0)) for n in range(4)]
    came = {name: (55.0, 65.0) if name in names[first : first + 3] else (100.0, 20.0) for name in names}
    one = Centre(Contract(groups=CONTRACT.groups, projects=many), plan_of(planned), T0, AGENTS)
    one.step = 5 * MINUTE
    calls = list(arrivals(Random(5), [(start, end, {name: came[name][n] for name in names}) for n, (start, end, _) in enumerate(planned[:2])]))
    said: list[tuple[str, object]] = []
    for half in (1, 2):
        settled = T0 + half * HALF
        one.until(settled, [call for call in calls if settled - HALF <= call[0] < settled])
        for second in range(5, 30):
            one.keeping.judge_projects(settled + second * SECOND)
            one.keeping.judge_people(settled + second * SECOND, {})
            holding = one.keeping.accruals.judgement.holding
            said += [(held.subject.name, held.figures.get("reading")) for held in holding if held.condition is Condition.VOLUME_LOST]
    assert len(set(said)) == 1
    assert said[0][1] == "market"


def test_a_clock_that_is_off_is_said_of_its_pbx() -> None:
    keeping = Keeping(CONTRACT, EMPTY, T0)
    for offset, expected in ((2 * SECOND, False), (-2 * SECOND - 1, True)):
        judge(keeping, T0, {"pbx1": offset})
        assert (
            keeping.accruals.judgement.states[Condition.CLOCK_SKEW, next(s for c, s in keeping.accruals.judgement.states if c is Condition.CLOCK_SKEW)]
            is expected
        )


def test_calls_after_hours_are_those_since_it_closed() -> None:
    closing = Project("night", "Night", "floor", (QueueId("pbx1", "night"),), hours=Hours((((0, 8 * 3600),),) * 7))
    keeping = Keeping(Contract(groups=(Group("floor"),), projects=(closing,)), EMPTY, T0)
    keeping.apply(SnapshotTaken("pbx1", T0, {"night": "rrmemory"}, (MemberSeen("pbx1", T0, "night", "PJSIP/a", "PJSIP/a", "a", 1, False, ""),), (), ()))
    for number, minute in enumerate((50, 55, 61, 62, 63, 64, 65)):
        at, call = T0 + minute * MINUTE, f"c{number}"
        keeping.apply(ChannelStarted("pbx1", at, call, call, f"PJSIP/t-{call}", HERE))
        keeping.apply(CallerJoined("pbx1", at, call, call, f"PJSIP/t-{call}", "night", HERE))
        judge(keeping, at + SECOND, {})
        holds = any(one.condition is Condition.AFTER_HOURS_CALLS for one in keeping.accruals.judgement.holding)
        assert holds is (minute == 65)
