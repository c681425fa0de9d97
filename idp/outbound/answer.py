"""Reading the JSON of somebody's answer without trusting it."""

import json
import re
from collections.abc import Mapping

# A code or an id goes into logs and tables, so nothing that could be a sentence, or hold the number
# that the other side quotes back, comes through.
_PLAIN = re.compile(r"[A-Za-z0-9._:^/-]{1,128}")


def read_object(body: bytes) -> Mapping[str, object]:
    """Return the JSON object in `body`, empty for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return as_object(value)


def as_object(value: object) -> Mapping[str, object]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def plain(value: object) -> str:
    """Return `value` if it looks like a code or an id, else an empty text."""
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) is not None else ""
