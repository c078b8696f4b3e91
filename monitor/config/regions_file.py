"""The list of regions: how their numbers begin.

    prefix,region
    044,Kyiv
    +38032,Lviv
    380322,Lviv city

The longest prefix counts. It is written as a number is dialled: with + or the international prefix, with the trunk prefix, or as it is abroad. Owns
reading rows and finding everything wrong with them. Refuses files, and reading numbers (`core.regions`). Next: `Regions.prefixes`.
"""

from __future__ import annotations

from monitor.config.csv_table import CsvTable
from monitor.core.regions import Regions, flaw
from monitor.errors import Flaw

COLUMNS = ("prefix", "region")
MOST = 20_000


def read_regions(text: str, file: str, regions: Regions) -> tuple[dict[str, str], list[Flaw]]:
    """Region by prefix, as `regions` reads it, and everything wrong with the rows."""
    table = CsvTable(file, COLUMNS, 2, MOST)
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, values in table.rows(text):
        prefix, region = regions.prefix(values["prefix"]), values["region"]
        if not prefix:
            table.flaw(line, f"prefix {values['prefix']!r} is not how a number begins", "write its digits: 044 or +38044")
        if (problem := flaw(region)) is not None:
            said, _, remedy = problem.partition("; ")
            table.flaw(line, f"region {region!r} {said}", remedy)
        elif prefix and found.setdefault(prefix, region).casefold() != region.casefold():
            table.flaw(line, f"prefix {values['prefix']} is {found[prefix]} on line {lines[prefix]} already", "a number is in one region")
        lines.setdefault(prefix, line)
    return found, table.flaws
