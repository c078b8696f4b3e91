"""What the floor's figures mean: pure arithmetic over a frozen snapshot and the plan."""
