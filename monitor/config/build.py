"""From a valid file to a `Config`: everything that needs two sections, another file or a folder.

Owns the rules between sections (who claims which queue, whose group is whose) and finds all that breaks them. Refuses single values
(`model` has done those) and secrets (`credentials`). Next: `load` hands the Config out or raises every flaw at once.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.config import model
from monitor.config.agents_file import read_people
from monitor.config.broker import broker
from monitor.config.credentials import Credentials, Needed, Owner
from monitor.config.files import UnreadableError, check_readable, exists, read_text
from monitor.config.hours import day_start, parse_hours
from monitor.config.incidents import announced
from monitor.config.limits import limits
from monitor.config.plan_format import file_format
from monitor.config.prices import Pricing, shared_hours
from monitor.config.reports import mail_of, schedules
from monitor.config.settings import Config, LogSettings, PbxSettings, PlanSettings, Secret, StateSettings, StoreSettings, TokenSettings, WebSettings
from monitor.config.table import LATER
from monitor.config.trunks import trunks
from monitor.config.values import did_you_mean
from monitor.config.wages import finances, pay
from monitor.config.weather import Weather
from monitor.config.wording import shown, without_effect
from monitor.core.contract import MINUTE, SECOND, Contract, Group, PauseClass, PauseReason, Person, Presence, Project, QueueId, ServiceLevel
from monitor.core.outgoing import Outbound
from monitor.core.pay import Wage
from monitor.errors import Flaw
from monitor.hosts import is_loopback

SCOPES = ("read", "write")  # of a token, beside client:<name>
SHORT_SECRET = 16  # letters of a token's secret


@dataclass(slots=True)
class Build:
    """One build and the flaws it has found; the Config is only good without any."""

    file: Path
    source: model.File
    environment: Mapping[str, str]
    today: date
    new_plan: bool = False
    needed: Needed = Needed.ALL
    flaws: list[Flaw] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def config(self) -> Config:
        """The whole configuration."""
        source = self.source
        self.notes += (f"{place} {LATER}" for place in dict.fromkeys(without_effect(source)))
        pbxs = self._pbxs()
        groups = source.group or (model.Group(name="floor"),)
        for head in ("pbx", "group", "project", "trunk", "token", "report", "signal"):
            self._names(head, [row.name for row in (groups if head == "group" else getattr(source, head))])
        if not source.project:
            self._flaw("there is no [[project]]", "add one for each client's contract")
        people, wages = self._people([group.name for group in groups])
        contract = Contract(
            site=source.site.name,
            zone=ZoneInfo(source.site.timezone),
            language=source.site.language,
            interval_us=source.site.interval_minutes * MINUTE,
            ring_counts_as=source.site.ring_counts_as,
            agent_metrics=source.site.agent_metrics,
            pbxs=tuple(pbx.name for pbx in source.pbx),
            projects=tuple(self._project(project, groups) for project in source.project),
            groups=tuple(self._group(group) for group in groups),
            people=people,
            limits=limits(source.alerts, self._flaw),
            pay=pay(source, groups, wages, self._flaw, self.notes.append),
            finances=finances(source, self._flaw),
            match_digits=source.site.match_digits,
            keep_numbers=source.site.keep_numbers,
            trunks=trunks(source, self._flaw),
        )
        self._claims(contract)
        self._by_device(contract)
        shared_hours(contract.projects, contract.groups, self._flaw)
        contract = Weather(source, self.file.parent, self._flaw, self.flaws.append).over(replace(contract, incidents=announced(source, contract, self._flaw)))
        host, _, port = source.web.listen.rpartition(":")
        host = host.strip("[]")
        if not is_loopback(host):
            remedy = "listen on 127.0.0.1, or let only a proxy with TLS and authentication reach it"
            self.notes.append(f"[web] listen = {shown(source.web.listen)}: anybody who reaches it reads data about people; {remedy}")
        return Config(
            file=self.file,
            contract=contract,
            pbxs=pbxs,
            web=WebSettings(host, int(port), source.web.names, source.web.money),
            plan_file=self._plan_file(),
            plan=self._plan(),
            state=self._state(),
            log=LogSettings(source.log.level, source.log.format),
            tokens=tuple(self._token(token, contract) for token in source.token),
            store=StoreSettings(self._store_url(source.store.url), source.store.retain_days),
            mail=mail_of(source.mail, self._secret(source.mail, "mail") if source.mail.username else None, self._flaw),
            mqtt=broker(
                source.mqtt,
                source.site.name,
                self.file.parent,
                self._secret(source.mqtt, "mqtt") if source.mqtt.url and source.mqtt.username else None,
                self._flaw,
                self.notes.append,
            ),
            schedules=schedules(source.report, contract, self.file.parent, self._flaw),
            notes=tuple(self.notes),
        )

    def _flaw(self, problem: str, remedy: str, section: str = "", key: str = "", value: object = None) -> None:
        self.flaws.append(Flaw(problem, remedy, section, key, None if value is None else shown(value)))

    def _names(self, head: str, names: list[str]) -> None:
        for number, name in enumerate(names):
            if name in names[:number]:
                self._flaw(f"{head} #{names.index(name) + 1} has this name already", "each needs its own", f"{head} #{number + 1}", "name", name)

    def _path(self, text: str) -> Path:
        """Files are named from the folder of the configuration."""
        return self.file.parent / text

    def _unreadable(self, error: UnreadableError, section: str, key: str, value: str) -> None:
        problem, _, remedy = str(error).partition("; ")
        self._flaw(problem, remedy, section, key, value)

    def _store_url(self, url: str) -> str:
        """A file of SQLite is named from the folder of the configuration, too."""
        kind, _, place = url.partition(":///")
        return f"{kind}:///{self._path(place).absolute()}" if kind == "sqlite" else url

    def _readable(self, text: str, section: str, key: str) -> bool:
        try:
            check_readable(self._path(text))
        except UnreadableError as error:
            self._unreadable(error, section, key, text)
            return False
        return True

    # --- PBXs ---------------------------------------------------------------------------------------------------------------------

    def _pbxs(self) -> tuple[PbxSettings, ...]:
        if not self.source.pbx:
            self._flaw("there is no [[pbx]]", "add at least one, with its name and secret_file")
        return tuple(self._pbx(pbx) for pbx in self.source.pbx)

    def _pbx(self, pbx: model.Pbx) -> PbxSettings:
        section = f"pbx {pbx.name}"
        if pbx.ping_deadline_seconds < pbx.ping_seconds:
            problem = f"is shorter than ping_seconds = {pbx.ping_seconds}"
            self._flaw(problem, "a PBX must be allowed at least one Ping", section, "ping_deadline_seconds", pbx.ping_deadline_seconds)
        if pbx.tls_ca and not pbx.tls:
            self._flaw("is given, but tls is false", "set tls = true", section, "tls_ca", pbx.tls_ca)
        elif pbx.tls_ca and self._readable(pbx.tls_ca, section, "tls_ca"):
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self._path(pbx.tls_ca))
            except ssl.SSLError:
                self._flaw("holds no certificate", "name a PEM file: -----BEGIN CERTIFICATE-----", section, "tls_ca", pbx.tls_ca)
        return PbxSettings(
            name=pbx.name,
            host=pbx.host,
            port=pbx.port,
            username=pbx.username,
            secret=self._secret(pbx, section),
            tls=pbx.tls,
            tls_ca=self._path(pbx.tls_ca) if pbx.tls_ca else None,
            queue_log=str(self._path(pbx.queue_log)) if pbx.queue_log else "",  # whether it can be read is said when it is read
            cdr=str(self._path(pbx.cdr)) if pbx.cdr and "://" not in pbx.cdr else pbx.cdr,
            cdr_secret=self._credentials().of_cdr(pbx, section),
            ping_seconds=float(pbx.ping_seconds),
            ping_deadline_seconds=float(pbx.ping_deadline_seconds),
            reconcile_seconds=float(pbx.reconcile_seconds),
        )

    def _token(self, token: model.Token, contract: Contract) -> TokenSettings:
        section = f"token {token.name}"
        known = [*SCOPES, *(f"client:{client}" for client in dict.fromkeys(project.client for project in contract.projects))]
        for scope in token.scopes:
            if scope not in known:
                self._flaw("there is no such client" if scope.startswith("client:") else "is no right", did_you_mean(scope, known), section, "scopes", scope)
        if idle := [scope for scope in token.scopes if scope not in ("read", "write")]:
            self.notes.append(f"[{section}] scopes = {shown(idle)}: {LATER}, only read and write have")
        secret = self._secret(token, section)
        if 0 < len(secret.reveal()) < SHORT_SECRET:
            self.notes.append(f"[{section}] its secret is short and may be guessed; make one of at least {SHORT_SECRET} letters: openssl rand -hex 32")
        return TokenSettings(token.name, secret, token.scopes)

    def _secret(self, owner: Owner, section: str) -> Secret:
        return self._credentials().secret(owner, section)

    def _credentials(self) -> Credentials:
        return Credentials(self.file, self.source, self.environment, self.needed, self._flaw, self.notes.append)

    # --- groups, projects, people -------------------------------------------------------------------------------------------------

    def _group(self, group: model.Group) -> Group:
        section = f"group {group.name}"
        if group.min_occupancy > group.max_occupancy:
            self._flaw(f"is above max_occupancy = {group.max_occupancy}", "swap them?", section, "min_occupancy", group.min_occupancy)
        if self.source.group and self.source.project and not any(project.group in (group.name, "") for project in self.source.project):
            self._flaw("no project has this group", f'name it in a [[project]]: group = "{group.name}"', section)
        if group.presence is Presence.DEVICE and not group.members and not self.source.agents.file:
            remedy = 'name people in the file of [agents], or their phones by pattern: members = ["PJSIP/7*"]'
            self._flaw("nobody is known by a device: there is neither an agents file nor a pattern", remedy, section, "presence", group.presence)
        return Group(
            name=group.name,
            members=group.members,
            presence=group.presence,
            unreachable_grace_us=_us(group.unreachable_grace_seconds),
            max_occupancy=float(group.max_occupancy),
            min_occupancy=float(group.min_occupancy),
            shrinkage=float(group.shrinkage),
            pause_reasons=tuple(self._pause(group, name, pause, section) for name, pause in group.pause_reasons.items()),
        )

    def _pause(self, group: model.Group, name: str, pause: model.Pause, section: str) -> PauseReason:
        key = f"pause_reasons.{name}.project"
        projects = [project.name for project in self.source.project]
        own = [project.name for project in self.source.project if project.group in (group.name, "")]
        project = pause.project
        if pause.kind is not PauseClass.WORK:
            if project is not None:
                self._flaw(f"a pause of class {pause.kind} is nobody's work", 'leave project out, or make it class = "work"', section, key, project)
        elif project is None and len(own) == 1:
            project = own[0]
        elif project is None:
            self._flaw("a pause of class work needs the project it is work for", f"one of: {', '.join(own)}", section, key)
        elif project not in projects:
            self._flaw("there is no such project", did_you_mean(project, projects), section, key, project)
        limit = None if pause.limit_minutes is None else _us(pause.limit_minutes * 60)
        return PauseReason(name, pause.kind, limit, project)

    def _project(self, project: model.Project, groups: tuple[model.Group, ...]) -> Project:
        section = f"project {project.name}"
        names = [group.name for group in groups]
        group = project.group or names[0]
        if not project.group and len(names) > 1:
            self._flaw("is missing", f"one of: {', '.join(names)}", section, "group")
        elif group not in names:
            self._flaw("there is no such group", did_you_mean(group, names), section, "group", group)
        level = project.service_level
        if project.short_abandon_seconds > level.threshold_seconds:
            problem = f"is longer than service_level.threshold_seconds = {level.threshold_seconds}"
            self._flaw(problem, "a short abandon is one within the threshold", section, "short_abandon_seconds", project.short_abandon_seconds)
        dialer_queues = tuple(self._queues(project.outbound.dialer_queues, section, "outbound.dialer_queues"))
        queues = tuple(dict.fromkeys((*self._queues(project.queues, section, "queues"), *dialer_queues)))
        alone = sum(other.group in (group, "") for other in self.source.project) == 1
        outbound = self._outbound(project.outbound, dialer_queues)
        pbxs = [pbx.name for pbx in self.source.pbx]
        for trunk in [one for one in outbound.trunks if ":" in one and one.partition(":")[0] not in pbxs]:
            self._flaw("there is no such PBX", did_you_mean(trunk.partition(":")[0], pbxs), section, "outbound.trunks", trunk)
        if not project.queues and not outbound:
            self._flaw("is missing", 'name the queues whose calls are this client\'s: queues = ["…"], or its outbound calls', section, "queues")
        return Project(
            name=project.name,
            client=project.client or project.name,
            group=group,
            queues=queues,
            zone=ZoneInfo(project.timezone or self.source.site.timezone),
            dids=frozenset(project.dids),
            hours=parse_hours(project.hours, frozenset(day.isoformat() for day in project.closed)),
            wrapup_us=_us(project.wrapup_seconds),
            short_us=_us(project.short_abandon_seconds),
            aht_us=_us(project.aht_seconds),
            service_level=ServiceLevel(_us(level.threshold_seconds), float(level.target), level.formula),
            max_abandonment=float(project.max_abandonment),
            patience_us=_us(project.patience_seconds),
            dispersion=float(project.dispersion),
            day_starts=day_start(project, self.source.site, self._flaw),
            contract_until=project.contract_until,
            notice_days=project.notice_days,
            tariffs=Pricing(self.source, project, alone, self.today, self._flaw, self.notes.append).agreed(),
            billing_day=project.billing_day,
            telecom_per_minute=Decimal(project.telecom_per_minute),
            outbound=outbound,
            test_callers=project.test_callers,
            caller_digits=project.caller_digits,
            callback_us=_us(project.callback_within_minutes * 60),
            short_is_lost=project.lost_callers == "all",
            channels=tuple(dict.fromkeys(project.channels)),
        )

    @staticmethod
    def _outbound(outbound: model.Outbound, dialer_queues: tuple[QueueId, ...]) -> Outbound:
        return Outbound(
            trunks=outbound.trunks,
            account_codes=outbound.account_codes,
            contexts=outbound.contexts,
            prefixes=outbound.prefixes,
            caller_ids=outbound.caller_ids,
            dialer_queues=dialer_queues,
            contact_min_us=_us(outbound.contact_min_seconds),
        )

    def _queues(self, queues: tuple[str, ...], section: str, key: str) -> Iterator[QueueId]:
        """A queue without a PBX is that queue on every PBX."""
        pbxs = [pbx.name for pbx in self.source.pbx]
        for queue in queues:
            pbx, slash, name = queue.partition("/")
            if not slash:
                yield from (QueueId(each, queue) for each in pbxs)
            elif pbx not in pbxs:
                self._flaw(f"there is no PBX {pbx}", did_you_mean(pbx, pbxs), section, key, queue)
            elif not name:
                self._flaw("names no queue", f"write it as {pbx}/600", section, key, queue)
            else:
                yield QueueId(pbx, name)

    def _claims(self, contract: Contract) -> None:
        """A queue of two projects must be told apart by dialled numbers; at most one of them may take the rest."""
        found: set[tuple[str, str, str]] = set()
        for queue in contract.queues:
            claimants = [project for project in contract.projects if queue in project.queues]
            for number, second in enumerate(claimants):
                for first in claimants[:number]:
                    shared = sorted(first.dids & second.dids)
                    if (shared or not (first.dids or second.dids)) and (queue.name, first.name, second.name) not in found:
                        found.add((queue.name, first.name, second.name))
                        problem = f"queue {queue} is claimed by {first.name} and {second.name}" + (f", both with {', '.join(shared)}" if shared else "")
                        self._flaw(problem, "a queue belongs to one project unless dids tell them apart", f"project {second.name}", "queues")

    def _by_device(self, contract: Contract) -> None:
        """Whether there is anybody to know by a device."""
        rows = {person.group for person in contract.people}
        for group in contract.groups:
            if group.presence is Presence.DEVICE and not group.members and group.name not in rows and self.source.agents.file:
                remedy = f"write {group.name} into the column group of people who are in no queue"
                self.notes.append(f'[group {group.name}] presence = "device": no row of the agents file is of this group today; {remedy}')

    def _people(self, groups: list[str]) -> tuple[tuple[Person, ...], tuple[Wage, ...]]:
        """The people of today, and what everybody in the file ever earned."""
        name = self.source.agents.file
        if not name:
            return (), ()
        path = self._path(name)
        try:
            text = read_text(path)
        except UnreadableError as error:
            self._unreadable(error, "agents", "file", name)
            return (), ()
        people = read_people(text, str(path), groups, [pbx.name for pbx in self.source.pbx], self.today)
        self.flaws += people.flaws
        if people.dated:
            self.notes.append(f"{path}: from and to are looked at when the configuration is loaded; reload it on the day a row begins or ends")
        return people.people, people.wages

    def _state(self) -> StateSettings:
        """Whether the daemon may write there, is said when it would."""
        state = self.source.state
        if not state.directory:
            if state.standby:
                self._flaw("needs a directory to stand by at", "name the one that both daemons have", "state", "standby", state.standby)
            self.notes.append('[state] directory = "": nothing outlives the daemon; a restart begins all counters at nought')
        return StateSettings(self._path(state.directory) if state.directory else None, state.standby)

    # --- the plan -----------------------------------------------------------------------------------------------------------------

    def _plan_file(self) -> Path | None:
        """The plan file; the default one only where it exists."""
        plan = self.source.plan
        path = self._path(plan.file)
        if "file" in plan.model_fields_set and plan.file and self.new_plan and not exists(path):
            return path
        if not plan.file or ("file" not in plan.model_fields_set and not exists(path)):
            return None
        self._readable(plan.file, "plan", "file")
        return path

    def _plan(self) -> PlanSettings:
        plan = self.source.plan
        names = [project.name for project in self.source.project]
        for key in ("contract_file", "profile"):
            if path := getattr(plan, key):
                self._readable(path, "plan", key)
        if plan.contract_file and plan.contract_file == plan.file:
            self._flaw("is the working plan", "what was signed has to be a file of its own, that nobody changes", "plan", "contract_file", plan.contract_file)
        format_ = file_format(plan.format, "format", names, self.flaws)
        return PlanSettings(
            format=format_,
            contract_file=self._path(plan.contract_file) if plan.contract_file else None,
            contract_format=format_ if plan.contract_format is None else file_format(plan.contract_format, "contract_format", names, self.flaws),
            profile=self._path(plan.profile) if plan.profile else None,
        )


def _us(seconds: Decimal) -> int:
    return int(seconds * SECOND)
