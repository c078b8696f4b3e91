"""What a client and the centre agreed on, as sentences with its numbers: how service level is reckoned, what is paid, and what the one does to the other.

Owns the formulas in words; where a project has several tariffs each title says which it is of. Refuses the ratios (`assess.service_level`) and what
prices are called (`prices`). Next: `client` puts them above its tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from monitor.core.contract import SECOND, Project
from monitor.core.formula import Formula
from monitor.core.tariff import Tariff
from monitor.outputs.reports import prices
from monitor.outputs.reports.report import Kind
from monitor.outputs.reports.shown import for_people
from monitor.outputs.reports.words import Words


def formula(words: Words, which: Formula, threshold_us: int, short_us: int) -> str:
    """`service level = answered within 20 s ÷ (answered + all abandoned − short abandoned below 5 s)`."""
    return words(f"formula_{which}", t=_seconds(words, threshold_us), s=_seconds(words, short_us))


def facts(words: Words, project: Project, tariffs: tuple[Tariff, ...]) -> Iterator[tuple[str, str]]:
    """What the project promises, what each tariff costs, and by what its bonus and malus are judged, each under its title."""
    level = project.service_level
    said = formula(words, level.formula, level.threshold_us, project.short_us)
    yield words("agreed", project=project.name), words("target", formula=said, target=words.percent(Decimal(str(level.target)), 0))
    for tariff in tariffs:
        of = f", {for_people(tariff.since, Kind.DATE, words.language)}" if len(project.tariffs) > 1 else ""
        yield words("prices", project=project.name) + of, prices.said(words, tariff)
        agreed = tariff.sl_adjust
        if agreed is None:
            continue
        kinds = ", ".join(words(f"incident_{kind}") for kind in sorted(agreed.excluded))
        excluded = words("excluded", kinds=kinds) if kinds else ""
        how = formula(words, agreed.formula, agreed.threshold_us, project.short_us)
        bands = ", ".join(words("band", level=words.share(band.at_least), percent=words.share(band.percent / 100, sign=True)) for band in agreed.bands)
        more = words("excused") if agreed.excused_above_plan else ""
        judged = words("judged_by", formula=how, period=words(f"by_{agreed.period}"), bands=bands, excluded=excluded)
        yield words("judged", project=project.name) + of, judged + more


def _seconds(words: Words, us: int) -> str:
    whole = us % SECOND == 0
    return words.number(Decimal(us) / SECOND, 0 if whole else 1)
