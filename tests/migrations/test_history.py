"""The one history: up, down and up again on both databases, and equal to the models."""

import ast
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from idp.storage.engine import Database
from migrations import run as migrations
from migrations.metadata import metadata
from tests.migrations.conftest import PEOPLE, counts, fill

VERSIONS = Path(migrations.__file__).parent / "versions"


def history() -> list[str]:
    """Return the revisions, oldest first."""
    scripts = ScriptDirectory(str(VERSIONS.parent))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def partitions(database: Database) -> set[str]:
    """Return the names of partitions, which the models do not list."""
    if database.is_sqlite:
        return set()
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT inhrelid::regclass::text FROM pg_inherits")
        return {name for (name,) in rows}


def test_the_history_is_one_line() -> None:
    """Every revision has one before it, the first none, and there is one newest."""
    scripts = ScriptDirectory(str(VERSIONS.parent))
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert all(not isinstance(script.down_revision, tuple) for script in scripts.walk_revisions())
    assert not any(script.is_branch_point for script in scripts.walk_revisions())


def test_every_revision_goes_both_ways() -> None:
    """None has an empty downgrade: whatever goes up comes down."""
    for file in VERSIONS.glob("[0-9]*.py"):
        functions = {node.name: node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}
        for name in ("upgrade", "downgrade"):
            assert not all(isinstance(step, ast.Pass | ast.Raise) for step in functions[name].body), (file.name, name)


def test_the_history_makes_what_the_models_say(database: Database) -> None:
    """Alembic finds no difference between the migrated database and the models."""
    migrations.upgrade(database)
    hidden = partitions(database)

    def is_compared(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name not in hidden

    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_name": is_compared}
        )
        assert compare_metadata(context, metadata) == []


def test_up_down_and_up_with_many_people(database: Database) -> None:
    """With 100,000 people each step down and up keeps the rows of every table that it leaves."""
    revisions = history()
    migrations.upgrade(database)
    fill(database)
    full = counts(database)
    assert set(full.values()) == {PEOPLE}
    for revision in reversed(revisions[:-1]):
        migrations.downgrade(database, revision)
        assert migrations.current(database) == revision
        kept = counts(database)
        assert kept == dict.fromkeys(kept, PEOPLE)
        if set(kept) != set(full):
            break  # from here on people themselves are taken down
        migrations.upgrade(database)
        assert migrations.current(database) == migrations.head() and counts(database) == full
    migrations.downgrade(database, "base")
    assert tables(database) == set() and migrations.current(database) is None
    migrations.upgrade(database)
    assert tables(database) - partitions(database) == set(metadata.tables)
    assert set(counts(database).values()) == {0}


def test_each_step_alone_goes_up_and_down(database: Database) -> None:
    """One revision at a time, down to nothing and up again, the tables are the same at every stop."""
    seen: dict[str, set[str]] = {}
    for revision in history():
        migrations.upgrade(database, revision)
        assert migrations.current(database) == revision
        seen[revision] = tables(database)
    for revision in reversed(history()):
        assert tables(database) == seen[revision]
        migrations.downgrade(database, "-1")
    assert tables(database) == set()
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            left = connection.exec_driver_sql(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE nspname = 'public' AND relname NOT LIKE 'alembic_version%%'"
                " UNION SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
                " WHERE nspname = 'public' AND typname NOT LIKE '%%alembic_version'"
            ).all()
        assert left == []


def test_who_is_told_to_stop_amid_a_migration_leaves_as_told(database: Database) -> None:
    """What the signal raised arrives, whatever it did to the connection; the next upgrade does it all."""

    def stop(_cursor: Any, statement: str, _parameters: Any, _context: Any) -> None:
        if "CREATE TABLE consents" in statement:
            raise SystemExit(0)

    sa.event.listen(database.engine, "do_execute", stop)
    with pytest.raises(SystemExit):
        migrations.upgrade(database)
    sa.event.remove(database.engine, "do_execute", stop)
    assert migrations.current(database) is None
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.head()


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    """At the newest revision already, an upgrade is nothing, and people stay."""
    migrations.upgrade(database)
    before = tables(database)
    migrations.upgrade(database)
    assert (tables(database), migrations.current(database)) == (before, migrations.head())
