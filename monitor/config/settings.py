"""What a valid configuration amounts to, frozen: the contract, and how to reach PBXs, files and the web.

Owns the shapes and the one type a secret lives in. Refuses reading and checking: `monitor.config.load` builds these. Next: `app`
wires the daemon from a `Config`; the contract in it goes to the core.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor.core.contract import Contract
from monitor.plan.mapping import NATIVE, ColumnMapping


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that shows itself only to whoever asks for it by name."""

    _text: str

    def reveal(self) -> str:
        """The secret itself: for the wire, and for nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """One PBX: where it is, who we are there and how patient we are. `queue_log` and `cdr` are empty where there is none."""

    name: str
    host: str
    port: int
    username: str
    secret: Secret
    tls: bool = False
    tls_ca: Path | None = None
    queue_log: str = ""
    ping_seconds: float = 5.0
    ping_deadline_seconds: float = 15.0
    reconcile_seconds: float = 300.0
    cdr: str = field(default="", repr=False)  # may be a database's address, with its password
    cdr_secret: Secret = field(default=Secret(""), repr=False)

    @property
    def cdr_file(self) -> Path | None:
        """Its Master.csv, where it is one."""
        return Path(self.cdr) if self.cdr and "://" not in self.cdr else None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web server listens, port 0 is any free one; `names` shows people's names in the API, not only their ids, `money` to everybody."""

    host: str = "127.0.0.1"
    port: int = 9877
    names: bool = False
    money: bool = False


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Who may do more than look: whoever shows the secret has these rights (`write`, `read`; `client:<name>` has no effect yet)."""

    name: str
    secret: Secret
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateSettings:
    """Where the daemon keeps what must outlive it, None: nowhere; with `standby` it waits for whoever keeps there already."""

    directory: Path | None = None
    standby: bool = False


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged and how: `debug`, `info`, `warning` or `error`; `logfmt` or `json`."""

    level: str = "info"
    format: str = "logfmt"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where what is final is kept, and for how many days; an empty `url` is nowhere. It may hold a password."""

    url: str = field(default="", repr=False)
    retain_days: int = 1200


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who carries mail, and as whom; `tls` is `starttls`, `tls` or `none`."""

    host: str = "127.0.0.1"
    port: int = 587
    sender: str = "floorwatch@localhost"
    username: str = ""
    secret: Secret | None = None
    tls: str = "starttls"


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """A report that goes out by itself, every `day`, `week` or `month` at that minute of the site's day: into a file, by mail, or both."""

    name: str
    report: str
    every: str = "day"
    minute: int = 390
    format: str = "xlsx"
    to: str = ""
    mail: tuple[str, ...] = ()
    client: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker that is told of the floor, as whom, and under which topics; with `money` what is earned is in them."""

    host: str
    port: int
    tls: bool = False
    prefix: str = "floorwatch"
    client_id: str = "floorwatch-site"
    username: str = ""
    secret: Secret | None = None
    tls_ca: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    keepalive_seconds: int = 30
    money: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a plan file is read: its columns, the sheet of a workbook (the first if empty), and the same as the configuration says it."""

    mapping: ColumnMapping = NATIVE
    sheet: str = ""
    text: str = "floorwatch"


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Beside the working plan: its format, what the client signed, and how totals spread over a week."""

    format: FileFormat = FileFormat()
    contract_file: Path | None = None
    contract_format: FileFormat = FileFormat()
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration. `notes` are sentences for people: what is set and has no effect in this version, and what had better be set otherwise.

    `contents` are the files of the plan as they were read with it, until the store has them; empty without a store.
    """

    file: Path
    contract: Contract
    pbxs: tuple[PbxSettings, ...]
    web: WebSettings = WebSettings()
    plan_file: Path | None = None
    plan: PlanSettings = PlanSettings()
    state: StateSettings = StateSettings()
    log: LogSettings = LogSettings()
    tokens: tuple[TokenSettings, ...] = ()
    store: StoreSettings = StoreSettings()
    mail: MailSettings = MailSettings()
    schedules: tuple[ScheduleSettings, ...] = ()
    mqtt: MqttSettings | None = None
    notes: tuple[str, ...] = ()
    contents: dict[Path, bytes] = field(default_factory=dict, repr=False, compare=False)

    def known_by(self, number_key: bytes) -> Config:
        """The same, with the secret under which callers are known again."""
        return replace(self, contract=replace(self.contract, number_key=number_key))
