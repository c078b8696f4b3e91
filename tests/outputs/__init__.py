"""Tests of what tells people: the exposition, the web server, the API."""
