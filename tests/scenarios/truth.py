"""The PBX's own account of a recording, read from its queue_log: the judge, never a source."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SHORT, THRESHOLD = 5, 20


@dataclass
class Truth:
    """Counts per queue, and the talk seconds of each answered visit by (call, queue), in order."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    talks: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))


def read(path: Path) -> Truth:
    """Columns: time, call, queue, agent, verb, data."""
    truth = Truth()
    for line in path.read_text(encoding="utf-8").splitlines():
        _, call, queue, _, verb, *data = line.split("|")
        count = truth.counts[queue]
        if verb == "ENTERQUEUE":
            count["entered"] += 1
        elif verb == "CONNECT":
            count["answered"] += 1
            count["in_threshold"] += int(data[0]) <= THRESHOLD
        elif verb == "ABANDON":
            count["short" if int(data[2]) < SHORT else "abandoned"] += 1
        elif verb.startswith("EXIT") or verb == "WITHDRAW":
            count["flowed_out"] += 1
        elif verb == "RINGNOANSWER":
            count["ringnoanswer"] += 1
        seconds = {"COMPLETECALLER": 1, "COMPLETEAGENT": 1, "BLINDTRANSFER": 3, "ATTENDEDTRANSFER": -2}.get(verb)
        if seconds is not None:
            truth.talks[call, queue].append(int(data[seconds]))
    truth.counts.pop("NONE", None)
    return truth
