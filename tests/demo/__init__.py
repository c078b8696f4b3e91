"""Tests of the demo: that the simulated PBX says what a real Asterisk 22 says, and that its people behave."""
