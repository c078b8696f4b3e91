"""What a client pays by a tariff, in words with its numbers: what a call, a result, an hour or a month costs, and what is billed at least.

Owns the sentences' order. Whoever has them and a list of his calls can reckon the bill himself. Refuses the arithmetic (`core.tariff`,
`assess.billing`). Next: `agreed` has them among the facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from monitor.core.tariff import PerAgentHour, PerCall, PerMinute, Tariff, Tier
from monitor.outputs.reports.words import Words


def said(words: Words, tariff: Tariff) -> str:
    """All that is charged, kind by kind."""
    return "; ".join(_kinds(words, tariff))


def _kinds(words: Words, tariff: Tariff) -> Iterator[str]:
    currency = tariff.currency
    if tariff.per_minute is not None:
        yield ", ".join(_minute(words, tariff.per_minute, currency))
    if tariff.per_call is not None:
        yield ", ".join(_call(words, tariff.per_call, currency))
    for disposition, price in tariff.per_result:
        kind = "price_result" if disposition else "price_any_result" if len(tariff.per_result) == 1 else "price_other_result"
        yield words(kind, price=words.price(price), currency=currency, name=disposition)
    if tariff.per_agent_hour is not None:
        yield ", ".join(_hour(words, tariff.per_agent_hour, currency))
    if (full := tariff.per_fte_month) is not None:
        yield words("price_per_fte_month", price=words.price(full.price), currency=currency, fte=words.short(full.fte))
    if (flat := tariff.flat_month) is not None:
        volume = "" if flat.included is None else words("price_included", calls=flat.included, price=words.price(flat.overage), currency=currency)
        yield words("price_flat_month", price=words.price(flat.amount), currency=currency) + volume
    if (least := tariff.minimum) is not None and least.amount is not None:
        yield words("price_at_least", price=words.price(least.amount), currency=currency)
    if least is not None and least.share_of_contract_plan is not None:
        yield words("price_at_least_calls", share=words.share(least.share_of_contract_plan))


def _minute(words: Words, agreed: PerMinute, currency: str) -> Iterator[str]:
    yield words("price_per_minute", price=words.price(agreed.price), currency=currency, base=words(f"base_{agreed.base}"))
    yield words("price_steps" if agreed.increment_s > 1 else "price_seconds", seconds=agreed.increment_s)
    if agreed.minimum_s:
        yield words("price_shortest", seconds=agreed.minimum_s)
    if agreed.free_s:
        yield words("price_free", seconds=agreed.free_s)
    yield from _tiers(words, agreed.tiers, "minutes", currency) if agreed.tiers else (words("price_rounded"),)


def _call(words: Words, agreed: PerCall, currency: str) -> Iterator[str]:
    yield words(f"price_per_call_{agreed.on}", price=words.price(agreed.price), currency=currency)
    if agreed.min_talk_s:
        yield words("price_least_talk", seconds=agreed.min_talk_s)
    yield from _tiers(words, agreed.tiers, "calls", currency) if agreed.tiers else (words("price_rounded"),)


def _tiers(words: Words, tiers: tuple[Tier, ...], of: str, currency: str) -> Iterator[str]:
    """Those beyond the first, whose price is the price."""
    for tier in tiers:
        if tier.above:
            yield words(f"price_beyond_{of}", above=words.short(tier.above), price=words.price(tier.price), currency=currency)


def _hour(words: Words, agreed: PerAgentHour, currency: str) -> Iterator[str]:
    yield words("price_per_agent_hour", price=words.price(agreed.price), currency=currency, base=words(f"hours_{agreed.base}"))
    if agreed.share is None:
        yield words("hours_by_handling")
    elif agreed.share != Decimal(1):
        yield words("hours_share", share=words.share(agreed.share))
