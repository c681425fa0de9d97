"""A crowd: many made-up persons with a verified mobile number each, written at once."""

from typing import Any

import psycopg
import sqlalchemy as sa

from idp.core.ids import new_id
from idp.crypto.blind_index import blind_index
from idp.crypto.person_key import open_person_key, wrap_person_key
from idp.house.build import House
from idp.keys.models import PersonKey
from idp.persons.ciphers import encrypt_text
from idp.persons.models import Contact, ContactIndex, Identifier, IdentifierIndex, Person
from tests.support.postgres import conninfo

_TABLES = (Person, PersonKey, Contact, ContactIndex, Identifier, IdentifierIndex)


def mobile_of(place: int) -> str:
    """Return the mobile number of the person at that place."""
    return f"+86139{place:08d}"


def number_of(place: int) -> str:
    """Return the made-up number that every tenth person typed; no office gave it out."""
    return f"H{place:08d}"


def write_crowd(house: House, count: int) -> None:
    """Write `count` persons into an empty house, in batches that a statement's limit allows."""
    for start in range(0, count, 5000):
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in _TABLES}
        for place in range(start, min(start + 5000, count)):
            _person(house, place, rows)
        _insert(house, rows)
    if not house.ground.database.is_sqlite:
        with house.ground.database.transaction() as session:
            session.execute(sa.text("ANALYZE"))


def _person(house: House, place: int, rows: dict[Any, list[dict[str, Any]]]) -> None:
    keyring, now = house.ground.keyring, house.ground.clock.now()
    person_id, contact_id, mobile = new_id(), new_id(), mobile_of(place)
    wrapped = wrap_person_key(keyring, person_id)
    cipher = open_person_key(keyring, person_id, wrapped)
    rows[Person].append({"id": person_id, "status": "active", "created_at": now})
    rows[PersonKey].append({"person_id": person_id, "wrapped": wrapped, "created_at": now})
    sealed = encrypt_text(cipher, mobile, table="contacts", row=contact_id)
    common = {"id": contact_id, "person_id": person_id, "ciphertext": sealed}
    rows[Contact].append({**common, "kind": "mobile", "state": "current", "verified_at": now, "created_at": now})
    for version, index in blind_index(keyring, "mobile", mobile).items():
        row = {"contact_id": contact_id, "key_version": version, "kind": "mobile"}
        rows[ContactIndex].append({**row, "index": index, "is_current": True})
    if place % 10:
        return
    identifier_id, kind, number = new_id(), "hk_macao_travel_permit", number_of(place)
    sealed = encrypt_text(cipher, number, table="identifiers", row=identifier_id)
    common = {"id": identifier_id, "person_id": person_id, "ciphertext": sealed}
    rows[Identifier].append({**common, "type": kind, "state": "claimed", "valid_from": now})
    for version, index in blind_index(keyring, kind, number).items():
        row = {"identifier_id": identifier_id, "key_version": version, "type": kind}
        rows[IdentifierIndex].append({**row, "index": index, "is_current": False})


def _insert(house: House, rows: dict[Any, list[dict[str, Any]]]) -> None:
    database = house.ground.database
    if database.is_sqlite:
        with database.transaction() as session:
            for table, content in rows.items():
                session.connection().execute(sa.insert(table.__table__), content)
        return
    url = database.url.render_as_string(hide_password=False)
    with psycopg.connect(conninfo(url)) as connection, connection.cursor() as cursor:
        for table, content in rows.items():
            names = ", ".join(f'"{name}"' for name in content[0])
            with cursor.copy(f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy:
                for row in content:
                    copy.write_row(tuple(row.values()))
