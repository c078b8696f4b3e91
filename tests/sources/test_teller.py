"""What waits for a snapshot and what there is no room for: bounded in bytes, counted, said once, and told as it was heard."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

from structlog.testing import capture_logs

from monitor.core import events as ev
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.link import AmiSettings
from monitor.sources.ami.teller import KEPT, Teller, Watch
from tests.sources.fake_ami import Headers, Pbx, Session, channel_headers, event, member
from tests.sources.test_client import hold, holds
from tests.sources.watching import HURRY, Inbox, Watching, now, until, watching


def teller(inbox: Inbox, kept: int) -> Teller:
    watch = Watch(AmiSettings("p", "127.0.0.1", "floorwatch", "x"), ("bank",), inbox.put, now, lambda: 0.5, kept=kept)
    return Teller(watch, lambda: None, lambda _: None)


def newchannel(number: int) -> Message:
    """As long as Asterisk's own, every text of it new."""
    text = f"{number:06}"
    more = {name: f"{name}-{text}" for name in ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName", "AccountCode", "Language")}
    return {"Event": "Newchannel", "Privilege": "call,all", **channel_headers(f"1.{text}", f"PJSIP/trunk-{text}", **more)}


def test_what_is_kept_back_takes_the_memory_of_its_budget() -> None:
    one = teller(Inbox(), 1 << 20)
    tracemalloc.start()
    try:
        number = held = peak = 0
        while not one.overrun:
            one.hear(newchannel(number), number)
            number += 1
            held, peak = tracemalloc.get_traced_memory()
        assert number > 1_500
        assert peak < 1.5 * (1 << 20)
        assert held < 0.6 * (1 << 20)  # given back, but for what the allocator and the log keep
    finally:
        tracemalloc.stop()
    assert KEPT <= 16 << 20


def test_what_is_coming_of_calls_is_known_while_it_waits_each_at_the_time_it_was_raised() -> None:
    one = teller(Inbox(), 1 << 20)
    who, late = channel_headers("1.1", "PJSIP/trunk-1", Queue="bank"), 1_764_000_060_000_000
    for number, name in enumerate(("Newchannel", "QueueCallerJoin", "Newstate", "QueueCallerLeave", "Hangup")):
        one.hear({"Event": name, "Privilege": "call,all", **who, "Timestamp": f"{1_764_000_000 + number}.500000"}, late)
    one.hear({"Event": "Newchannel", **who, "CallerIDName": '"Event": "Hangup"'}, late)
    one.hear({"Event": "QueueCallerJoin", "Queue": "bank"}, late)
    one.translator.offset_us = 30_000_000
    assert [(type(each), each.at) for each in one.coming()] == [
        (ev.CallerJoined, 1_763_999_971_500_000),
        (ev.CallerLeft, 1_763_999_973_500_000),
        (ev.ChannelEnded, 1_763_999_974_500_000),
    ]
    assert one._watch.stats.tally.malformed == 0, "what is broken is counted when it is told"


async def test_the_budget_is_free_again_once_it_was_told() -> None:
    inbox = Inbox()
    one = teller(inbox, 8_000)
    for begin in range(0, 100, 10):
        for number in range(begin, begin + 10):
            one.hear(newchannel(number), number)
        assert await one.release()
        one.keep_back(0)
    assert len(inbox.of(ev.ChannelStarted)) == 100


async def test_what_was_kept_back_is_told_as_it_was_heard() -> None:
    pbx = Pbx()
    name = 'Олена\t"Ґ" \\u0041 \udcff'.encode("utf-8", "surrogateescape")

    def between(session: Session, action: Headers) -> None:
        seen = event("QueueMemberAdded", **{**member("bank", "PJSIP/7"), "Interface": "PJSIP/7", "MemberName": "NAME"})
        session.send(seen.replace(b"NAME", name))
        Session._queuestatus(session, action)

    pbx.answers["QueueStatus"] = between
    async with watching(pbx) as it:
        await it.heard(ev.MemberSeen)
        assert it.inbox.of(ev.MemberSeen)[0].member == name.decode("utf-8", "backslashreplace")


async def overflow(it: Watching, snapshots: int) -> None:
    it.inbox.room = 2
    it.pbx.live.send(b"".join(hold(number) for number in range(30)))
    await until(lambda: it.inbox.refusals > 3)
    it.inbox.room = None
    it.inbox.refusals = 0
    await it.live(snapshots)


async def test_every_overflow_is_said_once_and_names_the_pbx() -> None:
    with capture_logs() as logs:
        async with watching(Pbx()) as it:
            await it.live()
            await overflow(it, 2)
            assert it.stats.dropped == 1
            await overflow(it, 3)
            assert it.stats.dropped == 2
            assert len(holds(it.inbox.events)) == 58
    said = [entry for entry in logs if entry["event"] == "events dropped"]
    assert [(entry["log_level"], entry["pbx"], entry["problem"]) for entry in said] == [("warning", "p", "the inbox is full")] * 2


async def test_what_is_offered_again_is_not_dropped() -> None:
    async with watching(Pbx(), pace=replace(HURRY, retry_first_s=0.01)) as it:
        await it.live()
        it.inbox.room = 0
        it.pbx.live.hang_up()
        await until(lambda: it.inbox.refusals > 5)  # the snapshot
        it.inbox.room = None
        await it.live(2)
        assert it.stats.dropped == 0
