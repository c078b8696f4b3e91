"""`[mqtt]` as a pydantic model: which broker is told of the floor, and under which topics.

Owns the keys and what a single value may be. Refuses what needs files or a secret (`broker`). Next: `model` has it as a section.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.table import HIDDEN, Model
from monitor.config.values import Flag, Text, Whole, a_host, a_text, wrong

_URL = re.compile(r"(?P<kind>[a-z]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]]+)(?::(?P<port>[0-9]{1,5}))?/?")
PORTS = {"mqtt": 1883, "mqtts": 8883}
LONGEST_PREFIX = 200  # bytes: a topic has at most 65,535


def a_broker(value: object) -> str:
    """Where the broker is; empty: nowhere."""
    text = a_text(value)
    if not text:
        return text
    if "@" in text:
        raise wrong("has a user or password in it", "give username, and its password by secret_file, secret_env or a systemd credential named mqtt")
    found = _URL.fullmatch(text)
    if found is None or found["kind"] not in PORTS or (found["port"] is not None and not 0 < int(found["port"]) < 65_536):
        raise wrong("is not the address of a broker", "write it as mqtt://broker.example.com:1883, or mqtts://broker.example.com:8883 for TLS")
    a_host(found["host"].strip("[]"))
    return text


def parts(url: str) -> tuple[str, int, bool]:
    """Of a good address: its host, its port, and whether TLS is spoken there."""
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError(url)
    return found["host"].strip("[]"), int(found["port"] or PORTS[found["kind"]]), found["kind"] == "mqtts"


def a_prefix(value: object) -> str:
    """The first levels of every topic."""
    text = a_text(value)
    if not text or text != text.strip("/") or "//" in text or set(text) & set("+#") or text.startswith("$") or len(text.encode()) > LONGEST_PREFIX:
        raise wrong("is no beginning of a topic", 'write one or more levels, "floorwatch" or "acme/floorwatch", without +, # and a $ in front')
    return text


def a_client_id(value: object) -> str:
    """As whom a broker knows us; empty: by the site's name."""
    text = a_text(value)
    if len(text.encode()) > LONGEST_PREFIX:
        raise wrong(f"is longer than {LONGEST_PREFIX} bytes", "shorten it")
    return text


class Mqtt(Model):
    """`[mqtt]`"""

    url: Annotated[str, BeforeValidator(a_broker), HIDDEN] = ""
    prefix: Annotated[str, BeforeValidator(a_prefix)] = "floorwatch"
    client_id: Annotated[str, BeforeValidator(a_client_id)] = ""
    username: Text = ""
    secret_file: Text = ""
    secret_env: Text = ""
    tls_ca: Text = ""
    tls_certificate: Text = ""
    tls_key: Text = ""
    keepalive_seconds: Annotated[Whole, Field(ge=5, le=3600)] = 30
    money: Flag = False
