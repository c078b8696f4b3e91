"""What the daemon says of itself: the metrics that begin with floorwatch_ and read its own facts.

Owns their names, definitions and samples, as `families` does for the floor. Refuses everything about the floor. Next: `metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.outputs.daemon import DaemonFacts, PbxFacts
from monitor.outputs.family import C, Family, G, H, Kind
from monitor.outputs.lines import histogram, label, seconds


def _per_pbx(figure: Callable[[PbxFacts], int | float | None]) -> Callable[[str, DaemonFacts], Iterator[str]]:
    """A figure per PBX; unknown is absent."""

    def samples(name: str, daemon: DaemonFacts) -> Iterator[str]:
        for pbx in daemon.pbxs:
            if (value := figure(pbx)) is not None:
                yield f"{name}{{{label('pbx', pbx.name)}}} {value}\n"

    return samples


def _optional(us: int | None) -> float | None:
    return None if us is None else seconds(us)


def _events(name: str, daemon: DaemonFacts) -> Iterator[str]:
    for pbx in daemon.pbxs:
        for event, count in sorted(pbx.events.items()):
            yield f"{name}{{{label('pbx', pbx.name)},{label('event', event)}}} {count}\n"


def _dropped(name: str, daemon: DaemonFacts) -> Iterator[str]:
    for what, count in sorted(daemon.dropped.items()):
        yield f"{name}{{{label('what', what)}}} {count}\n"


def _clock_steps(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name} {daemon.clock_steps}\n"


def _event_lag(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield histogram(name, "", daemon.event_lag.bounds_us, daemon.event_lag.counts, daemon.event_lag.sum_us)


def _config(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name} {int(daemon.config_last_reload_successful)}\n"


def _config_at(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.config_last_reload_at is not None:
        yield f"{name} {seconds(daemon.config_last_reload_at)}\n"


def _mqtt(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.mqtt_up is not None:
        yield f"{name} {int(daemon.mqtt_up)}\n"


def _store(name: str, daemon: DaemonFacts) -> Iterator[str]:
    if daemon.store_up is not None:
        yield f"{name} {int(daemon.store_up)}\n"


def _build(name: str, daemon: DaemonFacts) -> Iterator[str]:
    yield f"{name}{{{label('version', daemon.version)},{label('python', daemon.python)}}} 1\n"


# fmt: off
DAEMON: tuple[Family[DaemonFacts], ...] = (
    Family("floorwatch_ami_up", G, ("pbx",), "1 while logged in to AMI, the state is whole, and Pings and lists are answered in time.",
           _per_pbx(lambda pbx: int(pbx.ami_up))),
    Family("floorwatch_gap_seconds", G, ("pbx",), "Age of the gap in what is seen of the PBX, 0 while there is none.",
           _per_pbx(lambda pbx: seconds(pbx.gap_us))),
    Family("floorwatch_state_age_seconds", G, ("pbx",), "Time since the PBX last sent anything.", _per_pbx(lambda pbx: _optional(pbx.state_age_us))),
    Family("floorwatch_clock_offset_seconds", G, ("pbx",), "The PBX's clock minus the daemon's, measured by Ping; event times are corrected by it.",
           _per_pbx(lambda pbx: _optional(pbx.clock_offset_us))),
    Family("floorwatch_queue_log_up", G, ("pbx",), "1 while the PBX's queue_log is read as it is written; absent where none is configured.",
           _per_pbx(lambda pbx: None if pbx.queue_log_up is None else int(pbx.queue_log_up))),
    Family("floorwatch_cdr_up", G, ("pbx",), "1 while the PBX's Master.csv is read as it is written, or if its database of CDRs answered the last question; "
           "absent where there is none, or it was not asked yet.",
           _per_pbx(lambda pbx: None if pbx.cdr_up is None else int(pbx.cdr_up))),
    Family("floorwatch_ami_connects_total", C, ("pbx",), "Successful logins to AMI.", _per_pbx(lambda pbx: pbx.connects)),
    Family("floorwatch_pbx_restarts_total", C, ("pbx",), "Restarts of Asterisk noticed (CoreStatus or FullyBooted).",
           _per_pbx(lambda pbx: pbx.restarts)),
    Family("floorwatch_ami_events_total", C, ("pbx", "event"), "AMI events received, by name.", _events),
    Family("floorwatch_ami_malformed_total", C, ("pbx",), "Stanzas received that are not AMI or too long, and were skipped.",
           _per_pbx(lambda pbx: pbx.malformed)),
    Family("floorwatch_clock_steps_total", C, (), "Steps of the civil clock over 2 s, after which the daemon took the new time.", _clock_steps),
    Family("floorwatch_dropped_total", C, ("what",), "Things thrown away because a limit was reached, by what they were.", _dropped),
    Family("floorwatch_event_lag_seconds", H, (), "Time from an event's own timestamp to its being read from the socket.", _event_lag),
    Family("floorwatch_config_last_reload_successful", G, (), "1 unless the last attempt to load the configuration failed.", _config),
    Family("floorwatch_config_last_reload_success_timestamp_seconds", G, (), "When the configuration and plan in force were read.", _config_at),
    Family("floorwatch_mqtt_up", G, (), "1 while there is a session with the MQTT broker, else 0; absent without [mqtt] url.", _mqtt),
    Family("floorwatch_store_up", G, (), "1 while the store takes what is final, 0 while it waits in memory; absent without a store.", _store),
    Family("floorwatch_build_info", Kind.INFO, ("version", "python"), "The daemon's version and the Python it runs on.", _build),
)
# fmt: on
