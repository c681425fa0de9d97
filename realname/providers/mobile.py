"""A mobile as the services of the mainland take it."""

import re

_MAINLAND = re.compile(r"\+86(1[0-9]{10})")


def mainland_mobile(mobile: str) -> str | None:
    """Return the eleven digits of a mainland number in E.164, None for any other."""
    match = _MAINLAND.fullmatch(mobile)
    return match[1] if match else None
