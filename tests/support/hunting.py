"""Looking for what identifies a person where it must not stand: in clear, encoded, or digested without a key."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from idp.house.build import House
from idp.storage.base import Base

_DIGESTS = ("md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "blake2b")


def spellings(value: str) -> Iterator[str]:
    """Yield the ways in which a value could stand in a row without a key."""
    forms = {value, value.removeprefix("+86"), value.removeprefix("+"), value.lower(), value.upper()}
    for form in forms:
        yield form
        raws = [form.encode(), form.encode("utf-16-le"), form.encode("gbk")]
        raws += [hashlib.new(name, form.encode()).digest() for name in _DIGESTS]
        for raw in raws:
            yield raw.hex()
            # Without its last characters: they depend on what follows and on padding.
            yield base64.b64encode(raw).decode().rstrip("=")[:-1]
            yield base64.urlsafe_b64encode(raw).decode().rstrip("=")[:-1]
            yield base64.b32encode(raw).decode().rstrip("=")[:-1]
        yield json.dumps(form)[1:-1]


def found_in(text: str, *values: str) -> list[str]:
    lowered = text.lower()
    return sorted({form for value in values for form in spellings(value) if form.lower() in lowered})


def database_as_text(house: House) -> str:
    """Return every row of every table, bytes as they are and in hex."""
    with house.ground.database.read() as session:
        rows = [row for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table)).all()]
    return "\n".join(_as_text(value) for row in rows for value in row)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{value.hex()} {value.decode('utf-8', 'ignore')} {value.decode('gbk', 'ignore')}"
    return json.dumps(value, default=str, ensure_ascii=False)
