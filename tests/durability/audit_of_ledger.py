"""Comparing the ledger with the database: nothing lost, nothing double."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.models import Consent, ConsentItem
from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.persons.models import Contact, Credential, Person
from idp.tokens.code import AuthorizationCodes
from idp.tokens.models import RefreshToken, TokenGrant
from tests.durability.ledger import FamilyEntry, Ledger, PersonEntry
from tests.support.relying_party import RelyingParty


class LedgerAudit:
    """Looks everything up that was acknowledged, and whatever is there besides."""

    def __init__(self, *, house: House, party: RelyingParty, ledger: Ledger) -> None:
        self._house = house
        self._party = party
        self._ledger = ledger
        self._codes = AuthorizationCodes(keyring=house.ground.keyring, clock=house.ground.clock)

    def faults(self) -> list[str]:
        """Return what does not agree, in words."""
        with self._house.ground.database.read() as session:
            found = list(self._ledger.broken)
            found += self._totals(session)
            for person in self._ledger.people:
                found += [f"{person.mobile}: {fault}" for fault in self._of_person(session, person)]
        return found

    def _totals(self, session: Session) -> Iterator[str]:
        """Each person, contact and password is there once, with its audit row, whether acknowledged or not."""
        people = session.scalar(sa.select(sa.func.count()).select_from(Person))
        rows = {
            "contacts": sa.select(sa.func.count(sa.distinct(Contact.person_id))),
            "contacts in all": sa.select(sa.func.count()).select_from(Contact),
            "passwords": sa.select(sa.func.count()).select_from(Credential),
            "registrations": _events(Event.PERSON_REGISTERED),
        }
        for name, statement in rows.items():
            if (count := session.scalar(statement)) != people:
                yield f"{people} persons, but {count} {name}"

    def _of_person(self, session: Session, person: PersonEntry) -> Iterator[str]:
        found = self._house.people.directory.find_by_mobile(session, f"+86{person.mobile}")
        if found is None:
            if person.registered or person.families:
                yield "registration lost"
            return
        person_id = found.person_id
        consents = session.scalars(sa.select(Consent.id).where(Consent.person_id == person_id)).all()
        if len(consents) > 1 or (person.consented and not consents):
            yield f"{len(consents)} consents"
        items = Counter(session.scalars(sa.select(ConsentItem.name).where(ConsentItem.consent_id.in_(consents))))
        if any(count > 1 for count in items.values()):
            yield "a consent item twice"
        if session.scalar(_events(Event.CONSENT_GRANTED, person_id)) != len(consents):
            yield "consents and their audit rows differ"
        yield from self._families(session, person, person_id)

    def _families(self, session: Session, person: PersonEntry, person_id: str) -> Iterator[str]:
        rows = session.scalars(sa.select(TokenGrant).where(TokenGrant.person_id == person_id)).all()
        if session.scalar(_events(Event.CODE_REDEEMED, person_id)) != len(rows):
            yield "redeemed codes and their audit rows differ"
        revoked = [row for row in rows if row.revoke_reason == "revoked_by_client"]
        if session.scalar(_events(Event.TOKEN_REVOKED, person_id)) != len(revoked):
            yield "revocations and their audit rows differ"
        refreshes = session.scalar(_events(Event.TOKEN_REFRESHED, person_id)) or 0
        acknowledged = sum(family.refreshes for family in person.families)
        most = acknowledged + sum(family.lost_answers for family in person.families)
        if not acknowledged <= refreshes <= most:
            yield f"{acknowledged} refreshes and at most {most}, but {refreshes} audit rows"
        for family in person.families:
            yield from self._family(session, family)
        for code in person.refused_codes:
            row = self._row_of(session, code)
            if row is not None and row.revoked_at is None:
                yield "a refused code has a live family"

    def _family(self, session: Session, family: FamilyEntry) -> Iterator[str]:
        row = self._row_of(session, family.code)
        if row is None or row.client_id is None:
            yield "a family is lost"
            return
        if family.dead and row.revoked_at is None:
            yield "a revocation is lost"
        if not family.dead and row.revoked_at is not None:
            yield f"a family is dead without reason: {row.revoke_reason}"
        tokens = session.scalars(sa.select(RefreshToken).where(RefreshToken.code_hash == row.code_hash)).all()
        if sum(token.used_at is None for token in tokens) != 1:
            yield "not exactly one refresh token is unused"
        if not family.refreshes <= len(tokens) - 1 <= family.refreshes + family.lost_answers:
            yield f"{family.refreshes} refreshes, but {len(tokens) - 1} successors"

    def _row_of(self, session: Session, code: str) -> TokenGrant | None:
        reference = self._codes.recognise(code, self._party.client_id)
        assert reference is not None
        return session.get(TokenGrant, (reference.issue_day, reference.code_hash))


def _events(event: Event, person_id: str | None = None) -> sa.Select[Any]:
    statement = sa.select(sa.func.count()).select_from(AuditEvent).where(AuditEvent.event == event)
    return statement if person_id is None else statement.where(AuditEvent.person_id == person_id)
