"""From `[[project.tariff]]` tables to tariffs: what takes two keys, two tariffs, or other sections.

Owns their order in time, what belongs to what, and how the hours of a shared group are divided. What is no error and had better be known becomes a
note. Refuses single values (`tariffs` has done those) and arithmetic (`core.tariff`). Next: `build` puts them into the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from monitor.config import model, tariffs
from monitor.config.wording import shown
from monitor.core.contract import SECOND, Group, Project
from monitor.core.tariff import Band, FlatMonth, HoursBase, Minimum, PerAgentHour, PerCall, PerFteMonth, PerMinute, SlAdjust, Tariff, Tier

CHARGES = ("per_minute", "per_call", "per_agent_hour", "per_fte_month", "per_result", "flat_month")
OF_A_MINUTE = ("base", "increment_seconds", "minimum_seconds", "free_seconds", "tiers")

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value
Note = Callable[[str], None]


def shared_hours(projects: Sequence[Project], groups: Sequence[Group], report: Report) -> None:
    """The shares of one group's time that clients pay are one at most, on whichever day."""
    for group in groups:
        own = [project for project in projects if project.group == group.name]
        for day in sorted({tariff.since for project in own for tariff in project.tariffs}):
            paying = [(project.name, share) for project in own if (share := _share_on(project, day)) is not None]
            if len(paying) > 1 and (whole := sum(share for _, share in paying)) > 1:
                problem = f"{' and '.join(name for name, _ in paying)} have {whole} of the time of group {group.name} from {day} on"
                report(problem, "together they may have 1", f"project {paying[-1][0]}", "per_agent_hour.allocation", None)
                break


def _share_on(project: Project, day: date) -> Decimal | None:
    tariff = project.tariff_on(day)
    hours = tariff.per_agent_hour if tariff is not None else None
    return None if hours is None or hours.base is HoursBase.SCHEDULED else hours.share


