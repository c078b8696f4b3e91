"""The pace of long answers: the loop gets its turn, and what it did meanwhile changes no byte."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import perf_counter

from monitor.outputs.web.pace import paced


async def test_the_body_is_all_pieces_in_order() -> None:
    assert await paced(f"{number}\n" for number in range(1000)) == "".join(f"{number}\n" for number in range(1000)).encode()
    assert await paced(iter(())) == b""


async def test_the_loop_turns_between_pieces() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def slow() -> Iterator[str]:
        for _ in range(20):
            until = perf_counter() + 0.0002
            while perf_counter() < until:
                pass
            yield "Ї"

    watching = asyncio.create_task(other())
    assert await paced(slow(), step_seconds=0.0001) == "Ї".encode() * 20
    watching.cancel()
    assert turns >= 20


async def test_what_utf8_cannot_say_is_replaced_and_not_fatal() -> None:
    assert await paced(iter(["a\udc80b"])) == b"a?b"
