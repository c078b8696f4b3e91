"""The centre's papers, read by the real readers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from monitor import config
from monitor.config import Config
from monitor.core.contract import SECOND
from monitor.core.outgoing import Dialled
from monitor.demo import papers
from monitor.demo.demand import planned
from monitor.demo.events import instant
from monitor.demo.roster import WORKERS
from monitor.demo.world import LINES, QUEUES, TRUNKS

DAY = date(2026, 11, 25)


@pytest.fixture
def loaded(tmp_path: Path) -> Config:
    (tmp_path / "floorwatch.toml").write_text(papers.configuration(ami_port=5038, web_port=9877), encoding="utf-8")
    (tmp_path / "agents.csv").write_text(papers.agents_file(), encoding="utf-8")
    (tmp_path / "plan.csv").write_text(papers.plan(DAY), encoding="utf-8")
    (tmp_path / "signed.csv").write_text(papers.signed(DAY), encoding="utf-8")
    (tmp_path / "ami-secret").touch(mode=0o600)
    (tmp_path / "ami-secret").write_text("secret\n")
    return config.load(tmp_path / "floorwatch.toml")


def test_the_configuration_names_everything_there_is(loaded: Config) -> None:
    contract = loaded.contract
    assert {queue.name for queue in contract.queues} == {queue.name for queue in QUEUES}
    assert {project.name: project.client for project in contract.projects} == {line.project: line.client for line in LINES}
    assert loaded.web.names
    assert loaded.web.money
    assert len(loaded.pbxs) == 1
    assert [project.name for project in contract.projects if project.outbound] == ["collect-line"]
    assert contract.dialled_for(Dialled("pbx1", "PJSIP/trunk-out", "", "", "0501234567", "")) == "collect-line"
    assert {device for trunk in contract.trunks for device in trunk.devices} == {f"PJSIP/{trunk}" for trunk in TRUNKS}
    for worker in WORKERS:
        person = contract.person_for("pbx1", worker.interface)
        assert person is not None
        assert (person.name, person.group) == (worker.name, worker.group)


def test_every_client_pays_in_another_way(loaded: Config) -> None:
    tariffs = [project.tariffs[0] for project in loaded.contract.projects]
    kinds = ("per_minute", "per_call", "per_agent_hour", "flat_month")
    assert [[kind for kind in kinds if getattr(tariff, kind) is not None] for tariff in tariffs] == [[kind] for kind in kinds]
    bank, *others = loaded.contract.projects
    assert bank.signed[0].calls_u == config.read_plan(loaded).over(bank.name, instant(DAY, 0), instant(DAY, 24)).calls_u
    assert not any(project.signed for project in others)
    assert not [note for note in loaded.notes if "wage" in note or "tariff" in note]


def test_the_plan_is_the_one_the_centre_was_built_around(loaded: Config) -> None:
    plan = config.read_plan(loaded)
    for line in LINES:
        over = plan.over(line.project, instant(DAY, 0), instant(DAY, 24))
        assert over.calls_u / 1e6 == pytest.approx(sum(row.volume for row in planned(DAY) if row.line is line and row.reached is None), abs=0.5)
        assert plan.at(line.project, instant(DAY, 24 + 11)) is not None, "tomorrow too"
    agents = plan.agents([line.project for line in LINES], instant(DAY, 11.5))
    assert agents is not None
    assert 15 < agents / 1e6 < 22


def test_every_project_is_planned_exactly_while_it_is_open(loaded: Config) -> None:
    plan = config.read_plan(loaded)
    for project in loaded.contract.projects:
        for half in range(48):
            at = instant(DAY, half / 2) + SECOND
            assert (plan.at(project.name, at) is not None) == project.open_at(at), (project.name, half / 2)