@dataclass(frozen=True, slots=True)
class Pricing:
    """The tariffs of one project; `report` and `note` are told what is found."""

    source: model.File
    project: model.Project
    alone: bool  # in its group
    today: date
    report: Report
    note: Note

    def agreed(self) -> tuple[Tariff, ...]:
        """All of them, in the order they begin."""
        rows = sorted(enumerate(self.project.tariff, 1), key=lambda row: row[1].since)
        self._in_time(rows)
        return tuple(self._tariff(f"tariff #{number}", row) for number, row in rows)

    @property
    def _section(self) -> str:
        return f"project {self.project.name}"

    def _flaw(self, problem: str, remedy: str, key: str, value: object = None) -> None:
        self.report(problem, remedy, self._section, key, value)

    def _in_time(self, rows: list[tuple[int, tariffs.Tariff]]) -> None:
        """No two on one day, and a word where there is none."""
        for number, row in rows:
            if row.until is not None and row.until < row.since:
                self._flaw(f"is before from = {row.since}", "to is the last day on which it holds", f"tariff #{number}.to", row.until)
        for (number, row), (following, later) in pairwise(rows):
            if row.since == later.since:
                self._flaw(f"tariff #{number} begins on that day", "one tariff holds on a day: keep one of them", f"tariff #{following}.from", later.since)
            elif row.until is not None and row.until >= later.since:
                remedy = f"end it on {later.since - timedelta(days=1)}, or leave to out"
                self._flaw(f"tariff #{following} begins on {later.since}: they overlap", remedy, f"tariff #{number}.to", row.until)
            elif row.until is not None and row.since <= row.until < later.since - timedelta(days=1):
                self.note(f"[{self._section}] tariff #{number}.to = {row.until}: nothing is charged until tariff #{following} begins on {later.since}")
        if rows and (first := rows[0][1].since) > self.today:
            self.note(f"[{self._section}] tariff #{rows[0][0]}.from = {first}: nothing is charged before; begin it earlier if it holds already")
        if rows and (last := rows[-1][1].until) is not None and last < self.today:
            self.note(f"[{self._section}] tariff #{rows[-1][0]}.to = {last}: nothing is charged any more; add the tariff that holds now")

    def _tariff(self, place: str, row: tariffs.Tariff) -> Tariff:
        if not any(getattr(row, key) for key in CHARGES):
            self._flaw("charges nothing", f"give one of {', '.join(CHARGES)}", place)
        if row.per_minute is None:
            for key in OF_A_MINUTE:
                if key in row.model_fields_set:
                    remedy = "give per_minute too; what belongs to another price stands in that one's table"
                    self._flaw("belongs to per_minute, and there is none", remedy, f"{place}.{key}", getattr(row, key) if key != "tiers" else None)
        return Tariff(
            since=row.since,
            until=row.until,
            currency=self._currency(place, row),
            per_minute=None if row.per_minute is None else self._per_minute(place, row, row.per_minute),
            per_call=None if row.per_call is None else self._per_call(f"{place}.per_call", row.per_call),
            per_agent_hour=None if row.per_agent_hour is None else self._per_agent_hour(f"{place}.per_agent_hour", row.per_agent_hour),
            per_fte_month=None if row.per_fte_month is None else PerFteMonth(Decimal(row.per_fte_month.price), row.per_fte_month.fte),
            per_result=tuple((disposition, Decimal(price)) for disposition, price in row.per_result.items()),
            flat_month=None if row.flat_month is None else self._flat_month(f"{place}.flat_month", row.flat_month),
            minimum=None if row.minimum is None else self._minimum(f"{place}.minimum", row, row.minimum),
            sl_adjust=None if row.sl_adjust is None else self._sl_adjust(f"{place}.sl_adjust", row.sl_adjust),
        )

    def _currency(self, place: str, row: tariffs.Tariff) -> str:
        """The tariff's, else the site's; a foreign one has to have a rate."""
        own = self.source.site.currency
        currency = row.currency or own
        rates = self.source.money.rates.get(currency, ())
        if currency != own and not rates:
            problem = f"has no rate in {own}, so that nobody can compute a margin"
            self._flaw(problem, f'name it: [money] rates = {{ {currency} = "…" }}', f"{place}.currency", currency)
        elif currency != own and (first := min(rate.since or date.min for rate in rates)) > row.since:
            text = f"[{self._section}] {place}.currency = {shown(currency)}: [money] rates has none before {first}; there is no margin until then"
            self.note(text)
        return currency

    def _tiers(self, place: str, price: Decimal, rows: tuple[tariffs.Tier, ...]) -> tuple[Tier, ...]:
        """With the price itself as the first of them."""
        if not rows:
            return ()
        found = [Tier(Decimal(0), price)]
        for number, row in enumerate(rows, 1):
            if row.above == 0:
                self._flaw("what is charged from the first on is the price itself", "begin with the first step above it", f"{place} #{number}.above", row.above)
            elif row.above <= found[-1].above:
                problem = f"is not above the step before, {found[-1].above}"
                self._flaw(problem, "write steps from the lowest to the highest", f"{place} #{number}.above", row.above)
            found.append(Tier(row.above, Decimal(row.price)))
        return tuple(found)

    def _per_minute(self, place: str, row: tariffs.Tariff, text: str) -> PerMinute:
        price = Decimal(text)
        tiers = self._tiers(f"{place}.tiers", price, row.tiers)
        return PerMinute(price, row.base, row.increment_seconds, row.minimum_seconds, row.free_seconds, tiers)

    def _per_call(self, place: str, row: tariffs.PerCall) -> PerCall:
        price = Decimal(row.price)
        return PerCall(price, row.on, row.min_talk_seconds, self._tiers(f"{place}.tiers", price, row.tiers))

    def _per_agent_hour(self, place: str, row: tariffs.PerAgentHour) -> PerAgentHour:
        if row.base is HoursBase.SCHEDULED:
            if row.allocation is not None:
                self._flaw("the plan has this project's own hours: there is nothing to divide", "leave it out", f"{place}.allocation", row.allocation)
            return PerAgentHour(Decimal(row.price), row.base)
        if row.allocation is None and not self.alone:
            problem = "is missing: its group works for several projects, so its hours have to be divided"
            self._flaw(problem, 'write allocation = "handle" for the share of handle time, or a fixed one, "0.4"', f"{place}.allocation")
        if isinstance(row.allocation, Decimal):
            return PerAgentHour(Decimal(row.price), row.base, row.allocation)
        return PerAgentHour(Decimal(row.price), row.base, Decimal(1) if self.alone else None)

    def _flat_month(self, place: str, row: tariffs.FlatMonth) -> FlatMonth:
        if row.included_volume is None and row.overage is not None:
            self._flaw("beyond what? included_volume is missing", "say how many calls are in the amount", f"{place}.overage", row.overage)
        if row.included_volume is not None and row.overage is None:
            self._flaw("is given without overage", 'say what each call beyond costs: overage = "5.00"', f"{place}.included_volume", row.included_volume)
        return FlatMonth(Decimal(row.amount), row.included_volume, Decimal(row.overage or 0))

    def _minimum(self, place: str, row: tariffs.Tariff, minimum: tariffs.Minimum) -> Minimum:
        share = minimum.share_of_contract_plan
        if minimum.amount is None and share is None:
            self._flaw("is empty", "give amount, share_of_contract_plan or both", place)
        if share is not None and row.per_minute is None and row.per_call is None:
            problem = "guarantees calls, and no call has a price"
            self._flaw(problem, "give per_minute or per_call too, or an amount instead", f"{place}.share_of_contract_plan", share)
        elif share is not None and not self.source.plan.contract_file:
            text = f"[{self._section}] {place}.share_of_contract_plan = {share}: without [plan] contract_file nothing is guaranteed"
            self.note(text)
        return Minimum(None if minimum.amount is None else Decimal(minimum.amount), share)

    def _sl_adjust(self, place: str, row: tariffs.SlAdjust) -> SlAdjust:
        if not row.bands:
            self._flaw("is empty", "write { at_least = 0.90, percent = 3 } for each, from the highest to the lowest", f"{place}.bands")
        for number, problem in self._disorder(row.bands):
            self._flaw(problem, "write bands from the highest to the lowest, each once", f"{place}.bands #{number}.at_least", row.bands[number - 1].at_least)
        level = self.project.service_level
        return SlAdjust(
            formula=row.formula or level.formula,
            threshold_us=int((row.threshold_seconds or level.threshold_seconds) * SECOND),
            bands=tuple(Band(band.at_least, band.percent) for band in row.bands),
            period=row.period,
            excluded=frozenset(row.exclude),
            excused_above_plan=row.excused_above_plan,
        )

    @staticmethod
    def _disorder(bands: tuple[tariffs.Band, ...]) -> Iterator[tuple[int, str]]:
        for number, (higher, lower) in enumerate(pairwise(bands), 2):
            if higher.at_least == lower.at_least:
                yield number, "is there twice"
            elif higher.at_least < lower.at_least:
                yield number, f"is above the band before, {higher.at_least}"
