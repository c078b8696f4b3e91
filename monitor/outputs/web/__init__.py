"""HTTP: metrics, health and the JSON floor."""
