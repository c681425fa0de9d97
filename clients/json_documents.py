"""Reading JSON that strangers sent, so that every malformed text ends as one error."""

import json
from typing import Any


class MalformedJson(ValueError):
    """The bytes are not one plain JSON document."""


def read_json(raw: bytes) -> Any:
    """Return the document; raises MalformedJson, also for NaN, for deep nesting and for other encodings."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        # From None: the text of these errors quotes the document.
        raise MalformedJson("not JSON") from None


def _refuse(_name: str) -> Any:
    raise ValueError("not a number of RFC 8259")
