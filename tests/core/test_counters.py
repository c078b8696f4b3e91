"""Counters: every label set from the start, buckets that hold every threshold, copies that stay."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import SECOND, QueueId, ServiceLevel
from monitor.core.counters import BUCKETS_SECONDS, INBOUND_WORK, Contacts, Counters, Outcome, Planned, Reason, Visits, Waits
from monitor.core.snapshot import State
from monitor.core.tariff import Tariff
from monitor.core.trunk import Trunk, TrunkId
from tests.core.scene import contract, project

BANK = QueueId("pbx1", "bank")
KYIVSTAR = TrunkId("pbx1", "kyivstar")


def starting() -> Counters:
    bank = project("bank", service_level=ServiceLevel(25 * SECOND), dids=frozenset({"380441111111"}))
    return Counters.starting(contract(bank, project("shop", "shop", "bank"), trunks=(Trunk(KYIVSTAR, ("PJSIP/kyivstar",)),)), tuple(State))


def test_everything_the_contract_knows_exists_at_zero() -> None:
    counters = starting()
    assert set(counters.visits) == {("bank", BANK), ("shop", BANK), ("shop", QueueId("pbx1", "shop"))}
    assert all(row == [0] * len(Visits) for row in counters.visits.values())
    assert len(counters.flowed_out) == 3 * len(Reason)
    assert len(counters.waits) == 3 * 4
    assert not any(outcome is Outcome.UNRESOLVED for _, _, outcome in counters.waits)
    assert counters.contacts == {name: [0] * len(Contacts) for name in ("bank", "shop")}
    assert counters.planned == {name: [0] * len(Planned) for name in ("bank", "shop")}
    assert len(counters.handle_us) == 2 * len(INBOUND_WORK)
    assert set(counters.agent_us) == {("floor", state) for state in State}
    assert set(counters.pause_us) == {("floor", reason) for reason in ("lunch", "break", "wrap", "chat", "none", "other")}
    assert counters.ring_no_answer == {"floor": 0}
    assert counters.unobserved_us == {"pbx1": 0}
    assert counters.trunk_calls == {(KYIVSTAR, "inbound"): 0, (KYIVSTAR, "outbound"): 0}
    assert counters.trunk_failures == {(KYIVSTAR, "chanunavail"): 0, (KYIVSTAR, "congestion"): 0}
    assert counters.did_calls == {("pbx1", "380441111111", "bank"): 0, ("pbx1", "other", ""): 0}


def test_a_disposition_that_any_tariff_names_exists_at_zero_and_the_others_as_one() -> None:
    day = date(2026, 1, 1)
    tariffs = tuple(Tariff(day + timedelta(days=n), per_result=((name, Decimal(1)), ("", Decimal(0)))) for n, name in enumerate(("sale", "lead", "sale")))
    counters = Counters.starting(contract(project("bank", tariffs=tariffs), project("shop", tariffs=(Tariff(day),))), tuple(State))
    assert counters.results == {("bank", "sale"): 0, ("bank", "lead"): 0, ("bank", "other"): 0}


def test_the_service_level_threshold_is_a_bucket_bound() -> None:
    waits = starting().waits["bank", BANK, Outcome.ANSWERED]
    assert waits.bounds_us == tuple(sorted({*(s * SECOND for s in BUCKETS_SECONDS), 25 * SECOND}))


@given(st.lists(st.integers(0, 700 * SECOND)))
def test_a_wait_is_in_every_bucket_whose_bound_it_does_not_exceed(waits: list[int]) -> None:
    histogram = Waits((5 * SECOND, 20 * SECOND, 600 * SECOND), [0] * 4)
    for wait in waits:
        histogram.observe(wait)
    for index, bound in enumerate(histogram.bounds_us):
        assert sum(histogram.counts[: index + 1]) == sum(1 for wait in waits if wait <= bound)
    assert (sum(histogram.counts), histogram.sum_us) == (len(waits), sum(waits))


@pytest.mark.parametrize("name", Counters.__dataclass_fields__)
def test_a_frozen_copy_stays_what_it_was(name: str) -> None:
    counters = starting()
    counters.unclaimed[BANK] += 1
    counters.anomalies["x"] += 1
    counters.corrected["pbx1", "bank", "unresolved"] = 1
    counters.corrected_contacts["bank", "abandoned"] = 1
    counters.corrected_us["unobserved"] = 1
    counters.result("bank", "other")
    counters.open_outbound("bank")
    counters.channel_contact("bank", "chat", Outcome.ANSWERED, 1)
    frozen = counters.frozen()
    assert frozen == counters
    table = getattr(counters, name)
    for key, value in list(table.items()):
        if isinstance(value, list):
            value[0] += 1
        elif isinstance(value, Waits):
            value.observe(1)
        else:
            table[key] += 1
    assert getattr(frozen, name) != table
    table.clear()
    assert getattr(frozen, name)
