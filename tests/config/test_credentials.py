"""Whose secrets are read: those a command needs, and no others; what is needed and cannot be had is said as ever."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor import cli
from monitor.config import Config, Needed, load
from monitor.errors import ConfigError

TEXT = """
[[pbx]]
name = "pbx1"
secret_file = "ami-secret"
[[project]]
name = "bank-line"
queues = ["bank"]
[[token]]
name = "board"
secret_file = "board-token"
scopes = ["read"]
[[token]]
name = "siren"
secret_file = "siren-token"
scopes = ["write"]
[[token]]
name = "crm"
secret_file = "crm-token"
scopes = ["write"]
[mail]
username = "floorwatch"
secret_file = "mail-password"
[store]
url = ""
[web]
listen = "127.0.0.1:1"
"""
FILES = {"ami-secret", "board-token", "siren-token", "crm-token", "mail-password"}


def _load(folder: Path, needed: Needed) -> Config:
    (folder / "floorwatch.toml").write_text(TEXT, encoding="utf-8")
    return load(folder / "floorwatch.toml", {}, date(2026, 3, 2), needed=needed)


@pytest.mark.parametrize(
    ("needed", "files"),
    [
        (Needed.ALL, FILES),
        (Needed.PBX, {"ami-secret"}),
        (Needed.MAIL, {"mail-password"}),
        (Needed.WRITER, {"siren-token"}),
        (Needed.NONE, set()),
    ],
)
def test_what_is_needed_is_read_and_nothing_else(needed: Needed, files: set[str], tmp_path: Path) -> None:
    """The files that are not needed are not even there."""
    for name in files:
        (tmp_path / name).write_text(f"secret of {name}\n", encoding="utf-8")
    config = _load(tmp_path, needed)
    found = [*(pbx.secret for pbx in config.pbxs), *(token.secret for token in config.tokens), config.mail.secret]
    assert [secret.reveal() for secret in found if secret is not None and secret.reveal()] == [
        f"secret of {name}" for name in ("ami-secret", "board-token", "siren-token", "crm-token", "mail-password") if name in files
    ]


@pytest.mark.parametrize(
    ("needed", "sections"),
    [
        (Needed.ALL, ["pbx pbx1", "token board", "token siren", "token crm", "mail"]),
        (Needed.PBX, ["pbx pbx1"]),
        (Needed.MAIL, ["mail"]),
        (Needed.WRITER, ["token siren"]),
    ],
)
def test_what_is_needed_and_is_not_there_is_a_line_each(needed: Needed, sections: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, needed)
    assert [flaw.section for flaw in caught.value.flaws] == sections
    assert {flaw.problem for flaw in caught.value.flaws} == {"there is no such file"}


def test_what_may_not_be_read_is_said_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is played."""

    def refuse(*_: object) -> None:
        raise PermissionError

    (tmp_path / "ami-secret").write_text("secret\n", encoding="utf-8")
    (tmp_path / "floorwatch.toml").write_text(TEXT, encoding="utf-8")
    whole = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *more, **how: refuse() if path.name == "ami-secret" else whole(path, *more, **how))
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, Needed.PBX)
    line = f'{tmp_path / "floorwatch.toml"}: [pbx pbx1] secret_file = "ami-secret": may not be read; give the daemon\'s user the right to'
    assert str(caught.value) == line
    assert _load(tmp_path, Needed.NONE).contract.site == "site"


# --- the commands --------------------------------------------------------------------------------------------------------------------


def _typed(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """A command where no secret is to be had at all."""
    (folder / "floorwatch.toml").write_text(TEXT.replace('url = ""', 'url = "sqlite:///store.db"'), encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("monitor.logs.set_up", lambda *_: None)  # the logs of this process stay as they are, and so do its signals
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return CliRunner().invoke(cli.commands, [*command.split(), "--config", "floorwatch.toml"])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("report day --from 2026-11-30", "store.db: is not there"),
        ("report agents --from 2026-11-30", "store.db: is not there"),
        ("report payroll --from 2026-11-30", "store.db: is not there"),
        ("report client --client bank-line --month 2026-11", "store.db: is not there"),
        ("report billing --client bank-line --month 2026-11", "store.db: is not there"),
        ("report close --month 2026-11", "store.db: is not there"),
        ("report correct hours --employee 7 --date 2026-11-30 --class regular --seconds 60 --why slip", "store.db: is not there"),
        ("report correct call --project bank-line --call 1.1 --exempt test --why slip", "store.db: is not there"),
        ("report corrections --from 2026-11-30", "store.db: is not there"),
        ("store backup out.gz", "store.db: no such file"),
        ("store restore none.gz", "none.gz: there is no such file"),
        ("store forget-agent 7", "store.db: there is no such file"),
        ("plan show", "no plan"),
        ("plan build --from store", "store.db: no such file"),
        ("plan import none.csv", "there is no plan to import into"),
        ("plan scale --list", "no plan"),
        ("incident list", "no daemon listens there"),
        ("replay none.ami", "none.ami: cannot be read"),
    ],
)
def test_who_never_speaks_to_a_pbx_needs_no_secret(command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on to what it works with, which is not there either."""
    done = _typed(command, tmp_path, monkeypatch)
    assert said in f"{done.output}{done.exception}"


@pytest.mark.parametrize(
    ("command", "section"),
    [
        ("run", "pbx pbx1"),
        ("check", "pbx pbx1"),
        ("record out.ami", "pbx pbx1"),
        ("incident open --kind power", "token siren"),
        ("incident close 7", "token siren"),
    ],
)
def test_who_needs_a_secret_says_which_is_missing(command: str, section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _typed(command, tmp_path, monkeypatch)
    assert f"[{section}] secret_file = " in str(done.exception)
