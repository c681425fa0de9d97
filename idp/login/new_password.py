"""Whether a person may choose a password: the policy, with what others could guess about them."""

from sqlalchemy.orm import Session

from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused
from idp.core.results import Ok, Refused
from idp.login.refusal import Refusal, password_refusal
from idp.persons.contacts import Contacts, KnownContact
from idp.persons.identifiers import Identifiers
from idp.persons.password_policy import context_words
from idp.persons.passwords import Passwords
from idp.persons.roles import is_staff
from idp.persons.vocabulary import ContactKind
from idp.storage.engine import Database
from realname.documents.parse import parse_number


class NewPassword:
    """Checks and hashes a new password of a person."""

    def __init__(
        self,
        *,
        database: Database,
        identifiers: Identifiers,
        contacts: Contacts,
        passwords: Passwords,
        clock: Clock,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._contacts = contacts
        self._passwords = passwords
        self._clock = clock

    def refusal(self, person_id: str, password: str) -> Refusal | None:
        """Return why the policy does not accept the password, None where it does: that for staff with a role."""
        with self._database.read() as session:
            words = self._context(session, person_id)
            holds_role = is_staff(session, person_id)
        checked = self._passwords.check_policy(password, is_staff=holds_role, context=words)
        return password_refusal(checked.reason) if isinstance(checked, Refused) else None

    def check(self, person_id: str, password: str) -> None:
        """Raise LoginRefused where the policy does not accept the password."""
        refusal = self.refusal(person_id, password)
        if refusal is not None:
            raise LoginRefused(refusal)

    def is_good_for_staff(self, person_id: str, password: str) -> bool:
        """Tell whether the policy for staff accepts the password, whoever the person is."""
        with self._database.read() as session:
            words = self._context(session, person_id)
        return isinstance(self._passwords.check_policy(password, is_staff=True, context=words), Ok)

    def least_length(self, person_id: str) -> int:
        """Return how many characters a new password of the person needs, as pages say it."""
        with self._database.read() as session:
            return self._passwords.least_length(is_staff=is_staff(session, person_id))

    def hash(self, password: str) -> str:
        """Return the hash to store; takes tens of milliseconds, so never within a transaction."""
        return self._passwords.hash(password)

    def _context(self, session: Session, person_id: str) -> tuple[str, ...]:
        words: tuple[str, ...] = ()
        today = civil_date(self._clock.now())
        for known in self._identifiers.of(session, person_id):
            parsed = parse_number(known.canonical, today=today)
            if isinstance(parsed, Ok):
                words += context_words(number=parsed.value)
        for contact in self._contacts.of(session, person_id):
            words += _words_of(contact)
        return words


def _words_of(contact: KnownContact) -> tuple[str, ...]:
    if contact.kind is ContactKind.MOBILE:
        return context_words(mobile=contact.value)
    if contact.kind is ContactKind.EMAIL:
        return context_words(email=contact.value)
    return context_words(login_name=contact.value)
