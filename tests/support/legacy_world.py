"""Older systems and their rows, straight in the database: as staging and the taking over of accounts leave them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.linking.contents import LegacyRow, content_place, encode_row, open_row
from idp.linking.digests import Digests
from idp.linking.journal import Change
from idp.linking.link_models import Link, MatchKey, MergeCase, MergeEvent
from idp.linking.match_keys import MatchKeys
from idp.linking.matching import CHANGED, SituationCounts, match_batch
from idp.linking.models import ImportBatch, LegacyAccount, LegacySystem, StagedMatch, StagedRow
from idp.linking.proposing import Applied, apply_matches
from idp.linking.rules import DEFAULT_RULES
from idp.linking.systems import SystemView, system_by_number
from idp.linking.vocabulary import BatchState, HolderKind, NumberState, Situation, SourceState
from idp.persons.ciphers import PersonCiphers
from idp.persons.departments import create_department
from idp.persons.registration import NewPerson
from realname.documents.parse import parse_number
from tests.support.proofed import prove

_COPIED = tuple(
    column.name for column in StagedRow.__table__.columns if column.name not in ("batch_number", "row_number")
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, with what its preparation makes of it; a number that does not parse is not valid."""

    reference: str
    number: str = ""
    name: str = ""
    mobile: str = ""
    holder_kind: HolderKind = HolderKind.PERSON
    source_state: SourceState = SourceState.ACTIVE
    is_contradictory: bool = False


