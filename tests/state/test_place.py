"""The folder of the state: made for the daemon alone, or one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.state.place import look, prepare

FILE = Path("floorwatch.toml")


def test_it_is_made_for_the_daemon_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "lib"
    look(FILE, folder)
    assert not folder.exists()
    prepare(FILE, folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    prepare(FILE, folder)


def test_one_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    prepare(FILE, tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("there", [True, False])
def test_one_that_may_not_be_written_to(tmp_path: Path, there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write nearly everywhere, so the system's answer is played."""

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("monitor.state.place.TemporaryFile", refuse)
    folder = tmp_path if there else tmp_path / "state"
    with pytest.raises(ConfigError) as raised:
        look(FILE, folder)
    problem = "may not be written to; give it" if there else f"is not there, and {tmp_path} may not be written to; make it and give it"
    remedy = 'to the daemon\'s user, or name another [state] directory; "" keeps nothing'
    assert str(raised.value) == f'floorwatch.toml: [state] directory = "{folder}": {problem} {remedy}'


def test_where_nobody_can_write_whatever_his_rights() -> None:
    with pytest.raises(ConfigError, match="is not there, and /proc may not be written to"):
        look(FILE, Path("/proc/floorwatch"))


def test_a_disk_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, *_: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("monitor.state.place._writable", lambda _: True)
    monkeypatch.setattr("monitor.state.place.os.open", refuse)
    with pytest.raises(ConfigError, match="cannot be written to: Read-only file system; see to that, or name another"):
        prepare(FILE, tmp_path)


def test_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is not a directory; name one"):
        look(FILE, tmp_path / "file")
    with pytest.raises(ConfigError, match=r"is not there, and .*file may not be written to"):
        look(FILE, tmp_path / "file" / "state")
