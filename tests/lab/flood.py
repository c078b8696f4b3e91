"""A program that floods: `flood.py PORT ROOT GOOD BAD` sends so many results and so much nonsense between them, as fast as the broker takes it."""

from __future__ import annotations

import json
import sys

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

KINDS = (
    (b"nonsense", "result/bank"),
    (b'{"kind": 7}', "incident/set"),
    (b"[]", "contacts/bank"),
    (b'{"disposition": "sale"}', "result/bank"),
    (b'{"disposition": "sale", "key": "x"}', "result/nobody"),
    (b"\xff\xfe\x00", "incident/set"),
    (b"[" * 5000, "contacts/bank"),
)


def main() -> None:
    port, root, good, bad = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(65_535)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent: list[MQTTMessageInfo] = []
    every = bad // good
    for number in range(bad):
        payload, topic = KINDS[number % len(KINDS)]
        sent.append(client.publish(f"{root}/{topic}", payload, qos=1))
        if number % every == 0:
            sale = json.dumps({"disposition": "sale", "key": f"order {number}"})
            sent.append(client.publish(f"{root}/result/bank", sale, qos=1))
    for one in sent:
        one.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main()
