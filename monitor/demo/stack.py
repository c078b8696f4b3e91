"""What a monitoring stack needs to watch the demo: files as texts.

Owns their content; `rehearsal` writes them. Refuses anything this version does not export.
"""

from __future__ import annotations

SCRAPE_SECONDS = 5


def files(web_port: int) -> dict[str, str]:
    """Name and text of every file, for a demo that serves on `web_port` of this machine."""
    return {"prometheus.yml": _prometheus(web_port)}


def _prometheus(web_port: int) -> str:
    return f"""\
# Scrapes the demo on this machine. Start it in this folder, then open http://127.0.0.1:9090/ and ask for callcenter_agents:
#
#   prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:9090
#
# Rates over time are true at --speed 1; at --speed 10 the floor lives ten seconds in each of Prometheus' seconds.

global:
  scrape_interval: {SCRAPE_SECONDS}s
  evaluation_interval: {SCRAPE_SECONDS}s

scrape_configs:
  - job_name: floorwatch
    static_configs:
      - targets: ["127.0.0.1:{web_port}"]
"""
