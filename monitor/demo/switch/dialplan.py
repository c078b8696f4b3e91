"""A caller's dialplan: one step after the other, waiting where Asterisk waits.

Owns priorities and the end of a channel that ran out of them. Refuses what a queue does with him meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.core.contract import SECOND
from monitor.demo.switch.app_queue import AppQueue
from monitor.demo.switch.channel import UP, Channel
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.specs import Step

MEDIA = SECOND // 2  # Answer() waits this long for the first sound


@dataclass
class Dialplan:
    """Runs the steps of callers. `answered` is told of a Local channel's answer, `gone` of every end."""

    exchange: Exchange
    queue: AppQueue
    answered: Callable[[Channel], None]
    gone: Callable[[Channel], None]

    def start(self, channel: Channel, steps: Sequence[Step], first: int = 1) -> None:
        """A channel enters an extension."""
        channel.steps, channel.step, channel.priority = tuple(steps), 0, first
        self.run(channel)

    def proceed(self, channel: Channel) -> None:
        """The application at this priority is done: on to the next."""
        channel.step += 1
        self.run(channel)

    def run(self, channel: Channel) -> None:
        """Execute steps until one takes time."""
        while channel.step < len(channel.steps):
            word, *rest = channel.steps[channel.step]
            channel.priority = channel.step + 1
            channel.application, channel.data = word.title(), ",".join(rest)
            match word:
                case "answer" if channel.state != UP:
                    self._answer(channel)
                    return
                case "wait":
                    self.exchange.wake(channel, self.exchange.at + int(float(rest[0]) * SECOND), lambda: self.proceed(channel))
                    return
                case "queue":
                    name, options, longest = (*rest, "", "")[:3]
                    self.queue.join(channel, name, options, longest)
                    return
                case "goto":
                    channel.exten = rest[0]
                    channel.steps, channel.step = channel.steps[channel.step + 1 :], 0
                    continue
                case "hangup":
                    self.end(channel)
                    return
            channel.step += 1
        self.end(channel, after=len(channel.steps) + 1)

    def _answer(self, channel: Channel) -> None:
        if channel.other is None:
            self.exchange.state(channel, UP)
        else:
            self.answered(channel)
        self.exchange.wake(channel, self.exchange.at + MEDIA, lambda: self.proceed(channel))

    def end(self, channel: Channel, after: int | None = None) -> None:
        """The dialplan ends, and with it the channel; `after` is the priority that did not exist."""
        self.exchange.soft_hangup(channel)
        if after is not None:
            channel.priority = after
        if channel.other is not None and not channel.other.gone:
            self.exchange.hangup_request(channel.other, 16)
        self.exchange.hangup(channel)
        self.gone(channel)
