"""MQTT as the configuration has it, now and after a reload.

Owns one client for the broker of `[mqtt]`, its end and beginning anew where another broker or site is named, and what is counted over all of them. Refuses
the session (`outputs.mqtt`). Next: `app` starts it, tells it of another configuration, and shows what it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor import __version__
from monitor.config import Config
from monitor.outputs.mqtt.client import Commands, MqttClient, MqttStats, View
from monitor.outputs.mqtt.commands import Bring, Desk
from monitor.outputs.mqtt.link import MqttLink
from monitor.tasks import Tasks

NAME = "mqtt"


class Broker:
    """`bring` puts a plan in force; the clients run among the daemon's `tasks`."""

    def __init__(self, view: View, desk: Desk, bring: Bring, now: Callable[[], int], tasks: Tasks) -> None:
        self.stats = MqttStats()
        self._view, self._desk, self._bring, self._now, self._tasks = view, desk, bring, now, tasks
        self._since = now()
        self._client: MqttClient | None = None

    @property
    def up(self) -> bool | None:
        """Whether there is a session; None: there is no broker."""
        return None if self._client is None else self.stats.up

    def follow(self, config: Config, link: MqttLink | None) -> None:
        """This is the broker, from `run` on; None: there is none."""
        self._client = None
        if link is not None:
            commands = Commands(self._view, self._desk, self._bring, money=link.money)
            self._client = MqttClient(link, config.contract.site, self._view, commands, self.stats, version=__version__, since=self._since, now=self._now)

    def run(self) -> None:
        """Begin, if there is one."""
        if self._client is not None:
            self._tasks.start(NAME, self._client.run())

    async def change(self, old: Config, new: Config, link: MqttLink | None) -> None:
        """Another configuration is in force."""
        if (old.mqtt, old.contract.site) == (new.mqtt, new.contract.site):
            if self._client is not None and link is not None:
                self._client.link = link  # a certificate may be a newer one
            return
        if self._client is not None:
            await self._tasks.end(NAME)
        self.follow(new, link)
        self.run()

    # --- what is counted --------------------------------------------------------------------------------------------------------------

    def counted(self) -> dict[tuple[str, ...], int]:
        """For the next process to go on from."""
        counts = {"refused": self.stats.refused, "dropped": self.stats.dropped}
        return {(NAME, name): count for name, count in counts.items() if count}

    def go_on(self, facts: Mapping[tuple[str, ...], int]) -> None:
        """From where the process before this one was."""
        self.stats.refused += facts.get((NAME, "refused"), 0)
        self.stats.dropped += facts.get((NAME, "dropped"), 0)

    def dropped(self) -> dict[str, int]:
        """Commands that were not taken, by why."""
        if self._client is None and not self.stats.refused and not self.stats.dropped:
            return {}
        return {"mqtt": self.stats.refused, "mqtt_flood": self.stats.dropped}
