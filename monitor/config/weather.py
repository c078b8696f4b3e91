"""What may be on outside, and where called numbers are: `[[signal]]`, `[regions]`, and the files both name.

Owns what hangs together: whose regions there are, which projects, and that one region has one spelling, so that what the dialplan, a list and a broker
call Kyiv is one place. A signal of a region in which no number can be found is refused: nobody would notice that it never holds. Refuses what one value may
be (`weather_model`) and the rows of the files. Next: `build` has the contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.config import model
from monitor.config.calendar_file import day, read_calendar
from monitor.config.files import UnreadableError, read_bytes, table_text
from monitor.config.regions_file import read_regions
from monitor.config.values import did_you_mean
from monitor.config.weather_model import Signal as SignalRow
from monitor.core.contract import Contract
from monitor.core.regions import Regions
from monitor.core.signals import HOUR_US, Row, Signal
from monitor.errors import Flaw

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value


@dataclass(frozen=True, slots=True)
class Weather:
    """What the file says of it; `report` is told what is wrong in the configuration, `add` what is wrong in another file."""

    source: model.File
    folder: Path
    report: Report
    add: Callable[[Flaw], None]

    def over(self, contract: Contract) -> Contract:
        """The contract with it."""
        regions = self._regions()
        named = [*(region for row in self.source.signal for region in row.regions), *(one.region for one in self.source.project if one.region)]
        spelt: dict[str, str] = {}
        for name in (*named, *(region for _, region in regions.prefixes)):
            spelt.setdefault(name.casefold(), name)
        regions = replace(regions, prefixes=tuple((prefix, spelt[region.casefold()]) for prefix, region in regions.prefixes), known=tuple(spelt.values()))
        sources = {one.name: one.region for one in self.source.project}
        projects = tuple(replace(one, region=spelt.get(sources[one.name].casefold(), "")) for one in contract.projects)
        anything = bool(regions.variable or (self.source.regions.file and not regions.prefixes))  # what is in a file that cannot be read, nobody knows
        found = [one.region for one in projects if one.region] + [region for _, region in regions.prefixes]
        return replace(
            contract,
            projects=projects,
            regions=regions,
            signals=tuple(self._signal(row, contract, spelt, list(dict.fromkeys(found)), anything=anything) for row in self.source.signal),
        )

    def _regions(self) -> Regions:
        row = self.source.regions
        if row.trunk_prefix and not row.country_code:
            self.report("is given without country_code", "say which country's: country_code", "regions", "trunk_prefix", row.trunk_prefix)
        if row.national_digits and not row.country_code:
            self.report("is given without country_code", "say which country's: country_code", "regions", "national_digits", row.national_digits)
        regions = Regions(row.variable, row.country_code, row.trunk_prefix, row.international_prefix, row.national_digits)
        text = self._text(row.file, "regions", "file") if row.file else None
        if text is None:
            return regions
        prefixes, flaws = read_regions(text, str(self.folder / row.file), regions)
        for one in flaws:
            self.add(one)
        return replace(regions, prefixes=tuple(sorted(prefixes.items())))

    def _signal(self, row: SignalRow, contract: Contract, spelt: dict[str, str], found: list[str], *, anything: bool) -> Signal:
        section = f"signal {row.name}"
        regions = tuple(dict.fromkeys(spelt[region.casefold()] for region in row.regions))
        for region in regions:
            if not anything and region not in found:
                remedy = did_you_mean(region, found) or "name a [regions] variable or file, or a region of a [[project]]"
                self.report("no called number is ever there", remedy, section, "regions", region)
        for project in row.projects:
            if project not in contract.project:
                self.report("there is no such project", did_you_mean(project, list(contract.project)), section, "projects", project)
        calendar = [day(date, contract.zone) for date in row.dates]
        if row.calendar and (text := self._text(row.calendar, section, "calendar")) is not None:
            rows, flaws = read_calendar(text, str(self.folder / row.calendar), contract.zone, regions)
            calendar += rows
            for one in flaws:
                self.add(one)
        return Signal(row.name, row.kind, regions, tuple(dict.fromkeys(row.projects)), tuple(sorted(calendar, key=_order)), int(row.max_hours * HOUR_US))

    def _text(self, name: str, section: str, key: str) -> str | None:
        try:
            return table_text(read_bytes(self.folder / name))
        except UnreadableError as error:
            problem, _, remedy = str(error).partition("; ")
            self.report(problem, remedy, section, key, name)
            return None


def _order(row: Row) -> tuple[int, int, str]:
    return row.start, row.end, row.region or ""
