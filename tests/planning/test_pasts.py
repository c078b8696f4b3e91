"""The past as its sources have it: whose call a row is, what is not known, and what has to be said."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from monitor import config
from monitor.core.book import MinuteTold
from monitor.core.contract import MINUTE, SECOND
from monitor.core.snapshot import Cell
from monitor.errors import BadOption, FloorwatchError, LogUnreadable
from monitor.planning.pasts import Past, from_cdr, from_queue_log, from_store
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.writer import Batch, write
from tests.plan.generated import KYIV
from tests.planning import centre

DAY = date(2026, 11, 9)
NOW = centre.nine(DAY)
SINCE = NOW - 60 * 86_400 * SECOND


def at(clock: str, day: int = 8) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=KYIV).timestamp())


def entry(when: int, call: str, queue: str, number: str = "") -> str:
    return f"{when}|{call}|{queue}|NONE|ENTERQUEUE||{number}|1"


def put(file: Path, rows: Sequence[str]) -> Path:
    text = "".join(f"{row}\n" for row in rows)
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, encoding="utf-8")
    return file


def log(folder: Path) -> Past:
    return from_queue_log(config.load(folder / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)


def test_rows_of_all_parts_are_one_past(tmp_path: Path) -> None:
    """Plain and packed; a call that was rotated away between its entry and its end, and a redial over the border."""
    centre.write(tmp_path)
    put(tmp_path / "queue_log.2.gz", [entry(at("09:00", 6), "1.1", "bank", "100")])
    put(
        tmp_path / "queue_log.1",
        [entry(at("09:00", 7), "1.2", "bank", "100"), entry(at("23:58", 7), "1.3", "taxi", "0445557"), entry(at("23:59", 7), "1.4", "bank")],
    )
    put(
        tmp_path / "queue_log",
        [
            entry(at("00:03"), "1.5", "taxi", "0445557"),
            f"{at('00:04')}|1.5|taxi|Agent 1|CONNECT|60|1.6|2",
            f"{at('00:05')}|1.5|taxi|Agent 1|COMPLETEAGENT|60|55|1|",
            f"{at('00:06')}|1.4|bank|Agent 2|BLINDTRANSFER|801|desk|5|100|1",
            entry(at("09:00"), "1.7", "nobody", "100"),
        ],
    )
    past = log(tmp_path)
    assert past.counted["bank-line"].contacts == {at("09:00", 6) * SECOND: 1, at("09:00", 7) * SECOND: 1, at("23:30", 7) * SECOND: 1}
    assert past.counted["taxi-night"].contacts == {at("23:30", 7) * SECOND: 1}
    assert past.counted["taxi-night"].handle_us == {at("23:30", 7) * SECOND: 70 * SECOND}
    assert past.counted["bank-line"].handle_us == {at("23:30", 7) * SECOND: 115 * SECOND}
    assert past.redials["taxi-night"] == (1, 2)
    assert "notary" not in past.counted
    assert (past.counted["bank-line"].since, past.counted["bank-line"].until) == (at("09:00", 6) * SECOND, NOW)
    assert past.quiet["pbx1"][-1] == (at("09:00") * SECOND, NOW)
    assert past.remarks == []


def test_a_log_that_ended_long_ago_ends_there(tmp_path: Path) -> None:
    centre.write(tmp_path)
    put(tmp_path / "queue_log", [entry(at("09:00", 1), "1.1", "bank"), entry(at("10:00", 1), "1.2", "bank")])
    assert log(tmp_path).counted["bank-line"].until == at("10:00", 1) * SECOND


def test_a_part_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    centre.write(tmp_path)
    whole = gzip.compress("".join(f"{entry(at('09:00', 6) + number, f'0.{number}', 'bank')}\n" for number in range(5000)).encode())
    (tmp_path / "queue_log.2.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "queue_log.1.gz").write_bytes(b"not packed at all")
    put(tmp_path / "queue_log", [entry(at("09:00"), "1.1", "bank")])
    past = log(tmp_path)
    assert len(past.remarks) == 2
    assert all("queue_log." in remark and remark.endswith("; what it held counts as not seen") for remark in past.remarks)
    assert past.counted["bank-line"].contacts[at("09:00") * SECOND] == 1
    assert sum(past.counted["bank-line"].contacts.values()) > 100  # the readable beginning


def test_projects_that_share_a_queue_are_told_apart_by_what_was_dialled(tmp_path: Path) -> None:
    file = centre.write(tmp_path)
    shared = '\n[[project]]\nname = "{0}"\nclient = "{0}"\ngroup = "floor"\nqueues = ["600"]\ndids = ["{1}"]\n'
    file.write_text(file.read_text(encoding="utf-8") + shared.format("shop", "101") + shared.format("post", "102"), encoding="utf-8")
    put(
        tmp_path / "queue_log",
        [
            f"{at('09:00')}|1.1|600|NONE|DID|101",
            entry(at("09:00"), "1.1", "600"),
            f"{at('09:01')}|1.2|600|NONE|DID|102",
            entry(at("09:01"), "1.2", "600"),
            f"{at('09:03')}|1.2|600|Agent 1|COMPLETECALLER|5|60|1",
            entry(at("09:04"), "1.3", "600"),
        ],
    )
    past = log(tmp_path)
    assert {name: counted.contacts.get(at("09:00") * SECOND) for name, counted in past.counted.items()} == {"shop": 1, "post": 1}
    assert past.counted["post"].handle_us == {at("09:00") * SECOND: 75 * SECOND}
    assert past.remarks == ["1 call entered a queue that projects share and no DID row tells them apart: left out"]


def test_two_pbxs_are_one_order_of_time(tmp_path: Path) -> None:
    file = centre.write(tmp_path)
    text = file.read_text(encoding="utf-8")
    second = '[[pbx]]\nname = "pbx2"\nhost = "127.0.0.2"\nusername = "floorwatch"\nsecret_file = "secret"\nqueue_log = "other_log"\n[[group]]'
    text = text.replace("[[group]]", second).replace('queues = ["taxi"]', 'queues = ["pbx1/taxi", "pbx2/taxi"]')
    for name in ("bank", "bank-2", "notary"):
        text = text.replace(f'"{name}"', f'"pbx1/{name}"') if name != "notary" else text.replace('queues = ["notary"]', 'queues = ["pbx1/notary"]')
    file.write_text(text, encoding="utf-8")
    put(tmp_path / "queue_log", [entry(at("20:00", 7), "1.1", "taxi", "0445557"), entry(at("20:16", 7), "1.2", "taxi", "0445557")])
    put(tmp_path / "other_log", [entry(at("20:08", 7), "1.1", "taxi", "0445557"), entry(at("20:30", 7), "1.2", "taxi", "0445558")])
    past = log(tmp_path)
    assert past.counted["taxi-night"].contacts == {at("20:00", 7) * SECOND: 1, at("20:30", 7) * SECOND: 1}
    assert past.parts == {("taxi-night", "pbx1"): 2, ("taxi-night", "pbx2"): 2}
    assert past.counted["taxi-night"].since == at("20:08", 7) * SECOND


def test_one_number_for_all_callers_is_suspected(tmp_path: Path) -> None:
    centre.write(tmp_path)
    put(tmp_path / "queue_log", [entry(at("09:00") + number, f"1.{number}", "bank", "0440000000") for number in range(20)])
    (remark,) = log(tmp_path).remarks
    assert remark == (
        "bank-line: 19 of 20 calls are by a number that called within ten minutes before; if the trunk shows one number for all callers, give --no-redials"
    )


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (from_queue_log, '--from queue_log: no [[pbx]] names one; set queue_log = "/var/log/asterisk/queue_log", or build from cdr or store'),
        (from_cdr, '--from cdr: no [[pbx]] names one; set cdr = "/var/log/asterisk/cdr-csv/Master.csv", or build from queue_log or store'),
    ],
)
def test_a_source_that_nobody_named(tmp_path: Path, source: object, line: str) -> None:
    centre.write(tmp_path, queue_log="")
    with pytest.raises(BadOption) as refused:
        source(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)  # type: ignore[operator]
    assert str(refused.value) == line


def test_no_store(tmp_path: Path) -> None:
    file = centre.write(tmp_path)
    with pytest.raises(BadOption, match=r'url = "" in .* keeps nothing; name a store there'):
        from_store(config.load(file, {}), SINCE, NOW, lambda _: None)


@pytest.mark.parametrize("text", ["", f"{at('09:00')}|NONE|NONE|NONE|QUEUESTART|\n"])
def test_a_log_without_a_caller(tmp_path: Path, text: str) -> None:
    centre.write(tmp_path)
    (tmp_path / "queue_log").write_text(text, encoding="utf-8")
    with pytest.raises(LogUnreadable) as refused:
        log(tmp_path)
    assert str(refused.value) == f"{tmp_path}/queue_log: no caller entered a queue in the last 56 days; name another file, or give more --weeks"


# --- CDR ----------------------------------------------------------------------------------------------------------------------------


def record(when: int, call: str, queue: str, number: str = "100", ended: int = 60) -> str:
    start, end = (datetime.fromtimestamp(one, KYIV).strftime("%Y-%m-%d %H:%M:%S") for one in (when, when + ended))
    ids = f',"{call}",""' if call else ""
    return (
        f'"","{number}","s","from-trunk","""A, B"" <{number}>","SIP/t-1","SIP/a-1","Queue","{queue},t,,,300","{start}","{start}","{end}",'
        f'{ended},{ended},"ANSWERED","DOCUMENTATION"{ids}'
    )


