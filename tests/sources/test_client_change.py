"""A client whose configuration changes while it watches."""

from __future__ import annotations

from dataclasses import replace

from structlog.testing import capture_logs

from monitor.sources.ami.link import AmiSettings
from monitor.sources.ami.stats import LinkState
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, channel_headers, event, member
from tests.sources.watching import HURRY, Watching, until, watching

QUEUES = {"bank": [member("bank", "PJSIP/1")], "shop": [member("shop", "PJSIP/2")]}


def change(it: Watching, *queues: str, reconnect: bool = False, **settings: object) -> None:
    now: AmiSettings = replace(it.client._watch.settings, **settings)  # type: ignore[arg-type]
    it.client.change(now, queues or ("bank",), None, reconnect=reconnect)


def asked(pbx: Pbx) -> list[str]:
    return [action["Queue"] for action in pbx.actions("QueueStatus")]


async def test_other_queues_are_a_new_snapshot_and_no_gap() -> None:
    pbx = Pbx(queues=QUEUES)
    async with watching(pbx) as it:
        await it.live()
        change(it, "bank", "shop")
        assert it.stats.up
        await it.live(2)
        assert [sorted(snapshot.strategies) for snapshot in it.inbox.snapshots] == [["bank"], ["bank", "shop"]]
        assert it.inbox.losses == []
        assert (len(pbx.sessions), it.stats.connects) == (1, 1)
        change(it, "shop")
        await it.live(3)
        assert sorted(it.inbox.snapshots[2].strategies) == ["shop"]


async def test_the_same_queues_ask_nothing() -> None:
    pbx = Pbx(queues=QUEUES)
    async with watching(pbx, "bank", "shop") as it:
        await it.live()
        change(it, "shop", "bank", "bank", reconcile_seconds=500)
        pbx.live.send(event("Hold", **channel_headers("9.1", "PJSIP/9")))
        await until(lambda: len(it.inbox.events) == 2)
        assert asked(pbx) == ["bank", "shop"]


async def test_queues_that_change_during_a_snapshot_are_asked_for_after_it() -> None:
    pbx = Pbx(queues=QUEUES)
    waiting: list[tuple[Session, Headers]] = []
    pbx.answers["CoreShowChannels"] = lambda session, action: waiting.append((session, action))
    async with watching(pbx) as it:
        await until(lambda: waiting)
        change(it, "bank", "shop")
        del pbx.answers["CoreShowChannels"]
        waiting[0][0].answer(waiting[0][1])
        await it.live(2)
        assert asked(pbx) == ["bank", "bank", "shop"]


async def test_what_happens_during_the_new_snapshot_is_told_after_it() -> None:
    pbx = Pbx(queues=QUEUES)
    async with watching(pbx) as it:
        await it.live()

        def late(session: Session, action: Headers) -> None:
            session.send(event("Hold", **channel_headers("9.1", "PJSIP/9")))
            Session._coreshowchannels(session, action)

        pbx.answers["CoreShowChannels"] = late
        change(it, "bank", "shop")
        await it.live(2)
        await until(lambda: len(it.inbox.events) == 3)
        assert [type(each).__name__ for each in it.inbox.events] == ["SnapshotTaken", "SnapshotTaken", "HoldPressed"]
        assert it.stats.dropped == 0


async def test_more_during_the_new_snapshot_than_can_be_kept_is_a_gap() -> None:
    pbx = Pbx(queues=QUEUES)
    async with watching(pbx, kept=300) as it:
        await it.live()

        def flooded(session: Session, action: Headers) -> None:
            session.send(b"".join(event("Hold", **channel_headers(f"9.{n}", "PJSIP/9")) for n in range(9)))
            del pbx.answers["CoreShowChannels"]
            session.answer(action)

        pbx.answers["CoreShowChannels"] = flooded
        change(it, "bank", "shop")
        await until(lambda: it.inbox.losses)
        await it.live(2)
        assert it.stats.dropped == 9


async def test_another_address_is_another_session_and_one_loss() -> None:
    pbx, other = Pbx(queues=QUEUES), Pbx(queues=QUEUES)
    async with other.listening() as port, watching(pbx) as it:
        await it.live()
        with capture_logs() as logs:
            change(it, "shop", reconnect=True, port=port)
            await it.live(2)
        assert (len(pbx.sessions), len(other.sessions), len(it.inbox.losses), it.stats.connects) == (1, 1, 1, 2)
        assert asked(other) == ["shop"]
        (line,) = [entry for entry in logs if entry["event"] == "AMI link lost"]
        assert line["problem"] == "the configuration has another address, user or secret now"


async def test_a_right_secret_is_tried_at_once() -> None:
    """A wrong one is retried slowly, whoever has corrected it need not wait."""
    pbx = Pbx(queues=QUEUES)
    async with watching(pbx, pace=replace(HURRY, refused_first_s=600), secret="wrong") as it:
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        change(it, reconnect=True, secret=SECRET)
        await it.live()
        assert len(pbx.sessions) == 2


async def test_a_queue_that_is_asked_for_no_more_is_not_unknown_any_more() -> None:
    async with watching(Pbx(queues=QUEUES), "bank", "nowhere") as it:
        await it.live()
        assert it.stats.unknown_queues == {"nowhere"}
        change(it, "bank")
        assert it.stats.unknown_queues == frozenset()
        await it.live(2)
