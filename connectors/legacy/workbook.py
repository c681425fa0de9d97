"""What is in an .xlsx file: its parts, opened with bounds, its sheets, and which cell styles are dates (ISO 29500)."""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from connectors.legacy.byte_source import BROKEN, ENCRYPTED, Unpacked
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.xml_events import read_small

_MOST_PARTS = 10_000
# Of what is read whole: the list of sheets, relations, styles.
_SMALL_BYTES = 16 << 20
_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})  # ISO 29500-1 §18.8.30
_NOT_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets by name with the parts that hold them, the strings' part, and the styles that mean dates."""

    sheets: dict[str, str]
    shared_strings: str | None
    date_styles: frozenset[int]
    is_from_1904: bool


def is_workbook(path: Path) -> bool:
    """Tell whether a .zip is a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except BROKEN:
        return False


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open the file; raises SourceRefused where it is no archive."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN:
        raise SourceRefused(SourceProblem.BROKEN) from None
    if len(archive.namelist()) > _MOST_PARTS:
        archive.close()
        raise SourceRefused(SourceProblem.ARCHIVE_FILES)
    return archive


def open_part(archive: zipfile.ZipFile, name: str, limits: Limits, *, most: int | None = None) -> Unpacked:
    """Open a part; raises SourceRefused where it is missing, or larger than it may be."""
    try:
        info = archive.getinfo(name)
        if info.flag_bits & ENCRYPTED:
            raise SourceRefused(SourceProblem.ARCHIVE_ENCRYPTED)
        if info.file_size > (most or limits.unpacked_bytes):
            raise SourceRefused(SourceProblem.ARCHIVE_SIZE)
        return Unpacked(archive.open(info), None, packed=info.compress_size, limits=limits)
    except (KeyError, *BROKEN):
        raise SourceRefused(SourceProblem.BROKEN) from None


def read_workbook(archive: zipfile.ZipFile, limits: Limits) -> Workbook:
    """Return what the workbook says of itself; raises SourceRefused where it says too little."""
    main = "xl/workbook.xml"
    for target, kind in _relations(archive, "", limits).values():
        if kind.endswith("/officeDocument"):
            main = target
    listed = _Sheets()
    _read(archive, main, listed, limits)
    relations = _relations(archive, main, limits)
    parts = {kind.rpartition("/")[2]: target for target, kind in relations.values()}
    styles = _Styles()
    if "styles" in parts:
        _read(archive, parts["styles"], styles, limits)
    sheets = {name: relations[place][0] for name, place in listed.sheets if place in relations}
    if not sheets:
        raise SourceRefused(SourceProblem.NO_ROWS)
    dates = frozenset(place for place, number in enumerate(styles.formats) if styles.is_date(number))
    return Workbook(sheets, parts.get("sharedStrings"), dates, listed.is_from_1904)


def _read(archive: zipfile.ZipFile, name: str, handler: "_Sheets | _Styles | _Relations", limits: Limits) -> None:
    stream = open_part(archive, name, limits, most=_SMALL_BYTES)
    try:
        read_small(stream, handler)
    finally:
        stream.close()


def _relations(archive: zipfile.ZipFile, of: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Return the part and the kind of each relation that a part has."""
    folder, name = posixpath.split(of)
    relations = _Relations()
    place = posixpath.join(folder, "_rels", f"{name}.rels")
    if place in archive.namelist():
        _read(archive, place, relations, limits)
    # A name that begins with a slash begins at the root of the archive.
    return {
        key: (posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"), kind)
        for key, target, kind in relations.found
    }


@dataclass(slots=True)
class _Sheets:
    sheets: list[tuple[str, str]] = field(default_factory=list)
    is_from_1904: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            place = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), place))
        elif name == "workbookPr":
            self.is_from_1904 = attributes.get("date1904") in ("1", "true")

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _Relations:
    found: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.found.append((attributes.get("Id", ""), attributes.get("Target", ""), attributes.get("Type", "")))

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _Styles:
    formats: list[int] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    in_cell_styles: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self.codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self.in_cell_styles = True
        elif name == "xf" and self.in_cell_styles:
            self.formats.append(_number(attributes.get("numFmtId")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.in_cell_styles = False

    def text(self, text: str) -> None:
        pass

    def is_date(self, number: int) -> bool:
        """Tell whether that format shows a day: a time alone is a length of time as well."""
        if number in self.codes:
            code = _NOT_CODE.sub("", self.codes[number]).lower()
            return "y" in code or "d" in code
        return number in _DATE_FORMATS


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
