"""What people and their programs tell, read from JSON and answered in JSON: the same words by HTTP and by MQTT."""
