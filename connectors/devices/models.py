"""The table of enrolled devices."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


class Device(Base):
    """A device that a department set up at an office; it is known by its key, and by nothing that it says of itself."""

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str]
    label: Mapped[str]
    office: Mapped[str]
    department_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("departments.id"), index=True)
    public_jwk: Mapped[dict[str, Any]]
    #: RFC 7638. A key that was once enrolled is not enrolled again, also after its device has ended.
    thumbprint: Mapped[str] = mapped_column(sa.String(43), unique=True)
    state: Mapped[str]
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[str | None] = mapped_column(_ID)
    last_seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
