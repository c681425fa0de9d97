"""The table: medians, ratios, the page, and when a run was right."""

from collections import Counter
from pathlib import Path

import pytest

from bench.children import BenchFailed
from bench.ledger import Entry, compare
from bench.measure import Round, percentile
from bench.report import Report, as_document, as_page, as_text, lines_of, write_page
from bench.walker import Tally


def a_round(server: float, database: float = 0.0, *, bad: int = 0) -> Round:
    return Round(100, 2.0, server, database, 0.1, 1.0, 2.0, 0.25, bad, "status 500" if bad else "")


RESULTS = {
    "refresh": {
        "ours": [a_round(1.0, 0.5), a_round(9.0, 1.0), a_round(1.5, 0.5)],
        "theirs": [a_round(2.0, 0.5), a_round(3.0, 1.0), a_round(3.5)],
        "theirs, signed": [a_round(4.0)],
    },
    "jwks": {"ours": [a_round(0.1)]},
}


def a_report(*, entries: tuple[Entry, ...] = (), bad: int = 0) -> Report:
    results = {**RESULTS, "userinfo": {"ours": [a_round(1.0, bad=bad)]}}
    setup = {"people": 10, "clients": 2, "connections": 4, "rounds": 3, "seconds": 1.0, "versions": "x 1", "cores": 2}
    return Report(setup, lines_of(results, "ours"), {"ours": [120.0, 99.5]}, entries, {"Sealing": "1 ms"}, [])


def test_lines() -> None:
    """Each line is a row beside one other provider: medians of server and database, ours by theirs."""
    first, second, third = lines_of(RESULTS, "ours")
    assert (first.row, first.opponent, first.ours_ms, first.theirs_ms) == ("refresh", "theirs", 2.0, 3.5)
    assert first.ratio == pytest.approx(2.0 / 3.5)
    assert (first.ours_rate, first.others) == (50.0, 0.25)
    assert (second.opponent, second.ratio) == ("theirs, signed", 0.5)
    assert (third.row, third.theirs_ms, third.ratio) == ("jwks", None, None)


def test_texts() -> None:
    """Terminal, page and JSON tell the same ratio; a row without a peer has a dash."""
    report = a_report()
    assert "0.57" in as_text(report) and "0.57" in as_page(report)
    assert "| jwks |  | 0.100 | 0.000 | – | **–** | 50 | – |" in as_page(report)
    document = as_document(report, RESULTS)
    assert len(document["rounds"]["refresh"]["ours"]) == 3


def test_the_page(tmp_path: Path) -> None:
    """Only what stands between the marks is replaced; a page without them is left alone."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table -->\nold\n<!-- /table -->\nafter\n")
    write_page(page, "new")
    assert page.read_text() == "before\n<!-- table -->\nnew\n<!-- /table -->\nafter\n"
    page.write_text("no marks")
    with pytest.raises(BenchFailed, match="marks"):
        write_page(page, "new")
    assert page.read_text() == "no marks"


@pytest.mark.parametrize(("written", "is_right"), [(9, False), (10, True), (12, True), (13, False)])
def test_books(written: int, is_right: bool) -> None:
    """Acknowledged answers must be written down; unanswered ones may be, and nothing else."""
    assert Entry("families", 10, 2, written).is_right is is_right
    assert a_report(entries=(Entry("families", 10, 2, written),)).is_right is is_right


def test_bad_answers_are_not_right() -> None:
    """A run with a bad answer is no measure."""
    assert a_report().is_right
    assert not a_report(bad=1).is_right
    assert "BAD ANSWERS: 1" in as_text(a_report(bad=1))


def test_books_of_a_kept_database() -> None:
    """Only what came in between the two readings counts."""
    before = Counter({"families": 5, "authorization_code.redeemed": 5, "refresh_token.used": 1})
    after = Counter({"families": 8, "authorization_code.redeemed": 8, "refresh_token.used": 1})
    books = Tally(acknowledged=Counter({"authorization_code.redeemed": 3}))
    assert [(each.acknowledged, each.written, each.is_right) for each in compare(before, after, books)] == [
        (3, 3, True),
        (3, 3, True),
        (0, 0, True),
    ]


def test_percentiles() -> None:
    """The smallest value that so many do not exceed."""
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 0.2)) == (3.0, 5.0, 1.0)
    assert percentile([], 0.5) == 0.0
