"""The floor in English.

Owns its words, plurals and numbers. Refuses choosing what is said (`verdict`) and of whom (the package).
"""

from __future__ import annotations

from typing import Final

from monitor.assess.conditions import About, Condition
from monitor.assess.detect import SIZE
from monitor.assess.reading import Reading
from monitor.outputs.sentences.tongue import NBSP, Given, Tongue, Unjudged, grouped, span

_SPANS: Final = {"day": "were planned since opening", "recent": "were to be expected in the last 2 hours", "two_days": "were planned yesterday and today"}
_SUBJECTS: Final = {About.PROJECT: "", About.GROUP: "Group ", About.PBX: "PBX ", About.CLIENT: "Client ", About.TRUNK: "Trunk "}


def _number(value: float, digits: int = 0) -> str:
    return grouped(f"{value:,.{digits}f}", ".", ",")


def _counted(count: float, one: str, many: str = "") -> str:
    return f"{_number(count)} {one if round(count) == 1 else many or f'{one}s'}"


def _share(ratio: float, beside: float | None = None) -> str:
    """Per cent; finer where it would look like the limit beside it."""
    alike = beside is not None and round(100 * ratio) == round(100 * beside)
    return f"{_number(100 * ratio, int(alike))}{NBSP}%"


def _signed(ratio: float) -> str:
    percent = round(100 * ratio)
    return f"{'+' if percent > 0 else ''}{_number(percent)}{NBSP}%"


def _time(seconds: float) -> str:
    return span(seconds, "h", "min", "s")


def _against_plan(given: Given) -> str:
    came, planned, deviation = given.number("came"), given.number("planned"), given.number("deviation")
    expected = _SPANS[given.text("detector")]
    return f"{_counted(came, 'contact')} came, {_number(planned)} {expected} ({_signed(deviation)})"


def _cause(given: Given, otherwise: str = "") -> str:
    """Where a loss comes from, as far as it is read."""
    match given.word("reading"):
        case Reading.CLIENT:
            return "; this client's volume has moved"
        case Reading.MARKET:
            return "; the other clients are low too: the market has moved"
        case Reading.TELEPHONY:
            return f"; check the telephony first: PBX {given.text('pbxs')} and its trunks"
        case Reading.OWN if given.word("arrived") is not None:
            dialled, reached = _number(given.number("arrived")), _number(given.number("reached"))
            return f"; {dialled} dialled its numbers, {reached} came to its queues: look at the own IVR, opening hours and dialplan first"
        case Reading.OWN:
            return "; for part of the day nobody could take its calls: look at the own staff first"
        case _:
            return otherwise


def _lost(given: Given) -> str:
    if given.text("detector") == "cusum":
        return f"day after day fewer contacts come than planned ({_number(given.number('cusum'), 1)} standard deviations in sum){_cause(given)}"
    return _against_plan(given) + _cause(given)


def _silent(given: Given) -> str:
    """Or, once callers have come again, how low the day still is."""
    if given.text("detector") != "silence":
        return _lost(given)
    expected = f"nobody calls: {_counted(given.number('planned'), 'contact was', 'contacts were')} to be expected in this time"
    return expected + _cause(given, "; make a test call: the client has stopped, or a trunk is dead")


def _workload(given: Given) -> str:
    offered, planned = _number(given.number("offered_hours"), 1), _number(given.number("planned_hours"), 1)
    return f"work of {offered} hours came, {planned} hours were planned since opening ({_signed(given.number('deviation'))})"


def _service_level(given: Given) -> str:
    ratio, target = given.number("ratio"), given.number("target")
    parts = f"{_number(given.number('in_time'))} of {_counted(given.number('offered'), 'contact')} within {_time(given.number('seconds'))}"
    return f"service level {_share(ratio, target)} in the last 15 minutes, {_share(target)} is agreed: {parts}"


def _budget(given: Given) -> str:
    missed, allowed, expected = (given.number(name) for name in ("missed", "allowed", "expected"))
    says = f"{_counted(missed, 'contact')} missed it, {_number(allowed // 1)} may of {_number(expected)} expected"
    return f"today's service level of {_share(given.number('target'))} cannot be reached any more: {says}"


def _abandonment(given: Given) -> str:
    ratio, limit = given.number("ratio"), given.number("limit")
    of = f"{_number(given.number('abandoned'))} of {_counted(given.number('offered'), 'caller')}"
    return f"{of} hung up in the last 15 minutes ({_share(ratio, limit)}), {_share(limit)} is agreed"


