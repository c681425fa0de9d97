"""The register's measure: its made-up population, and the table made of its figures."""

from itertools import islice
from pathlib import Path

from bench.register_report import Filled, Measured, RegisterReport, as_page, as_text
from bench.register_rows import name_at, number_at, questions, write_file
from idp.cli import made_up
from tests.support.register import TODAY


def test_the_population_is_the_commands() -> None:
    """Numbers and names are those that the provider makes up, though the bench imports nothing of it."""
    for place in (0, 7, 999, 1_000, 123_456, 9_999_999):
        assert number_at(place) == made_up.number_at(place, today=TODAY).canonical
        assert name_at(place) == made_up.name_at(place)


def test_the_file_and_the_questions(tmp_path: Path) -> None:
    """A file has each person once; questions are about them, with all three answers, alike for one seed."""
    path = tmp_path / "register.csv"
    write_file(path, 20)
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == 21 == len(set(lines))
    rows = {tuple(line.split(",")[:2]) for line in lines[1:]}
    asked = list(islice(questions(20, 1), 500))
    assert asked == list(islice(questions(20, 1), 500)) != list(islice(questions(20, 2), 500))
    for each in asked:
        is_there = tuple(each.line.decode().rstrip("\n").split(",")) in rows
        assert is_there == each.answer.startswith(b"match")
    assert {each.answer.split()[0] for each in asked} == {b"match", b"mismatch", b"no_record"}


def test_the_table() -> None:
    """Cost is CPU of service and database for each answer; wrong answers are shown."""
    report = RegisterReport(clients=16, seconds=1, cores=2, versions="PostgreSQL 15")
    report.filled.append(Filled(50_000, 10.0, 8.0, 1.5, 150.0))
    times = [place / 1000 for place in range(1, 101)]
    report.measured.append(Measured(50_000, True, 2.0, times, 0.03, 0.01, 0))
    report.sizes[50_000] = {"register_indexes": 3 << 20}
    page = as_page(report)
    assert "| 50,000 | none | **0.400** | 0.100 | 51.00 | 100.00 | 50 |" in page
    assert "| `register_indexes` | 3 |" in page and "5000 rows a second" in page
    assert "WRONG" not in as_text(report)
    report.measured.append(Measured(50_000, False, 2.0, times, 0.03, 0.01, 3))
    assert "WRONG ANSWERS: 3" in as_text(report)
