"""Tests of the plan: its arithmetic and its files."""
