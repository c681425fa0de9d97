"""One unambiguous encoding of several fields into bytes, for everything that is authenticated or hashed."""

from functools import lru_cache


def encode_fields(*fields: str | bytes) -> bytes:
    """Return the fields as one byte string that no other list of fields encodes to.

    The number of fields and the length of each stand before their content (4 bytes, big-endian), so
    ("ab", "c") and ("a", "bc") differ. Text is UTF-8; text and bytes of the same content are the same field.
    """
    return b"".join([_length(len(fields)), *map(_encode_field, fields)])


def encode_fields_after(fixed: tuple[str, ...], *fields: str) -> bytes:
    """Return `encode_fields(*fixed, *fields)`; what stands before is a few constants, encoded once."""
    return b"".join([_encode_start(fixed, len(fixed) + len(fields)), *map(_encode_field, fields)])


@lru_cache(maxsize=256)
def _encode_start(fixed: tuple[str, ...], count: int) -> bytes:
    return b"".join([_length(count), *map(_encode_field, fixed)])


def _encode_field(field: str | bytes) -> bytes:
    # Lone surrogates are encoded too: a strange key must fail authentication, not crash here.
    raw = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
    return _length(len(raw)) + raw


def _length(count: int) -> bytes:
    return count.to_bytes(4, "big")
