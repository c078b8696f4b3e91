"""A small CSV with a header, as people save one: its rows by column, and everything wrong with its shape.

Owns the header and the number of fields. Refuses what a cell means: whoever reads `dates` or prefixes says that. Next: `calendar_file`, `regions_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from monitor.config.values import did_you_mean
from monitor.errors import BadRow, Flaw
from monitor.plan.records import delimiter_of, records


@dataclass(slots=True)
class CsvTable:
    """The columns a file may have, of which the first `needed` it must; `flaws` are found while its rows are read."""

    file: str
    columns: Sequence[str]
    needed: int
    most: int
    flaws: list[Flaw] = field(default_factory=list)

    def rows(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of the right shape, each with its line."""
        header: list[str] | None = None
        bad: list[BadRow] = []
        count = 0
        for line, cells in records(text, bad, delimiter_of(text)):
            if header is None:
                header = [cell.lower() for cell in cells]
                if not self._sound(header, line):
                    return
                continue
            count += 1
            if count > self.most:
                self.flaw(line, f"there are more than {self.most:,} rows", "leave out what is over, or what no signal is about")
                return
            if len(cells) != len(header):
                self.flaw(line, f"{len(cells)} fields, the header has {len(header)}", "put a text with a comma in it in quotes")
                continue
            yield line, dict.fromkeys(self.columns, "") | dict(zip(header, cells, strict=True))
        self.flaws += [Flaw(row.problem, file=f"{self.file}:{row.line}") for row in bad]
        if header is None and not bad:
            self.flaws.append(Flaw("the file is empty", f"its first line must be {','.join(self.columns)}", file=self.file))

    def flaw(self, line: int, problem: str, remedy: str) -> None:
        """Something is wrong on a line."""
        self.flaws.append(Flaw(problem, remedy, file=f"{self.file}:{line}"))

    def _sound(self, header: list[str], line: int) -> bool:
        found = len(self.flaws)
        if not set(header) & set(self.columns):
            self.flaw(line, "this is not the header", f"the first line must be {','.join(self.columns)}")
            return False
        for column in dict.fromkeys(header):
            if column not in self.columns:
                self.flaw(line, f"unknown column {column!r}", did_you_mean(column, list(self.columns)))
            elif header.count(column) > 1:
                self.flaw(line, f"column {column!r} is there twice", "keep one of them")
        for column in self.columns[: self.needed]:
            if column not in header:
                self.flaw(line, f"missing column {column!r}", f"the first line is {','.join(self.columns)}")
        return len(self.flaws) == found
