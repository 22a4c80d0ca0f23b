"""The log: one JSON object a line on standard error, with a stable `action` word each.

Nothing of a person's data is logged: ids, states, codes and counts only.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog


def configure() -> None:
    """Set the log up, once a process. Libraries' own loggers are quiet below warnings."""
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")
    # They log what mail servers say, and that may hold addresses.
    for name in ("imapclient", "imaplib", "aiosmtplib", "uvicorn", "uvicorn.error", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    silence_readers()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("action"),
            _where_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def silence_readers() -> None:
    """Keep the log of bounce formats shut: it repeats lines of the mail it cannot read."""
    logging.getLogger("flufl.bounce").disabled = True


def _where_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Replace a traceback by the places it passed: values in it may be a person's."""
    if not event.pop("exc_info", None):
        return event
    frames = []
    trace = sys.exc_info()[2]
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {**event, "at": frames[-8:]}
