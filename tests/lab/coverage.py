"""What really came about, by the PBX's own rows and events: a kind that silently stopped happening fails the run.

Pure. Reads queue_log and the driver's event list (read-all user, Newexten included) and counts evidence per kind; never
looks at what the driver meant to do, except that a Redirect leads to a context of its own. `MINIMUM` is for 120 calls.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.lab import world
from tests.lab.ami import Message
from tests.lab.judge import Rows

MINIMUM = {
    "answered": 50,
    "answered at once": 20,
    "answered after 3 s or more": 3,
    "abandoned": 6,
    "short abandoned": 2,
    "abandoned after an answer by the dialplan": 1,
    "waiting caller hung up by AMI": 1,
    "ring no answer": 6,
    "refused by the phone": 1,
    "time-out, then Hangup": 2,
    "time-out, then life goes on": 1,
    "time-out, then another queue": 2,
    "time-out, then the same queue": 2,
    "option n": 1,
    "key exit": 2,
    "key exit, then Hangup": 1,
    "leave empty": 2,
    "withdrawn": 1,
    "agent hangs up": 4,
    "agent killed by AMI": 1,
    "blind transfer to another queue": 2,
    "blind transfer to the same queue": 1,
    "blind transfer to an extension": 1,
    "blind transfer by REFER": 1,
    "attended transfer to another queue": 1,
    "attended transfer to the same queue": 1,
    "attended transfer before the answer": 1,
    "redirect while talking": 2,
    "redirect while waiting": 2,
    "feature-code disconnect": 1,
    "hold and resume": 2,
    "reload": 2,
    "pause with reason": 3,
    "double pause": 2,
    "pause in one queue": 1,
    "pause during a call": 1,
    "dynamic member": 2,
    "Local member with /n": 2,
    "Local member without /n": 2,
    "Local channel optimised away": 2,
    "ring-all answered": 3,
    "agents answering in two queues": 1,
    "agent dials": 2,
    "originated caller": 1,
    "agent called by Originate": 1,
    "member gosub or announcement": 2,
    "gone during gosub or announcement": 1,
    "agent gone during announcement": 1,
    "UTF-8 caller name": 10,
    "UTF-8 member name": 10,
}


def missing(found: Counter[str], calls: int) -> list[str]:
    scale = max(1, calls // 120)
    return [f"{kind}: {found[kind]} of at least {least * scale}" for kind, least in MINIMUM.items() if found[kind] < least * scale]


def evidence(rows: Rows, events: list[Message], log: str) -> Counter[str]:
    found: Counter[str] = Counter()
    found.update(_outcomes(rows, events))
    found.update(_transfers(rows, events))
    found.update(_members(rows))
    found.update(_channels(events))
    found["reload"] = log.count("queuerules.conf has not changed")
    return found


def _ways(events: list[Message]) -> dict[str, str]:
    """By caller: the way into the first queue, as the dialplan names it (`hangup` of `hangup-bank`)."""
    ways: dict[str, str] = {}
    for event in events:
        if event["Event"] == "QueueCallerJoin":
            ways.setdefault(event["Uniqueid"], event["Exten"].partition("-")[0])
    return ways


def _by_call(rows: Rows) -> dict[str, Rows]:
    calls: dict[str, Rows] = defaultdict(list)
    for row in rows:
        if row[1] not in ("NONE", "MANAGER", "CLI", "REALTIME"):
            calls[row[1]].append(row)
    return calls


def _outcomes(rows: Rows, events: list[Message]) -> Counter[str]:
    found: Counter[str] = Counter()
    ways = _ways(events)
    asked = {event["Uniqueid"] for event in events if event["Event"] == "HangupRequest"}
    moved = {event["Uniqueid"] for event in events if event.get("Context") == "moved"}
    for callid, history in _by_call(rows).items():
        way = ways.get(callid, "")
        for place, (_, _, queue, agent, verb, *data) in enumerate(history):
            following = next((row[2] for row in history[place + 1 :] if row[4] == "ENTERQUEUE"), "")
            if verb == "CONNECT":
                found["answered"] += 1
                found["answered at once"] += int(data[0]) <= 1
                found["answered after 3 s or more"] += int(data[0]) >= 3
                found["member gosub or announcement"] += way in ("greet", "announce")
                found["ring-all answered"] += world.queue(queue).strategy == "ringall"
                found["UTF-8 member name"] += not agent.isascii()
            elif verb == "ABANDON" and callid not in moved:
                short = int(data[2]) < world.project_of(queue).short_seconds
                found["short abandoned" if short else "abandoned"] += 1
                found["abandoned after an answer by the dialplan"] += way == "answered"
                found["waiting caller hung up by AMI"] += callid not in asked
                found["gone during gosub or announcement"] += agent != "NONE"
            elif verb == "EXITWITHTIMEOUT":
                found[
                    {
                        "hangup": "time-out, then Hangup",
                        "goodbye": "time-out, then life goes on",
                        "over": "time-out, then another queue",
                        "again": "time-out, then the same queue",
                        "round": "option n",
                    }.get(way, "time-out, else")
                ] += way not in ("over", "again") or (following == queue) == (way == "again")
            elif verb == "EXITWITHKEY":
                found["key exit" if data[0] == "5" else "key exit, then Hangup"] += 1
            elif verb == "EXITEMPTY":
                found["leave empty"] += 1
            elif verb == "WITHDRAW":
                found["withdrawn"] += 1
            elif verb == "COMPLETECALLER":
                found["gone during gosub or announcement"] += way == "greet" and data[1] == "0"
            elif verb == "COMPLETEAGENT":
                found["agent hangs up"] += 1
            elif verb == "AGENTDUMP":
                found["agent gone during announcement"] += 1
            elif verb == "RINGNOANSWER":
                found["ring no answer" if data[0] != "0" else "refused by the phone"] += 1
    return found


def _transfers(rows: Rows, events: list[Message]) -> Counter[str]:
    found: Counter[str] = Counter()
    calls = _by_call(rows)
    for history in calls.values():
        for _, _, queue, _, verb, *data in history:
            if verb == "BLINDTRANSFER":
                target = next((each.name for each in world.QUEUES if world.extension(each.name) == data[0]), "")
                found[
                    "blind transfer by REFER"
                    if data[1] == "desk"
                    else "blind transfer to an extension"
                    if not target
                    else f"blind transfer to {'the same' if target == queue else 'another'} queue"
                ] += 1
    joins = {event["CallerIDNum"]: event for event in events if event["Event"] == "QueueCallerJoin" and event["Channel"].startswith("Local/7")}
    answered = {event["Uniqueid"]: float(event["Timestamp"]) for event in events if event["Event"] == "AgentConnect"}
    for event in events:
        if event["Event"] == "AttendedTransfer" and event["Result"] == "Success":
            join = joins.get(event["OrigTransfererCallerIDNum"])
            first = next((row[2] for row in calls.get(event.get("TransfereeUniqueid", ""), []) if row[4] == "CONNECT"), "")
            if join is not None and first:
                same = "the same" if join["Queue"] == first else "another"
                found[f"attended transfer to {same} queue"] += 1
                found["attended transfer before the answer"] += answered.get(join["Uniqueid"], float("inf")) > float(event["Timestamp"])
    talking: set[str] = set()
    for event in events:
        caller = event.get("Uniqueid", "")
        if event["Event"] == "AgentConnect":
            talking.add(caller)
        elif event["Event"] == "Newexten" and event["Context"] == "moved" and event["Priority"] == "1":
            found["redirect while talking" if caller in talking else "redirect while waiting"] += 1
        elif event["Event"] == "Newexten" and event["Exten"].startswith("cont-") and event["Priority"] == "2":
            found["feature-code disconnect"] += caller in talking
    return found


def _members(rows: Rows) -> Counter[str]:
    found: Counter[str] = Counter()
    paused: set[tuple[str, str]] = set()
    talking: set[str] = set()
    answering: dict[str, set[str]] = defaultdict(set)
    for place, (_, _, queue, agent, verb, *data) in enumerate(rows):
        if verb == "CONNECT":
            talking.add(agent)
            answering[agent].add(queue)
        elif verb.startswith(("COMPLETE", "BLINDTR", "ATTENDEDTR")):
            talking.discard(agent)
        elif verb == "PAUSE":
            found["pause with reason"] += bool(data and data[0])
            found["double pause"] += (queue, agent) in paused
            found["pause during a call"] += agent in talking
            found["pause in one queue"] += not any(row[4] == "PAUSEALL" and row[3] == agent for row in rows[max(0, place - 6) : place])
            paused.add((queue, agent))
        elif verb == "UNPAUSE":
            paused.discard((queue, agent))
        elif verb == "REMOVEMEMBER":
            found["dynamic member"] += 1
    found["agents answering in two queues"] = sum(1 for queues in answering.values() if len(queues) > 1)
    return found


def _channels(events: list[Message]) -> Counter[str]:
    found: Counter[str] = Counter()
    holding: set[str] = set()
    for event in events:
        name, channel, dest = event["Event"], event.get("Channel", ""), event.get("DestChannel", "")
        if name == "QueueCallerJoin":
            found["UTF-8 caller name"] += not event["CallerIDName"].isascii()
            found["originated caller"] += channel.startswith("Local/plain-")
        elif name == "AgentConnect":
            found["Local member with /n"] += event["Interface"].endswith("/n")
            found["Local member without /n"] += event["Interface"].startswith("Local/") and event["Interface"][-2:] != "/n"
        elif name == "LocalOptimizationEnd":
            found["Local channel optimised away"] += 1
        elif name == "Hold":
            holding.add(channel)
        elif name == "Unhold" and channel in holding:
            found["hold and resume"] += 1
        elif name == "DialEnd" and event["DialStatus"] == "ANSWER" and dest.startswith("PJSIP/trunk"):
            found["agent dials"] += 1
        elif name == "DialEnd" and event["DialStatus"] == "ANSWER" and not channel and dest.startswith("PJSIP/agent"):
            found["agent called by Originate"] += 1
    found["agent killed by AMI"] = _killed(events)
    return found


def _killed(events: list[Message]) -> int:
    """Calls whose two channels ended together though nobody had asked for it and nobody was transferred."""
    pairs = [(event["Uniqueid"], event["DestUniqueid"]) for event in events if event["Event"] == "AgentConnect"]
    ends = {event["Uniqueid"]: float(event["Timestamp"]) for event in events if event["Event"] == "Hangup"}
    asked = {event["Uniqueid"] for event in events if event["Event"] == "HangupRequest"}
    asked |= {event.get(key, "") for event in events for key in ("TransfererUniqueid", "OrigTransfererUniqueid")}
    return sum(1 for caller, agent in pairs if caller in ends and agent in ends and not {caller, agent} & asked and abs(ends[caller] - ends[agent]) < 0.25)
