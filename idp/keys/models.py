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

    __table_args__ = (
        # Few among many: what is written about them at the last moment is looked for again and again.
        sa.Index(
            "ix_person_keys_erased_at",
            "erased_at",
            postgresql_where=sa.text("erased_at IS NOT NULL"),
            sqlite_where=sa.text("erased_at IS NOT NULL"),
        ),
    )


class KeyRotation(Base):
    """A rotation under way: which version takes over from which, and how far it is."""

    __tablename__ = "key_rotations"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    from_version: Mapped[int]
    to_version: Mapped[int]
    phase: Mapped[str]
    started_at: Mapped[datetime]
    phase_at: Mapped[datetime]


class KeyInstance(Base):
    """A running process and the keys that it has loaded; a rotation waits until all have the present ones."""

    __tablename__ = "key_instances"

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(43))
    seen_at: Mapped[datetime]
