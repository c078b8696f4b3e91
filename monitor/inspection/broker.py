"""The MQTT broker, as the configuration names it: does it let us in?

Owns the sentences. Refuses publishing anything. Next: `look` has it after the PBXs.
"""

from __future__ import annotations

import asyncio

from monitor.config import Config
from monitor.errors import BrokerAway
from monitor.inspection.finding import Finding, Weight
from monitor.means import broker
from monitor.outputs.mqtt.link import probe
from monitor.outputs.mqtt.topics import Topics


def paper(config: Config) -> list[Finding]:
    """What is to be published, before anybody is asked."""
    mqtt = config.mqtt
    if mqtt is None:
        return []
    return [Finding(f"MQTT: {mqtt.host}:{mqtt.port} as {mqtt.client_id}, topics {Topics(mqtt.prefix, config.contract.site).root}/#")]


async def look(config: Config) -> list[Finding]:
    """One line, or none where no broker is named."""
    if config.mqtt is None:
        return []
    link = await asyncio.to_thread(broker, config.mqtt)
    try:
        await probe(link)
    except BrokerAway as error:
        return [Finding(f"MQTT: {error}", Weight.BAD)]
    return [Finding(f"MQTT: {link.where} speaks MQTT 5 and lets us in{' with TLS' if link.tls else ''}")]
