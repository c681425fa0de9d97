"""Making many persons at once: the rows that `registration` writes one by one, in one statement per table.

For made-up persons and for tables that others kept; nobody waits at a page. Equal rows, held by a test.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.models import AuditEvent
from idp.core.ids import new_id
from idp.crypto.blind_index import blind_index
from idp.crypto.keyring import Keyring
from idp.crypto.person_key import PersonCipher, open_person_key, wrap_person_key
from idp.keys.models import PersonKey
from idp.persons.ciphers import encrypt_text
from idp.persons.login_identifier import fold_email
from idp.persons.models import (
    Attribute,
    Contact,
    ContactIndex,
    Credential,
    Identifier,
    IdentifierIndex,
    Person,
)
from idp.persons.registration import SELF_DECLARED, NewPerson, contacts_of
from idp.persons.vocabulary import (
    SOURCE_SELF,
    AttributeName,
    ContactKind,
    ContactState,
    CredentialKind,
    CredentialState,
    IdentifierState,
    PersonStatus,
)

# Parents before what refers to them.
_ORDER = (Person, PersonKey, Attribute, Identifier, IdentifierIndex, Contact, ContactIndex, Credential, AuditEvent)

Rows = dict[type, list[dict[str, Any]]]


def register_many(session: Session, keyring: Keyring, people: Sequence[NewPerson], *, at: datetime) -> None:
    """Write the persons with all they brought, as `Registration.register` does for one.

    Raises IntegrityError when somebody, here or in the database, holds one of the contacts; the caller's
    transaction is lost then.
    """
    rows: Rows = {table: [] for table in _ORDER}
    for new in people:
        _add_person(rows, keyring, new, at)
    connection = session.connection()
    for table in _ORDER:
        if rows[table]:
            # On the connection: the driver gets one batch, and no object is made of each row.
            connection.execute(sa.insert(table), rows[table])


def _add_person(rows: Rows, keyring: Keyring, new: NewPerson, at: datetime) -> None:
    person_id = new_id()
    wrapped = wrap_person_key(keyring, person_id)
    cipher = open_person_key(keyring, person_id, wrapped)
    rows[Person].append({"id": person_id, "status": PersonStatus.ACTIVE, "locale": new.locale, "created_at": at})
    rows[PersonKey].append({"person_id": person_id, "wrapped": wrapped, "created_at": at})
    if new.name is not None:
        _add_name(rows, cipher, person_id, new.name, at)
    if new.number is not None:
        _add_number(rows, keyring, cipher, person_id, new, at)
    for kind, value, is_current in contacts_of(new):
        _add_contact(rows, keyring, cipher, person_id, (kind, value, is_current), at)
    if new.password_hash is not None:
        _add_password(rows, person_id, new.password_hash, at)
    details = {
        "identifier": new.number.type if new.number else None,
        "contacts": [kind.value for kind, _, _ in contacts_of(new)],
        "password": new.password_hash is not None,
    }
    rows[AuditEvent].append(
        {
            "id": new_id(),
            "at": at,
            "event": Event.PERSON_REGISTERED,
            "outcome": Outcome.SUCCESS,
            "person_id": person_id,
            "count": 1,
            "details": details,
        }
    )


def _add_name(rows: Rows, cipher: PersonCipher, person_id: str, name: str, at: datetime) -> None:
    row_id = new_id()
    rows[Attribute].append(
        {
            "id": row_id,
            "person_id": person_id,
            "name": AttributeName.FULL_NAME,
            "ciphertext": encrypt_text(cipher, name, table="attributes", row=row_id),
            "source": SOURCE_SELF,
            "level": SELF_DECLARED,
            "valid_from": at,
        }
    )


def _add_number(
    rows: Rows, keyring: Keyring, cipher: PersonCipher, person_id: str, new: NewPerson, at: datetime
) -> None:
    assert new.number is not None  # noqa: S101 - the caller looked
    row_id, kind, canonical = new_id(), new.number.type, new.number.canonical
    rows[Identifier].append(
        {
            "id": row_id,
            "person_id": person_id,
            "type": kind,
            "ciphertext": encrypt_text(cipher, canonical, table="identifiers", row=row_id),
            "state": IdentifierState.CLAIMED,
            "valid_from": at,
        }
    )
    rows[IdentifierIndex] += [
        {"identifier_id": row_id, "key_version": version, "type": kind, "index": index, "is_current": False}
        for version, index in blind_index(keyring, kind, canonical).items()
    ]


def _add_contact(
    rows: Rows,
    keyring: Keyring,
    cipher: PersonCipher,
    person_id: str,
    contact: tuple[ContactKind, str, bool],
    at: datetime,
) -> None:
    row_id, (kind, value, is_current) = new_id(), contact
    canonical = fold_email(value) if kind is ContactKind.EMAIL else value
    rows[Contact].append(
        {
            "id": row_id,
            "person_id": person_id,
            "kind": kind,
            "ciphertext": encrypt_text(cipher, value, table="contacts", row=row_id),
            "state": ContactState.CURRENT if is_current else ContactState.CLAIMED,
            "verified_at": at if is_current else None,
            "created_at": at,
        }
    )
    rows[ContactIndex] += [
        {"contact_id": row_id, "key_version": version, "kind": kind, "index": index, "is_current": is_current}
        for version, index in blind_index(keyring, kind, canonical).items()
    ]


def _add_password(rows: Rows, person_id: str, password_hash: str, at: datetime) -> None:
    rows[Credential].append(
        {
            "id": new_id(),
            "person_id": person_id,
            "kind": CredentialKind.PASSWORD,
            "state": CredentialState.ACTIVE,
            "secret_hash": password_hash,
            "created_at": at,
            "changed_at": at,
        }
    )
