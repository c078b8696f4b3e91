"""`floorwatch init` against a scripted PBX: what is written loads and says what was seen; what is wrong is one line and leaves nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import config, survey
from monitor.core.contract import SECOND
from monitor.errors import AmiError, AmiLoginRefused, AmiUnreachable, BadOption, FloorwatchError, NotWritten
from monitor.survey import Wishes
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, member
from tests.sources.test_trouble import free_port
from tests.sources.watching import HURRY, now

RIGHTS = ("CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar", "QueueStatus")
KYIV = ZoneInfo("Europe/Kyiv")
HOSTILE = ('Ірина "Іра" Шевчук', "=cmd|' /C calc'!A0", "a,b\\", "[[pbx]]", "\x1b[2J", "# x", '"""')


def listed(session: Session, action: Headers) -> None:
    session.respond(action, **dict.fromkeys(RIGHTS, "what it does  (Priv: <none>)"))


def pbx(**queues: list[Headers]) -> Pbx:
    made = Pbx(queues=queues or {"bank": [member("bank", "PJSIP/101", Name="Олена Коваль")]}, clock=now)
    made.answers = {"ListCommands": listed}
    return made


@pytest.fixture
def wishes(tmp_path: Path) -> Wishes:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "secret").chmod(0o600)
    return Wishes(secret_file=tmp_path / "secret", out=tmp_path / "out", site="kyiv-1", timezone="Europe/Kyiv")


def look(one: Pbx, wishes: Wishes, ask: Callable[[str], str] | None = None) -> list[str]:
    """The command beside a PBX in a loop of its own; it has its own too, as files are nothing for a loop."""

    async def beside() -> list[str]:
        async with one.listening() as port:
            return await asyncio.to_thread(survey.survey, replace(wishes, port=port), now, ask=ask, pace=HURRY, listen_s=0.01)

    return asyncio.run(beside())


def loaded(wishes: Wishes) -> config.Config:
    return config.load(wishes.out / "floorwatch.toml", {})


