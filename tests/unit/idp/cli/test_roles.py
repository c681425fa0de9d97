"""The commands for roles and departments: what they do, say and refuse, and what they never print."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from idp.cli import clients, roles
from idp.cli.main import cli
from idp.cli.roles import DEPARTMENT_TEXTS, ROLE_TEXTS
from idp.core.errors import IdpError
from idp.house.build import House
from idp.persons import registration
from idp.persons.departments import DepartmentProblem
from idp.persons.models import Person
from idp.persons.roles import Role, RoleProblem, roles_of
from idp.persons.vocabulary import ContactKind
from tests.support.houses import TestPerson
from tests.support.staff import enrol

Register = Callable[..., TestPerson]
Run = Callable[..., Result]

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    for module in (roles, clients):
        monkeypatch.setattr(module, "house_or_exit", lambda: house)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    assert call("department", "add", "hall-1", "测试大厅").exit_code == 0
    return call


def held(house: House, person: TestPerson) -> list[Role]:
    with house.ground.database.read() as session:
        return [each.role for each in roles_of(session, person.id)]


def login_name_of(house: House, person: TestPerson) -> str | None:
    with house.ground.database.read() as session:
        return house.people.directory.profile(session, person.id).login_name


def test_every_refusal_has_its_words(house: House) -> None:
    """No reason is left without a text, and no text names anybody."""
    assert set(ROLE_TEXTS) == set(RoleProblem) and set(DEPARTMENT_TEXTS) == set(DepartmentProblem)
    assert len(set(ROLE_TEXTS.values())) == len(RoleProblem)


@pytest.mark.parametrize("named", ["login_name", "mobile", "email", "id"])
def test_a_person_is_named_in_four_ways_and_never_printed(
    house: House, run: Run, register_person: Register, named: str
) -> None:
    """Granting says what comes next, by the opaque id alone; listing and revoking follow."""
    email = "clerk@people.example"
    person = register_person(email=email, email_verified=True)
    typed = email if named == "email" else getattr(person, named)
    granted = run("role", "grant", "clerk", typed, "--department", "hall-1")
    assert granted.exit_code == 0 and held(house, person) == [Role.CLERK]
    assert "first staff login" in granted.output and "15 characters" in granted.output
    listed = run("role", "list", "--department", "hall-1").output
    assert listed.split("\t")[:4] == ["hall-1", "clerk", person.login_name, person.id]
    revoked = run("role", "revoke", "clerk", typed, "--department", "hall-1")
    assert revoked.exit_code == 0 and held(house, person) == []
    for output in (granted.output, listed, revoked.output):
        assert not any(each in output for each in (person.mobile[3:], person.number, person.name, email))


def test_a_login_name_comes_with_the_role(house: House, run: Run, register_person: Register) -> None:
    """It is needed of staff, replaces the one before, and is nobody else's; a refusal changes nothing."""
    person, other = register_person(), register_person()
    with house.ground.database.transaction() as session:
        house.people.contacts.end(session, person.id, ContactKind.LOGIN_NAME, at=house.ground.clock.now())
    grant = ("role", "grant", "clerk", person.id, "--department", "hall-1")
    for extra, reason in (
        ((), RoleProblem.LOGIN_NAME_MISSING),
        (("--login-name", "A B"), RoleProblem.LOGIN_NAME_INVALID),
        (("--login-name", other.login_name), RoleProblem.LOGIN_NAME_TAKEN),
    ):
        refused = run(*grant, *extra)
        assert (refused.exit_code, refused.stderr) == (1, f"idp: {ROLE_TEXTS[reason]}\n")
        assert held(house, person) == [] and login_name_of(house, person) is None
    assert run(*grant, "--login-name", "Li.Desk1").exit_code == 0
    assert login_name_of(house, person) == "li.desk1"
    assert run("role", "grant", "agent", person.id, "--department", "hall-1", "--login-name", "li.desk2").exit_code == 0
    assert login_name_of(house, person) == "li.desk2"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("grant", "clerk", "nobody", "--department", "hall-1"), RoleProblem.UNKNOWN_PERSON),
        (("grant", "clerk", "11010519491231002X", "--department", "hall-1"), RoleProblem.UNKNOWN_PERSON),
        (("grant", "clerk", "person1", "--department", "nowhere"), RoleProblem.UNKNOWN_DEPARTMENT),
        (("grant", "agent", "person1", "--department", "hall-1"), RoleProblem.ALREADY_HELD),
        (("grant", "audit_admin", "person2", "--department", "hall-1"), RoleProblem.EXCLUSIVE),
        (("revoke", "clerk", "person1", "--department", "hall-1"), RoleProblem.NOT_HELD),
        (("grant", "clerk", "person3", "--department", "hall-1"), RoleProblem.NOT_ACTIVE),
        (("grant", "clerk", "person4", "--department", "hall-1"), RoleProblem.MOBILE_MISSING),
    ],
)
def test_what_is_refused(
    house: House, run: Run, register_person: Register, arguments: tuple[str, ...], reason: RoleProblem
) -> None:
    """One line on standard error, exit code 1, nothing changed, and nothing of what was typed."""
    people = [register_person() for _ in range(4)]
    run("role", "grant", "agent", "person1", "--department", "hall-1")
    run("role", "grant", "system_admin", "person2", "--department", "hall-1")
    with house.ground.database.transaction() as session:
        session.get_one(Person, people[2].id).status = "suspended"
        house.people.contacts.end(session, people[3].id, ContactKind.MOBILE, at=house.ground.clock.now())
    before = [held(house, person) for person in people]
    refused = run("role", *arguments)
    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", f"idp: {ROLE_TEXTS[reason]}\n")
    assert [held(house, person) for person in people] == before


