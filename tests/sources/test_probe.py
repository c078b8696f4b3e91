"""One look at a PBX: what it is, what we may do there and what we would see."""

from __future__ import annotations

import pytest

from monitor.core.contract import SECOND
from monitor.errors import AmiLoginRefused, AmiUnreachable
from monitor.sources.ami.link import AmiSettings
from monitor.sources.ami.probe import probe
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, event, member
from tests.sources.test_trouble import free_port
from tests.sources.watching import HURRY, now


def settings(port: int) -> AmiSettings:
    return AmiSettings("p", "127.0.0.1", "floorwatch", SECRET, port)


def rights(*actions: str) -> dict[str, object]:
    def answer(session: Session, action: Headers) -> None:
        session.respond(action, **dict.fromkeys(actions, "what it does  (Priv: <none>)"))

    return {"ListCommands": answer}


NEEDED = ("CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar", "QueueStatus", "Ping")


async def test_a_look_at_a_good_pbx() -> None:
    pbx = Pbx(queues={"bank": [member("bank", "PJSIP/1", Paused="1")], "shop": []}, clock=lambda: now() + 3 * SECOND, answers=rights(*NEEDED))  # type: ignore[arg-type]
    pbx.booted = (pbx.booted or b"") + event("DeviceStateChange", Timestamp="1795448567.000000", Device="PJSIP/1")
    async with pbx.listening() as port:
        report = await probe(settings(port), now, pace=HURRY, listen_s=0.05)
    assert (report.ami_version, report.version, report.keeps_cdr, report.system) == ("11.0.0", "22.10.1", True, True)
    assert (report.missing, report.too_wide) == ((), ())
    assert report.timestamps is True
    assert abs((report.offset_us or 0) - 3 * SECOND) < SECOND // 10
    assert report.seen.strategies == {"bank": "leastrecent", "shop": "leastrecent"}
    assert [(row.interface, row.paused) for row in report.seen.members] == [("PJSIP/1", True)]
    assert [action["Action"] for action in pbx.live.actions][-1] == "Logoff"
    assert all("Queue" not in action for action in pbx.actions("QueueStatus"))


async def test_too_many_rights_and_too_few_are_named() -> None:
    pbx = Pbx(booted=None, answers=rights("Originate", "Command", "QueueStatus", "CoreSettings", "CoreStatus", "Ping"))  # type: ignore[arg-type]
    pbx.answers["CoreShowChannels"] = lambda session, action: session.respond(action, "Error", Message="Permission denied")
    async with pbx.listening() as port:
        report = await probe(settings(port), now, pace=HURRY, listen_s=0.01)
    assert report.missing == ("CoreShowChannels", "Getvar")
    assert report.too_wide == ("Command", "Originate")
    assert (report.system, report.timestamps) == (False, None)


async def test_no_login_is_an_error_that_says_why() -> None:
    async with Pbx(password="another").listening() as port:
        with pytest.raises(AmiLoginRefused, match="refused user 'floorwatch': Authentication failed"):
            await probe(settings(port), now, pace=HURRY)
    with pytest.raises(AmiUnreachable, match="cannot connect to"):
        await probe(settings(free_port()), now, pace=HURRY)
