"""The exposition: whole texts against golden files, both formats through other people's parsers, and what has to be absent."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric

from monitor.assess.money import Money
from monitor.core.contract import Contract, QueueId
from monitor.core.counters import Counters
from monitor.core.snapshot import AgentView, PbxView, State, Window
from monitor.outputs import rows
from monitor.outputs.daemon import DaemonFacts, PbxFacts
from monitor.outputs.families import FLOOR
from monitor.outputs.family import Family, Kind
from monitor.outputs.metrics import EOF, Exposition, Format, Process, UnknownClient, negotiate
from monitor.outputs.self_families import DAEMON
from tests.conftest import Golden
from tests.outputs import hand
from tests.outputs.reading import openmetrics_families, text_families

HERE = Path(__file__).parent / "golden"
FAMILIES: list[Family[Any]] = [*FLOOR, *DAEMON]
NAMES = {family.name for family in FAMILIES}
COUNTED_MONEY = ("callcenter_revenue_total", "callcenter_plan_revenue_total", "callcenter_other_cost_total")  # they begin with the prices
# The OpenMetrics names of families differ, so the parser's answer is brought back to the table's names by kind.
SUFFIX = {"counter": "_total", "info": "_info"}


# What the centre earns is no client's business: left out of a client's view.
OF_THE_CENTRE = re.compile(
    r"callcenter_(\w*(revenue|cost|margin|guarantee)\w*|money_known_ratio|cash_seconds)\{|condition=\"(MarginNegative|MinimumGuaranteeShort|ClientDependence)"
)


def scrape(form: Format = Format.TEXT, client: str | None = None, contract: Contract | None = None) -> str:
    agreed = contract or hand.contract(agent_metrics=True)
    text = "".join(Exposition().scrape(hand.outlook(agreed), agreed, hand.daemon(), form, client))
    return text + EOF if form is Format.OPENMETRICS else text


def escape(name: str) -> str:
    """A label value as the exposition formats say, told a second time."""
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def samples(text: str) -> dict[str, set[str]]:
    """Label texts by sample name."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? \S+", line).groups()  # type: ignore[union-attr]
            found.setdefault(name, set()).add(labels or "")
    return found


def value(text: str, series: str) -> float:
    """The value of one series, written as in the text."""
    (line,) = (line for line in text.splitlines() if line.startswith(f"{series} "))
    return float(line.removeprefix(f"{series} "))


# --- whole texts ------------------------------------------------------------------------------------------------------------------


@pytest.mark.golden
def test_the_whole_text(golden: Golden) -> None:
    golden(HERE / "floor.prom", scrape())


@pytest.mark.golden
def test_the_whole_openmetrics(golden: Golden) -> None:
    golden(HERE / "floor.openmetrics", scrape(Format.OPENMETRICS))


@pytest.mark.golden
def test_the_whole_view_of_one_client(golden: Golden) -> None:
    golden(HERE / "bank.prom", scrape(client="Bank"))


