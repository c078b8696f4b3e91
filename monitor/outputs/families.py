"""Every metric there is: name, kind, labels, definition, and where its samples come from. One row each.

Owns the names users, boards and alerts rely on and the one sentence that defines each; docs and tests are held against this table.
A name, label or meaning that changes here is a `[CHANGE]` in the changelog. Refuses arithmetic (`rows` and the outlook did it).
`FLOOR` rows read an Outlook, `DAEMON` rows the daemon's own facts. Next: `metrics` writes them in the format asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from monitor.core.counters import Attempts, Contacts, Planned, Visits
from monitor.core.counters import LostCallers as Lost
from monitor.outputs import channels, dialled, judged, lost, money, rows, scopes, trunks
from monitor.outputs.daemon import DaemonFacts, PbxFacts
from monitor.outputs.lines import Floor, histogram, label, seconds

Source = TypeVar("Source")


class Kind(Enum):
    """What a family is; `INFO` is a 1 that carries labels."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Family(Generic[Source]):
    """One metric: `help` is its definition in one sentence, `labels` in the order they are written, `le` left out."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    rows: Callable[[str, Source], Iterator[str]]
    optional: frozenset[str] = frozenset()  # labels that only the rows about such a thing have


C, G, H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

PROJECT = ("client", "project")
QUEUE = (*PROJECT, "pbx", "queue")
CONTACT = (*PROJECT, "direction")
SPAN = (*PROJECT, "window")
TRUNK = ("pbx", "trunk")

# A metric is a row; spread over five lines the table could not be read as one.

# fmt: off
_CALLS: tuple[Family[Floor], ...] = (
    Family("callcenter_calls_entered_total", C, QUEUE, "Visits of callers to the queue: one per QueueCallerJoin.", rows.visits(Visits.ENTERED)),
    Family("callcenter_calls_answered_total", C, QUEUE, "Visits that reached an agent (AgentConnect).", rows.visits(Visits.ANSWERED)),
    Family("callcenter_calls_answered_in_threshold_total", C, QUEUE,
           "Visits answered no later than the project's service level threshold after QueueCallerJoin.", rows.visits(Visits.IN_THRESHOLD)),
    Family("callcenter_calls_abandoned_total", C, QUEUE, "Visits ended by the caller's hang-up while waiting at least the project's short limit.",
           rows.visits(Visits.ABANDONED)),
    Family("callcenter_calls_short_abandoned_total", C, QUEUE, "Visits ended by the caller's hang-up while waiting less than the project's short limit.",
           rows.visits(Visits.SHORT)),
    Family("callcenter_calls_abandoned_in_threshold_total", C, QUEUE, "Visits abandoned, not short, no later than the service level threshold.",
           rows.visits(Visits.ABANDONED_IN_THRESHOLD)),
    Family("callcenter_calls_unresolved_total", C, QUEUE, "Visits whose end was never seen because the link to the PBX was down.",
           rows.visits(Visits.UNRESOLVED)),
    Family("callcenter_calls_handled_total", C, QUEUE, "Answered visits whose talk and wrap-up are over.", rows.visits(Visits.HANDLED)),
    Family("callcenter_calls_flowed_out_total", C, (*QUEUE, "reason"),
           "Visits ended neither by an answer nor by the caller's hang-up (QueueCallerLeave with the caller's channel going on), by reason.",
           rows.flowed_out),
    Family("callcenter_calls_refused_total", C, (*QUEUE, "reason"),
           "Calls that Queue() turned away at the door, as far as a CDR shows it; absent unless the PBX's CDR is read.", rows.refused),
    Family("callcenter_unclaimed_calls_total", C, ("pbx", "queue"), "Calls that joined a queue of no project.", rows.unclaimed),
    Family("callcenter_calls_waiting", G, QUEUE, "Callers in the queue now, those whose exit is being decided left out.",
           rows.queue_now(lambda queue, _: queue.waiting)),
    Family("callcenter_calls_deciding", G, QUEUE, "Callers who left the queue and whose outcome is not known yet.",
           rows.queue_now(lambda queue, _: queue.deciding)),
    Family("callcenter_longest_wait_seconds", G, QUEUE, "Time since the QueueCallerJoin of the longest waiting caller, 0 while nobody waits.",
           rows.queue_now(rows.longest_wait)),
    Family("callcenter_wait_seconds", H, (*QUEUE, "outcome"), "Time from QueueCallerJoin to the answer or to leaving the queue, of ended visits.",
           rows.waits),
)

_CONTACTS: tuple[Family[Floor], ...] = (
    Family("callcenter_contacts_total", C, CONTACT, "Callers' first entries into any queue of the project, one per call.",
           rows.contacts(Contacts.CONTACTS)),
    Family("callcenter_contacts_answered_total", C, CONTACT, "Contacts of which any visit was answered.", rows.contacts(Contacts.ANSWERED)),
    Family("callcenter_contacts_answered_in_threshold_total", C, CONTACT,
           "Contacts answered no later than the service level threshold after their first entry.", rows.contacts(Contacts.IN_THRESHOLD)),
    Family("callcenter_contacts_abandoned_total", C, CONTACT, "Contacts whose last visit was abandoned, at least the short limit after their first entry.",
           rows.contacts(Contacts.ABANDONED)),
    Family("callcenter_contacts_abandoned_in_threshold_total", C, CONTACT, "Contacts abandoned, not short, no later than the service level threshold.",
           rows.contacts(Contacts.ABANDONED_IN_THRESHOLD)),
    Family("callcenter_contacts_short_abandoned_total", C, CONTACT, "Contacts abandoned less than the short limit after their first entry.",
           rows.contacts(Contacts.SHORT)),
    Family("callcenter_contacts_flowed_out_total", C, CONTACT, "Contacts whose last visit flowed out and whose call ended unanswered.",
           rows.contacts(Contacts.FLOWED_OUT)),
    Family("callcenter_contacts_handled_total", C, CONTACT, "Answered contacts whose talk and wrap-up are over.", rows.contacts(Contacts.HANDLED)),
    Family("callcenter_outbound_attempts_total", C, PROJECT,
           "Dials towards somebody outside that are the project's (DialBegin of its trunk, account code, context, prefix or caller id), callbacks included.",
           dialled.attempts(Attempts.ATTEMPTS)),
    Family("callcenter_outbound_taken_total", C, PROJECT, "Attempts that whoever was called took (DialEnd ANSWER).", dialled.attempts(Attempts.TAKEN)),
    Family("callcenter_outbound_contacts_total", C, PROJECT,
           "Those called who were there at least contact_min_seconds; the sum of callcenter_contacts_total over outbound and callback.",
           dialled.called_contacts),
    Family("callcenter_outbound_failures_total", C, (*PROJECT, "status"), "Attempts that nobody took, by the PBX's word (DialStatus).", dialled.failures),
    Family("callcenter_outbound_unresolved_total", C, PROJECT, "Attempts whose end was never seen because the link to the PBX was down.",
           dialled.attempts(Attempts.UNRESOLVED)),
    Family("callcenter_lost_callers_total", C, PROJECT,
           "Callers whose contact was abandoned or flowed out: one for each number, however often it tries, until it is answered or reached.",
           lost.counted(Lost.LOST)),
    Family("callcenter_lost_callers_recovered_total", C, (*PROJECT, "by"),
           "Lost callers whom the project has spoken with since: redial (the caller called again) or callback (the project called).", lost.recovered),
    Family("callcenter_lost_callers_expired_total", C, PROJECT, "Lost callers who were neither answered nor reached within 60 days of their last try.",
           lost.counted(Lost.EXPIRED)),
    Family("callcenter_lost_callers_withheld_total", C, PROJECT,
           "Contacts abandoned or flowed out whose caller showed no number, so that nobody can call back; in no other lost_callers family.",
           lost.counted(Lost.WITHHELD)),
    Family("callcenter_lost_callers_open", G, PROJECT, "Lost callers to be called back now.", lost.open_now),
    Family("callcenter_lost_callers_oldest_seconds", G, PROJECT, "Time since the first try of the lost caller who is open longest; absent while none is.",
           lost.oldest),
    Family("callcenter_results_total", C, (*PROJECT, "disposition"),
           "Results told of (POST /api/v1/results, UserEvent FloorwatchResult), each key once, by disposition; those that no tariff names are other.",
           rows.results),
    Family("callcenter_channel_contacts_total", C, (*PROJECT, "channel", "outcome"),
           "Contacts of other channels than the telephone, as MQTT tells of them, each key once; no calls, and in no other family.", channels.contacts),
    Family("callcenter_channel_handle_seconds_total", C, (*PROJECT, "channel"),
           "People's time on contacts of other channels, as MQTT tells of it; in no state of theirs and in no workload.", channels.handle_seconds),
    Family("callcenter_handle_seconds_total", C, (*CONTACT, "component"),
           "Agents' time on the project's work; its rate is the carried workload in Erlangs; offline is a pause of class work.", rows.handle_seconds),
)

_TRUNKS: tuple[Family[Floor], ...] = (
    Family("callcenter_trunk_up", G, TRUNK,
           "1 while the PBX takes any endpoint of the trunk for reachable, 0 while it takes none; absent while it has not told.",
           trunks.now(trunks.up)),
    Family("callcenter_trunk_channels", G, TRUNK, "Channels on the trunk now, those that ring included.", trunks.now(lambda trunk: trunk.channels)),
    Family("callcenter_trunk_capacity_channels", G, TRUNK, "Calls the trunk carries at once, as configured.", trunks.capacity),
    Family("callcenter_trunk_calls_total", C, (*TRUNK, "direction"),
           "Calls that began on the trunk: inbound where the far side rang us, outbound where it was dialled from here, answered or not.", trunks.calls),
    Family("callcenter_trunk_failures_total", C, (*TRUNK, "status"),
           "Outbound attempts that the trunk refused, by what came back (DialStatus); busy and unanswered callees are none.", trunks.failures),
    Family("callcenter_did_calls_total", C, (*PROJECT, "pbx", "did"),
           "Inbound calls of trunks by the number they dialled, before any IVR or queue; numbers of no project are other.", trunks.dids,
           optional=frozenset(PROJECT)),
)

_AGENTS: tuple[Family[Floor], ...] = (
    Family("callcenter_agents", G, ("group", "state"), "People of the group on the floor now, each in exactly one state.", rows.agents),
    Family("callcenter_agent_seconds_total", C, ("group", "state"), "Time people of the group spent in the state; the sum over states is logged-in time.",
           rows.agent_seconds),
    Family("callcenter_agent_state", G, ("group", "state", "agent"), "1 for the state the person is in now (only with agent_metrics).",
           rows.agent_state),
    Family("callcenter_pause_seconds_total", C, ("group", "reason"), "Time people of the group spent paused, by reason (QueueMemberPause).",
           rows.pause_seconds),
    Family("callcenter_longest_pause_seconds", G, ("group", "reason"), "Age of the oldest pause running now, by reason, 0 while nobody is paused.",
           rows.longest_pause),
    Family("callcenter_agent_ring_no_answer_total", C, ("group",), "Rings an agent let pass (AgentRingNoAnswer); under ring-all only if nobody answered.",
           rows.ring_no_answer),
    Family("callcenter_agents_staffed", G, ("group", "window"),
           "Average number of people handling, ringing (unless ring_counts_as is ignore) or available while seen.",
           rows.group_figure(lambda figures: figures.staffed)),
    Family("callcenter_occupancy_ratio", G, ("group", "window"),
           "Handle time over handle, ring and available time, with ringing counted as the site's ring_counts_as says.",
           rows.group_figure(lambda figures: figures.occupancy)),
    Family("callcenter_earning_occupancy_ratio", G, ("group", "window"), "Handle time over handle, ring and available time.",
           rows.group_figure(lambda figures: figures.earning_occupancy)),
    Family("callcenter_occupancy_limit_ratio", G, ("group", "bound"), "Configured bounds of the group's occupancy.", rows.occupancy_limit),
)

_FIGURES: tuple[Family[Floor], ...] = (
    Family("callcenter_workload_erlangs", G, (*CONTACT, "window", "kind"),
           "Agent-seconds of work per second: offered is contacts times AHT, carried is handle time done, planned is the plan's volume times its AHT, "
           "forecast is the plan's corrected by the day so far.",
           rows.workload),
    Family("callcenter_average_handle_time_seconds", G, SPAN, "Handle seconds of contacts finished in the window over their number.",
           rows.project_figure(lambda figures: figures.aht_seconds)),
    Family("callcenter_service_level_ratio", G, (*SPAN, "formula"),
           "Share of contacts that arrived in the window answered within the threshold, by each named formula.", rows.service_level),
    Family("callcenter_service_level_budget_calls", G, SPAN,
           "Contacts of the window that may still miss the threshold before the agreed target is missed, negative once it is.",
           rows.project_figure(lambda figures: figures.budget_calls)),
    Family("callcenter_abandonment_ratio", G, SPAN, "Abandoned contacts over contacts that arrived in the window, short ones left out of both.",
           rows.project_figure(lambda figures: figures.abandonment)),
    Family("callcenter_volume_deviation_ratio", G, SPAN, "Contacts minus the plan's volume over observed time, divided by that volume.",
           rows.project_figure(lambda figures: figures.volume_deviation)),
    Family("callcenter_workload_deviation_ratio", G, SPAN, "Offered minus planned workload over observed time, divided by the planned workload.",
           rows.project_figure(lambda figures: figures.workload_deviation)),
    Family("callcenter_aht_deviation_ratio", G, SPAN, "Observed AHT minus the plan's volume-weighted AHT, divided by the plan's.",
           rows.project_figure(lambda figures: figures.aht_deviation)),
    Family("callcenter_outbound_contact_ratio", G, SPAN, "Contacts over attempts that were dialled in the window; absent where a dialer elsewhere brings more.",
           rows.project_figure(lambda figures: figures.contact_ratio)),
    Family("callcenter_plan_contact_ratio", G, SPAN, "Outbound contacts over attempts as the plan in force has them for the window.",
           rows.project_figure(lambda figures: figures.planned_contact_ratio)),
    Family("callcenter_service_level_target_ratio", G, (*PROJECT, "bound"), "Agreed service level by the contract's formula.",
           rows.service_level_target),
)

_PLAN: tuple[Family[Floor], ...] = (
    Family("callcenter_plan_calls_total", C, CONTACT, "Contacts the plan in force expected so far; outbound: attempts that reach somebody.",
           rows.planned(Planned.CALLS, Planned.OUT_CONTACTS)),
    Family("callcenter_plan_attempts_total", C, CONTACT, "Outbound attempts the plan in force expected so far.", rows.planned(None, Planned.OUT_ATTEMPTS)),
    Family("callcenter_plan_results_total", C, CONTACT, "Results of outbound work the plan in force expected so far.",
           rows.planned(None, Planned.OUT_RESULTS)),
    Family("callcenter_plan_handle_seconds_total", C, CONTACT, "Handle seconds the plan in force expected so far.",
           rows.planned(Planned.HANDLE, Planned.OUT_HANDLE)),
    Family("callcenter_plan_agent_seconds_total", C, CONTACT, "Agent seconds the plan in force asked for so far; absent if it names no agents.",
           rows.planned(Planned.AGENTS, Planned.OUT_AGENTS)),
    Family("callcenter_plan_observed_calls_total", C, CONTACT, "Contacts the plan expected so far while the project's PBXs were seen.",
           rows.planned(Planned.OBSERVED_CALLS, Planned.OUT_OBSERVED_CONTACTS)),
    Family("callcenter_plan_observed_attempts_total", C, CONTACT, "Outbound attempts the plan expected so far while the project's PBXs were seen.",
           rows.planned(None, Planned.OUT_OBSERVED_ATTEMPTS)),
    Family("callcenter_plan_observed_handle_seconds_total", C, CONTACT, "Handle seconds the plan expected so far while the project's PBXs were seen.",
           rows.planned(Planned.OBSERVED_HANDLE, Planned.OUT_OBSERVED_HANDLE)),
    Family("callcenter_plan_covered", G, PROJECT, "1 while the plan in force has a row for this moment.", rows.plan_covered),
    Family("callcenter_plan_end_timestamp_seconds", G, PROJECT, "When the last interval of the project's plan ends.", rows.plan_end),
    Family("callcenter_plan_agents", G, ("group",), "Agents the plans of the group's projects ask for now.", rows.plan_agents),
    Family("callcenter_plan_occupancy_ratio", G, ("group",), "Planned workload of the group's projects over their planned agents, now.",
           rows.plan_occupancy),
)

_JUDGED: tuple[Family[Floor], ...] = (
    Family("callcenter_volume_deviation_z", G, SPAN,
           "Signed standard normal score of the day's contacts against the plan over its closed intervals (mid-p).", judged.deviation_z),
    Family("callcenter_volume_loss_pvalue", G, (*PROJECT, "detector"),
           "Chance of so few contacts if the plan were right, one-sided, by detector, after the last closed interval; silence: now.", judged.losses),
    Family("callcenter_volume_surge_pvalue", G, (*PROJECT, "detector"),
           "Chance of so many contacts if the plan were right, one-sided, by detector, after the last closed interval.", judged.surges),
    Family("callcenter_contact_rate_pvalue", G, PROJECT,
           "Chance of so few contacts of the attempts of the last day that is over, by its plan or else by the four weeks before it; judged once.",
           judged.contact_rate),
    Family("callcenter_volume_cusum", G, PROJECT,
           "What whole days below the plan have added up to, in standard deviations of a day; it is 0 while days keep to the plan.", judged.cusum),
    Family("callcenter_volume_shift", G, (*PROJECT, "reading"),
           "1 for what a loss of the project's volume is read as, 0 for the others and while there is no loss.", judged.shift),
    Family("callcenter_forecast_calls", G, PROJECT, "Contacts of the whole day: those that came and what the plan corrected by them has still to come.",
           judged.forecast_calls),
    Family("callcenter_project_agents_required", G, PROJECT, "Agents the project would need now for its own target if it shared none.",
           judged.required_alone),
    Family("callcenter_agents_eligible", G, (*PROJECT, "state"), "People whom the project's calls may reach now, by their state.", judged.eligible),
    Family("callcenter_agents_required", G, ("group",), "Agents the group needs now so that every project of it keeps its target (Erlang A).",
           judged.group_figure(lambda group: None if group.need is None else group.need.now.net)),
    Family("callcenter_net_staffing", G, ("group",), "Agents there for calls now minus agents required; positive is a surplus.",
           judged.group_figure(judged.net_staffing)),
    Family("callcenter_condition_active", G, (*PROJECT, "group", "pbx", "trunk", "condition", "severity"),
           "1 while the condition holds and no other speaks for it, 0 while it does not; absent while it cannot be judged.", judged.conditions,
           optional=frozenset({*PROJECT, "group", "pbx", "trunk"})),
    Family("callcenter_verdict", G, (*PROJECT, "verdict"), "1 for what the project's volume is against its plan, 0 for the other verdicts.",
           judged.verdicts),
    Family("callcenter_limit", G, (*PROJECT, "group", "reason", "condition", "figure", "bound"),
           "What a figure of the condition is held against, of the whole site or of a project or group.", judged.limits,
           optional=frozenset({*PROJECT, "group", "reason"})),
)

_MONEY: tuple[Family[Floor], ...] = (
    Family("callcenter_revenue_total", C, (*PROJECT, "currency"),
           "What the project has earned by its tariff, before guarantee, bonus, tax: charges as they accrue, shared hours by handle time when a day is over.",
           money.counted(lambda known: known.counted.revenue)),
    Family("callcenter_plan_revenue_total", C, (*PROJECT, "currency"),
           "What it would have earned if every planned contact had been answered and as long as planned.", money.counted(lambda known: known.counted.planned)),
    Family("callcenter_labor_cost_total", C, ("group", "currency"),
           "Wages of the group's paid time, night and holiday in it; overtime and downtime are in reports only. Absent where no wage is known.",
           money.labour),
    Family("callcenter_other_cost_total", C, (*PROJECT, "kind", "currency"),
           "What else it costs; telecom: the carrier's minutes while the project's callers are connected, fixed: the site's cost per day, as the day passes.",
           money.other_cost, optional=frozenset(PROJECT)),
    Family("callcenter_revenue", G, (*PROJECT, "window", "kind", "currency"),
           "What the day or billing period has brought so far: accrued charges, and provisionally adjustment (by service level) and guarantee.",
           money.revenue),
    Family("callcenter_minimum_guarantee_shortfall", G, (*PROJECT, "currency"),
           "What the client would have to pay for calls that did not come, if the billing period ended now.", money.shortfall(lambda one: one.guarantee)),
    Family("callcenter_minimum_guarantee_shortfall_calls", G, (*PROJECT, "currency"),
           "Calls by which the billing period so far is short of what is guaranteed of the plan the client signed.",
           money.shortfall(lambda one: one.shortfall_calls)),
    Family("callcenter_margin", G, (*PROJECT, "window", "currency"),
           "Revenue minus labour, telecom and fixed cost, in the site's currency; labour and fixed cost by handle time. Absent if a part is unknown.",
           money.margin),
    Family("callcenter_margin_forecast", G, (*PROJECT, "currency"),
           "The margin of the whole billing period if the rest comes as planned, times what came of the plan so far.", money.margin_forecast),
    Family("callcenter_money_known_ratio", G, PROJECT, "Share of the billing period's days that are over of which anything is known.", money.known_days),
    Family("callcenter_margin_without_client", G, ("client", "window", "currency"),
           "What the site's margin would be without the client's revenue and telecom cost, everybody still there.", money.without_client),
    Family("callcenter_cash_seconds", G, ("client",),
           "How long the reserve lasts at the billing period's loss so far: without that client, or, without the label, as it is; absent without a loss.",
           money.cash_left, optional=frozenset({"client"})),
    Family("callcenter_breakeven_occupancy_ratio", G, ("group",),
           "Handle over handle, ring and available time at which the group's projects earn what they cost in this billing period.", money.break_even),
)

_INCIDENTS: tuple[Family[Floor], ...] = (
    Family("callcenter_incident_active", G, ("kind", "scope"),
           "1 while an incident of the kind lasts for the scope, 0 before, in its recovery and after; absent once nothing of it is judged any more.",
           scopes.incident_active),
    Family("callcenter_signal_active", G, ("kind", "scope"),
           "1 while a signal of the kind is on for the scope, 0 while it is off; one of several projects has a scope for each.", scopes.signal_active),
)

_TRUST: tuple[Family[Floor], ...] = (
    Family("floorwatch_observed_ratio", G, SPAN, "Share of the window in which all PBXs of the project were seen, weighted by plan where there is one.",
           rows.project_figure(lambda figures: figures.observed)),
    Family("floorwatch_group_observed_ratio", G, ("group", "window"), "Share of the window in which the group's people were seen.",
           rows.group_figure(lambda figures: figures.observed)),
    Family("floorwatch_unobserved_seconds_total", C, ("pbx",),
           "Time in which the PBX could not be seen and that no log told, from its last sign of life; counted once that is certain.",
           rows.unobserved_seconds),
    Family("floorwatch_healed_calls_total", C, ("pbx",), "Visits that began unseen and were taken from queue_log: today's until the start, those of gaps.",
           rows.healed_calls),
    Family("floorwatch_reconcile_mismatches_total", C, ("pbx",), "Differences a repeated QueueStatus found and put right.",
           rows.reconcile_mismatches),
    Family("floorwatch_corrected_calls_total", C, ("pbx", "queue", "family"),
           "Visits counted in calls_<family>_total whose true end became known later: windows have the truth, that counter stays too high by so much.",
           rows.corrected_calls),
    Family("floorwatch_corrected_contacts_total", C, ("client", "project", "family"),
           "Contacts of contacts_<family>_total, or of lost_callers_total, whose true end became known later: that counter stays too high by so much.",
           rows.corrected_contacts),
    Family("floorwatch_corrected_seconds_total", C, ("family",),
           "Seconds counted and known better later. unobserved, agent: a log told of the time after all; observed: a dead link was noticed late.",
           rows.corrected_seconds),
    Family("floorwatch_talk_disagreement_seconds_total", C, ("pbx", "sign"),
           "Difference between the TalkTime of AgentComplete and the talk time measured on the agent's leg; longer: Asterisk's is the longer one.",
           rows.talk_disagreement),
    Family("floorwatch_anomalies_total", C, ("kind",), "Events that contradicted the known state, which was healed to what they implied.",
           rows.anomalies),
)


# fmt: on
# --- the daemon's own facts -----------------------------------------------------------------------------------------------------------


def _per_pbx(figure: Callable[[PbxFacts], int | float | None]) -> Callable[[str, DaemonFacts], Iterator[str]]:
    """A figure per PBX; unknown is absent."""

    def samples(name: str, daemon: DaemonFacts) -> Iterator[str]:
        for pbx in daemon.pbxs:
            if (value := figure(pbx)) is not None:
                yield f"{name}{{{label('pbx', pbx.name)}}} {value}\n"

    return samples


def _optional(us: int | None) -> float | None:
    return None if us is None else seconds(us)


def _events(name: str, daemon: DaemonFacts) -> Iterator[str]:
    for pbx in daemon.pbxs:
        for event, count in sorted(pbx.events.items()):
            yield f"{name}{{{label('pbx', pbx.name)},{label('event', event)}}} {count}\n"


def _dropped(name: str, daemon: DaemonFacts) -> Iterator[str]:
    for what, count in sorted(daemon.dropped.items()):
        yield f"{name}{{{label('what', what)}}} {count}\n"


def _clock_steps(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name} {daemon.clock_steps}\n"


def _event_lag(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield histogram(name, "", daemon.event_lag.bounds_us, daemon.event_lag.counts, daemon.event_lag.sum_us)


def _config(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name} {int(daemon.config_last_reload_successful)}\n"


def _config_at(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.config_last_reload_at is not None:
        yield f"{name} {seconds(daemon.config_last_reload_at)}\n"


def _mqtt(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.mqtt_up is not None:
        yield f"{name} {int(daemon.mqtt_up)}\n"


def _store(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.store_up is not None:
        yield f"{name} {int(daemon.store_up)}\n"


def _build(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name}{{{label('version', daemon.version)},{label('python', daemon.python)}}} 1\n"


# fmt: off
FLOOR: tuple[Family[Floor], ...] = _CALLS + _CONTACTS + _TRUNKS + _AGENTS + _FIGURES + _PLAN + _JUDGED + _MONEY + _INCIDENTS + _TRUST

DAEMON: tuple[Family[DaemonFacts], ...] = (
    Family("floorwatch_ami_up", G, ("pbx",), "1 while logged in to AMI, the state is whole, and Pings and lists are answered in time.",
           _per_pbx(lambda pbx: int(pbx.ami_up))),
    Family("floorwatch_gap_seconds", G, ("pbx",), "Age of the gap in what is seen of the PBX, 0 while there is none.",
           _per_pbx(lambda pbx: seconds(pbx.gap_us))),
    Family("floorwatch_state_age_seconds", G, ("pbx",), "Time since the PBX last sent anything.", _per_pbx(lambda pbx: _optional(pbx.state_age_us))),
    Family("floorwatch_clock_offset_seconds", G, ("pbx",), "The PBX's clock minus the daemon's, measured by Ping; event times are corrected by it.",
           _per_pbx(lambda pbx: _optional(pbx.clock_offset_us))),
    Family("floorwatch_queue_log_up", G, ("pbx",), "1 while the PBX's queue_log is read as it is written; absent where none is configured.",
           _per_pbx(lambda pbx: None if pbx.queue_log_up is None else int(pbx.queue_log_up))),
    Family("floorwatch_cdr_up", G, ("pbx",), "1 while the PBX's Master.csv is read as it is written; absent where none is configured.",
           _per_pbx(lambda pbx: None if pbx.cdr_up is None else int(pbx.cdr_up))),
    Family("floorwatch_ami_connects_total", C, ("pbx",), "Successful logins to AMI.", _per_pbx(lambda pbx: pbx.connects)),
    Family("floorwatch_pbx_restarts_total", C, ("pbx",), "Restarts of Asterisk noticed (CoreStatus or FullyBooted).",
           _per_pbx(lambda pbx: pbx.restarts)),
    Family("floorwatch_ami_events_total", C, ("pbx", "event"), "AMI events received, by name.", _events),
    Family("floorwatch_ami_malformed_total", C, ("pbx",), "Stanzas received that are not AMI or too long, and were skipped.",
           _per_pbx(lambda pbx: pbx.malformed)),
    Family("floorwatch_clock_steps_total", C, (), "Steps of the civil clock over 2 s, after which the daemon took the new time.", _clock_steps),
    Family("floorwatch_dropped_total", C, ("what",), "Things thrown away because a limit was reached, by what they were.", _dropped),
    Family("floorwatch_event_lag_seconds", H, (), "Time from an event's own timestamp to its being read from the socket.", _event_lag),
    Family("floorwatch_config_last_reload_successful", G, (), "1 unless the last attempt to load the configuration failed.", _config),
    Family("floorwatch_config_last_reload_success_timestamp_seconds", G, (), "When the configuration and plan in force were read.", _config_at),
    Family("floorwatch_mqtt_up", G, (), "1 while there is a session with the MQTT broker, else 0; absent without [mqtt] url.", _mqtt),
    Family("floorwatch_store_up", G, (), "1 while the store takes what is final, 0 while it waits in memory; absent without a store.", _store),
    Family("floorwatch_build_info", Kind.INFO, ("version", "python"), "The daemon's version and the Python it runs on.", _build),
)
# fmt: on
