"""What tests of keys share."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.house.ground import key_store
from idp.house.rotation import plans
from idp.keys.models import WrappedKey
from idp.keys.rotation import Rotation

MakeRotation = Callable[..., Rotation]


@pytest.fixture
def make_rotation(house: House) -> MakeRotation:
    """Make a rotation that waits for nobody but calls `wait` where it would."""
    ground = house.ground

    def make(wait: Callable[[], None] = lambda: None, audited: list[Any] | None = None) -> Rotation:
        def audit(_session: Session, *what: Any) -> None:
            if audited is not None:
                audited.append(what)

        return Rotation(
            database=ground.database,
            store=key_store(ground.settings, ground.database, ground.kek, ground.clock),
            clock=ground.clock,
            plans=plans(ground.settings, ground.database),
            reload_seconds=0,
            wait_for_processes=wait,
            audit=audit,
            report=lambda _line: None,
        )

    return make


@pytest.fixture
def states(house: House) -> Callable[[Purpose], dict[int, str]]:
    """Return the versions of a purpose's key and their states as the database has them."""

    def read(purpose: Purpose) -> dict[int, str]:
        with house.ground.database.read() as session:
            rows = session.execute(
                sa.select(WrappedKey.version, WrappedKey.state).where(WrappedKey.purpose == purpose)
            ).all()
        return {row.version: row.state for row in rows}

    return read


@pytest.fixture
def reload(house: House) -> Callable[[], None]:
    """Let the house's keyring look after its keys now, as it does by itself after its time."""

    def now() -> None:
        house.ground.keyring._due = 0

    return now