def _long_wait(given: Given) -> str:
    wait, limit = _time(given.number("seconds")), _time(given.number("limit"))
    return f"a caller has waited {wait}, {limit} is the limit; {_counted(given.number('waiting'), 'caller waits', 'callers wait')}"


def _unattended(given: Given) -> str:
    waits = _counted(given.number("waiting"), "caller waits", "callers wait")
    return f"nobody is there to take calls; {waits}, the longest {_time(given.number('seconds'))}"


def _refused(given: Given) -> str:
    return f"{_counted(given.number('refused'), 'call was', 'calls were')} refused in the last hour: the queue was full, empty or closed"


def _lost_callers(given: Given) -> str:
    wait = _counted(given.number("overdue"), "lost caller waits", "lost callers wait")
    return f"{wait} to be called back longer than {_time(given.number('limit'))} of opening hours, the oldest for {_time(given.number('seconds'))}"


def _understaffed(given: Given) -> str:
    there = _counted(given.number("now"), "agent is", "agents are")
    average = _number(given.number("staffed"), 1)
    return f"{there} there, {_number(given.number('required'))} needed; {average} on average of the last 15 minutes"


def _overstaffed(given: Given) -> str:
    surplus, staffed = _counted(given.number("surplus"), "agent"), _number(given.number("staffed"), 1)
    need = f"{_number(given.number('required'))} needed in this interval and the next"
    return f"{surplus} more than needed: {staffed} on average of the last 15 minutes, {need}; {_number(given.number('free'), 1)} were free"


def _occupancy(given: Given) -> str:
    ratio, limit = given.number("ratio"), given.number("limit")
    agents = f"{_number(given.number('staffed'), 1)} agents on average"
    return f"occupancy {_share(ratio, limit)} in the last 15 minutes, {_share(limit)} is the limit; {agents}"


def _pause(given: Given) -> str:
    longest = f"{given.text('reason')} for {_time(60 * given.number('minutes'))}, {_time(60 * given.number('limit'))} is the limit"
    return f"paused too long: {_counted(given.number('agents'), 'agent')}; {longest}"


def _rings(given: Given) -> str:
    return f"unanswered in the last 15 minutes: {_number(given.number('unanswered'))} of {_counted(given.number('rings'), 'ring')}"


def _stuck(given: Given) -> str:
    calls, longest = _counted(given.number("calls"), "call"), _time(60 * given.number("minutes"))
    return f"longer than {_time(60 * given.number('limit'))}: {calls}, the longest {longest}; look whether any hangs"


def _disconnected(given: Given) -> str:
    of = f"{_number(given.number('lost'))} of {_counted(given.number('there'), 'agent')}"
    proposal = "if power or the network is down, open an incident for this group"
    return f"phones are gone: {of} within {_time(60 * given.number('minutes'))}; {proposal}"


def _after_hours(given: Given) -> str:
    return f"closed, but {_counted(given.number('calls'), 'contact')} came in the last hour"


def _rate_dropped(given: Given) -> str:
    ratio, expected = given.number("ratio"), given.number("expected")
    against = "were planned" if given.text("by") == "plan" else "in the four weeks before"
    reached = f"{_number(given.number('contacts'))} of {_counted(given.number('attempts'), 'attempt')} reached somebody on {given.text('day')}"
    return f"{reached} ({_share(ratio, expected)}), {_share(expected, ratio)} {against}"


def _list_exhausted(given: Given) -> str:
    attempts = _counted(given.number("attempts"), "attempt")
    planned, free = _number(given.number("planned")), _number(given.number("free"), 1)
    happens = f"{attempts} in the last 15 minutes, {planned} were planned, {free} agents were free"
    return f"dialling has stopped: {happens}; the list is at its end, or the dialer stands"


def _plan_missing(_: Given) -> str:
    return "open, but the plan has no row for now: nothing can be held against it"


