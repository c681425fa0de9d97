"""What happened in an account, in a few words each."""

from flask_babel import lazy_gettext as _l

# The audit log's events, and finer kinds where an event says which credential or contact it was.
_ACTIVITY = {
    "person.registered": _l("Account opened"),
    "person.prepared": _l("A system asked for an account for you"),
    "identity.verified": _l("A system asked whether your number and name agree"),
    "login.succeeded": _l("Logged in"),
    "login.failed": _l("Login failed"),
    "session.ended": _l("A login was ended"),
    "logout": _l("Logged out"),
    "consent.granted": _l("Access allowed"),
    "consent.denied": _l("Access refused"),
    "consent.withdrawn": _l("Access withdrawn"),
    "credential.added": _l("Login method added"),
    "credential.changed": _l("Login method changed"),
    "credential.removed": _l("Login method removed"),
    "password_changed": _l("Password changed"),
    "totp_enabled": _l("Authenticator app added"),
    "totp_removed": _l("Authenticator app removed"),
    "recovery_codes_made": _l("Recovery codes created"),
    "recovery_code_used": _l("Recovery code used"),
    "recovery_code_ended": _l("Recovery code used or withdrawn"),
    "reauthentication.failed": _l("Confirmation failed"),
    "contact.changed": _l("Mobile number changed"),
    "mobile_release.started": _l("Somebody else proved to hold your mobile number"),
    "mobile_release.kept": _l("Mobile number kept"),
    "mobile_release.finished": _l("Mobile number taken off the account"),
    "recovery.started": _l("Password reset started"),
    "recovery.finished": _l("Password reset"),
    "recovery.cancelled": _l("Password reset cancelled"),
    "recovery.refused": _l("Password reset failed"),
    "proofing.recorded": _l("Identity verified"),
    "proofing.refused": _l("Verification of the identity failed"),
    "proofing.withdrawn": _l("Verification of the identity withdrawn"),
    "identifier.contested": _l("Somebody else proved your ID number or network identity"),
    "guardianship.granted": _l("Guardian recorded"),
    "guardianship.refused": _l("Guardian not recorded"),
    "guardianship.ended": _l("Guardianship ended"),
    "death.reported": _l("Account suspended after a report of a death"),
    "death.closed": _l("Account closed after a report of a death"),
    "death.reversed": _l("Account opened again"),
    "link.activated": _l("Account of an older system taken over"),
    "link.refused": _l("Account of an older system not taken over"),
    "link.contested": _l("Somebody else claims an account of an older system"),
    "link.rejected": _l("Account of an older system disowned"),
    "link.revoked": _l("Account of an older system unlinked"),
    "link.main_chosen": _l("Main account of an older system chosen"),
    "link.objected": _l("Objection to an account of an older system"),
    "merge_case.unmasked": _l("Staff looked at your data to decide whose an account is"),
    "persons.merged": _l("Two accounts became one"),
    "persons.separated": _l("Accounts separated again"),
    "role.granted": _l("Role granted"),
    "role.revoked": _l("Role ended"),
}


def activity_text(kind: str) -> str:
    """Return what happened, in a few words."""
    return str(_ACTIVITY.get(kind, _l("Account changed")))
