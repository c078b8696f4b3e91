"""The broker that `[mqtt]` names, checked with its files.

Owns what its keys mean together: TLS and its files, a name and its password. Refuses single values (`mqtt_model`), secrets (`credentials`) and connecting.
Next: `means` makes a way to the broker of it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from monitor.config.files import UnreadableError, check_readable
from monitor.config.mqtt_model import Mqtt, parts
from monitor.config.settings import MqttSettings, Secret
from monitor.hosts import is_loopback

Refuse = Callable[[str, str, str, str, object], None]
SECTION = "mqtt"


def broker(row: Mqtt, site: str, folder: Path, secret: Secret | None, flaw: Refuse, note: Callable[[str], None]) -> MqttSettings | None:
    """All of it, None where there is none; what is wrong goes to `flaw`."""
    if not row.url:
        if row.model_fields_set - {"url"}:
            note("[mqtt] has no url: nothing is published")
        return None
    host, port, tls = parts(row.url)
    files = {key: getattr(row, key) for key in ("tls_ca", "tls_certificate", "tls_key") if getattr(row, key)}
    if files and not tls:
        key, name = next(iter(files.items()))
        flaw("is given, but url is without TLS", "write it as mqtts://", SECTION, key, name)
    elif files:
        _certificates(row, folder, flaw)
    if row.username and not tls and not is_loopback(host):
        note("[mqtt] url is without TLS: the password crosses the network in the clear; write it as mqtts://")
    return MqttSettings(
        host=host,
        port=port,
        tls=tls,
        prefix=row.prefix,
        client_id=row.client_id or f"floorwatch-{site}",
        username=row.username,
        secret=secret,
        tls_ca=folder / row.tls_ca if row.tls_ca else None,
        tls_certificate=folder / row.tls_certificate if row.tls_certificate else None,
        tls_key=folder / row.tls_key if row.tls_key else None,
        keepalive_seconds=row.keepalive_seconds,
        money=row.money,
    )


def _certificates(row: Mqtt, folder: Path, flaw: Refuse) -> None:
    if row.tls_key and not row.tls_certificate:
        flaw("is given without tls_certificate", "a key belongs to a certificate; name both, or neither", SECTION, "tls_key", row.tls_key)
        return
    for key in ("tls_ca", "tls_certificate", "tls_key"):
        if name := getattr(row, key):
            try:
                check_readable(folder / name)
            except UnreadableError as error:
                problem, _, remedy = str(error).partition("; ")
                flaw(problem, remedy, SECTION, key, name)
                return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if row.tls_ca:
        try:
            context.load_verify_locations(folder / row.tls_ca)
        except ssl.SSLError:
            flaw("holds no certificate", "name a PEM file: -----BEGIN CERTIFICATE-----", SECTION, "tls_ca", row.tls_ca)
    if row.tls_certificate:
        try:
            context.load_cert_chain(folder / row.tls_certificate, folder / row.tls_key if row.tls_key else None, password="")
        except (ssl.SSLError, ValueError):
            remedy = "name PEM files that belong together; a key with a passphrase cannot be read"
            flaw("holds no certificate with its key", remedy, SECTION, "tls_certificate", row.tls_certificate)
