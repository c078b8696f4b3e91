"""Configurations good and bad (the files), and the small grammars in them (the tests)."""
