"""Files the configuration names: who else may read a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.files import UnreadableError, read_text

FILE = """
[[pbx]]
name = "pbx1"
{secret}

[[group]]
name = "floor"
presence = "{presence}"

[[project]]
name = "bank-line"
queues = ["bank"]
"""


def notes(folder: Path, secret: str, environment: dict[str, str], presence: str = "member") -> tuple[str, ...]:
    file = folder / "floorwatch.toml"
    file.write_text(FILE.format(secret=secret, presence=presence), encoding="utf-8")
    return load(file, environment).notes


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o644, 0o666, 0o601])
def test_a_secret_that_others_may_read_is_worth_a_word(tmp_path: Path, mode: int) -> None:
    (tmp_path / "secret").write_text("hush-hush\n")
    (tmp_path / "secret").chmod(mode)
    said = f'[pbx pbx1] secret_file = "secret": others than its owner may read it (mode {mode:04o}); chmod 600 it'
    assert notes(tmp_path, 'secret_file = "secret"', {}) == (() if mode in (0o600, 0o400) else (said,))


@pytest.mark.parametrize("named", [True, False])
def test_a_credential_of_systemd_is_systemd_s_to_guard(tmp_path: Path, named: bool) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "pbx1").write_text("hush-hush\n")
    (folder / "pbx1").chmod(0o444)
    environment = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert notes(tmp_path, f'secret_file = "{folder}/pbx1"' if named else "", environment) == ()


def test_a_group_by_device_wants_somebody_to_be_known_by_one(tmp_path: Path) -> None:
    secret = 'secret_env = "SECRET"'
    environment = {"SECRET": "hush-hush"}
    assert notes(tmp_path, secret, environment, 'device"\nmembers = ["PJSIP/7*"]\n#"') == ()
    of_another = (
        '[group floor] presence = "device": no row of the agents file is of this group today; write floor into the column group of people who are in no queue'
    )
    for group, said in (("floor", ()), ("", (of_another,))):
        (tmp_path / "agents.csv").write_text(f"employee_id,interfaces,group\n1,PJSIP/7,{group}\n")
        assert notes(tmp_path, f'{secret}\n[agents]\nfile = "agents.csv"', environment, "device") == said


def test_a_pipe_that_nobody_may_ever_write_to_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "plan.csv")
    with pytest.raises(UnreadableError, match="is no file but a pipe or a device; name a file"):
        read_text(tmp_path / "plan.csv")
