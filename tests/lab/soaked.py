"""What a soak comes to: the table of one PBX and its two daemons, and whether there is anything in it that may not be.

Pure but for reading what the probe and /proc left. Refuses allowances of its own: `gaps.py` has them, each with its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.lab import gaps, judge, probed
from tests.lab.daemon import PBX
from tests.lab.judge import Rows, Verdict
from tests.lab.rider import Ridden

WARM_SECONDS = 120.0  # before this a process still grows into its size
PAGE_BYTES = 4096


@dataclass
class Memory:
    """Resident size over time, of one process."""

    noted: list[tuple[float, float]] = field(default_factory=list)  # seconds, megabytes

    def note(self, at: float, pid: int) -> None:
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            return
        self.noted.append((at, pages * PAGE_BYTES / 1e6))

    def slope(self) -> float | None:
        """Megabytes an hour, by least squares once it is warm; None when it was not looked at for long enough."""
        warm = [(at, size) for at, size in self.noted if at - self.noted[0][0] > WARM_SECONDS]
        if len(warm) < 10:
            return None
        mean_at, mean_size = (sum(each[place] for each in warm) / len(warm) for place in (0, 1))
        return 3600 * sum((at - mean_at) * (size - mean_size) for at, size in warm) / sum((at - mean_at) ** 2 for at, _ in warm)


@dataclass
class Soaked:
    """One PBX's facts."""

    major: str
    rows: Rows
    redirected: set[str]
    restarts: int
    ridden: dict[str, Ridden]
    memory: Memory
    folder: Path

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        counted = judge.figures(self.rows, self.redirected)
        logged, unlogged = self.ridden["logged"], self.ridden["unlogged"]
        restarted = Verdict()
        for each in (logged, unlogged):
            restarted.equal(f"{each.name}: restarts", each.last.total("floorwatch_pbx_restarts_total", pbx=PBX), self.restarts)
        claimed = Verdict()
        gaps.unobserved(claimed, unlogged)
        gaps.not_invented(claimed, unlogged.last, counted)
        return {"queue_log": gaps.through_restarts(logged, counted, self.rows), "unobserved": claimed, "restarts": restarted}

    def problems(self) -> list[str]:
        found = [f"{what}: {problem}" for what, verdict in self.verdicts.items() for problem in verdict.problems]
        found += [problem for each in self.ridden.values() for problem in each.wrong]
        return [*found, *(f"{each.name} ended with {each.exit_code}" for each in self.ridden.values() if each.exit_code)]

    def lines(self) -> list[str]:
        logged, unlogged = self.ridden["logged"], self.ridden["unlogged"]
        calls = sum(row[4] == "ENTERQUEUE" for row in self.rows)
        done = Counter(each.split(" for ")[0].split(",")[0] for ridden in self.ridden.values() for each in ridden.done)
        claimed = unlogged.last.total("floorwatch_unobserved_seconds_total", pbx=PBX)
        step = max((probed.longest(self.folder / name) for name in self.ridden), key=lambda each: float(each["cpu_ms"]))
        slope, most = self.memory.slope(), max((size for _, size in self.memory.noted), default=0)
        untrue = sum(len(each.wrong) for each in self.ridden.values())
        return [
            f"Asterisk {self.major}",
            f"  calls                   {calls}",
            f"  faults                  {', '.join(f'{count} × {what}' for what, count in sorted(done.items()))}, {self.restarts} × PBX restarted",
            f"  differences             {sum(not each.startswith(' ') for each in self.verdicts['queue_log'].problems)}",
            f"  healed calls            {logged.last.total('floorwatch_healed_calls_total', pbx=PBX):.0f}",
            f"  unobserved with a log   {logged.last.total('floorwatch_unobserved_seconds_total', pbx=PBX):.1f} s, blind for {_blind(logged):.1f} s",
            f"  unobserved without      {claimed:.1f} s claimed, blind for {_blind(unlogged):.1f} s in {len(unlogged.blind)} gaps",
            f"  anomalies               {_anomalies(logged)}; without a log {_anomalies(unlogged)}",
            f"  longest loop step       {step['cpu_ms']:.1f} ms of processor time: {step['step']}",
            f"  memory slope            {'not long enough' if slope is None else f'{slope:+.1f} MB/h'}, {most:.0f} MB at most",
            f"  scrapes                 {sum(len(each.looks) for each in self.ridden.values())}, untrue {untrue}",
        ]


def _blind(ridden: Ridden) -> float:
    return sum(each.until - each.since for each in ridden.blind)


def _anomalies(ridden: Ridden) -> str:
    kinds = {kind: count for kind, count in ridden.last.by("floorwatch_anomalies_total", "kind").items() if count}
    return ", ".join(f"{count:.0f} {kind}" for kind, count in sorted(kinds.items())) or "none"


def report(soaks: Sequence[Soaked], seed: int, minutes: float) -> str:
    lines = [f"soak of {minutes:.0f} minutes, seed {seed}"]
    for each in soaks:
        lines += each.lines()
    problems = [f"{each.major}: {problem}" for each in soaks for problem in each.problems()]
    lines += [f"PROBLEM {problem}" for problem in problems[:200]]
    return "\n".join([*lines, f"{len(problems)} problems" if problems else "nothing was lost"])
