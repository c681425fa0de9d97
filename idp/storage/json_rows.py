"""Rows of another table as one JSON text, for statements that read several sets at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


def json_rows(columns: Sequence[Any], where: Any, *, is_postgresql: bool, joined: Any = None) -> sa.ScalarSelect[Any]:
    """Return a subquery of one JSON text with an array for each row; bytes are hexadecimal, NULL where there is none.

    `joined` is what the columns are selected from where that is more than their own table.
    """
    if is_postgresql:
        values = [sa.func.encode(each, "hex") if _is_bytes(each) else each for each in columns]
        collected: Any = sa.func.json_agg(sa.func.json_build_array(*values))
    else:
        values = [sa.func.hex(each) if _is_bytes(each) else each for each in columns]
        collected = sa.func.json_group_array(sa.func.json_array(*values))
    text: sa.ColumnElement[Any] = sa.cast(collected, sa.Text())
    selected = sa.select(text).where(where)
    return (selected if joined is None else selected.select_from(joined)).scalar_subquery()


def _is_bytes(column: Any) -> bool:
    return isinstance(column.type, sa.LargeBinary)


def instant_of_json(text: str) -> datetime:
    """Return an instant as either database writes it into JSON."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
