"""A checkpoint is read by the version that comes next: what is in it must be what that version takes it for."""

from __future__ import annotations

from tests.state.layout import FILE, layout

REMEDY = (
    "the layout of what is kept has changed: if the one in layout.txt was released, raise FORMAT in monitor/state/records.py, "
    "so that older checkpoints are not read as what they are not; then python -m tests.state.layout"
)


def test_the_layout_is_the_one_the_format_stands_for() -> None:
    known, now = FILE.read_text(encoding="utf-8").splitlines(), layout().splitlines()
    changed = sorted({*known} ^ {*now})
    assert not changed, f"{REMEDY}\n" + "\n".join(changed)
