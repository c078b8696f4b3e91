"""A PBX as FreePBX makes it: queues are numbers, members are Local channels whose state is a hint, everybody rings, nobody logs in.

Owns the files that differ from the lab's own floor (`settings.py`): phones 101 to 106, queues 600 and 601, FreePBX's empty `default`, and
the numbers of two clients that lead into them. Refuses FreePBX itself, which is a panel over these files.
"""

from __future__ import annotations

from tests.lab.settings import Ports

PHONES = {101: "Олена Коваль", 102: 'Ірина "Іра" Шевчук', 103: "=cmd('calc')", 104: "Шевченко, Тарас", 105: "Юрій Їжак", 106: "106"}
QUEUES = {"600": (101, 102, 103), "601": (103, 104, 105, 106)}
DIDS = {"0445550101": "600", "0445550102": "601"}


def files(ports: Ports) -> dict[str, str]:
    return {"pjsip.conf": _pjsip(ports), "extensions.conf": _dialplan(), "queues.conf": _queues()}


def _pjsip(ports: Ports) -> str:
    text = f"""[global]
type = global
endpoint_identifier_order = username,ip
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{ports.sip}
[provider]
type = endpoint
context = from-trunk
disallow = all
allow = ulaw
direct_media = no
aors = provider
[provider]
type = aor
contact = sip:127.0.0.1:{ports.phones}
[provider]
type = identify
endpoint = provider
match = 127.0.0.1
"""
    for number in PHONES:
        text += f"""[{number}]
type = aor
contact = sip:agent{number}@127.0.0.1:{ports.phones}
qualify_frequency = 0
[{number}]
type = endpoint
context = from-internal
aors = {number}
disallow = all
allow = ulaw
direct_media = no
device_state_busy_at = 1
"""
    return text


def _dialplan() -> str:
    text = "[general]\n[from-trunk]\n"
    for did, queue in DIDS.items():
        text += f"exten => {did},1,Set(FROM_DID={did})\n same => n,Goto(ext-queues,{queue},1)\n"
    text += "[ext-queues]\n"
    for queue, patience in (("600", 40), ("601", 3)):
        text += f"exten => {queue},1,Answer()\n same => n,QueueLog({queue},${{UNIQUEID}},NONE,DID,${{FROM_DID}})\n"
        text += f" same => n,Queue({queue},t,,,{patience})\n same => n,Wait(1)\n same => n,Hangup()\n"
    text += "[from-queue]\nexten => _1XX,1,Dial(PJSIP/${EXTEN},15)\n same => n,Hangup()\n[ext-local]\n"
    for number in PHONES:
        text += f"exten => {number},hint,PJSIP/{number}\nexten => {number},1,Dial(PJSIP/{number},15)\n same => n,Hangup()\n"
    return text + "[from-internal]\ninclude => ext-local\n"


def _queues() -> str:
    text = "[general]\npersistentmembers = yes\nautofill = yes\n[default]\nstrategy = ringall\n"
    for queue, members in QUEUES.items():
        text += f"[{queue}]\nstrategy = ringall\ntimeout = 15\nretry = 1\nwrapuptime = 0\nringinuse = no\njoinempty = yes\nleavewhenempty = no\n"
        for number in members:
            name = PHONES[number].replace('"', '\\"')
            name = f'"{name}"' if "," in name or '"' in name else name
            text += f"member => Local/{number}@from-queue/n,0,{name},hint:{number}@ext-local\n"
    return text
