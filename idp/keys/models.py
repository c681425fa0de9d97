"""Tables of wrapped keys."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base


class WrappedKey(Base):
    """One version of a symmetric key, wrapped under the key-encryption key."""

    __tablename__ = "wrapped_keys"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    suite: Mapped[str]
    state: Mapped[str]
    kek_id: Mapped[str]
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]


class KeyCheck(Base):
    """The check value of the key-encryption key that this database belongs to."""

    __tablename__ = "key_checks"

    kek_id: Mapped[str] = mapped_column(primary_key=True)
    check_value: Mapped[str]
    created_at: Mapped[datetime]


class PersonKey(Base):
    """A person's own data key, wrapped; erasing the row erases the person's ciphertexts everywhere."""

    __tablename__ = "person_keys"

    person_id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
