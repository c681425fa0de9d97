"""One unambiguous encoding of several fields into bytes, for everything that is authenticated or hashed."""


def encode_fields(*fields: str | bytes) -> bytes:
    """Return the fields as one byte string that no other list of fields encodes to.

    The number of fields and the length of each stand before their content (4 bytes, big-endian), so
    ("ab", "c") and ("a", "bc") differ. Text is UTF-8; text and bytes of the same content are the same field.
    """
    parts = [len(fields).to_bytes(4, "big")]
    for field in fields:
        # Lone surrogates are encoded too: a strange key must fail authentication, not crash here.
        raw = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
        parts += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(parts)
