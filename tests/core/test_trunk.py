"""Whose line a channel is, by its name."""

from __future__ import annotations

import pytest

from monitor.core.trunk import Trunk, TrunkId, line_of


@pytest.mark.parametrize(
    ("channel", "device"),
    [
        ("PJSIP/kyivstar-0000002a", "PJSIP/kyivstar"),
        ("PJSIP/kyivstar-2-0000002a", "PJSIP/kyivstar-2"),
        ("SIP/10.0.0.5-000000ff", "SIP/10.0.0.5"),
        ("IAX2/kyiv-tel-12345", "IAX2/kyiv-tel"),
        ("DAHDI/i1/380441234567-3", "DAHDI/i1"),
        ("DAHDI/4-1", "DAHDI/4"),
        ("PJSIP/kyivstar-0000002a<MASQ>", None),
        ("AsyncGoto/PJSIP/kyivstar-0000002a<ZOMBIE>", None),
        ("AsyncGoto/PJSIP/kyivstar-0000002a", None),
        ("Local/0501234567@trunks-0000002a;2", None),
        ("log/1", "log/1"),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_channel_is_a_line_of_its_device(channel: str, device: str | None) -> None:
    assert line_of(channel) == device


def test_an_isdn_channel_says_nothing_of_who_calls() -> None:
    assert "380441234567" not in str(line_of("DAHDI/i1/380441234567-3"))


def test_a_trunk_has_the_devices_it_names_and_those_its_patterns_fit() -> None:
    trunk = Trunk(TrunkId("pbx1", "kyivstar"), ("PJSIP/kyivstar", "SIP/ks-*"), 30)
    assert [trunk.has(device) for device in ("PJSIP/kyivstar", "SIP/ks-1", "SIP/ks", "PJSIP/kyivstar2", "pjsip/kyivstar")] == [True, True, False, False, False]
    assert trunk.devices == ("PJSIP/kyivstar",)
    assert str(trunk.id) == "pbx1/kyivstar"
