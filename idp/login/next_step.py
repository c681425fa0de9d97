"""The one decider: which step a request needs next. A pure function of its arguments."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from idp.core.clock import seconds
from idp.core.oauth_errors import (
    AccessDenied,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from idp.login.party import party_of
from idp.login.progress import Progress
from idp.login.request import Demands
from idp.sessions.service import LiveSession
from realname.levels.level import Lack, LevelTable
from realname.proofing.method import Method


class Step(StrEnum):
    """What happens next."""

    IDENTIFY = "identify"  # password, or a code by SMS: the person chooses on the page
    TOTP = "totp"
    CONFIRM_MOBILE = "confirm_mobile"  # staff without an app: a code by SMS before one is set up
    NEW_PASSWORD = "new_password"  # noqa: S105 - staff whose password is below the policy for staff
    ENROL_TOTP = "enrol_totp"  # staff without an app: set one up
    KEEP_MOBILE = "keep_mobile"  # somebody else was seen to hold the person's mobile: is it still theirs?
    BIND_MOBILE = "bind_mobile"  # it was taken off the account: which one is it now?
    PROVE = "prove"  # the identity level is too low for what is asked: raise it, or learn where that is done
    MOBILE_FACTOR = "mobile_factor"  # a second factor is needed, and there is no app: a code to the mobile
    ESTABLISH = "establish"  # everything needed is proved: start or rotate the session
    CHOOSE_PARTY = "choose_party"  # for whom do they act now: themself, or a child?
    CONSENT = "consent"
    DONE = "done"


#: The identity level that is reached at a counter alone.
IN_PERSON = 4


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of the person whose login this is."""

    ial: int
    has_totp: bool
    granted: frozenset[str]
    #: Whether they hold a staff role now; told only where a staff login or session asks.
    is_staff: bool = False
    mobile_contested: bool = False
    mobile_lost: bool = False
    #: For whom they may act towards this client; told only where the client understands it.
    wards: tuple[str, ...] = ()


#: What says who somebody is and not only that number and name agree.
_IDENTIFYING = frozenset({Method.FACE, Method.NETWORK_IDENTITY})


@dataclass(frozen=True, slots=True)
class Failed:
    """The request ends with an error."""

    error: OAuthError


def next_step(
    demands: Demands,
    progress: Progress,
    session: LiveSession | None,
    facts: PersonFacts | None,
    levels: LevelTable,
    *,
    channel: str,
    offered_ial: int,
    now: datetime,
) -> Step | Failed:
    """Return the next step, or the error that the request ends with.

    `offered_ial` is the highest identity level that a person can be proved to on this channel, 0 where none is.
    `facts` are those of the person who proved something in this interaction, else of the session's person;
    None where there is neither. What they granted is what stands for whom they act for.
    """
    silent = "none" in demands.prompt
    if progress.cancelled:
        return Failed(AccessDenied(detail="the person cancelled"))
    if progress.person_id is not None and progress.session_id is None:
        return _after_staff_proof(progress, facts) if demands.for_staff else _after_proof(progress, facts)
    if session is None or facts is None or _must_authenticate(demands, progress, session, facts, now):
        if session is not None and progress.session_id == session.id:
            # Somebody else than the hint names logged in here (OpenID Connect Core §3.1.2.1, id_token_hint).
            return Failed(LoginRequired(detail="another person logged in"))
        return Failed(LoginRequired()) if silent else Step.IDENTIFY
    standing = replace(session.standing(facts.ial, now), channel=channel)
    if demands.minimum_level is not None and (lacks := levels.lacks_of(demands.minimum_level, standing)):
        if facts.has_totp and levels.level_of(replace(standing, aal=max(session.aal, 2))) > levels.level_of(standing):
            return Failed(InteractionRequired()) if silent else Step.TOTP
        best = replace(
            standing,
            ial=max(facts.ial, offered_ial),
            aal=max(session.aal, 2),
            presence=standing.presence or offered_ial >= IN_PERSON,
        )
        # A wish that cannot come true here leads nobody through steps for nothing.
        is_worth_it = demands.minimum_is_essential or levels.level_of(best) >= demands.minimum_level
        second_factor_does = levels.level_of(replace(standing, aal=max(session.aal, 2))) >= demands.minimum_level
        step = _way_up(progress, session, facts, lacks, offered_ial, second_factor_does) if is_worth_it else None
        if step is not None:
            if silent:
                return Failed(InteractionRequired())
            # An open session proves too little to be raised: it may be another who sits before it now.
            return step if progress.session_id == session.id else Step.IDENTIFY
        # A level is never silently lowered where it is essential; a voluntary one is told by `acr`
        # (OpenID Connect Core §5.5.1.1, Unmet Authentication Requirements 1.0).
        if demands.minimum_is_essential:
            return Failed(UnmetAuthenticationRequirements())
    if demands.wants_proof and progress.proofed_by not in _IDENTIFYING and not progress.proofing_put_off:
        return Step.PROVE if progress.session_id == session.id else Step.IDENTIFY
    party = party_of(demands, progress, session.person_id, facts.wards)
    if party is None:
        return Step.CHOOSE_PARTY
    if demands.consent_of(is_ward=party != session.person_id) - facts.granted or (
        "consent" in demands.prompt and not progress.consented
    ):
        if progress.denied:
            return Failed(AccessDenied(detail="the person denied consent"))
        return Failed(ConsentRequired()) if silent else Step.CONSENT
    return Step.DONE


