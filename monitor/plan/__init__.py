"""What should have happened: pure reading and arithmetic of plans."""
