"""One pass over queue_log: who is called, by which number, why people pause, and whose past a row is."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.contract import MINUTE, SECOND, Project, QueueId
from monitor.errors import LogUnreadable
from monitor.survey import logbook

BANK = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"), QueueId("pbx1", "vip")))
NOON_S = 1_795_608_000


def write(folder: Path, *rows: str) -> Path:
    file = folder / "queue_log"
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("offset_us", "starts"), [(0, 0), (1_900, 0), (-1_900, 0), (499_999, 0), (700_000, -30 * MINUTE), (3600 * SECOND + 900, -3600 * SECOND)]
)
def test_rows_are_to_the_second_and_so_is_the_offset_taken_off(tmp_path: Path, offset_us: int, starts: int) -> None:
    file = write(tmp_path, f"{NOON_S}|1.1|bank|NONE|ENTERQUEUE||0|1")
    book = logbook.read(file, [BANK], NOON_S * SECOND, offset_us)
    assert list(book.tallies["bank"].contacts) == [NOON_S * SECOND + starts]


def test_what_the_rows_say_is_counted(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"{NOON_S - 60 * 86_400}|0.1|bank|NONE|ENTERQUEUE||0|1",
        f"{NOON_S}|1.1|bank|NONE|DID|0445550101",
        f"{NOON_S}|1.1|bank|NONE|DID|",
        f"{NOON_S + 1}|1.1|bank|NONE|ENTERQUEUE||0|1",
        f"{NOON_S + 2}|1.1|vip|NONE|ENTERQUEUE||0|1",
        f"{NOON_S + 3}|1.2|old|NONE|ENTERQUEUE||0|1",
        f"{NOON_S + 4}|NONE|bank|Olha|PAUSE|lunch",
        f"{NOON_S + 5}|NONE|bank|Olha|PAUSE",
    )
    book = logbook.read(file, [BANK], (NOON_S + 10) * SECOND, 0)
    assert (book.first_at, book.last_at) == (NOON_S * SECOND, (NOON_S + 5) * SECOND)
    assert book.entered == {"bank": 1, "vip": 1, "old": 1}
    assert book.dialled == {("bank", "0445550101"): 1}
    assert book.reasons == {"lunch": 1, "": 1}
    assert book.tallies["bank"] is book.tallies["vip"]
    assert book.tallies["bank"].contacts.total() == 1


def test_a_log_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match="there is no such file"):
        logbook.read(tmp_path / "none", [BANK], 0, 0)
