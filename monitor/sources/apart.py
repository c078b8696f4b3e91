"""A question answered in a process of its own, so that neither the loop nor the memory of the daemon pays.

Owns that process: its beginning, the time it may take, its end whenever nobody waits for it any more. Whatever goes wrong in it is one
sentence. Refuses what is asked: `code` reads the question from standard input and writes the answer to standard output; both are ours on
both sides. Next: `told` and `finding` ask.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path

import monitor

GONE_S = 1.0


async def ask(code: str, question: object, patience_s: float) -> bytes | str:
    """What the process wrote, or what went wrong; cancelled, the process is ended."""
    environment = {**os.environ, "PYTHONPATH": str(Path(monitor.__file__).parents[1])}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(patience_s):
            out, said = await process.communicate(pickle.dumps(question))
    except TimeoutError:
        return f"was not read within {patience_s:g} s"
    finally:
        if process.returncode is None:
            process.kill()
            with suppress(TimeoutError):  # one that hangs in its disk cannot be killed: nobody waits for that
                async with asyncio.timeout(GONE_S):
                    await process.wait()
    if process.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        return f"could not be told: {''.join(last) or f'exit code {process.returncode}'}"
    return out
