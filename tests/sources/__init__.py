"""Tests of the edge that listens: AMI on the wire, recordings, a fake PBX."""
