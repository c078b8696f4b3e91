"""`floorwatch plan import` at its edges: links, the history beside the plan, a profile that is saved, and next to nothing."""

from __future__ import annotations

from pathlib import Path

from monitor import config
from monitor.config.kept import imports_of, kept
from tests.planning.test_plan_commands import NATIVE, SCALE, _desk, _log, refused, said

__all__ = ["_desk"]  # the fixture every test here stands on


def test_a_profile_is_saved_only_where_the_file_could_be_read_by_it() -> None:
    _log()
    words = ("import", "--format", "verint_daily", "--map", "Insurance=bank-line", "--profile-from", "queue_log", "--save-profile", "profile.csv")
    Path("sunday.csv").write_text("Insurance, 12-6-2026, 300, 242\n", encoding="utf-8")
    assert "has a volume, but bank-line is closed then" in refused(*words, "sunday.csv")
    assert not Path("profile.csv").exists()
    Path("tuesday.csv").write_text("Insurance, 12-1-2026, 300, 242\n", encoding="utf-8")
    assert said(*words, "tuesday.csv")[-1] == "nothing else was written; --write puts it in the place of the plan"
    assert Path("profile.csv").exists()


def test_a_plan_that_is_a_link_keeps_what_belongs_to_it() -> None:
    Path("real").mkdir()
    Path("plan.csv").rename("real/plan.csv")
    Path("plan.csv").symlink_to("real/plan.csv")
    said(*SCALE)
    lines = said("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--note", "mail", "--write", "calabrio.csv")
    assert any("is scaled by 0.6 from 2026-12-01 on" in line for line in lines)
    assert Path("plan.csv").is_symlink()
    assert sorted(path.name for path in Path("real").iterdir()) == ["plan.csv"]
    assert [(one.kind, one.who) for one in kept(config.load("floorwatch.toml"), "reload") if one.content] == [("working", "olena"), ("scales", "olena")]
    assert Path("plan.csv.2026-11-30T161500Z.old").read_text(encoding="utf-8") == NATIVE


def test_the_history_of_imports_only_grows() -> None:
    """A line that somebody broke stays as it is, and hides no other."""
    words = ("import", "--format", "calabrio", "--map", "Insurance=bank-line", "--write", "calabrio.csv", "--note")
    said(*words, "first")
    history = Path("plan.csv.imports.csv")
    broken = history.read_text(encoding="utf-8") + 'x,"me" y,z'
    history.write_text(broken, encoding="utf-8")
    said(*words, "second")
    assert history.read_text(encoding="utf-8").startswith(broken + "\n2026-11-30T16:15:00+00:00,olena,")
    assert [one.note for one in imports_of(Path("plan.csv"))] == ["first", "second"]


def test_so_little_that_it_is_nothing_is_read_again_as_that() -> None:
    Path("tiny.csv").write_text(
        f"{NATIVE.splitlines()[0]}\nbank-line,2026-12-01T09:00,4.4e-08,180,3\nbank-line,2026-12-01T09:30,1.49e-06,86400,\n", encoding="utf-8"
    )
    assert "tiny.csv: floorwatch, 2 rows" in said("import", "--write", "tiny.csv")[0]
