"""Every figure of the expected-performance table, simulated anew, beside what the domain prints; then what it means for a floor."""

from __future__ import annotations

import argparse
import secrets
import sys
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from monitor.assess.reading import Reading
from tests.calibrate import clients, days, gaps, weeks
from tests.calibrate.clients import Floor, Words
from tests.calibrate.days import INTERVALS, Result, Setting, Tally
from tests.calibrate.gaps import Quiet, Silences
from tests.calibrate.promised import ALL_LOST, CALLS, HALF_LOST, ROWS, Row, figure
from tests.calibrate.weeks import Lasting
from tests.calibrate.work import Job, share_out

SURE = 3.0  # standard errors beyond which a figure is marked
SMALL_LOSSES = (0.2, 0.3, 0.5)
KS = (38, 20)
READ = (Reading.CLIENT, Reading.MARKET, None)
FLOORS = {
    "nobody": Floor(8, 288, 20),
    "one of 8 loses 50 %": Floor(8, 288, 20, 1, 0.5),
    "one of 8 loses 95 %": Floor(8, 288, 20, 1, 0.95),
    "three of 8 lose 50 % at once": Floor(8, 288, 20, 3, 0.5),
    "three of 8 lose 95 % at once": Floor(8, 288, 20, 3, 0.95),
    "the market falls by 30 %": Floor(8, 288, 20, fall=0.3),
    "the market falls by 50 %": Floor(8, 288, 20, fall=0.5),
    "30 % of the market, one loses 80 % more": Floor(8, 288, 20, 1, 0.8, 0.3),
}


def say(*cells: str, first: int = 44, width: int = 18) -> None:
    """A line of a table."""
    line = f"  {cells[0]:<{first}}" + "".join(f"{cell:>{width}}" for cell in cells[1:])
    sys.stdout.write(line.rstrip() + "\n")


def settings(row: Row, calls: int) -> dict[str, Setting]:
    """What a line of the table needs for one size. A false alarm may come at any hour, so those days have no onset to wait for."""
    loss = Setting(row.detector, row.true_k, row.used_k, calls, HALF_LOST, row.onset)
    return {"false": replace(loss, loss=0.0, onset=0), "caught": loss, "dead": replace(loss, loss=ALL_LOST)}


def beside(value: float, error: float, promised: str, digits: int = 4) -> str:
    """`0.0041 (.0041)`, with `!` where the two differ by more than sampling and rounding explain. The domain's own sampling is taken as large as ours."""
    if not promised:
        return f"{value:.{digits}f}"
    known = figure(promised)
    mark = "!" if abs(value - known.value) > known.half + SURE * error * 2**0.5 else ""
    return f"{mark}{value:.{digits}f} ({promised})"


def performance(found: dict[Any, Any]) -> None:
    """The table itself."""
    sys.stdout.write("\nOurs (the domain's): false alarms per project-day, 50 % loss caught the same day, mean delay in half-hours, and of a 95 % loss\n")
    say("detector, true k / used k, calls per half-hour", "false per day", "+-", "caught", "+-", "delay", "95 % delay", width=16)
    for row in ROWS:
        for index, calls in enumerate(CALLS):
            each = {name: found[setting] for name, setting in settings(row, calls).items()}
            false, caught, dead = (getattr(each[name], row.level) for name in ("false", "caught", "dead"))
            pick = partial(_nth, index=index)
            say(
                f"{row.detector}, p < {'1e-2' if row.level == 'warning' else '1e-3'}, {row.true_k:g} / {row.used_k:g}, {calls}",
                beside(false.rate, false.rate_error, pick(row.false)),
                f"{false.rate_error:.4f}",
                beside(caught.rate, caught.rate_error, pick(row.caught), 3),
                f"{caught.rate_error:.4f}",
                beside(caught.delay, caught.delay_error, pick(row.delay), 2) if row.detector != "two_days" else "",
                beside(dead.delay, dead.delay_error, pick(row.dead), 2) if row.detector != "two_days" else "",
                width=16,
            )


def _nth(figures: tuple[str, ...], index: int) -> str:
    return figures[index] if figures else ""


