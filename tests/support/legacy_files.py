"""Files of an older system in every format that is read, made from the same accounts."""

import base64
import csv
import io
import json
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from connectors.legacy.layout import Encoding, Kind, Layout
from tests.support.legacy_people import FIELDS, made_up_accounts

#: What the columns are called, in the order of `FIELDS`.
HEADER = ("GRBH", "XM", "SFZH", "SJHM", "XB", "CSRQ", "JTZZ", "DWMC", "MM", "YAN_SALT", "ZCSJ")
#: The bytes of a column of fixed width, by the same order.
WIDTHS = (10, 30, 40, 20, 1, 8, 60, 30, 32, 6, 10)

Rows = list[list[str]]
_MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@dataclass(frozen=True, slots=True)
class LegacySample:
    """A file with the layout that reads it, and the cells that it holds."""

    name: str
    path: Path
    layout: Layout
    rows: Rows


def account_cells(count: int, *, seed: int = 1) -> Rows:
    """Return the cells of made-up accounts, in the order of the header."""
    return [[account[field] for field in FIELDS] for account in made_up_accounts(count, seed=seed)]


def delimited(
    rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",", mark: bool = False
) -> bytes:
    """Return rows as delimited text with CRLF; what the encoding lacks becomes a question mark."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    raw = text.getvalue().encode(encoding.removesuffix("-sig"), "replace")
    return (_MARKS.get(encoding, b"") if mark or encoding.endswith("-sig") else b"") + raw


def json_lines(rows: Rows, header: Sequence[str] = HEADER) -> bytes:
    """Return an object a line."""
    return "".join(json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows).encode()


def fixed_width(rows: Rows, widths: Sequence[int] = WIDTHS, *, encoding: str = "gb18030") -> bytes:
    """Return lines of fixed width; a value is cut to its column, never inside a character."""
    return b"".join(b"".join(_padded(row, widths, encoding)) + b"\r\n" for row in rows)


def dbf(rows: Rows, header: Sequence[str] = HEADER, widths: Sequence[int] = WIDTHS, *, page: int = 0x4D) -> bytes:
    """Return a dBase III table of character columns in GB18030."""
    columns = [(name, b"C", width) for name, width in zip(header, widths, strict=True)]
    records = [b" " + b"".join(_padded(row, widths, "gb18030")) for row in rows]
    return dbf_of(columns, records, page=page)


def dbf_of(
    columns: Sequence[tuple[str, bytes, int]], records: Sequence[bytes], *, page: int = 0x4D, counted: int | None = None
) -> bytes:
    """Return a table of ready records, each with its mark of deletion."""
    count = len(records) if counted is None else counted
    length, record_length = 33 + 32 * len(columns), 1 + sum(width for _, _, width in columns)
    head = struct.pack("<BBBBIHH17xBxx", 3, 120, 6, 1, count, length, record_length, page)
    described = b"".join(struct.pack("<11sc4xB15x", name.encode(), kind, width) for name, kind, width in columns)
    return head + described + b"\r" + b"".join(records) + b"\x1a"


def ldif(rows: Rows, header: Sequence[str] = HEADER) -> bytes:
    """Return entries, each folded, with Base64 where a value asks for it."""
    entries = [b"version: 1\n"]
    for row in rows:
        lines = [f"dn: uid={row[0]},ou=people,dc=example,dc=test", "objectClass: inetOrgPerson"]
        for name, value in zip(header, row, strict=True):
            if value and (not value.isascii() or value[0] in " :<" or value[-1] == " " or "\n" in value):
                lines.append(f"{name}:: {base64.b64encode(value.encode()).decode()}")
            elif value:
                lines.append(f"{name}: {value}")
        entries.append(b"".join(_folded(line) for line in lines))
    return b"\n".join(entries)


def mysql_dump(rows: Rows, header: Sequence[str] = HEADER, *, table: str = "members", at_once: int = 7) -> bytes:
    """Return a dump as mysqldump writes it, with another table around the one that is wanted."""
    other = b"INSERT INTO `posts` VALUES (1,'; INSERT INTO `%s` VALUES (''no'');\\'',NULL);\n" % table.encode()
    columns = ",\n".join(f"  `{name}` varchar(255) DEFAULT 'a,b)'" for name in header)
    parts = [b"-- MySQL dump 10.13 -- it's a comment; with a semicolon\n", other]
    parts.append(f"CREATE TABLE `{table}` (\n{columns},\n  PRIMARY KEY (`{header[0]}`)\n) ENGINE=InnoDB;\n".encode())
    for begin in range(0, len(rows), at_once):
        values = ",\n".join("(" + ",".join(map(_mysql, row)) + ")" for row in rows[begin : begin + at_once])
        parts += [f"INSERT INTO `{table}` VALUES {values};\n".encode(), other]
    return b"".join(parts)


def postgres_dump(rows: Rows, header: Sequence[str] = HEADER, *, table: str = "members") -> bytes:
    """Return a dump as pg_dump writes it."""
    escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
    lines = ["\t".join(value.translate(escapes) if value else "\\N" for value in row) for row in rows]
    names = ", ".join(f'"{name}"' for name in header)
    copy = f"COPY public.{table} ({names}) FROM stdin;\n" + "".join(f"{line}\n" for line in lines) + "\\.\n\n"
    return b"SET client_encoding = 'UTF8';\nCOPY public.other (id) FROM stdin;\n1;'\n\\.\n\n" + copy.encode()


def workbook(
    rows: Sequence[Sequence[str]], *, shared: bool = True, sheet: str = "人员", parts: dict[str, str] | None = None
) -> bytes:
    """Return a workbook of text cells, its strings shared or in their cells; `parts` stand in for its own."""
    strings = list(dict.fromkeys(value for row in rows for value in row if value))
    places = {value: place for place, value in enumerate(strings)}
    body = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for place, value in enumerate(row):
            at = f"{chr(65 + place)}{number}"
            if value and shared:
                cells.append(f'<c r="{at}" t="s"><v>{places[value]}</v></c>')
            elif value:
                cells.append(f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
        body.append(f'<row r="{number}">{"".join(cells)}</row>')
    texts = "".join(f'<si><t xml:space="preserve">{escape(value)}</t></si>' for value in strings)
    found = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": _book(f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets>'),
        "xl/_rels/workbook.xml.rels": _relations(
            ("rId1", "worksheet", "/xl/worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
            ("rId3", "styles", "styles.xml"),
        ),
        "xl/styles.xml": "<styleSheet/>",
        "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{''.join(body)}</sheetData></worksheet>",
    }
    return zipped(found | (parts or {}))


def zipped(parts: dict[str, str] | dict[str, bytes]) -> bytes:
    """Return an archive of those parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def without_loss(rows: Rows, encoding: str) -> Rows:
    """Return the rows as an encoding keeps them."""
    encoding = encoding.removesuffix("-sig")
    return [[value.encode(encoding, "replace").decode(encoding) for value in row] for row in rows]


