"""Asterisk's configuration files for the lab's floor, as text by file name.

Owns the dialplan with its ways into a queue (one per behaviour that the driver wants to see), the phones, the two AMI
users and the queues. Decides nothing about running it: `pbx.py` writes these files and starts Asterisk on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab import world

SECRET = "lab-secret"
# fmt: off
UNWANTED = (
    "chan_sip", "chan_iax2", "chan_dahdi", "chan_ooh323", "chan_motif", "chan_unistim", "chan_mgcp", "chan_skinny", "chan_console", "chan_alsa",
    "chan_oss", "res_corosync", "res_xmpp", "res_snmp", "res_prometheus", "pbx_dundi", "pbx_ael", "pbx_lua", "cdr_pgsql", "cel_pgsql", "cdr_radius",
    "cel_radius", "cdr_tds", "cel_tds", "res_config_pgsql", "res_config_ldap", "app_voicemail_imap", "app_voicemail_odbc",
)
# fmt: on


@dataclass(frozen=True)
class Ports:
    """Where one Asterisk and its phones listen on loopback."""

    ami: int
    sip: int
    phones: int
    rtp: int


def manager(ports: Ports, secret: str = SECRET) -> str:
    return f"""[general]
enabled = yes
port = {ports.ami}
bindaddr = 127.0.0.1
timestampevents = yes
displayconnects = no
[floorwatch]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = system,call,agent
write = reporting
writetimeout = 5000
[driver]
secret = {SECRET}
read = system,call,agent,dialplan
write = all
writetimeout = 5000
"""


def files(major: str, ports: Ports) -> dict[str, str]:
    return {
        "modules.conf": "[modules]\nautoload = yes\n" + "".join(f"noload = {name}.so\n" for name in UNWANTED),
        "manager.conf": manager(ports),
        "pjsip.conf": _pjsip(ports),
        "rtp.conf": f"[general]\nrtpstart = {ports.rtp}\nrtpend = {ports.rtp + 499}\n",
        "extensions.conf": _dialplan(major),
        "queues.conf": _queues(),
        "logger.conf": "[general]\nqueue_log = yes\nqueue_log_to_file = yes\n[logfiles]\nmessages = notice,warning,error\n",
        "features.conf": "[general]\ntransferdigittimeout = 2\n[featuremap]\nblindxfer => #1\natxfer => *2\ndisconnect => *0\n",
        "ari.conf": "",
        "cel_sqlite3_custom.conf": "",
        "stir_shaken.conf": "",
        "http.conf": "[general]\nenabled = no\n",
        "cdr.conf": "[general]\nenable = yes\n",
    }


def _pjsip(ports: Ports) -> str:
    text = f"""[global]
type = global
endpoint_identifier_order = username,ip
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{ports.sip}
[trunk]
type = endpoint
context = inbound
disallow = all
allow = ulaw
direct_media = no
dtmf_mode = info
aors = trunk
[trunk]
type = aor
contact = sip:127.0.0.1:{ports.phones}
[trunk]
type = identify
endpoint = trunk
match = 127.0.0.1
"""
    for number in range(1, world.PHONES + 1):
        text += f"""[agent{number}]
type = aor
contact = sip:agent{number}@127.0.0.1:{ports.phones}
qualify_frequency = 0
[agent{number}]
type = endpoint
context = desk
aors = agent{number}
callerid = "Agent {number}" <{800 + number}>
disallow = all
allow = ulaw
direct_media = no
dtmf_mode = info
device_state_busy_at = 1
"""
    return text


def _dialplan(major: str) -> str:
    gosub = ",,greet" if major == "16" else ",greet"  # 16 still has the macro argument before the gosub
    wait = world.PATIENCE_SECONDS
    text = "[general]\n[inbound]\n"
    for each in world.QUEUES:
        name, other = each.name, world.NEXT_QUEUE[each.name]
        ways = {
            "plain": [f"Queue({name},tT,,,40)", "Hangup()"],
            "answered": ["Answer()", f"Queue({name},tT,,,40)", "Hangup()"],
            "key": ["Answer()", f"Queue({name},t,,,40)", "Hangup()"],
            "hangup": [f"Queue({name},t,,,{wait})", "Hangup()"],
            "goodbye": [f"Queue({name},t,,,{wait})", "Answer()", "Wait(2)", "Hangup()"],
            "over": [f"Queue({name},t,,,{wait})", f"Queue({other},t,,,30)", "Hangup()"],
            "again": [f"Queue({name},t,,,{wait})", f"Queue({name},t,,,30)", "Hangup()"],
            "round": [f"Queue({name},tn,,,40)", "Wait(1)", "Hangup()"],
            "announce": [f"Queue({name},t,,transfer,40)", "Hangup()"],
            "greet": [f"Queue({name},t,,,40,{gosub})", "Hangup()"],
            "cont": [f"Queue({name},thc,,,40)", "Wait(2)", "Hangup()"],
        }
        for way, steps in ways.items():
            text += f"exten => {way}-{name},1,{steps[0]}\n" + "".join(f" same => n,{step}\n" for step in steps[1:])
        text += f"exten => {world.extension(name)},1,Goto(plain-{name},1)\n"
    text += """exten => _8XX,1,Goto(desk,${EXTEN},1)
exten => 790,1,Goto(inbound,${REFERRED},1)
[desk]
include => inbound
exten => _8XX,1,Dial(PJSIP/agent$[${EXTEN} - 800],12)
 same => n,Hangup()
exten => _0XXX.,1,Dial(PJSIP/${EXTEN}@trunk,20)
 same => n,Hangup()
[localagents]
exten => _age[n]t.,1,Dial(PJSIP/${EXTEN},15)
 same => n,Hangup()
[greet]
exten => s,1,Wait(1.5)
 same => n,Return()
[exits]
exten => 5,1,Wait(2)
 same => n,Hangup()
exten => 6,1,Hangup()
[moved]
exten => s,1,Answer()
 same => n,Wait(2)
 same => n,Hangup()
exten => _7XX,1,Goto(inbound,${EXTEN},1)
"""
    return text


def _queues() -> str:
    text = "[general]\npersistentmembers = no\nautofill = yes\nlog_membername_as_agent = yes\n"
    for each in world.QUEUES:
        project = world.project_of(each.name)
        text += (
            f"[{each.name}]\nstrategy = {each.strategy}\ntimeout = {world.RING_SECONDS}\nretry = 1\n"
            f"wrapuptime = {each.wrapup_seconds}\nringinuse = no\njoinempty = yes\ncontext = exits\n"
            f"leavewhenempty = {'paused' if each.leave_when_empty else 'no'}\n"
            f"servicelevel = {project.threshold_seconds}\n"
        )
        text += "".join(f"member => {member}\n" for member in each.members)
    return text
