"""SQL dumps that were made to keep a reader busy: each byte is looked at a bounded number of times."""

import time
from contextlib import suppress

import pytest

from connectors.legacy.layout import Kind, Layout
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceRefused
from connectors.legacy.sniffing import sniff
from tests.unit.connectors.legacy.conftest import Write

_LAYOUT = Layout(Kind.SQL_DUMP, ("a", "b"), table="t", has_header=False)
#: Seconds of processor time for 128 KiB; searching to the end from each of them would take minutes.
_MOST_SECONDS = 20


@pytest.mark.parametrize(
    "piece",
    [
        b"INSERT INTO [\n",
        b"INSERT INTO t (;",
        b"INSERT INTO t VALUES ('",
        b"CREATE TABLE t (",
        b"/*;",
        b"--;",
        b"#;",
        b"';",
        b'";',
        b"`;",
        b"((((",
        b"(a(,",
    ],
)
def test_a_piece_said_again_and_again_is_passed_over(write: Write, piece: bytes) -> None:
    """The rows before it are read; reading and guessing come to their end."""
    path = write(b"INSERT INTO t VALUES ('1','2');\n" + piece * ((1 << 17) // len(piece)))
    begun = time.process_time()
    chunks = list(open_file(path, _LAYOUT).chunks(size=1000))
    with suppress(SourceRefused):
        sniff(path)
    assert [list(row) for row in chunks[0].rows] == [["1", "2"]]
    assert time.process_time() - begun < _MOST_SECONDS
