"""What happened in an account, read from the audit log page by page."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from idp.audit.events import Event, Outcome
from idp.audit.models import AuditEvent
from idp.login.paging import cursor_of, is_before, read_cursor
from idp.persons.vocabulary import CredentialKind
from idp.storage.engine import Database

#: What its owner is shown; the rest is the machinery of protocols and messages.
_SHOWN = (
    Event.PERSON_REGISTERED,
    Event.PERSON_PREPARED,
    Event.IDENTITY_VERIFIED,
    Event.LOGIN_SUCCEEDED,
    Event.LOGIN_FAILED,
    Event.SESSION_ENDED,
    Event.CONSENT_GRANTED,
    Event.CONSENT_DENIED,
    Event.CONSENT_WITHDRAWN,
    Event.CREDENTIAL_ADDED,
    Event.CREDENTIAL_CHANGED,
    Event.CREDENTIAL_REMOVED,
    Event.CONTACT_CHANGED,
    Event.RECOVERY_STARTED,
    Event.RECOVERY_FINISHED,
    Event.RECOVERY_CANCELLED,
    Event.RECOVERY_REFUSED,
    Event.MOBILE_RELEASE_STARTED,
    Event.MOBILE_RELEASE_KEPT,
    Event.MOBILE_RELEASE_FINISHED,
    Event.PROOFING_RECORDED,
    Event.PROOFING_REFUSED,
    Event.PROOFING_WITHDRAWN,
    Event.IDENTIFIER_CONTESTED,
    Event.CASE_CLOSED,
    Event.GUARDIANSHIP_GRANTED,
    Event.GUARDIANSHIP_REFUSED,
    Event.GUARDIANSHIP_ENDED,
    Event.MANDATE_USED,
    Event.DEATH_REPORTED,
    Event.DEATH_CLOSED,
    Event.DEATH_REVERSED,
    Event.REAUTHENTICATION_FAILED,
    Event.LINK_ACTIVATED,
    Event.LINK_REFUSED,
    Event.LINK_CONTESTED,
    Event.LINK_REJECTED,
    Event.LINK_REVOKED,
    Event.LINK_MAIN_CHOSEN,
    Event.LINK_OBJECTED,
    Event.MERGE_CASE_UNMASKED,
    Event.PERSONS_MERGED,
    Event.PERSONS_SEPARATED,
    Event.ROLE_GRANTED,
    Event.ROLE_REVOKED,
)
# Finer words where the details say which credential it was, or which of two.
_FINER: dict[tuple[Event, str], str] = {
    (Event.CREDENTIAL_CHANGED, CredentialKind.PASSWORD): "password_changed",
    (Event.CREDENTIAL_ADDED, CredentialKind.TOTP): "totp_enabled",
    (Event.CREDENTIAL_CHANGED, CredentialKind.TOTP): "totp_enabled",
    (Event.CREDENTIAL_REMOVED, CredentialKind.TOTP): "totp_removed",
    (Event.CREDENTIAL_ADDED, CredentialKind.RECOVERY_CODE): "recovery_codes_made",
    (Event.CREDENTIAL_CHANGED, CredentialKind.RECOVERY_CODE): "recovery_codes_made",
    # A set that ends with the app is written alike: its words must fit both.
    (Event.CREDENTIAL_REMOVED, CredentialKind.RECOVERY_CODE): "recovery_code_ended",
    (Event.MANDATE_USED, "guardian"): "acted",
    (Event.MANDATE_USED, "minor"): "acted_for",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `kind` is worded by the web floor."""

    kind: str
    at: datetime
    channel: str
    client_id: str | None
    succeeded: bool
    purpose: str | None = None  # what a system said that it asks for
    by_guardian: bool = False  # done for the person by whoever acts for them


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Happenings, the newest first, and the cursor of the page after them."""

    happenings: tuple[Happening, ...]
    older: str | None


class Activity:
    """Reads the activity of one person."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def page(self, person_id: str, *, most: int, cursor: str | None = None) -> ActivityPage:
        """Return a page of at most `most`; a cursor that is not of our making counts as none."""
        statement = (
            sa.select(AuditEvent)
            .where(AuditEvent.person_id == person_id, AuditEvent.event.in_(_SHOWN))
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(most + 1)
        )
        place = read_cursor(cursor)
        if place is not None:
            statement = statement.where(is_before(place, AuditEvent.at, AuditEvent.id))
        with self._database.read() as session:
            rows = session.scalars(statement).all()
        shown = rows[:most]
        older = cursor_of(shown[-1].at, shown[-1].id) if len(rows) > most else None
        return ActivityPage(tuple(_happening(row) for row in shown), older)


def _happening(row: AuditEvent) -> Happening:
    succeeded = row.outcome == Outcome.SUCCESS
    kind = row.event
    if row.event == Event.SESSION_ENDED and row.reason == "logout":
        kind = "logout"
    elif succeeded and row.details and "kind" in row.details:
        kind = _FINER.get((Event(row.event), row.details["kind"]), row.event)
    purpose = (row.details or {}).get("purpose")
    by_guardian = row.on_behalf_of is not None and row.on_behalf_of == row.person_id
    return Happening(kind, row.at, row.channel or "", row.client_id, succeeded, purpose, by_guardian)
