"""The words for codes of the rooms below: scopes and identity claims, levels, channels, events, refusals.

Unknown codes get a neutral text: a page never fails because a room has learnt a new reason.
"""

from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from idp.web import activity_wording, case_wording, counter_wording, link_wording, matter_wording
from idp.web.network_identity_wording import NETWORK_IDENTITY_REFUSALS
from realname.release.identity_claims import AGES, VERIFIED_CLAIMS, age_claim


@dataclass(frozen=True, slots=True)
class ScopeText:
    """What a scope is called, and exactly which data it gives."""

    title: str
    data: str


@dataclass(frozen=True, slots=True)
class LevelText:
    """A level of identity: its name, what proved it, what comes next."""

    name: str
    meaning: str
    next_step: str


_SCOPES = {
    "openid": (
        _l("Know that it is you"),
        _l("An identifier made for this service only, and when you logged in"),
    ),
    "profile": (
        _l("Basic profile"),
        _l("Your display name, the language you use, and when these last changed"),
    ),
    "phone": (_l("Mobile number"), _l("Your mobile number, and whether it has been verified")),
    "email": (_l("E-mail address"), _l("Your e-mail address, and whether it has been verified")),
    "address": (_l("Address"), _l("The postal address in your account")),
    "identity": (
        _l("Real name and masked ID number"),
        _l("Your name as it is on your identity document, and the first and last character of its number"),
    ),
    "id_number": (_l("ID number"), _l("The complete number of your identity document")),
    "age": (
        _l("Whether you have reached an age"),
        _l("Yes or no for 14, 16, 18 and 60 years, without your date of birth"),
    ),
    "real_name": (_l("Real name"), _l("Your name as it is on your identity document")),
    "id_number_masked": (_l("Masked ID number"), _l("The first and last character of your ID number")),
    "birthdate": (_l("Date of birth"), _l("Your date of birth, by your identity document")),
    "gender": (_l("Sex"), _l("Your sex, by your identity document")),
    "nationality": (_l("Nationality"), _l("Your nationality, by your identity document")),
    **{
        age_claim(years): (
            _l("Whether you are %(years)s or older", years=years),
            _l("Yes or no, without your date of birth"),
        )
        for years in AGES
    },
    VERIFIED_CLAIMS: (
        _l("How your identity was verified"),
        _l("The kind of your identity document, the level, the way and the day of its verification"),
    ),
    "offline_access": (
        _l("Access while you are away"),
        _l("Use the data listed here when you are not logged in, until you withdraw it"),
    ),
}

_LEVELS = {
    1: (
        _l("Level 1: mobile number verified"),
        _l("You have shown that this mobile number is yours. Name and ID number are as you gave them."),
        _l("Verify your name and ID number to use services that ask for level 2."),
    ),
    2: (
        _l("Level 2: real name verified"),
        _l("Your name and ID number agree with the authoritative records."),
        _l("Verify your face, or your network identity, to use services that ask for level 3."),
    ),
    3: (
        _l("Level 3: face or network identity verified"),
        _l("Your face, or your network identity, agrees with your identity document."),
        _l("Bring your ID card to a service hall to reach level 4."),
    ),
    4: (
        _l("Level 4: verified at the counter"),
        _l("Your ID card was read in your presence at a service hall, or you hold a digital certificate."),
        _l("You can use every service."),
    ),
}

_CHANNELS = {
    "portal": _l("Website"),
    "mobile": _l("Mobile app"),
    "kiosk": _l("Self-service kiosk"),
    "hall": _l("Service hall counter"),
    "hotline": _l("Service hotline"),
    "api": _l("From system to system"),
}

_ROLES = {
    "system_admin": _l("System administrator"),
    "security_admin": _l("Security administrator"),
    "audit_admin": _l("Audit administrator"),
    "department_admin": _l("Department administrator"),
    "clerk": _l("Counter clerk"),
    "agent": _l("Hotline agent"),
    "developer": _l("Developer"),
    "merge_admin": _l("Administrator of legacy accounts"),
    "merge_reviewer": _l("Reviewer of legacy accounts"),
}

