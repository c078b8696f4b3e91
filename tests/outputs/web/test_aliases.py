"""Aliases: numbered within the group as people appear, and the same afterwards."""

from __future__ import annotations

from monitor.core.snapshot import AgentView, State
from monitor.outputs.web.aliases import Aliases

OLENA = AgentView("pbx1/PJSIP/104", "Олена", "floor", State.TALK, 0, None, "")


def test_an_alias_is_the_group_and_a_number_that_stays() -> None:
    aliases = Aliases()
    ihor, night, guest = OLENA._replace(id="E18"), OLENA._replace(id="E30", group="night"), OLENA._replace(id="x", group=None)
    assert [aliases.of(agent) for agent in (OLENA, ihor, night, guest)] == ["floor 1", "floor 2", "night 1", "no group 1"]
    assert [aliases.of(agent) for agent in (ihor, guest, OLENA._replace(state=State.PAUSED, name="Else"))] == ["floor 2", "no group 1", "floor 1"]


def test_whoever_changes_the_group_has_one_alias_in_each() -> None:
    aliases = Aliases()
    away = OLENA._replace(group="night")
    assert [aliases.of(agent) for agent in (OLENA, away, OLENA, away)] == ["floor 1", "night 1", "floor 1", "night 1"]
