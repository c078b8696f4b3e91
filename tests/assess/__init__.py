"""Tests of what the figures mean."""
