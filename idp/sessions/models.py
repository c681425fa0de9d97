"""Tables of SSO sessions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


class SsoSession(Base):
    """One browser, app, kiosk or counter that a person is logged in at."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    handle_hash: Mapped[str] = mapped_column(sa.String(43), unique=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)
    is_staff: Mapped[bool]
    channel: Mapped[str]
    acr: Mapped[str | None]
    aal: Mapped[int]
    amr: Mapped[list[str]]
    auth_time: Mapped[datetime]
    is_vouched: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    present_until: Mapped[datetime | None]
    device_id: Mapped[str | None] = mapped_column(_ID)
    device_label: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    actor_person: Mapped[str | None] = mapped_column(_ID)
    on_behalf_of: Mapped[str | None] = mapped_column(_ID)
    office: Mapped[str | None]


class SessionClient(Base):
    """A client that took part in a session, and the `sid` that it alone knows the session by."""

    __tablename__ = "session_clients"

    session_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("sessions.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("clients.client_id"), primary_key=True)
    sid: Mapped[str] = mapped_column(_ID, unique=True)
    sub: Mapped[str]
    first_at: Mapped[datetime]


class SessionWard(Base):
    """Somebody for whom the session's person acted at a client, and the `sid` that it knows that login by.

    A login of its own towards the client, which must not take the one for the other; it ends with the session.
    """

    __tablename__ = "session_wards"

    session_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("sessions.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("clients.client_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"), primary_key=True)
    sid: Mapped[str] = mapped_column(_ID, unique=True)
    sub: Mapped[str]
    first_at: Mapped[datetime]
