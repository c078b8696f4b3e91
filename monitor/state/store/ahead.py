"""Questions that are asked ahead of whoever reckons with the answers.

Owns the two hands that ask, each with a connection of its own: while one answer is reckoned with, the next are sorted. Never are more than a few answers
waiting. Refuses the questions. Next: `tally` asks for many people.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Final, TypeVar

from monitor.state.store.reader import Reader

HANDS: Final = 2
WAITING: Final = 4  # answers
Part = TypeVar("Part")
Answer = TypeVar("Answer")


def ahead(reader: Reader, ask: Callable[[Reader, Part], Answer], parts: Iterable[Part]) -> Iterator[Answer]:
    """The answers, in the order of the parts."""
    idle: SimpleQueue[Reader] = SimpleQueue()
    waiting: deque[Future[Answer]] = deque()

    def one(part: Part) -> Answer:
        beside = idle.get()
        try:
            return ask(beside, part)
        finally:
            idle.put(beside)

    with ExitStack() as stack:
        readers = [stack.enter_context(reader.beside()) for _ in range(HANDS)]
        hands = stack.enter_context(ThreadPoolExecutor(HANDS))
        stack.callback(_stop, hands, waiting, readers)
        for beside in readers:
            idle.put(beside)
        for part in parts:
            waiting.append(hands.submit(one, part))
            if len(waiting) > WAITING:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[Future[Answer]]) -> Answer:
    """It is waiting until it is there: an interrupt comes just then."""
    answer = waiting[0].result()
    waiting.popleft()
    return answer


def _stop(hands: ThreadPoolExecutor, waiting: Sequence[Future[Answer]], readers: Iterable[Reader]) -> None:
    """Nobody wants the answers any more; where all have come there is nothing to stop."""
    hands.shutdown(wait=False, cancel_futures=True)
    if not all(one.done() for one in waiting):
        for reader in readers:
            reader.interrupt()
