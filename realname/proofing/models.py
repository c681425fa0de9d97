"""The table of cases about who somebody is, which a human must decide."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


class IdentityCase(Base):
    """Two persons who proved one number: the one who proved it now, and the one who had."""

    __tablename__ = "identity_cases"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str]
    identifier_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("identifiers.id"), index=True)
    other_identifier_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("identifiers.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(_ID)
