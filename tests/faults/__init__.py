"""The table of faults on the simulator and on scripted time: one seeded case per row; the real servers are in `tests/lab`."""
