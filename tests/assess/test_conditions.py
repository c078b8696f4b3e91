"""The table of conditions, and who speaks for whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.assess.conditions import CAUSES, KINDS, LOSSES, About, Condition, Holding, Subject, muted
from monitor.core.contract import Contract, Group, Project, QueueId

PAGE = (Path(__file__).parents[2] / "docs" / "conditions.md").read_text(encoding="utf-8")
CONTRACT = Contract(
    groups=(Group("floor"), Group("night")),
    projects=tuple(
        Project(name, client, group, (QueueId("pbx1", name),))
        for name, client, group in (("bank", "Bank", "floor"), ("cards", "Bank", "floor"), ("shop", "Shop", "floor"), ("taxi", "Taxi", "night"))
    ),
)


def held(condition: Condition, name: str, since: int = 0, **figures: float | str) -> Holding:
    return Holding(condition, Subject(KINDS[condition].about, name), since, figures)


def silent(*holding: Holding) -> dict[str, str]:
    """What is muted by what, as text."""
    return {f"{one[0]} {one[1].name}": f"{by[0]} {by[1].name}" for one, by in muted(holding, CONTRACT).items()}


def test_every_condition_is_in_the_table_and_on_its_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \| .+ \| (holds it|no) \|$", PAGE, re.MULTILINE)
    assert list(KINDS) == list(Condition)
    assert [(Condition(name), About(about.lower()), severity, incident == "holds it") for name, about, severity, incident in rows] == [
        (condition, kind.about, kind.severity, kind.held) for condition, kind in KINDS.items()
    ]


def test_the_page_says_who_speaks_for_whom() -> None:
    section = PAGE.split("## One cause, one message")[1].split("##")[0]
    told = {(Condition(effect), Condition(cause)) for causes, effects in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.+) \|$", section, re.MULTILINE)
            for cause in re.findall(r"`(\w+)`", causes) for effect in re.findall(r"`(\w+)`", effects)}  # fmt: skip
    assert told == {(effect, cause) for effect, causes in CAUSES.items() for cause in causes}


def test_one_lost_client_is_one_message_whatever_it_brings() -> None:
    alarm = (
        held(Condition.PROJECT_SILENT, "bank", 10, reading="client"),
        held(Condition.VOLUME_LOST, "bank", 20, reading="client"),
        held(Condition.VOLUME_LOST, "cards", 15, reading="client"),
        held(Condition.WORKLOAD_BELOW_PLAN, "bank", 20),
        held(Condition.WORKLOAD_BELOW_PLAN, "cards", 20),
        held(Condition.OVERSTAFFED, "floor", 30),
        held(Condition.OCCUPANCY_TOO_LOW, "floor", 30),
    )
    assert set(silent(*alarm).values()) == {"ProjectSilent bank"}
    assert len(silent(*alarm)) == len(alarm) - 1


def test_two_lost_clients_are_two_messages() -> None:
    assert silent(held(Condition.VOLUME_LOST, "bank", reading="client"), held(Condition.VOLUME_LOST, "shop", reading="client")) == {}


@pytest.mark.parametrize("reading", ["telephony", "market"])
def test_what_is_not_the_client_s_is_one_message_for_all(reading: str) -> None:
    alarm = [held(Condition.PROJECT_SILENT, name, since, reading=reading) for since, name in enumerate(("shop", "bank", "taxi"))]
    assert silent(*alarm) == {"ProjectSilent bank": "ProjectSilent shop", "ProjectSilent taxi": "ProjectSilent shop"}


def test_a_project_s_two_losses_are_one_whatever_each_is_read_as() -> None:
    alarm = (held(Condition.PROJECT_SILENT, "shop", 0, reading="telephony"), held(Condition.VOLUME_LOST, "shop", 60, reading="client"))
    assert silent(*alarm) == {"VolumeLost shop": "ProjectSilent shop"}


def test_what_is_out_of_sight_together_is_one_message() -> None:
    dark = [held(Condition.BLIND, name, pbxs=pbx) for name, pbx in (("bank", "pbx1"), ("cards", "pbx1"), ("taxi", "pbx2"))]
    assert silent(*dark) == {"Blind cards": "Blind bank"}


def test_a_loss_that_is_over_mutes_what_it_brought_and_nobody_else_s_loss() -> None:
    over = held(Condition.PROJECT_SILENT, "bank", reading="telephony")
    now = [held(Condition.PROJECT_SILENT, "taxi", 5, reading="telephony"), held(Condition.OCCUPANCY_TOO_LOW, "floor", 5)]
    assert [key[0] for key in muted(now, CONTRACT, [over])] == [Condition.OCCUPANCY_TOO_LOW]


def test_of_two_that_began_at_once_silence_speaks() -> None:
    assert silent(held(Condition.VOLUME_LOST, "taxi"), held(Condition.PROJECT_SILENT, "taxi")) == {"VolumeLost taxi": "ProjectSilent taxi"}


def test_what_is_proven_of_one_project_of_a_client_is_so_of_his_others() -> None:
    """Whichever of his projects is read as the market: he is lost, and that is one message."""
    for first, second in (("client", "market"), ("market", "client")):
        alarm = held(Condition.VOLUME_LOST, "bank", 10, reading=first), held(Condition.VOLUME_LOST, "cards", 20, reading=second)
        assert silent(*alarm, held(Condition.VOLUME_LOST, "shop", 30, reading="market")) == {"VolumeLost cards": "VolumeLost bank"}


def test_the_telephony_is_no_client_s_however_lost_he_is() -> None:
    alarm = held(Condition.VOLUME_LOST, "cards", 10, reading="client"), held(Condition.PROJECT_SILENT, "bank", 20, reading="telephony")
    assert silent(*alarm) == {}


def test_a_chain_of_causes_names_the_one_that_speaks() -> None:
    chain = (held(Condition.MASS_DISCONNECT, "floor"), held(Condition.QUEUE_UNATTENDED, "shop"), held(Condition.LONG_WAIT, "shop"))
    assert silent(*chain) == {"QueueUnattended shop": "MassDisconnect floor", "LongWait shop": "MassDisconnect floor"}


def test_a_cause_elsewhere_mutes_nothing() -> None:
    assert silent(held(Condition.QUEUE_UNATTENDED, "taxi"), held(Condition.LONG_WAIT, "shop")) == {}
    assert silent(held(Condition.MASS_DISCONNECT, "night"), held(Condition.LONG_WAIT, "shop")) == {}
    assert silent(held(Condition.VOLUME_LOST, "taxi"), held(Condition.OCCUPANCY_TOO_LOW, "floor")) == {}


def test_no_condition_is_its_own_cause_and_no_two_speak_for_each_other() -> None:
    def reached(condition: Condition, through: tuple[Condition, ...] = ()) -> None:
        assert condition not in through
        for cause in CAUSES.get(condition, ()):
            reached(cause, (*through, condition))

    for condition in Condition:
        reached(condition)
    assert all(KINDS[condition].about is About.PROJECT for condition in LOSSES)
