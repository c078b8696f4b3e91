"""A model of Asterisk 22.10.1 with app_queue and PJSIP phones: what happens on it, and the AMI events and queue_log rows that tell of it."""
