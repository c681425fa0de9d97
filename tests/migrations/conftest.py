"""An empty database of each kind, and 100,000 people in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.storage.engine import Database, be_patient

PEOPLE = 100_000

_SERIES = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})",
    "postgresql": "WITH numbers(n) AS (SELECT generate_series(1, {count}))",
}
_ROWS = {
    "persons": ("id, status, created_at", "'p' || n, 'active', {now}"),
    "contacts": (
        "id, person_id, kind, ciphertext, state, verified_at, created_at",
        "'c' || n, 'p' || n, 'mobile', {bytes}, 'current', {now}, {now}",
    ),
    "contact_indexes": ('contact_id, key_version, kind, "index", is_current', "'c' || n, 1, 'mobile', 'i' || n, true"),
    "credentials": (
        "id, person_id, kind, state, secret_hash, created_at, changed_at",
        "'s' || n, 'p' || n, 'password', 'active', '$made-up$', {now}, {now}",
    ),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'yihao.db'}"
    made = Database(url)
    yield made
    made.close()


def fill(database: Database) -> None:
    """Write the people straight into the tables of the newest revision."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    literals = {"now": "'2026-03-02 08:30:00'", "bytes": "x'00'"}
    if not database.is_sqlite:
        literals = {"now": "timestamptz '2026-03-02 08:30:00Z'", "bytes": r"'\x00'::bytea"}
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            be_patient(connection)
        for table, (columns, values) in _ROWS.items():
            series = _SERIES[kind].format(count=PEOPLE)
            select = f"SELECT {values.format(**literals)} FROM numbers"
            head = f"INSERT INTO {table} ({columns}) "
            connection.exec_driver_sql(f"{series} {head}{select}")


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each of the filled tables has, as far as it is there."""
    present = set(sa.inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in _ROWS
            if table in present
        }
