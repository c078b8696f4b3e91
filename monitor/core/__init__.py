"""The floor itself: pure, without a clock, I/O or logs. Time comes in as integer microseconds (UTC epoch)."""
