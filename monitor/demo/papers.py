"""The papers of the simulated centre: configuration, agents file and plan, as texts.

Owns their wording; they are what a real site would write. Refuses files (the rehearsal puts them into a folder) and other formats.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Final

from monitor.core.contract import SECOND
from monitor.demo.demand import planned
from monitor.demo.roster import WORKERS
from monitor.demo.world import LINES, PBX, SITE, ZONE

USERNAME: Final = "floorwatch"
DAYS: Final = 7  # planned, from today on: at high speed a demo lives for days

_PAUSES: Final = 'lunch = "unpaid", break = "paid", training = "paid", shelter = "paid", wrapup = "acw"'


def configuration(*, ami_port: int, web_port: int) -> str:
    """The daemon's configuration; every file lies in its folder."""
    head = f"""\
[site]
name = "{SITE}"
timezone = "{ZONE.key}"
language = "en"
interval_minutes = 30

[[pbx]]
name = "{PBX}"
host = "127.0.0.1"
port = {ami_port}
username = "{USERNAME}"
secret_file = "ami-secret"
queue_log = "queue_log"

[[group]]
name = "floor"
presence = "member"
unreachable_grace_seconds = 300
max_occupancy = 0.88
min_occupancy = 0.60
pause_reasons = {{ {_PAUSES}, chat = {{ class = "work", project = "shop-line" }} }}

[[group]]
name = "collectors"
unreachable_grace_seconds = 300
pause_reasons = {{ {_PAUSES}, notes = {{ class = "work", project = "collect-line" }} }}

[agents]
file = "agents.csv"

[plan]
file = "plan.csv"

[state]
directory = ""

[store]
url = ""

[web]
listen = "127.0.0.1:{web_port}"
names = true
"""
    projects = [
        f"""
[[project]]
name = "{line.project}"
client = "{line.client}"
group = "{line.group}"
queues = {json.dumps(line.queues)}
hours = "{line.hours}"
wrapup_seconds = {line.wrapup_s}
aht_seconds = {line.aht_s}
service_level = {{ threshold_seconds = {line.threshold_s}, target = {line.target} }}
"""
        for line in LINES
    ]
    return head + "".join(projects)


def agents_file() -> str:
    """Who the people behind the phones are."""
    rows = [f"{worker.employee_id},{worker.name},{worker.interface},{worker.group},180.00,," for worker in WORKERS]
    return "\n".join(["employee_id,name,interfaces,group,wage,from,to", *rows, ""])


def plan(day: date) -> str:
    """The plan of `day` and the days after it, in the native format."""
    rows = ["project,interval_start,volume,aht_s,direction,interval_s,scheduled"]
    for ahead in range(DAYS):
        for row in planned(day + timedelta(days=ahead)):
            start = datetime.fromtimestamp(row.start // SECOND, ZONE).isoformat(timespec="minutes")
            direction = "outbound" if row.outbound else "inbound"
            rows.append(f"{row.line.project},{start},{row.volume:.2f},{row.aht_s},{direction},1800,{row.scheduled:.2f}")
    return "\n".join([*rows, ""])
