"""Numbers as they are typed behind a command, and which of them can be meant.

Owns the wording, `--option value: problem; remedy`, so that every command refuses alike and in one line. Refuses what an option is for.
Next: `cli` hands the numbers on.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from math import isfinite, nan

from monitor.errors import BadOption


def port(text: str, *, least: int = 0) -> int:
    """--port: 0 is any free one, where that can be meant."""
    if not re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) or not least <= int(text) <= 65_535:
        free = "" if least else ", or 0 for any free one"
        raise BadOption(f"--port {text}: is not a port; write a number from 1 to 65535{free}")
    return int(text)


def seed(text: str) -> int:
    """--seed: any whole number."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII):
        raise BadOption(f"--seed {text}: is not a whole number; write one such as 7")
    return int(text)


def speed(text: str, slowest: float, fastest: float) -> float:
    """--speed: how many seconds of what is shown pass in one of ours."""
    remedy = f"write a number from {slowest:g} to {fastest:g}, such as 10"
    number = _number("--speed", text, remedy)
    if not slowest <= number <= fastest:
        raise BadOption(f"--speed {text}: is too {'fast' if number > fastest else 'slow'}; {remedy}")
    return number


def seconds(text: str, least: float, most: int) -> float:
    """--seconds: how long something goes on."""
    remedy = f"write a number from {least:g} to {most}, such as 600"
    number = _number("--seconds", text, remedy)
    if not least <= number <= most:
        raise BadOption(f"--seconds {text}: is too {'long' if number > most else 'short'}; {remedy}")
    return number


def more_or_less(option: str, text: str, most: int) -> Decimal:
    """So many seconds more, or less; never none."""
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII):
        raise BadOption(f"{option} {text}: is not a number of seconds; write one such as 3600 or -3600")
    found = Decimal(text)
    if not found:
        raise BadOption(f"{option} {text}: changes nothing; write how many are to be added, or with a minus taken away")
    if abs(found) > most:
        raise BadOption(f"{option} {text}: is more than a day has; write {most} at most")
    return found


def whole(option: str, text: str, least: int, most: int, example: int) -> int:
    """A number of things."""
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not least <= int(text) <= most:
        raise BadOption(f"{option} {text}: is not a number from {least} to {most}; write one such as {example}")
    return int(text)


def day(option: str, text: str) -> date:
    """A date."""
    with suppress(ValueError):
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            found = date.fromisoformat(text)
            if 1970 < found.year < 3000:
                return found
            raise BadOption(f"{option} {text}: is in no year anybody plans for; write it as 2026-12-25")
    raise BadOption(f"{option} {text}: is not a date; write it as 2026-12-25")


def minutes(option: str, text: str, most: int) -> float:
    """How long something takes, from nothing on."""
    remedy = f"write a number from 0 to {most}, such as 15"
    number = _number(option, text, remedy)
    if not 0 <= number <= most:
        raise BadOption(f"{option} {text}: is too {'long' if number > most else 'short'}; {remedy}")
    return number


def _number(option: str, text: str, remedy: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise BadOption(f"{option} {text}: is not a number; {remedy}")
    return number
