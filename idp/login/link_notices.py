"""Who is told of links: the person, the phone that the older system knows, and those who keep that system."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.models import ClientRow
from idp.core.clock import Clock
from idp.core.results import Ok
from idp.crypto.blind_index import is_keyed_digest, keyed_digest
from idp.crypto.keyring import Keyring
from idp.linking.accounts import AccountView
from idp.linking.case_views import mask_reference
from idp.linking.links import LinkView
from idp.linking.models import LegacySystem
from idp.login.messages import Messages, civil_time
from idp.persons.contact_numbers import parse_mobile
from idp.persons.contacts import KnownContact
from idp.persons.directory import Directory
from idp.persons.roles import Role, role_holders
from idp.persons.vocabulary import ContactKind, ContactState

_KEEPERS = frozenset({Role.MERGE_ADMIN, Role.DEPARTMENT_ADMIN})
_CLIENT_KEEPERS = frozenset({Role.DEPARTMENT_ADMIN, Role.DEVELOPER})
_OBJECTION = "link objection"
_NUMBER_DIGITS = 15


class LinkNotices:
    """Puts them into the outbox, in the transaction of the change that they tell of."""

    def __init__(
        self,
        *,
        messages: Messages,
        directory: Directory,
        keyring: Keyring,
        clock: Clock,
        site: str,
        default_locale: str,
    ) -> None:
        self._messages = messages
        self._directory = directory
        self._keyring = keyring
        self._clock = clock
        self._site = site
        self._default_locale = default_locale

    def activated(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell the person, and the phone in the legacy row where it is not theirs."""
        self._tell(session, link.person_id, "link_activated", account)
        mobile = parse_mobile(account.row.mobile)
        own = self._directory.mobile(session, link.person_id)
        if not isinstance(mobile, Ok) or (own is not None and own.value == mobile.value):
            return
        contact = KnownContact("", ContactKind.MOBILE, mobile.value, ContactState.FORMER, None)
        parameters = self._parameters(session, account)
        template = "link_activated_contact"
        if link.objection_until is not None:
            template = "link_vouched_contact"
            parameters |= {"until": civil_time(link.objection_until), "link": self._objection_link(link.id)}
        self._messages.tell(
            session, [contact], template, parameters, locale=self._default_locale, person_id=link.person_id
        )

    def contested(self, session: Session, person_id: str, account: AccountView) -> None:
        """Tell whose link is suspended because somebody else showed that the account could be theirs."""
        self._tell(session, person_id, "link_contested", account)

    def rejected(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell those who keep the older system that a person says: this account is not mine."""
        parameters = self._parameters(session, account) | {"reference": mask_reference(account.row.reference)}
        department = session.scalar(
            sa.select(LegacySystem.department_id).where(LegacySystem.number == account.system_number)
        )
        for person_id in _holders(session, department, _KEEPERS):
            locale = self._locale(session, person_id)
            self._messages.notify(session, person_id, "link_not_mine", parameters, locale=locale)

    def unlinked(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell the person that an account is theirs no more."""
        self._tell(session, link.person_id, "link_ended", account)

    def decided(self, session: Session, person_id: str, account: AccountView) -> None:
        """Tell a person that an account was found to be theirs, and is proposed to them."""
        self._tell(session, person_id, "link_proposed", account)

    def merged(self, session: Session, person_id: str) -> None:
        """Tell a person that their two accounts here are one now."""
        parameters = {"time": civil_time(self._clock.now())}
        locale = self._locale(session, person_id)
        self._messages.notify(session, person_id, "persons_merged", parameters, locale=locale)

    def subjects_replaced(self, session: Session, sector: str) -> None:
        """Tell those who keep a sector's clients that somebody whom they knew twice has one subject now."""
        rows = session.execute(
            sa.select(ClientRow.client_id, ClientRow.department_id).where(ClientRow.sector == sector)
        ).all()
        told = {
            person_id: row.client_id
            for row in rows
            for person_id in _holders(session, row.department_id, _CLIENT_KEEPERS)
        }
        parameters = {"time": civil_time(self._clock.now())}
        for person_id, client_id in told.items():
            self._messages.notify(
                session,
                person_id,
                "subject_replaced",
                parameters | {"client": client_id},
                locale=self._locale(session, person_id),
            )

    def link_of_objection(self, token: str) -> int | None:
        """Return about which link a token came to the phone in the legacy row, None for any other text."""
        number, _, digest = token.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) <= _NUMBER_DIGITS):
            return None
        return int(number) if is_keyed_digest(self._keyring, _OBJECTION, number, digest) else None

    def _objection_link(self, link_id: int) -> str:
        token = f"{link_id}.{keyed_digest(self._keyring, _OBJECTION, str(link_id))}"
        return f"{self._site}/account-objection?token={token}"

    def _tell(self, session: Session, person_id: str, template: str, account: AccountView) -> None:
        locale = self._locale(session, person_id)
        self._messages.notify(session, person_id, template, self._parameters(session, account), locale=locale)

    def _parameters(self, session: Session, account: AccountView) -> dict[str, str]:
        name = session.scalar(sa.select(LegacySystem.name).where(LegacySystem.number == account.system_number))
        return {"time": civil_time(self._clock.now()), "system": name or ""}

    def _locale(self, session: Session, person_id: str) -> str:
        person = self._directory.load(session, person_id)
        return (person.locale if person else None) or self._default_locale


def _holders(session: Session, department_id: str | None, roles: frozenset[Role]) -> tuple[str, ...]:
    if department_id is None:
        return ()
    held = {each.person_id for each in role_holders(session, department_id) if each.role in roles}
    return tuple(sorted(held))
