"""The headers of one message: in both line ends, with and without the blank, the first of a repeated one, and channel variables by their names."""

from __future__ import annotations

import pytest

from monitor.sources.ami.headers import parse, variable

DIAL = (
    b"Event: DialBegin\r\nChannel: PJSIP/a-1\r\nChanVariable: NAME=Olena\r\nChanVariable: REGION=Kyiv=city\r\n"
    b"DestChanVariable: REGION=\r\nDestChanVariable: OTHER"
)


@pytest.mark.parametrize(
    "frame",
    [DIAL, DIAL.replace(b"\r\n", b"\n"), DIAL.replace(b": ", b":")],
    ids=["as Asterisk does", "bare LF", "without the blank"],
)
def test_a_variable_has_a_header_of_its_own(frame: bytes) -> None:
    message = parse(frame)
    assert (message["Event"], message["Channel"]) == ("DialBegin", "PJSIP/a-1")
    assert {header: text for header, text in message.items() if " " in header} == {
        "ChanVariable NAME": "Olena",
        "ChanVariable REGION": "Kyiv=city",
        "DestChanVariable REGION": "",
        "DestChanVariable OTHER": "",
    }


def test_of_two_with_one_name_the_first_is_kept() -> None:
    message = parse(b"Event: Hangup\r\nChanVariable: REGION=Kyiv\r\nEvent: Forged\r\nChanVariable: REGION=Forged")
    assert (message["Event"], variable(message, "REGION")) == ("Hangup", "Kyiv")


def test_a_name_with_the_word_in_it_is_no_variable() -> None:
    message = parse(b"Event: Hangup\r\nCallerIDName: ChanVariable: REGION=Kyiv\r\nXChanVariable: REGION=Kyiv")
    assert not any(" " in header for header in message)
    assert variable(message, "REGION") == ""


@pytest.mark.parametrize(
    ("dial", "region"),
    [
        ({}, ""),
        ({"ChanVariable REGION": "Kyiv"}, "Kyiv"),
        ({"DestChanVariable REGION": "Lviv"}, "Lviv"),
        ({"ChanVariable REGION": "Kyiv", "DestChanVariable REGION": "Lviv"}, "Lviv"),
        ({"ChanVariable REGION": "Kyiv", "DestChanVariable REGION": ""}, "Kyiv"),
    ],
)
def test_the_leg_knows_better_than_whoever_calls(dial: dict[str, str], region: str) -> None:
    assert variable(dial, "REGION") == region
    assert variable(dial, "") == ""
