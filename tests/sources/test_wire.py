"""What the daemon sends in a life with everything in it: exactly the list, and never the secret."""

from __future__ import annotations

from collections import Counter

from monitor.core import events as ev
from monitor.sources.ami.protocol import ALLOWED
from tests.sources.fake_ami import SECRET, Pbx, event
from tests.sources.test_client import CALLER, LEG, hold
from tests.sources.watching import until, watching
from tests.wire import RUN_SENDS, SENT, actions


async def test_a_whole_life_sends_what_is_listed_and_nothing_else() -> None:
    pbx = Pbx(channels=[CALLER, LEG])
    first = len(SENT)
    async with watching(pbx, ping_seconds=0.01, reconcile_seconds=0.05) as it:
        await it.live()
        it.client.ask_exit("1.1", "bank", "PJSIP/trunk-01")
        pbx.live.send(event("Reload"))
        it.inbox.room = 1
        pbx.live.send(hold(1) + hold(2))
        await until(lambda: it.inbox.refusals)
        it.inbox.room = None
        await it.live(2)
        pbx.live.hang_up()
        await it.live(3)
        await it.heard(ev.SnapshotTaken, 5)
    sent = [name for _, data in SENT[first:] for name in actions(data)]
    received = [action["Action"] for session in pbx.sessions for action in session.actions]
    assert set(sent) == set(ALLOWED) == set(RUN_SENDS)
    assert Counter(received) <= Counter(sent)  # what is under way when a line breaks is sent and not received
    assert not any(SECRET.encode() in data for _, data in SENT)


async def test_every_action_goes_out_in_one_write_with_an_id_of_its_own() -> None:
    first = len(SENT)
    async with watching(Pbx()) as it:
        await it.live()
    ids = [data.count(b"ActionID: floorwatch-") for _, data in SENT[first:]]
    assert ids == [1] * len(ids)
    assert all(data.endswith(b"\r\n\r\n") and data.count(b"\r\n\r\n") == 1 for _, data in SENT[first:])
