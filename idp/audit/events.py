"""Every kind of event that the audit log knows."""

from enum import StrEnum


class Event(StrEnum):
    """`<thing>.<what happened to it>`, in the past tense."""

    PERSON_REGISTERED = "person.registered"
    PERSON_PREPARED = "person.prepared"
    PERSON_ERASED = "person.erased"
    REGISTRATION_REFUSED = "registration.refused"
    PREPARATION_REQUESTED = "preparation.requested"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    SESSION_ENDED = "session.ended"
    CONSENT_GRANTED = "consent.granted"
    CONSENT_DENIED = "consent.denied"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CODE_REDEEMED = "authorization_code.redeemed"
    CODE_REPLAYED = "authorization_code.replayed"
    TOKEN_REFRESHED = "refresh_token.used"  # noqa: S105
    TOKEN_REPLAYED = "refresh_token.replayed"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    CLIENT_REGISTERED = "client.registered"
    CLIENT_UPDATED = "client.updated"
    CLIENT_DELETED = "client.deleted"
    RESOURCE_SERVER_CREATED = "resource_server.created"
    RESOURCE_SERVER_UPDATED = "resource_server.updated"
    CREDENTIAL_ADDED = "credential.added"
    CREDENTIAL_CHANGED = "credential.changed"
    CREDENTIAL_REMOVED = "credential.removed"
    CONTACT_CHANGED = "contact.changed"
    PROOFING_RECORDED = "proofing.recorded"
    PROOFING_REFUSED = "proofing.refused"
    PROOFING_WITHDRAWN = "proofing.withdrawn"
    IDENTIFIER_CONTESTED = "identifier.contested"
    RECOVERY_STARTED = "recovery.started"
    RECOVERY_FINISHED = "recovery.finished"
    RECOVERY_CANCELLED = "recovery.cancelled"
    RECOVERY_REFUSED = "recovery.refused"
    MOBILE_RELEASE_STARTED = "mobile_release.started"
    MOBILE_RELEASE_KEPT = "mobile_release.kept"
    MOBILE_RELEASE_FINISHED = "mobile_release.finished"
    REAUTHENTICATION_FAILED = "reauthentication.failed"
    MESSAGE_REQUESTED = "message.requested"
    DEPARTMENT_ADDED = "department.added"
    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    REGISTER_IMPORT_STARTED = "register.import_started"
    REGISTER_IMPORTED = "register.imported"
    REGISTER_FILLED = "register.filled"
    REGISTER_CHECKED = "register.checked"
    IDENTITY_VERIFIED = "identity.verified"
    LEVEL_READ = "level.read"
    REQUEST_REFUSED = "request.refused"
    CLAIMS_READ = "claims.read"
    IDENTITY_RELEASED = "identity.released"
    TOKEN_INTROSPECTED = "token.introspected"  # noqa: S105
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_DELETED = "key.deleted"
    AUDIT_MONTH_DROPPED = "audit.month_dropped"
    AUDIT_RESUMED = "audit.resumed"


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    REFUSED = "refused"
