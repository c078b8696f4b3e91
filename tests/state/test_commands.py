"""`floorwatch store …` as a user types it, and what `check` says of a store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor import cli, config, inspection
from monitor.errors import FloorwatchError, StoreUnusable
from monitor.plan.plan import EMPTY
from monitor.state.store import forgetting
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.state.keeping import FAR, bring, lived, made

CONFIG = """
[[pbx]]
name = "pbx1"
secret_file = "secret"
queue_log = ""
[[project]]
name = "bank-line"
queues = ["bank"]
[plan]
file = ""
[store]
url = "{url}"
"""


def write(folder: Path, url: str = "sqlite:///floorwatch.db") -> Path:
    (folder / "secret").write_text("s3cret-of-the-pbx\n")
    (folder / "secret").chmod(0o600)
    file = folder / "floorwatch.toml"
    file.write_text(CONFIG.format(url=url))
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with made(Place(f"sqlite:///{tmp_path}/floorwatch.db")) as opened:
        bring(lived(3), opened)
    return write(tmp_path)


def store(command: str, file: Path, *more: str) -> Result:
    return CliRunner().invoke(cli.commands, ["store", command, "--config", str(file), *more])


def test_backup_and_restore(file: Path, tmp_path: Path) -> None:
    done = store("backup", file, str(tmp_path / "b.gz"))
    assert (done.exit_code, done.stdout.split(": ")[0]) == (0, str(tmp_path / "b.gz"))
    refused = store("restore", file, str(tmp_path / "b.gz"))
    assert isinstance(refused.exception, FloorwatchError)
    done = store("restore", file, str(tmp_path / "b.gz"), "--force")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{tmp_path}/floorwatch.db: ")
    assert done.stdout.endswith(" rows restored\n")


def persons(folder: Path) -> set[str]:
    reader = Reader.of(Place(f"sqlite:///{folder}/floorwatch.db"))
    try:
        return {span.person for span in reader.spans(0, FAR)}
    finally:
        reader.close()


def test_a_person_is_forgotten_only_for_sure(file: Path, tmp_path: Path) -> None:
    before = persons(tmp_path)
    done = store("forget-agent", file, "pbx1/PJSIP/bob")
    assert done.exit_code == 0
    assert " would no longer name pbx1/PJSIP/bob\n" in done.stdout
    assert done.stdout.endswith("nothing was changed; --yes does it, for good\n")
    assert persons(tmp_path) == before
    done = store("forget-agent", file, "pbx1/PJSIP/bob", "--yes")
    assert "agent_spans: " in done.stdout
    assert "ring_no_answers: 1" in done.stdout
    assert " no longer name pbx1/PJSIP/bob\n" in done.stdout
    assert done.stdout.endswith("was last on the floor: then do this once more\n")
    (nobody,) = persons(tmp_path) - before
    assert before - persons(tmp_path) == {"pbx1/PJSIP/bob"}
    assert nobody.startswith("forgotten-")
    left = b"".join(path.read_bytes() for path in tmp_path.glob("floorwatch.db*"))
    assert b"pbx1/PJSIP/bob" not in left
    assert b"pbx1/PJSIP/eve" in left


@pytest.mark.parametrize("begun", ["before", "meanwhile"])
def test_a_name_that_somebody_s_reading_holds_is_not_called_forgotten(file: Path, tmp_path: Path, begun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "PATIENCE_S", 0.05)
    with closing(sqlite3.connect(tmp_path / "floorwatch.db", isolation_level=None)) as reading:

        def read(*_: object) -> dict[str, int]:
            if not reading.in_transaction:
                reading.execute("BEGIN")
                reading.execute("SELECT count(*) FROM agent_spans").fetchone()
            return {}

        if begun == "before":
            with closing(sqlite3.connect(tmp_path / "floorwatch.db")) as writing:
                read()
                writing.execute("UPDATE agent_spans SET reason = reason || 'x'")
                writing.commit()
        else:
            monkeypatch.setattr(forgetting, "_counts", read)
        with pytest.raises(StoreUnusable, match="nothing was changed$" if begun == "before" else "its log, beside it, still holds the name; end what reads"):
            forgetting.forget(Place(f"sqlite:///{tmp_path}/floorwatch.db"), "pbx1/PJSIP/bob")
    assert ("pbx1/PJSIP/bob" in persons(tmp_path)) == (begun == "before")


def test_a_person_nobody_knows_is_one_line(file: Path) -> None:
    done = store("forget-agent", file, "pbx1/PJSIP/bobb", "--yes")
    assert str(done.exception) == (
        "pbx1/PJSIP/bobb: the store knows no such person; give the employee_id of the agents file, PBX/interface, or for who is only in queue_log "
        "PBX/name (the name most like it is pbx1/PJSIP/bob: look who that is)"
    )


@pytest.mark.parametrize(("command", "more"), [("backup", "b.gz"), ("restore", "b.gz"), ("forget-agent", "ann")])
def test_without_a_store_there_is_nothing_to_do(tmp_path: Path, command: str, more: str) -> None:
    file = write(tmp_path, "")
    assert str(store(command, file, more).exception) == f'--config {file}: [store] url = "" keeps nothing; name a store there'


def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    file = write(tmp_path)
    for command, more in (("backup", str(tmp_path / "b.gz")), ("forget-agent", "ann")):
        assert str(store(command, file, more).exception).startswith(f"{tmp_path}/floorwatch.db: ")
    assert not (tmp_path / "floorwatch.db").exists()


# --- check ----------------------------------------------------------------------------------------------------------------------------


def said(file: Path) -> list[str]:
    loaded = config.load(file, {})
    return [str(finding) for finding in inspection.inspect(loaded, EMPTY, 0) if finding.text.startswith(("store: ", "[store]"))]


def test_check_says_what_the_store_is(file: Path, tmp_path: Path) -> None:
    assert said(file) == [f"ok       store: {tmp_path}/floorwatch.db"]
    assert said(write(tmp_path, "sqlite:///store/new.db")) == [f"ok       store: {tmp_path}/store/new.db will be made"]
    assert said(write(tmp_path, "")) == ['ok       [store] url = "": nothing is kept for reports']
    assert said(write(tmp_path, "sqlite:///secret")) == [f"BAD      store: {tmp_path}/secret: file is not a database; name another file in [store] url"]
    assert said(write(tmp_path, "sqlite:///no/such/new.db")) == [
        f"BAD      store: {tmp_path}/no/such/new.db: cannot be made in {tmp_path}/no; make the folder the daemon's own, or name another in [store] url"
    ]


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("postgresql://u:geheim@db/floor", "names no driver; write it as postgresql+psycopg://user:password@host/database"),
        (
            "mysql://u:geheim@db/floor",
            "is no database this version knows; write sqlite:////absolute/path.db or postgresql+psycopg://user:password@host/database",
        ),
        *(
            (url, "is not an address; write it as postgresql+psycopg://user:password@host:5432/database, signs of a password as %40 for @, %2F for /")
            for url in (
                "postgresql+psycopg://u:p@geheim@db/floor",
                "postgresql+psycopg://u:p/geheim@db/floor",
                "postgresql+psycopg://u:5432?geheim@db/floor",
                "postgresql+psycopg://u:5432#geheim@db/floor",
                "postgresql+psycopg://u:geheim@db:5432?sslmode=require",
                "postgresql+psycopg://db:geheim/floor",
                "postgresql+psycopg://geheim:0/floor",
                "postgresql+psycopg://geheim:65536/floor",
                "postgresql+psycopg://geheim:\u0665/floor",
                "postgresql+psycopg://u:geheim@[::1/floor",
                "postgresql+psycopg://u:geheim@::1/floor",
                "postgresql+psycopg://u:geheim@db/floor#x",
            )
        ),
        (
            "sqlite:///geheim.db?mode=ro",
            "is no database this version knows; write sqlite:////absolute/path.db or postgresql+psycopg://user:password@host/database",
        ),
        ("/var/lib/geheim.db", "is no database this version knows; write sqlite:////absolute/path.db or postgresql+psycopg://user:password@host/database"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(tmp_path: Path, url: str, line: str) -> None:
    with pytest.raises(FloorwatchError) as caught:
        config.load(write(tmp_path, url), {})
    assert str(caught.value).endswith(f"[store] url: {line}")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *(
            f"postgresql+psycopg://{rest}"
            for rest in ("db", "db:5432", "u@db:5432/floor", "u:p%40%2F@[::1]:5432/floor", "/floor?host=/run/postgresql", "u:a :b@db/floor?sslmode=require&x=1")
        ),
        "sqlite:///floor.db",
        "sqlite:////var/lib/floor.db",
    ],
)
def test_every_address_that_passes_is_a_place(tmp_path: Path, url: str) -> None:
    loaded = config.load(write(tmp_path, url), {})
    assert "p%40" not in Place(loaded.store.url).shown
