"""A client against a PBX on a real socket: the whole state first, then every event, in order, at its time, none invented."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.sources.ami.stats import LinkState
from tests.sources.fake_ami import SECRET, WIRE, Headers, Pbx, Session, channel_headers, event, member
from tests.sources.watching import HURRY, PATIENCE_S, now, until, watching

CALLER = channel_headers("1.1", "PJSIP/trunk-01", "bank", Application="Queue", ApplicationData="bank,rt", BridgeId="b", Duration="00:00:09")
LEG = channel_headers("1.2", "PJSIP/1-02", Application="AppQueue", ApplicationData="(Outgoing Line)", BridgeId="b", Duration="00:00:09")
ENTRY = {"Queue": "bank", "Uniqueid": "1.3", "Channel": "PJSIP/trunk-03", "Wait": "6"}


def hold(number: int, at: int | None = None) -> bytes:
    """An event that says nothing but its number."""
    time = {} if at is None else {"Timestamp": f"{at // SECOND}.{at % SECOND:06}"}
    return event("Hold", **time, **channel_headers(f"9.{number}", f"PJSIP/{number}"))


def holds(events: list[ev.Event]) -> list[str]:
    return [each.call for each in events if isinstance(each, ev.HoldPressed)]


# --- the whole state --------------------------------------------------------------------------------------------------------------


async def test_a_login_is_followed_by_the_whole_state() -> None:
    pbx = Pbx(queues={"bank": [member("bank", "PJSIP/1"), member("bank", "PJSIP/2", Paused="1", PausedReason="lunch")], "other": []}, clock=now)
    pbx.waiting["bank"] = [ENTRY]
    pbx.channels = [CALLER, LEG]
    answered = now() - 8 * SECOND
    pbx.variables["PJSIP/1-02", "CDR(answer,u)"] = f"{answered // SECOND}.{answered % SECOND:06}"
    before = now()
    async with watching(pbx) as it:
        await it.live()
        (snapshot,) = it.inbox.events
        assert isinstance(snapshot, ev.SnapshotTaken)
        assert before <= snapshot.at <= now()
        assert snapshot.whole
        assert not snapshot.restarted
        assert snapshot.strategies == {"bank": "leastrecent"}
        assert [(row.interface, row.paused, row.reason) for row in snapshot.members] == [("PJSIP/1", False, ""), ("PJSIP/2", True, "lunch")]
        assert [row.call for row in snapshot.waiting] == ["1.3"]
        assert 5 * SECOND < snapshot.waiting[0].waited_us <= 6 * SECOND
        assert [(row.call, row.bridge, row.up) for row in snapshot.channels] == [("1.1", "b", True), ("1.2", "b", True)]
        assert snapshot.channels[0].answered_at is None
        assert abs((snapshot.channels[1].answered_at or 0) - answered) < SECOND // 10
        stats = it.stats
        assert (stats.up, stats.connected, stats.state, stats.problem) == (True, True, LinkState.LIVE, None)
        assert (stats.connects, stats.restarts, stats.malformed, stats.dropped, stats.version) == (1, 0, 0, 0, "22.10.1")
        assert stats.gap_since is None
        assert abs(stats.offset_us or SECOND) < SECOND // 10
    assert [action["Action"] for action in pbx.live.actions] == [
        "Challenge", "Login", "CoreSettings", "CoreStatus", "Ping", "QueueStatus", "CoreShowChannels", "Getvar", "Logoff",
    ]  # fmt: skip
    assert pbx.live.actions[1]["Events"] == "system,call,agent"
    assert pbx.live.actions[5]["Queue"] == "bank"
    assert not any(SECRET in value for action in WIRE for value in action.values())


async def test_without_cdr_no_leg_is_asked_when_it_was_answered() -> None:
    pbx = Pbx(channels=[CALLER, LEG], settings={"AsteriskVersion": "16.28.0", "CoreCDRenabled": "No"})
    async with watching(pbx) as it:
        await it.live()
        assert it.inbox.snapshots[0].channels[1].answered_at is None
    assert pbx.actions("Getvar") == []


async def test_a_leg_that_does_not_answer_for_itself_spoils_nothing() -> None:
    pbx = Pbx(channels=[CALLER, LEG], answers={"Getvar": lambda session, action: None})
    async with watching(pbx, pace=replace(HURRY, action_s=0.05)) as it:
        await it.live()
        assert [row.answered_at for row in it.inbox.snapshots[0].channels] == [None, None]
        assert it.client._session is not None
        assert it.client._session._protocol is not None
        assert it.client._session._protocol.responses == {}


async def test_events_of_the_snapshot_wait_for_it_and_keep_their_order_and_time() -> None:
    pbx = Pbx(clock=now)
    told: list[int] = []

    def raising(session: Session, action: Headers) -> None:
        for number in (2, 3):
            told.append(now())
            session.send(hold(number, told[-1]))
        Session._queuestatus(session, action)
        told.append(now())
        session.send(hold(4, told[-1]))

    pbx.answers["QueueStatus"] = raising
    pbx.booted = hold(1) + (pbx.booted or b"")
    async with watching(pbx) as it:
        await it.heard(ev.HoldPressed, 4)
        assert isinstance(it.inbox.events[0], ev.SnapshotTaken)
        assert holds(it.inbox.events[1:]) == ["9.1", "9.2", "9.3", "9.4"]
        times = [each.at for each in it.inbox.events]
        assert times == sorted(times)
        assert all(abs(at - sent) < SECOND // 50 for at, sent in zip(times[2:], told, strict=True))
        it.pbx.live.send(hold(5) + hold(6) + hold(7))
        await it.heard(ev.HoldPressed, 7)
        assert holds(it.inbox.events)[4:] == ["9.5", "9.6", "9.7"]


async def test_a_queue_that_is_not_there_has_nobody_and_is_named_once() -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with watching(pbx, "bank", "shop") as it:
            await it.live()
            assert it.inbox.snapshots[0].strategies == {"bank": "leastrecent", "shop": ""}
            assert it.stats.unknown_queues == {"shop"}
            pbx.live.hang_up()
            await it.live(2)
    assert [entry["queue"] for entry in logs if "no such queue" in entry["event"]] == ["shop"]


async def test_a_pbx_that_is_still_starting_is_asked_again() -> None:
    pbx = Pbx(booted=None)
    pbx.answers["QueueStatus"] = Session._unknown
    async with watching(pbx) as it:
        await until(lambda: it.stats.state is LinkState.NOT_READY and len(pbx.actions("QueueStatus")) > 1)
        assert (it.stats.up, it.stats.connected, it.inbox.events) == (False, True, [])
        assert it.stats.problem == "QueueStatus: Invalid/unknown command"
        del pbx.answers["QueueStatus"]
        pbx.live.send(event("FullyBooted", Uptime="1"))
        await it.live()
        assert len(pbx.sessions) == 1


async def test_rights_that_are_missing_are_named_and_retried_slowly() -> None:
    pbx = Pbx(answers={"CoreShowChannels": lambda session, action: session.respond(action, "Error", Message="Permission denied")})
    async with watching(pbx) as it:
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        assert it.stats.problem is not None
        assert "may not CoreShowChannels" in it.stats.problem
        assert "write = reporting" in it.stats.problem
        assert it.inbox.events == []


# --- time -------------------------------------------------------------------------------------------------------------------------


async def test_an_event_happens_when_the_pbx_says_on_our_clock() -> None:
    ahead = 7 * SECOND
    lags: list[int] = []
    async with watching(Pbx(clock=lambda: now() + ahead), lag=lags.append) as it:
        await it.live()
        assert abs((it.stats.offset_us or 0) - ahead) < SECOND // 10
        at = now()
        it.pbx.live.send(hold(1, at + ahead) + hold(2, at + ahead - 3600 * SECOND) + hold(3, at + ahead + 3600 * SECOND))
        await it.heard(ev.HoldPressed, 3)
        first, stale, early = (each.at for each in it.inbox.of(ev.HoldPressed))
        assert abs(first - at) < SECOND // 10
        assert stale == first  # not before what was told already
        assert first <= early <= now()  # not after it arrived
        assert it.stats.timestamps is True
        assert len(lags) == 3
        assert lags[1] > 3599 * SECOND


async def test_without_timestamps_arrival_counts_and_one_warning_says_so() -> None:
    with capture_logs() as logs:
        async with watching(Pbx()) as it:
            await it.live()
            before = now()
            it.pbx.live.send(hold(1) + hold(2))
            await it.heard(ev.HoldPressed, 2)
            assert all(before <= each.at <= now() for each in it.inbox.of(ev.HoldPressed))
            assert it.stats.timestamps is False
    assert [entry["log_level"] for entry in logs if "time of their own" in entry["event"]] == ["warning"]


async def test_a_step_of_daemon_time_moves_what_is_remembered() -> None:
    moved = [0]
    async with watching(Pbx(clock=now), clock=lambda: now() + moved[0]) as it:
        await it.live()
        it.pbx.live.send(hold(1, now()))
        await it.heard(ev.HoldPressed)
        moved[0] = -3600 * SECOND
        it.client.shift(moved[0])
        it.pbx.live.send(hold(2, now()))
        await it.heard(ev.HoldPressed, 2)
        before, after = it.inbox.of(ev.HoldPressed)
        assert -3600 * SECOND <= after.at - before.at < -3599 * SECOND


# --- queues that change without a word --------------------------------------------------------------------------------------------


async def test_an_unknown_member_has_its_queue_read_again_at_its_place_among_the_events() -> None:
    pbx = Pbx(queues={"bank": [member("bank", "PJSIP/1")], "shop": []})

    def between(session: Session, action: Headers) -> None:
        session.send(hold(1))
        Session._queuestatus(session, action)
        session.send(hold(2))

    async with watching(pbx, "bank", "shop") as it:
        await it.live()
        pbx.answers["QueueStatus"] = between
        pbx.queues["bank"] = [member("bank", "PJSIP/7"), member("bank", "PJSIP/8")]
        for _ in range(2):
            pbx.live.send(event("QueueMemberStatus", **member("bank", "PJSIP/7"), Interface="PJSIP/7", MemberName="Seven"))
        await it.heard(ev.HoldPressed, 2)
        kinds = [type(each) for each in it.inbox.events]
        assert kinds == [ev.SnapshotTaken, ev.MemberSeen, ev.MemberSeen, ev.HoldPressed, ev.SnapshotTaken, ev.HoldPressed]
        reconciled = it.inbox.of(ev.SnapshotTaken)[1]
        assert not reconciled.whole
        assert reconciled.strategies == {"bank": "leastrecent"}
        assert [row.interface for row in reconciled.members] == ["PJSIP/7", "PJSIP/8"]
        assert reconciled.channels == ()
        assert (it.stats.reconciles, it.stats.snapshots, it.stats.up) == (1, 1, True)


async def test_members_of_queues_nobody_claims_are_told_and_not_asked_for() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        it.pbx.live.send(event("QueueMemberStatus", **member("other", "PJSIP/7"), Interface="PJSIP/7") + hold(1))
        await it.heard(ev.HoldPressed)
        assert [each.queue for each in it.inbox.of(ev.MemberSeen)] == ["other"]
        await asyncio.sleep(0.02)
        assert len(it.pbx.actions("QueueStatus")) == 1


async def test_a_reload_has_every_queue_read_again() -> None:
    async with watching(Pbx(queues={"bank": [], "shop": []}), "bank", "shop") as it:
        await it.live()
        it.pbx.live.send(event("Reload", Module="All", Status="0"))
        await it.heard(ev.SnapshotTaken, 3)
        assert [list(each.strategies) for each in it.inbox.of(ev.SnapshotTaken)[1:]] == [["bank"], ["shop"]]


async def test_every_queue_is_read_again_from_time_to_time() -> None:
    async with watching(Pbx(queues={"bank": [], "shop": []}), "bank", "shop", reconcile_seconds=0.02) as it:
        await it.heard(ev.SnapshotTaken, 5)
        assert [list(each.strategies) for each in it.inbox.of(ev.SnapshotTaken)[1:5]] == [["bank"], ["shop"]] * 2
        assert len(it.inbox.snapshots) == 1


# --- why a caller is out ----------------------------------------------------------------------------------------------------------


async def test_the_reason_of_an_exit_is_asked_and_told() -> None:
    pbx = Pbx(channels=[channel_headers("1.1", "PJSIP/trunk-01")])
    pbx.variables["PJSIP/trunk-01", "QUEUESTATUS"] = "TIMEOUT"
    async with watching(pbx) as it:
        await it.live()
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
        it.client.ask_exit("1.2", "bank", "PJSIP/gone")
        await it.heard(ev.ExitTold, 2)
        assert [(each.call, each.queue, each.status) for each in it.inbox.of(ev.ExitTold)] == [("1.1", "bank", "TIMEOUT"), ("1.2", "bank", None)]
        assert len(pbx.actions("Getvar")) == 2


async def test_an_empty_reason_is_asked_once_more_at_once() -> None:
    pbx = Pbx(channels=[channel_headers("1.1", "PJSIP/trunk-01")])
    async with watching(pbx) as it:
        await it.live()
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
        await it.heard(ev.ExitTold)
        assert [each.status for each in it.inbox.of(ev.ExitTold)] == [""]
        assert len(pbx.actions("Getvar")) == 2


async def test_a_reason_that_never_comes_is_unknown_and_leaves_nothing_behind() -> None:
    async with watching(Pbx(answers={"Getvar": lambda session, action: None}), pace=replace(HURRY, action_s=0.05)) as it:
        await it.live()
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
        await it.heard(ev.ExitTold)
        assert [each.status for each in it.inbox.of(ev.ExitTold)] == [None]
        assert it.client._session is not None
        protocol = it.client._session._protocol
        assert protocol is not None
        assert (protocol.responses, protocol._pending, it.stats.up) == ({}, {}, True)


async def test_nothing_is_asked_of_a_pbx_that_is_away_nor_with_a_channel_that_breaks_lines() -> None:
    pbx = Pbx(password="another")
    async with watching(pbx) as it:
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
    pbx = Pbx()
    async with watching(pbx) as it:
        await it.live()
        it.client.ask_exit("1.1", "bank", "PJSIP/a\rAction: Originate")
        it.pbx.live.send(hold(1))
        await it.heard(ev.HoldPressed)
    assert pbx.actions("Getvar") == []


# --- an inbox without room --------------------------------------------------------------------------------------------------------


async def test_a_full_inbox_costs_an_event_a_count_and_a_new_snapshot_but_never_stops_reading() -> None:
    async with watching(Pbx()) as it:
        await it.live()
        it.inbox.room = 2
        it.pbx.live.send(b"".join(hold(number) for number in range(1, 6)))
        await until(lambda: it.inbox.refusals)
        assert not it.stats.up
        it.pbx.live.send(hold(6))
        await until(lambda: it.stats.events["Hold"] == 6)  # read, though nobody takes it
        await until(lambda: it.inbox.refusals > 5)
        assert it.stats.dropped == 1
        it.inbox.room = None
        await it.live(2)
        kinds = [each.call if isinstance(each, ev.HoldPressed) else type(each) for each in it.inbox.events]
        assert kinds == [ev.SnapshotTaken, "9.1", "9.2", ev.LinkLost, ev.SnapshotTaken, "9.4", "9.5", "9.6"]
        assert [each.restarted for each in it.inbox.snapshots] == [False, False]
        assert it.inbox.losses[0].at >= it.inbox.of(ev.HoldPressed)[1].at
        assert it.stats.gap_since is None
        assert len(it.pbx.sessions) == 1


async def test_more_than_can_be_kept_back_begins_the_snapshot_anew() -> None:
    pbx = Pbx()
    flood = [40, 0]

    def flooding(session: Session, action: Headers) -> None:
        Session._queuestatus(session, action)
        session.send(b"".join(hold(number) for number in range(flood.pop(0))))

    pbx.answers["QueueStatus"] = flooding
    async with watching(pbx, kept=3000) as it:
        await it.live()
        assert len(pbx.actions("QueueStatus")) == 2
        assert it.stats.dropped == 40
        assert [type(each) for each in it.inbox.events] == [ev.SnapshotTaken]


async def test_what_comes_while_a_snapshot_is_told_and_may_not_be_kept_back_is_a_time_unseen() -> None:
    async with watching(Pbx(), kept=3000) as it:
        await it.live()
        it.inbox.room = 0
        it.pbx.live.send(b"".join(hold(number) for number in range(4)))  # the first is dropped, the others are kept back
        await until(lambda: it.inbox.refusals > 3)
        it.inbox.room = 1  # for the snapshot; what was kept back is offered again and again
        await until(lambda: len(it.inbox.snapshots) == 2)
        it.pbx.live.send(b"".join(hold(number) for number in range(4, 40)))
        await until(lambda: it.stats.dropped > 30)
        it.inbox.room = None
        await it.live(3)
        kinds = [each.call if isinstance(each, ev.HoldPressed) else type(each) for each in it.inbox.events]
        assert kinds == [ev.SnapshotTaken, ev.LinkLost, ev.SnapshotTaken, "9.1", ev.LinkLost, ev.SnapshotTaken]
        times = [each.at for each in it.inbox.events]
        assert times == sorted(times)


# --- the end ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["live", "refused", "connecting"])
async def test_it_ends_when_told_and_logs_off(when: str) -> None:
    pbx = Pbx(greeting=b"" if when == "connecting" else Pbx().greeting, password="another" if when == "refused" else SECRET)
    async with watching(pbx) as it:
        await until(lambda: pbx.sessions and (it.stats.up or when != "live"))
        it.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE_S):
                await it.task
        assert it.task.cancelled()
        assert len(pbx.actions("Logoff")) == (when == "live")
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("ami p")]


async def test_it_ends_even_when_the_line_breaks_at_that_very_moment() -> None:
    for turns in range(12):
        pbx = Pbx(password=SECRET if turns % 2 else "another")
        async with watching(pbx) as it:
            await until(lambda: it.stats.up or pbx.actions("Login"))  # noqa: B023 - called at once
            pbx.live.hang_up()
            for _ in range(turns // 2):
                await asyncio.sleep(0)
            it.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(2):
                    await it.task
            assert it.task.cancelled()
