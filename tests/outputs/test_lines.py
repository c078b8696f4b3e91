"""Text of samples: what is escaped, how a histogram adds up, whose labels are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.counters import Waits
from monitor.outputs.lines import Labels, histogram, label, seconds
from tests.outputs import hand
from tests.outputs.reading import text_families


@pytest.mark.parametrize(
    ("value", "text"),
    [("plain", "plain"), ('say "hi"', r"say \"hi\""), ("back\\slash", r"back\\slash"), ("two\nlines", r"two\nlines"), (r"\n", r"\\n"), ("", "")],
)
def test_a_label_value_is_escaped(value: str, text: str) -> None:
    assert label("queue", value) == f'queue="{text}"'


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")))
def test_any_name_comes_back_from_a_parser(name: str) -> None:
    (family,) = text_families(f"a{{{label('queue', name)}}} 1\n")
    assert family.samples[0].labels == {"queue": name}


@given(st.lists(st.integers(0, 700_000_000), max_size=40))
def test_a_histogram_is_cumulative_and_complete(waits_us: list[int]) -> None:
    bounds = (5_000_000, 20_000_000, 600_000_000)
    waits = Waits(bounds, [0, 0, 0, 0])
    for wait in waits_us:
        waits.observe(wait)
    text = histogram("w", 'queue="a"', bounds, waits.counts, waits.sum_us)
    expected = [sum(wait <= bound for wait in waits_us) for bound in bounds]
    assert text.splitlines() == [
        f'w_bucket{{queue="a",le="5.0"}} {expected[0]}',
        f'w_bucket{{queue="a",le="20.0"}} {expected[1]}',
        f'w_bucket{{queue="a",le="600.0"}} {expected[2]}',
        f'w_bucket{{queue="a",le="+Inf"}} {len(waits_us)}',
        f'w_sum{{queue="a"}} {sum(waits_us) / 1_000_000}',
        f'w_count{{queue="a"}} {len(waits_us)}',
    ]


def test_a_histogram_without_labels_has_no_empty_braces() -> None:
    assert histogram("w", "", (1_000,), (1, 1), 2_500) == 'w_bucket{le="0.001"} 1\nw_bucket{le="+Inf"} 2\nw_sum 0.0025\nw_count 2\n'


def test_seconds_are_divided_once_and_exactly() -> None:
    assert [seconds(us) for us in (0, 1, 1_500_000, 1_764_000_000_000_001)] == [0.0, 1e-06, 1.5, 1764000000.000001]


def test_labels_of_one_client_hold_nobody_elses_groups_or_queues() -> None:
    labels = Labels(hand.contract(), "Shop")
    assert [project.name for project, _ in labels.projects] == ["shop-line"]
    assert list(labels.queue) == [("shop-line", hand.SHOP)]
    assert labels.groups == ()
