"""The bytes of a row that its seal covers."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from idp.audit.sealed_table import AUDIT, SealedTable
from idp.crypto.encoding import encode_fields

ROW = AUDIT.rows


def encode_row(row: sa.RowMapping, table: SealedTable = AUDIT) -> bytes:
    """Return the canonical bytes of a row: the name and value of every column that holds one, by name.

    Empty columns are left out, so that one added by a later release changes no earlier row's bytes.
    """
    fields: list[str | bytes] = [table.label]
    for name in table.covered:
        value = row[name]
        if value is not None:
            fields += (name, _text(value))
    return encode_fields(*fields)


def instant_text(at: datetime) -> str:
    """Return an instant in UTC to the microsecond, spelt in one way."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical_json(document: Mapping[str, Any]) -> str:
    """Return the one spelling of a document: sorted names, no blanks."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, dict):
        return canonical_json(value)
    return str(value)
