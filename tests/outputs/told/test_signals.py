"""What a program may send of a signal, and the line that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import SECOND
from monitor.outputs.told.reading import WrongError
from monitor.outputs.told.signals import Told, read

KYIV = ZoneInfo("Europe/Kyiv")
AT = 1_764_000_000 * SECOND
LIKE = 'send {"name": "storm", "state": "on"}'
A_TIME = "is not a time; write it as 2026-12-25T14:00:00+02:00, or without an offset in the site's time"
A_REGION = "is not a region; write a name on one line of at most 60 letters, without blanks around it"
A_NAME = "is not a signal's name; send one that the configuration has"


def body(**sent: Any) -> bytes:
    return json.dumps(sent).encode()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"name": "storm", "state": "on"}, Told("storm", on=True)),
        ({"name": "storm", "state": "off", "region": "Київ", "at": None}, Told("storm", on=False, region="Київ")),
        ({"name": "storm", "state": "on", "at": "2025-11-24T18:00"}, Told("storm", on=True, since=AT)),
        (
            {"name": "storm", "state": "on", "at": "2025-11-24T16:00:00Z", "until": "2025-11-24T19:00+01:00"},
            Told("storm", on=True, since=AT, until=AT + 7200 * SECOND),
        ),
    ],
)
def test_what_may_be_sent(sent: dict[str, Any], told: Told) -> None:
    assert read(body(**sent), KYIV) == told


def test_a_topic_has_the_name() -> None:
    assert read(b'{"state": "on"}', KYIV, "storm") == read(b'{"state": "on", "name": "storm"}', KYIV, "storm") == Told("storm", on=True)
    with pytest.raises(WrongError, match="name is not that of the topic; leave it out"):
        read(b'{"state": "on", "name": "law"}', KYIV, "storm")


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({}, "state is missing; say on or off"),
        ({"state": "on"}, f"name is missing; {LIKE}"),
        ({"name": "", "state": "on"}, f'name "" {A_NAME}'),
        ({"name": 7, "state": "on"}, f"name 7 {A_NAME}"),
        ({"name": "x" * 61, "state": "on"}, f'name "{"x" * 56}… {A_NAME}'),
        ({"name": "a\nb", "state": "on"}, f'name "a\\nb" {A_NAME}'),
        ({"name": "storm", "state": "On"}, 'state "On" is not one of on, off'),
        ({"name": "storm", "state": True}, "state true is not one of on, off"),
        ({"name": "storm", "state": ["on"]}, 'state ["on"] is not one of on, off'),
        ({"name": "storm", "state": "on", "region": ""}, f'region "" {A_REGION}'),
        ({"name": "storm", "state": "on", "region": 7}, f"region 7 {A_REGION}"),
        ({"name": "storm", "state": "on", "at": "10:42"}, f'at "10:42" {A_TIME}'),
        ({"name": "storm", "state": "on", "at": 1764000000}, f"at 1764000000 {A_TIME}"),
        ({"name": "storm", "state": "on", "until": "tomorrow"}, f'until "tomorrow" {A_TIME}'),
        ({"name": "storm", "state": "on", "since": "2025-11-24T18:00"}, "unknown key 'since'; known: name, state, region, at, until"),
    ],
)
def test_what_nobody_can_mean_is_refused_in_one_line(sent: dict[str, Any], line: str) -> None:
    with pytest.raises(WrongError) as caught:
        read(body(**sent), KYIV)
    assert str(caught.value) == line


@pytest.mark.parametrize(("sent", "line"), [(b"", "the body is not JSON"), (b"\xff", "the body is not JSON"), (b"[" * 60_000, "the body is not JSON"),
                                            (b"[]", "the body is not an object"), (b'"on"', "the body is not an object")])  # fmt: skip
def test_what_is_no_json_is_refused(sent: bytes, line: str) -> None:
    with pytest.raises(WrongError) as caught:
        read(sent, KYIV)
    assert str(caught.value) == f"{line}; {LIKE}"


texts = st.dictionaries(st.sampled_from(["name", "state", "region", "at", "until"]), st.text() | st.integers())


@given(st.binary(max_size=60) | texts.map(lambda sent: body(**sent)))
def test_whatever_comes_is_read_or_refused(sent: bytes) -> None:
    line = ""
    try:
        line = read(sent, KYIV).name
    except WrongError as error:
        line = str(error)
    assert line
    assert "\n" not in line
