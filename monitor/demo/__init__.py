"""A simulated outsourcer: its people, its clients' callers, and a PBX that speaks AMI as Asterisk 22 does."""