def _way_up(
    progress: Progress,
    session: LiveSession,
    facts: PersonFacts,
    lacks: frozenset[Lack],
    offered_ial: int,
    second_factor_does: bool,
) -> Step | None:
    """Return the step that brings a login nearer to the level that is asked for, None where there is none here.

    `second_factor_does` says that with a second factor the level would be reached.
    """
    if progress.proofing_put_off or not offered_ial:
        return None
    if Lack.IDENTITY in lacks:
        return Step.PROVE  # also where only the counter can: its page says so
    if Lack.AUTHENTICATOR not in lacks:
        return None
    if offered_ial >= IN_PERSON and not second_factor_does:
        return Step.PROVE  # whose card is read at a counter is present, which stands for a stronger one
    can_add_mobile = not facts.has_totp and "pwd" in session.amr and "sms" not in session.amr
    return Step.MOBILE_FACTOR if can_add_mobile else None


def _after_proof(progress: Progress, facts: PersonFacts | None) -> Step:
    """A person proved something here but has no session of it yet."""
    if facts is not None and facts.has_totp and "otp" not in progress.amr:
        return Step.TOTP
    # A number can be taken over, so a code to it opens nothing alone: only together with a device that
    # the person is known by, or with a second proof.
    if progress.amr == ("sms",) and not progress.known_device:
        return Step.IDENTIFY
    if facts is not None and not progress.mobile_answered:
        if facts.mobile_lost:
            return Step.BIND_MOBILE
        # A password alone, from anywhere, does not speak for the account: it may be a guessed one.
        if facts.mobile_contested and (len(progress.amr) > 1 or progress.known_device):
            return Step.KEEP_MOBILE
    return Step.ESTABLISH


def _after_staff_proof(progress: Progress, facts: PersonFacts | None) -> Step:
    """The same for staff: always a password and an app, and nothing is changed on the word of a password alone.

    The second proof comes before a new password or app: a stolen password must not be traded for either.
    """
    if facts is None or not facts.is_staff or "pwd" not in progress.amr:
        return Step.IDENTIFY
    if facts.has_totp and "otp" not in progress.amr:
        return Step.TOTP
    if not facts.has_totp and "sms" not in progress.amr:
        return Step.CONFIRM_MOBILE
    if progress.weak_password_at is not None:
        return Step.NEW_PASSWORD
    return Step.ESTABLISH if facts.has_totp else Step.ENROL_TOTP


def _must_authenticate(
    demands: Demands, progress: Progress, session: LiveSession, facts: PersonFacts, now: datetime
) -> bool:
    """Whether the present session does not do for this request (OpenID Connect Core §3.1.2.1, §3.1.2.3)."""
    # Each side has its own sessions, and a staff session is worth as much as the role that it stands on.
    if session.is_staff is not demands.for_staff or (demands.for_staff and not facts.is_staff):
        return True
    if demands.hint_person is not None and demands.hint_person not in (session.person_id, *facts.wards):
        return True
    if progress.session_id == session.id and progress.person_id == session.person_id:
        return False  # authenticated within this very request
    if demands.prompt & {"login", "select_account"}:
        return True
    # §3.1.2.1: max_age 0 is prompt=login, also within the second of the last login.
    return demands.max_age == 0 or (demands.max_age is not None and now - session.auth_time > seconds(demands.max_age))
