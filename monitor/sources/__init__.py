"""Edges that tell the core what happened."""
