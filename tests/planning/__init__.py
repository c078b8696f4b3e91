"""Tests of the commands about plans."""
