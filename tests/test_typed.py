"""What is typed as a number: taken when it can be meant, else one line that says what to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from monitor import typed
from monitor.errors import BadOption


def test_numbers() -> None:
    assert [typed.port("0"), typed.port("9877"), typed.port("65535")] == [0, 9877, 65535]
    assert [typed.seed("-3"), typed.seed("7")] == [-3, 7]
    assert [typed.speed("0.1", 0.1, 60), typed.speed("1e1", 0.1, 60), typed.speed("60", 0.1, 60)] == [0.1, 10, 60]
    assert [typed.seconds("0.5", 0.1, 600), typed.seconds("600", 0.1, 600)] == [0.5, 600]
    assert [typed.whole("--weeks", "1", 1, 104, 8), typed.whole("--weeks", "104", 1, 104, 8)] == [1, 104]
    assert [typed.more_or_less("--seconds", text, 90_000) for text in ("3600", "+0.5", "-90000")] == [Decimal(3600), Decimal("0.5"), Decimal(-90_000)]
    assert typed.day("--start", "2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("read", "text", "line"),
    [
        (typed.port, "65536", "--port 65536: is not a port; write a number from 1 to 65535, or 0 for any free one"),
        (typed.port, "-1", "--port -1: is not a port; write a number from 1 to 65535, or 0 for any free one"),
        (typed.port, "٣", "--port ٣: is not a port; write a number from 1 to 65535, or 0 for any free one"),
        (typed.seed, "1.5", "--seed 1.5: is not a whole number; write one such as 7"),
        (lambda text: typed.whole("--weeks", text, 1, 104, 8), "105", "--weeks 105: is not a number from 1 to 104; write one such as 8"),
        (lambda text: typed.whole("--weeks", text, 1, 104, 8), "٣", "--weeks ٣: is not a number from 1 to 104; write one such as 8"),
        (lambda text: typed.day("--start", text), "2026-02-29", "--start 2026-02-29: is not a date; write it as 2026-12-25"),
        (lambda text: typed.day("--start", text), "9999-12-30", "--start 9999-12-30: is in no year anybody plans for; write it as 2026-12-25"),
        (lambda text: typed.day("--start", text), "0001-01-01", "--start 0001-01-01: is in no year anybody plans for; write it as 2026-12-25"),
        (lambda text: typed.day("--start", text), "20260228", "--start 20260228: is not a date; write it as 2026-12-25"),
        (lambda text: typed.port(text, least=1), "0", "--port 0: is not a port; write a number from 1 to 65535"),
        (lambda text: typed.speed(text, 0.1, 60), "inf", "--speed inf: is not a number; write a number from 0.1 to 60, such as 10"),
        (lambda text: typed.speed(text, 0.1, 60), "61", "--speed 61: is too fast; write a number from 0.1 to 60, such as 10"),
        (lambda text: typed.speed(text, 0.1, 60), "0", "--speed 0: is too slow; write a number from 0.1 to 60, such as 10"),
        (lambda text: typed.seconds(text, 0.1, 60), "", "--seconds : is not a number; write a number from 0.1 to 60, such as 600"),
        (lambda text: typed.seconds(text, 0.1, 60), "0", "--seconds 0: is too short; write a number from 0.1 to 60, such as 600"),
        (lambda text: typed.seconds(text, 0.1, 60), "61", "--seconds 61: is too long; write a number from 0.1 to 60, such as 600"),
        (
            lambda text: typed.more_or_less("--seconds", text, 90_000),
            "-0.0",
            "--seconds -0.0: changes nothing; write how many are to be added, or with a minus taken away",
        ),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "-90000.5", "--seconds -90000.5: is more than a day has; write 90000 at most"),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "", "--seconds : is not a number of seconds; write one such as 3600 or -3600"),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "1e3", "--seconds 1e3: is not a number of seconds; write one such as 3600 or -3600"),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "--1", "--seconds --1: is not a number of seconds; write one such as 3600 or -3600"),
        (
            lambda text: typed.more_or_less("--seconds", text, 90_000),
            "0.1234567",
            "--seconds 0.1234567: is not a number of seconds; write one such as 3600 or -3600",
        ),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "٣", "--seconds ٣: is not a number of seconds; write one such as 3600 or -3600"),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "NaN", "--seconds NaN: is not a number of seconds; write one such as 3600 or -3600"),
        (lambda text: typed.more_or_less("--seconds", text, 90_000), "1,5", "--seconds 1,5: is not a number of seconds; write one such as 3600 or -3600"),
    ],
)
def test_what_is_none(read: Callable[[str], object], text: str, line: str) -> None:
    with pytest.raises(BadOption) as refused:
        read(text)
    assert (str(refused.value), refused.value.exit_code) == (line, 2)
