"""Granting and revoking roles of persons, with what hangs on a role: the login name, and the staff sessions."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from idp.audit.log import NOWHERE, Origin
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.persons import credentials, roles
from idp.persons.contacts import Contacts, ContactTaken
from idp.persons.departments import find_department
from idp.persons.directory import Directory, PersonRecord
from idp.persons.login_identifier import parse_login_name
from idp.persons.roles import STAFF_ROLES, Role, RoleProblem
from idp.persons.totp import Totp
from idp.persons.vocabulary import ContactKind, ContactState, PersonStatus
from idp.sessions.ending import SessionEnding
from idp.storage.engine import Database

_REASON = "role_revoked"


@dataclass(frozen=True, slots=True)
class Granted:
    """A role that was granted, and what its holder has for a staff login; nothing that names them."""

    person_id: str
    is_staff_role: bool
    has_password: bool
    has_totp: bool


@dataclass(frozen=True, slots=True)
class Revoked:
    """A role that was revoked, and how many staff sessions ended with it."""

    person_id: str
    ended_sessions: int


class RoleChanges:
    """Changes who holds which role; each method is one transaction, and a refusal changes nothing."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        contacts: Contacts,
        totp: Totp,
        ending: SessionEnding,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._contacts = contacts
        self._totp = totp
        self._ending = ending
        self._clock = clock

    def grant(
        self,
        named: str,
        role: Role,
        department_code: str,
        *,
        by: str | None,
        login_name: str | None = None,
        origin: Origin = NOWHERE,
    ) -> Ok[Granted] | Refused:
        """Grant a role to whom `named` is the login name, mobile, e-mail address or id of, or a `RoleProblem`.

        `login_name` becomes theirs, in the place of the one they had. Whether `by` may grant is the caller's.
        """
        try:
            with self._database.transaction() as session:
                found = self._find(session, named, department_code)
                if isinstance(found, Refused):
                    return found
                person_id, department_id = found.value
                return self._grant(session, person_id, role, department_id, by, login_name, origin)
        except ContactTaken:  # which rolled the role back as well
            return Refused(RoleProblem.LOGIN_NAME_TAKEN)

    def revoke(
        self, named: str, role: Role, department_code: str, *, origin: Origin = NOWHERE
    ) -> Ok[Revoked] | Refused:
        """End a role; with the last staff role end the staff sessions and the tokens that hang on them."""
        with self._database.transaction() as session:
            found = self._find(session, named, department_code, must_be_active=False)
            if isinstance(found, Refused):
                return found
            person_id, department_id = found.value
            credentials.lock_person(session, person_id)  # a staff login under way waits, and then finds no role
            held = [
                each
                for each in roles.roles_of(session, person_id)
                if each.role is role and each.department_id == department_id
            ]
            if not held:
                return Refused(RoleProblem.NOT_HELD)
            roles.revoke_role(session, held[0].id, at=self._clock.now(), origin=origin)
            ended = 0
            if not roles.is_staff(session, person_id):
                ended = self._ending.end_of_staff(session, person_id, reason=_REASON, origin=origin)
            return Ok(Revoked(person_id, ended))

    def _find(
        self, session: Session, named: str, department_code: str, *, must_be_active: bool = True
    ) -> Ok[tuple[str, str]] | Refused:
        """Return the ids of person and department."""
        person = self._person(session, named)
        if person is None:
            return Refused(RoleProblem.UNKNOWN_PERSON)
        if must_be_active and person.status is not PersonStatus.ACTIVE:
            return Refused(RoleProblem.NOT_ACTIVE)
        department = find_department(session, department_code)
        if department is None:
            return Refused(RoleProblem.UNKNOWN_DEPARTMENT)
        return Ok((person.id, department.id))

    def _person(self, session: Session, named: str) -> PersonRecord | None:
        typed = self._directory.read_identifier(named)
        # Never by a document number: it does not belong on a command line.
        found = self._directory.find(session, typed) if typed.contact is not None else None
        return self._directory.load(session, found.person_id if found else named)

    def _grant(
        self,
        session: Session,
        person_id: str,
        role: Role,
        department_id: str,
        by: str | None,
        login_name: str | None,
        origin: Origin,
    ) -> Ok[Granted] | Refused:
        parsed = parse_login_name(login_name) if login_name is not None else None
        if isinstance(parsed, Refused):
            return Refused(RoleProblem.LOGIN_NAME_INVALID)
        now = self._clock.now()
        current = {
            each.kind: each.value
            for each in self._contacts.of(session, person_id)
            if each.state is ContactState.CURRENT
        }
        if parsed is None and role in STAFF_ROLES and ContactKind.LOGIN_NAME not in current:
            return Refused(RoleProblem.LOGIN_NAME_MISSING)
        has_totp = self._totp.is_enrolled(session, person_id)
        if role in STAFF_ROLES and ContactKind.MOBILE not in current and not has_totp:
            return Refused(RoleProblem.MOBILE_MISSING)
        granted = roles.grant_role(session, person_id, role, department_id, by=by, at=now, origin=origin)
        if isinstance(granted, Refused):
            return granted
        if parsed is not None and current.get(ContactKind.LOGIN_NAME) != parsed.value:
            self._contacts.set_current(session, person_id, ContactKind.LOGIN_NAME, parsed.value, at=now, origin=origin)
        return Ok(
            Granted(
                person_id=person_id,
                is_staff_role=role in STAFF_ROLES,
                has_password=credentials.password_hash_of(session, person_id) is not None,
                has_totp=has_totp,
            )
        )
