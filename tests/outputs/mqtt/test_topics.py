"""Topics: any name is one level, and can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.outputs.mqtt.topics import Command, Kind, Topics, level

NAMES = st.text(min_size=1).filter(lambda name: not any("\ud800" <= sign <= "\udfff" for sign in name))


@pytest.mark.parametrize(
    ("name", "said"),
    [("bank-line", "bank-line"), ("Банк №1", "Банк №1"), ("a/b", "a%2Fb"), ("+#%", "%2B%23%25"), ("a\nb", "a%0Ab"), ("a b", "a b"), ("\u2028", "%E2%80%A8")],
)
def test_what_means_something_in_a_topic_is_written_otherwise(name: str, said: str) -> None:
    assert level(name) == said


@given(NAMES, NAMES)
def test_every_name_is_one_level_and_is_read_back(site: str, name: str) -> None:
    topics = Topics("acme/floorwatch", site)
    assert topics.root.count("/") == 2
    for kind, rest in ((Kind.RESULT, "result/{}"), (Kind.CONTACTS, "contacts/{}"), (Kind.SIGNAL, "signal/{}/set")):
        topic = f"{topics.root}/{rest.format(level(name))}"
        assert not set(topic) & set("+#")
        assert topics.command(topic) == Command(kind, name)
    assert len({topics.of("project", one) for one in (name, f"{name}/", f"{name}%2F")}) == 3


def test_what_is_asked_for_where() -> None:
    topics = Topics("floorwatch", "kyiv-1")
    assert topics.command("floorwatch/kyiv-1/plan/set") == Command(Kind.PLAN)
    assert topics.command("floorwatch/kyiv-1/incident/set") == Command(Kind.INCIDENT)
    for nothing in ("plan", "plan/get", "result", "result/a/b", "status", "signal/storm", "project/bank"):
        assert topics.command(f"floorwatch/kyiv-1/{nothing}") is None
    assert topics.filters == tuple(f"floorwatch/kyiv-1/{rest}" for rest in ("plan/set", "incident/set", "signal/+/set", "result/+", "contacts/+"))
