"""The files of --write-stack, by the program that reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.demo import stack


def test_promtool_accepts_the_configuration(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not on this machine: make servers fetches it")
    for name, text in stack.files(9877).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [promtool, "check", "config", "--lint=all", "--lint-fatal", str(tmp_path / "prometheus.yml")], check=False, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_scrapes_the_demo_where_it_is() -> None:
    text = stack.files(12_345)["prometheus.yml"]
    assert '"127.0.0.1:12345"' in text
    assert "scrape_interval: 5s" in text
    assert "prometheus --config.file=prometheus.yml" in text
