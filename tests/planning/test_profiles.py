"""A profile out of the logs is that of the plan which would be made of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import config
from monitor.core.contract import SECOND
from monitor.errors import BadOption
from monitor.planning import building
from monitor.planning.profiles import profile_from_logs
from tests.plan.generated import KYIV, LINES, NOTARY, Line, Weeks, queue_log
from tests.planning import centre

PAST = date(2026, 11, 9)
NOW = centre.nine(PAST)


def of(folder: Path, *lines: Line) -> config.Config:
    centre.write(folder, lines)
    (folder / "queue_log").write_text(queue_log(Weeks(PAST, lines=lines, seed=4)), encoding="utf-8")
    return config.load(folder / "floorwatch.toml", {})


@pytest.mark.parametrize("line", [NOTARY, LINES[1]], ids=lambda line: line.project)
def test_each_interval_weighs_what_the_plan_expects_of_it(tmp_path: Path, line: Line) -> None:
    """A line that is open over midnight too: what comes after it is the next weekday's."""
    loaded = of(tmp_path, line)
    profile, _ = profile_from_logs(loaded, NOW)
    built = building.build(loaded, building.Wishes("queue_log", start=PAST + timedelta(days=7), days=7), NOW)
    days: Counter[int] = Counter()
    weights: Counter[int] = Counter()
    for row in built.rows:
        local = datetime.fromtimestamp(row.start // SECOND, KYIV)
        weight = profile.weight(line.project, local.weekday(), local.hour * 60 + local.minute)
        days[local.weekday()] += row.calls_u
        weights[local.weekday()] += weight
        assert weight / row.calls_u == pytest.approx(sum(weights.values()) / sum(days.values()), rel=0.15) if row.calls_u > 200_000 else True
    assert set(days) <= {weekday for (weekday, _), weight in profile.weights[line.project].items() if weight}


def test_days_that_fell_out_do_not_weigh(tmp_path: Path) -> None:
    """Two Mondays of eight without a caller: Mondays weigh what they are worth."""
    loaded = of(tmp_path, NOTARY)
    log = tmp_path / "queue_log"
    gone = {PAST - timedelta(days=7), PAST - timedelta(days=14)}
    rows = log.read_text(encoding="utf-8").splitlines(keepends=True)
    log.write_text("".join(row for row in rows if datetime.fromtimestamp(int(row.split("|")[0]), KYIV).date() not in gone), encoding="utf-8")
    profile, _ = profile_from_logs(loaded, NOW)
    days = Counter[int]()
    for (weekday, _), weight in profile.weights["notary"].items():
        days[weekday] += weight
    assert days[0] > 0.8 * days.total() / 7


def test_what_cannot_be_known_is_refused_by_name(tmp_path: Path) -> None:
    loaded = of(tmp_path, NOTARY)
    (tmp_path / "queue_log").write_text("1790000000|NONE|NONE|NONE|QUEUESTART|\n", encoding="utf-8")
    with pytest.raises(BadOption) as refused:
        profile_from_logs(loaded, NOW)
    assert str(refused.value) == (
        f"--profile-from queue_log: {tmp_path}/queue_log: no caller entered a queue in the last 56 days; name another file, or give more --weeks; "
        "name a profile file instead"
    )
    centre.write(tmp_path, (NOTARY,), queue_log="")
    with pytest.raises(BadOption) as refused:
        profile_from_logs(config.load(tmp_path / "floorwatch.toml", {}), NOW)
    assert str(refused.value) == ('--profile-from queue_log: no [[pbx]] names one; set queue_log = "/var/log/asterisk/queue_log"; name a profile file instead')