def as_columns(rows: Rows, widths: Sequence[int] = WIDTHS) -> Rows:
    """Return the rows as columns of fixed width keep them."""
    return [[part.decode("gb18030").rstrip(" ") for part in _padded(row, widths, "gb18030")] for row in rows]


def make_samples(folder: Path, count: int) -> list[LegacySample]:
    """Write one file of each kind and return what was written."""
    rows = account_cells(count)
    flat = [[value.replace("\n", " ") for value in row] for row in rows]
    inside = [[value.replace("\t", " ") for value in row] for row in rows]  # a tab is no text of a workbook's cell
    with_dn = [[f"uid={row[0]},ou=people,dc=example,dc=test", *row] for row in rows]
    made: list[LegacySample] = []

    def add(name: str, content: bytes, expected: Rows, layout: Layout) -> None:
        (folder / name).write_bytes(content)
        made.append(LegacySample(name, folder / name, layout, expected))

    for name, encoding, delimiter in _DELIMITED:
        layout = Layout(Kind.DELIMITED, HEADER, encoding=_read_as(encoding), delimiter=delimiter)
        content = delimited([HEADER, *rows], encoding=encoding, delimiter=delimiter, mark=True)
        add(name, content, without_loss(rows, encoding), layout)
    add("plain.csv", delimited([HEADER, *_plain(flat)]), _plain(flat), Layout(Kind.DELIMITED, HEADER))
    add("lines.jsonl", json_lines(rows), rows, Layout(Kind.JSON_LINES, HEADER, has_header=False))
    fixed = Layout(Kind.FIXED_WIDTH, HEADER, encoding=_read_as("gbk"), widths=WIDTHS, has_header=False)
    add("fixed.txt", fixed_width(flat), as_columns(flat), fixed)
    add("table.dbf", dbf(flat), as_columns(flat), Layout(Kind.DBF, HEADER, encoding=_read_as("gbk"), has_header=False))
    add("entries.ldif", ldif(rows), with_dn, Layout(Kind.LDIF, ("dn", *HEADER), has_header=False))
    mysql = Layout(Kind.SQL_DUMP, HEADER, table="members", has_header=False)
    add("mysql.sql", mysql_dump(rows), rows, mysql)
    postgres = Layout(Kind.SQL_DUMP, HEADER, table="members", has_header=False, backslashes=False)
    add("postgres.sql", postgres_dump(rows), rows, postgres)
    for name, is_shared in (("shared.xlsx", True), ("inline.xlsx", False)):
        add(name, workbook([HEADER, *inside], shared=is_shared), inside, Layout(Kind.XLSX, HEADER, sheet="人员"))
    return made


