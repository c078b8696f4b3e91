"""What one client is answered: the words of AMI, rights, and everything that is no action."""

from __future__ import annotations

import pytest

from monitor.core.contract import SECOND
from monitor.demo.manager import MOST_LINES, Account, Conversation, Framer, stanza
from tests.demo.crowd import START, Crowd

AT = START + 5 * SECOND


def conversation(*write: str, login: bool = True) -> Conversation:
    it = Conversation(Account("u", "s", write=frozenset(write)), Crowd(0, 0).switch, "123456789")
    if login:
        it.answer({"action": "Login", "username": "u", "secret": "s"}, AT)
    return it


def said(it: Conversation, **action: str) -> str:
    return it.answer(action, AT).data.decode()


def test_an_answer_carries_the_action_id_where_asterisk_puts_it() -> None:
    assert said(conversation(), action="Ping", actionid="7") == f"Response: Success\r\nActionID: 7\r\nPing: Pong\r\nTimestamp: {AT // SECOND}.000000\r\n\r\n"
    assert said(conversation(), action="pInG").startswith("Response: Success\r\nPing")


def test_a_list_is_framed() -> None:
    text = said(conversation(), action="QueueStatus", actionid="7", queue="bank")
    first, *rows, last, _ = text.split("\r\n\r\n")
    assert first == "Response: Success\r\nActionID: 7\r\nEventList: start\r\nMessage: Queue status will follow"
    assert last == f"Event: QueueStatusComplete\r\nActionID: 7\r\nEventList: Complete\r\nListItems: {len(rows)}"
    assert len(rows) == 6
    assert said(conversation(), action="QueueStatus", queue="none").endswith("EventList: Complete\r\nListItems: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"action": "Nonsense"}, "Invalid/unknown command: Nonsense. Use Action: ListCommands to show available commands."),
        ({"nothing": "x"}, "Missing action in request"),
        ({"action": "Originate"}, "Permission denied"),
        ({"action": "Getvar", "channel": "PJSIP/none", "variable": "X"}, "No such channel"),
        ({"action": "Getvar"}, "No variable specified"),
        ({"action": "Challenge", "authtype": "SHA"}, "Must specify AuthType"),
        ({"action": "Events"}, "Missing EventMask"),
    ],
)
def test_an_error_says_why(action: dict[str, str], message: str) -> None:
    assert said(conversation("reporting"), **action, actionid="7") == f"Response: Error\r\nActionID: 7\r\nMessage: {message}\r\n\r\n"


@pytest.mark.parametrize("action", ["CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar"])
def test_without_the_right_it_is_denied_and_not_listed(action: str) -> None:
    assert "Permission denied" in said(conversation(), action=action)
    assert f"\r\n{action}: " not in said(conversation(), action="ListCommands")
    assert f"\r\n{action}: " in said(conversation("reporting"), action="ListCommands")


def test_before_the_login_everything_is_denied() -> None:
    it = conversation("reporting", login=False)
    assert "Permission denied" in said(it, action="Ping")
    assert not it.wants({"Event": "X", "Privilege": "agent,all"})
    assert it.answer({"action": "Login", "username": "u", "secret": "s"}, AT, refuse=True).closes


def test_a_login_by_md5_needs_its_challenge() -> None:
    it = conversation(login=False)
    key = "0" * 32
    assert it.answer({"action": "Login", "authtype": "MD5", "username": "u", "key": key}, AT).slow


def test_a_second_login_changes_nothing() -> None:
    assert "Already logged in" in said(conversation(), action="Login")


def test_a_line_end_in_a_value_begins_no_header() -> None:
    assert stanza({"A": "b\r\nC: d"}) == b"A: b  C: d\r\n\r\n"


def test_actions_are_framed_however_they_arrive() -> None:
    data = b"Action: Ping\r\nActionID: 1\r\n\r\nAction:Logoff\n\n"
    whole = [*Framer().feed(data)]
    framer = Framer()
    assert [each for i in range(len(data)) for each in framer.feed(data[i : i + 1])] == whole == [{"action": "Ping", "actionid": "1"}, {"action": "Logoff"}]


def test_too_much_is_refused_and_forgotten() -> None:
    framer = Framer()
    assert [*framer.feed(b"Action: " + b"x" * 2000)] == []
    assert len(framer._line) <= 1
    assert [*framer.feed(b"x\r\n\r\n")] == ["Failed to parse message: line too long"]
    assert [*framer.feed(b"A: b\n" * (MOST_LINES + 1) + b"\n")] == ["Too many lines in message or allocation failure"]
    assert [*framer.feed(b"Action: Ping\n\n")] == [{"action": "Ping"}]
