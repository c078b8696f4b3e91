"""What is made of a configuration for those who work with it: the links' settings, the broker's, certificates read, and the tokens.

Owns all of it that may fail, since a file or a secret that was there when the configuration was read may be gone a moment later: it is made
before anything is in force. Refuses looking at what was there before. Next: `app` gives each part to who needs it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.config import Config, MqttSettings, PbxSettings
from monitor.outputs.mqtt.link import MqttLink
from monitor.outputs.web.auth import Token
from monitor.sources.ami.link import AmiSettings


@dataclass(frozen=True, slots=True)
class Means:
    """Everything, by PBX where it is a PBX's."""

    links: Mapping[str, AmiSettings]
    tokens: tuple[Token, ...]
    broker: MqttLink | None = None

    @classmethod
    def of(cls, config: Config) -> Means:
        """All of it, or an error."""
        agreed = config.contract
        links = {pbx.name: settings(pbx, results=agreed.pays_for_results, variable=agreed.regions.variable) for pbx in config.pbxs}
        return cls(links, tokens(config), None if config.mqtt is None else broker(config.mqtt))


def settings(pbx: PbxSettings, *, results: bool = False, variable: str = "") -> AmiSettings:
    """What the AMI client needs of a PBX's configuration."""
    return AmiSettings(
        name=pbx.name,
        host=pbx.host,
        port=pbx.port,
        username=pbx.username,
        secret=pbx.secret.reveal(),
        tls=ssl.create_default_context(cafile=pbx.tls_ca) if pbx.tls else None,
        ping_seconds=pbx.ping_seconds,
        ping_deadline_seconds=pbx.ping_deadline_seconds,
        reconcile_seconds=pbx.reconcile_seconds,
        results=results,
        variable=variable,
    )


def broker(mqtt: MqttSettings) -> MqttLink:
    """What the MQTT client needs of `[mqtt]`."""
    context = ssl.create_default_context(cafile=mqtt.tls_ca) if mqtt.tls else None
    if context is not None and mqtt.tls_certificate is not None:
        context.load_cert_chain(mqtt.tls_certificate, mqtt.tls_key, password="")
    return MqttLink(
        host=mqtt.host,
        port=mqtt.port,
        client_id=mqtt.client_id,
        prefix=mqtt.prefix,
        username=mqtt.username,
        password="" if mqtt.secret is None else mqtt.secret.reveal(),
        tls=context,
        keepalive_s=mqtt.keepalive_seconds,
        money=mqtt.money,
    )


def tokens(config: Config) -> tuple[Token, ...]:
    """What the web server needs of a configuration's tokens."""
    return tuple(Token.of(token.name, token.secret.reveal(), token.scopes) for token in config.tokens)
