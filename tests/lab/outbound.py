"""A floor that calls out: its trunks, desks and queues, and how one of its calls is known to be whose.

Five clients, each told apart by another mark: shop by its trunk, bank by the context of its desks, taxi by the account code that the dialplan or the
phone sets, poll by the caller id it shows, alarm by the digit dialled before the number. Phones 10 to 12 are in no queue. Owns Asterisk's files for it,
which differ from the lab's own floor (`settings.py`); refuses deciding who calls whom: `campaign.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab import carrier
from tests.lab.settings import Ports

RING_SECONDS = 8  # Dial()'s patience
PHONES = 14
DESKS = {  # context: the project of the calls that begin there, and the phones
    "out-shop": ("shop-line", (1, 2, 3, 10, 13, 14)),
    "out-bank": ("bank-line", (4, 5)),
    "out-coded": ("taxi-line", (6, 11)),
    "out-named": ("poll-line", (7,)),
    "out-dialled": ("alarm-line", (8, 9)),
    "out-routed": ("bank-line", (12,)),  # by one trunk, and by another when that has no line free
}
ACCOUNTED = (11,)  # the code is the phone's own; the others' is set by the dialplan
ALARM_DIGIT = "7"
POLL_NUMBER = "0445550104"
QUEUES = {
    "shop": (1, 2, 3, 13, 14),
    "bank": (4, 5),
    "sales": (1, 2, 3, 9, 13, 14),  # where a dialer puts those who answered
}
EXTENSIONS = {"shop": "701", "bank": "702", "sales": "703"}


@dataclass(frozen=True)
class Project:
    """A client's outbound work: the key of `outbound` in the configuration that tells it, and the context where its agents sit."""

    name: str
    client: str
    told_by: str  # TOML
    queues: tuple[str, ...] = ()


PROJECTS = (
    Project("taxi-line", "Таксі", 'account_codes = ["taxi"]'),
    Project("poll-line", "Poll", f'caller_ids = ["{POLL_NUMBER}"]'),
    Project("alarm-line", "Alarm", f'prefixes = ["{ALARM_DIGIT}"]'),
    Project("bank-line", "Bank", 'contexts = ["out-bank", "out-routed"]', ("bank",)),
    Project("shop-line", "Shop", 'trunks = ["PJSIP/trunk-a"], dialer_queues = ["sales"]', ("shop",)),
)


def desk_of(phone: int) -> str:
    return next(desk for desk, (_, phones) in DESKS.items() if phone in phones)


def project_of(phone: int) -> str:
    return DESKS[desk_of(phone)][0]


def dialled(phone: int, number: str) -> str:
    """What is keyed in at that phone to reach a number."""
    return (ALARM_DIGIT if desk_of(phone) == "out-dialled" else "9") + number


def files(ports: Ports, lines: int) -> dict[str, str]:
    return {
        "pjsip.conf": _pjsip(ports, lines),
        "extensions.conf": _dialplan(),
        "queues.conf": _queues(),
        "cdr.conf": "[general]\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = yes\nloguniqueid = yes\nloguserfield = yes\nnewcdrcolumns = yes\n",
    }


def _pjsip(ports: Ports, lines: int) -> str:
    text = f"""[global]
type = global
endpoint_identifier_order = username,ip
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{ports.sip}
[trunk-a]
type = identify
endpoint = trunk-a
match = 127.0.0.1
"""
    for trunk in ("trunk-a", "trunk-b"):
        text += f"""[{trunk}]
type = endpoint
context = inbound
disallow = all
allow = ulaw
direct_media = no
aors = {trunk}
[{trunk}]
type = aor
contact = sip:127.0.0.1:{lines}
"""
    for number in range(1, PHONES + 1):
        code = "accountcode = taxi\n" if number in ACCOUNTED else ""
        text += f"""[agent{number}]
type = aor
contact = sip:agent{number}@127.0.0.1:{ports.phones}
qualify_frequency = 0
[agent{number}]
type = endpoint
context = {desk_of(number)}
aors = agent{number}
callerid = "Agent {number}" <{800 + number}>
disallow = all
allow = ulaw
direct_media = no
dtmf_mode = info
device_state_busy_at = 1
{code}"""
    return text


def _dialplan() -> str:
    def out(pattern: str, number: str, trunk: str, *first: str) -> str:
        steps = [*first, f"Dial(PJSIP/{number}@{trunk},{RING_SECONDS},T)", "Hangup()"]
        return f"exten => {pattern},1,{steps[0]}\n" + "".join(f" same => n,{step}\n" for step in steps[1:])

    text = "[general]\n"
    text += "[out-shop]\ninclude => floor\n" + out("_99XXXXXXXX", "${EXTEN:1}", "trunk-a")
    text += "[out-bank]\ninclude => floor\n" + out("_99XXXXXXXX", "${EXTEN}", "trunk-b")
    coded = 'ExecIf($["${CHANNEL(accountcode)}" = ""]?Set(CHANNEL(accountcode)=taxi))'
    text += "[out-coded]\ninclude => floor\n" + out("_99XXXXXXXX", "${EXTEN:1}", "trunk-b", coded)
    text += "[out-named]\ninclude => floor\n" + out("_99XXXXXXXX", "${EXTEN:1}", "trunk-b", f"Set(CALLERID(num)={POLL_NUMBER})")
    text += "[out-dialled]\ninclude => floor\n" + out(f"_{ALARM_DIGIT}9XXXXXXXX", "${EXTEN:1}", "trunk-b")
    text += "[out-routed]\ninclude => floor\n"
    text += out("_99XXXXXXXX", "${EXTEN:1}", "trunk-b", f"Dial(PJSIP/{carrier.NO_LINE}${{EXTEN:1}}@trunk-a,{RING_SECONDS},T)")
    text += "[dialer-out]\n" + out("_9XXXXXXXX", "${EXTEN}", "trunk-a")
    text += """[dialer]
exten => s,1,Queue(sales,t,,,20)
 same => n,Hangup()
[floor]
include => inbound
exten => _8XX,1,Dial(PJSIP/agent$[${EXTEN} - 800],12,T)
 same => n,Hangup()
[inbound]
"""
    for queue in QUEUES:
        text += f"exten => {EXTENSIONS[queue]},1,Queue({queue},t,,,30)\n same => n,Hangup()\nexten => plain-{queue},1,Goto({EXTENSIONS[queue]},1)\n"
    return text + "exten => _8XX,1,Goto(floor,${EXTEN},1)\n"


def _queues() -> str:
    text = "[general]\npersistentmembers = no\nautofill = yes\nlog_membername_as_agent = yes\n"
    for queue, phones in QUEUES.items():
        text += f"[{queue}]\nstrategy = rrmemory\ntimeout = 4\nretry = 1\nwrapuptime = 0\nringinuse = no\njoinempty = yes\nleavewhenempty = no\n"
        text += "".join(f"member => PJSIP/agent{phone},0,Agent {phone}\n" for phone in phones)
    return text
