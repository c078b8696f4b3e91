"""Tests of `monitor.outputs.told`."""
