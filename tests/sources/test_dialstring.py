"""The number in a dial string, however a channel driver writes it."""

from __future__ import annotations

import pytest

from monitor.sources.ami.dialstring import number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("380441234567@carrier", "380441234567"),
        ("+380441234567@carrier", "+380441234567"),
        ("carrier/sip:380441234567@10.0.0.1:5060", "380441234567"),
        ("carrier/sip:380441234567@10.0.0.1;user=phone", "380441234567"),
        ("carrier/380441234567", "380441234567"),
        ("g1/9w0441234567", ""),
        ("g1/0441234567", "0441234567"),
        ("*21*7@carrier", "*21*7"),
        ("agent9", ""),
        ("s@caller/n", ""),
        ("agent9/sip:agent9@10.0.0.7:5061", ""),
        ("", ""),
        ("@", ""),
        ("/", ""),
    ],
)
def test_what_was_dialled(text: str, number: str) -> None:
    assert number_in(text) == number
