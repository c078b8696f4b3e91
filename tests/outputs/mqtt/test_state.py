"""What is published: the API's own figures, what has changed only, nobody's name, and null where nobody can see."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from monitor.assess.conditions import OF_MONEY, Condition
from monitor.assess.outlook import Outlook
from monitor.core.contract import SECOND, Contract
from monitor.outputs.mqtt.state import REFRESH_S, Sent, rows, text
from monitor.outputs.mqtt.topics import Topics
from monitor.outputs.web import api
from monitor.outputs.web.aliases import Aliases
from tests.outputs import hand

TOPICS = Topics("floorwatch", "kyiv/1")


def published(outlook: Outlook, agreed: Contract, *, money: bool = False) -> dict[str, Any]:
    return {topic.removeprefix(f"{TOPICS.root}/"): json.loads(text(row)) for topic, row in rows(outlook, agreed, TOPICS, money=money)}


def floor(outlook: Outlook, agreed: Contract, *, money: bool = False) -> Any:
    return json.loads("".join(api.floor(outlook, agreed, Aliases(), money=money)))


def test_projects_and_groups_are_the_rows_of_the_api() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    for money in (False, True):
        said, page = published(outlook, agreed, money=money), floor(outlook, agreed, money=money)
        for row in page["projects"]:
            queues = [queue for queue in page["queues"] if queue["project"] == row["project"]]
            assert said[f"project/{row['project']}"] == row | {"queues": queues}
        for row in page["groups"]:
            assert said[f"group/{row['group']}"] == row
        assert {topic.partition("/")[0] for topic in said} == {"project", "group", "condition"}


def test_conditions_hold_are_over_or_cannot_be_told() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    said, page = published(outlook, agreed, money=True), floor(outlook, agreed, money=True)
    known = {condition.value for condition, _ in outlook.judgement.states}
    assert page["conditions"]
    for condition in Condition:
        row = said[f"condition/{condition.value}"]
        holding = [one for one in page["conditions"] if one["condition"] == condition.value]
        assert row == {"condition": condition.value, "active": True if holding else False if condition.value in known else None, "holding": holding}
    assert {row["active"] for topic, row in said.items() if topic.startswith("condition/")} == {True, False, None}
    assert not any(condition.value in topic for condition in OF_MONEY for topic in published(outlook, agreed))


def test_nobody_is_named() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    assert outlook.snapshot.agents
    said = json.dumps(published(outlook, agreed, money=True), ensure_ascii=False)
    for agent in outlook.snapshot.agents:
        assert agent.id not in said
        assert agent.name not in said


def test_while_blind_values_of_now_are_null() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    blind = replace(outlook.snapshot, pbxs=tuple(replace(pbx, observed=False) for pbx in outlook.snapshot.pbxs), observed_groups=frozenset())
    said = published(replace(outlook, snapshot=blind), agreed)
    queues = said["project/bank-line"]["queues"]
    assert queues
    assert all(queue["waiting"] is queue["longest_wait_seconds"] is queue["deciding"] is None for queue in queues)
    assert said["group/floor"]["agents"] is None


def test_only_what_has_changed_is_said_again_and_all_of_it_before_it_expires() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    sent = Sent()

    def due(now: float, later: Outlook = outlook) -> list[str]:
        return [topic for topic, row in rows(later, agreed, TOPICS, money=False) if sent.due(topic, row, later.at, now) is not None]

    everything = due(0.0)
    assert len(everything) == len(set(everything)) == len([*rows(outlook, agreed, TOPICS, money=False)])
    assert due(1.0) == []
    moved = {name: {window: replace(span, end=span.end + SECOND) for window, span in spans.items()} for name, spans in outlook.snapshot.projects.items()}
    assert due(2.0, replace(outlook, snapshot=replace(outlook.snapshot, projects=moved))) == []  # it is only later
    queues = tuple(replace(queue, waiting=queue.waiting + 1) if queue.project == "bank-line" else queue for queue in outlook.snapshot.queues)
    assert due(3.0, replace(outlook, snapshot=replace(outlook.snapshot, queues=queues))) == [f"{TOPICS.root}/project/bank-line"]
    assert due(REFRESH_S) == everything


def test_who_left_the_contract_is_taken_away_once() -> None:
    sent = Sent()
    for topic in ("a", "b", "c"):
        sent.due(topic, {}, 0, 0.0)
    assert sent.gone({"a", "c"}) == ["b"]
    assert sent.gone({"a", "c"}) == []


def test_a_payload_says_when() -> None:
    assert json.loads(Sent().due("t", {"x": "\ud800"}, 0, 0.0) or b"") == {"at": "1970-01-01T00:00:00.000000Z", "x": "?"}
