"""Tests of `monitor.outputs.mqtt`."""
