"""Attempts of the large month: some 1.5 million by 500 people for 50 projects, in hours with and without a storm, before a law and under it.

Made person by person, so that no more than one's are in memory. A table's rows, never an assertion.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from monitor.core.contract import MINUTE, SECOND, Person, Project
from monitor.state.store import schema

EACH_DAY = 136
HOURS = 9
REGIONS = ("Kyiv", "Lviv", "Odesa", None)
LAW_FROM = 11  # of the working days


def rows(person: Person, projects: Sequence[Project], openings: Sequence[int]) -> list[tuple[object, ...]]:
    """One person's attempts on the days that open at these instants, as the table has them."""
    random = Random(person.id)
    return [_row(random, person, random.choice(projects), number, opening) for number, opening in enumerate(openings) for _ in range(EACH_DAY)]


def _row(random: Random, person: Person, project: Project, day: int, opening: int) -> tuple[object, ...]:
    at = opening + random.randrange(HOURS * 60 * MINUTE)
    stormy = (at // (180 * MINUTE) * 7 + day) % 8 == 0
    region = random.choice(REGIONS)
    contact = random.random() < 0.3
    talk = random.randrange(20 * SECOND, 200 * SECOND) if contact else 0
    known = {
        "pbx": "pbx1",
        "call": f"{at // SECOND}.{person.id}{random.randrange(1_000_000)}",
        "channel": "PJSIP/carrier-0000000b",
        "project": project.name,
        "direction": "outbound",
        "at": at,
        "agent": person.id,
        "status": "answer" if contact else "noanswer",
        "taken_at": at if contact else None,
        "ended_at": at + talk,
        "contact": int(contact),
        "talk_us": talk,
        "hold_us": 0,
        "handle_us": talk,
        "region": region,
        "signals": ",".join(name for name, on in (("law", day >= LAW_FROM), ("storm", stormy and region == "Kyiv")) if on),
    }
    return tuple(known[column.name] for column in schema.attempts.columns)
