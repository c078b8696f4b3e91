"""Reports in English: titles of columns, then titles of reports and sentences.

Owns the words. Refuses figures, which come as texts.
"""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "date": "Day",
    "interval": "From",
    "project": "Project",
    "currency": "Currency",
    "client": "Client",
    "group": "Group",
    "contacts": "Contacts",
    "answered": "Answered",
    "in_threshold": "In threshold",
    "abandoned": "Abandoned",
    "short_abandoned": "Short abandoned",
    "flowed_out": "Flowed out",
    "unresolved": "Unresolved",
    "service_level": "Service level",
    "abandonment": "Abandonment",
    "handled": "Handled",
    "aht_s": "AHT, s",
    "workload_offered": "Offered, Erl",
    "workload_carried": "Carried, Erl",
    "workload_planned": "Planned, Erl",
    "planned_contacts": "Planned contacts",
    "volume_deviation": "Contacts to plan",
    "workload_deviation": "Workload to plan",
    "aht_deviation": "AHT to plan",
    "group_occupancy": "Group occupancy",
    "observed": "Observed",
    "revenue": "Revenue",
    "handle_s": "Handle time, s",
    "employee_id": "Employee",
    "name": "Name",
    "known_time": "Known at",
    "month": "Month",
    "about_day": "Happened on",
    "about_time": "Happened at",
    "calls_answered": "Calls answered",
    "no_answers": "No answers",
    "talk_s": "Talk, s",
    "hold_s": "Hold, s",
    "wrapup_s": "Wrap-up, s",
    "offline_s": "Work in pauses, s",
    "dialing_s": "Dialing, s",
    "ring_s": "Ring, s",
    "available_s": "Available, s",
    "other_s": "Other calls, s",
    "paused_s": "Paused, s",
    "unreachable_s": "Unreachable, s",
    "unobserved_s": "Unobserved, s",
    "floor_hours": "Hours on the floor",
    "occupancy": "Occupancy",
    "class": "Class",
    "seconds": "Seconds",
    "hours_decimal": "Hours",
    "first_login": "First login",
    "last_logout": "Last logout",
    "corrections": "Corrections",
    "days_worked": "Days worked",
    "hours_total": "Hours, all",
    "hours_night": "Of these night",
    "hours_overtime": "Overtime",
    "hours_holiday": "Holiday",
    "hours_downtime": "Downtime",
    "total": "Total",
    "signal": "Signal",
    "attempts_on": "Attempts, on",
    "contacts_on": "Contacts, on",
    "rate_on": "Rate, on",
    "attempts_off": "Attempts, off",
    "contacts_off": "Contacts, off",
    "rate_off": "Rate, off",
    "difference_points": "Difference, points",
    "low_points": "From, points",
    "high_points": "To, points",
    "z": "z",
    "p": "p",
    "verdict": "Verdict",
    "needed": "Needed, each side",
    "left_out_attempts": "Left out",
    "dispersion": "Dispersion",
    "attempts": "Attempts",
    "unresolved_attempts": "End unknown",
    "contacts_reached": "Contacts",
    "contact_rate": "Contact rate",
    "region_unknown": "Region unknown",
    "region_unknown_share": "Share unknown",
    "direction": "Direction",
    "taken": "Taken",
    "contacts_dialled": "Contacts",
    "planned_contacts_dialled": "Planned contacts",
    "planned_attempts": "Planned attempts",
    "planned_contact_rate": "Planned rate",
    "planned_handle_s": "Planned handle time, s",
}

