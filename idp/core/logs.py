"""Structured logs: JSON lines on standard error, with what must not be written taken out."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# Keys whose values are never written, whoever logs them.
_SECRET_KEYS = frozenset(
    {
        "authorization", "code", "code_verifier", "client_secret", "client_assertion", "refresh_token",
        "access_token", "id_token", "id_token_hint", "password", "token", "number", "name", "mobile",
        "identifier", "login_hint", "cookie", "secret", "email", "person_name", "real_name", "id_number",
    }
)  # fmt: skip
# What we put in ourselves.
_OUR_KEYS = frozenset({"level", "timestamp", "request_id", "status"})
# Document numbers and mobile numbers, wherever they stand in a text, also with a country code or in groups.
_NUMBERS = re.compile(
    r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])"
    r"|(?<![0-9])[1-9][0-9]{14}(?![0-9])"
    r"|(?<![0-9])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
    r"|(?<![A-Za-z0-9_-])(?:[HhMm][0-9]{8}(?:[0-9]{2})?|[A-Za-z]{3}[0-9]{12})(?![A-Za-z0-9_-])"
)
_MAYBE_NUMBER = re.compile(r"[0-9](?:[0-9]{7}|[0-9]{2,3}[ -][0-9])")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_MOST_DEPTH = 5


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets and numbers out of a log event."""
    for key, value in event.items():
        if key not in _OUR_KEYS:
            event[key] = _clean(key, value, _MOST_DEPTH)
    return event


def redact_text(text: str) -> str:
    """Return the text without document numbers, mobile numbers and e-mail addresses."""
    # Most texts have neither eight digits in a row nor an @: the costly look is for those that do.
    if _MAYBE_NUMBER.search(text):
        text = _NUMBERS.sub("[number]", text)
    return _EMAIL.sub("[email]", text) if "@" in text else text


def configure_logs(level: str) -> None:
    """Set logging up for a process; call once at its start. Libraries that log come through the same processors."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:2],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shared[2:], render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def _clean(key: object, value: Any, depth: int) -> Any:
    if isinstance(key, str) and key.lower() in _SECRET_KEYS:
        return "[removed]"
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**10 else redact_text(str(value))
    if depth == 0:
        return "[removed]"
    if isinstance(value, Mapping):
        return {name: _clean(name, item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item, depth - 1) for item in value]
    # What JSON cannot hold is written by its repr, which must be looked at too.
    return redact_text(repr(value))
