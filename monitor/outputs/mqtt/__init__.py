"""MQTT: the floor as retained topics, and what people's programs tell."""