def rule(found: dict[Any, Any]) -> None:
    """The same days by the whole alert rule."""
    sys.stdout.write("\nThe alert rule: at least 15 % and p < 1e-3 in two intervals in a row\n")
    say("detector, true k / used k, calls per half-hour", "false per day", "+-", "50 % caught", "delay", "95 % delay", width=14)
    for row in ROWS:
        if row.level == "critical" and row.detector != "two_days":
            for calls in CALLS:
                false, caught, dead = (found[setting].rule for setting in settings(row, calls).values())
                say(
                    f"{row.detector}, {row.true_k:g} / {row.used_k:g}, {calls}",
                    f"{false.rate:.4f}",
                    f"{false.rate_error:.4f}",
                    f"{caught.rate:.3f}",
                    f"{caught.delay:.2f}",
                    f"{dead.delay:.2f}",
                    width=14,
                )


def midday(found: dict[Any, Any]) -> None:
    """Why `recent` is there."""
    sys.stdout.write("\nA 50 % loss from mid-day on, seen by `day` alone, true k 38 / used k 20 (the domain: 1 % at most)\n")
    for calls in CALLS:
        seen: Tally = found[Setting("day", 38, 20, calls, HALF_LOST, 12)].critical
        say(f"{calls} calls per half-hour", f"{seen.rate:.4f}", f"+- {seen.rate_error:.4f}")


def cusum(found: dict[Any, Any]) -> None:
    """Days between false alarms, days until a loss is seen."""
    sys.stdout.write("\nDay-to-day CUSUM (the domain: 250-370 days between false alarms; 50 % in 2-3 days, 20 % in 7-10)\n")
    say("k, calls per half-hour", "days between", "+-", *(f"{loss:.0%} loss, days" for loss in SMALL_LOSSES), width=16)
    for k in KS:
        for calls in CALLS:
            false: Tally = found["cusum", k, calls]
            seen = [found[Lasting(k, calls, loss)] for loss in SMALL_LOSSES]
            say(
                f"{k}, {calls}",
                f"{1 / false.rate:.0f}" if false.caught else f"> {false.days}",
                f"{false.rate_error / false.rate**2:.0f}" if false.caught else "",
                *(f"{each.delay:.2f} +- {each.delay_error:.2f}" for each in seen),
                width=16,
            )
    sys.stdout.write("\nSmaller losses on their first day, by `day` at p < 1e-3, and after two days, by `two_days`\n")
    say("k, calls per half-hour", *(f"{loss:.0%}, {name}" for loss in SMALL_LOSSES[:2] for name in ("day", "two days")))
    for k in KS:
        for calls in CALLS:
            rates = [found[Setting(detector, k, k, calls, loss)].critical.rate for loss in SMALL_LOSSES[:2] for detector in ("day", "two_days")]
            say(f"{k}, {calls}", *(f"{rate:.3f}" for rate in rates))


def silences(found: dict[Any, Any]) -> None:
    """What a silence means if it is asked after every call."""
    sys.stdout.write("\nSilence on ordinary days, and minutes until a dead trunk is seen: by p < 1e-3, and by `silence_alpha`\n")
    say("k, calls per half-hour", "false per day", "minutes", "false per day", "minutes")
    for k in KS:
        for calls in CALLS:
            seen: Silences = found[Quiet(k, calls)]
            say(
                f"{k}, {calls}",
                f"{seen.plain.rate:.4f}",
                f"{seen.plain_dead.delay:.1f}",
                f"{seen.counted.rate:.4f} +- {seen.counted.rate_error:.4f}",
                f"{seen.counted_dead.delay:.1f}",
            )