def test_a_call_in_the_cdr_is_one_contact_however_many_phones_rang(tmp_path: Path) -> None:
    centre.write(tmp_path, cdr="Master.csv")
    first, second = at("09:00"), at("09:20")
    put(tmp_path / "Master.csv.1", [record(at("09:00", 6), f"{at('09:00', 6)}.1", "notary")])
    put(
        tmp_path / "Master.csv",
        [
            record(second, f"{second}.5", "bank", "200", 30),
            record(first, f"{first}.3", "bank", "101", 1900),
            record(first + 20, f"{first}.3", "bank-2", "101", 1910),
            "half a line",
            record(at("10:00"), "", "bank", "300"),
        ],
    )
    past = from_cdr(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)
    assert past.counted["bank-line"].contacts == {at("09:00") * SECOND: 2, at("10:00") * SECOND: 1}
    assert past.counted["notary"].contacts == {at("09:00", 6) * SECOND: 1}
    assert not past.counted["bank-line"].handled
    assert not past.tells_aht
    assert past.remarks == [
        "a CDR does not tell talk from waiting: handle times are each project's aht_seconds; a contact counts when its call came",
        f"{tmp_path}/Master.csv: 1 of 6 lines are no records: left out",
        f"{tmp_path}/Master.csv: 1 record without a uniqueid: counted by their start in Europe/Kyiv, each by itself; loguniqueid = yes in cdr.conf",
    ]