def test_an_app_makes_up_for_a_missing_mobile_and_a_developer_needs_neither(
    house: House, run: Run, register_person: Register
) -> None:
    """Only what a first staff login would need is asked for."""
    clerk, developer = register_person(), register_person()
    with house.ground.database.transaction() as session:
        for person in (clerk, developer):
            house.people.contacts.end(session, person.id, ContactKind.MOBILE, at=house.ground.clock.now())
    enrol(house, clerk)
    granted = run("role", "grant", "clerk", clerk.id, "--department", "hall-1")
    assert granted.exit_code == 0 and "code goes to their mobile" not in granted.output
    assert run("role", "grant", "developer", developer.id, "--department", "hall-1").exit_code == 0


@pytest.mark.parametrize("person_id", ["-tAAAAAAAAAAAAAAAAAAAA", "--AAAAAAAAAAAAAAAAAAAA", "-dAAAAAAAAAAAAAAAAAAAA"])
def test_an_id_that_begins_with_a_dash_is_no_option(
    house: House, run: Run, monkeypatch: pytest.MonkeyPatch, register_person: Register, person_id: str
) -> None:
    """One id in 64 does; it names a person or a client like any other."""
    monkeypatch.setattr(registration, "new_id", lambda: person_id)
    person = register_person()
    monkeypatch.undo()
    for module in (roles, clients):
        monkeypatch.setattr(module, "house_or_exit", lambda: house)
    assert run("role", "grant", "clerk", person_id, "--department", "hall-1").exit_code == 0
    assert held(house, person) == [Role.CLERK]
    assert run("role", "revoke", "--department", "hall-1", "clerk", person_id).exit_code == 0
    document = {"client_name": "x", "redirect_uris": ["https://x.example.gov.cn/cb"]}
    house.protocol.administration.create(document, client_id=person_id)
    for command in ("disable", "enable", "rotate-secret"):
        assert run("client", command, person_id).exit_code == 0
    mistyped = run("role", "revoke", "clerk", person_id, "--departmnt", "hall-1")
    assert mistyped.exit_code == 2


def test_departments_hang_below_one_another(run: Run) -> None:
    """A child names its parent by code; a second one of a code, and an unknown parent, are refused."""
    assert run("department", "add", "window-1", "一号窗口", "--parent", "hall-1").exit_code == 0
    assert run("department", "list").output == "hall-1\t测试大厅\t-\nwindow-1\t一号窗口\thall-1\n"
    for arguments, problem in (
        (("hall-1", "别的"), DepartmentProblem.TAKEN),
        (("b", "x", "--parent", "nowhere"), DepartmentProblem.UNKNOWN_PARENT),
        (("a b", "x"), DepartmentProblem.CODE),
        (("b", ""), DepartmentProblem.NAME),
    ):
        refused = run("department", "add", *arguments)
        assert (refused.exit_code, refused.stderr) == (1, f"idp: {DEPARTMENT_TEXTS[problem]}\n")
    assert len(run("department", "list").output.splitlines()) == 2
    assert run("role", "list", "--department", "nowhere").exit_code == 1


def test_a_client_for_staff_is_made_by_command(house: House, run: Run) -> None:
    """--for-staff makes one; it has no tokens beyond the session, and cannot change sides later."""
    add = ("client", "add", "--name", "Case files", "--redirect-uri", "https://case.example.gov.cn/cb", "--for-staff")
    made = run(*add)
    client_id = made.output.splitlines()[0].removeprefix("client_id: ")
    client = house.protocol.clients.find(client_id)
    assert client is not None and client.for_staff
    refused = run(*add, "--scope", "openid offline_access")
    assert isinstance(refused.exception, IdpError) and "offline_access" in str(refused.exception.description)
