"""All tables, one after the other."""

from __future__ import annotations

import asyncio
import sys

from tests.bench import cpu, judging, keeping, money, month, pipeline, scrape, told


def show(title: str, rows: list[tuple[str, ...]]) -> None:
    """Print a table."""
    sys.stdout.write(f"\n{title}\n")
    for row in rows:
        sys.stdout.write(f"  {row[0]:<36}" + "".join(f"{cell:>18}" for cell in row[1:]) + "\n")
    sys.stdout.flush()


show("Bytes to ledger, two recorded minutes of a real Asterisk 22 (median of several rounds)", pipeline.table())
show("CPU per call, the same stream over a real socket (busy minus idle)", asyncio.run(cpu.table()))
show(f"A scrape of {scrape.PEOPLE} agents and {scrape.PROJECTS} projects", [scrape.HEAD, *asyncio.run(scrape.table())])
show("What it costs that nothing is forgotten", keeping.table())
show("Judging the floor, each step by itself", judging.table())
show(f"Money each second, {money.PROJECTS} projects in {money.GROUPS} groups, {money.DAYS} days before", money.table())
show("Today so far, told by queue_log at the start", asyncio.run(told.table()))
show("A month of 500 agents and 50 projects, each report a process", month.table())
