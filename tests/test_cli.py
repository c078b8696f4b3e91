"""The commands as a user types them: what they print, where, and what they exit with."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import __version__, cli

CONFIG = """
[site]
name = "kyiv-1"
timezone = "Europe/Kyiv"

[[pbx]]
name = "pbx1"
host = "127.0.0.1"
port = {ami}
username = "floorwatch"
secret_file = "secret"

[[group]]
name = "floor"

[[project]]
name = "bank-line"
client = "Bank"
group = "floor"
queues = ["bank"]

[state]
directory = "state"
[store]
url = "sqlite:///store/floorwatch.db"

[web]
listen = "127.0.0.1:{web}"
"""
CAPTURE = Path(__file__).parent / "scenarios" / "captures" / "single-20" / "blind-transfer.ami"
PLAN = "project,interval_start,volume,aht_s\nbank-line,2099-11-24T09:00:00+02:00,16.25,180\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write(folder: Path, *, ami: int = 1, web: int = 0, more: str = "") -> Path:
    (folder / "secret").write_text("s3cret-of-the-pbx\n")
    (folder / "secret").chmod(0o600)
    file = folder / "floorwatch.toml"
    file.write_text(CONFIG.format(ami=ami, web=web) + more)
    return file


def floorwatch(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "monitor", *words], capture_output=True, text=True, timeout=30, check=False)


@contextmanager
def running(file: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-m", "monitor", "run", "--config", str(file)], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def get(port: int, path: str, patience_s: float = 15) -> tuple[int, str]:
    """Status and text, once somebody listens."""
    end = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def test_the_version() -> None:
    done = floorwatch("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"floorwatch {__version__}")


@pytest.mark.parametrize("command", ["run", "check"])
def test_help_has_an_example(command: str) -> None:
    done = floorwatch(command, "--help")
    assert done.returncode == 0
    assert f"Example: floorwatch {command} --config" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_file_that_is_not_there(command: str, tmp_path: Path) -> None:
    done = floorwatch(command, "--config", str(tmp_path / "none.toml"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "none.toml" in done.stderr


def test_a_file_that_may_not_be_read_is_the_configuration_s_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is played: typer, had it asked, would print its usage."""
    file = write(tmp_path)
    file.write_text(file.read_text().replace('"state"', '""'))
    file.write_text(file.read_text().replace("sqlite:///store/floorwatch.db", ""))
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr("monitor.logs.set_up", lambda *_: None)  # the logs of this process stay as they are
    done = CliRunner().invoke(cli.commands, ["check", "--config", str(file)])
    assert (done.exit_code, "Usage" in done.output) == (0, False), done.output


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_key(command: str, tmp_path: Path) -> None:
    done = floorwatch(command, "--config", str(write(tmp_path, more="portt = 1\n")))
    assert done.returncode == 2
    assert "[web] portt" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_plan_with_bad_rows_names_every_line(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(PLAN + "bank-line,2099-11-24T09:30:00+02:00,many,180\nshop,2099-11-24T10:00:00+02:00,1,180\n")
    done = floorwatch("check", "--config", str(write(tmp_path, more='[plan]\nfile = "plan.csv"\n')))
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert "plan.csv:3" in first
    assert "many" in first
    assert "plan.csv:4" in second
    assert "shop" in second


def test_check_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(PLAN)
    done = floorwatch("check", "--config", str(write(tmp_path, more='[plan]\nfile = "plan.csv"\n[mqtt]\nurl = "mqtt://x"\n[notify]\nheartbeat_url = "x"\n')))
    assert done.returncode == 0, done.stderr
    assert "bank-line" in done.stdout
    assert "[notify] has no effect" in done.stdout
    assert "MQTT: x:1883 as floorwatch-" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = floorwatch("run", "--config", str(write(tmp_path, web=port)))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_sighup_reads_everything_anew(tmp_path: Path) -> None:
    port = free_port()
    file = write(tmp_path, ami=free_port(), web=port)
    with running(file) as process:
        assert "\nfloorwatch_config_last_reload_successful 1\n" in get(port, "/metrics")[1]
        file.write_text(file.read_text(encoding="utf-8") + "\n= =\n", encoding="utf-8")
        os.kill(process.pid, signal.SIGHUP)
        while "\nfloorwatch_config_last_reload_successful 0\n" not in get(port, "/metrics")[1]:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(timeout=5) == 0
        said = process.stderr.read() if process.stderr else ""
    assert 'event="reload refused"' in said
    assert "is not TOML" in said


EARLY = """
import os, signal, sys
from monitor import config
real = config.load
def load(file):
    read = real(file)
    if config.load is load:
        config.load = real
        os.kill(os.getpid(), signal.SIGHUP)
    return read
config.load = load
sys.argv = ["floorwatch", "run", "--config", sys.argv[1]]
from monitor.__main__ import main
main()
"""


def test_a_sighup_while_it_reads_its_files_is_a_reload_once_it_runs(tmp_path: Path) -> None:
    file = write(tmp_path, ami=free_port(), web=free_port())
    with subprocess.Popen([sys.executable, "-c", EARLY, str(file)], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert any("reloaded" in line for line in process.stderr)
        finally:
            process.kill()


def test_a_second_daemon_on_one_state_is_refused_and_a_standby_waits_for_its_turn(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    with running(write(tmp_path, ami=free_port(), web=first)) as process:
        assert get(first, "/-/healthy")[0] == 200
        text = write(tmp_path, ami=free_port(), web=second).read_text()
        done = floorwatch("run", "--config", str(tmp_path / "floorwatch.toml"))
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"{tmp_path}/state: process {process.pid} keeps its state there; ")
        (tmp_path / "floorwatch.toml").write_text(text.replace('"state"', '"state"\nstandby = true'))
        with running(tmp_path / "floorwatch.toml") as standby:
            assert standby.stderr is not None
            assert "standing by" in standby.stderr.readline()
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", second)).close()
            text = (tmp_path / "floorwatch.toml").read_text()
            (tmp_path / "floorwatch.toml").write_text(text.replace('name = "bank-line"', 'name = "changed-line"'))
            process.kill()
            assert get(second, "/-/healthy")[0] == 200
            assert "going on from before" in standby.stderr.readline()
            assert 'project="changed-line"' in get(second, "/metrics")[1]


def test_a_standby_whose_files_are_flawed_by_its_turn_goes_on_with_what_it_read(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    with running(write(tmp_path, ami=free_port(), web=first)) as process:
        assert get(first, "/-/healthy")[0] == 200
        file = write(tmp_path, ami=free_port(), web=second)
        file.write_text(file.read_text().replace('"state"', '"state"\nstandby = true'))
        with running(file) as standby:
            assert standby.stderr is not None
            assert "standing by" in standby.stderr.readline()
            file.write_text("= =")
            process.kill()
            assert get(second, "/-/healthy")[0] == 200
            assert "not read anew" in standby.stderr.readline()


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_state_that_cannot_be_kept_there(command: str, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    done = floorwatch(command, "--config", str(write(tmp_path)))
    assert (done.returncode, done.stdout) == (2, "")
    where = f'{tmp_path}/floorwatch.toml: [state] directory = "{tmp_path}/state"'
    assert done.stderr == f"{where}: is not a directory; name one\n"


def test_check_makes_no_folder(tmp_path: Path) -> None:
    assert floorwatch("check", "--config", str(write(tmp_path))).returncode == 0
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_pbx_that_is_away_ends_nothing_and_a_signal_ends_it_cleanly(sent: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    with running(write(tmp_path, ami=free_port(), web=port)) as process:
        assert get(port, "/-/healthy")[0] == 200
        status, text = get(port, "/-/ready")
        assert status == 503
        assert "pbx1" in text
        metrics = get(port, "/metrics")[1]
        assert 'floorwatch_ami_up{pbx="pbx1"} 0' in metrics
        assert 'callcenter_calls_entered_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank"} 0' in metrics
        assert "callcenter_calls_waiting{" not in metrics
        os.kill(process.pid, sent)
        assert process.wait(timeout=5) == 0
        said = process.stderr.read() if process.stderr else ""
    assert "Traceback" not in said
    assert "s3cret" not in said
    assert said.count("no AMI link") == 1  # the first failure; repeats are debug


def test_init_asks_on_a_terminal_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "init", "--out", str(tmp_path)], capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = "the secret of floorwatch on 127.0.0.1:5038 is missing, and there is no terminal to ask on; give --secret-file F or --secret-env NAME\n"
    assert done.stderr == said
    assert list(tmp_path.iterdir()) == []


def test_init_shows_nothing_of_what_is_typed(tmp_path: Path) -> None:
    main, worker = pty.openpty()
    command = [sys.executable, "-m", "monitor", "init", "--port", str(free_port()), "--out", str(tmp_path / "new")]
    with subprocess.Popen(command, stdin=worker, stdout=worker, stderr=worker, start_new_session=True) as process:
        os.close(worker)
        said = b""
        with contextlib.suppress(OSError):  # the terminal ends with the process
            while b"Secret of floorwatch" not in said:
                said += os.read(main, 1000)
            os.write(main, b"s3cret-of-the-pbx\n")
            while True:
                said += os.read(main, 1000)
        assert process.wait(timeout=10) == 1
    os.close(main)
    assert b"cannot connect" in said
    assert b"s3cret" not in said
    assert not (tmp_path / "new").exists()


def test_init_of_nobody_is_a_failure_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret-of-the-pbx\n")
    port = free_port()
    done = floorwatch("init", "--port", str(port), "--secret-file", str(tmp_path / "secret"), "--out", str(tmp_path / "new"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cannot connect to 127.0.0.1:{port}: Connection refused; is Asterisk running with manager.conf enabled = yes?\n"


def test_init_s_help_has_an_example() -> None:
    done = floorwatch("init", "--help")
    assert "Example: floorwatch init --out" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["--version", "--help", "check", "replay", "bad"])
def test_who_has_closed_our_output_hears_nothing_more(command: str, tmp_path: Path) -> None:
    """`| head`, at its earliest: there is nobody from the first line on."""
    words = {
        "check": ["check", "--config", str(write(tmp_path))],
        "replay": ["replay", str(CAPTURE)],
        "bad": ["check", "--config", str(tmp_path / "none.toml")],
    }.get(command, [command])
    read, written = os.pipe()
    os.close(read)
    out, err = (subprocess.PIPE, written) if command == "bad" else (written, subprocess.PIPE)
    try:
        done = subprocess.run([sys.executable, "-m", "monitor", *words], stdout=out, stderr=err, timeout=30, check=False)
    finally:
        os.close(written)
    assert (done.returncode, done.stdout or b"", done.stderr or b"") == (1, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["--version", "check", "bad"])
def test_an_output_without_room_is_one_line(command: str, tmp_path: Path) -> None:
    words = {"check": ["check", "--config", str(write(tmp_path))], "bad": ["check", "--config", str(tmp_path / "none.toml")]}.get(command, [command])
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "monitor", *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    if command == "bad":
        assert (done.returncode, done.stderr.startswith(f"{tmp_path}/none.toml: "), done.stderr.count("\n")) == (2, True, 1)
    else:
        assert (done.returncode, done.stderr) == (1, "standard output: cannot be written: No space left on device; make room, or send it elsewhere\n")


def test_a_terminal_that_has_no_arrow_gets_a_question_mark() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    text = "import monitor.cli.terms as terms, monitor.cli as cli; cli.commands = lambda **_: terms.say('36 → 60'); cli.main()"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, timeout=30, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"36 ? 60\n", b"")


def test_a_closed_output_is_no_failure() -> None:
    """`>&-`, as cron jobs may have it."""
    done = subprocess.run(["sh", "-c", 'exec "$0" -m monitor --version >&-', sys.executable], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
