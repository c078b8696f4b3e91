"""All files or none, and never over what is there unless asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import NotWritten
from monitor.survey.writing import Draft, refuse_existing, refuse_unwritable, write_all

DRAFTS = (Draft("a", "one\n"), Draft("b", "two\n"), Draft("secret", "s3cret\n", private=True))


def fine(_: Path) -> None:
    """A trial that anything passes."""


def there(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_everything_is_written_and_a_secret_is_its_owner_s(tmp_path: Path) -> None:
    tried: list[dict[str, str]] = []
    written = write_all(tmp_path / "new/folder", DRAFTS, force=False, trial=lambda folder: tried.append(there(folder)))
    assert written == [tmp_path / "new/folder" / name for name in ("a", "b", "secret")]
    assert there(tmp_path / "new/folder") == tried[0] == {"a": "one\n", "b": "two\n", "secret": "s3cret\n"}
    assert (tmp_path / "new/folder/secret").stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_with_all_its_fellows(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    (tmp_path / "secret").symlink_to("nowhere")
    with pytest.raises(NotWritten, match=f"^{tmp_path}/b, {tmp_path}/secret: are there already, nothing was written; give --force"):
        refuse_existing(tmp_path, ("a", "b", "secret"))
    with pytest.raises(NotWritten, match=f"{tmp_path}/b: is there already"):
        write_all(tmp_path, DRAFTS, force=False, trial=fine)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "secret"]
    assert (tmp_path / "b").read_text() == "mine"


def test_by_force_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    write_all(tmp_path, DRAFTS, force=True, trial=fine)
    assert there(tmp_path) == {"a": "one\n", "b": "two\n", "secret": "s3cret\n"}


def test_what_fails_its_trial_or_on_the_way_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").write_text("mine")

    def bad(_: Path) -> None:
        raise ValueError("no good")

    with pytest.raises(ValueError, match="no good"):
        write_all(tmp_path, DRAFTS, force=True, trial=bad)
    assert there(tmp_path) == {"b": "mine"}
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if self.name == "secret":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NotWritten, match="cannot be written to: no space left on device; nothing was written"):
        write_all(tmp_path, DRAFTS, force=True, trial=fine)
    assert there(tmp_path) == {"b": "mine"}


def test_a_folder_in_the_way_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/precious").write_text("x")
    with pytest.raises(NotWritten, match="b is a directory"):
        write_all(tmp_path, DRAFTS, force=True, trial=fine)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b/precious").exists()


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match=f"^{tmp_path}/file/x: cannot be written to: not a directory; nothing was written; make it yours"):
        write_all(tmp_path / "file/x", DRAFTS, force=False, trial=fine)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_written_to_is_told_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_unwritable(tmp_path / "new/folder")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match="file/x: cannot be written to: not a directory"):
        refuse_unwritable(tmp_path / "file/x")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write everywhere, so the refusal is played
    with pytest.raises(NotWritten, match=f"^{tmp_path}/new: cannot be written to: permission denied; nothing was written; make it yours"):
        refuse_unwritable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
