"""Contacts of other channels: counted once under their key, in families of their own, and refused in one line that repeats no key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import channel_contacts
from monitor.core.channel_contacts import ChannelContact, ChannelContacts, ChannelContactsTold, Taken, TakenOrNot, flaw
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Counters, Outcome
from monitor.core.incident_log import NO_PBX, Refusal, Why
from monitor.core.keys import AHEAD_US, DAY_US, OLDEST_US
from tests.core.scene import T0, contract, project

AGREED = contract(project("bank", channels=("chat", "viber")), project("shop"))
NUMBER = "380501234567"
CHAT = ChannelContact("bank", "chat", NUMBER, T0, Outcome.ANSWERED, T0 + SECOND, None, 90 * SECOND)


class Book:
    """What is known and counted."""

    def __init__(self) -> None:
        self.contacts = ChannelContacts()
        self.counters = Counters.starting(AGREED, ())

    def tell(self, *told: ChannelContact, at: int = T0 + MINUTE) -> tuple[TakenOrNot, ...]:
        return self.contacts.hear(ChannelContactsTold(NO_PBX, at, told, "mqtt"), AGREED, self.counters)

    def refuse(self, told: ChannelContact, at: int = T0 + MINUTE) -> Refusal:
        (answer,) = self.tell(told, at=at)
        assert isinstance(answer, Refusal)
        assert NUMBER not in answer.problem
        return answer


def test_a_contact_counts_once_whoever_repeats_it() -> None:
    book = Book()
    assert [book.tell(CHAT) for _ in range(3)] == [(Taken(False, "chat"),), (Taken(True, "chat"),), (Taken(True, "chat"),)]
    assert {key: count for key, count in book.counters.channel_contacts.items() if count} == {("bank", "chat", Outcome.ANSWERED): 1}
    assert book.counters.channel_handle_us["bank", "chat"] == 90 * SECOND
    assert not any(any(row) for row in book.counters.contacts.values())


def test_a_channel_nobody_configured_is_other_and_series_are_bounded() -> None:
    book = Book()
    for number in range(1000):
        told = ChannelContact("bank", f"channel {number}", f"{number}", T0, Outcome.ABANDONED)
        assert book.tell(told) == (Taken(False, "other"),)
    assert set(book.counters.channel_contacts) == {
        ("bank", channel, how) for channel in ("chat", "viber", "other") for how in (Outcome.ANSWERED, Outcome.ABANDONED)
    }
    assert book.tell(CHAT._replace(project="shop")) == (Taken(False, "other"),)


def test_what_is_configured_is_there_at_zero_and_nothing_else() -> None:
    counters = Counters.starting(AGREED, ())
    assert set(counters.channel_handle_us.items()) == {(("bank", channel), 0) for channel in ("chat", "viber", "other")}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"arrived_at": T0 + MINUTE - OLDEST_US - 1}, "arrived more than 35 days ago; its key may be forgotten by now, so it could be counted twice"),
        ({"ended_at": T0 + MINUTE + AHEAD_US + 1}, "is of a time in more than 5 minutes; tell it then, and look at the clock of the machine that tells it"),
        ({"answered_at": T0 - 1}, "arrived_at, answered_at and ended_at are not in this order; look at which is which"),
        ({"ended_at": T0 + 1}, "arrived_at, answered_at and ended_at are not in this order; look at which is which"),
        ({"outcome": Outcome.ABANDONED}, "outcome abandoned has an answered_at; correct one of the two"),
        ({"answered_at": None}, "outcome answered has no answered_at; correct one of the two"),
    ],
)
def test_what_cannot_be_is_refused_and_its_key_stays_free(change: dict[str, object], problem: str) -> None:
    book = Book()
    assert book.refuse(CHAT._replace(**change)) == Refusal(problem)  # type: ignore[arg-type]
    assert book.tell(CHAT) == (Taken(False, "chat"),)


def test_a_key_is_one_contact_s() -> None:
    book = Book()
    book.tell(CHAT)
    problem = "a contact of bank with this key was told before, of another outcome or length; another contact needs a key of its own"
    for other in (CHAT._replace(outcome=Outcome.ABANDONED, answered_at=None), CHAT._replace(handle_us=1)):
        assert book.refuse(other) == Refusal(problem, Why.CONFLICT)
    assert book.tell(CHAT._replace(project="shop")) == (Taken(False, "other"),)  # keys are a project's own


def test_no_such_project_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book()
    assert book.refuse(CHAT._replace(project="bnk")) == Refusal("unknown project 'bnk'; did you mean 'bank'?", Why.UNKNOWN)
    book.tell(CHAT)
    monkeypatch.setattr(channel_contacts, "MOST", 1)
    assert book.refuse(CHAT._replace(key="other")).why is Why.BUSY
    assert book.tell(CHAT) == (Taken(True, "chat"),)


def test_a_key_is_known_for_forty_days_on_any_clock() -> None:
    book = Book()
    book.tell(CHAT)
    book.contacts.shift(DAY_US)
    assert book.tell(CHAT, at=T0 + MINUTE + 41 * DAY_US)[0] == Taken(True, "chat")
    assert isinstance(book.tell(CHAT, at=T0 + MINUTE + 41 * DAY_US + 1)[0], Refusal)  # forgotten, and too old to be told
    assert book.contacts.known.by_project == {}


@pytest.mark.parametrize("text", [None, "", " a", "a\n", 7, ["a"], "x" * 121])
def test_a_bad_key_is_said_and_not_repeated(text: object) -> None:
    assert (flaw("key", text) or "").startswith("key is ")
    assert flaw("key", NUMBER) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["chat", "mail"]), st.booleans()), max_size=40))
def test_counts_are_the_keys_that_were_first(told: list[tuple[int, str, bool]]) -> None:
    book = Book()
    first: dict[int, bool] = {}
    for number, channel, answered in told:
        outcome = Outcome.ANSWERED if answered else Outcome.ABANDONED
        book.tell(ChannelContact("bank", channel, f"{number}", T0, outcome, T0 if answered else None))
        first.setdefault(number, answered)
    assert sum(book.counters.channel_contacts.values()) == len(first)
    assert sum(count for (_, _, how), count in book.counters.channel_contacts.items() if how is Outcome.ANSWERED) == sum(first.values())
