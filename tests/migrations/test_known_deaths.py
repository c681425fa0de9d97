"""Deaths that the register knew before anybody acted on them, on both databases."""

import sqlalchemy as sa

from idp.storage.engine import Database
from migrations import run as migrations


def test_the_upgrade_notes_the_deaths_that_the_register_knows(database: Database) -> None:
    """Each once, however many key versions its entry is found by; whoever lives is not noted."""
    migrations.upgrade(database, "0012")
    index = sa.text("INSERT INTO register_indexes VALUES (:entry, :version, :digest, '', '', :dead)")
    with database.transaction() as session:
        for entry, dead in ((1, True), (2, False)):
            session.execute(sa.text("INSERT INTO register_entries VALUES (:id, :c)"), {"id": entry, "c": b"x"})
            for version in (1, 2):
                row = {"entry": entry, "version": version, "digest": f"{entry}{version}", "dead": dead}
                session.execute(index, row)
    migrations.upgrade(database)
    with database.read() as session:
        rows = session.execute(sa.text("SELECT entry_id, version, looked_at FROM register_deaths")).all()
    assert [tuple(row) for row in rows] == [(1, 1, None)]
