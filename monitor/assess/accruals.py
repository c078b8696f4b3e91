"""What must be remembered from one second to the next so that the floor can be judged, and the judging in its order.

Owns, per project, the day so far (`today`); per condition since when it holds; and the last quarter of an hour of what no book keeps: rings
let pass, devices that went away. It is told of one second after the other, in order, and does in each a part of the projects, so that no
second is long; the same seconds in the same order give the same state. Refuses a clock and files: `keeping` keeps it, `state` writes it down.
Next: the frozen `Judgement`, which `outlook` carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.assess import detect, forecast, group_rules, money_rules, needs, pbx_rules, project_rules
from monitor.assess.conditions import KINDS, About, Condition, Finding, Subject
from monitor.assess.crew import QUARTER_US, Crew
from monitor.assess.detect import Evidence, Total
from monitor.assess.holdings import Holdings
from monitor.assess.judgement import GroupJudged, Judgement, ProjectJudged
from monitor.assess.kept import Kept, learn, standing
from monitor.assess.money import Money
from monitor.assess.project_rules import ProjectLook
from monitor.assess.reading import Cause, Reading, Standing, causes
from monitor.assess.second import Second, after_hours, eligible, incidents_of
from monitor.assess.today import Rules, Today
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project
from monitor.core.incidents import holding_group
from monitor.core.snapshot import AgentView, Cell, QueueView, State, Window

PART: Final = 5  # projects judged in a second, as many seconds as it takes for all; of one of them closed intervals, where there are new ones
SETTLE_US: Final = 5 * SECOND  # after an interval: what belongs to it is told by then
ELIGIBLE: Final = frozenset(State) - {State.PAUSED, State.UNREACHABLE, State.UNOBSERVED}


class Accruals:
    """See above. `judgement` is the latest."""

    def __init__(self) -> None:
        self.judgement = Judgement()
        self._projects: dict[str, Kept] = {}
        self._crews: dict[str, Crew] = {}
        self._groups: dict[str, GroupJudged] = {}
        self._holdings = Holdings()
        self._turn = self._asked = 0
        self._asked_causes: tuple[list[Standing], list[Total]] = ([], [])  # of whom the reading is
        self._read: dict[str, Cause] = {}

    @property
    def intervals_judged(self) -> int:
        """How many closed intervals were judged so far."""
        return sum(kept.today.judged for kept in self._projects.values())

    def shift(self, step: int) -> None:
        """Civil time stepped: what was said stays said, the intervals are looked at afresh."""
        self._holdings.shift(step)
        for kept in self._projects.values():
            kept.seen, kept.standing, kept.alone_at, kept.followed = None, None, None, 0
            kept.looked_at = None if kept.looked_at is None else kept.looked_at + step
            kept.dead.shift(step)
            kept.comeback.shift(step)
            kept.quiet_since += step
            kept.said_since += step
            kept.opened_at = None
        for crew in self._crews.values():
            crew.shift(step)

    def agree(self, contract: Contract) -> None:
        """Another contract or plan is in force: everything is looked at afresh, and what is not agreed any more forgotten."""
        self._projects = {name: kept for name, kept in self._projects.items() if name in contract.project}
        self._crews = {name: crew for name, crew in self._crews.items() if name in contract.group}
        for kept in self._projects.values():
            kept.seen = kept.standing = kept.alone_at = None
        for crew in self._crews.values():
            crew.forget_need()
        self._holdings.agree(contract)
        projects = {name: one for name, one in self.judgement.projects.items() if name in contract.project}
        self._groups = {name: one for name, one in self.judgement.groups.items() if name in contract.group}
        self.judgement = Judgement(projects, self._groups, *self._holdings.published(contract))

    # --- one second -----------------------------------------------------------------------------------------------------------------

    def turn(self, contract: Contract) -> list[Project]:
        """The projects whose turn it is."""
        count = len(contract.projects)
        start = self._turn % count if count else 0
        part = [*contract.projects[start:], *contract.projects[:start]][:PART]
        self._turn = start + len(part)
        return part

    def judge_projects(self, second: Second, part: Sequence[Project]) -> None:
        """Look at these projects."""
        snapshot = second.snapshot
        followed = False
        for project in part:
            kept = self._projects.setdefault(project.name, Kept(Today(project.day_start(snapshot.at))))
            followed = followed or self._follow(second, project, kept)
            is_open = project.open_at(snapshot.at)
            kept.opened_at = (kept.opened_at or kept.today.opened(project, snapshot.at)) if is_open else None
            seen = is_open and project.name in snapshot.observed_projects
            kept.silence = self._silence(second, project, kept) if seen else None
            sees = project.queues and project.name in snapshot.observed_projects
            kept.standing = standing(second, project, kept, (kept.today.total,)) if sees else None
        read = self._causes(second)
        self._bury(second, part, read)
        queues: dict[str | None, list[QueueView]] = {}
        for queue in snapshot.queues:
            queues.setdefault(queue.project, []).append(queue)
        for project in part:
            self._project(second, project, eligible(project, second.serving), queues.get(project.name, []), read.get(project.name))

    def judge_people(self, second: Second) -> None:
        """Look at all groups and PBXs, and say what holds of everything."""
        contract, snapshot = second.contract, second.snapshot
        agents: dict[str | None, list[AgentView]] = {}
        for agent in snapshot.agents:
            agents.setdefault(agent.group, []).append(agent)
        self._asked = (self._asked + 1) % max(1, len(contract.groups))
        self._groups = {
            group.name: self._group(second, group, tuple(agents.get(group.name, ())), asks=number == self._asked)
            for number, group in enumerate(contract.groups)
        }
        for condition, subject, finding, wait_us in pbx_rules.findings(second, self._holdings.holds):
            self._holdings.take(condition, subject, finding, snapshot.at, wait_us)
        projects = {name: known.judged for name in contract.project if (known := self._projects.get(name)) is not None and known.judged is not None}
        self.judgement = Judgement(projects, self._groups, *self._holdings.published(contract, snapshot.at))

    def judge_money(self, money: Money, contract: Contract, at: int) -> None:
        """Look at what was reckoned last."""
        for condition, subject, finding in money_rules.findings(money, contract):
            self._holdings.take(condition, subject, finding, at)

    # --- projects -------------------------------------------------------------------------------------------------------------------

    def _follow(self, second: Second, project: Project, kept: Kept) -> bool:
        """Look through the closed intervals of a project where there are others than before; whether there were."""
        at, limits = second.snapshot.at, second.contract.limits
        running, revision = second.snapshot.revisions.get(project.name, (0, 0))
        start, mine, rebased = project.day_start(at), incidents_of(second, project), second.plan.rebased_since(project.name, at)
        dead = kept.dead.until(at)
        stamp = (start, running, revision, mine, rebased, tuple(kept.dead.spans), kept.dead.trial, kept.dead.since)
        if at < running + SETTLE_US:
            return False
        kept.followed = at
        if kept.seen == stamp:
            return False
        if start != kept.today.start:
            kept.unattended_us = 0
            learn(second, project, kept)
        kept.today.follow(start, second.books.intervals_of(project.name, project.day_start(start - 1)), Rules(project, limits, mine, rebased, dead))
        kept.seen = stamp
        return True

    def _followed(self, contract: Contract) -> int:
        """Since when all projects were looked through."""
        return min(0 if one is None else one.followed for one in map(self._projects.get, contract.project))

    def _silence(self, second: Second, project: Project, kept: Kept) -> Evidence | None:
        """Since the latest contact, the opening, or the end of what held the project or was the telephony's; over midnight while it is said."""
        at, name, books, today = second.snapshot.at, project.name, second.books, kept.today
        latest = books.latest_of(name, Cell.CONTACTS)
        ours = incidents_of(second, project)
        if any(one.touches(at, at + 1) for one in ours):
            return None
        over = [end for one in ours if (end := one.over_at) is not None and end <= at]
        heard = latest is not None and latest >= kept.quiet_since
        said = not heard and self._holdings.holds(Condition.PROJECT_SILENT, Subject(About.PROJECT, name))
        begun = kept.quiet_since if said else max(today.start, kept.opened_at or 0, 0 if latest is None else latest + MINUTE)
        if not self._holdings.holds(Condition.PROJECT_SILENT, Subject(About.PROJECT, name)):
            kept.said_since = begun
        since = kept.quiet_since = max(begun, kept.dead.ended, *over, second.plan.rebased_since(name, at) or 0)
        seen = books.since(name, since, Cell.PLAN_OBSERVED_CALLS) if since < at else 0
        if seen <= 0:
            return None
        before = Total.of(step.closed.interval for step in today.steps if step.closed.interval.start < since)
        quiet = detect.silence(before, seen / 1e6, project.dispersion)
        if quiet is None:
            return None
        planned_today = second.plan.over(name, today.start, project.day_end(at)).calls_u / 1e6
        return replace(quiet, loss=min(1.0, quiet.loss / detect.silence_alpha(planned_today, 1.0)))  # of any of today's silences

    def _returning(self, second: Second, project: Project, kept: Kept) -> bool:
        """Whether a silence that is said has had callers since, and it is not certain that they are back."""
        books, name = second.books, project.name
        if not self._holdings.holds(Condition.PROJECT_SILENT, Subject(About.PROJECT, name)):
            kept.comeback.forget()
            return False

        def counts(since: int) -> tuple[int, float]:
            return books.since(name, since, Cell.CONTACTS_SEEN), books.since(name, since, Cell.PLAN_OBSERVED_CALLS) / 1e6

        awaited = kept.comeback.awaited(second.snapshot.at, books.latest_of(name, Cell.CONTACTS), kept.said_since, counts)
        return awaited or kept.dead.trial is not None

    def _causes(self, second: Second) -> dict[str, Cause]:
        """Whose loss it is, where anything is low or silent."""
        looked = [(project, kept, kept.standing) for project in second.contract.projects if (kept := self._projects.get(project.name)) is not None]
        seen = [(project, kept) for project, kept, standing in looked if standing is not None]
        standings = [standing for _, _, standing in looked if standing is not None]
        if not any(one.low or one.silent for one in standings):
            return {}
        asked = standings, [kept.today.yesterday for _, kept in seen]
        if asked != self._asked_causes:
            found = causes(standings, second.contract.limits.share_p)
            if any(cause.reading is None for cause in found.values()):  # a day is little: with yesterday it may be proven
                both = [standing(second, project, kept, (kept.today.yesterday, kept.today.total)) for project, kept in seen]
                longer = causes(both, second.contract.limits.share_p)
                found |= {name: longer[name] for name, cause in found.items() if cause.reading is None}
            self._asked_causes, self._read = asked, found
        return self._read

    def _bury(self, second: Second, part: Iterable[Project], read: Mapping[str, Cause]) -> None:
        """Time in which the telephony was silent is no client's, once callers are back."""
        at, dead = second.snapshot.at, any(cause.reading is Reading.TELEPHONY for cause in read.values())
        for project in part:
            kept, cause = self._projects[project.name], read.get(project.name)
            since, latest = None if kept.silence is None else kept.quiet_since, second.books.latest_of(project.name, Cell.CONTACTS)
            kept.dead.look(at, None if cause is None else cause.reading, since, latest, others=dead)
            if kept.dead.trial is not None:
                end = kept.dead.trial[1]
                came, planned_u = (second.books.since(project.name, end, cell) for cell in (Cell.CONTACTS_SEEN, Cell.PLAN_OBSERVED_CALLS))
                kept.dead.prove(at, came, planned_u / 1e6)

    def _project(self, second: Second, project: Project, reach: Mapping[State, int], queues: Iterable[QueueView], cause: Cause | None) -> None:
        snapshot, plan, limits = second.snapshot, second.plan, second.contract.limits
        at, kept = snapshot.at, self._projects[project.name]
        spans, waiting = snapshot.projects[project.name], snapshot.waiting_since.get(project.name, ())
        is_open, observed = project.open_at(at), project.name in snapshot.observed_projects
        able = sum(count for state, count in reach.items() if state in ELIGIBLE)
        queues = tuple(queues)
        oldest = min((queue.oldest_joined_at for queue in queues if queue.oldest_joined_at is not None), default=None)
        ours = incidents_of(second, project)
        held, shaken = (any(one.touches(start, at + 1) for one in ours) for start in (at, at - QUARTER_US))
        if is_open and observed and not able and not held and kept.looked_at is not None:
            kept.unattended_us += min(at - kept.looked_at, MINUTE)
        kept.looked_at = at
        total = kept.today.total
        planned_day = plan.over(project.name, at, project.day_end(at))
        ahead = None
        expected = None
        if kept.today.step is not None or planned_day.covered_us:
            ahead = forecast.reforecast(total.n, total.f, planned_day.calls_u / 1e6, project.dispersion)
            expected = spans[Window.DAY].sums[Cell.CONTACTS] + ahead.rest
        row = plan.at(project.name, at)
        threshold = project.service_level.threshold_us
        late = [joined for joined in waiting if at - joined > threshold]
        look = ProjectLook(
            at=at,
            project=project,
            pbxs=tuple(pbx for pbx in snapshot.pbxs if pbx.name in second.contract.pbxs_of[project.name]),
            limits=limits,
            open=is_open,
            quarter=spans[Window.QUARTER],
            day=spans[Window.DAY],
            late=sum(spans[Window.QUARTER].start <= joined < spans[Window.QUARTER].end for joined in late),
            late_today=sum(joined >= spans[Window.DAY].start for joined in late),
            longest_wait_us=None if oldest is None else at - oldest,
            waiting=sum(queue.waiting for queue in queues),
            eligible=able,
            today=kept.today,
            silence=kept.silence,
            returning=self._returning(second, project, kept),
            cause=cause,
            expected=expected,
            covered=row is not None,
            plan_end=plan.end(project.name),
            refused=None if second.refusals is None else second.refusals.since(project.name, at - 60 * MINUTE),
            lost=snapshot.lost.get(project.name),
            after_hours=after_hours(second, project),
        )
        self._project_conditions(second, look, observed=observed, held=held, shaken=shaken)
        acts = any(self._holdings.holds(condition, Subject(About.PROJECT, project.name)) for condition in project_rules.ACTS)
        factor = forecast.busyness(total.n, total.f, project.dispersion)
        kept.demand = needs.expected(project, plan, at, second.contract.interval_us, factor, spans[Window.HOUR], spans[Window.DAY])
        if project.queues and (kept.alone_at is None or at - kept.alone_at >= MINUTE):
            kept.alone, kept.alone_at = needs.alone(project, second.contract.group[project.group], kept.demand), at
        kept.judged = ProjectJudged(
            open=is_open,
            held=held,
            verdict=project_rules.verdict(look, observed=observed, held=held, acts=acts),
            step=kept.today.step,
            silence=kept.silence,
            cusum=kept.today.cusum,
            cause=cause,
            total=total,
            forecast=ahead,
            expected=expected,
            expected_erlangs=None if kept.demand.now is None else kept.demand.now.erlangs,
            alone=kept.alone,
            eligible=reach,
            contact_day=kept.dialling.day,
        )

    def _project_conditions(self, second: Second, look: ProjectLook, *, observed: bool, held: bool, shaken: bool) -> None:
        """`held` by an incident now, `shaken` while the last 15 minutes have some of it in them."""
        subject, limits, at = Subject(About.PROJECT, look.project.name), look.limits, look.at
        calls = bool(look.project.queues)
        well_seen = look.quarter.sums[Cell.OBSERVED_US] >= limits.least_observed * (look.quarter.end - look.quarter.start)
        waits = {
            Condition.PROJECT_SILENT: limits.silent_us,
            Condition.QUEUE_UNATTENDED: limits.unattended_us,
            Condition.PLAN_MISSING: MINUTE,
            Condition.VOLUME_LOST: at - self._followed(second.contract),  # whose it is depends on all
        }
        asked = (
            (project_rules.PLANNED, calls and observed and look.open),
            (project_rules.SERVED, calls and observed and look.open and well_seen and not shaken),
            (project_rules.SHUT, calls and observed and not look.open),
            (project_rules.PLANS, calls),
            (project_rules.PAPERS, True),
        )
        for rules, may in asked:
            for condition, rule in rules.items():
                finding = rule(look, self._holdings.holds(condition, subject)) if may and not (held and KINDS[condition].held) else None
                self._holdings.take(condition, subject, finding, at, waits.get(condition, 0))
        live = observed and look.open and well_seen and not shaken
        stopped = self._holdings.holds(Condition.LIST_EXHAUSTED, subject)
        for condition, finding in self._projects[look.project.name].dialling.findings(second, look.project, live=live, stopped=stopped):
            self._holdings.take(condition, subject, finding, at)
        unseen = ", ".join(sorted(pbx.name for pbx in look.pbxs if not pbx.observed))
        blind = Finding(not observed, {"limit": limits.blind_us / SECOND, "pbxs": unseen}) if calls and look.open else None
        self._holdings.take(Condition.BLIND, subject, blind, at, limits.blind_us)

    # --- groups --------------------------------------------------------------------------------------------------------------------

    def _group(self, second: Second, group: Group, agents: tuple[AgentView, ...], *, asks: bool) -> GroupJudged:
        snapshot, contract = second.snapshot, second.contract
        at, crew = snapshot.at, self._crews.setdefault(group.name, Crew())
        projects = contract.projects_of[group.name]
        observed = group.name in snapshot.observed_groups
        held, shaken = (bool(holding_group(second.incidents, group.name, contract, start, at + 1)) for start in (at, at - QUARTER_US))
        if asks and crew.due(at):
            demands = {project.name: kept.demand for project in projects if (kept := self._projects.get(project.name)) is not None and kept.demand is not None}
            crew.ask(group, contract, demands, at)
        look = crew.look(group, contract, snapshot, agents)
        subject = Subject(About.GROUP, group.name)
        at_work = not shaken and any(project.open_at(at) and project.open_at(at - QUARTER_US) for project in projects)
        waits = dict.fromkeys((Condition.OCCUPANCY_TOO_HIGH, Condition.OCCUPANCY_TOO_LOW), contract.limits.occupancy_us)
        for rules, may in ((group_rules.STAFFED, observed and at_work), (group_rules.ALWAYS, observed)):
            for condition, rule in rules.items():
                asked = may and not (held and KINDS[condition].held)
                self._holdings.take(condition, subject, rule(look, self._holdings.holds(condition, subject)) if asked else None, at, waits.get(condition, 0))
        return GroupJudged(held, crew.need, look.staffed_now if observed else None)
