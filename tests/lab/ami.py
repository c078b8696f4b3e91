"""A small AMI session for the lab's own two users: the driver that provokes things, the tap that records.

Owns one socket, its login and the splitting of what comes into header dictionaries. It is written without any of the
daemon's code, because it also feeds the judge. It never reconnects: a lost session is the end of the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.lab.settings import SECRET

Message = dict[str, str]
ANSWER_SECONDS = 10.0


class Session:
    """`await Session.open(port, user, on_message)`; then `await session.ask("Ping")` answers with the response."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_message: Callable[[Message], None], on_bytes: Callable[[bytes], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_message = on_message
        self._on_bytes = on_bytes
        self._serial = 0
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._task = asyncio.create_task(self._read(), name="lab-ami")

    @classmethod
    async def open(
        cls, port: int, user: str, on_message: Callable[[Message], None], on_bytes: Callable[[bytes], None] = lambda _: None, events: str = "on"
    ) -> Session:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        session = cls(reader, writer, on_message, on_bytes)
        answer = await session.ask("Login", Username=user, Secret=SECRET, Events=events)
        if answer.get("Response") != "Success":
            raise ConnectionError(f"AMI refused the lab's user {user}: {answer}")
        return session

    async def ask(self, action: str, **headers: str) -> Message:
        """Send one action and wait for its response; what a list brings goes to `on_message`."""
        self._serial += 1
        key = f"lab-{self._serial}"
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        lines = [f"Action: {action}", f"ActionID: {key}", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):  # wait_for of 3.11 can swallow a cancellation
                return await future
        finally:
            self._waiting.pop(key, None)

    async def _read(self) -> None:
        rest = b""
        while chunk := await self._reader.read(65536):
            self._on_bytes(chunk)
            *stanzas, rest = (rest + chunk).split(b"\r\n\r\n")
            for stanza in stanzas:
                self._take(parse(stanza))

    def _take(self, message: Message) -> None:
        future = self._waiting.get(message.get("ActionID", ""))
        if "Response" in message and future is not None and not future.done():
            future.set_result(message)
        self._on_message(message)

    @property
    def alive(self) -> bool:
        return not self._task.done()

    async def close(self) -> None:
        self._writer.close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def parse(stanza: bytes) -> Message:
    message: Message = {}
    for line in stanza.decode("utf-8", "backslashreplace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            message[name] = value.strip()
    return message
