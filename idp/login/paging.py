"""Pages of what is ordered by time: the cursor names the last row that was shown, and nothing of what it holds."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from idp.core.hashing import decode_base64url, encode_base64url

#: When something happened, and its id.
Place = tuple[datetime, str]


def cursor_of(at: datetime, row_id: str) -> str:
    """Return the cursor of a row."""
    return encode_base64url(f"{at.isoformat()} {row_id}".encode())


def read_cursor(cursor: str | None) -> Place | None:
    """Return the place that a cursor names; one that is not of our making counts as none."""
    if not cursor or len(cursor) > 200:
        return None
    try:
        at, _, row_id = decode_base64url(cursor).decode("ascii").partition(" ")
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    # PostgreSQL refuses NUL in a text; a cursor of ours always has a time zone.
    if instant.tzinfo is None or "\0" in row_id:
        return None
    return instant, row_id


def is_before(place: Place, at: Any, row_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition for rows older than a place."""
    return sa.or_(at < place[0], sa.and_(at == place[0], row_id < place[1]))


def is_after(place: Place, at: Any, row_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition for rows newer than a place."""
    return sa.or_(at > place[0], sa.and_(at == place[0], row_id > place[1]))
