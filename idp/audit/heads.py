"""The heads file: every seal once more, outside the database, one JSON line each, only ever appended to.

A host that seals holds its own; a copy kept elsewhere shows what was done to table and file together.
Besides seals it holds signed notes: a month that was dropped on purpose, a restart after a restore,
an exchange of the sealing key.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idp.audit.canonical import canonical_json
from idp.audit.seal import Seal
from idp.audit.seal_key import PublicSealKey, SealKey
from idp.crypto.encoding import encode_fields

#: The notes that there are: a month was dropped; sealing went on after a restore that lost seals; another key seals.
DROPPED, RESUMED, ROTATED = "dropped", "resumed", "rotated"
_NOTE_LABEL = "yihao audit note 1"
_TAIL = 65_536


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the sealer's holder did to the log on purpose, signed; `what` is one of the notes above."""

    what: str
    facts: Mapping[str, Any]
    key_id: str
    signature: str

    def is_signed(self, keys: Mapping[str, PublicSealKey]) -> bool:
        """Tell whether a listed key signed it."""
        key = keys.get(self.key_id)
        return key is not None and key.verifies(_note_statement(self.what, self.facts), self.signature)


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """A line that is neither, such as one that a crash cut short."""

    number: int


Line = Seal | Note | DamagedLine


def sign_note(key: SealKey, what: str, facts: Mapping[str, Any]) -> Note:
    """Return a note in the key holder's name."""
    return Note(what, facts, key.public.key_id, key.sign(_note_statement(what, facts)))


class HeadsFile:
    """One file of heads; writers on this host take turns by its lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Tell whether anything was ever written here."""
        return self.path.exists()

    def lines(self) -> Iterator[Line]:
        """Yield what the file holds, in order; nothing where there is no file."""
        if not self.exists():
            return
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    yield _parse(raw, number)

    def last_seal(self) -> Seal | None:
        """Return the seal that the file ends with, or None."""
        if not self.exists():
            return None
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read().splitlines()[1 if size > _TAIL else 0 :]
        found = _last(_parse(raw, 0) for raw in tail)
        return found or (_last(self.lines()) if size > _TAIL else None)

    def append(self, *lines: Seal | Note) -> None:
        """Add lines and see them onto the disk; raises OSError."""
        text = "".join(json.dumps(_document(line), ensure_ascii=False) + "\n" for line in lines)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            # A line that a crash cut short must not swallow the next one.
            broken = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            raw = (("\n" if broken else "") + text).encode()
            while raw:
                raw = raw[os.write(descriptor, raw) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _last(lines: Iterator[Line]) -> Seal | None:
    found: Seal | None = None
    for line in lines:
        if isinstance(line, Seal):
            found = line
        elif isinstance(line, Note) and line.what == RESUMED:
            found = None  # what stood before was given up; the seal to go on from follows
    return found


def _document(line: Seal | Note) -> dict[str, Any]:
    if isinstance(line, Seal):
        return {"kind": "seal", **line.as_document()}
    return {"kind": line.what, "facts": dict(line.facts), "key_id": line.key_id, "signature": line.signature}


def _parse(raw: bytes, number: int) -> Line:
    try:
        document = json.loads(raw)
        if document["kind"] == "seal":
            return Seal.from_document(document)
        facts = document["facts"]
        if isinstance(facts, dict):
            return Note(str(document["kind"]), facts, str(document["key_id"]), str(document["signature"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return DamagedLine(number)


def _note_statement(what: str, facts: Mapping[str, Any]) -> bytes:
    return encode_fields(_NOTE_LABEL, what, canonical_json(facts))
