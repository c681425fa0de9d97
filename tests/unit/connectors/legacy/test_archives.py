"""Packed files: what is unpacked on the way, and what is refused before it does harm."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Position
from connectors.legacy.sniffing import sniff
from tests.support.legacy_files import zipped
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_TEXT = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number * 7919) for number in range(5000))
_LAYOUT = Layout(Kind.DELIMITED, ("a", "b"))
_BOMB = b"\0" * (8 << 20)


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> SourceProblem:
    """Return why a file is refused, read to its end."""
    with pytest.raises(SourceRefused) as refused:
        stream = open_bytes(path, limits)
        try:
            while stream.read(1 << 20):
                pass
        finally:
            stream.close()
    return refused.value.reason


@pytest.mark.parametrize("content", [gzip.compress(_TEXT), zipped({"export/2020.csv": _TEXT})])
def test_a_packed_file_is_read_as_it_is(write: Write, content: bytes) -> None:
    """A .gz and a .zip of one file give what the plain file gives, guess and resume included."""
    path = write(content)
    assert sniff(path).layout == _LAYOUT
    found, _ = read(path, _LAYOUT)
    assert len(found) == 5000
    chunks = open_file(path, _LAYOUT).chunks(size=100)
    place = next(chunks).position
    rest = open_file(path, _LAYOUT).chunks(size=10_000, after=Position.from_json(place.as_json()))
    assert [list(row) for chunk in rest for row in chunk.rows] == found[100:]


def test_going_back_begins_again(write: Write) -> None:
    """A packed stream gives the same bytes from any place, before or behind where it stands."""
    for content in (gzip.compress(_TEXT), zipped({"x": _TEXT})):
        stream = open_bytes(write(content), DEFAULT_LIMITS)
        for place in (9000, 10, 20_000, 0):
            assert stream.seek(place) == place
            assert stream.read(50) == _TEXT[place : place + 50]
        stream.close()


def test_what_unpacks_to_too_much_is_refused(write: Write) -> None:
    """The ratio ends a bomb, the size a file that is merely large; within both it is read."""
    honest = Limits(unpacked_ratio=5000)
    for content in (gzip.compress(_BOMB), zipped({"x": _BOMB})):
        assert refusal(write(content)) is SourceProblem.ARCHIVE_RATIO
        assert refusal(write(content), Limits(unpacked_bytes=1 << 20)) is SourceProblem.ARCHIVE_SIZE
        open_bytes(write(content), honest).close()


def test_a_size_that_is_said_too_small_does_not_help(write: Write) -> None:
    """What the archive says of the size is not believed: more bytes than it says end in a refusal."""
    content = bytearray(zipped({"x": _BOMB}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("x").file_size.to_bytes(4, "little")
    assert refusal(write(bytes(content.replace(size, (1000).to_bytes(4, "little"))))) is SourceProblem.BROKEN


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a.csv": b"1", "b.csv": b"2"}), SourceProblem.ARCHIVE_FILES),
        (zipped({"folder/": b""}), SourceProblem.ARCHIVE_FILES),
        (zipped({}), SourceProblem.ARCHIVE_FILES),
        (zipped({"../../etc/a.csv": _TEXT}), SourceProblem.ARCHIVE_PATH),
        (zipped({"/etc/a.csv": _TEXT}), SourceProblem.ARCHIVE_PATH),
        (zipped({"c:\\a.csv": _TEXT}), SourceProblem.ARCHIVE_PATH),
        (zipped({"a.gz": gzip.compress(_TEXT)}), SourceProblem.ARCHIVE_NESTED),
        (gzip.compress(zipped({"a.csv": _TEXT})), SourceProblem.ARCHIVE_NESTED),
        (gzip.compress(gzip.compress(_TEXT)), SourceProblem.ARCHIVE_NESTED),
        (gzip.compress(_TEXT)[:-200], SourceProblem.BROKEN),
        (zipped({"a.csv": _TEXT})[:-200], SourceProblem.BROKEN),
        (b"PK\x03\x04" + b"x" * 100, SourceProblem.BROKEN),
        (b"\x1f\x8b" + b"x" * 100, SourceProblem.BROKEN),
    ],
)
def test_an_archive_like_no_other_is_refused(write: Write, content: bytes, reason: SourceProblem) -> None:
    """Several files, names that lead elsewhere, one archive in another, and a broken one all have their reason."""
    assert refusal(write(content)) is reason


def test_an_encrypted_archive_is_refused(write: Write) -> None:
    """Without a password nothing can be read, and none is asked for."""
    content = bytearray(zipped({"a.csv": _TEXT}))
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + flags] |= 1
    assert refusal(write(bytes(content))) is SourceProblem.ARCHIVE_ENCRYPTED
