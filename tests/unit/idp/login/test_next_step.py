"""The decider, alone: what a staff login needs next, by what was proved and by who it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.oauth_errors import LoginRequired
from idp.login.next_step import Failed, PersonFacts, Step, next_step
from idp.login.progress import Progress
from idp.login.request import Demands
from idp.sessions.service import LiveSession
from realname.levels.level import LevelTable, Row
from tests.support.frozen_clock import START

LEVELS = LevelTable(rows=(Row(1, 1, 1, False),), ceilings={"portal": 4}, acr_prefix="urn:yihao:level:")
STAFF, CITIZEN = Demands(for_staff=True), Demands()
FACTS = PersonFacts(ial=1, has_totp=True, granted=frozenset(), is_staff=True)
PERSON = "p" * 22
SESSION = LiveSession(
    id="s" * 22,
    person_id=PERSON,
    channel="portal",
    aal=2,
    amr=("otp", "pwd"),
    auth_time=START,
    created_at=START,
    expires_at=START + timedelta(hours=8),
    device_id=None,
    is_staff=True,
    last_seen_at=START,
)

methods = st.sets(st.sampled_from(["pwd", "sms", "otp"])).map(lambda found: tuple(sorted(found)))
facts = st.builds(
    PersonFacts, ial=st.just(1), has_totp=st.booleans(), granted=st.just(frozenset()), is_staff=st.booleans()
)
proved = st.builds(
    Progress,
    person_id=st.just(PERSON),
    amr=methods,
    proved_at=st.just(START),
    known_device=st.booleans(),
    weak_password_at=st.sampled_from([None, START]),
)


def decide(
    progress: Progress,
    known: PersonFacts | None = FACTS,
    *,
    demands: Demands = STAFF,
    session: LiveSession | None = None,
) -> Step | Failed:
    return next_step(demands, progress, session, known, LEVELS, channel="portal", offered_ial=0, now=START)


@pytest.mark.parametrize(
    ("amr", "has_totp", "is_weak", "step"),
    [
        ((), True, False, Step.IDENTIFY),
        (("sms",), True, False, Step.IDENTIFY),
        (("otp",), True, False, Step.IDENTIFY),
        (("pwd",), True, False, Step.TOTP),
        (("pwd",), True, True, Step.TOTP),
        (("pwd", "sms"), True, False, Step.TOTP),
        (("pwd", "sms"), True, True, Step.TOTP),
        (("otp", "pwd"), True, True, Step.NEW_PASSWORD),
        (("otp", "pwd"), True, False, Step.ESTABLISH),
        (("pwd",), False, False, Step.CONFIRM_MOBILE),
        (("pwd",), False, True, Step.CONFIRM_MOBILE),
        (("otp", "pwd"), False, False, Step.CONFIRM_MOBILE),
        (("pwd", "sms"), False, True, Step.NEW_PASSWORD),
        (("pwd", "sms"), False, False, Step.ENROL_TOTP),
        (("otp", "pwd", "sms"), True, False, Step.ESTABLISH),
    ],
)
def test_the_order_of_a_staff_login(amr: tuple[str, ...], has_totp: bool, is_weak: bool, step: Step) -> None:
    """Password, then a second proof, then what is missing; a session last."""
    progress = Progress(PERSON, amr, START, weak_password_at=START if is_weak else None)
    assert decide(progress, replace(FACTS, has_totp=has_totp)) is step


@given(proved, facts)
def test_no_staff_session_without_role_password_and_app(progress: Progress, known: PersonFacts) -> None:
    """Whatever was proved: all of it, and a password that is good enough, or no session."""
    step = decide(progress, known)
    enough = known.is_staff and known.has_totp and {"pwd", "otp"} <= set(progress.amr)
    assert (step is Step.ESTABLISH) is (enough and progress.weak_password_at is None)


@given(proved, facts)
def test_nothing_is_changed_on_a_password_alone(progress: Progress, known: PersonFacts) -> None:
    """A new password or app comes after the code to the mobile, or the app where there is one; to staff only."""
    step = decide(progress, known)
    if step in (Step.NEW_PASSWORD, Step.ENROL_TOTP):
        assert known.is_staff and "pwd" in progress.amr
        assert ("otp" if known.has_totp else "sms") in progress.amr
    if step is Step.ENROL_TOTP:
        assert not known.has_totp


@given(proved, facts)
def test_citizens_never_meet_the_steps_of_staff(progress: Progress, known: PersonFacts) -> None:
    """A role changes nothing at the clients of citizens."""
    ordinary = decide(progress, known, demands=CITIZEN)
    assert ordinary in (Step.IDENTIFY, Step.TOTP, Step.ESTABLISH)
    assert ordinary is decide(progress, replace(known, is_staff=not known.is_staff), demands=CITIZEN)


@pytest.mark.parametrize("is_staff_session", [True, False])
@pytest.mark.parametrize("for_staff", [True, False])
@pytest.mark.parametrize("holds_role", [True, False])
def test_a_session_is_worth_something_on_its_own_side(
    is_staff_session: bool, for_staff: bool, holds_role: bool
) -> None:
    """And on that of staff only as long as the role is held; asked in silence, the answer is an error."""
    session, known = replace(SESSION, is_staff=is_staff_session), replace(FACTS, is_staff=holds_role)
    demands = Demands(for_staff=for_staff)
    is_good = is_staff_session is for_staff and (holds_role or not for_staff)
    expected = Step.DONE if is_good else Step.IDENTIFY
    assert decide(Progress(), known, demands=demands, session=session) is expected
    silent = decide(Progress(), known, demands=replace(demands, prompt=frozenset({"none"})), session=session)
    assert silent is Step.DONE if is_good else isinstance(silent, Failed) and isinstance(silent.error, LoginRequired)


@given(proved, st.sampled_from(["pwd", "sms", "otp"]))
def test_progress_survives_the_store_and_belongs_to_one_person(progress: Progress, method: str) -> None:
    """What was found of one person's password is forgotten when another goes on; documents read back equal."""
    assert Progress.from_document(progress.as_document()) == progress
    same = progress.proved(PERSON, method, START, known_device=False)
    assert same.weak_password_at == progress.weak_password_at and set(same.amr) == {*progress.amr, method}
    other = progress.proved("q" * 22, method, START, known_device=False)
    assert other.weak_password_at is None and other.amr == (method,)


def test_a_citizens_progress_reads_as_before() -> None:
    """The release before this one knows no word of staff: a citizen's document has none."""
    assert "weak_password_at" not in Progress(PERSON, ("pwd",), START).as_document()
