"""State: what outlives the daemon.

Owns what is on disk for ourselves and for later. Refuses deciding what happened: the core says it, this room remembers it.
Next: `store` keeps what is final.
"""
