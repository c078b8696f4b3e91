"""A judgement made by hand for the floor of `hand`: one client lost, one on plan, one unseen; and one of a large floor, everything known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from monitor.assess.conditions import KINDS, About, Condition, Holding, Key, Subject
from monitor.assess.contact_day import ContactDay
from monitor.assess.contact_rate import Rate
from monitor.assess.detect import Cusum, Evidence, Interval, Total
from monitor.assess.forecast import Reforecast
from monitor.assess.judgement import GroupJudged, Judgement, ProjectJudged, Verdict
from monitor.assess.needs import Need
from monitor.assess.reading import Cause, Reading
from monitor.assess.staffing import Required
from monitor.assess.today import Closed, Run, Step, Workload
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.snapshot import State

CLOSED = Closed(Interval(0, 30 * MINUTE, 3, 8.0), 1440 * SECOND, 3, 560 * SECOND)
LOST = Step(
    closed=CLOSED,
    day=Evidence(41, 96.25, 0.00025, 0.999875),
    recent=Evidence(8, 21.5, 0.0015, 0.9995),
    two_days=Evidence(133, 190.5, 0.0075, 0.994),
    workload=Workload(12_240.0, 18_360.0, 0.0005, 0.9995),
    z=-3.25,
    lost=Run(now=True, holds=True),
    surged=Run(),
    below=Run(now=True, holds=True),
    above=Run(),
)
QUIET = Evidence(0, 1.25, 0.25, None)
ON_PLAN = replace(
    LOST, day=Evidence(100, 96.25, 0.625, 0.4375), recent=None, two_days=None, workload=Workload(18_000.0, 18_360.0, 0.5, 0.5), z=0.25, lost=Run(), below=Run()
)

BANK = ProjectJudged(
    open=True,
    held=False,
    verdict=Verdict.ACT,
    step=LOST,
    silence=QUIET,
    cusum=Cusum(1.5, 0.0),
    cause=Cause(Reading.CLIENT, 0.0025),
    total=Total(41, 96.25),
    forecast=Reforecast(0.525, 110.25, 61.0),
    expected=151.25,
    expected_erlangs=1.125,
    alone=3,
    eligible={State.TALK: 1, State.AVAILABLE: 1, State.PAUSED: 3},
)
SHOP = replace(
    BANK,
    verdict=Verdict.ON_PLAN,
    step=ON_PLAN,
    cusum=Cusum(0.0, 0.75),
    cause=None,
    total=Total(100, 96.25),
    forecast=Reforecast(1.03125, 200.5, 120.0),
    expected=300.5,
    expected_erlangs=2.5,
    alone=4,
    eligible={State.AVAILABLE: 1},
    contact_day=ContactDay(date(2026, 12, 1), Rate(38, 200), 0.3, True, 0.00025),
)
TAXI = ProjectJudged(
    open=True,
    held=False,
    verdict=Verdict.BLIND,
    step=None,
    silence=None,
    cusum=Cusum(),
    cause=None,
    total=Total(0, 0.0),
    forecast=None,
    expected=None,
    expected_erlangs=None,
    alone=None,
    eligible={},
)
NEED = Need(Required(4, 6), Required(5, 7), 3.625, 181.5)


def _key(condition: Condition, name: str) -> Key:
    return condition, Subject(KINDS[condition].about, name)


def judgement(at: int) -> Judgement:
    """Of the small floor: every project condition could be judged of two projects, every group condition of one group."""
    seen = {
        About.PROJECT: ("bank-line", "shop-line"),
        About.GROUP: ("floor",),
        About.PBX: ("pbx1",),
        About.CLIENT: ("Bank", "Shop"),
        About.TRUNK: ("pbx1/kyivstar",),
    }
    states = {_key(condition, name): False for condition, kind in KINDS.items() for name in seen[kind.about] if condition is not Condition.CALLS_REFUSED}
    holding = (
        Holding(*_key(Condition.VOLUME_LOST, "bank-line"), at - 1800 * SECOND,
                {"detector": "day", "came": 41, "planned": 96.25, "deviation": -0.574, "p": 0.00025, "reading": "client", "cusum": 1.5}),
        Holding(*_key(Condition.BLIND, "taxi-line"), at - 75 * SECOND, {"limit": 60.0}),
        Holding(*_key(Condition.UNDERSTAFFED, "floor"), at - 60 * SECOND, {"staffed": 2.5, "now": 2, "required": 4}),
        Holding(*_key(Condition.CLOCK_SKEW, "pbx1"), at - 30 * SECOND, {"seconds": -3.25, "limit": 2.0}),
    )  # fmt: skip
    return Judgement(
        projects={"bank-line": BANK, "shop-line": SHOP, "taxi-line": TAXI},
        groups={"floor": GroupJudged(held=False, need=NEED, staffed_now=2), "night": GroupJudged(held=True, need=None, staffed_now=None)},
        states=states | {one.key: True for one in holding},
        holding=holding,
        muted={_key(Condition.WORKLOAD_BELOW_PLAN, "bank-line"): _key(Condition.VOLUME_LOST, "bank-line")},
    )


def large(contract: Contract, at: int) -> Judgement:
    """Of any contract: everything could be judged, and some of it holds."""
    clients = list(dict.fromkeys(project.client for project in contract.projects))
    names = {About.PROJECT: list(contract.project), About.GROUP: list(contract.group), About.PBX: list(contract.pbxs), About.CLIENT: clients}
    names |= {About.TRUNK: [str(trunk.id) for trunk in contract.trunks]}
    states = {_key(condition, name): False for condition, kind in KINDS.items() for name in names[kind.about]}
    small = judgement(at)
    holding = tuple(replace(small.holding[0], subject=Subject(About.PROJECT, name)) for name in names[About.PROJECT][:5])
    return Judgement(
        projects={name: replace(BANK if number < 5 else SHOP, eligible=dict.fromkeys(State, 9)) for number, name in enumerate(names[About.PROJECT])},
        groups={name: GroupJudged(held=False, need=NEED, staffed_now=90) for name in names[About.GROUP]},
        states=states | {one.key: True for one in holding},
        holding=holding,
        muted={_key(Condition.WORKLOAD_BELOW_PLAN, one.subject.name): one.key for one in holding},
    )
