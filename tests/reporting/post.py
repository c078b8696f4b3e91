"""A mail server of one's own: it speaks SMTP over TCP, with STARTTLS, a login and refusals as it is told, and keeps what it takes."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

PEM = Path(__file__).parents[1] / "sources" / "localhost.pem"


@dataclass
class Post:
    """`tls`: it offers STARTTLS; `at_once`: TLS from the first byte; `login`: whom it lets in; `refuses` these addresses; `busy` so many times."""

    tls: bool = False
    at_once: bool = False
    login: tuple[str, str] | None = None
    refuses: tuple[str, ...] = ()
    busy: int = 0
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    secret: list[bool] = field(default_factory=list)  # whether each letter came over TLS

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        with suppress(ConnectionError, ssl.SSLError):
            await self._talk(reader, writer)
        with suppress(ConnectionError, ssl.SSLError):
            writer.close()
            await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        secured = self.at_once
        await say("220 here")
        while line := await reader.readline():
            words = line.decode().strip().split(" ")
            match words[0].upper():
                case "EHLO" | "HELO":
                    more = [*(["STARTTLS"] if self.tls and not secured else []), *(["AUTH PLAIN"] if self.login else [])]
                    for number, word in enumerate(["here", *more]):
                        await say(f"250{'-' if number < len(more) else ' '}{word}")
                case "STARTTLS":
                    await say("220 go on")
                    await writer.start_tls(_context())
                    secured = True
                case "AUTH":
                    wanted = base64.b64encode("\0{}\0{}".format(*(self.login or ("", ""))).encode()).decode()
                    await say("235 welcome" if words[2] == wanted else "535 no")
                case "MAIL" if self.busy:
                    self.busy -= 1
                    await say("451 busy just now")
                case "RCPT" if any(address in line.decode() for address in self.refuses):
                    await say("550 nobody here")
                case "DATA":
                    await say("354 go on")
                    said = b""
                    while (part := await reader.readline()) != b".\r\n":
                        said += part.removeprefix(b".") if part.startswith(b"..") else part
                    found = message_from_bytes(said, policy=policy.default)
                    assert isinstance(found, EmailMessage)
                    self.letters.append(found)
                    self.secret.append(secured)
                    await say("250 taken")
                case "QUIT":
                    await say("221 bye")
                    return
                case _:
                    await say("250 fine")


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


@contextmanager
def post(server: Post) -> Iterator[Post]:
    """It listens, in a thread with a loop of its own."""
    up, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def work() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=_context() if server.at_once else None)
        async with listening:
            server.port = listening.sockets[0].getsockname()[1]
            up.set()
            await stop.wait()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        if talking:
            await asyncio.wait(talking, timeout=10)

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()))
    thread.start()
    assert up.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
