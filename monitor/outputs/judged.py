"""Samples of what was judged: significance, forecast, need, conditions, verdicts and limits, read off one frozen Judgement.

Owns what is absent: a project whose volume is not judged now, a condition that could not be, a need nobody knows. Refuses judging, names and
definitions. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.assess.judgement import GroupJudged, ProjectJudged, Verdict
from monitor.assess.reading import Reading
from monitor.assess.today import Step
from monitor.core.contract import Project
from monitor.core.snapshot import State
from monitor.outputs.lines import Floor

# Label text written once: `.value` of an enumeration is slow, and there are some thousand samples.
_READINGS = tuple((reading, f'reading="{reading.value}"') for reading in Reading)
_VERDICTS = tuple((verdict, f'verdict="{verdict.value}"') for verdict in Verdict)
_STATES = tuple((state, f'state="{state.value}"') for state in State)

Number = int | float
Rows = Callable[[str, Floor], Iterator[str]]


def _projects(floor: Floor) -> Iterator[tuple[Project, str, ProjectJudged]]:
    judged = floor.outlook.judgement.projects
    return ((project, labels, known) for project, labels in floor.labels.projects if (known := judged.get(project.name)) is not None)


def group_figure(figure: Callable[[GroupJudged], Number | None]) -> Rows:
    """A figure per group; unknown is absent."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        judged = floor.outlook.judgement.groups
        for group, labels in floor.labels.groups:
            if (known := judged.get(group.name)) is not None and (value := figure(known)) is not None:
                yield f"{name}{{{labels}}} {value}\n"

    return rows


def net_staffing(group: GroupJudged) -> int | None:
    """Who is there minus who is needed."""
    return None if group.need is None or group.staffed_now is None else group.staffed_now - group.need.now.net


# --- the volume -------------------------------------------------------------------------------------------------------------------


def deviation_z(name: str, floor: Floor) -> Iterator[str]:
    """A score per project, of the day."""
    for _, labels, known in _projects(floor):
        if known.step is not None and known.step.z is not None:
            yield f'{name}{{{labels},window="day"}} {known.step.z}\n'


def _evidence(step: Step | None) -> Iterator[tuple[str, Number, Number | None]]:
    """Of each detector that has something to say: its name, and the chances of so few and of so many."""
    if step is not None:
        for detector, one in (("day", step.day), ("recent", step.recent), ("two_days", step.two_days)):
            if one is not None:
                yield detector, one.loss, one.surge


def losses(name: str, floor: Floor) -> Iterator[str]:
    """A chance per project and detector."""
    for _, labels, known in _projects(floor):
        for detector, loss, _ in _evidence(known.step):
            yield f'{name}{{{labels},detector="{detector}"}} {loss}\n'
        if known.silence is not None:
            yield f'{name}{{{labels},detector="silence"}} {known.silence.loss}\n'


def surges(name: str, floor: Floor) -> Iterator[str]:
    """A chance per project and detector; silence knows losses only."""
    for _, labels, known in _projects(floor):
        for detector, _, surge in _evidence(known.step):
            if surge is not None:
                yield f'{name}{{{labels},detector="{detector}"}} {surge}\n'


def contact_rate(name: str, floor: Floor) -> Iterator[str]:
    """A chance per project whose last day could be judged."""
    for _, labels, known in _projects(floor):
        if known.contact_day is not None:
            yield f"{name}{{{labels}}} {known.contact_day.p}\n"


def cusum(name: str, floor: Floor) -> Iterator[str]:
    """A sum per project that has a plan, the falling one."""
    plans = floor.outlook.plans
    for project, labels, known in _projects(floor):
        if (plan := plans.get(project.name)) is not None and plan.end is not None:
            yield f"{name}{{{labels}}} {known.cusum.down}\n"


def shift(name: str, floor: Floor) -> Iterator[str]:
    """A 1 or 0 per project and reading, while its volume is judged."""
    for _, labels, known in _projects(floor):
        if known.verdict is not None and known.verdict is not Verdict.BLIND:
            read = None if known.cause is None else known.cause.reading
            yield "".join(f"{name}{{{labels},{text}}} {int(reading is read)}\n" for reading, text in _READINGS)


def verdicts(name: str, floor: Floor) -> Iterator[str]:
    """A 1 or 0 per project and verdict, while one is given."""
    for _, labels, known in _projects(floor):
        if known.verdict is not None:
            yield "".join(f"{name}{{{labels},{text}}} {int(verdict is known.verdict)}\n" for verdict, text in _VERDICTS)


def forecast_calls(name: str, floor: Floor) -> Iterator[str]:
    """Contacts per project, of those that are seen."""
    seen = floor.outlook.snapshot.observed_projects
    for project, labels, known in _projects(floor):
        if project.name in seen and known.expected is not None:
            yield f"{name}{{{labels}}} {known.expected}\n"


# --- agents -------------------------------------------------------------------------------------------------------------------------


def required_alone(name: str, floor: Floor) -> Iterator[str]:
    """Agents per project whose demand is known."""
    for _, labels, known in _projects(floor):
        if known.alone is not None:
            yield f"{name}{{{labels}}} {known.alone}\n"


def eligible(name: str, floor: Floor) -> Iterator[str]:
    """People per project and state, where all of them are seen."""
    seen = floor.outlook.snapshot.observed_projects
    for project, labels, known in _projects(floor):
        if project.name in seen and project.queues:
            yield "".join(f"{name}{{{labels},{text}}} {known.eligible.get(state, 0)}\n" for state, text in _STATES)


# --- conditions -------------------------------------------------------------------------------------------------------------------


def conditions(name: str, floor: Floor) -> Iterator[str]:
    """A 1 or 0 per condition and whom it is about, of what could be judged."""
    states = floor.outlook.judgement.states
    for key, labels in floor.labels.conditions:
        if (active := states.get(key)) is not None:
            yield f"{name}{{{labels}}} {int(active)}\n"


def limits(name: str, floor: Floor) -> Iterator[str]:
    """Every limit."""
    for labels, value in floor.labels.limits:
        yield f"{name}{{{labels}}} {value}\n"
