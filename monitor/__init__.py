"""Floorwatch: what the floor of an Asterisk contact centre does, second by second, against its plan.

Owns the version and nothing else. Refuses imports, so that `import monitor.core` costs nothing but core. Next: `monitor.__main__`.
"""

__version__ = "0.6.0"
