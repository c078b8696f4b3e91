"""The layouts of files that planning products write, by name.

    calabrio      Teleopti's forecast, no header: skill, start, end, volume, task s, after-task s [, agents]; local time
    genesys       Genesys Cloud's history: quarter hours in UTC, a total of handle time; rows of one queue by skills and language are added
    amazon        Amazon Connect's forecast: UTC, or times with an offset; 15mins, 30mins or daily
    iex_pipe      NICE IEX's CT Active Forecast export: bars, first line #fields; local time, order of a repeated hour as in the file
    verint_daily  Verint's strategic planner, no header: queue, M-D-YYYY, volume, AHT; totals of days

Owns what is known of them; a site's own mapping starts from one of these or from nothing. Of other media than voice no row counts: what
waits in Asterisk's queues are calls. Refuses reading. Next: `config` puts a site's projects and zone in, `formats` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from monitor.plan.mapping import NATIVE, ColumnMapping
from monitor.plan.rows import DAY
from monitor.plan.times import TimeForm

CALABRIO: Final = ColumnMapping(
    "calabrio",
    {"project": (1,), "interval_start": (2,), "interval_end": (3,), "volume": (4,), "aht_s": (5, 6), "scheduled": (7,)},
    header=False,
    form=TimeForm("%Y%m%d %H:%M"),
)
GENESYS: Final = ColumnMapping(
    "genesys",
    {
        "project": ("Queue",),
        "interval_start": ("Interval Start UTC Date",),
        "volume": ("Offered",),
        "handle_s": ("Total Handle Time",),
        "handled": ("Interactions Handled",),
    },
    zone=UTC,
    defaults={"interval_s": "900"},
    only={"Media Type": ("voice",)},
    whose=("Skill Set", "Language"),
)
AMAZON: Final = ColumnMapping(
    "amazon",
    {
        "project": ("QueueName",),
        "interval_start": ("TimeStamp",),
        "interval_s": ("IntervalDuration",),
        "volume": ("IncomingContactVolume",),
        "aht_s": ("AverageHandleTime",),
    },
    zone=UTC,
    words={"interval_s": {"15mins": "900", "30mins": "1800", "daily": DAY}},
    only={"ChannelType": ("voice",)},
    whose=("QueueId",),
)
IEX_PIPE: Final = ColumnMapping(
    "iex_pipe",
    {
        "project": ("ctName",),
        "interval_start": ("date", "period"),
        "volume": ("fcstContactsReceived",),
        "aht_s": ("fcstAHT",),
        "required": ("fcstReq",),
        "scheduled": ("schedOpen",),
    },
    delimiter="|",
    form=TimeForm("%m%d%Y %H:%M"),
    whose=("ctID",),
)
VERINT_DAILY: Final = ColumnMapping(
    "verint_daily",
    {"project": (1,), "interval_start": (2,), "volume": (3,), "aht_s": (4,)},
    header=False,
    form=TimeForm("%m-%d-%Y"),
    defaults={"interval_s": DAY},
)

PRESETS: Final[Mapping[str, ColumnMapping]] = {one.name: one for one in (NATIVE, CALABRIO, GENESYS, AMAZON, IEX_PIPE, VERINT_DAILY)}
