"""The commands around plans: show one, bring one in, scale one, make one of the past. None of them touches a daemon: they say how to have it reload.

Owns what they read, say and write, a file each. Refuses what rows mean (`plan`) and options (`cli`).
"""