def _plan_ends(given: Given) -> str:
    hours = given.number("hours")
    left = _counted(hours // 24, "day") if hours >= 48 else _counted(hours // 1, "hour") if hours >= 1 else "less than an hour"
    return f"the plan ends in {left}"


def _blind(_: Given) -> str:
    return "its PBX is not seen, so its calls and people are unknown"


def _clock(given: Given) -> str:
    offset, limit = given.number("seconds"), given.number("limit")
    return f"its clock is {_number(abs(offset), 1)}{NBSP}s {'ahead of' if offset > 0 else 'behind'} this machine's, {limit:g}{NBSP}s is the limit"


def _trunk_down(given: Given) -> str:
    if given.text("why") == "unreachable":
        return "the PBX cannot reach it: no call goes out over it, and most likely none comes in"
    return f"it refuses calls: {_counted(given.number('failed'), 'attempt')} in a row within {_time(given.number('seconds'))} came to nothing"


def _trunk_full(given: Given) -> str:
    return f"no line to spare for {_time(given.number('seconds'))}: {_number(given.number('channels'))} of {_number(given.number('capacity'))} are in use"


def _contract(given: Given) -> str:
    days = given.whole("days")
    if days < 0:
        return f"the contract ended {_counted(-days, 'day')} ago"
    if days == 0:
        return "the contract ends today"
    return f"the contract ends in {_counted(days, 'day')}; notice is {_counted(given.number('limit'), 'day')}"


def _money(given: Given, name: str) -> str:
    return f"{grouped(f'{given.money(name):,.2f}', '.', ',')}{NBSP}{given.text('currency')}"


def _below(given: Given) -> str:
    now, needed = given.number("occupancy"), given.number("needed")
    return f"earns less than it costs: occupied {_share(now, needed)}, {_share(needed, now)} needed to break even in this billing period"


def _loses(given: Given) -> str:
    if given.text("span") == "period":
        return f"this billing period will end with {_money(given, 'margin')}, if it goes on like this"
    return f"this billing period has brought {_money(given, 'margin')} so far"


def _short(given: Given) -> str:
    calls = given.number("calls")
    what = f"{_counted(calls, 'call')} short of what is guaranteed" if calls else "less than the guaranteed amount"
    return f"{what}: {_money(given, 'amount')} of the bill so far are for calls that did not come"


def _depends(given: Given) -> str:
    days = f"; the reserve would last {_counted(given.number('cash_days') // 1, 'day')}" if given.word("cash_days") is not None else ""
    return f"without this client {_money(given, 'without')} would be left instead of {_money(given, 'margin')}{days}"


ENGLISH: Final = Tongue(
    conditions={
        Condition.VOLUME_LOST: _lost,
        Condition.VOLUME_SURGE: _against_plan,
        Condition.PROJECT_SILENT: _silent,
        Condition.WORKLOAD_BELOW_PLAN: _workload,
        Condition.WORKLOAD_ABOVE_PLAN: _workload,
        Condition.SERVICE_LEVEL_AT_RISK: _service_level,
        Condition.SL_BUDGET_GONE: _budget,
        Condition.ABANDONMENT_HIGH: _abandonment,
        Condition.LONG_WAIT: _long_wait,
        Condition.QUEUE_UNATTENDED: _unattended,
        Condition.CALLS_REFUSED: _refused,
        Condition.LOST_CALLERS_WAITING: _lost_callers,
        Condition.UNDERSTAFFED: _understaffed,
        Condition.OVERSTAFFED: _overstaffed,
        Condition.OCCUPANCY_TOO_HIGH: _occupancy,
        Condition.OCCUPANCY_TOO_LOW: _occupancy,
        Condition.PAUSE_TOO_LONG: _pause,
        Condition.RING_NO_ANSWER_STORM: _rings,
        Condition.STUCK_CALL: _stuck,
        Condition.MASS_DISCONNECT: _disconnected,
        Condition.AFTER_HOURS_CALLS: _after_hours,
        Condition.CONTACT_RATE_DROPPED: _rate_dropped,
        Condition.LIST_EXHAUSTED: _list_exhausted,
        Condition.PLAN_MISSING: _plan_missing,
        Condition.PLAN_ENDS_SOON: _plan_ends,
        Condition.BLIND: _blind,
        Condition.CLOCK_SKEW: _clock,
        Condition.TRUNK_DOWN: _trunk_down,
        Condition.TRUNK_FULL: _trunk_full,
        Condition.CONTRACT_ENDS: _contract,
        Condition.BELOW_BREAK_EVEN: _below,
        Condition.MARGIN_NEGATIVE: _loses,
        Condition.MINIMUM_GUARANTEE_SHORT: _short,
        Condition.CLIENT_DEPENDENCE: _depends,
    },
    subject=lambda about, name: _SUBJECTS[about] + name,
    as_planned=lambda given: f"{'as planned' if abs(given.number('deviation')) < SIZE else 'within what days vary'}: {_against_plan(given)}",
    watched=lambda reason: f"{reason}; worth a look, not certain yet",
    blind="its PBX is not seen, so nothing can be said",
    unjudged={
        Unjudged.NO_QUEUES: "no queue of it is configured",
        Unjudged.CLOSED: "closed now",
        Unjudged.INCIDENT: "an incident is open: not held against the plan",
        Unjudged.NO_PLAN: "the plan has no row for now",
        Unjudged.EARLY: "too early to say",
    },
)
