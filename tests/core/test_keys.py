"""Keys that are known: once each, forgotten in the order they were told, and moved by a step of the clock."""

from __future__ import annotations

from monitor.core.keys import Keys, flaw_in


def known() -> Keys[str]:
    keys = Keys[str]()
    for at, (project, key) in enumerate([("bank", "a"), ("bank", "b"), ("shop", "a")]):
        keys.put(project, key, f"{project} {key}", at)
    return keys


def test_a_key_is_known_in_its_project() -> None:
    keys = known()
    assert (keys.get("bank", "a"), keys.get("shop", "a"), keys.get("shop", "b"), keys.get("taxi", "a")) == ("bank a", "shop a", None, None)
    assert len(keys) == 3


def test_what_was_told_before_then_is_forgotten() -> None:
    keys = known()
    keys.forget(1)
    assert (keys.get("bank", "a"), keys.get("bank", "b"), len(keys)) == (None, "bank b", 2)
    keys.shift(10)
    keys.forget(11)
    assert len(keys) == 2
    keys.forget(13)
    assert keys.by_project == {}


def test_a_flaw_names_the_text_and_never_repeats_it() -> None:
    longest = {"key": 5}
    assert flaw_in("key", None, longest, "a thing has key") == "key is missing; a thing has key"
    assert flaw_in("key", "12345", longest, "") is None
    for bad in ("123456", " 123", "1\n2", 7):
        assert flaw_in("key", bad, longest, "") == "key is not a text on one line of at most 5 letters, without blanks around it; mend it"
