"""Tests of the pure core: what happened on a floor, told in its own events."""
