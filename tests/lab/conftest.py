"""The shifts that several modules of the lab ask questions of: one per version, played once for the whole session.

FLOORWATCH_LAB_CALLS and FLOORWATCH_LAB_SEED set size and order; the seed is printed. Beside the daemon that is judged to the call ride others
that have trouble (`RIDERS`): in the short run half of them on each version, in the long one all on both.
"""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.lab import judge, trouble
from tests.lab.driver import seed
from tests.lab.fetch import Unavailable
from tests.lab.judge import Figures
from tests.lab.rider import Rides
from tests.lab.shift import Shift, shift

CALLS = int(os.environ.get("FLOORWATCH_LAB_CALLS", "120"))
FULL = bool(os.environ.get("FLOORWATCH_FULL"))
VERSIONS = ("16", "22")
RIDERS = (
    {
        "16": (Rides("cut", trouble.cuts(3, 5.0)), Rides("killed", trouble.kills(2))),
        "22": (Rides("unlogged", trouble.cuts(2, 5.0), log=False, waits=True), Rides("swallowed", trouble.swallows(1, 4.0))),
    }
    if not FULL
    else dict.fromkeys(
        VERSIONS,
        (
            Rides("cut", trouble.cuts(5, 60.0)),
            Rides("unlogged", trouble.cuts(5, 60.0), log=False, waits=True),
            Rides("swallowed", trouble.swallows(3, 15.0)),
            Rides("killed", trouble.kills(10)),
            Rides("stalled", trouble.stalls(2.0, 12.0)),
        ),
    )
)


@pytest.fixture(scope="session")
def shifts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shift | Unavailable]:
    """Both versions at once; what cannot be had stands here as the reason."""
    chosen = seed()
    print(f"\nlab: {CALLS} calls on Asterisk {' and '.join(VERSIONS)}, FLOORWATCH_LAB_SEED={chosen}")

    async def one(major: str) -> Shift | Unavailable:
        folder, limit = tmp_path_factory.mktemp(f"asterisk-{major}"), (600 if FULL else 240) + CALLS
        try:
            return await shift(major, folder, calls=CALLS, seed=chosen + int(major), limit=limit, riders=RIDERS[major])
        except Unavailable as missing:
            return missing

    async def both() -> list[Shift | Unavailable]:
        return await asyncio.gather(*(one(major) for major in VERSIONS))

    return dict(zip(VERSIONS, asyncio.run(both()), strict=True))


@pytest.fixture(params=VERSIONS)
def played(request: pytest.FixtureRequest, shifts: dict[str, Shift | Unavailable]) -> Shift:
    result = shifts[request.param]
    if isinstance(result, Unavailable):
        pytest.skip(f"Asterisk {request.param}: {result}")
    print(f"{result.package}, {len(result.truth.visits)} queue calls in {result.wall_seconds:.0f} s, seed {result.seed}")
    return result


@pytest.fixture
def counted(played: Shift) -> dict[str, Figures]:
    return judge.figures(played.rows, played.redirected, played.truth.visits)
