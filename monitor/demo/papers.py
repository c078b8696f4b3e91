"""The papers of the simulated centre: configuration, agents file, plan, and what clients pay and signed, as texts.

Owns their wording; they are what a real site would write. Refuses files (the rehearsal puts them into a folder) and other formats.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Final

from monitor.core.contract import SECOND
from monitor.demo.demand import planned
from monitor.demo.roster import WORKERS
from monitor.demo.world import BANK, CAMPAIGN, COLLECT, LINES, PBX, SHOP, SITE, TAXI, TRUNKS, ZONE, Line

USERNAME: Final = "floorwatch"
DAYS: Final = 35  # planned, from today on: to the end of the billing period, and at high speed a demo lives for days

_PAUSES: Final = 'lunch = "unpaid", break = "paid", training = "paid", shelter = "paid", wrapup = "acw"'

# Each client pays in another way.
_PRICES: Final = {
    BANK.project: """\
telecom_per_minute = "0.35"

[[project.tariff]]
from = 2026-01-01
per_minute = "10.50"
base = "talk+hold"
minimum_seconds = 30
minimum = { share_of_contract_plan = 0.95 }
sl_adjust = { period = "month", bands = [{ at_least = 0.80, percent = 0 }, { at_least = 0, percent = -5 }], exclude = ["power", "pbx", "trunk"] }
""",
    SHOP.project: """\
telecom_per_minute = "0.35"

[[project.tariff]]
from = 2026-01-01
per_call = { price = "34.00", min_talk_seconds = 10 }
""",
    TAXI.project: """\

[[project.tariff]]
from = 2026-01-01
per_agent_hour = { price = "330.00", base = "available+handle", allocation = "handle" }
""",
    COLLECT.project: """\

[[project.tariff]]
from = 2026-01-01
flat_month = { amount = "360000.00", included_volume = 3500, overage = "24.00" }
""",
}


def configuration(*, ami_port: int, web_port: int, store: str = "") -> str:
    """The daemon's configuration; every file lies in its folder."""
    head = f"""\
[site]
name = "{SITE}"
timezone = "{ZONE.key}"
language = "en"
currency = "UAH"
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
wage_per_hour = "180.00"
max_occupancy = 0.88
min_occupancy = 0.60
pause_reasons = {{ {_PAUSES}, chat = {{ class = "work", project = "shop-line" }} }}

[[group]]
name = "collectors"
unreachable_grace_seconds = 300
wage_per_hour = "180.00"
pause_reasons = {{ {_PAUSES}, notes = {{ class = "work", project = "collect-line" }} }}

[agents]
file = "agents.csv"

[plan]
file = "plan.csv"
contract_file = "signed.csv"

[money]
fixed_cost_per_day = "7000.00"
cash_reserve = "160000.00"
vat = 0.20
night = {{ from = "22:00", to = "06:00", multiplier = 1.2 }}

[state]
directory = ""

[store]
url = "{store}"

[web]
listen = "127.0.0.1:{web_port}"
names = true
money = true
"""
    projects = [
        f"""
[[project]]
name = "{line.project}"
client = "{line.client}"
group = "{line.group}"
queues = {json.dumps(line.queues)}
{_outbound(line)}hours = "{line.hours}"
wrapup_seconds = {line.wrapup_s}
aht_seconds = {line.aht_s}
service_level = {{ threshold_seconds = {line.threshold_s}, target = {line.target} }}
{_PRICES[line.project]}"""
        for line in LINES
    ]
    trunks = [f'\n[[trunk]]\nname = "{trunk}"\nchannels = ["PJSIP/{trunk}"]\ncapacity = 30\n' for trunk in TRUNKS]
    return head + "".join(projects + trunks)


def _outbound(line: Line) -> str:
    """What its campaign goes over, if it has one."""
    return f'outbound = {{ trunks = ["PJSIP/{CAMPAIGN.trunk}"] }}\n' if line is CAMPAIGN.line else ""


def agents_file() -> str:
    """Who the people behind the phones are."""
    rows = [f"{worker.employee_id},{worker.name},{worker.interface},{worker.group},180.00,," for worker in WORKERS]
    return "\n".join(["employee_id,name,interfaces,group,wage,from,to", *rows, ""])


def signed(day: date) -> str:
    """What the bank signed: as many contacts as were planned."""
    head, *rows = plan(day).splitlines()
    return "\n".join([head, *(row for row in rows if row.startswith(f"{BANK.project},")), ""])


def plan(day: date) -> str:
    """The plan of `day` and the days after it, in the native format."""
    rows = ["project,interval_start,volume,aht_s,direction,interval_s,scheduled,contact_rate"]
    for ahead in range(DAYS):
        for row in planned(day + timedelta(days=ahead)):
            start = datetime.fromtimestamp(row.start // SECOND, ZONE).isoformat(timespec="minutes")
            direction, rate = ("inbound", "") if row.reached is None else ("outbound", row.reached)
            rows.append(f"{row.line.project},{start},{row.volume:.2f},{row.aht_s},{direction},1800,{row.scheduled:.2f},{rate}")
    return "\n".join([*rows, ""])
