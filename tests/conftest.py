"""What holds for every test: nothing blocks the loop or leaves asyncio complaining, nothing is skipped in CI, golden files are compared as text.

Owns the options and fixtures that more than one test module needs. Refuses helpers of a single room: those live beside its tests.
"""

from __future__ import annotations

import difflib
import gc
import logging
import os
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import structlog
from blockbuster import blockbuster_ctx
from hypothesis import settings

settings.register_profile("short", deadline=None, print_blob=True, max_examples=60)
settings.register_profile("full", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile("full" if os.environ.get("FLOORWATCH_FULL") else "short")

for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:  # in the background of a script, under nohup: what a test starts would be deaf to them too
        signal.signal(number, usual)

pytest_plugins = ["tests.wire"]  # the whole suite's AMI traffic is one test

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew instead of comparing with them")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a test that skips has failed: there everything has to be had."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped with CI=true: {reason}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """A blocking call that monitor makes inside a running event loop raises; but what a journal is told is written before anybody is shown it."""
    with blockbuster_ctx("monitor") as watch:
        for function in watch.functions.values():
            function.can_block_in("monitor/state/keeper.py", {"flush", "tick"})
            function.can_block_in("monitor/state/copying.py", {"begin"})  # the copy has no loop to hold up
        yield


@pytest.fixture(autouse=True)
def _logs_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that is run here sets up how its process logs; the tests after it are not to hear of that."""
    before, root, configure = structlog.get_config(), logging.getLogger(), structlog.configure
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(structlog, "configure", lambda **how: configure(**(how | {"cache_logger_on_first_use": False})))
    yield
    configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


class _Complaints(logging.Handler):
    """What asyncio logs as an error: an exception nobody fetched, a callback that failed, a task destroyed while it was pending."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{os.environ.get('PYTEST_CURRENT_TEST', 'the end of the run')}: {self.format(record)}")

    def check(self) -> None:
        said, self.said = self.said, []
        assert not said, "\n".join(said)


@pytest.fixture(scope="session")
def _complaints() -> Iterator[_Complaints]:
    complaints = _Complaints()
    logger = logging.getLogger("asyncio")
    logger.addHandler(complaints)
    yield complaints
    gc.collect()  # what hangs in a cycle complains only now, and names the test it complained in
    logger.removeHandler(complaints)
    complaints.check()


@pytest.fixture(autouse=True)
def _asyncio_has_nothing_to_complain_about(_complaints: _Complaints) -> Iterator[None]:
    """What would be an ERROR in an operator's log is a failed test."""
    yield
    _complaints.check()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(path, text)`: the text is what the file holds, or `make golden` writes it."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"{path} does not exist: make golden writes it")
        held = path.read_text(encoding="utf-8")
        if held != text:
            difference = difflib.unified_diff(held.splitlines(), text.splitlines(), str(path), "now", lineterm="", n=1)
            pytest.fail("\n".join(list(difference)[:80]) + "\n(make golden writes it anew)", pytrace=False)

    return compare
