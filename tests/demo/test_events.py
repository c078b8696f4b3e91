"""What a day brings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitor.demo.events import ALARM_VOLUME, MOST, Happening, Kind, hour_of, instant, schedule, volume
from monitor.demo.world import BANK, LINES, SHOP, TAXI

DAY = date(2026, 11, 25)


@pytest.mark.parametrize("seed", range(5))
def test_who_looks_on_from_11_20_sees_something(seed: int) -> None:
    happenings = schedule(str(seed), DAY, first=True)
    begun = {each.kind: hour_of(each.start) for each in reversed(happenings)}
    assert begun[Kind.CLIENT_LOSS] == 10.5
    assert 11.4 <= begun[Kind.ALARM] < 11.42
    assert 11.45 <= begun[Kind.LINK_CUT] < 11.47
    assert 11.55 <= begun[Kind.TRUNK_DOWN] < 11.57
    assert 12 < begun[Kind.STORM] < 14
    assert all(each.start < each.end for each in happenings)


def test_the_schedule_is_the_seed_s() -> None:
    assert schedule("7", DAY, first=True) == schedule("7", DAY, first=True)
    assert schedule("7", DAY, first=True) != schedule("8", DAY, first=True)


def test_a_later_day_has_its_own() -> None:
    days = [schedule(f"7/{ahead}", DAY + timedelta(days=ahead), first=False) for ahead in range(1, 15)]
    assert len({tuple(hour_of(each.start) for each in day) for day in days}) == len(days)
    assert {each.kind for day in days for each in day} == set(Kind)


def test_what_the_volume_becomes() -> None:
    alarm = Happening(Kind.ALARM, instant(DAY, 11), instant(DAY, 12), "begins", "ends")
    loss = Happening(Kind.CLIENT_LOSS, instant(DAY, 10), instant(DAY, 24), "begins", "ends", SHOP)
    both = (loss, alarm)
    assert volume(BANK, instant(DAY, 10.5), both) == 1
    assert volume(BANK, instant(DAY, 11.5), both) == ALARM_VOLUME
    assert volume(SHOP, instant(DAY, 11.5), both) == pytest.approx(ALARM_VOLUME / 2)
    assert volume(BANK, instant(DAY, 12), both) > 1, "who did not call then calls now"
    storm = Happening(Kind.STORM, instant(DAY, 12), instant(DAY, 13), "begins", "ends")
    assert max(volume(line, instant(DAY, 12), (*both, storm)) for line in LINES) <= MOST
    assert volume(TAXI, instant(DAY, 12.5), (storm,)) == TAXI.storm
