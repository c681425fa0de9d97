"""The table of a system's numbers day by day, which reports and the console's first page read."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.linking.models import NUMBER
from idp.storage.base import Base


class LegacyStatistics(Base):
    """The numbers of an older system on one day in China, as the latest count of that day found them."""

    __tablename__ = "legacy_statistics"

    system_number: Mapped[int] = mapped_column(sa.ForeignKey("legacy_systems.number"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date(), primary_key=True)
    counted_at: Mapped[datetime]
    accounts: Mapped[int] = mapped_column(NUMBER)
    with_password: Mapped[int] = mapped_column(NUMBER)  # those whose old password waits for a first login
    migrated: Mapped[int] = mapped_column(NUMBER)  # those whose first login came
    situations: Mapped[dict[str, Any]]
    links: Mapped[dict[str, Any]]
    cases: Mapped[dict[str, Any]]  # those that wait, by kind
