"""`/api/v1/floor`: the whole JSON against a golden file, its shape against its docstring, null for what nobody sees."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.assess.judgement import Judgement
from monitor.core.contract import Language
from monitor.outputs.daemon import Simulation
from monitor.outputs.web import api
from monitor.outputs.web.aliases import Aliases
from tests.conftest import Golden
from tests.outputs import hand

HERE = Path(__file__).parent.parent / "golden"


def floor(*, names: bool = False, money: bool = False, simulation: Simulation | None = None, language: Language = Language.ENGLISH) -> dict[str, Any]:
    agreed = hand.contract(language=language)
    answer: dict[str, Any] = json.loads("".join(api.floor(hand.outlook(agreed), agreed, Aliases(), names=names, money=money, simulation=simulation)))
    return answer


def by(key: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


@pytest.mark.golden
def test_the_whole_answer(golden: Golden) -> None:
    golden(HERE / "floor.json", json.dumps(floor(), ensure_ascii=False, indent=1) + "\n")


def test_every_key_is_in_the_documented_shape() -> None:
    documented = set(re.findall(r'"([a-z_]+)"', api.__doc__ or ""))

    whole = floor(money=True, simulation=Simulation(7, 10))

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for name, inner in value.items() if name != "figures" for key in keys(inner)}
        return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()

    free = {"15m", "recent", "two_days", "silence"} | {key for key in keys(whole) if key.startswith("sl_")} | set(whole["groups"][0]["agents"])
    assert keys(whole) - free == documented - {"kyiv"}


def test_keys_are_the_same_whatever_is_known() -> None:
    answer = floor()
    for section in ("pbxs", "queues", "agents"):
        assert len({tuple(row) for row in answer[section]}) == 1, section
    for section in ("projects", "groups"):
        assert len({tuple(row) for row in answer[section]}) == 1, section
        assert len({(name, tuple(window)) for row in answer[section] for name, window in row["windows"].items()}) == 5, section


def test_times_are_iso_and_in_utc() -> None:
    answer = floor()
    assert answer["at"] == "2025-11-24T16:00:00.000000Z"
    assert by("pbx", answer["pbxs"])["pbx2"]["blind_since"] == "2025-11-24T15:59:48.000000Z"
    assert by("alias", answer["agents"])["floor 1"]["since"] == "2025-11-24T15:59:20.000000Z"


def test_what_nobody_sees_is_null() -> None:
    answer = floor()
    queues, groups = by("queue", answer["queues"]), by("group", answer["groups"])
    assert [queues[hand.TAXI.name][key] for key in ("waiting", "deciding", "longest_wait_seconds")] == [None, None, None]
    assert [queues["shop"][key] for key in ("waiting", "deciding", "longest_wait_seconds")] == [0, 0, 0]
    assert [queues["fax"][key] for key in ("project", "client", "waiting")] == [None, None, 1]
    assert groups["night"]["agents"] is None
    assert groups["floor"]["agents"]["paused"] == 3
    taxi = by("project", answer["projects"])["taxi-line"]
    assert (taxi["plan"]["end"], taxi["windows"]["hour"]["offered_erlangs"], taxi["windows"]["hour"]["service_level"]) == (None, None, {})


def test_names_and_ids_are_shown_only_where_the_site_asked() -> None:
    assert {(row["agent"], row["name"]) for row in floor()["agents"]} == {(None, None)}
    assert by("agent", floor(names=True)["agents"])["E17"]["name"] == "Олена"


def test_an_alias_tells_neither_name_nor_extension() -> None:
    agents = floor()["agents"]
    assert [row["alias"] for row in agents] == ["floor 1", "floor 2", "floor 3", "floor 4", "floor 5", "night 1", "no group 1"]
    assert not [word for word in ("PJSIP", "E17", "Олена", "guest") if word in json.dumps(agents, ensure_ascii=False)]
    assert [row["alias"] for row in floor(names=True)["agents"]] == [row["alias"] for row in agents]


def test_a_made_up_floor_says_so() -> None:
    assert floor()["simulation"] is None
    assert floor(simulation=Simulation(7, 2.5))["simulation"] == {"seed": 7, "speed": 2.5}


def test_limits_stand_beside_what_they_limit() -> None:
    groups = by("group", floor()["groups"])
    assert groups["floor"]["occupancy_limits"] == {"min": 0.6, "max": 0.88}


def test_no_piece_is_long() -> None:
    """A piece is what the loop waits for: even of the largest floor each is one row."""
    agreed, outlook = hand.large(500, 50)
    assert max(len(piece) for piece in api.floor(outlook, agreed, Aliases())) < 6_000


# --- what was judged ------------------------------------------------------------------------------------------------------------------


def test_what_holds_is_told_with_its_sentence_and_figures() -> None:
    lost, blind, understaffed, clock = floor()["conditions"]
    assert lost == {
        "condition": "VolumeLost", "severity": "critical", "about": "project", "name": "bank-line", "client": "Bank", "since": "2025-11-24T15:30:00.000000Z",
        "sentence": "Bank: 41 contacts came, 96 were planned since opening (\N{MINUS SIGN}57\N{NO-BREAK SPACE}%); this client's volume has moved",
        "figures": {"detector": "day", "came": 41, "planned": 96.25, "deviation": -0.574, "p": 0.00025, "reading": "client", "cusum": 1.5},
    }  # fmt: skip
    assert (blind["client"], understaffed["client"], clock["client"], clock["about"]) == (hand.TAXI_CLIENT, None, None, "pbx")


def test_what_something_else_says_is_apart() -> None:
    by = {"condition": "VolumeLost", "about": "project", "name": "bank-line", "client": "Bank"}
    assert floor()["muted"] == [{"condition": "WorkloadBelowPlan", "about": "project", "name": "bank-line", "client": "Bank", "by": by}]


def test_sentences_are_in_the_site_s_language() -> None:
    answer = floor(language=Language.UKRAINIAN)
    assert answer["language"] == "uk"
    assert answer["conditions"][2]["sentence"] == "Група floor: на місці 2 оператори, потрібно 4; у середньому за останні 15 хвилин було 2,5"
    assert by("project", answer["projects"])["taxi-line"]["verdict"] == {"word": "blind", "sentence": "АТС не видно, тож сказати нічого не можна"}


def test_a_project_is_judged_and_forecast() -> None:
    projects = by("project", floor()["projects"])
    bank, shop, taxi = (projects[name] for name in ("bank-line", "shop-line", "taxi-line"))
    assert bank["verdict"]["word"] == "act"
    assert bank["judged"]["cause"] == {"reading": "client", "share_p": 0.0025, "pbxs": []}
    assert bank["judged"]["detectors"]["silence"] == {"came": 0, "planned": 1.25, "loss_p": 0.25, "surge_p": None}
    assert bank["forecast"]["low"] < bank["forecast"]["day"] < bank["forecast"]["high"]
    assert (bank["forecast"]["day"], bank["agents_required"], bank["eligible"]["paused"]) == (151.25, 3, 3)
    assert list(shop["judged"]["detectors"]) == ["day", "silence"]
    assert [taxi[key] for key in ("forecast", "agents_required", "eligible")] == [None, None, None]
    assert taxi["judged"]["deviation"] is None


def test_a_group_is_held_against_its_need() -> None:
    groups = by("group", floor()["groups"])
    keys = ("held", "need", "staffed_now", "net_staffing")
    assert [groups["floor"][key] for key in keys] == [False, {"now": 4, "next": 5, "gross": 6}, 2, -2]
    assert [groups["night"][key] for key in keys] == [True, None, None, None]


def test_before_anything_is_judged_the_keys_are_there() -> None:
    agreed = hand.contract()
    answer = json.loads("".join(api.floor(replace(hand.outlook(agreed), judgement=Judgement()), agreed, Aliases())))
    assert (answer["conditions"], answer["muted"]) == ([], [])
    bank = by("project", answer["projects"])["bank-line"]
    assert bank["verdict"] == {"word": None, "sentence": "Too early to say"}
    assert [bank[key] for key in ("held", "judged", "forecast", "agents_required", "eligible")] == [None] * 5
    assert set(answer["projects"][0]) == set(floor()["projects"][0])