_DELIMITED = (
    ("comma-utf8.csv", "utf-8", ","),
    ("comma-mark.csv", "utf-8-sig", ","),
    ("comma-gb18030.csv", "gb18030", ","),
    ("tab-gbk.tsv", "gbk", "\t"),
    ("pipe-gbk.txt", "gbk", "|"),
    ("comma-utf16.csv", "utf-16-le", ","),
    ("comma-utf16-be.csv", "utf-16-be", ","),
)
SAMPLE_NAMES = (
    *(name for name, _, _ in _DELIMITED),
    "plain.csv",
    "lines.jsonl",
    "fixed.txt",
    "table.dbf",
    "entries.ldif",
    "mysql.sql",
    "postgres.sql",
    "shared.xlsx",
    "inline.xlsx",
)


def _read_as(encoding: str) -> Encoding:
    return Encoding({"gbk": "gb18030", "utf-8-sig": "utf-8"}.get(encoding, encoding))


def _plain(rows: Rows) -> Rows:
    return [[value.replace('"', "").replace(",", ";") for value in row] for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int], encoding: str) -> list[bytes]:
    cells = []
    for value, width in zip(row, widths, strict=True):
        raw = value.encode(encoding)[:width].decode(encoding, "ignore").encode(encoding)
        cells.append(raw.ljust(width))
    return cells


def _folded(line: str) -> bytes:
    pieces = [line[begin : begin + 60] for begin in range(0, len(line), 60)]
    return ("\n ".join(pieces) + "\n").encode()


def _mysql(value: str) -> str:
    if not value:
        return "NULL"
    escapes = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", '"': '\\"'})
    return f"'{value.translate(escapes)}'"


def _relations(*found: tuple[str, str, str]) -> str:
    inside = "".join(f'<Relationship Id="{key}" Type="http://x/{kind}" Target="{to}"/>' for key, kind, to in found)
    return f"<Relationships>{inside}</Relationships>"


def _book(inside: str) -> str:
    return f'<workbook xmlns:r="http://x/relationships">{inside}</workbook>'