def test_a_cdr_that_is_a_database_is_none_of_ours_and_its_password_not_shown(tmp_path: Path) -> None:
    centre.write(tmp_path, cdr="mysql://asterisk:s3cret@db/cdr")
    with pytest.raises(BadOption) as refused:
        from_cdr(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)
    assert str(refused.value) == "--from cdr: the cdr of pbx1 is a database; plan build reads Master.csv files, or builds from queue_log or store"


def test_a_part_of_the_cdr_that_cannot_be_read_is_not_seen(tmp_path: Path) -> None:
    centre.write(tmp_path, cdr="Master.csv")
    put(tmp_path / "Master.csv.3", [record(at("09:00", 2), f"{at('09:00', 2)}.1", "notary")])
    (tmp_path / "Master.csv.2.gz").write_bytes(b"not packed at all")
    put(tmp_path / "Master.csv.1", [record(at("09:00", 6), f"{at('09:00', 6)}.1", "notary")])
    put(tmp_path / "Master.csv", [record(at("09:00"), f"{at('09:00')}.1", "notary")])
    past = from_cdr(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)
    assert past.holes == {"pbx1": [((at("09:00", 2) + 60) * SECOND, (at("09:00", 6) + 60) * SECOND)]}
    assert past.remarks[-1].startswith(f"{tmp_path}/Master.csv.2.gz: ")


# --- the store ----------------------------------------------------------------------------------------------------------------------


def told(minute: int, **cells: int) -> MinuteTold:
    sums = tuple(cells.get(cell.name.lower(), 0) for cell in Cell)
    return MinuteTold("project", "bank-line", minute * SECOND, minute * SECOND // (30 * MINUTE) * 30 * MINUTE, sums, 0, False)


def test_the_store_tells_what_was_observed(tmp_path: Path) -> None:
    centre.write(tmp_path, store=f"sqlite:///{tmp_path}/floorwatch.db")
    opened = Place(f"sqlite:///{tmp_path}/floorwatch.db").open(alone=True)
    migrations.migrate(opened.connection, "test")
    opened.connection.commit()
    minutes = [told(at("09:00") + 60 * number, contacts=2, contacts_seen=2, handled=1, handled_us=90 * SECOND, observed_us=MINUTE) for number in range(30)]
    minutes += [
        told(at("09:30") + 60 * number, contacts=1, contacts_seen=1 if number < 10 else 0, observed_us=MINUTE if number < 10 else 0) for number in range(30)
    ]
    write(opened.connection, Batch(1, minutes=minutes))
    opened.close()
    past = from_store(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)
    bank = past.counted["bank-line"]
    nine, half = at("09:00") * SECOND, at("09:30") * SECOND
    assert (bank.contacts, bank.handled[nine], bank.handle_us[nine]) == ({nine: 60, half: 10}, 30, 30 * 90 * SECOND)
    assert bank.observed_us == {nine: 30 * MINUTE, half: 10 * MINUTE}
    assert (bank.since, bank.until) == (nine, half + 30 * MINUTE)
    assert past.remarks == ["the store knows no callers' numbers: who called again within ten minutes counts twice, as on the board"]
    assert past.quiet == {}


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    centre.write(tmp_path, store=f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(FloorwatchError):
        from_store(config.load(tmp_path / "floorwatch.toml", {}), SINCE, NOW, lambda _: None)