SENTENCES: Final = {
    "day": "Days",
    "agents": "Agents",
    "payroll": "Payroll hours",
    "days": "By day",
    "intervals": "By interval",
    "all": "Total",
    "pause_s": "Pause {reason}, s",
    "no_reason": "without reason",
    "written_until": "The store holds what happened until {at}; later time is in no figure.",
    "written_nothing": "The store holds nothing yet.",
    "observed": "Observed: {share} of the time.",
    "minutes_missing": "Missing in the store: {minutes} of {of} minutes.",
    "minutes_whole": "Missing in the store: no minute.",
    "unresolved": "Contacts whose end was never known: {calls}.",
    "corrections": "Corrections by the logs and the PBX that became known in these days: {count}.",
    "unfinished": "Answered contacts on which the work is not wholly known: {calls}.",
    "unpriced": "Paid time whose wage nobody knows: {hours} hours; it is in no cost.",
    "service_level_is": "Service level{of}: {formula}; the threshold is {threshold} s.",
    "sl_answered": "answered in threshold ÷ answered",
    "sl_abandon_negative": "answered in threshold ÷ (answered + all abandoned)",
    "sl_abandon_ignored": "answered in threshold ÷ (answered + abandoned after the threshold)",
    "sl_abandon_positive": "(answered + abandoned in threshold) ÷ (answered + all abandoned)",
    "sl_short_excluded": "answered in threshold ÷ (answered + abandoned without the short)",
    "sl_short_positive": "(answered in threshold + short abandoned) ÷ (answered + all abandoned)",
    "view_true": "Counts are in the interval of arrival, AHT in that of completion; handle time and carried workload are cut exactly at the intervals.",
    "view_ends": "As a contact ends: all handle time of a contact, and the workload carried with it, stand in the interval in which it ended.",
    "workload_is": (
        "Workload is in Erlangs: agents busy on average, over observed time of the intervals in which anything came, was done or was planned; offered"
        " is contacts × AHT, the day's as far as it is believed beside the plan's."
    ),
    "deviation_is": "Deviation = (actual - plan) ÷ plan, both over observed time.",
    "occupancy_handle": "Occupancy of the group = (handle + ring) ÷ (handle + ring + available); pauses are in neither.",
    "occupancy_available": "Occupancy of the group = handle ÷ (handle + ring + available); pauses are in neither.",
    "occupancy_ignore": "Occupancy of the group = handle ÷ (handle + available); ringing and pauses are in neither.",
    "revenue_is": (
        "Revenue is what calls and results are worth one by one, by the tariff of their day; hours, flat sums, tiers, guarantees and corrections by hand are in"
        " the report billing."
    ),
    "agents_calls": "A call is counted for whoever answered it first, on the day it was answered; AHT is of calls on which the work is wholly known.",
    "agents_rings": "No answers are rings that a person let pass; where all are rung at once, only if nobody answered.",
    "agents_rings_since": "Rings let pass are kept by person since {at}; of days that began before, nobody knows.",
    "agents_occupancy_handle": "Occupancy = (handle + ring) ÷ (handle + ring + available); pauses are in neither.",
    "agents_occupancy_available": "Occupancy = handle ÷ (handle + ring + available); pauses are in neither.",
    "agents_occupancy_ignore": "Occupancy = handle ÷ (handle + available); ringing and pauses are in neither.",
    "p5": "Timesheet (form P-5)",
    "paid_by_login": (
        "Paid is the time on the floor, pauses of class unpaid left out; cut at local midnight and at the edges of the night, as it really elapsed."
    ),
    "payroll_rows": (
        "A row is a person, day, project and class; time that belongs to no project stands in rows without one. First login and last logout are of the day."
    ),
    "p5_legend": (
        "Р: hours worked, paid breaks too; РН: night; НУ: overtime; РВ: holidays and days off; П: downtime (order 489 of 5 December 2008). An hour "
        "has one code, and is in the total once."
    ),
    "p5_rounded": "Hours are rounded half up to hundredths in each day, and totals are sums of these.",
    "payroll_corrections": (
        "The column of corrections says how often a row was put right by hand; it is in the hours, and report corrections lists it. What was told again"
        " stands as it was told last."
    ),
    "amended_hours": "Corrections of hours by hand, of these days: {count}.",
    "corrections_report": "Corrections",
    "corrections_by": "By hand: {by_hand}; by the logs and the PBX: {by_logs}.",
    "corrections_are": (
        "Here is what became known in these days, and what is about them. What was put right by hand counts in the reports payroll, client and billing; the"
        " other reports and the live figures have what the floor saw."
    ),
    "hours_by_hand": "hours, by hand",
    "call_by_hand": "call, by hand",
    "so_many_seconds": "{seconds} s",
    "outbound": "outbound",
    "callback": "callback",
    "dialled_days": "Calls out, by day",
    "dialled_intervals": "Calls out, by interval",
    "dialled_is": (
        "Calls out: an attempt is a number dialled, taken if somebody answered, and a contact if he stayed long enough; contact rate = contacts ÷ attempts."
        " Handle time has all dialling in it, AHT = handle time ÷ contacts. Attempts and contacts are in the interval in which they were dialled."
    ),
    "closings": "Months that were closed",
    "close": "closed",
    "reopen": "opened again",
    "signals": "Signals and contact rates",
    "signals_tests": "With each signal and without",
    "signals_projects": "Attempts",
    "signal_found_worse": "found: worse",
    "signal_found_better": "found: better",
    "signal_not_found": "not found",
    "signal_not_enough": "not enough data",
    "signals_no_attempts": "There were no outbound attempts in these days.",
    "signals_none": "No attempt of these days was made while a signal was on.",
    "signals_are": (
        "Outbound attempts with a signal on and without, of the same project and hour of day, and for a signal of regions of the same region"
        " (Mantel-Haenszel); callbacks to lost callers are not in it. Before a signal was declared it counts as off."
    ),
    "signals_difference": (
        "The difference is on minus off within the hours of day, with its 95 % interval; it is not that of the two rates beside it, which are of all these"
        " hours."
    ),
    "signals_dispersion": (
        "Dispersion: how many times more than chance the rates of hours and of days vary without the signal; above 1 it is in z, p, interval and the"
        " attempts needed."
    ),
    "signals_found": "Found is what stands out of the tests that could be judged ({judged} of {of}), with false discoveries held at {q} (Benjamini-Hochberg).",
    "signals_not_enough": (
        "Not enough data does not mean no effect: on each side it takes the needed attempts to see a rate change by {effect} with a power of {power}, and"
        " hours of day that repeat; z and p are then of no use by themselves."
    ),
    "signals_left_out": (
        "Left out: {attempts} attempts, over all rows, in whose hour of day the signal was always on or always off, or was so in their region or the region is"
        " unknown, where it is a signal of regions."
    ),
    "signals_region_unknown": "Region unknown: {share} of the attempts, {attempts}.",
    "signals_unresolved": "Attempts of which nobody knows how they ended, in no rate: {attempts}.",
    "signals_no_cause": "A difference that is found is an association: it does not say that the signal is its cause.",
}
