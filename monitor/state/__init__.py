"""What outlives the process: a journal of every operation on what is kept, a checkpoint now and then, and a store of what is final.

    Keeping ── each operation ──► keeper ── plain write ──► journal-0000000007   before anybody is shown what came of it
       ├────── now and then ────► checkpoint, by a forked child; older journals go
       └────── what is final ───► clerk ──► store: SQLite or PostgreSQL, for reports

A start is the checkpoint and what the journals have since then (`recovery`). Owns files, their formats and the lock on the folder.
Refuses the meaning of what is kept: to `state` it is one object and a list of operations. Next: `resume` lets a floor go on from it.
"""
