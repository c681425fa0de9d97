"""What persons are matched by: each proved number with each proved name of theirs, as digests.

The rows are derived from numbers, names and the verified mobile, and made anew as a whole whenever one of these may
have changed (`match_key_upkeep`). One that is late makes a match that is missed, or a proposal that the person cannot
prove; an active link rests on what is proved at that moment, never on these.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring, Purpose
from idp.crypto.person_key import PersonCipher
from idp.keys.models import PersonKey
from idp.linking.digests import Digests
from idp.linking.link_models import MatchKey
from idp.persons.ciphers import PersonCiphers, decrypt_text
from idp.persons.models import Attribute, Contact, Identifier, Person
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState, IdentifierState, PersonStatus
from realname.documents.application_id import NETWORK_IDENTITY
from realname.documents.document_number import DocumentNumber, DocumentType
from realname.documents.names import name_match_key
from realname.proofing.models import DeathReport

#: From this level on a name is not merely the person's own word.
_PROVED_LEVEL = 2
_NUMBER_STATES = (IdentifierState.CURRENT, IdentifierState.FORMER, IdentifierState.DISPUTED)
_MOST_MERGES = 10  # a person merged into one who was merged, and so on

_Key = tuple[str, int, int]  # identifier, name number, key version
_Values = dict[str, object]


@dataclass(slots=True)
class PersonFacts:
    """What is known of a person that matters here."""

    # Id, number, and whether it is a former one.
    numbers: list[tuple[str, DocumentNumber, bool]] = field(default_factory=list, repr=False)
    names: list[str] = field(default_factory=list, repr=False)  # the present one first
    mobile: str | None = field(default=None, repr=False)
    is_deceased: bool = False


class MatchKeys:
    """Keeps the rows of persons as their facts say, under every live version of the index key."""

    def __init__(self, *, keyring: Keyring, ciphers: PersonCiphers) -> None:
        self._keyring = keyring
        self._ciphers = ciphers

    def refresh(self, session: Session, person_ids: Sequence[str]) -> frozenset[str]:
        """Make the rows of persons anew where they differ, and return whose rows changed or came."""
        wanted = self._wanted(session, person_ids)
        # Whoever held one of these numbers or mobiles until now comes with them: they are one person's at a time.
        if others := _other_holders(session, person_ids, wanted):
            person_ids = [*person_ids, *others]
            wanted = self._wanted(session, person_ids)
        return self._write(session, person_ids, wanted)

    def _wanted(self, session: Session, person_ids: Sequence[str]) -> dict[_Key, _Values]:
        versions = {
            version: Digests(keyring=self._keyring, version=version)
            for version in self._keyring.versions(Purpose.INDEX)
        }
        survivors = _survivors(session, person_ids)
        wanted: dict[_Key, _Values] = {}
        for person_id, known in self.facts(session, person_ids).items():
            for version, digests in versions.items():
                wanted |= _rows(survivors[person_id], known, version, digests)
        return wanted

    def _write(self, session: Session, person_ids: Sequence[str], wanted: Mapping[_Key, _Values]) -> frozenset[str]:
        # By number, not by person: those of somebody who was merged are the survivor's.
        of_persons = MatchKey.identifier_id.in_(sa.select(Identifier.id).where(Identifier.person_id.in_(person_ids)))
        held = {_key(row): row for row in session.scalars(sa.select(MatchKey).where(of_persons).with_for_update())}
        same = {
            key
            for key, row in held.items()
            if key in wanted and all(getattr(row, name) == value for name, value in wanted[key].items())
        }
        for key in held.keys() - same:
            session.delete(held[key])
        session.flush()  # what is another one's now must be free first
        for identifier_id, name_number, version in sorted(wanted.keys() - same):
            values = wanted[identifier_id, name_number, version]
            session.add(MatchKey(identifier_id=identifier_id, name_number=name_number, key_version=version, **values))
        session.flush()
        return frozenset(str(wanted[key]["person_id"]) for key in wanted.keys() - same)

    def facts(self, session: Session, person_ids: Sequence[str]) -> dict[str, PersonFacts]:
        """Return the facts of those whose data is there; of the erased and unknown nothing."""
        keys = session.execute(
            sa.select(PersonKey.person_id, PersonKey.wrapped).where(
                PersonKey.person_id.in_(person_ids), PersonKey.erased_at.is_(None)
            )
        )
        ciphers = {row.person_id: self._ciphers.open(row.person_id, row.wrapped, None) for row in keys}
        facts = {person_id: PersonFacts() for person_id in ciphers}
        self._add_numbers(session, ciphers, facts)
        self._add_names(session, ciphers, facts)
        self._add_mobiles(session, ciphers, facts)
        dead = sa.select(DeathReport.person_id).where(
            DeathReport.person_id.in_(list(facts)), DeathReport.reversed_at.is_(None)
        )
        for person_id in session.scalars(dead):
            facts[person_id].is_deceased = True
        return facts

    def _add_numbers(
        self, session: Session, ciphers: Mapping[str, PersonCipher], facts: dict[str, PersonFacts]
    ) -> None:
        rows = session.execute(
            sa.select(Identifier.id, Identifier.person_id, Identifier.type, Identifier.ciphertext, Identifier.state)
            .where(
                Identifier.person_id.in_(list(ciphers)),
                Identifier.type != NETWORK_IDENTITY,
                Identifier.state.in_(_NUMBER_STATES),
                # A disputed or former one that was never proved is somebody's word.
                Identifier.proofing_id.is_not(None),
            )
            .order_by(Identifier.id)
        )
        for row in rows:
            canonical = decrypt_text(ciphers[row.person_id], row.ciphertext, table="identifiers", row=row.id)
            number = DocumentNumber(DocumentType(row.type), canonical)
            facts[row.person_id].numbers.append((row.id, number, row.state != IdentifierState.CURRENT))

    def _add_names(self, session: Session, ciphers: Mapping[str, PersonCipher], facts: dict[str, PersonFacts]) -> None:
        rows = session.execute(
            sa.select(Attribute.id, Attribute.person_id, Attribute.ciphertext)
            .where(
                Attribute.person_id.in_(list(ciphers)),
                Attribute.name == AttributeName.FULL_NAME,
                Attribute.level >= _PROVED_LEVEL,
            )
            .order_by(Attribute.valid_to.is_not(None), Attribute.valid_from.desc(), Attribute.id)
        )
        seen: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            name = decrypt_text(ciphers[row.person_id], row.ciphertext, table="attributes", row=row.id)
            if (folded := name_match_key(name)) not in seen[row.person_id]:
                seen[row.person_id].add(folded)
                facts[row.person_id].names.append(name)

    def _add_mobiles(
        self, session: Session, ciphers: Mapping[str, PersonCipher], facts: dict[str, PersonFacts]
    ) -> None:
        rows = session.execute(
            sa.select(Contact.id, Contact.person_id, Contact.ciphertext).where(
                Contact.person_id.in_(list(ciphers)),
                Contact.kind == ContactKind.MOBILE,
                Contact.state == ContactState.CURRENT,
            )
        )
        for row in rows:
            mobile = decrypt_text(ciphers[row.person_id], row.ciphertext, table="contacts", row=row.id)
            facts[row.person_id].mobile = mobile


def _rows(person_id: str, facts: PersonFacts, version: int, digests: Digests) -> dict[_Key, _Values]:
    mobile_index = None if facts.mobile is None else digests.mobile(facts.mobile)
    first = min((identifier_id for identifier_id, _, is_former in facts.numbers if not is_former), default=None)
    return {
        (identifier_id, name_number, version): {
            "person_id": person_id,
            "number_index": digests.number(number),
            "pair_index": digests.pair(number, name),
            "name_mobile_index": None if facts.mobile is None else digests.name_mobile(name, facts.mobile),
            # Once for each person, so that a mobile finds one row.
            "mobile_index": mobile_index if identifier_id == first and name_number == 0 else None,
            "is_former_number": is_former,
            "is_former_name": name_number > 0,
            "is_deceased": facts.is_deceased,
        }
        for identifier_id, number, is_former in facts.numbers
        for name_number, name in enumerate(facts.names)
    }


def _other_holders(session: Session, person_ids: Sequence[str], wanted: Mapping[_Key, _Values]) -> Sequence[str]:
    """Return who else is found by a number or mobile that is one of these persons' now."""
    numbers = {each["number_index"] for each in wanted.values() if not each["is_former_number"]}
    mobiles = {each["mobile_index"] for each in wanted.values()} - {None}
    return session.scalars(
        sa.select(Identifier.person_id)
        .join(MatchKey, MatchKey.identifier_id == Identifier.id)
        .where(
            sa.or_(MatchKey.number_index.in_(numbers), MatchKey.mobile_index.in_(mobiles)),
            Identifier.person_id.not_in(person_ids),
        )
        .distinct()
    ).all()


def _key(row: MatchKey) -> _Key:
    return row.identifier_id, row.name_number, row.key_version


def _survivors(session: Session, person_ids: Iterable[str]) -> dict[str, str]:
    """Return who somebody is now: themself, or whom they were merged into at last."""
    found = {person_id: person_id for person_id in person_ids}
    for _ in range(_MOST_MERGES):
        merged: dict[str, str | None] = {
            row.id: row.merged_into
            for row in session.execute(
                sa.select(Person.id, Person.merged_into).where(
                    Person.id.in_(set(found.values())),
                    Person.status == PersonStatus.MERGED,
                    Person.merged_into.is_not(None),
                )
            )
        }
        if not merged:
            break
        found = {person_id: merged.get(now) or now for person_id, now in found.items()}
    return found
