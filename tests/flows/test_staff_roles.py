"""A role and the staff sessions that stand on it, below the pages: at the same moment, and step by step."""

from collections.abc import Callable

import pytest

from idp.audit.log import NOWHERE
from idp.core.errors import IdpError, LoginRefused, PageError
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.login.interaction import Interaction
from idp.login.loop import Browser
from idp.persons.roles import Role, RoleProblem
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.sent import at_once
from tests.support.staff import DEPARTMENT, STAFF_PASSWORD, enrol, grant, revoke

Register = Callable[..., TestPerson]
BROWSER = Browser(None, "d" * 43, "")


def proved(house: House, person: TestPerson, *methods: str, for_staff: bool = True) -> Interaction:
    """A parked login in which these were proved."""
    interaction = house.login.interactions.start("secret", return_to="/account", for_staff=for_staff)
    progress, now = interaction.progress, house.ground.clock.now()
    for method in methods:
        progress = progress.proved(person.id, method, now, known_device=True)
    return house.login.interactions.save(interaction, progress=progress)


def live_staff_sessions(house: House, person: TestPerson) -> int:
    with house.ground.database.read() as session:
        return sum(row.is_staff for row in house.protocol.sessions.list_live(session, person.id))


def test_a_login_and_a_revocation_at_once_leave_no_session(house: House, register_person: Register) -> None:
    """Whichever is first: either nothing begins, or what began is ended."""
    for _ in range(4):
        person = register_person()
        grant(house, person)
        interaction = proved(house, person, "pwd", "otp")
        acts: list[Callable[[], object]] = [
            lambda interaction=interaction: house.login.loop.establish(interaction, BROWSER, NOWHERE),
            lambda person=person: revoke(house, person),
        ]
        results = at_once(2, lambda acts=acts: acts.pop()())
        assert all(not isinstance(each, Exception) or isinstance(each, IdpError) for each in results), results
        assert live_staff_sessions(house, person) == 0


def test_two_revocations_at_once_are_one(house: House, register_person: Register) -> None:
    """One ends the role, the other finds none."""
    person = register_person()
    grant(house, person)
    results = at_once(2, lambda: house.protocol.roles.revoke(person.id, Role.CLERK, DEPARTMENT))
    assert sorted(isinstance(each, Ok) for each in results) == [False, True]
    assert Refused(RoleProblem.NOT_HELD) in results


@pytest.mark.parametrize("methods", [("pwd",), ("otp",), ("sms",), ("pwd", "sms"), ("sms", "otp")])
def test_no_staff_session_begins_on_less_than_password_and_app(
    house: House, register_person: Register, methods: tuple[str, ...]
) -> None:
    """The last step does not rest on the decider alone; the same proofs make a citizen's session."""
    person = register_person()
    grant(house, person)
    with pytest.raises(LoginRefused):
        house.login.loop.establish(proved(house, person, *methods), BROWSER, NOWHERE)
    assert live_staff_sessions(house, person) == 0
    house.login.loop.establish(proved(house, person, *methods, for_staff=False), BROWSER, NOWHERE)


@pytest.mark.parametrize("methods", [(), ("pwd",), ("sms",), ("otp",)])
def test_steps_that_change_a_credential_ask_for_the_proofs_themselves(
    house: House, register_person: Register, methods: tuple[str, ...]
) -> None:
    """Called out of turn, or in a citizen's login, they change nothing."""
    person = register_person()
    grant(house, person)
    steps, words = house.login, {"locale": "en", "origin": NOWHERE}
    for interaction in (proved(house, person, *methods), proved(house, person, "pwd", "sms", for_staff=False)):
        with pytest.raises(PageError):
            steps.totp_enrolment.enrolment(interaction)
        with pytest.raises(PageError):
            steps.totp_enrolment.submit(interaction, "123456", BROWSER, **words)
        with pytest.raises(PageError):
            steps.staff_password.submit(interaction, STAFF_PASSWORD, **words)


def test_an_app_that_counts_already_is_not_replaced_by_a_code_to_the_mobile(
    house: House, clock: FrozenClock, register_person: Register
) -> None:
    """Enrolled in another window meanwhile: the first one stays."""
    person = register_person()
    grant(house, person)
    interaction = proved(house, person, "pwd", "sms")
    house.login.totp_enrolment.enrolment(interaction)
    first = enrol(house, person)
    with pytest.raises(LoginRefused):
        house.login.totp_enrolment.submit(interaction, "123456", BROWSER, locale="en", origin=NOWHERE)
    clock.advance(seconds=60)
    with house.ground.database.transaction() as session:
        now = house.ground.clock.now()
        assert house.people.totp.verify(session, person.id, first.at(now), at=now)
