"""Record and replay: a real session under pseudonyms, and the same session through the same pipeline again.

Owns two commands' work: `record` runs the AMI client and an engine and writes down what they were told, `replay` feeds that to an engine
whose clock is the recording's. `summary` says what came of either, in the same words. Refuses printing (`cli`). The grammar of the file is
`sources.taping` and `sources.recording`.
"""