def test_promtool_finds_nothing_to_say() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (apt install prometheus): the exposition was not linted")
    done = subprocess.run([promtool, "check", "metrics"], input=scrape(), capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_same_instant_is_the_same_text() -> None:
    exposition, agreed = Exposition(), hand.contract(agent_metrics=True)
    first, second = ("".join(exposition.scrape(hand.outlook(agreed), agreed, hand.daemon(), Format.TEXT)) for _ in range(2))
    assert first == second


# --- the table --------------------------------------------------------------------------------------------------------------------


def test_every_family_of_the_table_has_a_sample() -> None:
    families = {family.name for family in text_families(scrape())}
    assert families == {name.removesuffix("_total") for name in NAMES}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_row_of_the_table_is_well_made(family: Family[Any]) -> None:
    assert re.fullmatch(r"(callcenter|floorwatch)_[a-z_]+", family.name)
    assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
    assert family.name.endswith("_info") == (family.kind is Kind.INFO)
    assert re.fullmatch(r"(?:1|[A-Z])[^\n\\\"|]*[^.]\.", family.help), "one sentence that needs no escaping in any format or table"
    assert len(set(family.labels)) == len(family.labels)


def test_samples_carry_the_labels_of_the_table_in_its_order() -> None:
    found = samples(scrape())
    for family in FAMILIES:
        name = f"{family.name}_count" if family.kind is Kind.HISTOGRAM else family.name
        rows = [tuple(re.findall(r'(?:^|,)([a-z]+)="', labels)) for labels in found[name]]
        for row in rows:
            assert row == tuple(label for label in family.labels if label in row or label not in family.optional), name
        assert {label for row in rows for label in row} == set(family.labels), name


def test_names_are_used_once() -> None:
    assert len(NAMES) == len(FAMILIES)


# --- both formats read back -------------------------------------------------------------------------------------------------------


def _flat(families: Iterable[Metric]) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {(sample.name, tuple(sorted(sample.labels.items()))): float(sample.value) for family in families for sample in family.samples}


def test_both_formats_say_the_same_to_a_parser() -> None:
    text, openmetrics = _flat(text_families(scrape())), _flat(openmetrics_families(scrape(Format.OPENMETRICS)))
    assert text == openmetrics
    assert len(text) == sum(not line.startswith("#") for line in scrape().splitlines()), "a series was written twice"


def test_kinds_and_definitions_reach_a_parser() -> None:
    read = {f"{family.name}{SUFFIX.get(family.type, '')}": (family.type, family.documentation) for family in openmetrics_families(scrape(Format.OPENMETRICS))}
    assert read.pop("callcenter_revenue_total")[0] == "unknown", "without _total it is the name of a gauge"
    assert read == {family.name: (family.kind.value, family.help) for family in FAMILIES if family.name != "callcenter_revenue_total"}


def test_text_knows_no_info() -> None:
    assert "# TYPE floorwatch_build_info gauge\n" in scrape()
    assert "# TYPE floorwatch_build info\n" in scrape(Format.OPENMETRICS)


def test_awkward_names_survive_the_way() -> None:
    for families in (text_families(scrape()), openmetrics_families(scrape(Format.OPENMETRICS))):
        labels = [sample.labels for family in families for sample in family.samples]
        assert {found["client"] for found in labels if "client" in found} == {"Bank", "Shop", hand.TAXI_CLIENT}
        assert hand.TAXI.name in {found.get("queue") for found in labels}


def test_bucket_bounds_are_written_as_floats_and_hold_the_threshold() -> None:
    bounds = re.findall(r'callcenter_wait_seconds_bucket\{client="Bank".*?outcome="answered",le="(.*?)"\} (\d+)', scrape())
    assert bounds == [
        ("5.0", "3"), ("10.0", "3"), ("15.0", "3"), ("20.0", "3"), ("25.0", "4"), ("30.0", "5"), ("45.0", "5"), ("60.0", "5"),
        ("90.0", "5"), ("120.0", "5"), ("180.0", "5"), ("300.0", "5"), ("600.0", "5"), ("+Inf", "6"),
    ]  # fmt: skip
    prefix = 'callcenter_wait_seconds_sum{client="Bank",project="bank-line",pbx="pbx1",queue="bank",outcome="answered"}'
    assert value(scrape(), prefix) == 960.0


# --- what is absent ---------------------------------------------------------------------------------------------------------------

NOW = ("callcenter_calls_waiting", "callcenter_calls_deciding", "callcenter_longest_wait_seconds")
PEOPLE_NOW = ("callcenter_agents", "callcenter_longest_pause_seconds", "callcenter_agent_state")


def test_a_blind_pbx_has_no_gauges_of_now_but_keeps_its_counters() -> None:
    found = samples(scrape())
    for name in NOW:
        assert found[name]
        assert not any("taxi" in labels for labels in found[name])
    assert any("taxi" in labels for labels in found["callcenter_calls_entered_total"])
    assert value(scrape(), 'floorwatch_gap_seconds{pbx="pbx2"}') == 12.0
    assert value(scrape(), 'floorwatch_gap_seconds{pbx="pbx1"}') == 0.0


def test_refused_calls_are_there_where_the_cdr_is_read() -> None:
    found = samples(scrape())["callcenter_calls_refused_total"]
    assert {line.split("queue=")[1] for line in found} == {'"bank",reason="other"', '"shop",reason="other"'}
    assert value(scrape(), 'callcenter_calls_refused_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank",reason="other"}') == 6
    assert value(scrape(), 'floorwatch_cdr_up{pbx="pbx1"}') == 0
    assert samples(scrape())["floorwatch_cdr_up"] == {'pbx="pbx1"'}


def test_a_group_nobody_sees_has_no_people_but_keeps_its_seconds() -> None:
    found = samples(scrape())
    for name in PEOPLE_NOW:
        assert found[name]
        assert not any("night" in labels for labels in found[name])
    assert any("night" in labels for labels in found["callcenter_agent_seconds_total"])


def test_nothing_seen_yet_leaves_no_gauge_of_now_at_all() -> None:
    agreed = hand.contract(agent_metrics=True)
    outlook = hand.outlook(agreed)
    blind = tuple(PbxView(pbx.name, observed=False, blind_since=hand.AT) for pbx in outlook.snapshot.pbxs)
    outlook = replace(outlook, snapshot=replace(outlook.snapshot, pbxs=blind, observed_groups=frozenset()))
    text = "".join(Exposition().scrape(outlook, agreed, hand.daemon(), Format.TEXT))
    assert not any(name in text for name in (*NOW, "callcenter_agents{", "callcenter_longest_pause", "callcenter_agent_state"))


def test_nobody_waiting_and_nobody_paused_are_known_zeros() -> None:
    text = scrape()
    assert value(text, 'callcenter_longest_wait_seconds{client="Shop",project="shop-line",pbx="pbx1",queue="shop"}') == 0
    assert value(text, 'callcenter_longest_pause_seconds{group="floor",reason="break"}') == 0
    assert value(text, 'callcenter_longest_pause_seconds{group="floor",reason="lunch"}') == 90
    assert value(text, 'callcenter_longest_pause_seconds{group="floor",reason="other"}') == 5


def test_a_figure_that_is_none_is_no_sample() -> None:
    found = samples(scrape())
    figures = [family.name for family in FLOOR if {"window", "client"} <= set(family.labels) and "currency" not in family.labels]
    assert len(figures) == 12
    for name in figures:
        assert not any("taxi" in labels for labels in found[name]), name
    shop = [labels for labels in found["callcenter_volume_deviation_ratio"] if "Shop" in labels]
    assert len(shop) == len(Window) - 1
    assert not any('window="interval"' in labels for labels in shop)
    assert not any("night" in labels for labels in found["callcenter_occupancy_ratio"] | found["callcenter_plan_agents"])


def test_every_value_is_a_number_somebody_can_divide() -> None:
    values = [line.rsplit(" ", 1)[1] for line in scrape().splitlines() if not line.startswith("#")]
    assert [text for text in values if not re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?", text)] == []


def test_counters_of_known_projects_are_there_at_zero() -> None:
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    fresh = replace(outlook, snapshot=replace(outlook.snapshot, counters=Counters.starting(agreed, tuple(state.value for state in State))), money=Money())
    text = "".join(Exposition().scrape(fresh, agreed, hand.daemon(), Format.TEXT))
    found = samples(text)
    event_fed = {"callcenter_unclaimed_calls_total", "floorwatch_anomalies_total", "callcenter_plan_agent_seconds_total", "callcenter_results_total"}
    event_fed |= {"callcenter_channel_contacts_total", "callcenter_channel_handle_seconds_total"}  # no project of this contract names a channel
    event_fed |= {f"callcenter_plan_{what}_total" for what in ("attempts", "observed_attempts", "results")}  # where it is planned
    event_fed |= {f"floorwatch_corrected_{what}_total" for what in ("calls", "contacts", "seconds")}
    for family in FLOOR:
        if family.kind is Kind.COUNTER and family.name not in event_fed:
            assert found[family.name], family.name
            assert all(line.endswith((" 0", " 0.0", " 0.00")) for line in text.splitlines() if line.startswith(f"{family.name}{{"))
    assert found["callcenter_plan_agent_seconds_total"] == {'client="Bank",project="bank-line",direction="inbound"'}


def test_what_a_counter_counted_and_the_ledger_took_back_is_said() -> None:
    """A caller counted as unresolved was found waiting after a long gap."""
    assert value(scrape(), 'floorwatch_corrected_calls_total{pbx="pbx1",queue="bank",family="unresolved"}') == 3
    assert value(scrape(), 'floorwatch_corrected_contacts_total{client="Bank",project="bank-line",family="abandoned"}') == 2
    agreed = hand.contract()
    outlook = hand.outlook(agreed)
    untouched = replace(outlook, snapshot=replace(outlook.snapshot, counters=Counters()))
    assert "floorwatch_corrected" not in "".join(Exposition().scrape(untouched, agreed, hand.daemon(), Format.TEXT))


def test_before_the_first_outlook_the_daemon_speaks_for_itself() -> None:
    facts = DaemonFacts("0.1.0", "3.11.7", (PbxFacts("pbx1", gap_us=3_000_000),))
    text = "".join(Exposition().scrape(None, hand.contract(), facts, Format.TEXT))
    assert "callcenter_" not in text
    assert value(text, 'floorwatch_ami_up{pbx="pbx1"}') == 0
    assert value(text, 'floorwatch_gap_seconds{pbx="pbx1"}') == 3
    assert "floorwatch_state_age_seconds" not in text
    assert "floorwatch_clock_offset_seconds" not in text


def test_a_queue_the_contract_no_longer_names_is_left_out_and_a_new_one_waits_for_its_counters() -> None:
    old, new = hand.contract(), hand.contract()
    moved = replace(new, projects=(*new.projects[1:], replace(new.projects[0], name="bank-2", queues=(QueueId("pbx1", "bank-2"),))))
    text = "".join(Exposition().scrape(hand.outlook(old), moved, hand.daemon(), Format.TEXT))
    assert "bank-line" not in text
    of_contract = {name for name, found in samples(text).items() if any("bank-2" in labels for labels in found)}
    assert of_contract == {"callcenter_service_level_target_ratio", "callcenter_limit", *COUNTED_MONEY}


# --- agents -----------------------------------------------------------------------------------------------------------------------


def test_agents_are_named_only_where_the_site_asked() -> None:
    text = scrape(contract=hand.contract())
    assert "callcenter_agent_state" not in text
    assert not any(person in text for person in ("E17", "Олена", "PJSIP/104"))
    assert samples(scrape())["callcenter_agent_state"] == {
        'group="floor",state="talk",agent="E17"', 'group="floor",state="paused",agent="E18"', 'group="floor",state="paused",agent="E19"',
        'group="floor",state="paused",agent="pbx1/PJSIP/104"', 'group="floor",state="available",agent="E20"',
    }  # fmt: skip


def test_the_agent_label_is_capped_and_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "AGENT_SERIES_MAX", 3)
    exposition, agreed = Exposition(), hand.contract(agent_metrics=True)
    texts = ["".join(exposition.scrape(hand.outlook(agreed), agreed, hand.daemon(), Format.TEXT)) for _ in range(2)]
    assert all(len(samples(text)["callcenter_agent_state"]) == 3 for text in texts)
    assert [value(text, 'floorwatch_dropped_total{what="agent_series"}') for text in texts] == [2, 4]


def test_a_person_of_no_group_is_in_no_group() -> None:
    agreed = hand.contract(agent_metrics=True)
    outlook = hand.outlook(agreed)
    only = (AgentView("guest", "Guest", None, State.AVAILABLE, hand.AT, None, ""),)
    text = "".join(Exposition().scrape(replace(outlook, snapshot=replace(outlook.snapshot, agents=only)), agreed, hand.daemon(), Format.TEXT))
    assert value(text, 'callcenter_agents{group="floor",state="available"}') == 0
    assert "guest" not in text


# --- one client's view --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("client", ["Bank", "Shop", hand.TAXI_CLIENT])
def test_a_client_sees_nothing_of_the_others(client: str, form: Format) -> None:
    """Whole words, whole text: not a client, project, queue, group, person or PBX figure of anybody else."""
    text = scrape(form, client)
    words = {"Bank": ("Bank", "bank"), "Shop": ("Shop", "shop"), hand.TAXI_CLIENT: ("Таксі", "taxi")}
    strangers = [word for other, theirs in words.items() if other != client for word in theirs]
    assert not [word for word in (*strangers, 'group="', "agent=", "night", "test", "fax", "pbx2" if client != hand.TAXI_CLIENT else "pbx1") if word in text]
    assert all(f'client="{escape(client)}"' in labels for found in samples(text).values() for labels in found)
    assert words[client][1] in text


def test_the_clients_views_together_are_every_row_that_names_a_client() -> None:
    views = "".join(scrape(client=client) for client in ("Bank", "Shop", hand.TAXI_CLIENT))
    lines = [line for line in scrape().splitlines() if 'client="' in line and not OF_THE_CENTRE.search(line)]
    assert sorted(line for line in views.splitlines() if not line.startswith("#")) == sorted(lines)


def test_a_client_sees_nothing_of_the_centre_s_money() -> None:
    text = scrape(client="Bank")
    assert OF_THE_CENTRE.search(scrape())
    assert not [line for line in text.splitlines() if OF_THE_CENTRE.search(line)]
    assert not [word for word in ("currency", "UAH", "EUR", "breakeven", "BelowBreakEven") if word in text]


def test_switching_between_views_mixes_nothing() -> None:
    exposition, agreed = Exposition(), hand.contract(agent_metrics=True)

    def one(client: str | None) -> str:
        return "".join(exposition.scrape(hand.outlook(agreed), agreed, hand.daemon(), Format.TEXT, client))

    assert [one("Bank"), one(None), one("Shop"), one("Bank")] == [scrape(client="Bank"), scrape(), scrape(client="Shop"), scrape(client="Bank")]


def test_two_scrapes_may_take_turns_piece_by_piece() -> None:
    """As the server lets them: whoever is half-way keeps its own instant and its own client."""
    exposition, agreed = Exposition(), hand.contract(agent_metrics=True)
    forms: tuple[tuple[Format, str | None], ...] = ((Format.TEXT, None), (Format.OPENMETRICS, None), (Format.TEXT, "Shop"))
    running = [exposition.scrape(hand.outlook(agreed), agreed, hand.daemon(), form, client) for form, client in forms]
    text, openmetrics, shop = ("".join(pieces) for pieces in zip(*zip_longest(*running, fillvalue=""), strict=True))
    assert (text, openmetrics + EOF, shop) == (scrape(), scrape(Format.OPENMETRICS), scrape(client="Shop"))


def test_a_client_nobody_knows_is_refused() -> None:
    agreed = hand.contract()
    for name in ("bank", "", "Bank "):
        with pytest.raises(UnknownClient):
            Exposition().scrape(hand.outlook(agreed), agreed, hand.daemon(), Format.TEXT, name)


# --- which format -------------------------------------------------------------------------------------------------------------------

PROMETHEUS_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Format.TEXT),
        ("*/*", Format.TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.TEXT),
        ("text/plain;version=0.0.4;q=0.5", Format.TEXT),
        ("application/openmetrics-text", Format.OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", Format.OPENMETRICS),
        ('application/openmetrics-text;version="1.0.0"', Format.OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1", Format.TEXT),
        ("application/openmetrics-text;version=2.0.0", Format.TEXT),
        ("application/openmetrics-text;version=1.0.0;q=0", Format.TEXT),
        ("application/openmetrics-text;q=nonsense", Format.TEXT),
        ("Application/OpenMetrics-Text; Version=1.0.0", Format.OPENMETRICS),
        ("TEXT/PLAIN;Q=0.7,application/openmetrics-text;Q=0.2", Format.TEXT),
        ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.7", Format.TEXT),
        (PROMETHEUS_2, Format.OPENMETRICS),
        (PROMETHEUS_3, Format.OPENMETRICS),
    ],
)
def test_the_format_is_the_one_asked_for(accept: str, form: Format) -> None:
    assert negotiate(accept) is form


def test_content_types_are_what_prometheus_3_insists_on() -> None:
    assert Format.TEXT.value == "text/plain; version=0.0.4; charset=utf-8"
    assert Format.OPENMETRICS.value == "application/openmetrics-text; version=1.0.0; charset=utf-8"


# --- the process --------------------------------------------------------------------------------------------------------------------


def test_the_process_speaks_both_formats_and_leaves_the_end_open() -> None:
    process = Process()
    text, openmetrics = process.text(Format.TEXT), process.text(Format.OPENMETRICS)
    assert "process_resident_memory_bytes " in text
    assert "python_info{" in text
    assert EOF not in openmetrics
    assert "process_cpu_seconds_total " in "".join(f"{name} " for name in samples(openmetrics))
    list(openmetrics_families(scrape(Format.OPENMETRICS).removesuffix(EOF) + openmetrics + EOF))
