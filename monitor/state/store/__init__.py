"""The store: what is final, for reports and for years, in SQLite or PostgreSQL.

Owns the way from the floor's rolls into tables and back. Refuses making anybody wait: a database that is slow, full or away costs detail,
after a long time, and never a metric. Inside: `place` connects, `migrations` and `schema` shape, `writer` writes what `clerk` brings, `ageing`
takes away what is old, `reader` reads; `backup` and `forgetting` are for commands.
"""