_REFUSALS = {
    "wrong_credentials": _l("The account or the password is not right."),
    "wrong_old_account": _l("The login or the password of that service is not right, or it was tried too often."),
    "wrong_staff_credentials": _l("The login name or the password is not right."),
    "wrong_password": _l("The current password is not right."),
    "consent_incomplete": _l("Tick what you agree to, or refuse. Nothing is given without your tick."),
    "consent_changed": _l("What the service asks for has changed meanwhile. Read it again before you decide."),
    "wrong_code": _l("The code is not right. Check the newest message and type it again."),
    "wrong_first_code": _l("The code is not right. Wait for the next one in the app and type it."),
    "code_expired": _l("The code has expired. Ask for a new one."),
    "code_used": _l("This code has been used. Ask for a new one."),
    "too_many_tries": _l("Too many wrong tries. Wait a while, then try again."),
    "too_many_codes": _l("Too many codes were asked for. Wait a while, then try again."),
    "number_invalid": _l("This is not a valid ID number. Check all 18 characters."),
    "wrong_registered_number": _l(
        "This is not the number of this account, or it was tried too often. Check it; after several tries wait a while."
    ),
    "mobile_invalid": _l("This is not a valid mobile number. Enter 11 digits."),
    "name_invalid": _l("Enter your name as it is on your ID card."),
    "too_young": _l(
        "Who is below 14 has no account of their own: a guardian adds them in their own account, under “Children”, or "
        "at a service hall."
    ),
    "password_too_short": _l("The password is too short."),
    "password_too_long": _l("The password is too long."),
    "password_common": _l("This password is too easy to guess. Choose another one."),
    "password_personal": _l("The password must not contain your name, your ID number or your mobile number."),
    "password_same": _l("The new password is the same as the current one."),
    "staff_totp": _l("The authenticator app cannot be removed as long as you hold a staff role."),
    "staff_login_first": _l(
        "You hold a staff role, so this needs the authenticator app. Set the app up by logging in to a service for "
        "staff, then log in here with it."
    ),
    "number_differs": _l(
        "This account belongs to another ID number, which was verified. If your number was changed or corrected, "
        "bring the certificate of the change to a service hall."
    ),
    "proofing_mismatch": _l(
        "Name and number do not agree with the records. Check both against your ID card; if they are right, bring "
        "the card to a service hall."
    ),
    "proofing_no_record": _l(
        "The records know nothing of this number, which says nothing against you. Bring your ID card to a service "
        "hall: you are verified there at once."
    ),
    "proofing_bad_input": _l(
        "The records cannot read this name or number. Check both against your ID card, or bring it to a service hall."
    ),
    "face_device": _l(
        "The service's script said nothing about your browser, so the comparison cannot begin. Nothing was sent, and "
        "this try does not count. Try another browser, or bring your ID card to a service hall."
    ),
    "face_mismatch": _l(
        "The face was not found to agree with the photograph. Better light may help: try again, or bring your ID card "
        "to a service hall."
    ),
    "face_no_record": _l(
        "There is no photograph to compare with, which says nothing against you. Bring your ID card to a service hall."
    ),
    "face_risk": _l("The comparison was not accepted. Bring your ID card to a service hall."),
    "face_unavailable": _l(
        "The result is not there yet, or the service cannot be reached. Nothing was changed. Ask again in a minute, or "
        "bring your ID card to a service hall."
    ),
    "proofing_limited": _l(
        "This number was asked about too often today. Try again tomorrow, or bring your ID card to a service hall."
    ),
    "proofing_unavailable": _l(
        "The records cannot be reached just now. Nothing was changed, and this try does not count. Try again in some "
        "minutes, or bring your ID card to a service hall."
    ),
    "proofing_risk": _l("This cannot be verified online. Bring your ID card to a service hall."),
    "proofing_tries": _l("Too many tries. Wait an hour, then try again, or bring your ID card to a service hall."),
    "proofing_disputed": _l(
        "Somebody else has proved this number too. Until it is decided whose it is, nobody can use it. Bring your ID "
        "card to a service hall."
    ),
    "party": _l("You cannot act for this person, or not any more. Choose again."),
    "not_minor": _l("You can act for somebody below 18 only, and this number says otherwise. Check all 18 characters."),
    "not_a_guardian_yet": _l("Only an adult whose own ID number is verified can act for a child."),
    "guardianship": _l(
        "This could not be confirmed. Check name and number of the child; if they are right, come to a service hall "
        "with the household register and both ID cards."
    ),
    "minor_own_account": _l(
        "Your child is 14 or older, so they first open an account of their own and verify who they are. Then add them "
        "here."
    ),
    **NETWORK_IDENTITY_REFUSALS,
    "old_password": _l("The login name or the password there is not right."),
    "old_password_tries": _l("Too many wrong tries with this account. Wait a while, then try again."),
    "mobile_same": _l("This is already your mobile number."),
    "mobile_taken": _l("This mobile number cannot be used. Choose another one, or ask at a service hall."),
    "level_too_low": _l("This service asks for a higher level of verification than your account has."),
    "unavailable": _l("This cannot be done just now. Try again in a few minutes."),
}


def scope_text(scope: str) -> ScopeText:
    """Return the words for a scope; an unknown one is shown by its own name."""
    title, data = _SCOPES.get(scope, (scope, _l("Data that the service has registered under this name")))
    return ScopeText(str(title), str(data))


def purpose_text(purpose: str) -> str:
    """Return the line that tells what identity data is for."""
    return str(gettext("Purpose: %(purpose)s", purpose=purpose))


def level_text(level: int) -> LevelText:
    """Return the words for a level, 1 to 4."""
    name, meaning, next_step = _LEVELS.get(level, _LEVELS[1])
    return LevelText(str(name), str(meaning), str(next_step))


def channel_text(channel: str) -> str:
    """Return what people call a channel."""
    return str(_CHANNELS.get(channel, _l("Other channel")))


def role_text(role: str) -> str:
    """Return what people call a role; an unknown one is shown by its own name."""
    return str(_ROLES.get(role, role))


def refusal_text(reason: str) -> str:
    """Return why something was refused, and what to do about it."""
    return str(
        (_REFUSALS | counter_wording.REFUSALS | matter_wording.REFUSALS | case_wording.REFUSALS).get(
            reason, gettext("This did not work. Check what you entered and try again.")
        )
    )


def init_wording(app: Flask, *, password_length: int = 10) -> None:
    """Let the templates of `app` word codes by the functions above, and name the least password length."""
    app.jinja_env.globals.update(
        scope_text=scope_text,
        purpose_text=purpose_text,
        level_text=level_text,
        channel_text=channel_text,
        activity_text=activity_wording.activity_text,
        role_text=role_text,
        card_problem_text=counter_wording.card_problem_text,
        doubt_text=counter_wording.doubt_text,
        visit_refusal_text=counter_wording.visit_refusal_text,
        link_problem_text=link_wording.link_problem_text,
        link_event_text=link_wording.link_event_text,
        link_proof_text=link_wording.link_proof_text,
        matter_text=matter_wording.matter_text,
        matter_outcome_text=matter_wording.matter_outcome_text,
        work_title=case_wording.work_title,
        next_text=case_wording.next_text,
        case_rule_text=case_wording.case_rule_text,
        method_text=case_wording.method_text,
        finding_text=case_wording.finding_text,
        password_length=password_length,
    )
