"""LDIF: folding, Base64, several values, photographs, and records that are no entries."""

import pytest

from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.sniffing import sniff
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_LAYOUT = Layout(Kind.LDIF, ("uid", "cn", "mobile"), has_header=False)
_OTHER = b"dn: uid=z\nuid: z\ncn: Z\n"


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        (b"dn: uid=a\nuid: a\ncn: Wang\nmobile: 1", ["a", "Wang", "1"]),
        (b"dn: uid=a\nuid: a\ncn:: 546L5Lyf", ["a", "王伟", ""]),
        (b"dn: uid=a\nUID: a\nCN:: 546L\n 5Lyf", ["a", "王伟", ""]),
        (b"dn: uid=a\n# a comment\n that goes on\nuid: a\ncn: Wa\n ng", ["a", "Wang", ""]),
        (b"dn: uid=a\r\nuid: a\r\nmobile: 1\r\nmobile: 2", ["a", "", "1|2"]),
        (b"dn: uid=a\nuid:\ncn:    x y ", ["", "x y ", ""]),
        (b"dn: uid=a\nobjectClass: person\nunknown: 1", ["", "", ""]),
        (b"uid: a\ncn: no dn", RowFault.MALFORMED),
        (b"dn: uid=a\nuid:: no base64!", RowFault.MALFORMED),
        (b"dn: uid=a\nuid:< file:///etc/passwd", RowFault.MALFORMED),
        (b"dn: uid=a\nuid:: AGE=", RowFault.NUL),
        (b"dn: uid=a\nuid: " + b"x" * 900, RowFault.TOO_LONG),
        (b"dn: uid=a\nuid: x\n" + b" xxxxxxxxx\n" * 100, RowFault.TOO_LONG),
        (b"dn: uid=a\nuid: a\njpegPhoto:: " + b"QUFB\n QUFB" * 500, ["a", "", ""]),
    ],
)
def test_an_entry_gives_its_attributes_or_its_fault(write: Write, entry: bytes, outcome: list[str] | RowFault) -> None:
    """Values are put together and decoded, attributes that nobody asked for cost nothing, nothing is fetched."""
    path = write(b"version: 1\n\n" + _OTHER + b"\n" + entry + b"\n\n\n" + _OTHER)
    found, lost = read(path, _LAYOUT, limits=Limits(row_bytes=500))
    assert (found, lost) == ([["z", "Z", ""], outcome, ["z", "Z", ""]], 0)


@pytest.mark.parametrize(
    "change", [b"changetype: add", b"changetype: delete", b"control: 1.2.3", b"ChangeType: modify"]
)
def test_records_of_changes_refuse_the_file(write: Write, change: bytes) -> None:
    """What says what to do, and not what is, is no list of accounts."""
    path = write(_OTHER + b"\ndn: uid=a\n" + change + b"\nuid: a\n")
    with pytest.raises(SourceRefused) as refused:
        list(open_file(path, _LAYOUT).chunks(size=5))
    assert refused.value.reason is SourceProblem.LDIF_CHANGES


def test_what_ldapsearch_says_at_its_end_is_no_entry(write: Write) -> None:
    """The result of the search stands behind the entries."""
    path = write(b"# extended LDIF\n#\nversion: 1\n" + _OTHER + b"\n# search result\nsearch: 2\nresult: 0 Success\n")
    assert read(path, _LAYOUT)[0] == [["z", "Z", ""]]
    assert sniff(path).layout.header == ("dn", "uid", "cn")


def test_binary_attributes_are_not_guessed(write: Write) -> None:
    """A photograph is no column; text in Base64 is one."""
    path = write(b"dn: uid=a\nuid: a\ncn:: 546L5Lyf\njpegPhoto:: /9j/4AAQ\nobjectClass: person\n")
    assert sniff(path).layout.header == ("dn", "uid", "cn")


def test_lost_characters_are_counted(write: Write) -> None:
    """A name in GBK among UTF-8 loses characters, and says how many."""
    found, lost = read(write(b"dn: uid=a\nuid: a\ncn:: zfXOsA==\n"), _LAYOUT)
    assert lost > 0
    assert isinstance(found[0], list)
    assert found[0][1].count("\ufffd") == lost
