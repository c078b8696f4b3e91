"""Secrets: whose a command needs, and where each is kept.

Owns that choice, the three places there are (a file, the environment, a systemd credential), and what is said of a secret that cannot be had. One that
is not needed is not looked for: who makes a report or a plan need not have the right to it. Refuses reading (`files` does). Next: `build` puts them
into the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from monitor.config import model
from monitor.config.files import UnreadableError, open_to_others, secret_from_credential, secret_from_environment, secret_from_file
from monitor.config.mqtt_model import Mqtt
from monitor.config.report_model import Mail
from monitor.config.settings import Secret
from monitor.config.wording import shown

Owner = model.Pbx | model.Token | Mail | Mqtt
Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value
Note = Callable[[str], None]


class Needed(Enum):
    """Whose secrets are read: everybody's, the PBXs', the mail's, that of the first token that may write, or nobody's."""

    ALL = auto()
    PBX = auto()
    MAIL = auto()
    WRITER = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets a configuration names; `report` and `note` are told what is found."""

    file: Path
    source: model.File
    environment: Mapping[str, str]
    needed: Needed
    report: Report
    note: Note

    def secret(self, owner: Owner, section: str) -> Secret:
        """The owner's; empty where it is not needed, or was reported."""
        if not self._needs(owner):
            return Secret("")
        given = self._given("secret", owner.secret_file, owner.secret_env, section)
        if given is not None:
            return given
        credential = _credential(owner)
        try:
            if secret := secret_from_credential(credential, self.environment):
                return secret
            self.report("there is none", f"give secret_file, secret_env or a systemd credential named {credential}", section, "secret", None)
        except UnreadableError as error:
            self._unreadable(error, section, "secret", f"$CREDENTIALS_DIRECTORY/{credential}")
        return Secret("")

    def of_cdr(self, pbx: model.Pbx, section: str) -> Secret:
        """The password of a PBX's database of records; empty where it has none, or has it in the address."""
        key, address = "cdr_secret", pbx.cdr.partition("://")[2]
        if (pbx.cdr_secret_file or pbx.cdr_secret_env) and not address:
            self.report("is given, but cdr is no database", "leave it out, or name one: mysql://user@host/asteriskcdrdb", section, key, None)
        elif (pbx.cdr_secret_file or pbx.cdr_secret_env) and ":" in address.rpartition("@")[0]:
            self.report(f"is given twice, by {key} and in the address cdr", "keep one of them", section, key, None)
        elif self._needs(pbx):
            return self._given(key, pbx.cdr_secret_file, pbx.cdr_secret_env, section) or Secret("")
        return Secret("")

    def _given(self, key: str, file: str, variable: str, section: str) -> Secret | None:
        """What a file or a variable has, None where neither is named; empty where it was reported."""
        try:
            if file and variable:
                self.report(f"is given twice, by {key}_file and by {key}_env", "keep one of them", section, key, None)
            elif file:
                return self._of_file(f"{key}_file", file, section)
            elif variable:
                return secret_from_environment(variable, self.environment)
            else:
                return None
        except UnreadableError as error:
            self._unreadable(error, section, f"{key}_file" if file else f"{key}_env", file or variable)
        return Secret("")

    def _unreadable(self, error: UnreadableError, section: str, key: str, value: str) -> None:
        problem, _, remedy = str(error).partition("; ")
        self.report(problem, remedy, section, key, value)

    def _needs(self, owner: Owner) -> bool:
        match self.needed:
            case Needed.ALL:
                return True
            case Needed.PBX:
                return isinstance(owner, model.Pbx)
            case Needed.MAIL:
                return isinstance(owner, Mail)
            case Needed.WRITER:
                return owner is next((token for token in self.source.token if "write" in token.scopes), None)
            case Needed.NONE:
                return False

    def _of_file(self, key: str, name: str, section: str) -> Secret:
        path = self.file.parent / name
        secret = secret_from_file(path)
        folder = self.environment.get("CREDENTIALS_DIRECTORY")  # systemd sees to those
        if (mode := open_to_others(path)) and not (folder and path.resolve().is_relative_to(Path(folder).resolve())):
            self.note(f"[{section}] {key} = {shown(name)}: others than its owner may read it (mode {mode:04o}); chmod 600 it")
        return secret


def _credential(owner: Owner) -> str:
    """What systemd calls the owner's."""
    match owner:
        case Mail():
            return "mail"
        case Mqtt():
            return "mqtt"
        case model.Pbx():
            return owner.name
        case model.Token():
            return f"token-{owner.name}"
