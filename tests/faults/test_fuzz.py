"""A short run of the fuzzer: whatever bytes come, the daemon lives, answers, conserves visits and sees again. The long run is `make fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fuzz import pour


@pytest.mark.parametrize(("seed", "pieces"), [(1, 12), *(pytest.param(seed, 100, marks=pytest.mark.full) for seed in range(2, 8))])
@pytest.mark.timeout(300)
async def test_no_bytes_end_the_daemon_or_make_it_lie(tmp_path: Path, seed: int, pieces: int) -> None:
    poured = await pour(tmp_path, seed, pieces)
    assert poured.wrong == []
    assert poured.events > 10 * pieces, "some of it is understood, so that what is not matters"
