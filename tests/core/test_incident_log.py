"""What people tell of incidents: accepted or refused and why, said at three moments, moved with the clock, forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.incident_log import AHEAD_US, MOST, NO_PBX, REMEMBER_US, IncidentClosed, IncidentOpened, Incidents, Refusal, Why
from monitor.core.incidents import Incident, IncidentKind, Scope, Stage
from tests.core.scene import T0, Scene, contract, project

HOUR = 60 * MINUTE


def draft(kind: IncidentKind = IncidentKind.AIR_RAID, scope: str = "site", since: int = T0, **more: object) -> Incident:
    return replace(Incident("", kind, Scope.of(scope), since, who="ops"), **more)  # type: ignore[arg-type]


class Log:
    """A log of incidents beside a floor."""

    def __init__(self, agreed: Contract | None = None) -> None:
        self.scene = Scene(agreed).staffed("ann", "bob", "eve")
        self.log = Incidents()

    def opens(self, at: float = 0, **more: object) -> Incident | Refusal:
        told = draft(**({"since": self.scene.us(at)} | more))  # type: ignore[arg-type]
        answer = self.log.hear(IncidentOpened(NO_PBX, self.scene.us(at), told), self.scene.contract)
        self.passes(at)
        return answer

    def closes(self, at: float, number: str = "1") -> Incident | Refusal:
        answer = self.log.hear(IncidentClosed(NO_PBX, self.scene.us(at), number, "boss"), self.scene.contract)
        self.passes(at)
        return answer

    def passes(self, at: float) -> None:
        self.scene.floor.advance(self.scene.us(at))
        self.log.advance(self.scene.us(at), self.scene.contract, self.scene.floor)

    def news(self) -> list[tuple[str, str, int, int]]:
        """Moment, incident, how many are away and back."""
        news, self.log.news = self.log.news, []
        return [(one.moment.value, one.incident.id, one.figures.away, one.figures.back) for one in news if one.figures is not None]


# --- its life ---------------------------------------------------------------------------------------------------------------------------


def test_what_is_said_from_the_siren_to_the_last_who_is_back() -> None:
    one = Log()
    one.scene.removed(5, "bank", "bob")
    opened = one.opens(10)
    assert isinstance(opened, Incident)
    assert (opened.id, opened.who, opened.until) == ("1", "ops", None)
    assert one.news() == [("opened", "1", 1, 0)]
    one.scene.removed(20, "bank", "eve")
    one.passes(21)
    one.scene.member(100, "bank", "eve")
    closed = one.closes(110)
    assert isinstance(closed, Incident)
    assert (closed.until, closed.closed_by, closed.over_at) == (one.scene.us(110), "boss", one.scene.us(110) + 15 * MINUTE)
    assert one.news() == [("closed", "1", 1, 1)]
    one.scene.member(200, "bank", "bob")
    one.passes(110 + 15 * 60 - 1)
    assert one.news() == []
    one.passes(110 + 15 * 60)
    assert one.news() == [("recovered", "1", 0, 2)]
    one.passes(2000)
    assert one.news() == []
    assert one.log.musters == {}


def test_without_a_recovery_it_is_said_twice() -> None:
    one = Log()
    one.opens(0, recovery_us=0)
    one.closes(10)
    assert [moment for moment, *_ in one.news()] == ["opened", "closed"]


def test_nobody_looked_while_it_ended_and_recovered() -> None:
    one = Log()
    one.opens(0)
    one.log.opened["1"] = replace(one.log.opened["1"], until=one.scene.us(60))
    one.passes(3600)
    assert [moment for moment, *_ in one.news()] == ["opened", "recovered"]


def test_one_that_is_told_ahead_is_said_when_it_begins() -> None:
    one = Log()
    one.opens(0, since=T0 + HOUR)
    one.passes(3599)
    assert one.news() == []
    one.scene.removed(3599, "bank", "bob")
    one.passes(3600)
    assert one.news() == [("opened", "1", 1, 0)]


def test_one_that_does_not_come_is_called_off() -> None:
    one = Log()
    one.opens(0, since=T0 + HOUR)
    called_off = one.closes(60)
    assert isinstance(called_off, Incident)
    assert called_off.until == called_off.since == T0 + HOUR
    assert one.log.opened == {}
    one.passes(4000)
    assert one.news() == []


def test_a_number_is_never_given_twice() -> None:
    one = Log()
    one.opens(0, since=T0 + HOUR)
    one.closes(1)
    again = one.opens(2)
    assert isinstance(again, Incident)
    assert again.id == "2"


def test_an_answer_that_is_ahead_of_the_floor_is_said_once() -> None:
    """A burst is not applied yet: the floor stands a second behind what was told."""
    one = Log()
    one.opens(10)
    one.log.advance(one.scene.us(9), one.scene.contract, one.scene.floor)
    one.passes(11)
    assert [moment for moment, *_ in one.news()] == ["opened"]


def test_announced_ones_are_said_and_shown_alike() -> None:
    fair = draft(IncidentKind.ANNOUNCED, since=T0 + 10 * SECOND, id="fair", until=T0 + 20 * SECOND, recovery_us=10 * SECOND, who="")
    one = Log(contract(incidents=(fair,)))
    for at in range(40):
        one.passes(at)
    assert one.news() == [("opened", "fair", 0, 0), ("closed", "fair", 0, 0), ("recovered", "fair", 0, 0)]
    (view,) = one.log.views(T0 + 15 * SECOND, one.scene.contract, one.scene.floor)
    assert (view.incident, view.stage, view.announced, view.figures) == (fair, Stage.ACTIVE, True, None)


def test_an_announced_one_waits_at_a_start_until_somebody_is_seen() -> None:
    agreed = contract(incidents=(draft(IncidentKind.HOLIDAY, since=T0 - HOUR, id="day", until=T0 + HOUR),))
    first, second = Scene(agreed), Scene(agreed)
    seen, unseen = Incidents(), Incidents()
    for at in range(100):
        for scene, log, sighted in ((first, seen, 5), (second, unseen, 90)):
            if at == sighted:
                scene.staffed("ann", "bob", at=at)
            scene.floor.advance(scene.us(at))
            log.advance(scene.us(at), agreed, scene.floor)
            assert [view.figures is None for view in log.views(scene.us(at), agreed, scene.floor)] == [at < sighted]
        assert (len(seen.news), len(unseen.news)) == (int(at >= 5), int(at >= 60))
    (figures,) = (one.figures for one in seen.news)
    assert figures is not None
    assert (figures.people, figures.late) == (2, True)
    assert unseen.news[0].figures is None, "nobody of nobody is away would be a figure"


def test_one_that_is_told_before_anybody_is_seen_is_said_and_has_no_figures() -> None:
    agreed = contract()
    scene, log = Scene(agreed), Incidents()
    log.hear(IncidentOpened(NO_PBX, scene.us(3), draft(since=scene.us(3))), agreed)
    for at in range(3, 30):
        scene.floor.advance(scene.us(at))
        log.advance(scene.us(at), agreed, scene.floor)
    log.hear(IncidentClosed(NO_PBX, scene.us(30), "1", "boss"), agreed)
    log.advance(scene.us(30), agreed, scene.floor)
    assert [(one.moment.value, one.figures) for one in log.news] == [("opened", None), ("closed", None)]


def test_one_whose_beginning_nobody_saw_and_that_is_over_says_nothing() -> None:
    past = draft(IncidentKind.HOLIDAY, since=T0 - 2 * HOUR, id="past", until=T0 - MINUTE)
    one = Log(contract(incidents=(past,)))
    one.passes(0)
    one.passes(3600)
    assert one.news() == []


def test_one_that_is_announced_anew_for_longer_goes_on_with_its_people() -> None:
    fair = draft(IncidentKind.ANNOUNCED, since=T0, id="fair", until=T0 + 20 * SECOND)
    one = Log(contract(incidents=(fair,)))
    one.passes(0)
    one.passes(25)
    one.scene.contract = replace(one.scene.contract, incidents=(replace(fair, until=T0 + 60 * SECOND),))
    one.passes(30)
    one.passes(70)
    assert [moment for moment, *_ in one.news()] == ["opened", "closed", "closed"]


def test_one_that_is_taken_out_of_the_configuration_is_gone() -> None:
    one = Log(contract(incidents=(draft(since=T0, id="fair", until=T0 + HOUR),)))
    one.passes(0)
    one.scene.contract = contract()
    one.passes(10)
    assert one.log.musters == {}
    assert [moment for moment, *_ in one.news()] == ["opened"]


# --- what is refused --------------------------------------------------------------------------------------------------------------------

SHOPS = contract(*(project(f"shop{number}") for number in range(10)))


@pytest.mark.parametrize(
    ("agreed", "more", "problem", "why"),
    [
        (None, {"scope": "client:Bonk"}, "there is no client:Bonk; known: client:Bank, client:Shop", Why.BAD),
        (None, {"scope": "pbx:pbx2"}, "there is no pbx:pbx2; known: pbx:pbx1", Why.BAD),
        (SHOPS, {"scope": "project:bank"}, "there is no project:bank; known: " + ", ".join(f"project:shop{n}" for n in range(8)) + " and 2 more", Why.BAD),
        (None, {"since": T0 + AHEAD_US + 1}, "begins in more than 24 hours; announce it with an [[incident]] of the configuration", Why.BAD),
        (None, {"since": T0 - REMEMBER_US - 1}, "began more than 50 hours ago; nothing of that time is judged any more", Why.BAD),
    ],
)
def test_what_nobody_can_mean_is_refused(agreed: Contract | None, more: dict[str, object], problem: str, why: Why) -> None:
    one = Log(agreed or contract())
    assert one.opens(0, **more) == Refusal(problem, why)
    assert one.news() == []


def test_the_limits_themselves_are_accepted() -> None:
    one = Log()
    assert isinstance(one.opens(0, since=T0 + AHEAD_US), Incident)
    assert isinstance(one.opens(0, kind=IncidentKind.POWER, since=T0 - REMEMBER_US), Incident)


def test_the_same_is_not_opened_twice() -> None:
    one = Log()
    one.opens(0)
    assert one.opens(5) == Refusal("air_raid of site is open already, as incident 1; close that first", Why.CONFLICT, "1")
    assert isinstance(one.opens(6, scope="group:floor"), Incident)
    assert isinstance(one.opens(7, kind=IncidentKind.POWER), Incident)
    one.closes(8)
    assert isinstance(one.opens(9), Incident)


def test_what_is_announced_is_not_opened() -> None:
    holiday = draft(IncidentKind.HOLIDAY, since=T0 - HOUR, id="holiday", until=T0 + HOUR)
    one = Log(contract(incidents=(holiday,)))
    assert one.opens(0, kind=IncidentKind.HOLIDAY) == Refusal("holiday of site is announced by the configuration, as holiday", Why.CONFLICT, "holiday")
    assert isinstance(one.opens(0, kind=IncidentKind.HOLIDAY, since=T0 + 2 * HOUR), Incident)
    assert one.closes(1, "holiday") == Refusal("incident holiday is announced by the configuration; change it there and reload", Why.CONFLICT, "holiday")


def test_what_is_not_open_is_not_closed() -> None:
    one = Log()
    assert one.closes(0, "7") == Refusal("there is no incident 7", Why.UNKNOWN)
    one.opens(0)
    one.closes(1)
    assert one.closes(2) == Refusal("incident 1 is closed already", Why.CONFLICT, "1")


def test_a_script_that_opens_for_ever_is_stopped() -> None:
    one = Log()
    for at in range(MOST):
        one.opens(at, recovery_us=0)
        one.closes(at, str(at + 1))
    refused = one.opens(MOST)
    assert isinstance(refused, Refusal)
    assert refused.problem == "500 incidents of the last 50 hours are remembered already; whatever opens them had better stop"


# --- the clock --------------------------------------------------------------------------------------------------------------------------


def test_it_moves_with_the_civil_clock() -> None:
    one = Log()
    one.opens(10)
    one.closes(20)
    one.opens(30, kind=IncidentKind.POWER)
    one.log.shift(-HOUR)
    first, second = one.log.all(one.scene.contract)
    assert (first.since, first.until) == (one.scene.us(10) - HOUR, one.scene.us(20) - HOUR)
    assert (second.since, second.until) == (one.scene.us(30) - HOUR, None)
    one.scene.floor.shift(-HOUR)
    one.scene.start -= HOUR
    one.news()
    one.passes(20 + 15 * 60)
    assert [(moment, number) for moment, number, *_ in one.news()] == [("recovered", "1")]


def test_it_is_forgotten_when_it_matters_no_more() -> None:
    one = Log()
    one.opens(0)
    one.closes(60)
    over = 60 + 15 * 60
    one.passes(over + REMEMBER_US // SECOND - 1)
    assert [view.stage for view in one.log.views(one.log.reached, one.scene.contract, one.scene.floor)] == [Stage.OVER]
    one.passes(over + REMEMBER_US // SECOND)
    assert one.log.opened == {}


def test_an_announced_one_is_shown_as_long() -> None:
    past = draft(since=T0 - REMEMBER_US - HOUR, id="past", until=T0 - REMEMBER_US - HOUR + MINUTE)
    one = Log(contract(incidents=(past,)))
    assert one.log.views(T0, one.scene.contract, one.scene.floor) == ()
    assert len(one.log.views(T0 - HOUR, one.scene.contract, one.scene.floor)) == 1
