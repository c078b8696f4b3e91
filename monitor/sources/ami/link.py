"""How a session with a PBX begins: where it is, how patient we are, the connection, the greeting, the login.

Owns the settings of one PBX, every deadline and pause in one place, and the login: MD5 only, so the secret never crosses the wire;
every Asterisk since 1.2 can do that. Refuses retrying, which is `client`'s policy.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.errors import AmiLoginRefused, AmiUnreachable
from monitor.sources.ami.protocol import AmiProtocol

# What the login asks for; more would be thrown away, and newer PBXs do not even build what nobody asked for.
MASK = "system,call,agent"


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """One `[[pbx]]` as the client needs it."""

    name: str
    host: str
    username: str
    secret: str = field(repr=False)
    port: int = 5038
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    ping_seconds: float = 5.0
    ping_deadline_seconds: float = 15.0
    reconcile_seconds: float = 300.0
    variable: str = ""  # that the dialplan tells the region of a called number in
    results: bool = False  # the dialplan may tell of some: user events are wanted too


@dataclass(frozen=True, slots=True)
class Pace:
    """How long we wait for what, in seconds; tests hurry."""

    connect_s: float = 10.0
    greeting_s: float = 10.0
    login_s: float = 10.0  # a refusal takes Asterisk a second
    action_s: float = 10.0
    list_s: float = 60.0  # 1500 members at a PBX that is busy
    booted_s: float = 2.0  # FullyBooted comes with the login, or never when the class system is missing
    unready_s: float = 1.0  # between questions to a PBX that is still starting
    full_s: float = 0.02  # before the engine is offered again what its inbox had no room for
    settle_s: float = 0.5  # between an overflow and the snapshot that mends it
    jitter_s: float = 2.0  # before each queue of a reconciliation
    logoff_s: float = 1.0
    retry_first_s: float = 1.0
    retry_longest_s: float = 60.0
    steady_s: float = 60.0  # a link that lasted so long is a good one: the next loss is a new one, retried at once
    refused_first_s: float = 30.0  # a wrong password does not get right by itself; authlimit punishes haste
    refused_longest_s: float = 600.0


async def connect(settings: AmiSettings, pace: Pace, protocol: Callable[[], AmiProtocol]) -> AmiProtocol:
    """A connection to the PBX's port, whoever listens there."""
    loop = asyncio.get_running_loop()
    where = f"{settings.host}:{settings.port}"
    try:
        async with asyncio.timeout(pace.connect_s):
            _, made = await loop.create_connection(protocol, settings.host, settings.port, ssl=settings.tls)
    except TimeoutError:
        raise AmiUnreachable(f"no connection to {where} within {pace.connect_s:g} s", pbx=settings.name) from None
    except ssl.SSLError as error:
        raise AmiUnreachable(
            f"no TLS with {where}: {error.reason or error}; check tls_ca, and host against the name in the certificate", pbx=settings.name
        ) from None
    except (OSError, UnicodeError) as error:  # the latter for a name no resolver can be asked for
        if isinstance(error, socket.gaierror | UnicodeError):
            raise AmiUnreachable(f"cannot connect to {where}: nobody knows this name; correct host, or write its address", pbx=settings.name) from None
        reason = _reason(error)
        raise AmiUnreachable(f"cannot connect to {where}: {reason}; is Asterisk running with manager.conf enabled = yes?", pbx=settings.name) from None
    return made


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror or str(error)


async def login(protocol: AmiProtocol, settings: AmiSettings, pace: Pace) -> str:
    """Greeting, challenge and login; the AMI version. AmiLoginRefused when the PBX says no."""
    version = await protocol.greeted(pace.greeting_s)
    challenge = await protocol.ask("Challenge", pace.login_s, {"AuthType": "MD5"})
    if not challenge.ok:
        raise AmiLoginRefused(f"refused an MD5 challenge: {challenge.said}", pbx=settings.name)
    key = hashlib.md5((challenge.messages[0].get("Challenge", "") + settings.secret).encode(), usedforsecurity=False).hexdigest()
    wanted = f"{MASK},user" if settings.results else MASK
    answer = await protocol.ask("Login", pace.login_s, {"AuthType": "MD5", "Username": settings.username, "Key": key, "Events": wanted})
    if not answer.ok:
        raise AmiLoginRefused(
            f"refused user {settings.username!r}: {answer.said}; check username and secret here, secret, deny and permit in its manager.conf",
            pbx=settings.name,
        )
    return version
