"""Reports from what the store keeps: figures and sentences in, a table, CSV, workbook or JSON out.

Owns a module per report and one per format, with `report` between them. Refuses options, files and the configuration (`reporting`), and
arithmetic that has a name in the trade (`assess`). Next: `report` has the shape, `formats` the ways to draw it.
"""
