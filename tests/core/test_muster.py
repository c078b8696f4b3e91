"""Who of those an incident found is away, still talking, or back; who cannot be seen is neither."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from monitor.core.contract import Group
from monitor.core.incidents import Scope
from monitor.core.muster import Concern, Figures, Muster
from tests.core.scene import Scene, busy, contract, project


def concern(scene: Scene, scope: str = "site") -> Concern:
    return Scope.of(scope).concern(scene.contract)


def mustered(scene: Scene, at: float, scope: str = "site", since: float | None = None) -> Muster:
    scene.floor.advance(scene.us(at))
    muster = Muster()
    muster.look(scene.floor, concern(scene, scope), scene.us(at if since is None else since))
    return muster


def figures(scene: Scene, muster: Muster, at: float, scope: str = "site") -> Figures:
    scene.floor.advance(scene.us(at))
    muster.look(scene.floor, concern(scene, scope), scene.us(at))
    found = muster.figures(scene.floor, concern(scene, scope))
    assert found is not None
    return found


def told(found: Figures) -> dict[str, object]:
    """What is neither nought nor false."""
    return {name: value for name, value in asdict(found).items() if value not in (0, False) or value is None}


def test_at_its_beginning_everybody_is_there() -> None:
    scene = busy()
    assert told(figures(scene, mustered(scene, 10), 10)) == {"people": 3, "talking": 1, "pausing": 1, "waiting": 2}


def test_who_logs_off_is_away_and_who_returns_is_back() -> None:
    scene = busy()
    muster = mustered(scene, 10)
    scene.removed(20, "bank", "bob")
    scene.removed(21, "bank", "eve")
    assert told(figures(scene, muster, 22)) == {"people": 3, "away": 2, "talking": 1, "waiting": 2}
    scene.member(30, "bank", "eve")
    assert told(figures(scene, muster, 31)) == {"people": 3, "away": 1, "talking": 1, "back": 1, "waiting": 2}


def test_who_was_never_away_is_not_back() -> None:
    scene = busy()
    assert figures(scene, mustered(scene, 10), 60).back == 0


def test_a_phone_that_cannot_be_reached_is_away_at_once_and_after_its_grace() -> None:
    scene = Scene().staffed("ann", "bob")
    muster = mustered(scene, 10)
    scene.member(20, "bank", "ann", 5)
    assert figures(scene, muster, 21).away == 1
    assert figures(scene, muster, 200).away == 1
    scene.member(210, "bank", "ann", 1)
    assert (found := figures(scene, muster, 211)).away == 0
    assert found.back == 1


def test_a_talk_on_hold_is_a_talk() -> None:
    scene = busy()
    muster = mustered(scene, 10)
    scene.floor.staff.hold(scene.agent("ann").talks[0], True, scene.us(11))
    assert figures(scene, muster, 12).talking == 1


def test_who_left_just_before_it_was_said_is_on_the_roll() -> None:
    """The siren is at 0, bob runs at once, and the supervisor says so five minutes later; a third had gone home an hour before."""
    scene = Scene().staffed("ann", "bob", "zed", at=-7200)
    scene.removed(-3600, "bank", "zed")
    scene.removed(10, "bank", "bob")
    muster = mustered(scene, 300, since=0)
    found = figures(scene, muster, 300)
    assert told(found) == {"people": 2, "away": 1, "late": True}


def test_who_ran_a_moment_before_it_begins_counts_too() -> None:
    scene = Scene().staffed("ann", "bob")
    scene.removed(100, "bank", "bob")
    assert told(figures(scene, mustered(scene, 150), 150)) == {"people": 2, "away": 1}
    assert told(figures(scene, mustered(scene, 100 + 121), 221)) == {"people": 1}


def test_a_roll_that_is_taken_within_a_minute_is_not_late() -> None:
    scene = Scene().staffed("ann")
    assert not mustered(scene, 60, since=0).late
    assert mustered(scene, 61, since=0).late


def test_who_cannot_be_seen_is_neither_away_nor_back_nor_there() -> None:
    scene = busy()
    muster = mustered(scene, 10)
    scene.removed(20, "bank", "bob")
    assert figures(scene, muster, 21).away == 1
    scene.lost(30)
    found = figures(scene, muster, 31)
    assert (found.away, found.unseen, found.talking, found.back, found.waiting) == (1, 2, 0, 0, None)


def test_who_came_later_is_not_on_the_roll() -> None:
    scene = Scene().staffed("ann")
    muster = mustered(scene, 10)
    scene.member(20, "bank", "new")
    assert told(figures(scene, muster, 21)) == {"people": 1}


def test_a_person_who_is_forgotten_is_away() -> None:
    scene = Scene().staffed("ann", "bob")
    muster = mustered(scene, 10)
    scene.floor.staff.agents.pop(scene.agent("bob").id)
    assert figures(scene, muster, 11).away == 1


# --- scopes -----------------------------------------------------------------------------------------------------------------------------


def two_pbxs() -> Scene:
    """bank and shop on pbx1 for floor, taxi on pbx2 for night, club on both for floor."""
    projects = (project("bank"), project("shop"), project("taxi", "pbx2/taxi", group="night"), project("club", "pbx1/club", "pbx2/club"))
    scene = Scene(contract(*projects, pbxs=("pbx1", "pbx2"), groups=(Group("floor"), Group("night"))))
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "shop", "bob")])
    other = scene.on("pbx2")
    other.sight(members=[other.row(0, "taxi", "eve"), other.row(0, "club", "kim")])
    for number, (one, queue) in enumerate([(scene, "bank"), (scene, "bank"), (scene, "shop"), (other, "taxi"), (other, "club")]):
        one.channel(1, f"c{number}")
        one.join(1, f"c{number}", queue)
    return scene


@pytest.mark.parametrize("scope", ["pbx:pbx2", "project:taxi", "group:cabs"])
def test_whoever_is_on_a_pbx_that_was_never_seen_is_on_the_roll_once_it_is(scope: str) -> None:
    agreed = contract(project("bank"), project("taxi", "pbx2/taxi", group="cabs"), pbxs=("pbx1", "pbx2"), groups=(Group("floor"), Group("cabs")))
    scene = Scene(agreed).staffed("ann")
    muster = mustered(scene, 10, scope)
    assert muster.figures(scene.floor, concern(scene, scope)) is None
    other = scene.on("pbx2")
    other.sight(at=100, members=[other.row(100, "taxi", "eve"), other.row(100, "taxi", "kim")])
    assert told(figures(scene, muster, 101, scope))["people"] == 2


def people(scene: Scene, scope: str) -> tuple[set[str], int | None]:
    muster = mustered(scene, 10, scope)
    names = {agent.name for agent in scene.floor.staff.agents.values() if agent.id in (muster.people or ())}
    return names, figures(scene, muster, 10, scope).waiting


def test_a_scope_has_its_groups_people_and_its_projects_callers() -> None:
    scene = two_pbxs()
    assert people(scene, "site") == ({"ann", "bob", "eve", "kim"}, 5)
    assert people(scene, "client:Bank") == ({"ann", "bob", "kim"}, 2)  # the group works for others too
    assert people(scene, "project:taxi") == ({"eve"}, 1)
    assert people(scene, "group:night") == ({"eve"}, 1)
    assert people(scene, "pbx:pbx1") == ({"ann", "bob"}, 3)
    assert people(scene, "pbx:pbx2") == ({"eve", "kim"}, 2)


def test_who_waits_is_not_known_where_a_part_of_the_scope_is_out_of_sight() -> None:
    scene = two_pbxs()
    scene.on("pbx2").lost(5)
    assert people(scene, "site")[1] is None
    assert people(scene, "project:bank")[1] == 2
    assert people(scene, "project:club")[1] is None
    assert people(scene, "pbx:pbx1")[1] == 3
    assert people(scene, "pbx:pbx2")[1] is None


def test_a_scope_that_is_agreed_no_more_has_nobody() -> None:
    scene = Scene().staffed("ann")
    assert mustered(scene, 10, "pbx:pbx9").figures(scene.floor, concern(scene, "pbx:pbx9")) is None
    assert people(scene, "project:nix") == (set(), 0)
