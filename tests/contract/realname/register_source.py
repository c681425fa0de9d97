"""The register as a source of the suite: the same people put into the database of a house."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import sqlalchemy as sa

from demo.simulators.people import Person
from idp.house.build import House
from idp.storage import patience
from idp.storage.statements import Statements
from realname.providers.register.entry import Entry
from realname.providers.register.verifier import RegisterVerifier
from tests.contract.realname.kinds import RegisterKind
from tests.contract.realname.people import PEOPLE, QUIET
from tests.support.register import entry_of, put

_FOR_EVER = "00000000"
_WELL, _GONE = "register_indexes", "register_indexes_gone"


class RegisterSource:
    """The register of a house, with what the suite asks of every source; see `conftest.Pair`."""

    name = "register"
    faults = ("well", "gone")

    def __init__(self, kind: RegisterKind, house: House) -> None:
        self.kind = kind
        self.asked = 0
        self._house = house
        self._table = _WELL
        put(house, *(_entry(person) for person in (*PEOPLE, QUIET)))

    def verifier(self) -> RegisterVerifier:
        """Return a verifier."""
        return RegisterVerifier(keyring=self._house.ground.keyring, statements=self._house.ground.statements)

    def suffer(self, fault: str) -> None:
        """Take the table away that is asked, or bring it back."""
        before, self._table = self._table, _GONE if fault == "gone" else _WELL
        if before != self._table:
            with self._house.ground.database.transaction() as session:
                session.execute(sa.text(f"ALTER TABLE {before} RENAME TO {self._table}"))

    def break_down(self) -> None:
        """Answer nothing until further notice."""
        self.suffer("gone")

    def recover(self) -> None:
        """Answer again."""
        self.suffer("well")

    def bury(self, person: Person) -> None:
        """Let the register know that somebody died."""
        put(self._house, _entry(person, deceased_on="2025-01-31"))

    @contextmanager
    def late(self) -> Iterator[RegisterVerifier]:
        """Give a verifier whose database answers later than it is waited for."""
        url = sa.make_url(self._house.ground.settings.database.url.get_secret_value())
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as holder, patch.object(patience, "PATIENCE_SECONDS", 0.3):
            holder.execute("LOCK TABLE register_indexes IN ACCESS EXCLUSIVE MODE")
            yield self.verifier()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what the database is asked."""
        read = Statements.read

        def counted(statements: Statements, statement: Any, parameters: Any) -> Any:
            self.asked += 1
            return read(statements, statement, parameters)

        with patch.object(Statements, "read", counted):
            yield


def _entry(person: Person, **cells: str) -> Entry:
    dates = {"valid_from": person.valid_from, "valid_until": person.valid_until.replace(_FOR_EVER, "")}
    return entry_of(person.number, person.name, mobiles=person.mobile, **dates, **cells)
