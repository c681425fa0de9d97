"""Tables of the population register: what it says, sealed, and beside it what one look-up has to compare.

Two, because the second is what every verification reads: its rows are half as long as the sealed ones, so twice
as many of them lie in the same memory, and a look-up reads one page of an index and one of the table. Entries are
numbered and not named at random: three indexes of five million rows carry that number, and a run of an import
remembers in one bit each which of them it has met.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ENTRY_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class RegisterEntry(Base):
    """What the register says of one document number, sealed whole; also what its digests are made of anew."""

    __tablename__ = "register_entries"

    id: Mapped[int] = mapped_column(_ENTRY_ID, primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class RegisterIndex(Base):
    """An entry under one version of the index key: where it is found, and the digests to compare.

    `names` and `mobiles` are digests of the number together with one name or mobile, 43 characters each, one
    after another: a name alone would show by its digest how many bear it. `is_deceased` is the only fact in
    clear, so that no match is given without opening the entry; it tells nothing of whom.
    """

    __tablename__ = "register_indexes"

    entry_id: Mapped[int] = mapped_column(_ENTRY_ID, sa.ForeignKey("register_entries.id"), primary_key=True)
    key_version: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[str] = mapped_column(sa.String(43))
    names: Mapped[str]
    mobiles: Mapped[str]
    is_deceased: Mapped[bool]

    __table_args__ = (sa.Index("uq_register_indexes_index", "key_version", "index", unique=True),)


class RegisterDeath(Base):
    """An entry whose death was just said, or is said no more, until its holder's account was looked at twice.

    The second time an hour after the first, by when nobody is still being verified by what the register said before.
    `version` grows with every such word, so that none is taken for one that was looked at.
    """

    __tablename__ = "register_deaths"

    entry_id: Mapped[int] = mapped_column(
        _ENTRY_ID, sa.ForeignKey("register_entries.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    looked_at: Mapped[datetime | None]