class LegacyWorld:
    """A house with older systems beside it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.database = house.ground.database
        self.keyring = house.ground.keyring
        self.keys = MatchKeys(
            keyring=self.keyring, ciphers=PersonCiphers(keyring=self.keyring, clock=house.ground.clock)
        )
        self._persons = 0

    def change(self, **more: object) -> Change:
        return Change(at=self.house.ground.clock.now(), **more)  # type: ignore[arg-type]

    def add_system(self, code: str = "shebao", **more: object) -> SystemView:
        now = self.house.ground.clock.now()
        with self.database.transaction() as session:
            department = create_department(session, code=f"of-{code}", name=code, at=now)
            assert isinstance(department, Ok)
            row = LegacySystem(
                code=code,
                name=code,
                department_id=department.value,
                state="active",
                **{"rules": DEFAULT_RULES.document(), **more},
                rules_version=1,
                is_real_name_verified=False,
                holds_organisations=False,
                pays_out=False,
                vouching="off",
                cutover="legacy_only",
                created_at=now,
                changed_at=now,
            )
            session.add(row)
            session.flush()
            found = system_by_number(session, row.number)
        assert found is not None
        return found

    def add_person(self, name: str, number: str, *, mobile: str | None = None, refresh: bool = True) -> str:
        """Make a person who proved name and number, and verified the mobile, if any."""
        self._persons += 1
        parsed = parse_number(number, today=civil_date(self.house.ground.clock.now()))
        assert isinstance(parsed, Ok), parsed
        with self.database.transaction() as session:
            person_id = self.house.people.registration.register(
                session,
                NewPerson(
                    name=name,
                    number=parsed.value,
                    mobile=mobile or f"+8615400{self._persons:06d}",
                    login_name=f"legacy{self._persons}",
                    password_hash="no password",
                ),
            )
        prove(self.house, person_id, name=name, number=number)
        if refresh:
            self.refresh(person_id)
        return person_id

    def refresh(self, *person_ids: str) -> frozenset[str]:
        with self.database.transaction() as session:
            return self.keys.refresh(session, person_ids)

    def stage(self, system: SystemView, rows: Sequence[Row], *, kind: str = "delta") -> int:
        """Stage rows as a batch and return its number."""
        now = self.house.ground.clock.now()
        with self.database.transaction() as session:
            batch = ImportBatch(
                system_number=system.number,
                kind=kind,
                state=BatchState.REVIEW,
                rules_version=1,
                counters={},
                is_paused=False,
                created_at=now,
            )
            session.add(batch)
            session.flush()
            for number, row in enumerate(rows, start=1):
                session.add(self._staged(system.number, batch.number, number, row))
            return batch.number

    def match(self, system: SystemView, batch_number: int) -> SituationCounts:
        with self.database.transaction() as session:
            return match_batch(session, batch_number=batch_number, system=system, at=self.house.ground.clock.now())

    def take_over(self, session: Session, system_number: int, batch_number: int) -> None:
        """Make accounts of the rows, as the import does."""
        now = self.house.ground.clock.now()
        for match in session.scalars(sa.select(StagedMatch).where(StagedMatch.batch_number == batch_number)).all():
            row = session.get_one(StagedRow, (batch_number, match.row_number))
            present = session.scalar(
                sa.select(LegacyAccount).where(
                    LegacyAccount.system_number == system_number,
                    LegacyAccount.account_id == match.account_id,
                    LegacyAccount.valid_to.is_(None),
                )
            )
            if present is not None:
                present.seen_batch = batch_number
                if match.change != CHANGED or present.content_digest == row.content_digest:
                    continue
                present.valid_to = now
                session.flush()
            session.add(
                LegacyAccount(
                    system_number=system_number,
                    account_id=match.account_id,
                    version=1 if present is None else present.version + 1,
                    batch_number=batch_number,
                    row_number=match.row_number,
                    seen_batch=batch_number,
                    valid_from=now,
                    **{name: getattr(row, name) for name in _COPIED},
                )
            )
        session.flush()

    def apply(self, system: SystemView, batch_number: int) -> Applied:
        with self.database.transaction() as session:
            self.take_over(session, system.number, batch_number)
            applied = apply_matches(session, batch_number=batch_number, rows=range(1, 1_000_000), change=self.change())
            session.get_one(ImportBatch, batch_number).state = BatchState.DONE
        return applied

    def run(self, system: SystemView, rows: Sequence[Row]) -> int:
        """Stage, match and apply, and return the batch's number."""
        batch_number = self.stage(system, rows)
        self.match(system, batch_number)
        self.apply(system, batch_number)
        return batch_number

    def situations(self, batch_number: int) -> dict[str, tuple[Situation, str | None]]:
        """Return what the dry run said of each row, by the reference of its account."""
        with self.database.read() as session:
            rows = session.execute(
                sa.select(StagedMatch.row_number, StagedMatch.situation, StagedMatch.person_id).where(
                    StagedMatch.batch_number == batch_number
                )
            ).all()
            return {
                self._row_of(session, batch_number, row.row_number).reference: (
                    Situation(row.situation),
                    row.person_id,
                )
                for row in rows
            }

    def links(self) -> list[Link]:
        with self.database.read() as session:
            return list(session.scalars(sa.select(Link).order_by(Link.id)))

    def cases(self) -> list[MergeCase]:
        with self.database.read() as session:
            return list(session.scalars(sa.select(MergeCase).order_by(MergeCase.account_id, MergeCase.kind)))

    def events(self) -> list[MergeEvent]:
        with self.database.read() as session:
            return list(session.scalars(sa.select(MergeEvent).order_by(MergeEvent.sequence)))

    def match_keys(self) -> list[MatchKey]:
        with self.database.read() as session:
            return list(session.scalars(sa.select(MatchKey).order_by(MatchKey.identifier_id, MatchKey.name_number)))

    def _row_of(self, session: Session, batch_number: int, row_number: int) -> LegacyRow:
        content = session.get_one(StagedRow, (batch_number, row_number)).content
        return open_row(self.keyring, batch_number, row_number, content)

    def _staged(self, system_number: int, batch_number: int, row_number: int, row: Row) -> StagedRow:
        digests = Digests(keyring=self.keyring)
        parsed = parse_number(row.number, today=civil_date(self.house.ground.clock.now()))
        number = parsed.value if isinstance(parsed, Ok) else None
        content = encode_row(LegacyRow(reference=row.reference, number=row.number, name=row.name, mobile=row.mobile))
        return StagedRow(
            batch_number=batch_number,
            row_number=row_number,
            ref_index=digests.reference(system_number, row.reference),
            content=self.keyring.encrypt(Purpose.DATA, content, content_place(batch_number, row_number)),
            content_digest=digests.content(content),
            key_version=digests.version,
            number_index=None if number is None else digests.number(number),
            pair_index=None if number is None or not row.name else digests.pair(number, row.name),
            name_mobile_index=digests.name_mobile(row.name, row.mobile) if row.name and row.mobile else None,
            mobile_index=digests.mobile(row.mobile) if row.mobile else None,
            number_state=NumberState.VALID if number is not None else NumberState.INVALID,
            holder_kind=row.holder_kind,
            source_state=row.source_state,
            is_contradictory=row.is_contradictory,
        )
