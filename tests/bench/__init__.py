"""Speeds of this machine as tables: `python -m tests.bench`; nothing here is asserted."""
