"""What the shipped detectors really do on simulated days, beside the figures the domain promises. `make calibrate`."""
