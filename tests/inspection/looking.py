"""A configuration, a scripted PBX it has logged in to, and what check says of the two."""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitor import config, inspection
from monitor.inspection import Weight
from tests.sources.fake_ami import SECRET, Headers, Pbx, Session, event
from tests.sources.watching import now

FILE = """
[[pbx]]
name = "pbx1"
host = "{host}"
port = {port}
secret_env = "AMI_SECRET"
queue_log = "{queue_log}"
cdr = "{cdr}"
[[group]]
name = "floor"
{group}
[agents]
file = "{agents}"
[[project]]
name = "bank-line"
queues = ["bank", "nowhere"]
"""
RIGHTS = ("CoreSettings", "CoreStatus", "CoreShowChannels", "Getvar", "QueueStatus")


def listed(session: Session, action: Headers) -> None:
    session.respond(action, **dict.fromkeys(RIGHTS, "what it does  (Priv: <none>)"))


def pbx(**queues: list[Headers]) -> Pbx:
    return Pbx(
        queues=queues,
        clock=now,
        answers={"ListCommands": listed},
        booted=event("FullyBooted") + event("DeviceStateChange", Timestamp="1795448567.000000"),
    )


async def findings(
    of: Pbx, folder: Path, *, host: str = "127.0.0.1", queue_log: str = "", cdr: str = "", group: str = "", agents: str = ""
) -> dict[str, Weight]:
    async with of.listening() as port:
        file = folder / "floorwatch.toml"
        file.write_text(FILE.format(host=host, port=port, queue_log=queue_log, cdr=cdr, group=group, agents=agents))
        loaded = await asyncio.to_thread(config.load, file, {"AMI_SECRET": SECRET})
        return {finding.text: finding.weight for finding in await inspection.look(loaded, now)}


def those(found: dict[str, Weight], words: str) -> list[tuple[str, Weight]]:
    return [(text, weight) for text, weight in found.items() if words in text]
