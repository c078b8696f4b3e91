"""Asterisk's Manager Interface: bytes to messages (protocol), a session (client), messages to events (translate)."""
