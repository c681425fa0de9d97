"""Structured logs: JSON lines on standard error, with what must not be written taken out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys whose values are never written, whoever logs them.
_SECRET_KEYS = frozenset(
    {
        "authorization", "code", "code_verifier", "client_secret", "client_assertion", "refresh_token",
        "access_token", "id_token", "id_token_hint", "password", "token", "number", "name", "mobile",
        "identifier", "login_hint", "cookie",
    }
)  # fmt: skip
# Document numbers and mobile numbers, wherever they stand in a text.
_NUMBERS = re.compile(r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14}|1[3-9][0-9]{9})(?![0-9])")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets and numbers out of a log event."""
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = _NUMBERS.sub("[number]", value)
    return event


def configure_logs(level: str) -> None:
    """Set logging up for a process; call once at its start."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
