"""`floorwatch report`: from what was typed to a file or a page of text.

Owns checking what was asked for, opening the store to read, and where a report goes. Refuses what is in it and how it is drawn
(`outputs.reports`). Next: `wish` is what was typed, `span` the days it means, `making` does it.
"""
