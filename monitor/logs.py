"""How the daemon speaks to its operator: one line per fact on standard error, logfmt or JSON, through structlog.

Owns the set-up only. Secrets never reach it (they live in `config.Secret`), callers' numbers neither. Other libraries' stdlib logs go
the same way, with two exceptions: panoramisk is silent, since it logs whole actions, the login's key included, when a write fails; and
what strangers send to the web server is no error of ours.
"""

from __future__ import annotations

import logging
import sys

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import Processor


def set_up(level: str, form: str) -> None:
    """Log at `level` and above as `logfmt` or `json`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event"), drop_missing=True, bool_as_flag=False)
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("panoramisk").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_no_bad_requests)


def _no_bad_requests(record: logging.LogRecord) -> bool:
    """Who sends what is no HTTP gets a 400 and no traceback in our log; an error of our own has both its line and its traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
