"""A batch's file, read and prepared chunk by chunk: from bytes to rows that can be loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from connectors.legacy.layout import Layout
from connectors.legacy.opening import open_file
from connectors.legacy.rows import LegacyFile, Position
from idp.core.clock import civil_date
from idp.core.errors import IdpError
from idp.crypto.keyring import Keyring
from idp.linking.batches import BatchView
from idp.linking.columns import ColumnMap
from idp.linking.preparation import Preparation, PreparedRow
from idp.linking.systems import SystemView
from idp.linking.vocabulary import SourceState


class FileProblem(StrEnum):
    """Why a file cannot be read by what was agreed on."""

    LAYOUT = "layout"
    COLUMNS = "columns"


class FileUnusable(IdpError):
    """The layout or the columns that were agreed on do not fit the file."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class FileChunk:
    """Some rows ready to be loaded, those that cannot be taken, and where to go on."""

    rows: list[PreparedRow] = field(repr=False)
    faults: list[tuple[int, str]]
    lost_characters: int
    position: str
    offset: int


class FileChunks:
    """Reads one batch's file; raises FileUnusable, SourceRefused or OSError."""

    def __init__(self, *, path: Path, batch: BatchView, system: SystemView, keyring: Keyring, at: datetime) -> None:
        self._file = open_file(path, layout_of(batch.layout))
        self._preparation = _preparation(self._file, batch, system, keyring, at)

    def read(self, *, size: int, after: str | None) -> Iterator[FileChunk]:
        """Yield what follows that position, of the whole file where there is none."""
        begin = None if after is None else Position.from_json(after)
        for chunk in self._file.chunks(size=size, after=begin):
            prepared = self._preparation.prepare(chunk.numbers, chunk.rows)
            yield FileChunk(
                rows=prepared.rows,
                faults=[*((bad.number, str(bad.fault)) for bad in chunk.bad), *prepared.faults],
                lost_characters=chunk.lost_characters,
                position=chunk.position.as_json(),
                offset=chunk.position.offset,
            )


def layout_of(source: Mapping[str, Any] | None) -> Layout:
    """Return the layout that a system or batch keeps; raises FileUnusable where it is none."""
    try:
        return Layout.from_json(str((source or {})["layout"]))
    except (KeyError, ValueError):
        raise FileUnusable(FileProblem.LAYOUT) from None


def state_words_of(source: Mapping[str, Any] | None) -> Mapping[str, SourceState]:
    """Return what a system's own words and codes for the state of an account mean; raises FileUnusable."""
    try:
        return {str(word).lower(): SourceState(state) for word, state in (source or {}).get("state_words", {}).items()}
    except ValueError:
        raise FileUnusable(FileProblem.LAYOUT) from None


def _preparation(file: LegacyFile, batch: BatchView, system: SystemView, keyring: Keyring, at: datetime) -> Preparation:
    try:
        columns = ColumnMap.from_document(batch.columns)
    except ValueError:
        raise FileUnusable(FileProblem.COLUMNS) from None
    if columns.problems(file.header):
        raise FileUnusable(FileProblem.COLUMNS)
    return Preparation(
        keyring=keyring,
        system_number=system.number,
        batch_number=batch.number,
        places=columns.places(file.header),
        width=len(file.header),
        today=civil_date(at),
        holds_organisations=system.holds_organisations,
        state_words=state_words_of(batch.layout),
    )
