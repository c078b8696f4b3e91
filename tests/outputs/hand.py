"""A small floor built by hand, in which every family has a sample, and a large one for speed.

Two clients on two PBXs, one of which is blind, share one group; every figure is a number that can be found again in the golden text.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from monitor.assess.outlook import OUTBOUND, GroupFigures, GroupPlan, Outlook, ProjectFigures, ProjectPlan
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Language, PauseClass, PauseReason, Project, QueueId, ServiceLevel
from monitor.core.counters import Counters, Failure, Outcome, Planned, Reason
from monitor.core.direction import DIALLED
from monitor.core.formula import Formula
from monitor.core.incidents import Incident, IncidentKind, IncidentView, Scope, ScopeKind, Stage
from monitor.core.lost import LostView
from monitor.core.muster import Figures
from monitor.core.outgoing import Outbound
from monitor.core.signals import End, Signal, SignalView, Spell
from monitor.core.snapshot import AgentView, PbxView, QueueView, Snapshot, Span, State, Window
from monitor.core.trunk import Trunk, TrunkId, TrunkView
from monitor.outputs.daemon import LAG_BOUNDS_US, DaemonFacts, Distribution, PbxFacts
from tests.outputs import earning, judging

KYIVSTAR, LIFE, ISDN = TrunkId("pbx1", "kyivstar"), TrunkId("pbx1", "life"), TrunkId("pbx2", "isdn")
DIDS = frozenset({"380441111111"})
AT = 1_764_000_000 * SECOND
BANK, SHOP, TAXI = QueueId("pbx1", "bank"), QueueId("pbx1", "shop"), QueueId("pbx2", 'taxi "city"')
TAXI_CLIENT = 'Таксі\\"Ї"\n2'


def contract(*, agent_metrics: bool = False, language: Language = Language.ENGLISH) -> Contract:
    agreed = Contract(
        site="kyiv-1",
        language=language,
        agent_metrics=agent_metrics,
        pbxs=("pbx1", "pbx2"),
        groups=(
            Group(
                "floor",
                max_occupancy=0.88,
                min_occupancy=0.6,
                pause_reasons=(PauseReason("lunch", PauseClass.UNPAID, 35 * MINUTE), PauseReason("break", PauseClass.PAID)),
            ),
            Group("night"),
        ),
        projects=(
            Project(
                "bank-line", "Bank", "floor", (BANK,), dids=frozenset({"380441111111"}), service_level=ServiceLevel(25 * SECOND, 0.8, Formula.SHORT_EXCLUDED)
            ),
            Project("shop-line", "Shop", "floor", (SHOP,), contract_until=date(2026, 1, 31)),
            Project("taxi-line", TAXI_CLIENT, "night", (TAXI,), outbound=Outbound(("PJSIP/carrier",))),
        ),
        trunks=(Trunk(KYIVSTAR, ("PJSIP/kyivstar",), 30), Trunk(LIFE, ("SIP/life",)), Trunk(ISDN, ("DAHDI/i1",), 30)),
    )
    return earning.contract(agreed)


def counters(agreed: Contract) -> Counters:
    """Numbers that say which row they came from."""
    result = Counters.starting(agreed, tuple(state.value for state in State))
    for number, key in enumerate(result.visits, 1):
        result.visits[key] = [1000 * number + 100 * position for position in range(8)]
    result.flowed_out["bank-line", BANK, Reason.TIMEOUT] = 3
    result.flowed_out["bank-line", BANK, Reason.KEY] = 1
    result.refused["bank-line", BANK] = 6
    for wait in (0, 4_999_999, 5_000_000, 25_000_000, 25_000_001, 900_000_000):
        result.waits["bank-line", BANK, Outcome.ANSWERED].observe(wait)
    result.waits["taxi-line", TAXI, Outcome.ABANDONED].observe(7_250_000)
    result.unclaimed[QueueId("pbx1", "test")] = 2
    result.unclaimed[QueueId("pbx1", "fax")] = 1
    for number, name in enumerate(result.contacts, 1):
        result.contacts[name] = [100 * number + position for position in range(8)]
        result.lost[name] = [10 * number + position for position in range(5)]
        result.planned[name][:5] = [number * 1_500_000, number * 180_000_001, 0, number * 1_400_000, number * 170_000_000]
    result.planned["bank-line"][2] = 36_000 * SECOND
    result.planned["shop-line"][5:] = [96_250_000, 28_875_000, 4_331 * SECOND, 0, 3_500_000, 90_000_000, 27_000_000, 4_050 * SECOND]
    for number, entry in enumerate(result.handle_us, 1):
        result.handle_us[entry] = number * 1_000_001
    for number, pair in enumerate(result.agent_us, 1):
        result.agent_us[pair] = number * 60 * SECOND
    result.pause_us["floor", "lunch"] = 1_800_500_000
    result.ring_no_answer["floor"] = 4
    result.anomalies["answer_without_visit"] = 2
    result.unobserved_us["pbx2"] = 61_500_000
    result.talk_disagreement_us["pbx1", "longer"] = 1_250_000
    result.reconcile_mismatches["pbx1"] = 1
    result.results["bank-line", "sale"] = 11
    result.results["bank-line", "other"] = 2
    for number, way in enumerate(DIALLED, 1):
        result.attempts["taxi-line", way] = [70 * number, 40 * number, number]
        result.reached["taxi-line", way] = [30 * number, 29 * number, 28 * number, 1, 1, 0, 0, 27 * number]
    for number, failure in enumerate(Failure, 1):
        result.failures["taxi-line", failure] = number
    for number, work in enumerate(result.dialled_us, 1):
        result.dialled_us[work] = number * 2_000_001
    result.channel_contacts["bank-line", "chat", Outcome.ANSWERED] = 7
    result.channel_contacts["bank-line", "other", Outcome.ABANDONED] = 1
    result.channel_handle_us["bank-line", "chat"] = 1_234_500_000
    result.trunk_calls[KYIVSTAR, "inbound"] = 40
    result.trunk_calls[KYIVSTAR, "outbound"] = 9
    result.trunk_failures[KYIVSTAR, "congestion"] = 2
    result.did_calls["pbx1", "380441111111", "bank-line"] = 31
    result.did_calls["pbx1", "other", ""] = 8
    result.corrected["pbx1", "bank", "unresolved"] = 3
    result.corrected_contacts["bank-line", "abandoned"] = 2
    result.corrected_us["unobserved"] = 12_500_000
    return result


def figures(number: float = 1.0) -> ProjectFigures:
    return ProjectFigures(
        contacts=int(20 * number),
        observed=1.0,
        offered_erlangs=2.5 * number,
        carried_erlangs=2.25 * number,
        planned_erlangs=2.0 * number,
        aht_seconds=181.5,
        service_level={formula: 0.75 + index / 100 for index, formula in enumerate(Formula)},
        budget_calls=-1.5,
        abandonment=0.05,
        volume_deviation=0.25,
        workload_deviation=-0.125,
        aht_deviation=0.0083,
        planned_contacts=16.0 * number,
        outbound_planned_erlangs=1.75 * number,
        contact_ratio=0.28,
        planned_contact_ratio=0.3,
    )


UNKNOWN = ProjectFigures(0, None, None, None, None, None, {}, None, None, None, None, None, None)


def span(window: Window) -> Span:
    return Span(AT - 15 * MINUTE * (1 + list(Window).index(window)), AT, (0,) * 25)


def snapshot(agreed: Contract) -> Snapshot:
    people = (
        AgentView("E17", "Олена", "floor", State.TALK, AT - 40 * SECOND, "bank-line", ""),
        AgentView("E18", "Ihor", "floor", State.PAUSED, AT - 90 * SECOND, None, "lunch"),
        AgentView("E19", "Petro", "floor", State.PAUSED, AT - 30 * SECOND, None, "lunch"),
        AgentView("pbx1/PJSIP/104", "Anna", "floor", State.PAUSED, AT - 5 * SECOND, None, 'tea "3"'),
        AgentView("E20", "Ira", "floor", State.AVAILABLE, AT - 700 * SECOND, None, ""),
        AgentView("E30", "Oleh", "night", State.UNOBSERVED, AT - 12 * SECOND, None, ""),
        AgentView("guest", "Guest", None, State.AVAILABLE, AT - 1 * SECOND, None, ""),
    )
    queues = (
        QueueView("bank-line", BANK, 2, 1, AT - 12_345_678),
        QueueView("shop-line", SHOP, 0, 0, None),
        QueueView("taxi-line", TAXI, 5, 0, AT - 60 * SECOND),
        QueueView(None, QueueId("pbx1", "fax"), 1, 0, AT - 3 * SECOND),
    )
    return Snapshot(
        at=AT,
        pbxs=(PbxView("pbx1", True, None, cdr_read=True), PbxView("pbx2", False, AT - 12 * SECOND)),
        queues=queues,
        agents=people,
        waiting_since={"bank-line": (AT - 12_345_678,)},
        projects={project.name: {window: span(window) for window in Window} for project in agreed.projects},
        groups={group.name: {window: span(window) for window in Window} for group in agreed.groups},
        observed_projects=frozenset({"bank-line", "shop-line"}),
        observed_groups=frozenset({"floor"}),
        counters=counters(agreed),
        lost={"bank-line": LostView(3, AT - 3723 * SECOND, 1), "shop-line": LostView(0, None, 0), "taxi-line": LostView(5, AT - 9 * SECOND, 0)},
        trunks=(TrunkView(KYIVSTAR, 17, True, 2, AT - 20 * SECOND, 0, None), TrunkView(LIFE, 1, None, 0, None, 0, None)),
    )


def outlook(agreed: Contract) -> Outlook:
    group = GroupFigures(observed=1.0, staffed=14.5, occupancy=0.8, earning_occupancy=0.75)
    return Outlook(
        at=AT,
        snapshot=snapshot(agreed),
        projects={
            "bank-line": {window: figures() for window in Window},
            "shop-line": {window: replace(figures(0.1), volume_deviation=None) if window is Window.INTERVAL else figures(0.5) for window in Window},
            "taxi-line": dict.fromkeys(Window, UNKNOWN),
        },
        groups={
            "floor": dict.fromkeys(Window, group),
            "night": dict.fromkeys(Window, GroupFigures(observed=0.0, staffed=None, occupancy=None, earning_occupancy=None)),
        },
        plans={
            "bank-line": ProjectPlan(covered=True, end=AT + 3600 * SECOND, has_agents=True),
            "shop-line": ProjectPlan(covered=True, end=AT + 1800 * SECOND, has_agents=False, outbound=frozenset({*OUTBOUND, Planned.OUT_RESULTS})),
            "taxi-line": ProjectPlan(covered=False, end=None, has_agents=False),
        },
        group_plans={"floor": GroupPlan(agents=16.0, occupancy=0.7), "night": GroupPlan(None, None)},
        judgement=judging.judgement(AT),
        incidents=incidents(),
        signals=signals(),
        money=earning.money(TAXI_CLIENT),
    )


def signals() -> tuple[SignalView, ...]:
    """One that is on in one of its regions, two of one kind and scope of which one is on, one that is off for two projects."""
    storm = Signal("storm", "thunderstorm", ("Київ", "Lviv"))
    told = Spell(AT - 30 * MINUTE, AT + 1410 * MINUTE, End.ASSUMED, "met")
    return (
        SignalView(storm, "Київ", told),
        SignalView(storm, "Lviv"),
        SignalView(Signal("easter", "holiday"), "", Spell(AT - 60 * MINUTE, AT + 60 * MINUTE, End.CALENDAR), announced=True),
        SignalView(Signal("fair", "holiday"), ""),
        SignalView(Signal("law", "law", projects=("shop-line", "taxi-line")), ""),
    )


def incidents() -> tuple[IncidentView, ...]:
    """One that is over, one of the same kind and scope that lasts, one that recovers, one that is announced, one for next week."""
    raid = Incident("3", IncidentKind.AIR_RAID, Scope(), AT - 10 * MINUTE, note='сирена "1"', who="ops")
    over = replace(raid, id="1", since=AT - 300 * MINUTE, until=AT - 280 * MINUTE, note="", closed_by="boss")
    power = Incident("2", IncidentKind.POWER, Scope(ScopeKind.CLIENT, TAXI_CLIENT), AT - 60 * MINUTE, AT - 5 * MINUTE, who="ops", closed_by="ops")
    fair = Incident("announced@group:floor@then", IncidentKind.ANNOUNCED, Scope(ScopeKind.GROUP, "floor"), AT + 60 * MINUTE, AT + 90 * MINUTE)
    holiday = Incident("holiday@site@then", IncidentKind.HOLIDAY, Scope(), AT + 7 * 1440 * MINUTE, AT + 8 * 1440 * MINUTE, 0)
    return (
        IncidentView(over, Stage.OVER, announced=False),
        IncidentView(power, Stage.RECOVERY, announced=False, figures=Figures(9, 2, 0, 1, 4, 3, None, late=True)),
        IncidentView(raid, Stage.ACTIVE, announced=False, figures=Figures(34, 12, 5, 2, 0, 0, 3)),
        IncidentView(fair, Stage.AHEAD, announced=True),
        IncidentView(holiday, Stage.AHEAD, announced=True),
    )


def daemon() -> DaemonFacts:
    return DaemonFacts(
        version="0.1.0",
        python="3.11.7",
        pbxs=(
            PbxFacts(
                "pbx1",
                True,
                0,
                250_000,
                -1_500,
                connects=2,
                restarts=1,
                malformed=0,
                events={"QueueCallerJoin": 7, "AgentConnect": 5},
                queue_log_up=True,
                cdr_up=False,
            ),
            PbxFacts("pbx2", False, 12 * SECOND, None, None, connects=1),
        ),
        clock_steps=1,
        dropped={"event": 0, "store": 0},
        store_up=True,
        mqtt_up=False,
        config_last_reload_at=1_764_000_000 * SECOND,
        event_lag=Distribution(LAG_BOUNDS_US, (0, 3, 2, 1, *(0,) * (len(LAG_BOUNDS_US) - 4), 1), 12_345_678),
    )


def large(people: int, projects: int) -> tuple[Contract, Outlook]:
    """A floor of that size, everything seen, every figure known."""
    agreed = Contract(
        language=Language.ENGLISH,
        agent_metrics=True,
        groups=tuple(Group(f"group-{number}") for number in range(5)),
        projects=tuple(
            Project(f"project-{number}", f"Client {number // 2}", f"group-{number % 5}", (QueueId("pbx1", f"{600 + number}"),)) for number in range(projects)
        ),
    )
    held = Counters.starting(agreed, tuple(state.value for state in State))
    for key, wait in held.waits.items():
        for position in range(len(wait.counts)):
            wait.counts[position] = len(key[0]) * position
        wait.sum_us = 123_456_789
    for name in held.planned:
        held.planned[name] = [1_234_567] * len(Planned)
    for key_us in held.handle_us:
        held.handle_us[key_us] = 987_654_321
    states = list(State)[1:]
    agents = tuple(
        AgentView(f"E{number}", f"Name {number}", f"group-{number % 5}", states[number % len(states)], AT - number * SECOND, None, "lunch")
        for number in range(people)
    )
    group = GroupFigures(observed=1.0, staffed=14.512345, occupancy=0.812345, earning_occupancy=0.754321)
    view = Snapshot(
        at=AT,
        pbxs=(PbxView("pbx1", True, None),),
        queues=tuple(QueueView(project.name, project.queues[0], 3, 0, AT - 12_345_678) for project in agreed.projects),
        agents=agents,
        waiting_since={},
        projects={project.name: {window: span(window) for window in Window} for project in agreed.projects},
        groups={named.name: {window: span(window) for window in Window} for named in agreed.groups},
        observed_projects=frozenset(agreed.project),
        observed_groups=frozenset(agreed.group),
        counters=held,
    )
    known = replace(figures(), offered_erlangs=12.345678901, carried_erlangs=11.98765432, planned_erlangs=13.2109876, aht_seconds=181.512345)
    return agreed, Outlook(
        at=AT,
        snapshot=view,
        projects={project.name: dict.fromkeys(Window, known) for project in agreed.projects},
        groups={named.name: dict.fromkeys(Window, group) for named in agreed.groups},
        plans={project.name: ProjectPlan(covered=True, end=AT, has_agents=True) for project in agreed.projects},
        group_plans={named.name: GroupPlan(agents=16.0, occupancy=0.7) for named in agreed.groups},
        judgement=judging.large(agreed, AT),
    )
