"""Tests of what outlives the daemon."""