def log(folder: Path, days: int) -> Path:
    """A queue_log of so many whole days: ten calls at noon of each, 100 s of talk."""
    today = datetime.fromtimestamp(now() // SECOND, KYIV).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[str] = []
    for day in range(days, 0, -1):
        midnight = today - timedelta(days=day)
        rows.append(f"{midnight.timestamp():.0f}|NONE|NONE|NONE|QUEUESTART|")
        noon = int(midnight.replace(hour=12).timestamp())
        for call in range(10):
            rows += [f"{noon + call}|{noon}.{call}|bank|NONE|ENTERQUEUE||0|1", f"{noon + 200}|{noon}.{call}|bank|Олена Коваль|COMPLETEAGENT|5|100|1"]
            rows += [f"{noon + call}|{noon}.{call}|bank|NONE|DID|0445550101"]
    rows.append(f"{now() // SECOND}|NONE|bank|Олена Коваль|PAUSE|lunch")
    (folder / "queue_log").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder / "queue_log"


def test_what_is_written_loads_and_names_everybody(wishes: Wishes) -> None:
    queues = {
        "bank": [member("bank", "PJSIP/101", Name="Олена Коваль")],
        "600": [member("600", "SIP/101", Name="Олена Коваль", Wrapuptime="30")],
        "default": [],
    }
    said = look(pbx(**queues), wishes)
    read = loaded(wishes)
    assert [(project.name, [queue.name for queue in project.queues]) for project in read.contract.projects] == [("queue-600", ["600"]), ("bank", ["bank"])]
    assert [(person.id, person.interfaces) for person in read.contract.people] == [("101", ("PJSIP/101", "SIP/101"))]
    assert read.contract.site == "kyiv-1"
    assert str(read.contract.zone) == "Europe/Kyiv"
    assert read.pbxs[0].secret.reveal() == SECRET
    assert sorted(path.name for path in wishes.out.iterdir()) == ["agents.csv", "floorwatch.toml"]
    text = (wishes.out / "floorwatch.toml").read_text(encoding="utf-8")
    assert "SIP/101), own wrap-up 30 s" in text
    assert "assumed: AMI does not show a queue's wrapuptime" in text
    assert '# queues = ["default"]' in text
    assert f"  floorwatch check --config {wishes.out}/floorwatch.toml --live" in said
    assert SECRET not in text + "".join(said)
    assert read_plan_rows(read) == 0


def read_plan_rows(read: config.Config) -> int:
    return 0 if read.plan_file is None else len(read.plan_file.read_text(encoding="utf-8").splitlines()) - 1


def test_it_sends_what_check_sends_and_nothing_else(wishes: Wishes) -> None:
    one = pbx()
    look(one, wishes)
    assert {action["Action"] for action in one.live.actions} == {"Challenge", "Login", "Ping", "ListCommands", "Logoff", *RIGHTS} - {"Getvar"}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_a_file(name: str, wishes: Wishes) -> None:
    queues = {name: [member(name, "PJSIP/101", Name=name)], "bank": [member("bank", f"Local/{name}@x", Name=name, Paused="1", PausedReason=name)]}
    said = look(pbx(**queues), replace(wishes, site=name if name.isprintable() else "site"))
    read = loaded(wishes)
    assert "bank" in [project.name for project in read.contract.projects]
    assert all(line.isprintable() for line in said)
    assert all(line.isprintable() for line in (wishes.out / "floorwatch.toml").read_text(encoding="utf-8").split("\n"))
    text = (wishes.out / "floorwatch.toml").read_text(encoding="utf-8")
    uncommented = re.sub(r"(?m)^# (?=(\[\[project\]\]|name|client|queues|wrapup|short|service|# ))", "", text)  # as its reader would
    (wishes.out / "floorwatch.toml").write_text(uncommented, encoding="utf-8")
    loaded(wishes)


def test_a_log_gives_a_rough_plan_and_handle_times(wishes: Wishes, tmp_path: Path) -> None:
    said = look(pbx(), replace(wishes, queue_log=log(tmp_path, 8)))
    read = loaded(wishes)
    assert read.contract.projects[0].aht_us == 115 * SECOND
    assert read.pbxs[0].queue_log == str(tmp_path / "queue_log")
    rows = (wishes.out / "plan.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "project,interval_start,volume,aht_s"
    noon = [row for row in rows if "T12:00" in row]
    assert len(noon) == 14
    assert all(re.fullmatch(r"bank,20\d\d-\d\d-\d\dT12:00\+0[23]:00,10,115", row) for row in noon)
    assert len(rows) - 1 in (14 * 48, 14 * 48 - 2, 14 * 48 + 2)
    plan = config.read_plan(read)
    assert plan.end("bank") is not None
    text = (wishes.out / "floorwatch.toml").read_text(encoding="utf-8")
    assert "# ROUGH: 14 days of the mean per weekday and half-hour over 8 whole days of" in text
    assert "# dialled: 0445550101 (80)" in text
    assert '# "lunch" = "paid"' in text
    assert any(line.startswith("plan     rough: 14 days of the mean") for line in said)
    assert "dialled  0445550101" in said


@pytest.mark.parametrize(("days", "words"), [(1, "1 whole day of"), (3, "3 whole days of"), (0, "none: ")])
def test_a_short_log_says_so(days: int, words: str, wishes: Wishes, tmp_path: Path) -> None:
    said = look(pbx(), replace(wishes, queue_log=log(tmp_path, days)))
    (line,) = [line for line in said if line.startswith("plan ")]
    assert words in line
    assert ("less than a week, and weekdays never seen have the mean of all days" in line) is (days > 0)
    assert (wishes.out / "plan.csv").exists() is (days > 0)
    assert read_plan_rows(loaded(wishes)) > 600 or not days


def test_a_secret_that_was_typed_is_kept_beside_for_its_owner(wishes: Wishes) -> None:
    look(pbx(), replace(wishes, secret_file=None), lambda _: SECRET)
    file = wishes.out / "ami-secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert loaded(wishes).pbxs[0].secret.reveal() == SECRET
    assert "may read it" not in "".join(loaded(wishes).notes)


def test_what_is_there_is_told_before_anybody_is_asked(wishes: Wishes) -> None:
    wishes.out.mkdir()
    for name in ("agents.csv", "floorwatch.toml"):
        (wishes.out / name).write_text("mine")
    one = pbx()
    with pytest.raises(NotWritten) as raised:
        look(one, wishes)
    assert str(raised.value).startswith(f"{wishes.out}/floorwatch.toml, {wishes.out}/agents.csv: are there already, nothing was written; give --force")
    assert one.sessions == []
    look(one, replace(wishes, force=True))
    assert len(loaded(wishes).contract.projects) == 1


def refusal(one: Pbx, wishes: Wishes) -> FloorwatchError:
    with pytest.raises(FloorwatchError) as raised:
        look(one, wishes)
    assert not wishes.out.exists()
    assert "\n" not in str(raised.value)
    return raised.value


def test_a_wrong_secret_is_one_line(wishes: Wishes) -> None:
    error = refusal(Pbx(password="another"), wishes)
    assert isinstance(error, AmiLoginRefused)
    assert re.match(r"127.0.0.1:\d+: refused user 'floorwatch': Authentication failed; check username and secret", str(error))
    assert SECRET not in str(error)


def test_a_pbx_without_queues_or_rights_is_one_line(wishes: Wishes) -> None:
    empty, blind = pbx(), pbx()
    empty.queues = {}
    blind.answers["QueueStatus"] = lambda session, action: session.respond(action, "Error", Message="Permission denied")
    assert "there are no queues on this PBX; make one in queues.conf" in str(refusal(empty, wishes))
    error = refusal(blind, wishes)
    assert "may not run QueueStatus; give it write = reporting" in str(error)
    assert (type(error), error.exit_code) == (AmiError, 1)


def test_nobody_there_is_one_line(wishes: Wishes) -> None:
    port = free_port()
    with pytest.raises(AmiUnreachable, match=rf"^cannot connect to 127.0.0.1:{port}: Connection refused; is Asterisk running"):
        survey.survey(replace(wishes, port=port), now, pace=HURRY)
    with pytest.raises(AmiUnreachable, match=r"^cannot connect to no-such-host\.invalid:5038: "):
        survey.survey(replace(wishes, host="no-such-host.invalid"), now, pace=HURRY)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"timezone": "Europe/Kiyv"}, r"^--timezone 'Europe/Kiyv': is not a time zone; did you mean Europe/Kyiv\?$"),
        ({"site": " x"}, r"^--site ' x': is not a name"),
        ({"username": "a\r\nAction: Originate"}, r"^--username 'a\\r\\nAction: Originate': is not a name"),
        ({"queue_log": Path("none")}, r"^--queue-log none: there is no such file; correct the path, or leave the option out$"),
        ({"queue_log": Path("/")}, r"^--queue-log /: is a directory; name the file in it$"),
    ],
)
def test_bad_input_is_one_line(typed: dict[str, object], message: str, wishes: Wishes) -> None:
    with pytest.raises(BadOption, match=message) as raised:
        survey.survey(replace(wishes, **typed), now)  # type: ignore[arg-type]  # as a parameter
    assert raised.value.exit_code == 2
