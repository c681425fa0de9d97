"""Several migrations at once, as several replicas of a deployment start them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.storage.engine import Database
from migrations import run as migrations

RUNNERS = 3


def test_all_at_once_end_at_the_newest_revision(database: Database) -> None:
    """Started in the same instant on an empty database, one does the work and none fails."""
    url = database.url.render_as_string(hide_password=False)
    barrier = threading.Barrier(RUNNERS)

    def run() -> str | None:
        mine = Database(url)
        barrier.wait()
        try:
            migrations.upgrade(mine)
            return migrations.current(mine)
        finally:
            mine.close()

    with ThreadPoolExecutor(RUNNERS) as pool:
        ended = [future.result() for future in [pool.submit(run) for _ in range(RUNNERS)]]
    assert ended == [migrations.head()] * RUNNERS


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_migration_waits_longer_than_a_request_would(database: Database) -> None:
    """While another one works, a migration waits; the limits that guard requests do not end it."""
    other = Database(database.url.render_as_string(hide_password=False))
    with ThreadPoolExecutor(1) as pool, other.engine.begin() as holding:
        holding.exec_driver_sql("SELECT pg_advisory_xact_lock(7313)")
        waiting = pool.submit(migrations.upgrade, database)
        lock_timeout = "SELECT setting::int / 1000.0 FROM pg_settings WHERE name = 'lock_timeout'"
        holding.exec_driver_sql(f"SELECT pg_sleep(({lock_timeout}) * 1.1)")
        assert not waiting.done()
        holding.rollback()
        waiting.result()
    other.close()
    assert migrations.current(database) == migrations.head()