def shares(found: dict[Any, Any]) -> None:
    """Whose loss it was said to be."""
    sys.stdout.write("\nA project that lost half of its tenth of 500 calls: share p < 0.01 in so many days (the domain: 40 % at k = 20, 61 % at k = 40)\n")
    for k in (20, 40):
        tally: Tally = found["share", k]
        say(f"k = {k}", f"{tally.rate:.3f}", f"+- {tally.rate_error:.3f}")
    sys.stdout.write("\nReadings of critical losses, a day of 8 clients of 288 calls, k = 20; per client-day\n")
    say("what happened", "client", "market", "no reading", "others: client", "market", "no reading", width=16)
    for name, floor in FLOORS.items():
        words: Words = found[floor]
        left, stayed = words.days * floor.leaving, words.days * (floor.clients - floor.leaving)
        say(
            name,
            *(f"{words.left[reading] / left:.4f}" if left else "" for reading in READ),
            *(f"{words.stayed[reading] / stayed:.4f}" for reading in READ),
            width=16,
        )


def meaning(found: dict[Any, Any]) -> None:
    """The last words: what can be caught how fast."""

    def half(number: float) -> str:
        return f"{number * 0.5:.1f} h"

    sys.stdout.write("\nWhat can be caught how fast (days of shape 38 judged with the default 20; the alert rule unless said otherwise)\n")
    for calls in CALLS:
        half_gone, all_gone = (found[Setting("day", 38, 20, calls, loss)].rule for loss in (HALF_LOST, ALL_LOST))
        midday_loss = found[Setting("recent", 38, 20, calls, HALF_LOST, 12)].rule
        dead: Silences = found[Quiet(20, calls)]
        both_days: Result = found[Setting("two_days", 20, 20, calls, HALF_LOST)]
        fifth, third = (found[Lasting(20, calls, loss)].delay for loss in (0.2, 0.3))
        for line in (
            f"{calls} calls per half-hour, {INTERVALS * calls} a day:",
            f"  95 % gone: in {half(all_gone.delay)} ({all_gone.rate:.0%} that day); nobody at all: silence in {dead.counted_dead.delay:.0f} minutes",
            f"  half gone from opening: {half_gone.rate:.0%} that day, in {half(half_gone.delay)}; after two days {both_days.critical.rate:.0%} (k 20)",
            f"  half gone from mid-day: {midday_loss.rate:.0%} that day, in {half(midday_loss.delay)}",
            f"  20 % gone: in {fifth:.0f} days, 30 %: in {third:.0f} days (CUSUM, k 20)",
        ):
            say(line)


def jobs(number: int) -> dict[Any, Job]:
    """Everything to simulate, `number` days each."""
    wanted: dict[Any, Job] = {}
    for calls in CALLS:
        sets = [setting for row in ROWS for setting in settings(row, calls).values()]
        sets += [Setting("day", 38, 20, calls, HALF_LOST, 12)]
        sets += [Setting(detector, k, k, calls, loss) for k in KS for loss in SMALL_LOSSES[:2] for detector in ("day", "two_days")]
        wanted |= {setting: (days.simulate, setting, number) for setting in sets}
        for k in KS:
            wanted["cusum", k, calls] = (weeks.between_false_alarms, Lasting(k, calls), 5 * number)
            wanted |= {Lasting(k, calls, loss): (weeks.until_seen, Lasting(k, calls, loss), max(1, number // 10)) for loss in SMALL_LOSSES}
            wanted[Quiet(k, calls)] = (gaps.simulate, Quiet(k, calls), number)
    wanted |= {("share", k): (clients.halved_share, k, number) for k in (20, 40)}
    return wanted | {floor: (clients.simulate, floor, number) for floor in FLOORS.values()}


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibrate", description="the detectors on simulated days, beside what the domain promises")
    parser.add_argument("--days", type=int, default=20_000, help="project-days per figure (20000)")
    parser.add_argument("--seed", type=int, default=None, help="to have the same days again")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**9) if asked.seed is None else asked.seed
    sys.stdout.write(f"{asked.days} project-days per figure, --seed {seed}\n")
    sys.stdout.flush()
    started = perf_counter()
    found = share_out(jobs(asked.days), seed)
    for table in (performance, rule, midday, cusum, silences, shares, meaning):
        table(found)
    sys.stdout.write(f"\n! differs by more than {SURE:g} standard errors and rounding. {perf_counter() - started:.0f} s\n")


if __name__ == "__main__":
    main()
