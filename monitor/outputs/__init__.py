"""Edges that tell people what the floor is like. An output never calls the floor."""
