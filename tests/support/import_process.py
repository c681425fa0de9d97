"""A worker's process that works on imports until none waits, or kills itself with signal 9 before that."""

import multiprocessing
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from idp.config.settings import Settings
from idp.house.build import build_house
from tests.support.frozen_clock import FrozenClock
from tests.support.legacy_imports import Imports

_PATIENCE_SECONDS = 300


def work_in_process(
    settings: Settings, folder: Path, *, at: datetime, kill_before: int | None = None, chunk_rows: int = 20
) -> bool:
    """Let another process work, at that instant; False where it killed itself before a statement of that number."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(settings, folder, at, kill_before, chunk_rows))
    process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode == 0


def _work(settings: Settings, folder: Path, at: datetime, kill_before: int | None, chunk_rows: int) -> None:
    house = build_house(settings, clock=FrozenClock(at))
    imports = Imports(house.ground.database, house.ground.keyring, house.ground.clock, folder, chunk_rows=chunk_rows)
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        if seen == kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    sa.event.listen(house.ground.database.engine, "before_cursor_execute", count)
    imports.job(f"process {os.getpid()}").run()
    house.close()
