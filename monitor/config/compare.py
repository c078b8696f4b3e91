"""What is another in a new configuration or plan, in words for whoever reloaded it.

Owns the sentences: short, by name, never a secret. Refuses deciding what follows from a change, with one exception: what a running daemon
cannot change is listed here, and stays as it was. Next: `reloading` logs and answers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from monitor.config.settings import Config, MqttSettings
from monitor.core.contract import SECOND, Contract, Project
from monitor.core.incidents import Incident
from monitor.core.pay import Pay
from monitor.core.tariff import Tariff
from monitor.plan.plan import Plan
from monitor.plural import counted

FIXED: tuple[tuple[str, Callable[[Config], Hashable]], ...] = (
    ("[web] listen", lambda config: (config.web.host, config.web.port)),
    ("[state]", lambda config: config.state),
    ("[store]", lambda config: config.store),
)
MOST = 8  # names in one sentence
BY_NAME = ("pbxs", "groups", "projects", "people", "incidents", "pay", "finances", "signals", "regions", "trunks")  # each said for itself


def fixed(old: Config, new: Config) -> tuple[Config, list[str]]:
    """The new configuration with what cannot change while the daemon runs left as it was; and what that is."""
    names = [name for name, read in FIXED if read(old) != read(new)]
    web = replace(new.web, host=old.web.host, port=old.web.port)
    return replace(new, web=web, state=old.state, store=old.store).known_by(old.contract.number_key), names


def changes(old: Config, new: Config, before: Plan, after: Plan) -> list[str]:
    """Everything that is another, a sentence each."""
    return [
        *_sets("project", old.contract.project, new.contract.project),
        *(said for name, project in new.contract.project.items() if name in old.contract.project for said in _project(old.contract.project[name], project)),
        *_sets("group", old.contract.group, new.contract.group),
        *_altered("group", old.contract.group, new.contract.group),
        *_people(old.contract, new.contract),
        *_wages(old.contract.pay, new.contract.pay),
        *_keys("money", old.contract.finances, new.contract.finances, skip=("currency",)),
        *_keys("money", old.contract.pay.multipliers, new.contract.pay.multipliers),
        *_sets("PBX", pbxs := {pbx.name: pbx for pbx in old.pbxs}, {pbx.name: pbx for pbx in new.pbxs}),
        *_altered("PBX", pbxs, {pbx.name: pbx for pbx in new.pbxs}),
        *_sets("trunk", {str(one.id): one for one in old.contract.trunks}, {str(one.id): one for one in new.contract.trunks}),
        *_altered("trunk", {str(one.id): one for one in old.contract.trunks}, {str(one.id): one for one in new.contract.trunks}),
        *_sets("token", {token.name: token for token in old.tokens}, {token.name: token for token in new.tokens}),
        *_altered("token", {token.name: token for token in old.tokens}, {token.name: token for token in new.tokens}),
        *_sets("report", {one.name: one for one in old.schedules}, {one.name: one for one in new.schedules}),
        *_altered("report", {one.name: one for one in old.schedules}, {one.name: one for one in new.schedules}),
        *_keys("mail", old.mail, new.mail),
        *_mqtt(old.mqtt, new.mqtt),
        *_sets("incident", _incidents(old.contract), _incidents(new.contract)),
        *_altered("incident", _incidents(old.contract), _incidents(new.contract)),
        *_sets("signal", old.contract.signal, new.contract.signal),
        *_altered("signal", old.contract.signal, new.contract.signal),
        *_keys("regions", old.contract.regions, new.contract.regions, skip=("known",)),
        *_keys("site", old.contract, new.contract, skip=BY_NAME),
        *(["site: currency changed"] if old.contract.finances.currency != new.contract.finances.currency else []),
        *_keys("web", old.web, new.web),
        *_keys("log", old.log, new.log),
        *_keys("plan", old.plan, new.plan),
        *_plan(before, after),
    ]


def repriced(old: Contract, new: Contract, now: int) -> list[str]:
    """Tariffs that had begun, and are others under the same first day: what was charged by them is not charged again. Never a price, as below."""
    return [
        said
        for name, project in new.project.items()
        if name in old.project
        for then in old.project[name].tariffs
        for tariff in project.tariffs
        if tariff.since == then.since <= project.day_of(now)
        for said in _keys(f"project {name}: tariff from {tariff.since}", then, tariff, skip=("until",))
    ]


def _sets(what: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for names, verb in (([name for name in new if name not in old], "added"), ([name for name in old if name not in new], "removed")):
        if names:
            yield f"{what} {_list(names)} {verb}"


def _incidents(contract: Contract) -> dict[str, Incident]:
    return {one.id: one for one in contract.incidents}


def _list(names: list[str]) -> str:
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")


def _altered(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name, one in new.items():
        if name in old:
            yield from _keys(f"{what} {name}", old[name], one)


def _keys(where: str, old: Any, new: Any, skip: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401 - two of any kind of settings
    names = [field.name.removesuffix("_us") for field in fields(old) if field.name not in skip and getattr(old, field.name) != getattr(new, field.name)]
    if names:
        yield f"{where}: {_list(names)} changed"


def _project(old: Project, new: Project) -> Iterator[str]:
    for queues, verb in (([q for q in new.queues if q not in old.queues], "added"), ([q for q in old.queues if q not in new.queues], "removed")):
        if queues:
            yield f"project {new.name}: queue {_list([str(queue) for queue in queues])} {verb}"
    then, now = old.service_level, new.service_level
    if then.threshold_us != now.threshold_us:
        yield f"project {new.name}: threshold {then.threshold_us / SECOND:g} s is {now.threshold_us / SECOND:g} s"
    level = replace(then, threshold_us=now.threshold_us)
    yield from _keys(f"project {new.name}", replace(old, service_level=level), new, skip=("queues", "tariffs"))
    yield from _tariffs(new.name, {one.since: one for one in old.tariffs}, {one.since: one for one in new.tariffs})


def _mqtt(old: MqttSettings | None, new: MqttSettings | None) -> Iterator[str]:
    if old is not None and new is not None:
        yield from _keys("mqtt", old, new)
    elif old is not new:
        yield f"mqtt {'removed' if new is None else 'added'}"


def _tariffs(project: str, old: Mapping[date, Tariff], new: Mapping[date, Tariff]) -> Iterator[str]:
    """By the day each begins, and by what of it is another; never a price."""
    for day in sorted(old.keys() | new.keys()):
        here = f"project {project}: tariff from {day}"
        if day not in old:
            yield f"{here} added"
        elif day not in new:
            yield f"{here} removed"
        else:
            yield from _keys(here, old[day], new[day])


def _people(old: Contract, new: Contract) -> Iterator[str]:
    """No names: the log is read by more people than the agents file."""
    came, went = new.person.keys() - old.person.keys(), old.person.keys() - new.person.keys()
    altered = [person for person, row in new.person.items() if person in old.person and old.person[person] != row]
    for number, verb in ((len(came), "added"), (len(went), "removed"), (len(altered), "changed")):
        if number:
            yield f"agents file: {counted(number, 'row')} {verb}"


def _wages(old: Pay, new: Pay) -> Iterator[str]:
    """No amounts and no names, as above."""
    before, after = (Counter(one for one in pay.wages if one.person is not None) for pay in (old, new))
    for number, verb in (((after - before).total(), "added"), ((before - after).total(), "removed")):
        if number:
            yield f"agents file: {counted(number, 'wage')} {verb}"
    groups = [{one.group or "": one for one in pay.wages if one.person is None} for pay in (old, new)]
    if altered := sorted(name for name in groups[0].keys() | groups[1].keys() if groups[0].get(name) != groups[1].get(name)):
        yield f"group {_list(altered)}: wage_per_hour changed"


def _plan(before: Plan, after: Plan) -> Iterator[str]:
    old, new = before.rows(), after.rows()
    came, went = sum(row not in old for row in new), sum(row not in new for row in old)
    altered = sum(row in new and new[row] != figures for row, figures in old.items())
    for rows, verb in ((came, "added"), (went, "removed"), (altered, "changed")):
        if rows:
            yield f"plan: {counted(rows, 'row')} {verb}"
